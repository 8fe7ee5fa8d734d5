/* test-gallery.c -- the preset `gallery` against PyTorch (tests/golden/gallery-torch.py): matched targets, detail,
 * colour axes, recolouring, runs; also tiles and masks. */
#include "base/moments.h"
#include "method/objective/objective-internal.h"
#include "method/objective/match.h"
#include "method/style/axes.h"
#include "method/style/color.h"
#include "method/style/style.h"
#include "support/formula.h"
#include "support/support.h"
#include <math.h>
#include <string.h>

/* Constants of tests/golden/gallery-torch.py. */
#define ROWS 48
#define COLS 64
#define WIDE 320 /* wide enough for tiles */
#define LAYERS "conv3_1,conv3_2,conv3_3,conv4_1,conv4_2,conv4_3"
#define CONTENT_WEIGHT 0.3333
#define OWN 0.35

#define RELATIVE 1e-5
#define LARGEST 1e-4
#define RUN_RELATIVE 1e-3 /* Adam's first steps are signs of gradients, which differ in f32 and f64 near 0 */
#define RUN_LARGEST 0.1
#define FINISH_LOSS 1e-4 /* a few matches depend on such differences */

static void
check (const char *name, const double *values, gint64 n, double relative, double largest)
{
  g_auto (GStrv) lines = formula_golden ("gallery-torch.txt");
  for (char **line = lines; *line; line++)
    if (strncmp (*line, name, strlen (name)) == 0 && (*line)[strlen (name)] == ' ') {
      formula_compare (*line, values, n, relative, largest);
      return;
    }
  g_assert_not_reached ();
}

static void
check_floats (const char *name, const float *values, gint64 n, double relative, double largest)
{
  g_autofree double *wide = g_new (double, n);
  for (gint64 i = 0; i < n; i++)
    wide[i] = values[i];
  check (name, wide, n, relative, largest);
}

/* ---- matched targets --------------------------------------------------------------------------------------------- */

/* (transfer full): content terms for pictures of ROWS x @cols px; @tile_px 0: one tile. */
static RvObjective *
content_objective (RvNet *net, int cols, int tile_px)
{
  g_autoptr (GArray) terms = rv__terms_new ();
  g_autoptr (GError) error = NULL;
  rv__terms_add (terms, rv__loss_find ("content", "relative"), CONTENT_WEIGHT, LAYERS, "builtin", NULL, &error);
  g_assert_no_error (error);
  RvObjectiveSpec spec = { .net = net,
                           .variant = { .first_pad = RV_PAD_REPLICATE },
                           .backend = rv__backend_find ("reference", NULL),
                           .compile = { .n_threads = 1 },
                           .terms = terms,
                           .space = rv__rgb_0_255,
                           .fit = { .tile_px = tile_px } };
  RvObjective *objective = rv__objective_new (&spec, ROWS, cols, &error);
  g_assert_no_error (error);
  return objective;
}

/* (transfer full): an objective whose targets are the photograph's matches in @painting, evaluated at "start". @mask:
 * [ROWS, COLS], 1 at positions that may match; NULL: all. @losses: (out): losses at "start". */
static RvObjective *
matched_in (RvNet *net, const RvImage *painting, const float *mask, gboolean jointly, int cols, int tile_px,
            RvLosses *losses)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RvImage) photo = formula_picture ("content", ROWS, cols), start = formula_picture ("start", ROWS, cols);
  g_autoptr (RvObjective) objective = content_objective (net, cols, tile_px);
  g_autoptr (RvFeatureBank) bank = rv__feature_bank_new ();
  rv__feature_bank_add (bank, objective, painting->rgb->data, mask, ROWS, COLS, ROWS * COLS, &error);
  g_assert_no_error (error);
  rv__objective_bind (objective, &error);
  g_assert_no_error (error);
  rv__objective_set_features (objective, 0, photo->rgb->data, &error);
  g_assert_no_error (error);
  RvMatchSpec spec = { .banks = &bank, .n_banks = 1, .jointly = jointly, .uniform_share = OWN };
  rv__objective_match_targets (objective, &spec, &error);
  g_assert_no_error (error);
  memcpy (rv__objective_x (objective), start->rgb->data, (gsize) (ROWS * cols * 3) * sizeof (float));
  rv__objective_evaluate (objective, losses, &error);
  g_assert_no_error (error);
  return g_steal_pointer (&objective);
}

static RvObjective *
matched_objective (RvNet *net, gboolean jointly, int cols, int tile_px, RvLosses *losses)
{
  g_autoptr (RvImage) painting = formula_picture ("style", ROWS, COLS);
  return matched_in (net, painting, NULL, jointly, cols, tile_px, losses);
}

/* Matches come only from the mask: the loss stays the same when distant pixels of the painting change. */
static void
test_masked (void)
{
  g_autoptr (RvNet) net = rv_net_new_builtin (NULL);
  g_autoptr (RvImage) painting = formula_picture ("style", ROWS, COLS);
  float mask[ROWS * COLS], *rgb = painting->rgb->data;
  RvLosses before, after, all;
  for (int i = 0; i < ROWS * COLS; i++)
    mask[i] = i % COLS < COLS / 4;
  g_autoptr (RvObjective) first = matched_in (net, painting, mask, TRUE, COLS, 0, &before);
  for (int i = 0; i < 3 * ROWS * COLS; i++)
    rgb[i] = i % COLS < COLS - 4 ? rgb[i] : 255 - rgb[i];
  g_autoptr (RvObjective) second = matched_in (net, painting, mask, TRUE, COLS, 0, &after);
  g_autoptr (RvObjective) third = matched_in (net, painting, NULL, TRUE, COLS, 0, &all);
  g_assert_cmpfloat (fabs (before.total - after.total), <, 1e-6 * before.total);
  g_assert_cmpfloat (fabs (after.total - all.total), >, 1e-3 * all.total);
}

static void
test_matched (gconstpointer how)
{
  g_autoptr (RvNet) net = rv_net_new_builtin (NULL);
  RvLosses losses;
  g_autoptr (RvObjective) objective = matched_objective (net, strcmp (how, "jointly") == 0, COLS, 0, &losses);
  g_autofree char *of_loss = g_strconcat (how, "/loss", NULL);
  check (of_loss, &losses.total, 1, RELATIVE, LARGEST);
  for (guint i = 0; i < objective->instances->len; i++) {
    const RvTermInstance *instance = instance_at (objective, i);
    g_autofree char *name = g_strconcat (how, "/", instance->term->layer, NULL);
    g_autofree double *targets = test_get (objective->executable, instance->target);
    check (name, targets, instance->info.channels * instance->info.positions, RELATIVE, LARGEST);
  }
}

static void
test_detail (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RvNet) net = rv_net_new_builtin (NULL);
  g_autoptr (RvImage) photo = formula_picture ("content", ROWS, COLS);
  g_autoptr (RvObjective) objective = content_objective (net, COLS, 0);
  float detail[ROWS * COLS];
  g_assert_true (rv__objective_bind (objective, NULL));
  g_assert_true (rv__objective_set_features (objective, 0, photo->rgb->data, NULL));
  rv__objective_measure_detail (objective, detail, &error);
  g_assert_no_error (error);
  check_floats ("detail", detail, ROWS * COLS, RELATIVE, LARGEST);
}

static void
test_tiles (void)
{
  g_autoptr (RvNet) net = rv_net_new_builtin (NULL);
  RvLosses losses, of_tiles;
  g_autoptr (RvObjective) whole = matched_objective (net, TRUE, WIDE, 0, &losses),
                          tiled = matched_objective (net, TRUE, WIDE, WIDE / 2, &of_tiles);
  g_assert_cmpint (rv__objective_n_tiles (tiled), >, 1);
  const float *a = rv__objective_gradient (whole), *b = rv__objective_gradient (tiled);
  double norm = 0, off = 0;
  for (int i = 0; i < ROWS * WIDE * 3; i++) {
    norm += (double) a[i] * (double) a[i];
    off += ((double) a[i] - (double) b[i]) * ((double) a[i] - (double) b[i]);
  }
  g_assert_cmpfloat (sqrt (off / norm), <, RELATIVE);
  g_assert_cmpfloat (fabs (of_tiles.total / losses.total - 1), <, RELATIVE);
}

/* ---- colours ----------------------------------------------------------------------------------------------------- */

static void
test_axes (void)
{
  g_autoptr (RvImage) painting = formula_picture ("style", ROWS, COLS);
  RvColorAxes axes = { 0 };
  double squares[9], identity[9];
  float planes[9] = { 1, 0, 0, 0, 1, 0, 0, 0, 1 };
  g_assert_true (rv__color_axes_add (&axes, painting->rgb->data, ROWS, COLS, 1, NULL));
  rv__color_axes_solve (&axes);
  for (int i = 0; i < 9; i++)
    for (int k = squares[i] = identity[i] = 0; k < 3; k++) {
      squares[i] += axes.to_rgb[i / 3][k] * axes.to_rgb[i % 3][k];
      identity[i] += axes.to_rgb[i / 3][k] * axes.from_rgb[k][i % 3];
    }
  check ("axes", squares, 9, RELATIVE, LARGEST);
  for (int i = 0; i < 9; i++)
    g_assert_cmpfloat (fabs (identity[i] - (i / 3 == i % 3)), <, 1e-12);
  rv__planes_multiply (axes.to_rgb[0], FALSE, planes, 3);
  for (int i = 0; i < 9; i++)
    g_assert_cmpfloat (fabs ((double) planes[i] - axes.to_rgb[i / 3][i % 3]), <, 1e-6);
}

static void
test_recolored (void)
{
  g_autoptr (RvImage) photo = formula_picture ("content", ROWS, COLS), painting = formula_picture ("style", ROWS, COLS);
  g_autoptr (RvImage) recolored = rv__color_transfer (photo, painting, RV_COLOR_COVARIANCE, NULL);
  check_floats ("recolored", recolored->rgb->data, ROWS * COLS * 3, RELATIVE, LARGEST);
}

/* ---- runs -------------------------------------------------------------------------------------------------------- */

static RvSettings *
run_settings (const char *iterations, const char *finish)
{
  RvSettings *settings = test_settings_of ("style", "gallery");
  const char *const values[][2] = { { "start-size", "0" },     { "margin", "0" },     { "iterations", iterations },
                                    { "denoise-style", "no" }, { "init", "picture" }, { "exact", "yes" },
                                    { "precision", "f32" },    { "finish", finish } };
  for (guint i = 0; i < G_N_ELEMENTS (values); i++)
    g_assert_true (rv_settings_set (settings, values[i][0], values[i][1], NULL));
  return settings;
}

/* RvIterationFunc: stores the loss of iteration 2, the first of the finish, in the double @user_data. */
static gboolean
keep_loss (const RvIteration *progress, gpointer user_data)
{
  if (progress->iteration == 2)
    *(double *) user_data = progress->loss;
  return TRUE;
}

static void
test_run (gconstpointer finish)
{
  gboolean finishes = strcmp (finish, "0") != 0;
  double loss = 0;
  g_autoptr (GError) error = NULL;
  g_autoptr (RvNet) net = rv_net_new_builtin (&error);
  g_autoptr (RvImage) photo = formula_picture ("content", ROWS, COLS), painting = formula_picture ("style", ROWS, COLS),
                      start = formula_picture ("start", ROWS, COLS), result = NULL;
  g_autoptr (RvSettings) settings = run_settings (finishes ? "1" : "3", finish);
  g_autoptr (RvStyle) style = rv__style_new (settings, net, photo, &painting, 1, start, &error);
  g_assert_no_error (error);
  rv__style_run (style, keep_loss, &loss, &result, &error);
  g_assert_no_error (error);
  if (finishes)
    check ("finish-loss", &loss, 1, FINISH_LOSS, FINISH_LOSS);
  check_floats (finishes ? "finish" : "run", result->rgb->data, ROWS * COLS * 3, RUN_RELATIVE, RUN_LARGEST);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/gallery/jointly", "jointly", test_matched);
  g_test_add_data_func ("/gallery/alone", "alone", test_matched);
  g_test_add_func ("/gallery/masked", test_masked);
  g_test_add_func ("/gallery/detail", test_detail);
  g_test_add_func ("/gallery/tiles", test_tiles);
  g_test_add_func ("/gallery/axes", test_axes);
  g_test_add_func ("/gallery/recolored", test_recolored);
  g_test_add_data_func ("/gallery/run", "0", test_run);
  g_test_add_data_func ("/gallery/finish", "3", test_run);
  return g_test_run ();
}
