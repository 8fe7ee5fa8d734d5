/* test-huge.c -- tests that a picture of 40,000 x 40,000 px, as baseline JPEG and as PNG, is read at a smaller size in
 * little memory. Takes minutes: suite long. */
#include "support/support.h"
#include <glib/gstdio.h>
#include <math.h>
#include <reverie/image.h>
#include <sys/resource.h>
#include <vips/vips.h>

#define SIDE 40000
#define ROOM_BYTES (G_GINT64_CONSTANT (700) << 20) /* the whole picture has 1.6 GB at one byte a pixel */

static gint64
peak_bytes (void)
{
  struct rusage usage;
  getrusage (RUSAGE_SELF, &usage);
  return (gint64) usage.ru_maxrss * 1024;
}

static void
test_huge (gconstpointer suffix)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = g_dir_make_tmp ("reverie-XXXXXX", NULL);
  g_autofree char *name = g_strconcat ("huge", (const char *) suffix, NULL);
  g_autofree char *path = g_build_filename (folder, name, NULL);
  VipsImage *ramp, *wide, *bytes;
  vips_xyz (&ramp, SIDE, SIDE, NULL);
  vips_extract_band (ramp, &wide, 0, NULL);
  g_object_unref (ramp);
  vips_linear1 (wide, &ramp, 255.0 / SIDE, 0, "uchar", TRUE, NULL);
  vips_copy (ramp, &bytes, "interpretation", VIPS_INTERPRETATION_B_W, NULL);
  int failed = g_str_has_suffix (path, "png") ? vips_pngsave (bytes, path, "compression", 1, NULL)
                                              : vips_jpegsave (bytes, path, NULL);
  g_object_unref (bytes);
  g_object_unref (ramp);
  g_object_unref (wide);
  g_assert_cmpint (failed, ==, 0);

  g_autoptr (RvImage) image = rv_image_load (path, 200, 200, &error);
  g_unlink (path);
  g_rmdir (folder);
  g_assert_no_error (error);
  g_assert_cmpint (image->width, ==, 200);
  for (int x = 2; x < 198; x++)
    assert_less (fabs (((float *) image->rgb->data)[100 * 200 + x] - 255.0 * (x + 0.5) / 200), 1.6);
  g_test_message ("peak %" G_GINT64_FORMAT " MB", peak_bytes () >> 20);
  g_assert_cmpint (peak_bytes (), <, ROOM_BYTES);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  vips_init (argv[0]);
  vips_cache_set_max (0);
  g_test_add_data_func ("/huge/jpeg", ".jpg", test_huge);
  g_test_add_data_func ("/huge/png", ".png", test_huge);
  return g_test_run ();
}
