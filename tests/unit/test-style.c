/* test-style.c -- style transfer: falling losses, reproducible bytes, strength, cancellation, failure of every large
 * allocation, losses that are not finite. */
#include "backend/kernel-table.h"
#include "base/alloc.h"
#include "base/system.h"
#include "method/style/denoise.h"
#include "method/style/style-run.h"
#include "method/style/style.h"
#include "support/support.h"
#include <glib/gstdio.h>
#include <math.h>
#include <reverie/weights.h>
#include <string.h>

#define WIDTH 64
#define HEIGHT 48
#define ALL_LAYERS "style-layers=conv1_1,conv2_1,conv3_1,conv4_1:0.5,conv5_1:0.25"

static RvImage *
picture (int width, int height, guint32 stream)
{
  g_autofree guint8 *pixels = g_new (guint8, width * height * 3);
  for (int y = 0; y < height; y++)
    for (int x = 0; x < width; x++)
      for (int c = 0; c < 3; c++) {
        double v = 128 + 60 * sin (x * (0.1 + 0.1 * stream) + c) + 40 * cos (y * 0.23 * stream) +
                   20 * test_number (stream, (guint64) ((y * width + x) * 3 + c));
        pixels[(y * width + x) * 3 + c] = (guint8) CLAMP (v, 0, 255);
      }
  return rv_image_new_from_memory (pixels, RV_PIXEL_U8, width, height, 3, (gsize) width * 3, NULL);
}

typedef struct {
  GArray *losses;
  gint64 stop_at;
  int last_scale;
  double done_01;
} Watch;

static gboolean
watch (const RvIteration *p, gpointer data)
{
  Watch *w = data;
  g_array_append_val (w->losses, p->loss);
  double sum = 0;
  for (int i = 0; rv__style_losses (p->run)[i]; i++)
    sum += p->losses[i];
  g_assert_cmpfloat (fabs (p->loss - sum), <=, 1e-9 * p->loss);
  g_assert_cmpint (p->stage, >=, w->last_scale);
  w->last_scale = p->stage;
  g_assert_true (p->done_01 > w->done_01 && p->done_01 <= 1);
  w->done_01 = p->done_01;
  if (p->iteration == 2) {
    g_autoptr (RvImage) now = rv__style_picture (p, NULL);
    g_assert_cmpint (now->width, ==, p->width);
  }
  return p->iteration != w->stop_at;
}

typedef struct {
  RvSettings *settings;
  RvNet *net;
  RvImage *content, *styles[2];
} Parts;

static void
parts_clear (Parts *parts)
{
  rv_settings_free (parts->settings);
  rv_net_unref (parts->net);
  rv_image_unref (parts->content);
  rv_image_unref (parts->styles[0]);
  rv_image_unref (parts->styles[1]);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Parts, parts_clear)

static gboolean
parts_make (Parts *parts, const char *const *changes, GError **error)
{
  /* Three of the five style layers: the others double the time. Cases that need all set ALL_LAYERS. */
  static const char *const small[] = { "iterations=12",
                                       "start-size=32",
                                       "finish=0",
                                       "exact=yes",
                                       "threads=1",
                                       "style-layers=conv1_1,conv2_1,conv3_1",
                                       "content-layers=conv3_1",
                                       NULL };
  const char *const *lists[] = { small, changes };
  *parts = (Parts){ .settings = test_settings_of ("style", "gallery"), .net = rv_net_new_builtin (error) };
  for (int l = 0; l < 2; l++)
    for (int i = 0; lists[l] && lists[l][i]; i++) {
      g_auto (GStrv) pair = g_strsplit (lists[l][i], "=", 2);
      if (!rv_settings_set (parts->settings, pair[0], pair[1], error))
        return FALSE;
    }
  if (parts->net && (parts->content = picture (WIDTH, HEIGHT, 1)) && (parts->styles[0] = picture (60, 60, 2)) &&
      (parts->styles[1] = picture (50, 70, 3)))
    return TRUE;
  if (!*error)
    g_set_error (error, RV_ERROR, RV_ERROR_MEMORY, "a picture");
  return FALSE;
}

/* (transfer full) (nullable): runs a small style transfer with "option=value" @changes. @losses (nullable): receives
 * the losses. */
static RvImage *
run (const char *const *changes, gint64 stop_at, GArray *losses, GError **error)
{
  g_auto (Parts) parts = { 0 };
  g_autoptr (GError) own_error = NULL;
  RvImage *result = NULL;
  Watch w = { .losses = losses, .stop_at = stop_at };
  g_autoptr (RvStyle) style =
    parts_make (&parts, changes, &own_error)
      ? rv__style_new (parts.settings, parts.net, parts.content, parts.styles, 2, NULL, &own_error)
      : NULL;
  if (style)
    rv__style_run (style, losses ? watch : NULL, &w, &result, &own_error);
  if (own_error)
    g_propagate_error (error, g_steal_pointer (&own_error));
  return result;
}

static void
test_losses_fall (gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) losses = g_array_new (FALSE, FALSE, sizeof (double));
  g_autoptr (RvImage) result = run (data, 0, losses, &error);
  g_assert_no_error (error);
  g_assert_cmpint (result->width, ==, WIDTH);
  g_assert_cmpint (result->height, ==, HEIGHT);
  double first = g_array_index (losses, double, 0), last = g_array_index (losses, double, losses->len - 1);
  assert_less (last, 0.8 * first);
  for (gint64 i = 0; i < rv_tensor_count (result->rgb); i++)
    g_assert_true (isfinite (((float *) result->rgb->data)[i]));
}

static void
test_same_bytes (void)
{
  static const char *const same[] = { ALL_LAYERS, "iterations=6", "threads=2", NULL };
  g_autoptr (RvImage) a = run (same, 0, NULL, NULL), b = run (same, 0, NULL, NULL);
  g_assert_cmpmem (a->rgb->data, rv_tensor_bytes (a->rgb), b->rgb->data, rv_tensor_bytes (b->rgb));
  g_autoptr (RvImage) noise = run ((const char *[]){ "iterations=1", "init=noise", "seed=1", NULL }, 0, NULL, NULL);
  g_autoptr (RvImage) other = run ((const char *[]){ "iterations=1", "init=noise", "seed=2", NULL }, 0, NULL, NULL);
  g_assert_cmpint (memcmp (noise->rgb->data, other->rgb->data, rv_tensor_bytes (noise->rgb)), !=, 0);
}

/* Loss curves of N iterations agree within 1e-3 for one thread, two, and more than there are cores. */
static void
test_threads (gconstpointer data)
{
  guint n_iterations = (guint) atoi (data);
  g_autofree char *iterations = g_strconcat ("iterations=", data, NULL);
  static const char *const counts[] = { "threads=1", "threads=2", "threads=7" };
  GArray *curves[G_N_ELEMENTS (counts)];
  for (guint i = 0; i < G_N_ELEMENTS (counts); i++) {
    const char *changes[] = { ALL_LAYERS, counts[i], "exact=no", "precision=f32", "start-size=0", iterations, NULL };
    curves[i] = g_array_new (FALSE, FALSE, sizeof (double));
    g_autoptr (RvImage) result = run (changes, 0, curves[i], NULL);
    g_assert_cmpuint (curves[i]->len, ==, n_iterations);
  }
  for (guint i = 1; i < G_N_ELEMENTS (counts); i++)
    for (guint k = 0; k < curves[i]->len; k++)
      assert_less (fabs (g_array_index (curves[i], double, k) / g_array_index (curves[0], double, k) - 1), 1e-3);
  for (guint i = 0; i < G_N_ELEMENTS (counts); i++)
    g_array_unref (curves[i]);
}

/* Progress in the last report of a run whose time limit @time ends it before its iterations. */
static double
done_in (const char *time)
{
  g_auto (Parts) parts = { 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (RvImage) result = NULL;
  g_autoptr (GArray) losses = g_array_new (FALSE, FALSE, sizeof (double));
  Watch w = { .losses = losses };
  g_assert_true (parts_make (&parts, (const char *[]){ time, "iterations=1000000", NULL }, &error));
  g_autoptr (RvStyle) style = rv__style_new (parts.settings, parts.net, parts.content, parts.styles, 2, NULL, &error);
  g_assert_true (style && rv__style_run (style, watch, &w, &result, &error));
  return w.done_01;
}

/* A plateau ends a scale, and a time limit ends the run. Both give a picture. */
static void
test_stop (void)
{
  RvEarlyStop stop;
  rv__early_stop_start (&stop, 0, 0.01);
  for (int k = 0; k < RV_EARLY_STOP_PATIENCE; k++)
    g_assert_false (rv__early_stop_update (&stop, 100));
  g_assert_true (rv__early_stop_update (&stop, 99.5));
  g_assert_false (rv__early_stop_update (&stop, 98));
  rv__early_stop_start (&stop, 0, 0);
  for (int k = 0; k < 3 * RV_EARLY_STOP_PATIENCE; k++)
    g_assert_false (rv__early_stop_update (&stop, 100));
  rv__early_stop_start (&stop, 1, 0); /* the limit has passed */
  g_assert_true (rv__early_stop_update (&stop, 100));

  g_autoptr (GArray) flat = g_array_new (FALSE, FALSE, sizeof (double));
  g_autoptr (RvImage) a = run ((const char *[]){ "plateau=1", "iterations=40", NULL }, 0, flat, NULL);
  g_assert_cmpuint (flat->len, ==, 2 * (RV_EARLY_STOP_PATIENCE + 1)); /* two scales */
  g_autoptr (GArray) timed = g_array_new (FALSE, FALSE, sizeof (double));
  g_autoptr (RvImage) b = run ((const char *[]){ "time=0.001s", "iterations=40", NULL }, 0, timed, NULL);
  g_assert_cmpuint (timed->len, ==, 2);
  g_assert_cmpfloat (done_in ("time=0.2s"), >, 0.4); /* a scale of one iteration uses at least half of its time */
  g_assert_true (a && b && b->width == WIDTH);
}

static double
distance (const RvImage *a, const RvImage *b)
{
  double sum = 0;
  gint64 n = rv_tensor_count (a->rgb);
  for (gint64 i = 0; i < n; i++)
    sum += fabs ((double) ((float *) a->rgb->data)[i] - (double) ((float *) b->rgb->data)[i]);
  return sum / (double) n;
}

/* ---- states ------------------------------------------------------------------------------------------------------ */

typedef struct {
  gint64 stop_at;
  const char *file;
} Saving;

static gboolean
save_and_stop (const RvIteration *p, gpointer data)
{
  const Saving *saving = data;
  if (p->iteration != saving->stop_at)
    return TRUE;
  g_autoptr (RvTensorMap) state = rv__style_state (p);
  g_assert_true (rv_weights_save (state, saving->file, TRUE, NULL));
  return FALSE;
}

/* (transfer full) (nullable): result of a run that is stopped after @at iterations, saved to @file, and resumed.
 * @error: of loading, resuming or running. */
static RvImage *
run_in_two (const char *const *changes, gint64 at, const char *file, GError **error)
{
  g_auto (Parts) parts = { 0 };
  g_assert_true (parts_make (&parts, changes, error));
  Saving saving = { at, file };
  RvImage *result = NULL;
  for (int run_no = 0; run_no < 2; run_no++) {
    g_autoptr (RvStyle) style = rv__style_new (parts.settings, parts.net, parts.content, parts.styles, 2, NULL, NULL);
    g_autoptr (RvTensorMap) state = run_no ? rv_weights_load (file, RV_WEIGHTS_ALL, NULL, error) : NULL;
    if (run_no && (!state || !rv__style_resume (style, state, error)))
      return NULL;
    g_clear_pointer (&result, rv_image_unref);
    if (!rv__style_run (style, run_no ? NULL : save_and_stop, &saving, &result, error))
      return NULL;
  }
  return result;
}

/* Resumes at the start, within scales and at their ends: the bytes equal those of an uninterrupted run. `make
 * check-all` tests all iterations of @moments and several kinds of runs; else two iterations of one kind are tested. */
static void
test_resume (gconstpointer data)
{
  /* A scale ends at 24; with a plateau at 21; --until is 25. */
  static const gint64 moments[] = { 1, 9, 21, 24, 25, 31, 36 };
  g_autofree char *folder = g_dir_make_tmp ("reverie-XXXXXX", NULL), *file = g_build_filename (folder, "run.st", NULL);
  g_autoptr (RvImage) whole = run (data, 0, NULL, NULL);
  for (guint i = !g_test_slow (); i < G_N_ELEMENTS (moments); i += g_test_slow () ? 1 : 3) {
    g_autoptr (GError) error = NULL;
    g_autoptr (RvImage) two = run_in_two (data, moments[i], file, &error);
    g_assert_no_error (error);
    g_assert_cmpmem (whole->rgb->data, rv_tensor_bytes (whole->rgb), two->rgb->data, rv_tensor_bytes (two->rgb));
  }
  g_remove (file);
  g_rmdir (folder);
}

/* States with an invalid member, and states of other settings, are refused by rv__style_resume() or rv__style_run(). */
static void
test_state_refused (void)
{
  static const char *const texts[] = { "reverie",         "settings",     "stage",       "done",
                                       "iteration",       "left out",     "tuned",       "fits",
                                       "optim.iteration", "microseconds", "optim.shrunk" };
  static const char *const tensors[] = { "x", "average", "optim.slot.0", "optim.slot.1", "stop" };
  g_autofree char *folder = g_dir_make_tmp ("reverie-XXXXXX", NULL), *file = g_build_filename (folder, "run.st", NULL);
  g_autoptr (RvImage) two = run_in_two (NULL, 5, file, NULL);
  g_auto (Parts) parts = { 0 };
  g_assert_true (parts_make (&parts, NULL, NULL));
  for (guint i = 0; i < G_N_ELEMENTS (texts) + G_N_ELEMENTS (tensors); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (RvTensorMap) state = rv_weights_load (file, RV_WEIGHTS_ALL, NULL, NULL);
    g_autoptr (RvStyle) style = rv__style_new (parts.settings, parts.net, parts.content, parts.styles, 2, NULL, NULL);
    g_autoptr (RvImage) result = NULL;
    RvShape one = rv_shape (1, 1);
    g_autoptr (RvTensor) tensor = rv_tensor_new (RV_F32, &one, NULL);
    if (i < G_N_ELEMENTS (texts))
      rv_tensor_map_set_text (state, texts[i], "-7");
    else
      rv_tensor_map_set (state, tensors[i - G_N_ELEMENTS (texts)], tensor);
    g_assert_false (rv__style_resume (style, state, &error) && rv__style_run (style, NULL, NULL, &result, &error));
    g_assert_true (error->code == RV_ERROR_FORMAT || error->code == RV_ERROR_SETTING);
  }
  g_autoptr (GError) error = NULL;
  g_autoptr (RvTensorMap) state = rv_weights_load (file, RV_WEIGHTS_ALL, NULL, NULL);
  rv_settings_set (parts.settings, "strength", "33", NULL);
  g_autoptr (RvStyle) other = rv__style_new (parts.settings, parts.net, parts.content, parts.styles, 2, NULL, NULL);
  g_assert_false (rv__style_resume (other, state, &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_SETTING);
  g_assert_nonnull (strstr (error->message, "'strength'=33"));
  /* A state without an option that was added later is valid while that option is not set. */
  g_autofree char *settings = g_strdup (rv_tensor_map_get_text (state, "settings"));
  char *match = strstr (settings, "match=\n");
  memmove (match, match + strlen ("match=\n"), strlen (match + strlen ("match=\n")) + 1);
  rv_tensor_map_set_text (state, "settings", settings);
  g_autoptr (RvStyle) later = rv__style_new (parts.settings, parts.net, parts.content, parts.styles, 2, NULL, NULL);
  rv_settings_set (parts.settings, "strength", "50", NULL);
  g_autoptr (RvStyle) same = rv__style_new (parts.settings, parts.net, parts.content, parts.styles, 2, NULL, NULL);
  g_clear_error (&error);
  g_assert_false (rv__style_resume (later, state, &error));
  g_assert_nonnull (strstr (error->message, "'strength'=33"));
  g_assert_true (rv__style_resume (same, state, NULL));
  g_remove (file);
  g_rmdir (folder);
}

/* The fit into memory is restored only on the backend that saved the state. */
static void
test_state_of_other_backend (void)
{
  g_autofree char *folder = g_dir_make_tmp ("reverie-XXXXXX", NULL), *file = g_build_filename (folder, "run.st", NULL);
  g_autoptr (RvImage) two = run_in_two (NULL, 5, file, NULL);
  g_auto (Parts) parts = { 0 };
  g_assert_true (parts_make (&parts, NULL, NULL));
  for (int is_other = 0; is_other < 2; is_other++) {
    g_autoptr (RvTensorMap) state = rv_weights_load (file, RV_WEIGHTS_ALL, NULL, NULL);
    g_autoptr (RvStyle) style = rv__style_new (parts.settings, parts.net, parts.content, parts.styles, 2, NULL, NULL);
    g_autoptr (GString) fits = g_string_new (NULL);
    g_autoptr (RvImage) result = NULL;
    for (guint i = 0; i < style->engine->stages->len; i++)
      g_string_append (fits, "0 1 0\n"); /* recomputes features */
    rv_tensor_map_set_text (state, "fits", fits->str);
    if (is_other)
      rv_tensor_map_set_text (state, "backend", "other");
    g_assert_true (rv__style_resume (style, state, NULL) && rv__style_run (style, NULL, NULL, &result, NULL));
    g_assert_cmpint (rv__engine_stage (style->engine, 0)->fit.recompute, ==, !is_other);
  }
  g_remove (file);
  g_rmdir (folder);
}

/* A flat photograph and flat paintings give losses below 1e20, which have finite gradients. */
static void
test_flat (void)
{
  static const char *const losses[] = { "content-loss=relative", "content-loss=laplacian", "style-loss=relative",
                                        "style-loss=swd",        "style-loss=histogram",   "style-loss=neighbours" };
  for (guint i = 0; i < G_N_ELEMENTS (losses); i++) {
    g_auto (Parts) parts = { 0 };
    g_autoptr (GError) error = NULL;
    g_autoptr (GArray) seen = g_array_new (FALSE, FALSE, sizeof (double));
    Watch w = { .losses = seen, .stop_at = 4 };
    g_autoptr (RvImage) result = NULL;
    g_assert_true (parts_make (&parts, (const char *[]){ losses[i], "start-size=0", NULL }, NULL));
    RvImage *const flat[] = { parts.content, parts.styles[0], parts.styles[1] };
    for (int p = 0; p < 3; p++)
      for (gint64 k = 0; k < rv_tensor_count (flat[p]->rgb); k++)
        ((float *) flat[p]->rgb->data)[k] = p == 0 ? 255 : 0;
    g_autoptr (RvStyle) style = rv__style_new (parts.settings, parts.net, parts.content, parts.styles, 2, NULL, NULL);
    rv__style_run (style, watch, &w, &result, &error);
    g_assert_no_error (error);
    for (guint k = 0; k < seen->len; k++)
      g_assert_cmpfloat (g_array_index (seen, double, k), <, 1e20); /* larger losses have infinite gradients in f32 */
  }
}

typedef struct {
  const char *changes[4];
  int factor;      /* size of the masks, relative to the content */
  float dark;      /* grey level of the unpainted area */
  gboolean masked; /* by masks, else by a protected area */
} KeptCase;

/* (transfer full): a mask with @left on its left half and @right on its right half. */
static RvImage *
two_halves (const KeptCase *c, float left, float right)
{
  RvImage *mask = rv_image_new (c->factor * WIDTH, c->factor * HEIGHT, NULL);
  for (gint64 i = 0; i < rv_tensor_count (mask->rgb); i++)
    ((float *) mask->rgb->data)[i] = i % mask->width < mask->width / 2 ? left : right;
  return mask;
}

/* Protected areas, and areas where all masks are black, equal the content. The rest is painted. */
static void
test_kept (gconstpointer data)
{
  const KeptCase *c = data;
  g_auto (Parts) parts = { 0 };
  g_assert_true (parts_make (&parts, c->changes, NULL));
  g_autoptr (RvImage) white_left = two_halves (c, 255 - c->dark, 0), white_right = two_halves (c, c->dark, 255),
                      dark = two_halves (c, c->dark / 2, 128), result = NULL;
  RvImage *masks[] = { white_right, dark };
  gint64 plane = WIDTH * HEIGHT;
  g_autoptr (RvStyle) style = rv__style_new (parts.settings, parts.net, parts.content, parts.styles, 2, NULL, NULL);
  if (c->masked)
    rv__style_set_masks (style, masks);
  else
    rv__style_set_protect (style, white_left);
  g_assert_true (rv__style_run (style, NULL, NULL, &result, NULL));
  double painted = 0;
  for (gint64 i = 0; i < 3 * plane; i++) {
    double off = fabs ((double) ((float *) result->rgb->data)[i] - (double) ((float *) parts.content->rgb->data)[i]);
    if (i % WIDTH < WIDTH / 2 - (c->factor > 1 ? 2 : 0)) /* a reduced mask has soft edges */
      g_assert_cmpfloat (off, ==, 0);
    painted += off;
  }
  g_assert_cmpfloat (painted, >, plane);
}

/* ---- settings ---------------------------------------------------------------------------------------------------- */

static void
test_strength (void)
{
  static const char *const values[] = { "strength=0", "strength=20", "strength=50", "strength=90" };
  g_autoptr (RvImage) content = picture (WIDTH, HEIGHT, 1);
  double last = -1;
  for (guint i = 0; i < G_N_ELEMENTS (values); i++) {
    g_autoptr (RvImage) result = run ((const char *[]){ "iterations=4", values[i], NULL }, 0, NULL, NULL);
    double d = distance (result, content);
    if (i == 0)
      g_assert_cmpfloat (d, ==, 0);
    assert_less (last, d + (i == 0));
    last = d;
  }
}

static void
test_cancel (void)
{
  for (gint64 at = 1; at < 10; at += 3) {
    g_autoptr (GError) error = NULL;
    g_autoptr (GArray) losses = g_array_new (FALSE, FALSE, sizeof (double));
    g_autoptr (RvImage) result = run ((const char *[]){ "iterations=4", NULL }, at, losses, &error);
    g_assert_no_error (error);
    g_assert_cmpint (losses->len, ==, at);
    g_assert_cmpint (result->width, ==, WIDTH); /* enlarged if stopped at a coarse scale */
  }
}

static void
test_not_a_number (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RvImage) result = run ((const char *[]){ "optimizer=sgd", "learning-rate=1000000000", "clamp=no",
                                                      "average=0", "style-weight=1000000", NULL },
                                    0, NULL, &error);
  g_assert_error (error, RV_ERROR, RV_ERROR_NUMBER);
  g_assert_nonnull (strstr (error->message, "'learning-rate'"));
  g_assert_nonnull (result);
  for (gint64 i = 0; i < rv_tensor_count (result->rgb); i++)
    g_assert_true (isfinite (((float *) result->rgb->data)[i]));
}

/* Distance between the allocations that fail, each in a run of its own. In `make check-all` every allocation fails
 * once, else every seventh. */
static int
next_failure (void)
{
  return g_test_slow () ? 1 : 7;
}

static void
test_out_of_memory (gconstpointer change)
{
  int n_failed = 0;
  for (int at = 1;; at += next_failure ()) {
    g_autoptr (GError) error = NULL;
    rv__alloc_fail_at (at);
    g_autoptr (RvImage) result =
      run ((const char *[]){ "iterations=1", change, "content-layers=conv2_2", "style-layers=conv1_1,conv2_1", NULL },
           0, NULL, &error);
    rv__alloc_fail_at (0);
    if (!error)
      break; /* all allocations were tried */
    g_assert_error (error, RV_ERROR, RV_ERROR_MEMORY);
    g_assert_null (result);
    n_failed++;
  }
  g_assert_cmpint (n_failed * next_failure (), >, 50);
}

static void
test_masks_out_of_memory (gconstpointer data)
{
  int n_failed = 0;
  for (int at = 1;; at += next_failure ()) {
    g_auto (Parts) parts = { 0 };
    g_autoptr (GError) error = NULL;
    g_autoptr (RvImage) result = NULL;
    g_assert_true (parts_make (&parts,
                               (const char *[]){ "iterations=1", "start-size=0", "content-layers=conv2_2",
                                                 "style-layers=conv1_1,conv2_1", NULL },
                               NULL));
    g_autoptr (RvStyle) style = rv__style_new (parts.settings, parts.net, parts.content, parts.styles, 2, NULL, NULL);
    rv__style_set_masks (style, parts.styles);
    rv__alloc_fail_at (at);
    gboolean ok = rv__style_run (style, NULL, NULL, &result, &error);
    rv__alloc_fail_at (0);
    if (ok)
      break;
    g_assert_error (error, RV_ERROR, RV_ERROR_MEMORY);
    g_assert_null (result);
    n_failed++;
  }
  g_assert_cmpint (n_failed * next_failure (), >, 15);
}

/* Losses in tiles equal those of the whole picture, with a margin and two styles. The steps are those of gradient
 * descent: Adam divides by the gradient, so that a rounding error can move a pixel by a whole step. */
static void
test_tiles (void)
{
  static const char *const changes[][9] = {
    { "tile=0", "content-layers=conv2_2", "style-layers=conv1_1,conv2_1", "start-size=0", "iterations=6",
      "style-scale=1.5", "optimizer=sgd", "learning-rate=10000", NULL },
    { "tile=40", "content-layers=conv2_2", "style-layers=conv1_1,conv2_1", "start-size=0", "iterations=6",
      "style-scale=1.5", "optimizer=sgd", "learning-rate=10000", NULL },
  };
  g_autoptr (GArray) whole = g_array_new (FALSE, FALSE, sizeof (double));
  g_autoptr (GArray) tiled = g_array_new (FALSE, FALSE, sizeof (double));
  g_autoptr (GError) error = NULL;
  g_autoptr (RvImage) a = run (changes[0], 0, whole, &error), b = run (changes[1], 0, tiled, &error);
  g_assert_no_error (error);
  g_assert_true (a && b);
  g_assert_cmpuint (whole->len, ==, 6);
  g_assert_cmpuint (tiled->len, ==, 6);
  for (guint i = 0; i < 6; i++)
    assert_less (fabs (g_array_index (tiled, double, i) / g_array_index (whole, double, i) - 1), 1e-6);
}

/* Too little memory even for small tiles is RV_ERROR_MEMORY. Wrong sizes are RV_ERROR_SETTING. */
static void
test_memory (void)
{
  static const char *const sizes[] = { "50", "10M", "0.02 GB" };
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++) {
    g_autofree char *change = g_strconcat ("memory=", sizes[i], NULL);
    g_autoptr (GError) error = NULL;
    g_autoptr (RvImage) none = run ((const char *[]){ change, NULL }, 0, NULL, &error);
    g_assert_error (error, RV_ERROR, RV_ERROR_MEMORY);
    g_assert_nonnull (strstr (error->message, "even in small tiles"));
  }
  static const char *const wrong[] = { "2 apples", "M", "-1G", "1e30", "nan" };
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++) {
    g_autofree char *change = g_strconcat ("memory=", wrong[i], NULL);
    g_autoptr (GError) error = NULL;
    g_autoptr (RvImage) none = run ((const char *[]){ change, NULL }, 0, NULL, &error);
    g_assert_error (error, RV_ERROR, RV_ERROR_SETTING);
  }
}

/* One mask for all styles, as of `only`, counts once: grey is half painted. Two masks overlap. */
static void
test_one_mask (void)
{
  g_autoptr (RvImage) black = picture (16, 16, 1), white = picture (16, 16, 1), grey = picture (16, 16, 1),
                      other = picture (16, 16, 1);
  for (int i = 0; i < 3 * 16 * 16; i++) {
    ((float *) black->rgb->data)[i] = 0;
    ((float *) white->rgb->data)[i] = 255;
    ((float *) grey->rgb->data)[i] = ((float *) other->rgb->data)[i] = 128;
  }
  RvImage *const same[] = { grey, grey }, *const two[] = { grey, other };
  g_autoptr (RvImage) once = rv__style_blend_unpainted (white, black, same, NULL, 2, NULL, NULL),
                      twice = rv__style_blend_unpainted (white, black, two, NULL, 2, NULL, NULL);
  g_assert_cmpfloat (fabs (*(const float *) once->rgb->data - 123), <, 2); /* nearly black counts as black */
  g_assert_cmpfloat (*(const float *) twice->rgb->data, >, 240);
}

/* Regions are found in the painting as it is, with `match-colors`, too, as the sheet of regions shows them. */
static void
test_regions_of_original (void)
{
  g_auto (Parts) parts = { 0 };
  g_assert_true (parts_make (&parts, (const char *[]){ "regions=2", "content-target=own", NULL }, NULL));
  g_clear_pointer (&parts.content, rv_image_unref);
  parts.content = picture (96, 64, 1);
  g_autoptr (RvStyle) plain = rv__style_new (parts.settings, parts.net, parts.content, parts.styles, 1, NULL, NULL);
  g_assert_true (rv_settings_set (parts.settings, "match-colors", "yes", NULL));
  g_autoptr (RvStyle) matched = rv__style_new (parts.settings, parts.net, parts.content, parts.styles, 1, NULL, NULL);
  g_assert_true (plain && matched && plain->regions && matched->regions);
  for (int i = 0; i < plain->n_styles; i++)
    g_assert_cmpmem (plain->regions->painting[i]->data, rv__compact_image_bytes (plain->regions->painting[i]),
                     matched->regions->painting[i]->data, rv__compact_image_bytes (matched->regions->painting[i]));
  GArray *buffers = rv__style_buffers (&(RvStyleRun){ .style = plain }, rv__style_scale (plain, 0));
  gsize with_mask = rv__buffers_peak (buffers, 0, G_MAXINT);
  g_array_unref (buffers);
  RvRegions *regions = g_steal_pointer (&plain->regions);
  buffers = rv__style_buffers (&(RvStyleRun){ .style = plain }, rv__style_scale (plain, 0));
  /* the mask of a style picture is planned */
  g_assert_cmpuint (with_mask, >=, rv__buffers_peak (buffers, 0, G_MAXINT));
  g_array_unref (buffers);
  plain->regions = regions;
}

/* Two transfers that share regions share the statistics of the painting's regions and the engine; others do not. */
static void
test_shared_regions (void)
{
  g_auto (Parts) parts = { 0 };
  g_assert_true (parts_make (&parts, (const char *[]){ "content-target=own", NULL }, NULL));
  g_clear_pointer (&parts.content, rv_image_unref);
  parts.content = picture (96, 64, 1);
  g_autoptr (RvRegions) regions = rv__regions_find (parts.content, parts.styles[0], "2", NULL, 1, NULL),
                        again = rv__regions_find (parts.content, parts.styles[0], "2", NULL, 1, NULL);
  g_autoptr (RvKernelTable) kernels = rv_kernel_table_new ();
  RvRegions *const of_style[] = { regions, regions, again };
  RvStyle *style[3];
  for (int i = 0; i < 3; i++) {
    RvImage *const masks[] = { parts.content, parts.content };
    style[i] = rv__style_new (parts.settings, parts.net, parts.content, parts.styles, 1, NULL, NULL);
    rv__style_set_regions (style[i], of_style[i]);
    rv__style_set_masks (style[i], masks);
    rv__style_set_kernels (style[i], kernels);
    if (i > 0)
      rv__style_reuse (style[i], style[0]);
  }
  g_assert_cmpint (regions->n, ==, 2);
  g_assert_true (style[1]->targets == style[0]->targets && style[1]->engine == style[0]->engine);
  g_assert_true (style[2]->targets != style[0]->targets && style[2]->engine != style[0]->engine);
  for (int i = 0; i < 3; i++)
    rv__style_free (style[i]);
}

/* If even small tiles leave too little memory for all pairs of L-BFGS, the history is shorter, and plan.history is its
 * length. */
static void
test_short_history (gconstpointer unused)
{
  g_auto (Parts) parts = { 0 };
  RvPlan plan;
  g_assert_true (parts_make (
    &parts, (const char *[]){ "optimizer=lbfgs", "history=100", "start-size=0", "content-target=own", NULL }, NULL));
  g_clear_pointer (&parts.content, rv_image_unref);
  parts.content = picture (384, 288, 1);
  for (int is_short = 0; is_short < 2; is_short++) {
    gsize pairs = 100 * 2 * 384 * 288 * 3 * sizeof (float), bytes = rv__system_resident_bytes () + pairs;
    g_autofree char *memory = g_strdup_printf ("%zuM", (is_short ? bytes - pairs / 2 : 2 * bytes) >> 20);
    g_assert_true (rv_settings_set (parts.settings, "memory", memory, NULL));
    g_autoptr (RvStyle) style = rv__style_new (parts.settings, parts.net, parts.content, parts.styles, 2, NULL, NULL);
    g_assert_true (rv__style_plan (style, &plan, NULL));
    if (is_short)
      g_assert_true (plan.history >= 2 && plan.history < 100);
    else
      g_assert_cmpint (plan.history, ==, 0);
  }
}

/* Names are unique, including the optimisers' options: a second option of one name could not be set. */
static void
test_options_once (void)
{
  g_autoptr (GHashTable) names = g_hash_table_new (g_str_hash, g_str_equal);
  for (const RvOption *option = rv_settings_option ("style", 0); option->name; option++)
    g_assert_true (g_hash_table_add (names, (gpointer) option->name));
  g_assert_true (g_hash_table_contains (names, "beta1") && g_hash_table_contains (names, "line-search"));
}

static void
test_wrong_settings (void)
{
  static const struct {
    const char *change, *word;
  } wrong[] = {
    { "style-layers=conv9_9", "conv1_1" },
    { "content-layers=conv4_2:-1", "0 or more" },
    { "style-layers=conv1_1:nan", "0 or more" },
    { "style-blend=1,2,3", "3 weights for 2" },
    { "style-blend=0,0", "all 0" },
    { "style-blend=1,x", "'x'" },
    { "style-layers=,", "no layer" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (RvImage) result = run ((const char *[]){ wrong[i].change, NULL }, 0, NULL, &error);
    g_assert_null (result);
    g_assert_error (error, RV_ERROR, RV_ERROR_SETTING);
    g_test_message ("%s", error->message);
    g_assert_nonnull (strstr (error->message, wrong[i].word));
  }
  g_autoptr (GError) error = NULL;
  g_autoptr (RvImage) nothing =
    run ((const char *[]){ "style-weight=0", "content-weight=0", "tv-weight=0", NULL }, 0, NULL, &error);
  g_assert_error (error, RV_ERROR, RV_ERROR_SETTING);
}

/* Settings that are NULL or of another kind are refused, and so are calls without style pictures. */
static void
test_other_settings (void)
{
  for (int i = 0; i < 2; i++) {
    g_auto (Parts) parts = { 0 };
    g_autoptr (GError) error = NULL, again = NULL;
    g_assert_true (parts_make (&parts, NULL, NULL));
    g_autoptr (RvSettings) s = i == 0 ? NULL : rv_settings_new ("dream", NULL);
    g_assert_false (rv__style_settings_check (s, "builtin", 2, &again));
    g_assert_error (again, RV_ERROR, RV_ERROR_SETTING);
    g_assert_null (rv__style_new (s, parts.net, parts.content, parts.styles, 2, NULL, &error));
    g_assert_error (error, RV_ERROR, RV_ERROR_SETTING);
    g_test_message ("%s", error->message);
  }
  g_auto (Parts) parts = { 0 };
  g_autoptr (GError) error = NULL;
  g_assert_true (parts_make (&parts, NULL, NULL));
  g_assert_null (rv__style_new (parts.settings, parts.net, parts.content, parts.styles, 0, NULL, &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_SETTING);
}

/* ---- order of calls ---------------------------------------------------------------------------------------------- */

static gboolean
run_within (const RvIteration *p, gpointer data)
{
  g_autoptr (GError) error = NULL;
  RvImage *result = NULL;
  g_assert_false (rv__style_run (p->run, NULL, NULL, &result, &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_SETTING);
  return TRUE;
}

/* A run frees its pictures: another run is refused, also within the first. */
static void
test_run_again (void)
{
  g_auto (Parts) parts = { 0 };
  g_autoptr (GError) error = NULL, again = NULL;
  g_autoptr (RvImage) result = NULL, none = NULL;
  RvPlan plan;
  g_assert_true (parts_make (&parts, (const char *[]){ "iterations=1", NULL }, NULL));
  g_autoptr (RvStyle) style = rv__style_new (parts.settings, parts.net, parts.content, parts.styles, 2, NULL, NULL);
  g_assert_true (rv__style_run (style, run_within, NULL, &result, &error));
  g_assert_no_error (error);
  g_assert_false (rv__style_run (style, NULL, NULL, &none, &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_SETTING);
  g_assert_null (none);
  rv__style_set_protect (style, parts.styles[0]);
  g_assert_false (rv__style_plan (style, &plan, &again));
  g_assert_error (again, RV_ERROR, RV_ERROR_SETTING);
}

/* A run that reuses prepared styles may need targets that the other run did not prepare. */
static void
test_share (void)
{
  g_auto (Parts) parts = { 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (RvImage) alone = run ((const char *[]){ "iterations=2", NULL }, 0, NULL, NULL);
  g_assert_true (parts_make (&parts, (const char *[]){ "iterations=2", "style-weight=0", NULL }, NULL));
  g_autoptr (RvStyle) without = rv__style_new (parts.settings, parts.net, parts.content, parts.styles, 2, NULL, NULL);
  g_autoptr (RvImage) plain = NULL, painted = NULL;
  rv_settings_set (parts.settings, "style-weight", "1", NULL);
  g_autoptr (RvStyle) with = rv__style_new (parts.settings, parts.net, parts.content, parts.styles, 2, NULL, NULL);
  rv__style_reuse (with, without);
  g_assert_true (rv__style_run (without, NULL, NULL, &plain, &error));
  g_clear_pointer (&without, rv__style_free);
  g_assert_true (rv__style_run (with, NULL, NULL, &painted, &error));
  g_assert_no_error (error);
  g_assert_cmpmem (alone->rgb->data, rv_tensor_bytes (alone->rgb), painted->rgb->data, rv_tensor_bytes (painted->rgb));
}

/* (transfer full): paints the next of several pictures and reuses the run *last, which it replaces. *n_made: programs
 * compiled so far. */
static RvImage *
run_next (Parts *parts, RvImage *content, RvKernelTable *kernels, RvStyle **last, guint *n_made)
{
  g_autoptr (GError) error = NULL;
  RvImage *result = NULL;
  RvStyle *style = rv__style_new (parts->settings, parts->net, content, parts->styles, 2, NULL, &error);
  rv__style_set_kernels (style, kernels);
  if (*last)
    rv__style_reuse (style, *last);
  rv__style_free (*last);
  *last = style;
  g_assert_true (rv__style_run (style, NULL, NULL, &result, &error));
  *n_made = style->engine->n_made;
  return result;
}

/* A picture that reuses the previous run has the bytes of an independent run. The third picture of one size compiles
 * nothing. */
static void
test_next_picture (gconstpointer tile)
{
  g_auto (Parts) parts = { 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (RvKernelTable) kernels = rv_kernel_table_new ();
  g_autoptr (RvStyle) last = NULL;
  g_assert_true (parts_make (&parts, (const char *[]){ "iterations=1", tile, NULL }, &error));
  g_autoptr (RvImage) other = picture (WIDTH, HEIGHT, 4), smaller = picture (WIDTH / 2, HEIGHT, 4);
  RvImage *const contents[] = { parts.content, other, parts.content, smaller };
  guint first = 0, n_made;
  for (guint i = 0; i < G_N_ELEMENTS (contents); i++) {
    g_autoptr (RvStyle) alone = NULL;
    g_autoptr (RvImage) result = run_next (&parts, contents[i], kernels, &last, &n_made),
                        expected = run_next (&parts, contents[i], kernels, &alone, &(guint){ 0 });
    g_assert_cmpmem (result->rgb->data, rv_tensor_bytes (result->rgb), expected->rgb->data,
                     rv_tensor_bytes (expected->rgb));
    first = i == 0 ? n_made : first;
    g_assert_cmpuint (n_made, ==, i == 3 ? last->scales->len : i > 0 ? 2 * first : first);
  }
}

/* The measured kernels are those that the run used. The single forward pass of a painting of another size uses kernels
 * that are guessed, and not stored. */
static void
test_kernels_used (void)
{
  g_auto (Parts) parts = { 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (RvKernelTable) kernels = rv_kernel_table_new ();
  g_autoptr (RvStyle) style = NULL;
  g_assert_true (parts_make (&parts, (const char *[]){ "iterations=1", "exact=no", "tune=yes", NULL }, &error));
  rv_image_unref (parts.styles[0]);
  parts.styles[0] = picture (4 * WIDTH, 4 * HEIGHT, 2);
  g_autoptr (RvImage) result = run_next (&parts, parts.content, kernels, &style, &(guint){ 0 });
  g_autoptr (RvKernelTable) used = rv__kernel_table_used (kernels);
  g_autofree char *measured = rv__kernel_table_to_text (kernels), *text = rv__kernel_table_to_text (used);
  g_assert_cmpstr (text, ==, measured);
}

/* (transfer full): a plane that is 1 left of @column, and @right from there on. */
static RvTensor *
plane (int column, float right)
{
  RvShape shape = rv_shape (4, 1, 1, HEIGHT, WIDTH);
  RvTensor *made = rv_tensor_new (RV_F32, &shape, NULL);
  for (int i = 0; i < HEIGHT * WIDTH; i++)
    ((float *) made->data)[i] = i % WIDTH < column ? 1 : right;
  return made;
}

/* (transfer full): result of frame @n of a video. @with (nullable): a run to reuse. */
static RvImage *
run_frame (Parts *parts, int n, const RvStyle *with, guint *n_made)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RvImage) frame = picture (WIDTH, HEIGHT, 1 + (guint32) n), start = picture (WIDTH, HEIGHT, 2);
  g_autoptr (RvTensor) trust = plane (WIDTH / 2 + 8 * n, 0.25f), still = plane (8 * n, 0);
  RvImage *result = NULL;
  g_autoptr (RvStyle) style = rv__style_new (parts->settings, parts->net, frame, parts->styles, 2, start, &error);
  g_assert_true (rv__style_set_previous_frame (style, start, trust, still, &error));
  if (with) {
    rv__style_set_kernels (style, with->engine->kernels);
    rv__style_reuse (style, with);
  }
  g_assert_true (rv__style_run (style, NULL, NULL, &result, &error));
  g_assert_no_error (error);
  *n_made = style->engine->n_made;
  for (int i = 0; i < 3 * HEIGHT * WIDTH; i++)
    if (i % WIDTH < 8 * n)
      assert_less (fabs ((double) ((float *) result->rgb->data)[i] - (double) ((float *) start->rgb->data)[i]), 1e-3);
  return result;
}

/* Frames with different masks reuse compiled programs and have the bytes of independent runs. Static regions are
 * unchanged. A confidence of another size is RV_ERROR_SHAPE. */
static void
test_frames (gconstpointer change)
{
  g_auto (Parts) parts = { 0 };
  g_autoptr (GError) error = NULL;
  const char *const changes[] = { "iterations=3", "start-size=0", "init=picture", "temporal-weight=100", change, NULL };
  guint n_made, alone;
  g_assert_true (parts_make (&parts, changes, &error));
  g_autoptr (RvTensor) ones = plane (WIDTH, 1), small = NULL;
  g_autoptr (RvStyle) model =
    rv__style_new (parts.settings, parts.net, parts.content, parts.styles, 2, parts.content, NULL);
  g_assert_true (rv__style_set_previous_frame (model, parts.content, ones, NULL, &error));
  for (int n = 0; n < 3; n++) {
    g_autoptr (RvImage) shared = run_frame (&parts, n, model, &n_made), own = run_frame (&parts, n, NULL, &alone);
    g_assert_cmpmem (shared->rgb->data, rv_tensor_bytes (shared->rgb), own->rgb->data, rv_tensor_bytes (own->rgb));
    g_assert_cmpuint (n_made, ==, 1);
  }
  RvShape shape = rv_shape (4, 1, 1, HEIGHT - 1, WIDTH);
  small = rv_tensor_new (RV_F32, &shape, NULL);
  g_assert_false (rv__style_set_previous_frame (model, parts.content, small, NULL, &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_SHAPE);
}

static gboolean
count_down (gpointer data)
{
  int *left = data;
  return --*left < 0;
}

/* A stop while styles are measured is an error before the first scale. Later it gives the picture of the previous
 * scale. */
static void
test_stop_between (void)
{
  gboolean pictures = FALSE, errors = FALSE;
  for (int asked = 0;; asked++) {
    g_auto (Parts) parts = { 0 };
    g_autoptr (GError) error = NULL;
    g_autoptr (RvImage) result = NULL;
    int left = asked;
    g_assert_true (parts_make (&parts, (const char *[]){ "iterations=1", NULL }, NULL));
    g_autoptr (RvStyle) style = rv__style_new (parts.settings, parts.net, parts.content, parts.styles, 2, NULL, NULL);
    rv__style_set_stop_request (style, (RvStopRequest){ count_down, &left });
    gboolean ok = rv__style_run (style, NULL, NULL, &result, &error);
    if (left >= 0)
      break; /* the run polls less often than that */
    g_assert_true (ok == (result != NULL));
    if (!ok)
      g_assert_error (error, RV_ERROR, RV_ERROR_CANCELLED);
    g_assert_true (ok || !pictures); /* errors come first, at the first scale */
    pictures |= ok;
    errors |= !ok;
  }
  g_assert_true (pictures && errors);

  g_auto (Parts) parts = { 0 };
  g_autoptr (GError) error = NULL;
  RvPlan plan;
  int none = 0;
  g_assert_true (parts_make (&parts, NULL, NULL));
  g_autoptr (RvStyle) style = rv__style_new (parts.settings, parts.net, parts.content, parts.styles, 2, NULL, NULL);
  rv__style_set_stop_request (style, (RvStopRequest){ count_down, &none });
  g_assert_false (rv__style_plan (style, &plan, &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_CANCELLED);
}

/* After a cancellation nothing is compiled: RV_ERROR_CANCELLED. */
static void
test_cancelled_early (void)
{
  g_auto (Parts) parts = { 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_assert_true (parts_make (&parts, NULL, NULL));
  g_autoptr (RvStyle) style = rv__style_new (parts.settings, parts.net, parts.content, parts.styles, 2, NULL, NULL);
  RvObjectiveSpec spec = rv__style_objective_spec (style, rv__style_scale (style, 0), &(RvFit){ 0 });
  g_cancellable_push_current (cancellable);
  g_autoptr (RvObjective) compiled = rv__objective_new (&spec, 64, 64, NULL);
  g_assert_nonnull (compiled);
  g_cancellable_cancel (cancellable);
  g_assert_null (rv__objective_new (&spec, 64, 64, &error));
  g_cancellable_pop_current (cancellable);
  g_assert_error (error, RV_ERROR, RV_ERROR_CANCELLED);
}

static void
test_too_small (void)
{
  g_autoptr (RvSettings) settings = test_settings_of ("style", "gallery");
  g_autoptr (RvNet) net = rv_net_new_builtin (NULL);
  g_autoptr (RvImage) content = picture (15, 40, 1), style_picture = picture (40, 40, 2);
  RvImage *styles[] = { style_picture };
  g_autoptr (GError) error = NULL;
  g_assert_null (rv__style_new (settings, net, content, styles, 1, NULL, &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_SHAPE);
  g_assert_nonnull (strstr (error->message, "at least 16 px"));
}

/* A smooth picture is unchanged. Pixel noise is mostly removed, and the mean colour stays. */
static void
test_calm (void)
{
  g_autoptr (RvImage) noisy = rv_image_new (64, 48, NULL), smooth = rv_image_new (64, 48, NULL);
  double mean = 0, calm_mean = 0, rough = 0, calm_rough = 0;
  for (int i = 0; i < 3 * 64 * 48; i++) {
    ((float *) smooth->rgb->data)[i] = (float) (128 + 100 * sin (i % 64 * 0.2));
    ((float *) noisy->rgb->data)[i] = (float) (128 + 60 * sin (i % 64 * 0.2) + 60 * test_number (9, (guint64) i));
  }
  g_autoptr (RvImage) same = rv__image_denoise (smooth, NULL), calm = rv__image_denoise (noisy, NULL);
  g_assert_true (same == smooth);
  g_assert_true (calm != noisy);
  for (int i = 0; i + 1 < 3 * 64 * 48; i++) {
    const float *a = (const float *) noisy->rgb->data + i, *b = (const float *) calm->rgb->data + i;
    mean += a[0], calm_mean += b[0];
    rough += (a[1] - a[0]) * (a[1] - a[0]), calm_rough += (b[1] - b[0]) * (b[1] - b[0]);
  }
  assert_less (fabs (mean / calm_mean - 1), 0.01);
  assert_less (calm_rough, 0.5 * rough);
}

static void
test_plan (void)
{
  g_autoptr (RvSettings) settings = test_settings_of ("style", "gallery");
  g_autoptr (RvNet) net = rv_net_new_builtin (NULL);
  g_autoptr (RvImage) content = picture (256, 192, 1), style_picture = picture (64, 64, 2);
  RvImage *styles[] = { style_picture };
  g_autoptr (RvStyle) style = rv__style_new (settings, net, content, styles, 1, NULL, NULL);
  RvPlan plan;
  g_assert_true (rv__style_plan (style, &plan, NULL));
  g_assert_cmpint (plan.n_stages, ==, 4); /* 64, 128, 256, and the finish */
  g_assert_cmpint (plan.n_iterations, ==, 360);
  g_assert_cmpuint (plan.peak_bytes, >, 50u << 20);
  g_assert_cmpfloat (plan.seconds, >, 0);
}

int
main (int argc, char **argv)
{
  static const char *const gallery[] = { NULL };
  static const char *const noise[] = { "init=noise", NULL };
  static const char *const sgd[] = { "optimizer=sgd", "learning-rate=60000", "average=0", NULL };
  static const char *const lbfgs[] = { "optimizer=lbfgs", "learning-rate=1", "average=0", "init=noise", NULL };
  static const char *const until[] = { "until=25", NULL };
  static const char *const plateau[] = { "plateau=0.3", "iterations=40", NULL };
  static const char *const covariance[] = { "style-loss=covariance", "content-weight=0.01", "init=noise", NULL };
  static const char *const fourier[] = { "space=fourier", NULL };
  static const char *const fourier_lbfgs[] = { "space=fourier", "optimizer=lbfgs", "learning-rate=1", NULL };
  static const char *const pooled[] = { "pooling=max", "padding=zero", "init=style", NULL };
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/style/losses-fall/gallery", gallery, test_losses_fall);
  g_test_add_data_func ("/style/losses-fall/noise", noise, test_losses_fall);
  g_test_add_data_func ("/style/losses-fall/sgd", sgd, test_losses_fall);
  g_test_add_data_func ("/style/losses-fall/lbfgs", lbfgs, test_losses_fall);
  g_test_add_data_func ("/style/losses-fall/covariance", covariance, test_losses_fall);
  g_test_add_data_func ("/style/losses-fall/pooling", pooled, test_losses_fall);
  g_test_add_data_func ("/style/losses-fall/fourier", fourier, test_losses_fall);
  test_add_slow ("/style/losses-fall/fourier-lbfgs", fourier_lbfgs, test_losses_fall);
  g_test_add_func ("/style/one-mask", test_one_mask);
  g_test_add_func ("/style/regions-of-original", test_regions_of_original);
  g_test_add_func ("/style/shared-regions", test_shared_regions);
  g_test_add_func ("/style/same-bytes", test_same_bytes);
  g_test_add_data_func ("/style/threads", "10", test_threads);
  test_add_slow ("/style/threads", "50", test_threads);
  g_test_add_func ("/style/stop", test_stop);
  g_test_add_data_func ("/style/resume", gallery, test_resume);
  test_add_slow ("/style/resume/gallery", gallery, test_resume);
  test_add_slow ("/style/resume/lbfgs", lbfgs, test_resume);
  test_add_slow ("/style/resume/fourier", fourier, test_resume);
  test_add_slow ("/style/resume/fourier-lbfgs", fourier_lbfgs, test_resume);
  test_add_slow ("/style/resume/plateau", plateau, test_resume);
  test_add_slow ("/style/resume/until", until, test_resume);
  g_test_add_func ("/style/state-refused", test_state_refused);
  g_test_add_func ("/style/state-of-other-backend", test_state_of_other_backend);
  g_test_add_func ("/style/flat", test_flat);
  static const KeptCase kept[] = {
    { { "init=noise" }, 1 },
    { { "keep-colors=histogram", "iterations=3" }, 1 },
    { { "iterations=3" }, 1, 0, TRUE },
    { { "keep-colors=covariance", "iterations=3", "margin=0" }, 3, 6, TRUE },
    { { "init=noise", "space=fourier" }, 1 },
    { { "init=style", "iterations=3", "space=fourier" }, 1, 0, TRUE },
    { { "start-size=20", "tile=48", "iterations=3" }, 1, 6, TRUE },
  };
  for (guint i = 0; i < G_N_ELEMENTS (kept); i++) {
    g_autofree char *name = g_strdup_printf ("/style/kept/%u", i);
    (i < 4 ? g_test_add_data_func : test_add_slow) (name, &kept[i], test_kept);
  }
  g_test_add_func ("/style/strength", test_strength);
  g_test_add_func ("/style/cancel", test_cancel);
  g_test_add_func ("/style/not-a-number", test_not_a_number);
  g_test_add_data_func ("/style/out-of-memory", "tile=0", test_out_of_memory);
  test_add_slow ("/style/out-of-memory/whole", "tile=0", test_out_of_memory);
  test_add_slow ("/style/out-of-memory/tiles", "tile=40", test_out_of_memory);
  test_add_slow ("/style/out-of-memory/fourier", "space=fourier", test_out_of_memory);
  g_test_add_data_func ("/style/out-of-memory/masks", NULL, test_masks_out_of_memory);
  test_add_slow ("/style/out-of-memory/masks", NULL, test_masks_out_of_memory);
  g_test_add_func ("/style/tiles", test_tiles);
  g_test_add_func ("/style/memory", test_memory);
  test_add_slow ("/style/short-history", NULL, test_short_history);
  g_test_add_func ("/style/options-once", test_options_once);
  g_test_add_func ("/style/wrong-settings", test_wrong_settings);
  g_test_add_func ("/style/settings-in-the-struct", test_other_settings);
  g_test_add_func ("/style/run-again", test_run_again);
  g_test_add_func ("/style/share", test_share);
  g_test_add_func ("/style/kernels-used", test_kernels_used);
  g_test_add_data_func ("/style/next-picture", "tile=0", test_next_picture);
  test_add_slow ("/style/next-picture/tiles", "tile=40", test_next_picture);
  g_test_add_data_func ("/style/frames", "tile=0", test_frames);
  test_add_slow ("/style/frames/tiles", "tile=40", test_frames);
  test_add_slow ("/style/frames/fourier", "space=fourier", test_frames);
  g_test_add_func ("/style/stop-between", test_stop_between);
  g_test_add_func ("/style/cancelled-early", test_cancelled_early);
  g_test_add_func ("/style/too-small", test_too_small);
  g_test_add_func ("/style/calm", test_calm);
  g_test_add_func ("/style/plan", test_plan);
  return g_test_run ();
}
