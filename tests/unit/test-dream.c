/* test-dream.c -- dreams: against PyTorch (tests/golden/dream-torch.py) on VGG19 with formula weights; steps of size 0,
 * the loss within an octave, channels, jitter, small pictures, resume. */
#include "method/dream/dream-internal.h"
#include "support/formula.h"
#include "support/support.h"
#include <glib/gstdio.h>
#include <math.h>
#include <reverie/weights.h>
#include <stdio.h>
#include <string.h>

#define ROWS 97
#define COLS 121
#define ITERATIONS 5
#define GOLDEN_LAYERS "conv2_1:1,conv3_1:0.5"

static RvSettings *
settings_with (const char *const *pairs)
{
  g_autoptr (GError) error = NULL;
  RvSettings *settings = test_settings_of ("dream", "test");
  g_assert_no_error (error);
  rv_settings_set (settings, "exact", "yes", NULL);
  rv_settings_set (settings, "threads", "1", NULL);
  for (; *pairs; pairs += 2) {
    rv_settings_set (settings, pairs[0], pairs[1], &error);
    g_assert_no_error (error);
  }
  return settings;
}

static gboolean
keep_loss (const RvIteration *progress, gpointer user_data)
{
  double loss = progress->loss;
  g_array_append_val ((GArray *) user_data, loss);
  return TRUE;
}

static RvImage *
run (const RvSettings *settings, RvNet *net, RvImage *image, GArray *losses)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RvDream) dream = rv__dream_new (settings, net, image, &error);
  g_assert_no_error (error);
  RvImage *result = NULL;
  g_assert_true (rv__dream_run (dream, losses ? keep_loss : NULL, losses, &result, &error));
  g_assert_no_error (error);
  return result;
}

/* (transfer full): the change, (result - picture) / 127.5. */
static double *
added (const RvImage *result, const RvImage *image)
{
  gint64 n = rv_tensor_count (image->rgb);
  double *difference = g_new (double, n);
  for (gint64 i = 0; i < n; i++)
    difference[i] = ((double) ((float *) result->rgb->data)[i] - ((float *) image->rgb->data)[i]) / 127.5;
  return difference;
}

static void
test_golden (gconstpointer tile)
{
  const char *const three[] = { "layers", "conv1_1", "octaves", "3", "iterations", "5", "tile", tile, NULL };
  const char *const once[] = { "layers", GOLDEN_LAYERS, "octaves", "1", "iterations", "1", "tile", tile, NULL };
  g_autoptr (RvNet) net = formula_vgg ("vgg19", "torchvision", 1, 0.1);
  g_autoptr (RvImage) image = formula_picture ("content", ROWS, COLS), still = formula_picture ("lake", ROWS, COLS);
  g_auto (GStrv) lines = formula_golden ("dream-torch.txt");
  g_autoptr (GArray) losses = g_array_new (FALSE, FALSE, sizeof (double));
  g_autoptr (RvSettings) whole = settings_with (three), step = settings_with (once);
  g_autoptr (RvImage) dreamt = run (whole, net, image, losses), stepped = run (step, net, still, NULL);
  g_autofree double *by_run = added (dreamt, image), *by_step = added (stepped, still);
  guint n_losses = 0;

  for (char **line = lines; *line; line++) {
    int octave, iteration;
    double golden;
    if (sscanf (*line, "loss %d %d %lf", &octave, &iteration, &golden) == 3)
      assert_less (fabs (g_array_index (losses, double, n_losses++) / golden - 1), 1e-6);
    else if (g_str_has_prefix (*line, "run "))
      formula_compare (*line, by_run, rv_tensor_count (image->rgb), 1e-5, 1e-4);
    else if (g_str_has_prefix (*line, "step "))
      formula_compare (*line, by_step, rv_tensor_count (image->rgb), 1e-4, 1e-3);
  }
  g_assert_cmpuint (n_losses, ==, 3 * ITERATIONS);
  g_assert_cmpuint (losses->len, ==, n_losses);
}

/* One step toward a guide, and one step with a style, equal the goldens. */
static void
test_guide_and_style (gconstpointer tile)
{
  const char *const once[] = { "layers", GOLDEN_LAYERS, "octaves", "1", "iterations", "1", "tile", tile, NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (RvNet) net = formula_vgg ("vgg19", "torchvision", 1, 0.1);
  g_autoptr (RvImage) image = formula_picture ("lake", ROWS, COLS), other = formula_picture ("style", ROWS, COLS),
                      guide = formula_picture ("macaw", ROWS, COLS);
  g_autoptr (RvSettings) settings = settings_with (once);
  g_auto (GStrv) lines = formula_golden ("dream-torch.txt");
  g_autoptr (RvDream) guided = rv__dream_new (settings, net, image, &error),
                      styled = rv__dream_new (settings, net, image, &error);
  g_autoptr (RvImage) toward = NULL, in_style = NULL;
  g_autoptr (GArray) losses = g_array_new (FALSE, FALSE, sizeof (double));
  g_assert_true (rv__dream_set_guide (guided, guide, &error));
  g_assert_true (rv__dream_set_style (styled, other, 0.7, &error));
  g_assert_true (rv__dream_run (guided, keep_loss, losses, &toward, &error));
  g_assert_true (rv__dream_run (styled, NULL, NULL, &in_style, &error));
  g_assert_no_error (error);
  g_autofree double *by_guide = added (toward, image), *by_style = added (in_style, image);
  guint n_found = 0;
  for (char **line = lines; *line; line++) {
    double golden;
    if (sscanf (*line, "guided %lf", &golden) == 1)
      assert_less (fabs (g_array_index (losses, double, 0) / golden - 1), 1e-5);
    else if (g_str_has_prefix (*line, "guided-step "))
      formula_compare (*line, by_guide, rv_tensor_count (image->rgb), 1e-4, 1e-3);
    else if (g_str_has_prefix (*line, "styled-step "))
      formula_compare (*line, by_style, rv_tensor_count (image->rgb), 1e-4, 1e-3);
    else
      continue;
    n_found++;
  }
  g_assert_cmpuint (n_found, ==, 3);
}

/* The dream of the next picture equals the dream of a new RvDream. For pictures of one size, each octave is compiled
 * once, and its kernels are measured once. */
static void
test_next_image (void)
{
  static const char *const few[] = { "octaves", "2", "iterations", "2", NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (RvNet) net = rv_net_new_builtin (NULL);
  g_autoptr (RvSettings) settings = settings_with (few);
  g_autoptr (RvImage) first = formula_picture ("content", 96, 128), second = formula_picture ("style", 96, 128),
                      larger = formula_picture ("content", 120, 140);
  g_autoptr (RvDream) dream = rv__dream_new (settings, net, first, &error);
  RvImage *const images[] = { first, second, first, larger };
  static const guint made[] = { 2, 2, 2, 4 };
  for (guint i = 0; i < G_N_ELEMENTS (images); i++) {
    g_autoptr (RvImage) result = NULL, alone = run (settings, net, images[i], NULL);
    g_assert_true (rv__dream_set_image (dream, images[i], &error));
    g_assert_true (rv__dream_run (dream, NULL, NULL, &result, &error));
    g_assert_no_error (error);
    g_assert_cmpmem (result->rgb->data, (gsize) rv_tensor_count (result->rgb) * sizeof (float), alone->rgb->data,
                     (gsize) rv_tensor_count (alone->rgb) * sizeof (float));
    g_assert_cmpuint (dream->engine->n_made, ==, made[i]);
    g_assert_cmpuint (rv__engine_n_tuned (dream->engine), ==, 2);
  }
}

/* A picture too small for the layers is refused without effect; the previous one remains. */
static void
test_small_image (void)
{
  static const char *const few[] = { "octaves", "1", "iterations", "1", NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (RvNet) net = rv_net_new_builtin (NULL);
  g_autoptr (RvSettings) settings = settings_with (few);
  g_autoptr (RvImage) image = formula_picture ("content", 64, 96), small = formula_picture ("style", 3, 2),
                      alone = run (settings, net, image, NULL), result = NULL;
  g_autoptr (RvDream) dream = rv__dream_new (settings, net, image, NULL);
  g_assert_false (rv__dream_set_image (dream, small, &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_SHAPE);
  g_clear_error (&error);
  g_assert_true (rv__dream_run (dream, NULL, NULL, &result, &error));
  g_assert_cmpmem (result->rgb->data, rv_tensor_bytes (result->rgb), alone->rgb->data, rv_tensor_bytes (alone->rgb));
}

/* A guide may have any shape, unless it is too narrow for the layers. */
static void
test_guide_sizes (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RvNet) net = rv_net_new_builtin (NULL);
  g_autoptr (RvSettings) settings =
    settings_with ((const char *const[]){ "octaves", "1", "iterations", "1", "layers", "conv4_1", NULL });
  g_autoptr (RvImage) image = formula_picture ("content", 96, 128), small = formula_picture ("style", 3, 2),
                      large = formula_picture ("style", 700, 900), narrow = formula_picture ("style", 2, 2000);
  g_autoptr (RvDream) dream = rv__dream_new (settings, net, image, &error);
  g_assert_true (rv__dream_set_guide (dream, small, &error));
  g_assert_true (rv__dream_set_guide (dream, large, &error));
  g_assert_true (rv__dream_set_diversity (dream, NULL, 0, -1, &error)); /* 0 others: the weight is ignored */
  g_assert_no_error (error);
  g_assert_false (rv__dream_set_guide (dream, narrow, &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_SHAPE);
  g_assert_nonnull (strstr (error->message, "too small for these layers"));
}

/* One channel of a guide gives a smaller objective than all channels. */
static void
test_guide_channels (void)
{
  static const char *const all[] = { "octaves", "1", "iterations", "1", "layers", "conv4_1", NULL };
  static const char *const one[] = { "octaves", "1",        "iterations", "1", "layers",
                                     "conv4_1", "channels", "conv4_1:3",  NULL };
  const char *const *const both[] = { all, one };
  g_autoptr (RvNet) net = rv_net_new_builtin (NULL);
  g_autoptr (RvImage) image = formula_picture ("content", 96, 128), guide = formula_picture ("style", 96, 128);
  g_autoptr (GArray) losses = g_array_new (FALSE, FALSE, sizeof (double));
  for (int i = 0; i < 2; i++) {
    g_autoptr (RvSettings) settings = settings_with (both[i]);
    g_autoptr (RvDream) dream = rv__dream_new (settings, net, image, NULL);
    g_autoptr (RvImage) result = NULL;
    g_assert_true (rv__dream_set_guide (dream, guide, NULL));
    g_assert_true (rv__dream_run (dream, keep_loss, losses, &result, NULL));
  }
  assert_less (g_array_index (losses, double, 1), g_array_index (losses, double, 0));
}

static gboolean
stop_after_three (gint64 channel, int n_done, int n_channels, gpointer user_data)
{
  g_assert_cmpint (n_channels, ==, 32);
  *(int *) user_data = n_done;
  return n_done < 3;
}

static void
test_atlas (void)
{
  g_autoptr (GError) error = NULL;
  int n_done = 0;
  g_autoptr (RvNet) net = rv_net_new_builtin (NULL);
  g_autoptr (RvSettings) settings = settings_with ((const char *const[]){ "iterations", "1", NULL });
  g_autoptr (RvImage) sheet = rv__dream_atlas (settings, net, "conv1_1", NULL, stop_after_three, &n_done, &error);
  g_assert_no_error (error);
  g_assert_cmpint (n_done, ==, 3);
  g_assert_cmpint (sheet->width, >, sheet->height);
  g_assert_null (rv__dream_atlas (settings, net, "conv1_1,conv2_1", NULL, NULL, NULL, &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_SETTING);
}

/* One step on InceptionV3 equals the last line of the goldens of Keras. */
static void
test_inception (void)
{
  static const char *const once[] = { "octaves", "1", "iterations", "1", "step", "1", NULL };
  g_autoptr (RvNet) net = formula_net ("inception_v3");
  g_autoptr (RvImage) image = formula_picture ("content", 97, 131);
  g_auto (GStrv) lines = formula_golden ("dream-keras.txt");
  g_autoptr (RvSettings) settings = settings_with (once);
  g_autoptr (RvImage) result = run (settings, net, image, NULL);
  g_autofree double *by_step = added (result, image);
  formula_compare (lines[g_strv_length (lines) - 1], by_step, rv_tensor_count (image->rgb), 1e-4, 1e-3);
}

/* Octaves with steps of size 0 return the picture: detail that smaller octaves lose is restored. */
static void
test_nothing (void)
{
  static const char *const idle[] = { "octaves", "5", "iterations", "3", "step", "0", NULL };
  g_autoptr (RvNet) net = rv_net_new_builtin (NULL);
  g_autoptr (RvImage) image = formula_picture ("content", 131, 173);
  g_autoptr (RvSettings) settings = settings_with (idle);
  g_autoptr (RvImage) result = run (settings, net, image, NULL);
  g_autofree double *difference = added (result, image);
  for (gint64 i = 0; i < rv_tensor_count (image->rgb); i++)
    assert_less (fabs (difference[i]) * 127.5, 1);
}

static void
test_loss_grows (void)
{
  static const char *const few[] = { "octaves", "2", "iterations", "6", NULL };
  g_autoptr (RvNet) net = rv_net_new_builtin (NULL);
  g_autoptr (RvImage) image = formula_picture ("content", 150, 170);
  g_autoptr (GArray) losses = g_array_new (FALSE, FALSE, sizeof (double));
  g_autoptr (RvSettings) settings = settings_with (few);
  g_autoptr (RvImage) result = run (settings, net, image, losses);
  g_assert_cmpuint (losses->len, ==, 12);
  for (guint octave = 0; octave < 2; octave++)
    for (guint k = 1; k < 6; k++)
      assert_less (g_array_index (losses, double, 6 * octave + k - 1), g_array_index (losses, double, 6 * octave + k));
}

/* max-loss skips steps; strength 0 changes nothing; jitter is undone; smoothing gives finite numbers. */
static void
test_options (void)
{
  static const char *const early[] = { "octaves", "2", "iterations", "6", "max-loss", "1e-6", NULL };
  static const char *const none[] = { "octaves", "2", "iterations", "2", "strength", "0", "jitter", "9", NULL };
  static const char *const soft[] = { "octaves", "2", "iterations", "2",        "smooth", "2",
                                      "jitter",  "5", "normalize",  "mean-abs", NULL };
  static const char *const one[] = { "octaves", "1",        "iterations", "1", "layers",
                                     "conv4_1", "channels", "conv4_1:3",  NULL };
  g_autoptr (RvNet) net = rv_net_new_builtin (NULL);
  g_autoptr (RvImage) image = formula_picture ("content", 150, 170);
  g_autoptr (GArray) losses = g_array_new (FALSE, FALSE, sizeof (double)),
                     single = g_array_new (FALSE, FALSE, sizeof (double));
  g_autoptr (RvSettings) a = settings_with (early), b = settings_with (none), c = settings_with (soft),
                         d = settings_with (one);
  g_autoptr (RvImage) left = run (a, net, image, losses), still = run (b, net, image, NULL),
                      blurred = run (c, net, image, NULL);
  g_autoptr (RvImage) channel = run (d, net, image, single);
  g_assert_nonnull (left);
  g_assert_cmpuint (losses->len, ==, 2);

  g_autofree double *by_none = added (still, image), *by_soft = added (blurred, image);
  double moved = 0;
  for (gint64 i = 0; i < rv_tensor_count (image->rgb); i++) {
    assert_less (fabs (by_none[i]) * 127.5, 1);
    g_assert_true (isfinite (by_soft[i]));
    moved += fabs (by_soft[i]);
  }
  assert_less (0, moved);

  /* The objective of one channel is below that of all channels. */
  g_autoptr (RvSettings) all =
    settings_with ((const char *const[]){ "octaves", "1", "iterations", "1", "layers", "conv4_1", NULL });
  g_autoptr (RvImage) whole = run (all, net, image, single);
  assert_less (g_array_index (single, double, 0), g_array_index (single, double, 1));
}

/* The dream changes the picture only in the white area of the mask. */
static void
test_mask (void)
{
  g_autoptr (RvNet) net = rv_net_new_builtin (NULL);
  g_autoptr (RvImage) image = formula_picture ("content", 96, 128), mask = rv_image_new (64, 16, NULL), result = NULL;
  g_autoptr (RvSettings) settings = settings_with ((const char *const[]){ "octaves", "2", "iterations", "2", NULL });
  for (int i = 0; i < 3 * 64 * 16; i++) /* the right half is white */
    ((float *) mask->rgb->data)[i] = i % 64 >= 32 ? 255 : 0;
  g_autoptr (RvDream) dream = rv__dream_new (settings, net, image, NULL);
  rv__dream_set_mask (dream, mask);
  g_assert_true (rv__dream_run (dream, NULL, NULL, &result, NULL));
  g_autofree double *difference = added (result, image);
  double moved = 0;
  for (int i = 0; i < 3 * 96 * 128; i++) {
    if (i % 128 < 58) /* a few columns in the middle are grey */
      g_assert_cmpfloat (difference[i], ==, 0);
    moved += fabs (difference[i]);
  }
  assert_less (0, moved);

  /* White on a transparent layer is the same mask. */
  g_autoptr (RvImage) layer = rv_image_new (64, 16, NULL), same = NULL;
  layer->alpha = rv_tensor_new (RV_F32, &(RvShape){ 4, { 1, 1, 16, 64 } }, NULL);
  for (int i = 0; i < 3 * 64 * 16; i++)
    ((float *) layer->rgb->data)[i] = 255;
  for (int i = 0; i < 64 * 16; i++)
    ((float *) layer->alpha->data)[i] = i % 64 >= 32 ? 1 : 0;
  g_autoptr (RvDream) again = rv__dream_new (settings, net, image, NULL);
  rv__dream_set_mask (again, layer);
  g_assert_true (rv__dream_run (again, NULL, NULL, &same, NULL));
  g_assert_cmpint (memcmp (result->rgb->data, same->rgb->data, rv_tensor_bytes (same->rgb)), ==, 0);
}

/* Probability of @word; 0 if it is not among the hundred likeliest words. */
static double
probability_of (RvNet *net, const RvImage *image, const char *word)
{
  RvClassScore words[100];
  g_assert_true (rv_net_classify (net, image, 2, NULL, words, G_N_ELEMENTS (words), NULL));
  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    if (strcmp (words[i].word, word) == 0)
      return words[i].probability_01;
  return 0;
}

static void
test_toward (void)
{
  g_autoptr (RvNet) net = rv_net_new_builtin (NULL), wordless = formula_vgg ("vgg19", "torchvision", 1, 0.1);
  g_autoptr (RvImage) image = formula_picture ("content", 96, 128);
  g_autoptr (GArray) losses = g_array_new (FALSE, FALSE, sizeof (double));
  g_autoptr (RvSettings) settings =
    settings_with ((const char *const[]){ "octaves", "1", "iterations", "8", "toward", "Macaw,volcano:0.5", NULL });
  g_autoptr (RvImage) result = run (settings, net, image, losses);
  for (guint k = 1; k < losses->len; k++)
    assert_less (g_array_index (losses, double, k - 1), g_array_index (losses, double, k));

  g_autoptr (GError) error = NULL;
  g_assert_null (rv__dream_new (settings, wordless, image, &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_SETTING);
  g_assert_nonnull (strstr (error->message, "has no words"));

  /* The network recognises the word after the dream only. One ReLU can decide which of two birds comes first. */
  g_autoptr (RvSettings) more = settings_with ((const char *const[]){ "toward", "macaw", NULL });
  g_autoptr (RvImage) macaw = run (more, net, image, NULL);
  double before = probability_of (net, image, "macaw"), after = probability_of (net, macaw, "macaw");
  g_test_message ("macaw: %.2g before, %.2g after", before, after);
  assert_less (before, 0.001);
  assert_less (0.1, after);

  RvClassScore words[3];
  g_assert_true (rv_net_classify (net, macaw, 2, NULL, words, 3, NULL));
  g_assert_true (words[0].probability_01 <= 1 && words[0].probability_01 >= words[1].probability_01 &&
                 words[1].probability_01 >= words[2].probability_01);

  g_autoptr (RvDream) dream = rv__dream_new (settings, net, image, NULL);
  g_clear_error (&error);
  g_assert_false (rv__dream_set_guide (dream, image, &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_SETTING);
  g_autoptr (RvSettings) none = settings_with ((const char *const[]){ "octaves", "1", "iterations", "1", NULL });
  test_set (none, "toward", ""); /* an empty text has no words */
  g_autoptr (RvImage) nowhere = run (none, net, image, NULL);
}

/* A long thin picture is classified in bounded memory, or refused. */
static void
test_classify_thin (void)
{
  g_autoptr (RvNet) net = rv_net_new_builtin (NULL);
  g_autoptr (RvImage) thin = rv_image_new (300, 1, NULL), wide = rv_image_new (100, 1, NULL);
  g_autoptr (GError) error = NULL;
  RvClassScore word;
  g_assert_true (rv_net_classify (net, wide, 2, NULL, &word, 1, NULL));
  g_assert_false (rv_net_classify (net, thin, 2, NULL, &word, 1, &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_SHAPE);
  g_test_message ("%s", error->message);
}

static void
assert_refused (const char *const *pairs, int side, RvError code, const char *says)
{
  g_autoptr (RvNet) net = rv_net_new_builtin (NULL);
  g_autoptr (RvImage) image = formula_picture ("content", side, side);
  g_autoptr (RvSettings) settings = settings_with (pairs);
  g_autoptr (GError) error = NULL;
  g_autoptr (RvDream) dream = rv__dream_new (settings, net, image, &error);
  g_assert_null (dream);
  g_assert_error (error, RV_ERROR, (gint) code);
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, says));
}

static void
test_refused (void)
{
  assert_refused ((const char *const[]){ "layers", "conv9_9", NULL }, 64, RV_ERROR_SETTING, "has no layer");
  assert_refused ((const char *const[]){ "layers", "conv4_1", "channels", "conv4_1:256", NULL }, 64, RV_ERROR_SETTING,
                  "0 to 255");
  assert_refused ((const char *const[]){ "layers", "conv4_1", "channels", "conv3_1:1", NULL }, 64, RV_ERROR_SETTING,
                  "'layers' does not have");
  assert_refused ((const char *const[]){ "toward", "makaw", NULL }, 64, RV_ERROR_SETTING, "did you mean 'macaw'");
  assert_refused ((const char *const[]){ "toward", "macaw:inf", NULL }, 64, RV_ERROR_SETTING,
                  "weight must be a number");
  assert_refused ((const char *const[]){ "layers", "conv5_1", NULL }, 79, RV_ERROR_SHAPE, "at least 80 px");
}

/* Settings that are NULL, or of another kind, are refused. */
static void
test_other_settings (void)
{
  g_autoptr (RvNet) net = rv_net_new_builtin (NULL);
  g_autoptr (RvImage) image = formula_picture ("content", 64, 64);
  for (int i = 0; i < 2; i++) {
    g_autoptr (GError) error = NULL, again = NULL, atlas = NULL;
    g_autoptr (RvSettings) settings = i == 0 ? NULL : rv_settings_new ("style", NULL);
    g_assert_false (rv__dream_settings_check (settings, "builtin", &again));
    g_assert_error (again, RV_ERROR, RV_ERROR_SETTING);
    g_assert_null (rv__dream_new (settings, net, image, &error));
    g_assert_error (error, RV_ERROR, RV_ERROR_SETTING);
    g_assert_null (rv__dream_atlas (settings, net, "conv2_1", NULL, NULL, NULL, &atlas));
    g_assert_error (atlas, RV_ERROR, RV_ERROR_SETTING);
  }
}

/* Presets that reproduce another program use full precision, like that program. */
static void
test_precision (void)
{
  static const char *const classic[] = { "production", "test", "keras", NULL };
  const char *const *names = rv_settings_presets ("dream");
  for (int i = 0; names[i]; i++) {
    g_autoptr (RvSettings) settings = test_settings_of ("dream", names[i]);
    gboolean reproduces = g_strv_contains (classic, names[i]);
    g_assert_cmpstr (rv_settings_get_text (settings, "precision", NULL), ==, reproduces ? "full" : "auto");
  }
}

/* Presets older than `classic` are unchanged: newer options are off, so that they match the goldens of other
 * programs. */
static void
test_older_presets (void)
{
  static const char *const presets[][3] = { /* name, octaves, iterations */
                                            { "production", "5", "50" },
                                            { "test", "3", "20" },
                                            { "keras", "3", "20" }
  };
  static const char *const off[][2] = {
    { "look", "default" },     { "objective", "squares" }, { "scale-channels", "no" }, { "balance", "no" },
    { "smallest", "1" },       { "carry", "picture" },     { "step", "0.01" },         { "jitter", "0" },
    { "jitter-edge", "wrap" }, { "smooth", "0" },          { "bands", "0" },           { "dream-colors", "all" },
    { "clip", "no" },          { "contrast-limit", "0" },  { "octave-scale", "1.4" },  { "from", "picture" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (presets); i++) {
    g_autoptr (RvSettings) settings = test_settings_of ("dream", presets[i][0]);
    for (guint k = 0; k < G_N_ELEMENTS (off); k++) {
      g_autofree char *value = rv_settings_get (settings, off[k][0], NULL);
      g_assert_cmpstr (value, ==, off[k][1]);
    }
    g_autofree char *octaves = rv_settings_get (settings, "octaves", NULL),
                    *iterations = rv_settings_get (settings, "iterations", NULL);
    g_assert_cmpstr (octaves, ==, presets[i][1]);
    g_assert_cmpstr (iterations, ==, presets[i][2]);
  }
}

/* The loss overflows after some steps, because the picture has grown. The result of these steps is returned with the
 * error. */
static void
test_not_a_number (void)
{
  static const char *const growing[] = { "octaves", "1",      "iterations",   "9", "step", "10", "strength",
                                         "100",     "layers", "conv2_1:1e37", NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (RvNet) net = rv_net_new_builtin (NULL);
  g_autoptr (RvImage) image = formula_picture ("content", 64, 64), broken = NULL;
  g_autoptr (RvSettings) settings = settings_with (growing);
  g_autoptr (GArray) losses = g_array_new (FALSE, FALSE, sizeof (double));
  g_autoptr (RvDream) dream = rv__dream_new (settings, net, image, NULL);
  g_assert_false (rv__dream_run (dream, keep_loss, losses, &broken, &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_NUMBER);
  g_assert_cmpuint (losses->len, >, 0);
  g_assert_cmpuint (losses->len, <, 9);
  g_assert_true (rv__settings_set_int (settings, "iterations", losses->len, NULL));
  g_autoptr (RvImage) good = run (settings, net, image, NULL);
  g_assert_cmpmem (broken->rgb->data, rv_tensor_bytes (broken->rgb), good->rgb->data, rv_tensor_bytes (good->rgb));
}

static gboolean
change_within (const RvIteration *p, gpointer image)
{
  g_autoptr (GError) error = NULL, again = NULL, other = NULL;
  RvImage *result = NULL;
  g_assert_false (rv__dream_run (p->run, NULL, NULL, &result, &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_SETTING);
  g_assert_false (rv__dream_set_image (p->run, image, &again));
  g_assert_error (again, RV_ERROR, RV_ERROR_SETTING);
  g_assert_false (rv__dream_set_style (p->run, image, 1, &other));
  g_assert_error (other, RV_ERROR, RV_ERROR_SETTING);
  rv__dream_set_mask (p->run, image);
  return TRUE;
}

static gboolean
count_down (gpointer data)
{
  int *left = data;
  return --*left < 0;
}

/* A running dream refuses changes. A dream that is stopped before its first step has no result; a later stop gives a
 * result. */
static void
test_other_orders (void)
{
  static const char *const few[] = { "octaves", "2", "iterations", "1", NULL };
  g_autoptr (GError) error = NULL, weight = NULL;
  g_autoptr (RvNet) net = rv_net_new_builtin (NULL);
  g_autoptr (RvImage) image = formula_picture ("content", 96, 96), other = formula_picture ("style", 64, 64),
                      result = NULL, reached = NULL;
  g_autoptr (RvSettings) settings = settings_with (few);
  g_autoptr (RvDream) dream = rv__dream_new (settings, net, image, NULL);
  g_assert_true (rv__dream_run (dream, change_within, other, &result, &error));
  g_autoptr (RvImage) alone = run (settings, net, image, NULL); /* the mask was ignored */
  g_assert_cmpmem (result->rgb->data, rv_tensor_bytes (result->rgb), alone->rgb->data, rv_tensor_bytes (alone->rgb));
  g_assert_false (rv__dream_set_style (dream, other, NAN, &weight));
  g_assert_error (weight, RV_ERROR, RV_ERROR_SETTING);
  g_assert_true (rv__dream_set_style (dream, other, 1, &error));
  int left = 0;
  rv__dream_set_stop_request (dream, (RvStopRequest){ count_down, &left });
  g_assert_false (rv__dream_run (dream, NULL, NULL, &reached, &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_CANCELLED);
  g_assert_null (reached);
  left = 1; /* the second call, in the second octave, stops the run */
  g_clear_error (&error);
  g_assert_true (rv__dream_run (dream, NULL, NULL, &reached, &error));
  g_assert_nonnull (reached);
}

/* Octaves at whose size no layer has an interior are skipped. */
static void
test_octaves_left_out (void)
{
  g_autoptr (RvNet) net = rv_net_new_builtin (NULL);
  g_autoptr (RvImage) image = formula_picture ("content", 100, 100);
  g_autoptr (RvSettings) settings = settings_with ((const char *const[]){ "layers", "conv5_1", "octaves", "4", NULL });
  g_autoptr (RvDream) dream = rv__dream_new (settings, net, image, NULL);
  g_assert_cmpint (rv__dream_n_octaves (dream), ==, 1);
}

/* ---- states ------------------------------------------------------------------------------------------------------ */

typedef struct {
  gint64 stop_at; /* step, over all octaves */
  const char *file;
} Saving;

static gboolean
save_and_stop (const RvIteration *p, gpointer data)
{
  const Saving *saving = data;
  if (p->iteration != saving->stop_at)
    return TRUE;
  g_autoptr (RvTensorMap) state = rv__dream_state (p);
  g_assert_true (rv_weights_save (state, saving->file, TRUE, NULL));
  return FALSE;
}

static const char *const unchanged[] = { "max-loss", "0" };

/* (transfer full): a masked, jittered dream with 3 octaves of 4 steps; @change: name and value of one more setting. */
static RvDream *
dream_to_resume (const char *const *change, RvNet *net, RvImage *image)
{
  g_autoptr (RvSettings) settings =
    settings_with ((const char *[]){ "octaves", "3", "iterations", "4", "jitter", "5", change[0], change[1], NULL });
  g_autoptr (RvImage) mask = formula_picture ("style", 40, 60);
  RvDream *dream = rv__dream_new (settings, net, image, NULL);
  rv__dream_set_mask (dream, mask);
  return dream;
}

/* Resumes within octaves, at their ends, after max-loss, and at the last step: the bytes equal those of an
 * uninterrupted run. `make check-all` tests each step, `make test` every third. */
static void
test_resume (gconstpointer change)
{
  g_autofree char *folder = g_dir_make_tmp ("reverie-XXXXXX", NULL), *file = g_build_filename (folder, "run.st", NULL);
  g_autoptr (RvNet) net = rv_net_new_builtin (NULL);
  g_autoptr (RvImage) image = formula_picture ("content", ROWS, COLS), whole = NULL;
  g_autoptr (GArray) losses = g_array_new (FALSE, FALSE, sizeof (double));
  g_autoptr (RvDream) unbroken = dream_to_resume (change, net, image);
  g_assert_true (rv__dream_run (unbroken, keep_loss, losses, &whole, NULL));
  g_test_message ("%u steps", losses->len);
  g_assert_true (change == unchanged ? losses->len == 12 : losses->len < 12);
  for (gint64 at = 1; at <= losses->len; at += g_test_slow () ? 1 : 3) {
    g_autoptr (GError) error = NULL;
    g_autoptr (RvImage) part = NULL, result = NULL;
    g_autoptr (RvDream) first = dream_to_resume (change, net, image), second = dream_to_resume (change, net, image);
    g_assert_true (rv__dream_run (first, save_and_stop, &(Saving){ at, file }, &part, &error));
    g_autoptr (RvTensorMap) state = rv_weights_load (file, RV_WEIGHTS_ALL, NULL, &error);
    g_assert_true (rv__dream_resume (second, state, &error) && rv__dream_run (second, NULL, NULL, &result, &error));
    g_assert_no_error (error);
    g_assert_cmpmem (whole->rgb->data, rv_tensor_bytes (whole->rgb), result->rgb->data, rv_tensor_bytes (result->rgb));
  }
  g_remove (file);
  g_rmdir (folder);
}

/* States with missing or invalid members, and of other settings, are refused. */
static void
test_state_refused (void)
{
  static const char *const names[] = { "reverie",  "settings", "stage", "done",   "iteration", "tuned",
                                       "left out", "fits",     "x",     "shrunk", "stop",      "microseconds" };
  g_autofree char *folder = g_dir_make_tmp ("reverie-XXXXXX", NULL), *file = g_build_filename (folder, "run.st", NULL);
  g_autoptr (RvNet) net = rv_net_new_builtin (NULL);
  g_autoptr (RvImage) image = formula_picture ("content", ROWS, COLS), part = NULL;
  g_autoptr (RvDream) first = dream_to_resume (unchanged, net, image);
  g_assert_true (rv__dream_run (first, save_and_stop, &(Saving){ 5, file }, &part, NULL));
  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (RvTensorMap) state = rv_weights_load (file, RV_WEIGHTS_ALL, NULL, NULL);
    g_autoptr (RvDream) dream = dream_to_resume (unchanged, net, image);
    g_autoptr (RvImage) result = NULL;
    RvShape one = rv_shape (1, 1);
    g_autoptr (RvTensor) tensor = rv_tensor_new (RV_F32, &one, NULL);
    if (rv_tensor_map_get (state, names[i]))
      rv_tensor_map_set (state, names[i], tensor);
    else
      rv_tensor_map_set_text (state, names[i], "-7");
    g_assert_false (rv__dream_resume (dream, state, &error) && rv__dream_run (dream, NULL, NULL, &result, &error));
    g_assert_true (error->code == RV_ERROR_FORMAT || error->code == RV_ERROR_SETTING);
  }
  g_autoptr (GError) error = NULL;
  g_autoptr (RvTensorMap) state = rv_weights_load (file, RV_WEIGHTS_ALL, NULL, NULL);
  g_autoptr (RvDream) other = dream_to_resume ((const char *[]){ "max-loss", "7" }, net, image);
  g_assert_false (rv__dream_resume (other, state, &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_SETTING);
  g_assert_nonnull (strstr (error->message, "'max-loss'=7"));
  g_remove (file);
  g_rmdir (folder);
}

int
main (int argc, char **argv)
{
  static const char *const max_loss[] = { "max-loss", "1.5" }, *const until[] = { "until", "6" };
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/dream/golden", "0", test_golden);
  test_add_slow ("/dream/golden/tiles", "56", test_golden);
  g_test_add_data_func ("/dream/guide-and-style", "0", test_guide_and_style);
  test_add_slow ("/dream/guide-and-style/tiles", "56", test_guide_and_style);
  g_test_add_func ("/dream/guide-sizes", test_guide_sizes);
  g_test_add_func ("/dream/guide-channels", test_guide_channels);
  g_test_add_func ("/dream/next-image", test_next_image);
  g_test_add_func ("/dream/small-image", test_small_image);
  g_test_add_func ("/dream/atlas", test_atlas);
  g_test_add_func ("/dream/inception", test_inception);
  g_test_add_func ("/dream/nothing", test_nothing);
  g_test_add_func ("/dream/loss-grows", test_loss_grows);
  g_test_add_func ("/dream/options", test_options);
  g_test_add_func ("/dream/mask", test_mask);
  g_test_add_func ("/dream/toward", test_toward);
  g_test_add_func ("/dream/classify-thin", test_classify_thin);
  g_test_add_data_func ("/dream/resume", unchanged, test_resume);
  test_add_slow ("/dream/resume/whole", unchanged, test_resume);
  test_add_slow ("/dream/resume/max-loss", max_loss, test_resume);
  test_add_slow ("/dream/resume/until", until, test_resume);
  g_test_add_func ("/dream/state-refused", test_state_refused);
  g_test_add_func ("/dream/refused", test_refused);
  g_test_add_func ("/dream/settings-in-the-struct", test_other_settings);
  g_test_add_func ("/dream/precision", test_precision);
  g_test_add_func ("/dream/older-presets", test_older_presets);
  g_test_add_func ("/dream/not-a-number", test_not_a_number);
  g_test_add_func ("/dream/other-orders", test_other_orders);
  g_test_add_func ("/dream/octaves-left-out", test_octaves_left_out);
  return g_test_run ();
}
