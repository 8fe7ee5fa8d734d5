/* test-color.c -- color transfer: properties of each mode, and pictures of one colour. */
#include "base/moments.h"
#include "base/system.h"
#include "method/style/color.h"
#include "support/support.h"
#include <math.h>
#include <reverie/error.h>
#include <stdlib.h>

#define WIDTH 61
#define HEIGHT 47
#define PLANE (WIDTH * HEIGHT)

/* (transfer full): a picture of correlated colours, far from 0 and 255, so that no value is clipped. */
static RvImage *
picture (int width, int height, guint32 stream, double contrast)
{
  RvImage *image = rv_image_new (width, height, NULL);
  float *rgb = image->rgb->data;
  int plane = width * height;
  for (int p = 0; p < plane; p++) {
    double a = test_number (stream, (guint64) p), b = test_number (stream + 1, (guint64) p),
           c = test_number (stream + 2, (guint64) p);
    rgb[p] = (float) (120 + contrast * (30 * a + 5 * b));
    rgb[plane + p] = (float) (110 + contrast * (15 * a - 12 * b + 3 * c));
    rgb[2 * plane + p] = (float) (130 + contrast * (8 * b + 9 * c));
  }
  return image;
}

static double
mean_product (const RvImage *image, int a, int b)
{
  gint64 plane = (gint64) image->width * image->height;
  const float *rgb = image->rgb->data;
  double mean_a = 0, mean_b = 0, sum = 0;
  for (gint64 p = 0; p < plane; p++)
    mean_a += rgb[a * plane + p], mean_b += b < 0 ? 0 : rgb[b * plane + p];
  if (b < 0)
    return mean_a / (double) plane;
  for (gint64 p = 0; p < plane; p++)
    sum += (rgb[a * plane + p] - mean_a / (double) plane) * (rgb[b * plane + p] - mean_b / (double) plane);
  return sum / (double) plane;
}

static void
test_covariance (void)
{
  g_autoptr (RvImage) painted = picture (WIDTH, HEIGHT, 1, 1), photo = picture (80, 30, 5, 0.6);
  g_autoptr (RvImage) result = rv__color_transfer (painted, photo, RV_COLOR_COVARIANCE, NULL);
  for (int a = 0; a < 3; a++) {
    g_assert_cmpfloat_with_epsilon (mean_product (result, a, -1), mean_product (photo, a, -1), 1e-3);
    for (int b = 0; b < 3; b++)
      g_assert_cmpfloat_with_epsilon (mean_product (result, a, b), mean_product (photo, a, b), 1e-2);
  }
  g_autoptr (RvImage) same = rv__color_transfer (painted, painted, RV_COLOR_COVARIANCE, NULL);
  for (int i = 0; i < 3 * PLANE; i++)
    g_assert_cmpfloat_with_epsilon (((float *) same->rgb->data)[i], ((float *) painted->rgb->data)[i], 1e-2);
}

static void
test_luminance (void)
{
  g_autoptr (RvImage) painted = picture (WIDTH, HEIGHT, 1, 1), photo = picture (WIDTH, HEIGHT, 5, 0.6);
  g_autoptr (RvImage) result = rv__color_transfer (painted, photo, RV_COLOR_LUMINANCE, NULL);
  const float *y = result->rgb->data, *a = painted->rgb->data, *b = photo->rgb->data;
  for (int p = 0; p < PLANE; p++) {
    double made = 0.299 * y[p] + 0.587 * y[PLANE + p] + 0.114 * y[2 * PLANE + p];
    double wanted = 0.299 * a[p] + 0.587 * a[PLANE + p] + 0.114 * a[2 * PLANE + p];
    g_assert_cmpfloat_with_epsilon (made, wanted, 1e-3);
    for (int c = 1; c < 3; c++) /* differences of channels determine I and Q */
      g_assert_cmpfloat_with_epsilon (y[c * PLANE + p] - y[p], b[c * PLANE + p] - b[p], 1e-3);
  }
  g_autoptr (GError) error = NULL;
  g_autoptr (RvImage) other = picture (10, 10, 5, 1);
  g_assert_null (rv__color_transfer (painted, other, RV_COLOR_LUMINANCE, &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_SHAPE);
}

static int
by_value (const void *a, const void *b)
{
  float x = *(const float *) a, y = *(const float *) b;
  return x < y ? -1 : x > y;
}

/* Sorted values equal those of the photograph, and pixels keep their order. */
static void
test_histogram (void)
{
  g_autoptr (RvImage) painted = picture (WIDTH, HEIGHT, 1, 1), photo = picture (WIDTH, HEIGHT, 5, 0.6);
  g_autoptr (RvImage) result = rv__color_transfer (painted, photo, RV_COLOR_HISTOGRAM, NULL);
  for (int c = 0; c < 3; c++) {
    const float *was = (float *) painted->rgb->data + c * PLANE, *is = (float *) result->rgb->data + c * PLANE;
    for (int p = 1; p < PLANE; p++)
      g_assert_true (was[p] == was[p - 1] || (was[p] < was[p - 1]) == (is[p] < is[p - 1]) || is[p] == is[p - 1]);
    g_autofree float *a = g_memdup2 (is, PLANE * sizeof (float));
    g_autofree float *b = g_memdup2 ((float *) photo->rgb->data + c * PLANE, PLANE * sizeof (float));
    qsort (a, PLANE, sizeof (float), by_value);
    qsort (b, PLANE, sizeof (float), by_value);
    double off = 0;
    for (int p = 0; p < PLANE; p++)
      off += fabs ((double) a[p] - (double) b[p]) / PLANE;
    assert_less (off, 0.1); /* single values at the sparse ends of the thousand quantiles differ more */
  }
}

/* With a black picture as input or as source of the colours, results are in 0..255. With black as the source, histogram
 * and covariance give black. */
static void
test_flat (void)
{
  g_autoptr (RvImage) black = rv_image_new (8, 8, NULL), painted = picture (8, 8, 1, 1);
  for (int mode = RV_COLOR_NONE; mode <= RV_COLOR_COVARIANCE; mode++) {
    g_autoptr (RvImage) a = rv__color_transfer (black, painted, (RvColorMode) mode, NULL);
    g_autoptr (RvImage) b = rv__color_transfer (painted, black, (RvColorMode) mode, NULL);
    for (int i = 0; i < 3 * 64; i++) {
      float x = ((float *) a->rgb->data)[i], y = ((float *) b->rgb->data)[i];
      g_assert_true (x >= 0 && x <= 255 && y >= 0 && y <= 255);
      if (mode == RV_COLOR_HISTOGRAM || mode == RV_COLOR_COVARIANCE)
        g_assert_cmpfloat (y, <, 0.5);
    }
  }
}

/* Colour transfer gives equal bytes for any number of threads. */
static void
test_threads (void)
{
  g_autoptr (RvImage) painted = picture (701, 503, 1, 1), photo = picture (640, 480, 5, 0.6);
  int before = rv__system_use_threads (1);
  for (int mode = RV_COLOR_NONE; mode <= RV_COLOR_COVARIANCE; mode++) {
    const RvImage *from = mode == RV_COLOR_LUMINANCE ? painted : photo;
    rv__system_use_threads (1);
    g_autoptr (RvImage) one = rv__color_transfer (painted, from, (RvColorMode) mode, NULL);
    for (int threads = 2; threads <= 7; threads++) {
      rv__system_use_threads (threads);
      g_autoptr (RvImage) some = rv__color_transfer (painted, from, (RvColorMode) mode, NULL);
      g_assert_cmpmem (some->rgb->data, 3 * 701 * 503 * sizeof (float), one->rgb->data, 3 * 701 * 503 * sizeof (float));
    }
  }
  rv__system_use_threads (before);
}

/* Means and covariances have equal bits for any number of threads, though a sum in order of arrival would differ. A
 * picture made from such means and covariances would rarely show the difference. */
static void
test_moments (void)
{
  g_autoptr (RvImage) image = picture (701, 503, 1, 1);
  double one[12], some[12];
  int before = rv__system_use_threads (1);
  rv__moments (image->rgb->data, 701 * 503, NULL, one, (double (*)[3]) (one + 3));
  for (int threads = 2; threads <= 7; threads++) {
    rv__system_use_threads (threads);
    rv__moments (image->rgb->data, 701 * 503, NULL, some, (double (*)[3]) (some + 3));
    g_assert_cmpmem (some, sizeof some, one, sizeof one);
  }
  rv__system_use_threads (before);
  for (int a = 0; a < 3; a++)
    for (int b = 0; b < 3; b++)
      g_assert_cmpfloat_with_epsilon (one[3 + 3 * a + b], mean_product (image, a, b), 1e-6);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/color/covariance", test_covariance);
  g_test_add_func ("/color/luminance", test_luminance);
  g_test_add_func ("/color/histogram", test_histogram);
  g_test_add_func ("/color/flat", test_flat);
  g_test_add_func ("/color/moments", test_moments);
  g_test_add_func ("/color/threads", test_threads);
  return g_test_run ();
}
