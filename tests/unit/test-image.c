/* test-image.c -- pictures: formats, EXIF orientation, ICC, grey, 16 bits, alpha; pictures in memory; invalid files;
 * output paths; recipes. */
#include "io/image/frame.h"
#include "io/image/compact.h"
#include "io/plot.h"
#include "support/support.h"
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <math.h>
#include <reverie/image.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#include <vips/vips.h>

static char *folder;

static char *
path_of (const char *name)
{
  return g_build_filename (folder, name, NULL);
}

/* A smooth picture with different corners: red increases to the right, green downward. */
static RvImage *
gradient (int width, int height)
{
  RvImage *image = rv_image_new (width, height, NULL);
  float *rgb = image->rgb->data;
  for (int y = 0; y < height; y++)
    for (int x = 0; x < width; x++) {
      rgb[y * width + x] = 255.0f * (float) x / (float) (width - 1);
      rgb[(height + y) * width + x] = 255.0f * (float) y / (float) (height - 1);
      rgb[(2 * height + y) * width + x] = 60;
    }
  return image;
}

static float
at (const RvImage *image, int c, int y, int x)
{
  return ((float *) image->rgb->data)[((gint64) c * image->height + y) * image->width + x];
}

static double
mean_distance (const RvImage *a, const RvImage *b)
{
  double sum = 0;
  gint64 n = rv_tensor_count (a->rgb);
  g_assert_cmpint (n, ==, rv_tensor_count (b->rgb));
  for (gint64 i = 0; i < n; i++)
    sum += fabs ((double) ((float *) a->rgb->data)[i] - (double) ((float *) b->rgb->data)[i]);
  return sum / (double) n;
}

static void
test_formats (void)
{
  static const struct {
    const char *name;
    double tolerance; /* mean, grey levels */
  } formats[] = { { "a.png", 0.3 },  { "a.jpg", 1.5 }, { "a.JPEG", 1.5 },
                  { "a.webp", 2.5 }, { "a.tif", 0.3 }, { "a.tiff", 0.3 } };
  g_autoptr (RvImage) image = gradient (61, 43);
  for (guint i = 0; i < G_N_ELEMENTS (formats); i++) {
    g_autofree char *path = path_of (formats[i].name);
    g_autoptr (GError) error = NULL;
    g_assert_true (rv_image_save (image, path, NULL, &error));
    g_autoptr (RvImage) back = rv_image_load (path, 0, 0, &error);
    g_assert_no_error (error);
    g_assert_cmpint (back->width, ==, 61);
    g_assert_null (back->alpha);
    assert_less (mean_distance (image, back), formats[i].tolerance);
    VipsImage *raw = vips_image_new_from_file (path, NULL);
    g_assert_cmpint (vips_image_get_typeof (raw, VIPS_META_ICC_NAME), !=, 0); /* sRGB profile */
    g_object_unref (raw);
  }
}

static void
test_16_bit (void)
{
  g_autofree char *path = path_of ("deep.png"), *tiff = path_of ("deep.tif");
  g_autoptr (RvImage) image = gradient (61, 43);
  RvSaveOptions options = { .bits = 16 };
  const char *paths[] = { path, tiff };
  for (int i = 0; i < 2; i++) {
    g_assert_true (rv_image_save (image, paths[i], &options, NULL));
    g_autoptr (RvImage) back = rv_image_load (paths[i], 0, 0, NULL);
    assert_less (mean_distance (image, back), 0.004); /* 1/257 of a grey level and rounding */
  }
}

/* Options of saving and sizes of reading that are out of range are refused. */
static void
test_out_of_range (void)
{
  static const RvSaveOptions wrong[] = { { .quality = 101 },  { .quality = -5 }, { .bits = 12 },
                                         { .dpi = INFINITY }, { .dpi = -1 },     { .dpi = 1e12 } };
  static const int sizes[][2] = { { 20000000, 20 }, { 60000, 60000 }, { G_MAXINT, G_MAXINT } };
  g_autofree char *path = path_of ("small.jpg");
  g_autoptr (RvImage) image = gradient (16, 16);
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++) {
    g_autoptr (GError) error = NULL;
    g_assert_false (rv_image_save (image, path, &wrong[i], &error));
    g_assert_error (error, RV_ERROR, RV_ERROR_SETTING);
    g_assert_null (rv_image_save_bytes (image, ".jpg", &wrong[i], NULL));
  }
  g_assert_true (rv_image_save (image, path, NULL, NULL));
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++) {
    g_autoptr (GError) error = NULL;
    g_assert_null (rv_image_load (path, sizes[i][0], sizes[i][1], &error));
    g_assert_error (error, RV_ERROR, RV_ERROR_SHAPE);
  }
}

/* EXIF orientation 6: the picture is shown rotated clockwise. */
static void
test_exif (void)
{
  g_autofree char *plain = path_of ("plain.png"), *path = path_of ("turned.jpg");
  g_autoptr (RvImage) image = gradient (40, 20);
  rv_image_save (image, plain, NULL, NULL);
  VipsImage *raw = vips_image_new_from_file (plain, NULL), *copy;
  vips_copy (raw, &copy, NULL);
  vips_image_set_int (copy, VIPS_META_ORIENTATION, 6);
  g_assert_cmpint (vips_jpegsave (copy, path, "Q", 95, NULL), ==, 0);
  g_object_unref (copy);
  g_object_unref (raw);

  RvImageInfo info;
  g_assert_true (rv_image_probe (path, &info, NULL));
  g_assert_cmpint (info.width, ==, 20);
  g_assert_cmpint (info.height, ==, 40);
  g_autoptr (RvImage) back = rv_image_load (path, 0, 0, NULL);
  g_assert_cmpint (back->width, ==, 20);
  assert_less (fabs (at (back, 0, 39, 10) - 255), 12); /* stored right edge */
  assert_less (at (back, 1, 20, 19), 14);              /* stored top */
  g_autoptr (RvImage) small = rv_image_load (path, 10, 20, NULL);
  g_assert_cmpint (small->width, ==, 10);
  g_assert_cmpint (small->height, ==, 20);
}

/* A picture in Display P3 is converted to sRGB: a colour that libvips has converted to P3 is read as before. */
static void
test_icc (void)
{
  g_autofree char *plain = path_of ("plain2.png"), *path = path_of ("p3.png");
  g_autoptr (RvImage) image = rv_image_new (8, 8, NULL);
  for (int i = 0; i < 3 * 64; i++)
    ((float *) image->rgb->data)[i] = i < 64 ? 200 : 100;
  rv_image_save (image, plain, NULL, NULL);
  VipsImage *raw = vips_image_new_from_file (plain, NULL), *p3;
  if (vips_icc_transform (raw, &p3, "p3", "embedded", TRUE, NULL)) {
    g_object_unref (raw);
    g_test_skip ("this libvips has no Display P3 profile");
    return;
  }
  g_assert_cmpint (vips_pngsave (p3, path, NULL), ==, 0);
  g_object_unref (p3);
  g_object_unref (raw);
  g_autoptr (RvImage) back = rv_image_load (path, 0, 0, NULL);
  assert_less (fabs (at (back, 0, 4, 4) - 200), 2.5);
  assert_less (fabs (at (back, 1, 4, 4) - 100), 2.5);
}

static void
test_grey (void)
{
  g_autofree char *path = path_of ("grey.png"), *deep = path_of ("grey16.png");
  guint8 grey[12] = { 0, 20, 40, 60, 80, 100, 120, 140, 160, 180, 200, 255 };
  guint16 grey16[12];
  for (int i = 0; i < 12; i++)
    grey16[i] = (guint16) (grey[i] * 257);
  VipsImage *raw = vips_image_new_from_memory (grey, 12, 4, 3, 1, VIPS_FORMAT_UCHAR);
  vips_pngsave (raw, path, NULL);
  g_object_unref (raw);
  raw = vips_image_new_from_memory (grey16, 24, 4, 3, 1, VIPS_FORMAT_USHORT);
  VipsImage *tagged;
  vips_copy (raw, &tagged, "interpretation", VIPS_INTERPRETATION_GREY16, NULL);
  vips_pngsave (tagged, deep, NULL);
  g_object_unref (tagged);
  g_object_unref (raw);
  const char *paths[] = { path, deep };
  for (int k = 0; k < 2; k++) {
    g_autoptr (RvImage) image = rv_image_load (paths[k], 0, 0, NULL);
    for (int c = 0; c < 3; c++)
      for (int i = 0; i < 12; i++)
        assert_less (fabs (((float *) image->rgb->data)[c * 12 + i] - grey[i]), 1.01);
  }
}

/* Left half red and opaque, right half black and transparent: the loaded colours are red everywhere, and alpha
 * stays. */
static void
test_alpha (void)
{
  g_autofree char *path = path_of ("alpha.png"), *again = path_of ("alpha2.png"), *jpeg = path_of ("alpha.jpg");
  guint8 pixels[16 * 8 * 4] = { 0 };
  for (int y = 0; y < 8; y++)
    for (int x = 0; x < 8; x++)
      pixels[(y * 16 + x) * 4] = 220, pixels[(y * 16 + x) * 4 + 3] = 255;
  VipsImage *raw = vips_image_new_from_memory (pixels, sizeof pixels, 16, 8, 4, VIPS_FORMAT_UCHAR), *tagged;
  vips_copy (raw, &tagged, "interpretation", VIPS_INTERPRETATION_sRGB, NULL);
  g_assert_cmpint (vips_pngsave (tagged, path, NULL), ==, 0);
  g_object_unref (tagged);
  g_object_unref (raw);

  g_autoptr (RvImage) image = rv_image_load (path, 0, 0, NULL);
  g_assert_nonnull (image->alpha);
  for (int x = 0; x < 16; x++) {
    assert_less (fabs (at (image, 0, 4, x) - 220), 2);
    g_assert_cmpfloat (((float *) image->alpha->data)[4 * 16 + x], ==, x < 8 ? 1 : 0);
  }
  g_autoptr (RvImage) large = rv_image_load (path, 48, 24, NULL); /* no fringe at the edge of alpha */
  for (int x = 0; x < 48; x++) {
    assert_less (fabs (at (large, 0, 12, x) - 220), 2);
    assert_less (at (large, 1, 12, x), 2);
    g_assert_true (((float *) large->alpha->data)[12 * 48 + x] >= 0 &&
                   ((float *) large->alpha->data)[12 * 48 + x] <= 1);
  }
  g_assert_true (rv_image_save (image, again, NULL, NULL));
  g_autoptr (RvImage) back = rv_image_load (again, 0, 0, NULL);
  g_assert_nonnull (back->alpha);
  g_assert_true (rv_image_save (image, jpeg, NULL, NULL));
  g_autoptr (RvImage) opaque = rv_image_load (jpeg, 0, 0, NULL);
  g_assert_null (opaque->alpha);
}

static void
test_resize (void)
{
  static const int sizes[][2] = { { 200, 100 }, { 33, 17 }, { 1, 1 }, { 61, 43 }, { 7, 300 } };
  g_autoptr (RvImage) image = gradient (61, 43);
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++) {
    g_autoptr (RvImage) resized = rv_image_resize (image, sizes[i][0], sizes[i][1], RV_IMAGE_RESIZE_BEST, NULL);
    g_assert_cmpint (resized->width, ==, sizes[i][0]);
    g_assert_cmpint (resized->height, ==, sizes[i][1]);
    double mean = 0;
    for (int p = 0; p < sizes[i][0] * sizes[i][1]; p++)
      mean += ((float *) resized->rgb->data)[p] / (sizes[i][0] * sizes[i][1]);
    assert_less (fabs (mean - 127.5), sizes[i][0] > 1 ? 0.1 : 4); /* centred; a single pixel is 1/80 off */
  }
}

static void
test_memory_formats (void)
{
  guint8 u8[] = { 10, 20, 30, 0, 40, 50, 60, 0 }; /* stride 4, 1 x 2 */
  guint16 u16[] = { 65535, 0 };
  float f32[] = { 0.5f };
  g_autoptr (RvImage) a = rv_image_new_from_memory (u8, RV_PIXEL_U8, 1, 2, 3, 4, NULL);
  g_assert_cmpfloat (at (a, 2, 1, 0), ==, 60);
  g_autoptr (RvImage) b = rv_image_new_from_memory (u16, RV_PIXEL_U16, 2, 1, 1, 4, NULL);
  g_assert_cmpfloat (at (b, 1, 0, 0), ==, 255);
  g_autoptr (RvImage) c = rv_image_new_from_memory (f32, RV_PIXEL_F32, 1, 1, 1, 4, NULL);
  g_assert_cmpfloat (at (c, 0, 0, 0), ==, 127.5);
  guint8 out[8] = { 0 };
  g_assert_true (rv_image_to_memory (a, out, RV_PIXEL_U8, 3, 4, NULL));
  g_assert_cmpmem (out, 8, u8, 8);
  g_autoptr (GError) error = NULL;
  g_assert_null (rv_image_new_from_memory (u8, RV_PIXEL_U8, 0, 2, 3, 4, &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_SHAPE);
}

/* Pixels in memory are returned unchanged, also with a stride; planes are not copied. */
static void
test_memory_out (void)
{
  guint8 u8[] = { 10, 20, 30, 255, 0, 0, 40, 50, 60, 255, 0, 0 }, out[12] = { 0 }; /* stride 6, 1 x 2, opaque */
  guint16 deep[4] = { 0 };
  float real[4] = { 0 };
  GError *error = NULL;
  g_autoptr (RvImage) a = rv_image_new_from_memory (u8, RV_PIXEL_U8, 1, 2, 4, 6, NULL);
  g_assert_true (rv_image_to_memory (a, out, RV_PIXEL_U8, 4, 6, NULL));
  g_assert_cmpmem (out, 12, u8, 12);
  ((float *) a->rgb->data)[0] = 300;
  ((float *) a->alpha->data)[0] = 0.5f;
  g_autoptr (RvImage) b = rv_image_new_from_planes (a->rgb, a->alpha, NULL);
  g_assert_true (b->width == 1 && b->height == 2 && b->rgb == a->rgb && b->alpha == a->alpha);
  g_assert_true (rv_image_to_memory (b, deep, RV_PIXEL_U16, 4, 0, NULL)); /* stride 0: rows overlap, the last stays */
  g_assert_cmpint (deep[0], ==, 40 * 257);
  g_assert_true (rv_image_to_memory (b, real, RV_PIXEL_F32, 3, 0, NULL));
  g_assert_cmpfloat (real[2], ==, 60 / 255.0f);
  g_assert_false (rv_image_to_memory (b, real, RV_PIXEL_F32, 2, 0, &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_SHAPE);
  g_clear_error (&error);
  g_assert_null (rv_image_new_from_planes (a->alpha, NULL, &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_SHAPE);
  g_clear_error (&error);
  ((float *) a->alpha->data)[0] = -0.5f;
  g_assert_null (rv_image_new_from_planes (a->rgb, a->alpha, &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_FORMAT);
  g_clear_error (&error);
  ((float *) a->rgb->data)[0] = NAN;
  g_assert_null (rv_image_new_from_planes (a->rgb, NULL, &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_FORMAT);
  g_clear_error (&error);
}

/* A file in memory equals a file on disk: pixels and size. Truncated, empty and other data are refused. */
static void
test_files_in_memory (void)
{
  static const char *const suffixes[] = { ".png", ".jpg", ".webp", ".tif" };
  guint8 pixels[64 * 48 * 3];
  for (guint i = 0; i < sizeof pixels; i++)
    pixels[i] = (guint8) (i * 7 / 5);
  g_autoptr (RvImage) image = rv_image_new_from_memory (pixels, RV_PIXEL_U8, 64, 48, 3, 64 * 3, NULL);
  const RvSaveOptions options = { .recipe = "{\"command\": \"style\"}" };
  for (guint i = 0; i < G_N_ELEMENTS (suffixes); i++) {
    GError *error = NULL;
    RvImageInfo info;
    g_autofree char *name = g_strconcat ("memory", suffixes[i], NULL), *path = g_build_filename (folder, name, NULL);
    g_autoptr (GBytes) file = rv_image_save_bytes (image, suffixes[i], &options, &error);
    g_assert_no_error (error);
    g_assert_true (rv_image_save (image, path, &options, NULL) && rv_image_probe (path, &info, NULL));
    g_assert_true (info.width == 64 && info.height == 48);
    g_autoptr (RvImage) a = rv_image_load_bytes (file, 0, 0, &error), b = rv_image_load (path, 0, 0, NULL),
                        small = rv_image_load_bytes (file, 8, 6, NULL);
    g_assert_no_error (error);
    gsize size = (gsize) rv_shape_count (&b->rgb->shape) * sizeof (float);
    g_assert_cmpmem (a->rgb->data, size, b->rgb->data, size);
    g_assert_true (small->width == 8 && small->height == 6);
    g_autofree char *recipe = rv_image_recipe (path, NULL);
    g_assert_cmpstr (recipe, ==, options.recipe);
    g_autoptr (GBytes) head = g_bytes_new_from_bytes (file, 0, 20);
    g_assert_null (rv_image_load_bytes (head, 0, 0, &error));
    g_assert_error (error, RV_ERROR, RV_ERROR_FORMAT);
    g_clear_error (&error);
  }
  g_autoptr (GBytes) nothing = g_bytes_new_static ("", 0), text = g_bytes_new_static ("no picture", 10);
  g_assert_true (!rv_image_load_bytes (nothing, 0, 0, NULL) && !rv_image_load_bytes (text, 0, 0, NULL));
}

static void
refused (const char *path, int code)
{
  g_autoptr (GError) error = NULL;
  RvImageInfo info;
  gboolean ok = rv_image_probe (path, &info, &error);
  if (ok)
    ok = rv_image_load (path, 0, 0, &error) != NULL;
  g_assert_false (ok);
  g_test_message ("%s", error->message);
  g_assert_error (error, RV_ERROR, code);
  g_assert_null (strchr (error->message, '\n'));
}

/* Rewrites the header of a PNG file in memory, with its checksum. */
static void
set_png_header (char *content, guint32 side, char bits, char colour, char interlace)
{
  side = GUINT32_TO_BE (side);
  memcpy (content + 16, &side, 4);
  memcpy (content + 20, &side, 4);
  content[24] = bits, content[25] = colour, content[28] = interlace;
  guint32 crc = 0xffffffff;
  for (int i = 12; i < 29; i++) {
    crc ^= (guint8) content[i];
    for (int k = 0; k < 8; k++)
      crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
  }
  crc = GUINT32_TO_BE (~crc);
  memcpy (content + 29, &crc, 4);
}

static void
test_no_pictures (void)
{
  g_autofree char *empty = path_of ("empty.jpg"), *text = path_of ("text.jpg"), *svg = path_of ("a.svg");
  g_autofree char *good = path_of ("good.jpg"), *cut = path_of ("cut.jpg"), *png = path_of ("good.png");
  g_autofree char *cut_png = path_of ("cut.png"), *content = NULL, *huge = path_of ("huge.png"),
                  *whole = path_of ("whole.png");
  gsize size;
  g_file_set_contents (empty, "", 0, NULL);
  g_file_set_contents (text, "not a picture, whatever its name says\n", -1, NULL);
  g_file_set_contents (svg, "<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>", -1, NULL);
  g_autoptr (RvImage) image = gradient (300, 200);
  rv_image_save (image, good, NULL, NULL);
  rv_image_save (image, png, NULL, NULL);
  g_file_get_contents (good, &content, &size, NULL);
  g_file_set_contents (cut, content, (gssize) size / 2, NULL);
  g_free (content);
  g_file_get_contents (png, &content, &size, NULL);
  g_file_set_contents (cut_png, content, (gssize) size / 2, NULL);
  set_png_header (content, 60000, 8, 2, 0);
  g_file_set_contents (huge, content, (gssize) size, NULL);
  /* An interlaced picture of 16 bits with alpha is decoded as a whole, here in 15 GB. */
  set_png_header (content, 44000, 16, 6, 1);
  g_file_set_contents (whole, content, (gssize) size, NULL);

  refused ("/nonexistent.jpg", RV_ERROR_FILE);
  refused (folder, RV_ERROR_FILE);
  refused (empty, RV_ERROR_FORMAT);
  refused (text, RV_ERROR_FORMAT);
  refused (svg, RV_ERROR_FORMAT);
  refused (cut, RV_ERROR_FORMAT);
  refused (cut_png, RV_ERROR_FORMAT);
  refused (huge, RV_ERROR_SHAPE);
  if (sysconf (_SC_PHYS_PAGES) < (G_GINT64_CONSTANT (28) << 30) / sysconf (_SC_PAGESIZE))
    refused (whole, RV_ERROR_MEMORY);
}

/* Truncated files are refused. The repetitions let different threads of libvips reach the end of the file. */
static void
test_cut_files (void)
{
  static const char *const names[] = { "long.png", "long.jpg", "long.webp", "long.tif" };
  g_autoptr (RvImage) image = gradient (700, 500);
  float *rgb = image->rgb->data;
  for (gint64 i = 0; i < rv_tensor_count (image->rgb); i++) /* noise, so that rows are far apart in the file */
    rgb[i] = (float) ((guint32) i * 2654435761u * (guint32) i >> 24);
  for (guint k = 0; k < G_N_ELEMENTS (names); k++) {
    g_autofree char *path = path_of (names[k]), *content = NULL;
    gsize size;
    rv_image_save (image, path, NULL, NULL);
    g_assert_true (g_file_get_contents (path, &content, &size, NULL));
    for (int i = 0; i < 60; i++) {
      g_file_set_contents (path, content, (gssize) (size / 100 * (40 + (gsize) i % 30 * 2)), NULL);
      refused (path, RV_ERROR_FORMAT);
    }
  }
}

static void
test_targets (void)
{
  g_autofree char *good = path_of ("out.png"), *odd = path_of ("out.xyz"), *wide = path_of ("out.webp");
  g_autofree char *nowhere = path_of ("missing/out.png");
  g_autoptr (GError) error = NULL;
  g_assert_true (rv_image_check_target (good, 20000, 10, NULL));
  g_assert_false (rv_image_check_target (odd, 10, 10, &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_SETTING);
  g_clear_error (&error);
  g_assert_false (rv_image_check_target (wide, 20000, 10, &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_FILE);
  g_assert_nonnull (strstr (error->message, "16383"));
  g_clear_error (&error);
  g_assert_false (rv_image_check_target (nowhere, 10, 10, &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_FILE);
}

/* If the disk fills up during a write, the call fails, no partial file remains, and the old file is unchanged. */
static void
test_full_disk (void)
{
  static const char *const names[] = { "full.png", "full.jpg", "full.tif", "full.webp" };
  g_autoptr (RvImage) image = rv_image_new (300, 200, NULL);
  for (gint64 i = 0; i < rv_tensor_count (image->rgb); i++)
    ((float *) image->rgb->data)[i] = (float) (127 + 120 * test_number (1, (guint64) i)); /* does not compress */
  signal (SIGXFSZ, SIG_IGN);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autofree char *path = path_of (names[i]);
    g_autoptr (GError) error = NULL;
    struct rlimit before, small = { 4096, RLIM_INFINITY };
    g_file_set_contents (path, "old", 3, NULL);
    getrlimit (RLIMIT_FSIZE, &before);
    small.rlim_max = before.rlim_max;
    setrlimit (RLIMIT_FSIZE, &small);
    gboolean ok = rv_image_save (image, path, NULL, &error);
    setrlimit (RLIMIT_FSIZE, &before);
    g_assert_false (ok);
    g_assert_error (error, RV_ERROR, RV_ERROR_FILE);
    g_autofree char *content = NULL;
    g_file_get_contents (path, &content, NULL, NULL);
    g_assert_cmpstr (content, ==, "old");
  }
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  for (const char *name; (name = g_dir_read_name (dir));)
    g_assert_null (strstr (name, ".part-"));
}

/* Values that are no colour (NaN, infinite, far beyond white) are refused in memory and in files, in every channel. */
static void
test_no_numbers (void)
{
  static const struct {
    float value;
    const char *said;
  } wrong[] = { { NAN, "NaN" }, { INFINITY, "infinite" }, { -INFINITY, "infinite" }, { 1e6f, "beyond white" } };
  g_autofree char *path = path_of ("float.tif");
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    for (int channel = 0; channel < 4; channel++) {
      float pixels[5 * 3 * 4] = { 0 };
      g_autoptr (GError) error = NULL, file_error = NULL;
      pixels[(2 * 5 + 3) * 4 + channel] = wrong[i].value;
      g_assert_null (rv_image_new_from_memory (pixels, RV_PIXEL_F32, 5, 3, 4, 5 * 4 * sizeof (float), &error));
      g_assert_error (error, RV_ERROR, RV_ERROR_FORMAT);
      g_assert_nonnull (strstr (error->message, wrong[i].said));

      if (isfinite (wrong[i].value)) /* libvips clips it to white */
        continue;
      VipsImage *rgb = vips_image_new_from_memory (pixels, sizeof pixels, 5, 3, 4, VIPS_FORMAT_FLOAT), *tagged;
      g_assert_cmpint (vips_copy (rgb, &tagged, "interpretation", VIPS_INTERPRETATION_sRGB, NULL), ==, 0);
      g_assert_cmpint (vips_tiffsave (tagged, path, NULL), ==, 0);
      g_object_unref (tagged);
      g_object_unref (rgb);
      g_assert_null (rv_image_load (path, 0, 0, &file_error));
      g_assert_error (file_error, RV_ERROR, RV_ERROR_FORMAT);
      g_assert_nonnull (strstr (file_error->message, path));
      g_remove (path);
    }
  g_autoptr (RvImage) image = rv_image_new (1, 1, NULL); /* numbers that become NaN later are saved as black */
  guint8 bytes[3] = { 9, 9, 9 };
  ((float *) image->rgb->data)[1] = NAN;
  g_assert_true (rv_image_to_memory (image, bytes, RV_PIXEL_U8, 3, 3, NULL));
  g_assert_cmpint (bytes[1], ==, 0);
}

static RvImage *
ramp (int width, int height)
{
  RvImage *image = rv_image_new (width, height, NULL);
  for (int i = 0; i < 3 * width * height; i++)
    ((float *) image->rgb->data)[i] =
      (float) (10 * (i / (width * height)) + 2 * (i % width) + 3 * (i / width % height));
  return image;
}

/* Factor 1 changes nothing; factor 2 halves the slope of a ramp; 90 degrees rotate clockwise. */
static void
test_zoom (void)
{
  g_autoptr (RvImage) image = ramp (21, 15), square = ramp (9, 9);
  g_autoptr (RvImage) same = rv__image_zoom (image, 1, 0, NULL), large = rv__image_zoom (image, 2, 0, NULL),
                      turned = rv__image_zoom (square, 1, 90, NULL);
  for (int y = 0; y < 15; y++)
    for (int x = 0; x < 21; x++) {
      assert_less (fabs (at (same, 0, y, x) - at (image, 0, y, x)), 1e-4);
      assert_less (fabs (at (large, 0, y, x) - (2 * (10 + (x - 10) / 2.0) + 3 * (7 + (y - 7) / 2.0))), 1e-4);
    }
  for (int y = 0; y < 9; y++)
    for (int x = 0; x < 9; x++) /* the top is now on the right */
      assert_less (fabs (at (turned, 0, x, 8 - y) - at (square, 0, y, x)), 1e-3);
}

static void
test_blend (void)
{
  g_autoptr (RvImage) from = ramp (8, 4), to = rv_image_new (8, 4, NULL), other = rv_image_new (4, 8, NULL),
                      mask = rv_image_new (8, 4, NULL);
  g_autoptr (GError) error = NULL;
  for (int i = 0; i < 3 * 8 * 4; i++)
    ((float *) mask->rgb->data)[i] = i % 8 < 4 ? 255 : 0;
  g_autoptr (RvImage) half = rv__image_blend (from, to, 0.25, NULL, NULL),
                      masked = rv__image_blend (from, to, 0.25, mask, NULL);
  for (int y = 0; y < 4; y++)
    for (int x = 0; x < 8; x++) {
      assert_less (fabs (at (half, 0, y, x) - at (from, 0, y, x) / 4), 1e-5);
      assert_less (fabs (at (masked, 0, y, x) - (x < 4 ? at (from, 0, y, x) / 4 : 0)), 1e-5);
    }
  g_assert_null (rv__image_blend (from, other, 0.5, NULL, &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_SHAPE);
}

/* A compact mask stores brightness only: one byte a pixel for grey, two if colours or alpha give fractions. */
static void
test_packed_mask (void)
{
  enum { WIDTH = 16, HEIGHT = 16, N = WIDTH * HEIGHT };
  RvShape plane = rv_shape (4, 1, 1, HEIGHT, WIDTH);
  g_autoptr (RvImage) mask = rv_image_new (WIDTH, HEIGHT, NULL);
  float *v = mask->rgb->data, read[N];
  for (int i = 0; i < 3 * N; i++)
    v[i] = (float) (i % N);
  g_autoptr (RvCompactImage) grey = rv__compact_image_new_mask (mask, NULL);
  g_assert_cmpuint (rv__compact_image_bytes (grey), ==, N);
  rv__compact_image_read (grey, read);
  for (int i = 0; i < N; i++)
    g_assert_true (read[i] == v[i]);
  g_autoptr (RvImage) back = rv__compact_image_to_image (grey, NULL);
  g_assert_cmpint (memcmp (back->rgb->data, v, 3 * N * sizeof (float)), ==, 0);

  mask->alpha = rv_tensor_new (RV_F32, &plane, NULL);
  for (int i = 0; i < N; i++) {
    v[i] = 255;
    ((float *) mask->alpha->data)[i] = (float) i / N;
  }
  g_autoptr (RvCompactImage) soft = rv__compact_image_new_mask (mask, NULL);
  g_assert_cmpuint (rv__compact_image_bytes (soft), ==, 2 * N);
  rv__compact_image_read (soft, read);
  for (int i = 0; i < N; i++) {
    double p = i;
    assert_less (fabs (read[i] - (255 + 2 * p) / 3 * p / N), 0.51 * 255 / 65535);
  }
}

/* A recipe is read from every format as written, with any characters. A recipe that is too long is left out. */
static void
test_recipe (void)
{
  static const char *const suffixes[] = { "png", "jpg", "webp", "tif" };
  static const char json[] = "{\"name\":\"a & b <c> \\\"d\\\" &quot;\",\"city\":\"\u6771\u4eac \U0001F3A8\"}";
  static const char ascii[] = "{\"name\":\"a & b <c> \\\"d\\\" &quot;\",\"city\":\"\\u6771\\u4eac \\ud83c\\udfa8\"}";
  g_autoptr (RvImage) image = rv_image_new (9, 7, NULL);
  g_autofree char *many = g_strnfill (70000, 'x');
  for (guint i = 0; i < G_N_ELEMENTS (suffixes); i++) {
    g_autofree char *name = g_strconcat ("recipe.", suffixes[i], NULL), *file = path_of (name);
    g_autofree char *long_name = g_strconcat ("long.", suffixes[i], NULL), *long_file = path_of (long_name);
    g_autoptr (GError) error = NULL;
    g_assert_true (rv_image_save (image, file, &(RvSaveOptions){ .recipe = json }, NULL));
    g_autofree char *back = rv_image_recipe (file, NULL);
    g_assert_cmpstr (back, ==, ascii);
    g_assert_true (rv_image_save (image, long_file, &(RvSaveOptions){ .recipe = many }, NULL));
    g_assert_null (rv_image_recipe (long_file, &error));
    g_assert_error (error, RV_ERROR, RV_ERROR_FORMAT);
  }
}

/* Metadata of a photograph, such as its location, are not copied. */
static void
test_no_place (void)
{
  static const char *const names[] = { "placed.jpg", "placed.png", "placed.webp", "placed.tif" };
  static const char field[] = "exif-ifd3-GPSLatitude";
  g_autofree char *plain = path_of ("unplaced.jpg"), *placed = path_of ("taken.jpg");
  g_autoptr (RvImage) image = gradient (64, 48);
  g_assert_true (rv_image_save (image, plain, NULL, NULL));
  VipsImage *raw = vips_image_new_from_file (plain, NULL), *marked;
  g_assert_cmpint (vips_copy (raw, &marked, NULL), ==, 0);
  vips_image_set_string (marked, field, "48/1 31/1 12/1");
  g_assert_cmpint (vips_jpegsave (marked, placed, NULL), ==, 0);
  g_object_unref (marked);
  g_object_unref (raw);
  raw = vips_image_new_from_file (placed, NULL);
  g_assert_cmpint (vips_image_get_typeof (raw, field), !=, 0); /* present in the input */
  g_object_unref (raw);

  g_autoptr (RvImage) read = rv_image_load (placed, 0, 0, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autofree char *path = path_of (names[i]);
    g_assert_true (rv_image_save (read, path, &(RvSaveOptions){ .recipe = "{}" }, NULL));
    raw = vips_image_new_from_file (path, NULL);
    g_assert_cmpint (vips_image_get_typeof (raw, field), ==, 0);
    g_object_unref (raw);
  }
}

/* A PNG also has the recipe as text. */
static void
test_recipe_text (void)
{
  g_autofree char *path = path_of ("text.png"), *bytes = NULL;
  g_autoptr (RvImage) image = gradient (16, 16);
  gsize size;
  g_assert_true (rv_image_save (image, path, &(RvSaveOptions){ .recipe = "{\"a\": 1}" }, NULL));
  g_assert_true (g_file_get_contents (path, &bytes, &size, NULL));
  g_assert_nonnull (memmem (bytes, size, "Xtreverie", strlen ("Xtreverie"))); /* tEXt or zTXt */
}

/* ---- recipes rewritten by other programs ------------------------------------------------------------------------- */

#define JSON "{\"a\": 1}"

/* (transfer full): path of a new picture @name without a recipe, with @more inserted at byte @place; below 0: from the
 * end. */
static char *
with_bytes (const char *name, gssize place, const GByteArray *more)
{
  char *path = path_of (name), *bytes = NULL;
  g_autoptr (RvImage) image = gradient (16, 16);
  gsize size;
  g_assert_true (rv_image_save (image, path, NULL, NULL));
  g_assert_true (g_file_get_contents (path, &bytes, &size, NULL));
  g_autoptr (GByteArray) all = g_byte_array_new_take ((guint8 *) bytes, size);
  g_autoptr (GByteArray) file = g_byte_array_new ();
  guint head = (guint) (place < 0 ? (gssize) size + place : place);
  g_byte_array_append (file, all->data, head);
  g_byte_array_append (file, more->data, more->len);
  g_byte_array_append (file, all->data + head, all->len - head);
  g_assert_true (g_file_set_contents (path, (const char *) file->data, file->len, NULL));
  return path;
}

static void
add_segment (GByteArray *file, guint8 marker, const char *kind, gsize kind_size, const char *content)
{
  gsize size = 2 + kind_size + strlen (content);
  const guint8 start[] = { 0xff, marker, (guint8) (size >> 8), (guint8) size };
  g_byte_array_append (file, start, sizeof start);
  g_byte_array_append (file, (const guint8 *) kind, (guint) kind_size);
  g_byte_array_append (file, (const guint8 *) content, (guint) strlen (content));
}

/* XMP of other programs is read from a JPEG, also after segments of other kinds. */
static void
test_recipe_xmp (void)
{
  static const struct {
    const char *packet;
    gboolean holds;
  } rows[] = {
    { "<x reverie:recipe=\"{&quot;a&quot;: 1}\"/>", TRUE },
    { "<x xmlns:dc='d' dc:t=''\n reverie:recipe='{\"a\": 1}'/>", TRUE },
    { "<x reverie:recipe = '{&#34;a&#x22;&#58; 1}'/>", TRUE },
    { "<d>\n <reverie:recipe>{&quot;a&quot;: 1}</reverie:recipe></d>", TRUE },
    { "<x reverie:recipes='{&quot;a&quot;: 1}'/>", FALSE },
    { "<x reverie:recipe='{&quot;a&quot;: 1}", FALSE },
    { "<x title='recipe'/>", FALSE },
  };
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GByteArray) more = g_byte_array_new ();
    g_autoptr (GError) error = NULL;
    add_segment (more, 0xed, "Photoshop 3.0", 14, "8BIM");
    add_segment (more, 0xfe, "", 0, "reverie:recipe=");
    add_segment (more, 0xe1, "http://ns.adobe.com/xap/1.0/", 29, rows[i].packet);
    g_autofree char *path = with_bytes ("others.jpg", 2, more), *recipe = rv_image_recipe (path, &error);
    g_assert_cmpstr (recipe, ==, rows[i].holds ? JSON : NULL);
    if (!rows[i].holds)
      g_assert_error (error, RV_ERROR, RV_ERROR_FORMAT);
  }
}

static void
append_deflated (GByteArray *bytes, const char *text)
{
  guint8 packed[4096];
  gsize used, size;
  g_autoptr (GZlibCompressor) zip = g_zlib_compressor_new (G_ZLIB_COMPRESSOR_FORMAT_ZLIB, 9);
  g_assert_cmpint (g_converter_convert (G_CONVERTER (zip), text, strlen (text), packed, sizeof packed,
                                        G_CONVERTER_INPUT_AT_END, &used, &size, NULL),
                   ==, G_CONVERTER_FINISHED);
  g_byte_array_append (bytes, packed, (guint) size);
}

/* Recipes are read from text chunks of a PNG after its pixels, compressed or not, and from XMP in hexadecimal
 * digits. */
static void
test_recipe_chunks (void)
{
  static const char xmp[] = "<x reverie:recipe=\"{&quot;a&quot;: 1}\"/>";
  static const struct {
    const char *type, *before; /* @before: keyword and further fields of the type, with | for zeros */
    const char *text;
    gboolean deflated, hexadecimal, holds;
  } rows[] = {
    { "tEXt", "reverie|", JSON, .holds = TRUE },
    { "zTXt", "reverie||", JSON, .deflated = TRUE, .holds = TRUE },
    { "iTXt", "reverie||||en|", JSON, .holds = TRUE },
    { "iTXt", "reverie|||en||", JSON, .holds = TRUE },
    { "iTXt", "reverie|\1||r|", JSON, .deflated = TRUE, .holds = TRUE },
    { "iTXt", "XML:com.adobe.xmp|||||", xmp, .holds = TRUE },
    { "zTXt", "XML:com.adobe.xmp||", xmp, .deflated = TRUE, .holds = TRUE },
    { "tEXt", "Raw profile type xmp|\nxmp\n      99\n", xmp, .hexadecimal = TRUE, .holds = TRUE },
    { "zTXt", "reverie||", "no zlib", .holds = FALSE },
    { "iTXt", "reverie", "", .holds = FALSE },
    { "iTXt", "reverie|||en|", "", .holds = FALSE },
    { "tEXt", "Raw profile type xmp|", "\nxmp", .holds = FALSE },
    { "tEXt", "Comment|", JSON, .holds = FALSE },
  };
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GByteArray) chunk = g_byte_array_new ();
    g_autofree char *before = g_strdup (rows[i].before);
    g_autoptr (GString) text = g_string_new (rows[i].hexadecimal ? NULL : rows[i].text);
    for (const char *c = rows[i].text; rows[i].hexadecimal && *c; c++)
      g_string_append_printf (text, "%02x%s", *c, c[1] == ' ' ? "\n" : "");
    gsize before_size = strlen (before);
    g_strdelimit (before, "|", '\0');
    g_byte_array_append (chunk, (const guint8 *) before, (guint) before_size);
    if (rows[i].deflated)
      append_deflated (chunk, text->str);
    else
      g_byte_array_append (chunk, (const guint8 *) text->str, (guint) text->len);
    guint32 size = GUINT32_TO_BE (chunk->len);
    g_byte_array_prepend (chunk, (const guint8 *) rows[i].type, 4);
    g_byte_array_prepend (chunk, (const guint8 *) &size, 4);
    g_byte_array_append (chunk, (const guint8 *) "crc?", 4); /* not checked */
    g_autofree char *path = with_bytes ("others.png", -12, chunk), *recipe = rv_image_recipe (path, NULL);
    if (rows[i].holds)
      g_assert_cmpstr (recipe, ==, JSON);
    else
      g_assert_cmpstr (recipe, !=, JSON);
  }
}

/* Reads a picture in strips of rows, of which the last is shorter. */
static void
test_bands (void)
{
  g_autofree char *file = path_of ("bands.png");
  g_autoptr (RvImage) image = gradient (1100, 2001);
  g_assert_true (rv_image_save (image, file, NULL, NULL));
  g_autoptr (RvImage) read = rv_image_load (file, 0, 0, NULL);
  const float *wanted = image->rgb->data, *found = read->rgb->data;
  for (int i = 0; i < 3 * 1100 * 2001; i++)
    g_assert_true (fabsf (wanted[i] - found[i]) <= 0.5f);
}

/* Numbers that differ only by rounding have a few ticks, as equal ones. */
static void
test_plot_equal (void)
{
  const double losses[] = { 0.5, 0.5 + 0x1p-52 };
  const RvPlotCurve curve = { "loss", losses };
  g_autofree char *svg = rv__plot_curves ("Training", "epoch", "nats per picture", &curve, 1, G_N_ELEMENTS (losses));
  g_assert_cmpuint (strlen (svg), <, 10000);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_log_set_always_fatal (G_LOG_LEVEL_CRITICAL | G_LOG_FATAL_MASK); /* libvips warns of the damaged files */
  folder = g_dir_make_tmp ("reverie-XXXXXX", NULL);
  g_test_add_func ("/image/formats", test_formats);
  g_test_add_func ("/image/16-bit", test_16_bit);
  g_test_add_func ("/image/out-of-range", test_out_of_range);
  g_test_add_func ("/image/exif", test_exif);
  g_test_add_func ("/image/icc", test_icc);
  g_test_add_func ("/image/grey", test_grey);
  g_test_add_func ("/image/alpha", test_alpha);
  g_test_add_func ("/image/resize", test_resize);
  g_test_add_func ("/image/memory-formats", test_memory_formats);
  g_test_add_func ("/image/memory-out", test_memory_out);
  g_test_add_func ("/image/files-in-memory", test_files_in_memory);
  g_test_add_func ("/image/no-pictures", test_no_pictures);
  g_test_add_func ("/image/cut-files", test_cut_files);
  g_test_add_func ("/image/targets", test_targets);
  g_test_add_func ("/image/full-disk", test_full_disk);
  g_test_add_func ("/image/recipe", test_recipe);
  g_test_add_func ("/image/recipe/text", test_recipe_text);
  g_test_add_func ("/image/recipe/xmp", test_recipe_xmp);
  g_test_add_func ("/image/recipe/chunks", test_recipe_chunks);
  g_test_add_func ("/image/no-place", test_no_place);
  g_test_add_func ("/image/no-numbers", test_no_numbers);
  g_test_add_func ("/image/zoom", test_zoom);
  g_test_add_func ("/image/blend", test_blend);
  g_test_add_func ("/image/packed/mask", test_packed_mask);
  g_test_add_func ("/image/bands", test_bands);
  g_test_add_func ("/image/plot-equal", test_plot_equal);
  return test_run_and_delete (folder);
}
