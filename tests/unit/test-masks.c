/* test-masks.c -- several styles in one picture. Masks of 1 change nothing. The gradient is the derivative of the loss,
 * and is 0 far from the mask. Tiles give the same loss and gradient. */
#include "method/objective/objective.h"
#include "support/formula.h"
#include "support/support.h"
#include "tensor/type.h"
#include <math.h>
#include <string.h>

#define HEIGHT 61
#define WIDTH 83
#define PIXELS (HEIGHT * WIDTH)
#define EDGE 40 /* right edge of a hard mask, px */
#define TILE_PX 40

typedef enum { NO_MASKS, ONES, LEFT, SOFT } Masks; /* LEFT: the first mask is 1 left of EDGE, the second is 0 */

typedef struct {
  RvNet *net;
  GArray *terms;
  float masks[2][PIXELS];
  RvObjective *objective;
} Fixture;

static void
set_up (Fixture *f, Masks masks, RvType type, const char *loss, int tile_px, double content_weight)
{
  static const char *const layers = "conv1_1,conv2_1:0.5,conv3_1";
  g_autoptr (GError) error = NULL;
  const float *planes[] = { f->masks[0], f->masks[1] };
  for (int i = 0; i < PIXELS; i++) {
    double soft = 0.5 + 0.5 * sin (i % WIDTH * 0.1 + i / WIDTH * 0.07);
    f->masks[0][i] = masks == ONES ? 1 : masks == LEFT ? i % WIDTH < EDGE : (float) soft;
    f->masks[1][i] = masks == ONES ? 1 : masks == LEFT ? 0 : (float) (1 - soft * soft);
  }
  f->net = rv_net_new_builtin (NULL);
  f->terms = rv__terms_new ();
  if (content_weight > 0)
    rv__terms_add (f->terms, rv__loss_find ("content", "relative"), content_weight, "conv2_2", "builtin", NULL, NULL);
  for (int m = masks == NO_MASKS ? -1 : 0; m < (masks == NO_MASKS ? 0 : 2); m++) {
    guint first = f->terms->len;
    rv__terms_add (f->terms, rv__loss_find ("style", loss), 2, layers, "builtin", NULL, NULL);
    for (guint i = first; i < f->terms->len; i++)
      g_array_index (f->terms, RvTerm, i).mask = g_array_index (f->terms, RvTerm, i).picture = m;
  }
  RvObjectiveSpec spec = { .type = type,
                           .net = f->net,
                           .backend = rv__backend_find (type == RV_F64 ? "reference" : NULL, NULL),
                           .compile = { .n_threads = 1, .exact = TRUE },
                           .terms = f->terms,
                           .space = rv__rgb_0_255,
                           .masks = masks == NO_MASKS ? NULL : planes,
                           .fit.tile_px = tile_px };
  gsize unit = rv__type_bytes (type);
  void *x[3];
  static const char *const names[] = { "style", "content", "start" };
  for (int p = 0; p < 3; p++) {
    g_autoptr (RvImage) picture = formula_picture (names[p], HEIGHT, WIDTH);
    x[p] = g_malloc (3 * PIXELS * unit);
    for (int i = 0; i < 3 * PIXELS; i++)
      if (type == RV_F64)
        ((double *) x[p])[i] = (double) ((float *) picture->rgb->data)[i];
      else
        ((float *) x[p])[i] = ((float *) picture->rgb->data)[i];
  }
  f->objective = rv__objective_new (&spec, HEIGHT, WIDTH, &error);
  g_assert_no_error (error);
  g_assert_true (rv__objective_measure_and_add_target (f->objective, x[0], HEIGHT, WIDTH, 0.75, NULL));
  g_assert_true (rv__objective_measure_and_add_target (f->objective, x[1], HEIGHT, WIDTH, 0.25, NULL));
  g_assert_true (rv__objective_bind (f->objective, NULL) && rv__objective_set_features (f->objective, 0, x[1], NULL));
  memcpy (rv__objective_x (f->objective), x[2], 3 * PIXELS * unit);
  for (int p = 0; p < 3; p++)
    g_free (x[p]);
}

static void
tear_down (Fixture *f)
{
  rv__objective_free (f->objective);
  g_array_unref (f->terms);
  rv_net_unref (f->net);
}

static double
loss_of (const Fixture *f)
{
  RvLosses losses;
  g_assert_true (rv__objective_evaluate (f->objective, &losses, NULL));
  return losses.total;
}

static double *
gradient_of (const Fixture *f)
{
  double *gradient = g_new (double, 3 * PIXELS);
  for (int i = 0; i < 3 * PIXELS; i++)
    gradient[i] = (double) ((const float *) rv__objective_gradient (f->objective))[i];
  return gradient;
}

/* Asserts that loss and gradient are equal for two configurations. */
static void
check_same (Masks a_masks, int a_tile_px, Masks b_masks, int b_tile_px, const char *loss)
{
  Fixture *a = g_new0 (Fixture, 1), *b = g_new0 (Fixture, 1);
  set_up (a, a_masks, RV_F32, loss, a_tile_px, 0.5);
  set_up (b, b_masks, RV_F32, loss, b_tile_px, 0.5);
  double x = loss_of (a), y = loss_of (b);
  g_assert_cmpfloat (fabs (x - y), <=, 1e-5 * fabs (x));
  g_autofree double *g = gradient_of (a), *h = gradient_of (b);
  g_assert_cmpfloat (test_relative (h, g, 3 * PIXELS), <, 1e-5);
  tear_down (a);
  tear_down (b);
  g_free (a);
  g_free (b);
}

static void
test_ones (gconstpointer loss)
{
  check_same (NO_MASKS, 0, ONES, 0, loss);
}

static void
test_tiles (gconstpointer loss)
{
  check_same (SOFT, 0, SOFT, TILE_PX, loss);
}

/* The gradient equals central differences in double, along directions in which all pixels change. */
static void
test_derivative (gconstpointer loss)
{
  Fixture *f = g_new0 (Fixture, 1);
  set_up (f, SOFT, RV_F64, loss, 0, 0);
  double *x = rv__objective_x (f->objective);
  loss_of (f);
  g_autofree double *gradient = g_memdup2 (rv__objective_gradient (f->objective), 3 * PIXELS * sizeof (double));
  g_autofree double *start = g_memdup2 (x, 3 * PIXELS * sizeof (double));
  const double step = 1e-5; /* larger differences cross kinks of ReLU */
  for (guint64 direction = 1; direction <= 3; direction++) {
    double along = 0, ends[2];
    for (int sign = 0; sign < 2; sign++) {
      for (int i = 0; i < 3 * PIXELS; i++)
        x[i] = start[i] + (sign ? step : -step) * test_number (direction, (guint64) i);
      ends[sign] = loss_of (f);
    }
    for (int i = 0; i < 3 * PIXELS; i++)
      along += gradient[i] * test_number (direction, (guint64) i);
    double difference = (ends[1] - ends[0]) / (2 * step);
    g_test_message ("%s: %.10g by differences %.10g", (const char *) loss, along, difference);
    g_assert_cmpfloat (fabs (along - difference), <=, 1e-5 * fabs (along));
  }
  tear_down (f);
  g_free (f);
}

/* The gradient is 0 at pixels that influence no masked position. It is not 0 under the mask, nor in the last column
 * that influences a masked position. conv3_1 has a position every 4 px: the last masked position is at 36 and depends
 * on columns up to 49. */
static void
test_stays_in_its_part (void)
{
  enum { LAST = 49 };
  double at_last = 0;
  Fixture *f = g_new0 (Fixture, 1);
  set_up (f, LEFT, RV_F32, "relative", 0, 0);
  loss_of (f);
  g_autofree double *gradient = gradient_of (f);
  for (int i = 0; i < 3 * PIXELS; i++)
    if (i % WIDTH > LAST)
      g_assert_cmpfloat (gradient[i], ==, 0);
    else if (i % WIDTH < EDGE - 1)
      g_assert_cmpfloat (gradient[i], !=, 0);
    else
      at_last += i % WIDTH == LAST ? fabs (gradient[i]) : 0;
  g_assert_cmpfloat (at_last, >, 0);
  tear_down (f);
  g_free (f);
}

/* Loss against "style" as the only target, whose columns from @column on have @brightness. @mask
 * (nullable): mask of the target. */
static double
loss_against (Fixture *f, int column, float brightness, const float *mask)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RvImage) picture = formula_picture ("style", HEIGHT, WIDTH);
  float *rgb = picture->rgb->data;
  for (int i = 0; i < 3 * PIXELS; i++)
    rgb[i] = i % WIDTH < column ? rgb[i] : brightness;
  g_autoptr (GArray) stats = rv__objective_measure_target (f->objective, 0, rgb, mask, HEIGHT, WIDTH, &error);
  g_assert_no_error (error);
  rv__objective_clear_targets (f->objective);
  rv__objective_add_target (f->objective, stats, 1);
  return loss_of (f);
}

/* Pixels outside of a target's mask do not count: the receptive fields of positions left of EDGE end before EDGE + 20.
 * In a picture of one colour all masks give about the same statistics. A mask of ones changes nothing. */
static void
test_target_mask (gconstpointer loss)
{
  Fixture *f = g_new0 (Fixture, 1);
  g_autofree float *left = g_new (float, PIXELS), *ones = g_new (float, PIXELS);
  for (int i = 0; i < PIXELS; i++) {
    left[i] = i % WIDTH < EDGE;
    ones[i] = 1;
  }
  set_up (f, NO_MASKS, RV_F32, loss, 0, 0);
  double dark = loss_against (f, EDGE + 20, 0, left), bright = loss_against (f, EDGE + 20, 255, left);
  double all = loss_against (f, EDGE + 20, 255, NULL), plain = loss_against (f, 0, 200, NULL);
  g_assert_cmpfloat (fabs (dark - bright), <, 1e-5 * dark);
  g_assert_cmpfloat (fabs (bright - all), >, 1e-3 * all);
  g_assert_cmpfloat (fabs (loss_against (f, EDGE + 20, 255, ones) - all), <, 1e-5 * all);
  g_assert_cmpfloat (fabs (loss_against (f, 0, 200, left) - plain), <, 0.3 * plain);
  tear_down (f);
  g_free (f);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/masks/ones/relative", "relative", test_ones);
  g_test_add_data_func ("/masks/ones/keras", "keras", test_ones);
  g_test_add_data_func ("/masks/ones/mean-var", "mean-var", test_ones);
  g_test_add_data_func ("/masks/tiles/relative", "relative", test_tiles);
  g_test_add_data_func ("/masks/tiles/covariance", "covariance", test_tiles);
  g_test_add_data_func ("/masks/derivative/relative", "relative", test_derivative);
  g_test_add_data_func ("/masks/derivative/d2l", "d2l", test_derivative);
  g_test_add_data_func ("/masks/derivative/covariance", "covariance", test_derivative);
  g_test_add_data_func ("/masks/derivative/mean-var", "mean-var", test_derivative);
  g_test_add_data_func ("/masks/target/relative", "relative", test_target_mask);
  g_test_add_data_func ("/masks/target/mean-var", "mean-var", test_target_mask);
  g_test_add_data_func ("/masks/target/swd", "swd", test_target_mask);
  g_test_add_data_func ("/masks/target/neighbours", "neighbours", test_target_mask);
  g_test_add_func ("/masks/stays-in-its-part", test_stays_in_its_part);
  return g_test_run ();
}
