/* test-dream-classic.c -- the preset classic: single computations and an octave against PyTorch
 * (tests/golden/dream-classic-torch.py); the canvas and its transpose; tiles, states, word masks, results. */
#include "base/moments.h"
#include "method/dream/dream-internal.h"
#include "support/formula.h"
#include "support/support.h"
#include <glib/gstdio.h>
#include <math.h>
#include <reverie/weights.h>
#include <string.h>

#define ROWS 97
#define COLS 121
#define PIXELS (ROWS * COLS)

/* (transfer full): the formula picture @name, [3, ROWS, COLS], in -1..1. */
static float *
new_picture (const char *name)
{
  g_autoptr (RvImage) image = formula_picture (name, ROWS, COLS);
  float *x = g_memdup2 (image->rgb->data, 3 * PIXELS * sizeof (float));
  rv__pixel_space_from_rgb (&rv__dream_space, x, PIXELS);
  return x;
}

/* Compares @numbers, [3 * PIXELS], with the line @name of the goldens. */
static void
compare (const char *name, const double *numbers, double tolerance)
{
  g_auto (GStrv) lines = formula_golden ("dream-classic-torch.txt");
  g_autofree char *prefix = g_strconcat (name, " ", NULL);
  for (char **line = lines; *line; line++)
    if (g_str_has_prefix (*line, prefix)) {
      formula_compare (*line, numbers, 3 * PIXELS, tolerance, 10 * tolerance);
      return;
    }
  g_assert_not_reached ();
}

static void
compare_f32 (const char *name, const float *numbers)
{
  g_autofree double *wide = g_new (double, 3 * PIXELS);
  for (int i = 0; i < 3 * PIXELS; i++)
    wide[i] = (double) numbers[i];
  compare (name, wide, 1e-5);
}

/* ---- single computations ----------------------------------------------------------------------------------------- */

static void
test_bands (void)
{
  g_autofree float *local = new_picture ("style"), *global = new_picture ("style");
  g_autoptr (GArray) buffers = rv__buffers_new (NULL, 0);
  RvDreamBand in_each_place[RV_DREAM_MAX_BANDS], alike[RV_DREAM_MAX_BANDS];
  rv__dream_bands_init (in_each_place, COLS, ROWS, 4, 8, buffers, 0);
  rv__dream_bands_init (alike, COLS, ROWS, 4, 0, buffers, 0);
  g_assert_true (rv__buffers_enter (buffers, 0, NULL));
  g_assert_true (rv__dream_bands (in_each_place, local, NULL));
  g_assert_true (rv__dream_bands (alike, global, NULL));
  compare_f32 ("bands", local);
  compare_f32 ("bands-global", global);
}

/* Bands of tiny pictures: a gradient of zeros stays zero, and a tiny gradient gives finite numbers. */
static void
test_small_bands (void)
{
  for (int side = 1; side < 6; side++) {
    float grad[3 * 5 * 7] = { 0 };
    g_autoptr (GArray) buffers = rv__buffers_new (NULL, 0);
    RvDreamBand bands[RV_DREAM_MAX_BANDS];
    rv__dream_bands_init (bands, side, 7, RV_DREAM_MAX_BANDS, 8, buffers, 0);
    g_assert_true (rv__buffers_enter (buffers, 0, NULL) && rv__dream_bands (bands, grad, NULL));
    for (int i = 0; i < 3 * 7 * side; i++)
      g_assert_cmpfloat (grad[i], ==, 0);
    grad[3] = 1e-30f;
    g_assert_true (rv__dream_bands (bands, grad, NULL));
    for (int i = 0; i < 3 * 7 * side; i++)
      g_assert_true (isfinite (grad[i]));
  }
}

static void
test_colors (void)
{
  g_autoptr (RvImage) lake = formula_picture ("lake", ROWS, COLS);
  g_autofree float *natural = new_picture ("style"), *own = new_picture ("style");
  RvColorMix mix = rv__dream_color_mix ("natural", lake);
  rv__planes_multiply (mix.at[0], FALSE, natural, PIXELS);
  compare_f32 ("natural", natural);
  mix = rv__dream_color_mix ("own", lake);
  rv__planes_multiply (mix.at[0], FALSE, own, PIXELS);
  compare_f32 ("own", own);
  memset (lake->rgb->data, 0, rv_tensor_bytes (lake->rgb)); /* a picture of one colour gives the identity */
  mix = rv__dream_color_mix ("own", lake);
  for (int i = 0; i < 9; i++)
    g_assert_cmpfloat (mix.at[i / 3][i % 3], ==, i % 4 == 0);
}

static void
test_limit (void)
{
  g_autofree float *x = new_picture ("lake"), *base = new_picture ("style");
  float local[PIXELS];
  g_assert_true (rv__dream_limit (x, base, COLS, ROWS, 0.35, local, NULL));
  for (int i = 0; i < 3 * PIXELS; i++)
    x[i] -= base[i];
  compare_f32 ("limit", x);
}

static void
test_ease (void)
{
  g_autofree float *x = new_picture ("lake"), *base = new_picture ("style");
  rv__dream_soft_clip (x, base, 3 * PIXELS);
  for (int i = 0; i < 3 * PIXELS; i++)
    x[i] -= base[i];
  compare_f32 ("ease", x);
}

/* rv__dream_canvas_backward() is the transpose of rv__dream_canvas_fill(): <fill (x), y> = <x, backward (y)>. */
static void
test_place (void)
{
  static const RvDreamCanvas places[] = {
    { 9, 7, 0, -3, 5 }, { 9, 7, 4, 4, 0 }, { 9, 7, 32, 11, 30 }, { 1, 1, 3, 2, 1 }
  };
  for (guint i = 0; i < G_N_ELEMENTS (places); i++) {
    const RvDreamCanvas *p = &places[i];
    int width = p->width + p->margin, height = p->height + p->margin;
    int n = 3 * p->width * p->height, n_canvas = 3 * width * height;
    g_autofree float *x = g_new (float, n), *back = g_new (float, n), *canvas = g_new (float, n_canvas),
                     *y = g_new (float, n_canvas);
    double there = 0, here = 0;
    for (int k = 0; k < n; k++)
      x[k] = (float) test_number (1, (guint64) k);
    for (int k = 0; k < n_canvas; k++)
      y[k] = (float) test_number (2, (guint64) k);
    rv__dream_canvas_fill (p, x, 3, canvas);
    rv__dream_canvas_backward (p, y, back);
    for (int k = 0; k < n_canvas; k++)
      there += (double) canvas[k] * (double) y[k];
    for (int k = 0; k < n; k++)
      here += (double) x[k] * (double) back[k];
    assert_less (fabs (there - here), 1e-5 * (1 + fabs (here)));
    if (p->margin > 0) /* top left pixel of the picture */
      g_assert_cmpfloat (canvas[p->dy * width + p->dx], ==, x[0]);
  }
}

/* ---- runs -------------------------------------------------------------------------------------------------------- */

static RvSettings *
settings_with (const char *const *pairs)
{
  g_autoptr (GError) error = NULL;
  RvSettings *settings = test_settings_of ("dream", "classic");
  rv_settings_set (settings, "exact", "yes", NULL);
  rv_settings_set (settings, "threads", "1", NULL);
  rv_settings_set (settings, "precision", "f32", NULL);
  for (; *pairs; pairs += 2) {
    rv_settings_set (settings, pairs[0], pairs[1], &error);
    g_assert_no_error (error);
  }
  return settings;
}

static gboolean
keep_loss (const RvIteration *progress, gpointer user_data)
{
  *(double *) user_data = progress->loss;
  return progress->stage_iteration < progress->n_stage_iterations;
}

static RvImage *
run (const char *const *pairs, RvNet *net, RvImage *image, RvIterationFunc progress, gpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RvSettings) settings = settings_with (pairs);
  g_autoptr (RvDream) dream = rv__dream_new (settings, net, image, &error);
  RvImage *result = NULL;
  g_assert_no_error (error);
  g_assert_true (rv__dream_run (dream, progress, data, &result, &error));
  g_assert_no_error (error);
  return result;
}

static double *
added (const RvImage *result, const RvImage *image)
{
  gint64 n = rv_tensor_count (image->rgb);
  double *difference = g_new (double, n);
  for (gint64 i = 0; i < n; i++)
    difference[i] = ((double) ((float *) result->rgb->data)[i] - (double) ((float *) image->rgb->data)[i]) / 127.5;
  return difference;
}

/* Compares the change that a run makes with the line @name of the goldens. Compares the loss before the last step with
 * the line "loss NAME", if there is one. */
static void
check_golden (const char *name, const char *const *pairs, double tolerance)
{
  g_autoptr (RvNet) net = formula_vgg ("vgg19", "torchvision", 1, 0.1);
  g_autoptr (RvImage) lake = formula_picture ("lake", ROWS, COLS);
  g_auto (GStrv) lines = formula_golden ("dream-classic-torch.txt");
  g_autofree char *prefix = g_strdup_printf ("loss %s ", name);
  double loss;
  g_autoptr (RvImage) result = run (pairs, net, lake, keep_loss, &loss);
  g_autofree double *by_run = added (result, lake);
  for (char **line = lines; *line; line++)
    if (g_str_has_prefix (*line, prefix))
      assert_less (fabs (loss / g_ascii_strtod (*line + strlen (prefix), NULL) - 1), 1e-5);
  compare (name, by_run, tolerance);
}

#define ONE_OCTAVE "octaves", "1", "jitter", "0", "contrast-limit", "0.03"

static void
test_golden (gconstpointer tile)
{
  check_golden (
    "step", (const char *[]){ ONE_OCTAVE, "layers", "conv2_1:1,conv3_1:0.5", "iterations", "1", "tile", tile, NULL },
    1e-4);
  check_golden ("octave", (const char *[]){ ONE_OCTAVE, "layers", "conv1_1", "iterations", "5", "tile", tile, NULL },
                1e-4);
  check_golden ("largest",
                (const char *[]){ ONE_OCTAVE, "layers", "conv3_1", "objective", "largest", "scale-channels", "no",
                                  "iterations", "1", "tile", tile, NULL },
                1e-4);
}

/* Tiles give the picture of the whole: bands, local strength, the class map and the costs of its groups of words are
 * global. One step only, since rounding changes ReLUs of later steps. */
static void
test_tiles (void)
{
  g_autoptr (RvNet) net = rv_net_new_builtin (NULL);
  g_autoptr (RvImage) image = formula_picture ("content", 150, 200);
  const char *const whole[] = { "octaves", "1", "iterations", "1", NULL };
  const char *const tiled[] = { "octaves", "1", "iterations", "1", "tile", "96", NULL };
  g_autoptr (RvImage) one = run (whole, net, image, NULL, NULL), many = run (tiled, net, image, NULL, NULL);
  g_autofree double *a = added (one, image), *b = added (many, image);
  assert_less (test_relative (b, a, (int) rv_tensor_count (image->rgb)), 1e-4);
}

static gboolean
save_and_stop (const RvIteration *p, gpointer file)
{
  if (p->iteration != 4)
    return TRUE;
  g_autoptr (RvTensorMap) state = rv__dream_state (p);
  g_assert_true (rv_weights_save (state, file, TRUE, NULL));
  return FALSE;
}

/* Resumes within an octave of balanced layers: the bytes equal those of an uninterrupted run. */
static void
test_resume (void)
{
  const char *const pairs[] = { "octaves", "2", "iterations", "3", "look", "eyes", "smallest", "60", NULL };
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = g_dir_make_tmp ("reverie-XXXXXX", NULL), *file = g_build_filename (folder, "run.st", NULL);
  g_autoptr (RvNet) net = rv_net_new_builtin (NULL);
  g_autoptr (RvImage) image = formula_picture ("content", ROWS, COLS), whole = run (pairs, net, image, NULL, NULL),
                      part = run (pairs, net, image, save_and_stop, file), result = NULL;
  g_autoptr (RvSettings) settings = settings_with (pairs);
  g_autoptr (RvDream) again = rv__dream_new (settings, net, image, NULL),
                      damaged = rv__dream_new (settings, net, image, NULL);
  g_autoptr (RvTensorMap) state = rv_weights_load (file, RV_WEIGHTS_ALL, NULL, &error);
  g_assert_nonnull (part);
  g_assert_true (rv__dream_resume (again, state, &error) && rv__dream_run (again, NULL, NULL, &result, &error));
  g_assert_no_error (error);
  g_assert_cmpmem (whole->rgb->data, rv_tensor_bytes (whole->rgb), result->rgb->data, rv_tensor_bytes (result->rgb));
  RvShape one = rv_shape (1, 1);
  g_autoptr (RvTensor) tensor = rv_tensor_new (RV_F64, &one, NULL);
  rv_tensor_map_set (state, "balance", tensor);
  g_clear_pointer (&result, rv_image_unref);
  g_assert_false (rv__dream_resume (damaged, state, &error) && rv__dream_run (damaged, NULL, NULL, &result, &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_FORMAT);
  g_remove (file);
  g_rmdir (folder);
}

/* Words with masks: the picture is unchanged outside the masks, and exchanged masks give another dream. A name that no
 * word has, and a missing mask, are refused. */
static void
test_places (void)
{
  enum { SIDE = 96 };
  const char *const pairs[] = { "octaves", "1", "iterations", "2", "toward", "birds:one,castle:2:other", NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (RvNet) net = rv_net_new_builtin (NULL);
  g_autoptr (RvImage) image = formula_picture ("content", SIDE, SIDE), left = rv_image_new (SIDE, SIDE, NULL),
                      middle = rv_image_new (SIDE, SIDE, NULL);
  RvImage *result[2] = { NULL };
  for (int i = 0; i < 3 * SIDE * SIDE; i++) {
    ((float *) left->rgb->data)[i] = i % SIDE < SIDE / 3 ? 255 : 0;
    ((float *) middle->rgb->data)[i] = i % SIDE >= SIDE / 3 && i % SIDE < 2 * SIDE / 3 ? 255 : 0;
  }
  g_autoptr (RvSettings) settings = settings_with (pairs);
  for (int k = 0; k < 2; k++) {
    g_autoptr (RvDream) dream = rv__dream_new (settings, net, image, &error);
    g_assert_true (rv__dream_set_word_mask (dream, "one", k ? middle : left, &error));
    g_assert_true (rv__dream_set_word_mask (dream, "other", k ? left : middle, &error));
    g_assert_true (rv__dream_run (dream, NULL, NULL, &result[k], &error));
    g_autofree double *difference = added (result[k], image);
    double change[3] = { 0 };
    for (int i = 0; i < 3 * SIDE * SIDE; i++)
      change[i % SIDE / (SIDE / 3)] += fabs (difference[i]);
    assert_less (1, change[0]);
    assert_less (1, change[1]);
    g_assert_cmpfloat (change[2], ==, 0);
  }
  g_assert_cmpint (memcmp (result[0]->rgb->data, result[1]->rgb->data, rv_tensor_bytes (image->rgb)), !=, 0);
  g_autoptr (RvDream) lost = rv__dream_new (settings, net, image, NULL);
  g_assert_false (rv__dream_set_word_mask (lost, "nowhere", left, &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_SETTING);
  g_clear_error (&error);
  g_clear_pointer (&result[0], rv_image_unref);
  g_assert_false (rv__dream_run (lost, NULL, NULL, &result[0], &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_SETTING);
  rv_image_unref (result[1]);
}

#define BLOCK 32

/* Fraction of the blocks that changed by three grey levels or more on average. */
static double
part_changed (const double *difference, int width, int height)
{
  int n = 0, changed = 0;
  for (int top = 0; top + BLOCK <= height; top += BLOCK)
    for (int left = 0; left + BLOCK <= width; left += BLOCK, n++) {
      double sum = 0;
      for (int i = 0; i < 3 * BLOCK * BLOCK; i++) {
        int c = i / (BLOCK * BLOCK), y = top + i / BLOCK % BLOCK, x = left + i % BLOCK;
        sum += fabs (difference[((gint64) c * height + y) * width + x]);
      }
      changed += 127.5 * sum / (3 * BLOCK * BLOCK) >= 3;
    }
  return (double) changed / n;
}

/* Fraction of the values at either end of 0..255. */
static double
part_burnt (const RvImage *image)
{
  gint64 n = rv_tensor_count (image->rgb), burnt = 0;
  for (gint64 i = 0; i < n; i++)
    burnt += ((float *) image->rgb->data)[i] <= 0.5f || ((float *) image->rgb->data)[i] >= 254.5f;
  return (double) burnt / (double) n;
}

/* The dream changes nearly the whole picture and does not saturate. The slow case, in `make check-all`, has two larger
 * sizes, at which dreams are about equally strong. */
static void
test_fills_the_picture (gconstpointer data)
{
  static const int heights[] = { 120, 160, 240 }, widths[] = { 160, 214, 320 };
  int first = g_test_slow () ? 1 : 0, n_sizes = g_test_slow () ? 2 : 1;
  const char *const pairs[] = { NULL };
  g_autoptr (RvNet) net = rv_net_new_builtin (NULL);
  double strength[2];
  for (int i = 0; i < n_sizes; i++) {
    g_autoptr (RvImage) image = formula_picture ("lake", heights[first + i], widths[first + i]),
                        result = run (pairs, net, image, NULL, NULL);
    g_autofree double *difference = added (result, image);
    gint64 n = rv_tensor_count (image->rgb);
    strength[i] = 0;
    for (gint64 k = 0; k < n; k++)
      strength[i] += difference[k] * difference[k] / (double) n;
    double changed = part_changed (difference, image->width, image->height);
    g_test_message ("strength %g, changed %g, burnt %g, before %g", sqrt (strength[i]), changed, part_burnt (result),
                    part_burnt (image));
    assert_less (0.8, changed);
    assert_less (part_burnt (result), part_burnt (image) + 0.02);
  }
  if (n_sizes == 2)
    assert_less (fabs (sqrt (strength[1] / strength[0]) - 1), 0.2);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/dream-classic/bands", test_bands);
  g_test_add_func ("/dream-classic/small-bands", test_small_bands);
  g_test_add_func ("/dream-classic/colors", test_colors);
  g_test_add_func ("/dream-classic/limit", test_limit);
  g_test_add_func ("/dream-classic/ease", test_ease);
  g_test_add_func ("/dream-classic/place", test_place);
  g_test_add_data_func ("/dream-classic/golden", "0", test_golden);
  test_add_slow ("/dream-classic/golden/tiles", "56", test_golden);
  g_test_add_func ("/dream-classic/tiles", test_tiles);
  g_test_add_func ("/dream-classic/resume", test_resume);
  g_test_add_func ("/dream-classic/places", test_places);
  g_test_add_data_func ("/dream-classic/fills-the-picture", NULL, test_fills_the_picture);
  test_add_slow ("/dream-classic/fills-the-picture", NULL, test_fills_the_picture);
  return g_test_run ();
}
