/* test-image-in.c -- colours of files: sample types, colour spaces, profiles, tags of PNG and HEIF, masks; damaged
 * JPEGs. Four colours, at original size, smaller and larger. */
#include "base/alloc.h"
#include "io/image/frame.h"
#include "io/image/vips-helpers.h"
#include "io/image/compact.h"
#include "support/support.h"
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

#define SIDE 64 /* px; each quarter of a picture has one colour */

static char *folder;

static const double card[4][5] = { { 200, 40, 40 }, { 40, 180, 60 }, { 40, 60, 200 }, { 230, 200, 50 } };
static const double greys[4][5] = { { 200, 200, 200 }, { 120, 120, 120 }, { 60, 60, 60 }, { 230, 230, 230 } };
/* Linear light of `card`, in 1/65535. */
static const double light[4][5] = {
  { 37852, 1391, 1391 }, { 1391, 29911, 2961 }, { 1391, 2961, 37852 }, { 51858, 37852, 2090 }
};
/* Linear light of `greys`, in 1/65535. */
static const double grey_light[4][5] = { { 37852 }, { 12331 }, { 2961 }, { 51858 } };
/* `card` in Display P3, times 257. */
static const double p3[4][5] = {
  { 47262, 14418, 12593 }, { 22719, 45592, 19840 }, { 11385, 15266, 49447 }, { 57851, 51683, 21074 }
};

static char *
path_of (const char *name)
{
  return g_build_filename (folder, name, NULL);
}

/* (transfer full): a picture of @bands channels whose quarters have the four @colors, times @scale. */
static VipsImage *
quarters (const double colors[4][5], int bands, double scale, VipsBandFormat format, VipsInterpretation space)
{
  g_autofree double *pixels = g_new (double, SIDE *SIDE *bands);
  for (int i = 0; i < SIDE * SIDE * bands; i++)
    pixels[i] = colors[i / bands % SIDE / (SIDE / 2) + 2 * (i / bands / SIDE / (SIDE / 2))][i % bands] * scale;
  VipsImage *doubles = vips_image_new_from_memory_copy (pixels, sizeof (double) * SIDE * SIDE * (gsize) bands, SIDE,
                                                        SIDE, bands, VIPS_FORMAT_DOUBLE),
            *rounded, *cast, *tagged;
  gboolean whole = !vips_band_format_isfloat (format);
  g_assert_cmpint (vips_linear1 (doubles, &rounded, 1, whole ? 0.5 : 0, NULL), ==, 0);
  g_assert_cmpint (vips_cast (rounded, &cast, format, NULL), ==, 0);
  g_assert_cmpint (vips_copy (cast, &tagged, "interpretation", space, NULL), ==, 0);
  g_object_unref (doubles);
  g_object_unref (rounded);
  g_object_unref (cast);
  return tagged;
}

/* Saves @image to @path, and takes @image. @options: see vips_image_write_to_file(). */
static void
save (VipsImage *image, const char *path, const char *options)
{
  g_autofree char *name = g_strconcat (path, options, NULL);
  g_assert_cmpint (vips_image_write_to_file (image, name, NULL), ==, 0);
  g_object_unref (image);
}

static void
check_image (const RvImage *image, const char *name, const double wanted[4][5], double alpha, double tolerance)
{
  gint64 plane = (gint64) image->width * image->height;
  g_assert_cmpint (image->alpha != NULL, ==, alpha >= 0);
  for (int i = 0; i < 4; i++) {
    gint64 p = (gint64) image->height * (1 + i / 2 * 2) / 4 * image->width + image->width * (1 + i % 2 * 2) / 4;
    for (int c = 0; c < 3; c++) {
      double found = ((float *) image->rgb->data)[c * plane + p];
      if (fabs (found - wanted[i][c]) > tolerance)
        g_error ("%s: colour %d, channel %d is %g, not %g", name, i, c, found, wanted[i][c]);
    }
    if (alpha >= 0)
      assert_less (fabs ((double) ((float *) image->alpha->data)[p] - alpha), 0.005);
  }
}

/* Checks the file at original size, smaller, larger, and from memory, and removes it. @alpha: -1: none. */
static void
check_file (const char *path, const double wanted[4][5], double alpha, double tolerance)
{
  char *content;
  gsize size;
  for (int side = 0; side <= 2 * SIDE; side += side ? SIDE + SIDE / 2 : SIDE / 2) {
    g_autoptr (GError) error = NULL;
    g_autoptr (RvImage) image = rv_image_load (path, side, side, &error);
    g_assert_no_error (error);
    check_image (image, path, wanted, alpha, tolerance);
  }
  g_assert_true (g_file_get_contents (path, &content, &size, NULL));
  g_autoptr (GBytes) bytes = g_bytes_new_take (content, size);
  g_autoptr (RvImage) image = rv_image_load_bytes (bytes, 0, 0, NULL);
  check_image (image, path, wanted, alpha, tolerance);
  g_remove (path);
}

static void
check_refused (const char *path, const char *said)
{
  g_autoptr (GError) error = NULL;
  g_assert_null (rv_image_load (path, 0, 0, &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_FORMAT);
  g_assert_nonnull (strstr (error->message, said));
  g_assert_nonnull (strstr (error->message, path));
  g_remove (path);
}

/* ---- samples ----------------------------------------------------------------------------------------------------- */

/* White is the largest value of an integer type, and 1 for floats, for any number of channels. */
static void
test_samples (void)
{
  static const struct {
    VipsBandFormat format;
    double white;
    VipsInterpretation grey, rgb;
  } kinds[] = {
    { VIPS_FORMAT_UCHAR, 255, VIPS_INTERPRETATION_B_W, VIPS_INTERPRETATION_sRGB },
    { VIPS_FORMAT_CHAR, 127, VIPS_INTERPRETATION_B_W, VIPS_INTERPRETATION_sRGB },
    { VIPS_FORMAT_USHORT, 65535, VIPS_INTERPRETATION_GREY16, VIPS_INTERPRETATION_RGB16 },
    { VIPS_FORMAT_SHORT, 32767, VIPS_INTERPRETATION_GREY16, VIPS_INTERPRETATION_RGB16 },
    { VIPS_FORMAT_FLOAT, 1, VIPS_INTERPRETATION_B_W, VIPS_INTERPRETATION_scRGB },
  };
  g_autofree char *path = path_of ("samples.tif");
  for (guint k = 0; k < G_N_ELEMENTS (kinds); k++)
    for (int bands = 1; bands <= 4; bands++) {
      const double (*colors)[5] = bands < 3 ? greys : card;
      double with_alpha[4][5], alpha = bands % 2 ? -1 : 0.6;
      memcpy (with_alpha, colors, sizeof with_alpha);
      for (int i = 0; i < 4 && bands % 2 == 0; i++)
        with_alpha[i][bands - 1] = 0.6 * 255;
      save (
        quarters (with_alpha, bands, kinds[k].white / 255, kinds[k].format, bands < 3 ? kinds[k].grey : kinds[k].rgb),
        path, "");
      check_file (path, colors, alpha, k == 1 ? 2 : 1);
    }
}

/* Files with unknown white, or values far beyond it, are refused. */
static void
test_no_white (void)
{
  static const struct {
    VipsBandFormat format;
    const char *said;
  } wrong[] = { { VIPS_FORMAT_UINT, "32 bits" },
                { VIPS_FORMAT_INT, "32 bits" },
                { VIPS_FORMAT_FLOAT, "beyond white" } };
  g_autofree char *path = path_of ("no-white.tif");
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    for (int bands = 1; bands <= 3; bands += 2) {
      save (quarters (card, bands, 1, wrong[i].format, bands < 3 ? VIPS_INTERPRETATION_B_W : VIPS_INTERPRETATION_sRGB),
            path, "");
      check_refused (path, wrong[i].said);
    }
}

/* Reads files of one bit, whose 1 is white or black, and palettes. */
static void
test_few_bits (void)
{
  static const double bits[4][5] = { { 255, 255, 255 }, { 0, 0, 0 }, { 0, 0, 0 }, { 255, 255, 255 } };
  static const char *const options[] = { ".tif[bitdepth=1]", ".tif[bitdepth=1,miniswhite]", ".png[palette,bitdepth=1]",
                                         ".png" };
  for (guint i = 0; i < G_N_ELEMENTS (options); i++) {
    g_autofree char *path = path_of (i < 2 ? "bits.tif" : "bits.png");
    save (quarters (bits, 1, 1, VIPS_FORMAT_UCHAR, VIPS_INTERPRETATION_B_W), path,
          strchr (options[i], '[') ? strchr (options[i], '[') : "");
    check_file (path, bits, -1, 0.5);
  }
  g_autofree char *palette = path_of ("palette.png");
  save (quarters (card, 3, 1, VIPS_FORMAT_UCHAR, VIPS_INTERPRETATION_sRGB), palette, "[palette]");
  check_file (palette, card, -1, 3);
}

/* Reads CIE Lab relative to D50, as in profiles, from floats, 8 bits and 16 bits. The expected colours are computed by
 * hand (Bradford). */
static void
test_lab (void)
{
  static const double lab[4][5] = { { 45.098, 62, 43 }, { 64.706, -55, 48 }, { 32.157, 34, -76 }, { 81.569, 0, 72 } },
                      wanted[4][5] = {
                        { 201.0, 39.6, 39.5 }, { 43.2, 180.3, 60.9 }, { 40.4, 59.6, 199.5 }, { 229.9, 200.6, 51.8 }
                      };
  g_autofree char *path = path_of ("lab.tif");
  for (int i = 0; i < 3; i++) {
    VipsImage *image = quarters (lab, 3, 1, VIPS_FORMAT_FLOAT, VIPS_INTERPRETATION_LAB), *coded = NULL;
    if (i == 1)
      g_assert_cmpint (vips_Lab2LabQ (image, &coded, NULL), ==, 0);
    else if (i == 2)
      g_assert_cmpint (vips_Lab2LabS (image, &coded, NULL), ==, 0);
    if (coded) {
      g_object_unref (image);
      image = coded;
    }
    save (image, path, "");
    check_file (path, wanted, -1, 1);
  }
}

/* ---- ink --------------------------------------------------------------------------------------------------------- */

static const double inks[4][5] = { { 0, 230, 220, 20 }, { 200, 0, 220, 10 }, { 220, 200, 0, 0 }, { 0, 20, 220, 0 } };

/* Changes the segment @marker of a JPEG file: sets its last byte to @last, or removes it if @last is -1. */
static void
change_segment (const char *path, guint8 marker, int last)
{
  g_autofree char *content = NULL;
  gsize size, i = 2;
  g_assert_true (g_file_get_contents (path, &content, &size, NULL));
  guint8 *jpeg = (guint8 *) content;
  while (jpeg[i + 1] != marker)
    i += 2 + (gsize) (jpeg[i + 2] << 8 | jpeg[i + 3]);
  gsize length = 2 + (gsize) (jpeg[i + 2] << 8 | jpeg[i + 3]);
  if (last >= 0)
    jpeg[i + length - 1] = (guint8) last;
  else {
    memmove (content + i, content + i + length, size - i - length);
    size -= length;
  }
  g_assert_true (g_file_set_contents (path, content, (gssize) size, NULL));
}

/* Ink of a JPEG is inverted, with Adobe's marker or without, as in Photoshop, browsers and libvips, also in YCCK. Ink
 * of a TIFF is not. */
static void
test_cmyk (void)
{
  g_autofree char *tiff = path_of ("ink.tif"), *jpeg = path_of ("ink.jpg");
  double wanted[4][5], ycck[4][5];
  save (quarters (inks, 4, 1, VIPS_FORMAT_UCHAR, VIPS_INTERPRETATION_CMYK), tiff, "");
  g_autoptr (RvImage) image = rv_image_load (tiff, 0, 0, NULL);
  for (int i = 0; i < 4; i++) {
    for (int c = 0; c < 3; c++)
      wanted[i][c] =
        ((float *) image->rgb->data)[(c * SIDE + SIDE * (1 + i / 2 * 2) / 4) * SIDE + SIDE * (1 + i % 2 * 2) / 4];
    const double *ink = inks[i];
    ycck[i][0] = 255 - (0.299 * ink[0] + 0.587 * ink[1] + 0.114 * ink[2]);
    ycck[i][1] = 255 - (128 - 0.168736 * ink[0] - 0.331264 * ink[1] + 0.5 * ink[2]);
    ycck[i][2] = 255 - (128 + 0.5 * ink[0] - 0.418688 * ink[1] - 0.081312 * ink[2]);
    ycck[i][3] = ink[3];
  }
  g_assert_true (wanted[0][0] > wanted[0][1] + 50 && wanted[1][1] > wanted[1][0] + 50 &&
                 wanted[3][0] > wanted[3][2] + 100);
  check_file (tiff, wanted, -1, 1);
  for (int i = 0; i < 3; i++) {
    save (quarters (i == 2 ? ycck : inks, 4, 1, VIPS_FORMAT_UCHAR, VIPS_INTERPRETATION_CMYK), jpeg,
          "[Q=100,no-subsample]");
    if (i > 0)
      change_segment (jpeg, 0xee, i == 1 ? -1 : 2);
    check_file (jpeg, wanted, -1, 6);
  }
}

/* ---- tags of PNG, and profiles ----------------------------------------------------------------------------------- */

static void
put_u32 (GByteArray *to, guint32 value)
{
  value = GUINT32_TO_BE (value);
  g_byte_array_append (to, (const guint8 *) &value, 4);
}

/* Adds chunks to a PNG file, such as "gAMA 100000 cICP 12,13,0,1". Numbers have four bytes, but one byte in cICP, sRGB
 * and eXIf. */
static void
add_chunks (const char *path, const char *text)
{
  g_autofree char *content = NULL;
  g_auto (GStrv) words = g_strsplit (text, " ", -1);
  gsize size;
  g_assert_true (g_file_get_contents (path, &content, &size, NULL));
  g_autoptr (GByteArray) png = g_byte_array_new ();
  g_byte_array_append (png, (const guint8 *) content, 33); /* up to the end of IHDR */
  for (char **word = words; word[0] && word[1]; word += 2) {
    g_auto (GStrv) numbers = g_strsplit (word[1], ",", -1);
    guint unit = strstr ("cICP sRGB eXIf", word[0]) ? 1 : 4;
    guint start = png->len + 4;
    put_u32 (png, unit * g_strv_length (numbers));
    g_byte_array_append (png, (const guint8 *) word[0], 4);
    for (char **number = numbers; *number; number++) {
      guint8 byte = (guint8) atoi (*number);
      if (unit == 1)
        g_byte_array_append (png, &byte, 1);
      else
        put_u32 (png, (guint32) atoi (*number));
    }
    guint32 crc = 0xffffffff;
    for (guint i = start; i < png->len; i++) {
      crc ^= png->data[i];
      for (int k = 0; k < 8; k++)
        crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
    }
    put_u32 (png, ~crc);
  }
  g_byte_array_append (png, (const guint8 *) content + 33, (guint) size - 33);
  g_assert_true (g_file_set_contents (path, (char *) png->data, png->len, NULL));
}

#define CHRM_P3 "cHRM 31270,32900,68000,32000,26500,69000,15000,6000"
#define LINEAR "gAMA 100000 "

/* (transfer full): libvips' profile of sRGB with straight curves: linear light with sRGB's primaries. @n: (out): its
 * bytes. */
static guint8 *
linear_profile (gsize *n)
{
  VipsBlob *blob = NULL;
  g_assert_cmpint (vips_profile_load ("srgb", &blob, NULL), ==, 0);
  const void *data = vips_blob_get (blob, n);
  guint8 *profile = g_memdup2 (data, *n);
  vips_area_unref (VIPS_AREA (blob));
  for (gsize i = 0; i + 16 <= *n; i++) {
    if (memcmp (profile + i, "para", 4) == 0) /* libvips 8.16: becomes a power of 1 */
      memcpy (profile + i + 8, "\0\0\0\0\0\1\0\0", 8);
    if (memcmp (profile + i, "curv", 4) != 0)
      continue;
    guint length = (guint) profile[i + 10] << 8 | profile[i + 11];
    for (guint k = 0; k < length; k++) {
      guint16 sample = GUINT16_TO_BE ((guint16) (65535 * k / (length - 1)));
      memcpy (profile + i + 12 + 2 * k, &sample, sizeof sample);
    }
    i += 11 + 2 * length;
  }
  return profile;
}

static void
test_png_tags (void)
{
  static const double codes[4][5] = { { 0.508078, 0.508078, 0 },
                                      { 0.508078, 0, 0 },
                                      { 0.64, 0.64, 0.64 },
                                      { 1, 0, 1 } },
                      nits[4][5] = { { 186, 186, 0 }, { 186, 0, 0 }, { 255, 255, 255 }, { 255, 0, 255 } },
                      hlg[4][5] = { { 0.5, 0.5, 0 }, { 0, 0, 0.5 }, { 0.82, 0.82, 0.82 }, { 1, 0, 1 } },
                      hlg_seen[4][5] = { { 136, 136, 0 }, { 0, 0, 107 }, { 255, 255, 255 }, { 255, 0, 255 } };
  /* the card, as numpy and zscale (agamma=false) compute it: HLG and PQ of BT.2020, HLG of Display P3 */
  static const double hlg_2020[4][5] = { { 0.61346, 0.25653, 0.18293 },
                                         { 0.39734, 0.61007, 0.27790 },
                                         { 0.25415, 0.24533, 0.70478 },
                                         { 0.69318, 0.66027, 0.28332 } },
                      pq_2020[4][5] = { { 0.47972, 0.31501, 0.26284 },
                                        { 0.40321, 0.49256, 0.34028 },
                                        { 0.30581, 0.30021, 0.51383 },
                                        { 0.54197, 0.52563, 0.35146 } },
                      hlg_p3[4][5] = { { 0.66778, 0.20923, 0.18409 },
                                       { 0.30645, 0.62023, 0.26663 },
                                       { 0.17585, 0.23214, 0.70782 },
                                       { 0.71148, 0.65975, 0.27078 } },
                      hlg_grey[4][5] = { { 0.5 }, { 0.25 }, { 0.75 }, { 1 } },
                      hlg_grey_seen[4][5] = {
                        { 136.9, 136.9, 136.9 }, { 61.6, 61.6, 61.6 }, { 255, 255, 255 }, { 255, 255, 255 }
                      };
  static const struct {
    const char *chunks;
    const double (*file)[5];
    double scale;
    const double (*seen)[5];
  } cases[] = {
    { "", card, 257, card },
    { LINEAR, light, 1, card },
    { "gAMA 45455 ", card, 257, card },
    { "gAMA 45455 cHRM 31270,32900,64000,33000,30000,60000,15000,6000", card, 257, card },
    { LINEAR "sRGB 0", card, 257, card },
    { "sRGB 0 " LINEAR, card, 257, card },
    { CHRM_P3, p3, 1, card },
    { "gAMA 45455 " CHRM_P3, p3, 1, card },
    { "sRGB 0 " CHRM_P3, card, 257, card },
    { "cICP 12,13,0,1", p3, 1, card },
    { "cICP 1,8,0,1", light, 1, card },
    { "cICP 1,13,0,1 " LINEAR, card, 257, card },
    { "sRGB 0 cICP 1,8,0,1", light, 1, card },
    { "cICP 1,8,1,1", card, 257, card }, /* with a matrix, which PNG forbids: invalid */
    { "cICP 200,200,0,1", card, 257, card },
    { "gAMA 0", card, 257, card },
    { LINEAR "cHRM 0,0,0,0,0,0,0,0", light, 1, card },
    { LINEAR "cHRM 31270,32900,64000,33000,64000,33000,64000,33000", light, 1, card },
    { "cICP 1,16,0,1", codes, 65535, nits },
    { "cICP 1,18,0,1", hlg, 65535, hlg_seen },
    { "cICP 9,18,0,1", hlg_2020, 65535, card },
    { "cICP 9,16,0,1", pq_2020, 65535, card },
    { "cICP 12,18,0,1", hlg_p3, 65535, card },
  };
  g_autofree char *path = path_of ("tag.png");
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    for (int bands = 3; bands <= 4; bands++) {
      double colors[4][5];
      memcpy (colors, cases[i].file, sizeof colors);
      for (int k = 0; k < 4; k++)
        colors[k][3] = 39321 / cases[i].scale;
      save (quarters (colors, bands, cases[i].scale, VIPS_FORMAT_USHORT, VIPS_INTERPRETATION_RGB16), path, "");
      add_chunks (path, cases[i].chunks);
      check_file (path, cases[i].seen, bands == 3 ? -1 : 0.6, 1.5);
    }
  save (quarters (grey_light, 1, 1, VIPS_FORMAT_USHORT, VIPS_INTERPRETATION_GREY16), path, "");
  add_chunks (path, LINEAR);
  check_file (path, greys, -1, 1.5);
  for (int bits = 8; bits <= 16; bits += 8) {
    save (quarters (hlg_grey, 1, bits == 8 ? 255 : 65535, bits == 8 ? VIPS_FORMAT_UCHAR : VIPS_FORMAT_USHORT,
                    bits == 8 ? VIPS_INTERPRETATION_B_W : VIPS_INTERPRETATION_GREY16),
          path, "");
    add_chunks (path, "cICP 9,18,0,1");
    check_file (path, hlg_grey_seen, -1, 1.5);
  }
}

/* ---- profiles ---------------------------------------------------------------------------------------------------- */

/* (transfer full): the profile @linear, cut to @n bytes, with the colour space @space. */
static guint8 *
profile_of (const guint8 *linear, gsize n, const char *space)
{
  guint8 *profile = g_memdup2 (linear, n);
  memcpy (profile + 16, space, 4);
  for (gsize i = 128; strcmp (space, "GRAY") == 0 && i < MIN (n, 400); i++)
    if (memcmp (profile + i, "rTRC", 4) == 0)
      memcpy (profile + i, "kTRC", 4);
  return profile;
}

/* Inserts a profile after the first two bytes: libvips saves no profile that does not fit the colours. */
static void
add_to_jpeg (const char *path, const guint8 *profile, gsize n)
{
  g_autofree char *content = NULL;
  gsize size, length = 2 + 14 + n;
  g_assert_true (g_file_get_contents (path, &content, &size, NULL));
  g_autoptr (GByteArray) jpeg = g_byte_array_new ();
  const guint8 head[] = { 0xff, 0xd8, 0xff, 0xe2, (guint8) (length >> 8), (guint8) length };
  g_byte_array_append (jpeg, head, sizeof head);
  g_byte_array_append (jpeg, (const guint8 *) "ICC_PROFILE\0\1\1", 14);
  g_byte_array_append (jpeg, profile, (guint) n);
  g_byte_array_append (jpeg, (const guint8 *) content + 2, (guint) size - 2);
  g_assert_true (g_file_set_contents (path, (char *) jpeg->data, jpeg->len, NULL));
}

static void
give_profile (VipsImage *image, const guint8 *linear, gsize n, const char *space)
{
  g_autofree guint8 *profile = profile_of (linear, n, space);
  vips_image_set_blob_copy (image, VIPS_META_ICC_NAME, profile, n);
}

/* Whether the file has a profile. Newer versions of libvips save no RGB profile in a grey TIFF, but read one. */
static gboolean
has_profile (const char *path)
{
  g_autofree char *bytes = NULL;
  gsize size;
  g_assert_true (g_file_get_contents (path, &bytes, &size, NULL));
  VipsImage *image = vips_image_new_from_buffer (bytes, size, "", NULL);
  gboolean has = image && vips_image_get_typeof (image, VIPS_META_ICC_NAME) != 0;
  g_clear_object (&image);
  return has;
}

/* A profile of the picture's colour space is used. For grey pictures an RGB profile is used as a curve. Other and
 * damaged profiles are ignored. */
static void
test_profiles (void)
{
  static const struct {
    const char *space, *suffix;
    int bands;
    gboolean heeded;
  } cases[] = {
    { "RGB ", ".png", 3, TRUE },  { "RGB ", ".png", 4, TRUE },   { "RGB ", ".tif", 3, TRUE },
    { "RGB ", ".tif", 4, TRUE },  { "RGB ", ".jpg", 3, TRUE },   { "RGB ", ".webp", 3, TRUE },
    { "GRAY", ".png", 1, TRUE },  { "GRAY", ".tif", 1, TRUE },   { "GRAY", ".tif", 2, TRUE },
    { "GRAY", ".jpg", 1, TRUE },  { "RGB ", ".tif", 1, TRUE },   { "RGB ", ".jpg", 1, TRUE },
    { "RGB ", ".tif", 2, TRUE },  { "GRAY", ".tif", 3, FALSE },  { "GRAY", ".tif", 4, FALSE },
    { "GRAY", ".jpg", 3, FALSE }, { "GRAY", ".webp", 3, FALSE }, { "CMYK", ".tif", 3, FALSE },
    { "CMYK", ".tif", 4, FALSE }, { "CMYK", ".jpg", 1, FALSE },  { "Lab ", ".tif", 3, FALSE },
    { "XYZ ", ".tif", 3, FALSE }, { "none", ".jpg", 3, FALSE },
  };
  gsize n;
  g_autofree guint8 *linear = linear_profile (&n);
  for (guint i = 0; i < G_N_ELEMENTS (cases) + 1; i++) {
    guint k = MIN (i, G_N_ELEMENTS (cases) - 1);
    g_autofree char *name = g_strconcat ("profile", cases[k].suffix, NULL), *path = path_of (name);
    gboolean grey = cases[k].bands < 3;
    double colors[4][5];
    memcpy (colors, cases[k].heeded ? (grey ? grey_light : light) : grey ? greys : card, sizeof colors);
    for (int c = 0; c < 4 && cases[k].bands % 2 == 0; c++)
      colors[c][cases[k].bands - 1] = cases[k].heeded ? 39321 : 153;
    VipsImage *image = quarters (colors, cases[k].bands, cases[k].heeded ? 1 / 257.0 : 1, VIPS_FORMAT_UCHAR,
                                 grey ? VIPS_INTERPRETATION_B_W : VIPS_INTERPRETATION_sRGB);
    gsize length = i == k ? n : 50; /* the profile of the last round is truncated */
    g_autofree guint8 *profile = profile_of (linear, length, cases[k].space);
    gboolean jpeg = strcmp (cases[k].suffix, ".jpg") == 0, webp = strcmp (cases[k].suffix, ".webp") == 0;
    if (!jpeg)
      vips_image_set_blob_copy (image, VIPS_META_ICC_NAME, profile, length);
    save (image, path, jpeg ? "[Q=100,no-subsample]" : webp ? "[lossless]" : "");
    if (jpeg)
      add_to_jpeg (path, profile, length);
    if (cases[k].heeded && !has_profile (path))
      continue;
    check_file (path, grey ? greys : card, cases[k].bands % 2 ? -1 : 0.6, 9); /* 8 bits of linear light are coarse */
  }
  g_autofree char *plain = path_of ("plain.tif"), *path = path_of ("ink.tif");
  for (int i = 0; i < 3; i++) {
    VipsImage *image = quarters (inks, 4, 1, VIPS_FORMAT_UCHAR, VIPS_INTERPRETATION_CMYK);
    if (i > 0)
      give_profile (image, linear, n, i == 1 ? "RGB " : "GRAY");
    save (image, i == 0 ? plain : path, "");
    g_autoptr (RvImage) of_plain = rv_image_load (plain, 0, 0, NULL),
                        loaded = rv_image_load (i == 0 ? plain : path, 0, 0, NULL);
    g_assert_cmpint (memcmp (of_plain->rgb->data, loaded->rgb->data, rv_tensor_bytes (loaded->rgb)), ==, 0);
  }
}

/* cICP of a PNG has precedence over the profile, and the profile over gAMA. Profiles of floats are used as well. */
static void
test_profile_or_tag (void)
{
  g_autofree char *path = path_of ("both.png"), *real = path_of ("real.tif");
  gsize n;
  g_autofree guint8 *linear = linear_profile (&n);
  for (int i = 0; i < 3; i++) {
    VipsImage *image = quarters (i == 1 ? card : light, 3,
                                 i == 1   ? 257
                                 : i == 2 ? 1 / 65535.0
                                          : 1,
                                 i == 2 ? VIPS_FORMAT_FLOAT : VIPS_FORMAT_USHORT,
                                 i == 2 ? VIPS_INTERPRETATION_scRGB : VIPS_INTERPRETATION_RGB16);
    give_profile (image, linear, n, "RGB ");
    save (image, i == 2 ? real : path, "");
    if (i < 2)
      add_chunks (path, i == 0 ? "gAMA 45455" : "cICP 1,13,0,1");
    check_file (i == 2 ? real : path, card, -1, 1.5);
  }
}

/* Reads files as phones and cameras write them (tests/golden/color-files.py). */
static void
test_heif (gconstpointer name)
{
  g_autofree char *path = path_of (name);
  g_autoptr (GBytes) bytes = test_golden_bytes ("color-files", name);
  g_autoptr (GError) error = NULL;
  g_assert_true (g_file_set_contents (path, g_bytes_get_data (bytes, NULL), (gssize) g_bytes_get_size (bytes), NULL));
  g_autoptr (RvImage) image = rv_image_load (path, 0, 0, &error);
  if (!image) {
    g_test_skip (error->message); /* libheif without this decoder */
    g_remove (path);
    return;
  }
  check_file (path, card, -1, 6);
}

/* ---- orientation, alpha, masks ----------------------------------------------------------------------------------- */

static void
test_turned (void)
{
  static const char *const names[] = { "turned.jpg", "turned.png", "turned.webp", "turned.tif" };
  static const double right[4][5] = { { 40, 60, 200 }, { 200, 40, 40 }, { 230, 200, 50 }, { 40, 180, 60 } };
  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autofree char *path = path_of (names[i]);
    VipsImage *image = quarters (card, 3, 1, VIPS_FORMAT_UCHAR, VIPS_INTERPRETATION_sRGB);
    vips_image_set_int (image, VIPS_META_ORIENTATION, 6);
    save (image, path, i == 0 ? "[Q=100]" : i == 2 ? "[lossless]" : "");
    if (i == 1) /* libvips writes EXIF only into a PNG that had EXIF */
      add_chunks (path, "eXIf 77,77,0,42,0,0,0,8,0,1,1,18,0,3,0,0,0,1,0,6,0,0,0,0,0,0");
    check_file (path, right, -1, 3);
  }
}

/* Half-transparent pixels keep their colour next to pixels of other colours. */
static void
test_half_transparent (void)
{
  double colors[4][5];
  g_autofree char *path = path_of ("half.png");
  for (int alpha = 16; alpha < 256; alpha += 64) {
    memcpy (colors, card, sizeof colors);
    for (int i = 0; i < 4; i++)
      colors[i][3] = i < 3 ? alpha : 0;
    save (quarters (colors, 4, 1, VIPS_FORMAT_UCHAR, VIPS_INTERPRETATION_sRGB), path, "");
    g_autoptr (RvImage) image = rv_image_load (path, 0, 0, NULL);
    for (int i = 0; i < 3; i++) /* near the middle, where four colours meet */
      for (int c = 0; c < 3; c++) {
        int y = SIDE / 2 - 1 + i / 2, x = SIDE / 2 - 1 + i % 2;
        assert_less (fabs (((float *) image->rgb->data)[(c * SIDE + y) * SIDE + x] - card[i][c]), 0.5);
      }
  }
}

/* The first extra channel is alpha. Others, such as selections that Photoshop stores, change nothing. */
static void
test_extra_channels (void)
{
  static const struct {
    int n_colors;
    VipsInterpretation space;
  } kinds[] = { { 1, VIPS_INTERPRETATION_B_W }, { 3, VIPS_INTERPRETATION_sRGB }, { 4, VIPS_INTERPRETATION_CMYK } };
  g_autofree char *path = path_of ("extra.tif");
  for (guint k = 0; k < G_N_ELEMENTS (kinds); k++) {
    double colors[4][5];
    RvImage *images[3];
    memcpy (colors, card, sizeof colors);
    for (int i = 0; i < 4; i++)
      colors[i][kinds[k].n_colors] = 60 * (i + 1);
    for (int n_more = 0; n_more < 3; n_more++) {
      VipsImage *image = quarters (colors, kinds[k].n_colors + 1, 1, VIPS_FORMAT_UCHAR, kinds[k].space),
                *joined = image;
      if (n_more > 0) {
        g_assert_cmpint (vips_bandjoin_const (image, &joined, (double[2]){ 0, 9 }, n_more, NULL), ==, 0);
        g_object_unref (image);
      }
      save (joined, path, "");
      images[n_more] = rv_image_load (path, 0, 0, NULL);
      g_assert_true (images[n_more]->alpha);
      for (int plane = 0; plane < 2; plane++) {
        const RvTensor *found = plane ? images[n_more]->alpha : images[n_more]->rgb,
                       *wanted = plane ? images[0]->alpha : images[0]->rgb;
        g_assert_cmpmem (found->data, rv_tensor_bytes (found), wanted->data, rv_tensor_bytes (wanted));
      }
    }
    for (int i = 0; i < 3; i++)
      rv_image_unref (images[i]);
  }
  g_remove (path);
}

/* A mask is the mean of its colours times alpha, in any format. rv__image_blend() uses the same values. */
static void
test_masks (void)
{
  static const double wanted[4] = { 1, 0.5, 0.25, 0 };
  static const struct {
    const char *name, *options;
    int bands;
    VipsBandFormat format;
    double white, colors[4][5];
  } cases[] = {
    { "grey.png", "", 1, VIPS_FORMAT_UCHAR, 255, { { 1 }, { 0.5 }, { 0.25 }, { 0 } } },
    { "deep.png", "", 1, VIPS_FORMAT_USHORT, 65535, { { 1 }, { 0.5 }, { 0.25 }, { 0 } } },
    { "colors.png", "", 3, VIPS_FORMAT_UCHAR, 255, { { 1, 1, 1 }, { 1, 0.5, 0 }, { 0, 0.75, 0 }, { 0, 0, 0 } } },
    { "alpha.png",
      "",
      4,
      VIPS_FORMAT_UCHAR,
      255,
      { { 1, 1, 1, 1 }, { 1, 1, 1, 0.5 }, { 0.5, 0.5, 0.5, 0.5 }, { 1, 1, 1, 0 } } },
    { "grey-alpha.png", "", 2, VIPS_FORMAT_USHORT, 65535, { { 1, 1 }, { 1, 0.5 }, { 0.5, 0.5 }, { 1, 0 } } },
    { "palette.png",
      "[palette]",
      4,
      VIPS_FORMAT_UCHAR,
      255,
      { { 1, 1, 1, 1 }, { 1, 1, 1, 0.5 }, { 0.5, 0.5, 0.5, 0.5 }, { 1, 1, 1, 0 } } },
    { "alpha.webp",
      "[lossless]",
      4,
      VIPS_FORMAT_UCHAR,
      255,
      { { 1, 1, 1, 1 }, { 1, 1, 1, 0.5 }, { 0.5, 0.5, 0.5, 0.5 }, { 1, 1, 1, 0 } } },
    { "alpha.tif",
      "",
      4,
      VIPS_FORMAT_USHORT,
      65535,
      { { 1, 1, 1, 1 }, { 1, 1, 1, 0.5 }, { 0.5, 0.5, 0.5, 0.5 }, { 1, 1, 1, 0 } } },
    { "real.tif", "", 1, VIPS_FORMAT_FLOAT, 1, { { 1 }, { 0.5 }, { 0.25 }, { 0 } } },
    { "real-alpha.tif", "", 2, VIPS_FORMAT_FLOAT, 1, { { 1, 1 }, { 1, 0.5 }, { 0.5, 0.5 }, { 1, 0 } } },
  };
  g_autoptr (RvImage) white = rv_image_new (SIDE, SIDE, NULL), black = rv_image_new (SIDE, SIDE, NULL);
  for (int i = 0; i < 3 * SIDE * SIDE; i++)
    ((float *) white->rgb->data)[i] = 255;
  for (guint k = 0; k < G_N_ELEMENTS (cases); k++) {
    gboolean deep = cases[k].format == VIPS_FORMAT_USHORT, grey = cases[k].bands < 3;
    g_autofree char *path = path_of (cases[k].name);
    g_autoptr (GError) error = NULL;
    save (quarters (cases[k].colors, cases[k].bands, cases[k].white, cases[k].format,
                    grey   ? (deep ? VIPS_INTERPRETATION_GREY16 : VIPS_INTERPRETATION_B_W)
                    : deep ? VIPS_INTERPRETATION_RGB16
                           : VIPS_INTERPRETATION_sRGB),
          path, cases[k].options);
    g_autoptr (RvImage) mask = rv_image_load (path, 0, 0, &error);
    g_assert_no_error (error);
    g_autoptr (RvImage) blended = rv__image_blend (white, black, 1, mask, NULL);
    for (int side = SIDE / 2; side <= 2 * SIDE; side *= 2) {
      float *plane = rv__image_mask_plane (mask, side, side, NULL);
      for (int i = 0; i < 4; i++)
        assert_less (
          fabs ((double) plane[(side * (1 + i / 2 * 2) / 4) * side + side * (1 + i % 2 * 2) / 4] - wanted[i]), 0.006);
      rv__free (plane);
    }
    for (int i = 0; i < 4; i++)
      assert_less (
        fabs (((float *) blended->rgb->data)[(SIDE * (1 + i / 2 * 2) / 4) * SIDE + SIDE * (1 + i % 2 * 2) / 4] / 255 -
              wanted[i]),
        0.006);
    g_remove (path);
  }
}

/* ---- damaged ----------------------------------------------------------------------------------------------------- */

static GByteArray *
noise_jpeg (const char *options)
{
  g_autofree char *path = path_of ("noise.jpg");
  char *content;
  gsize size;
  VipsImage *noise, *image;
  g_assert_cmpint (vips_gaussnoise (&noise, 320, 240, "mean", 128.0, "sigma", 30.0, "seed", 7, NULL), ==, 0);
  g_assert_cmpint (vips_cast (noise, &image, VIPS_FORMAT_UCHAR, NULL), ==, 0);
  g_object_unref (noise);
  save (image, path, options);
  g_assert_true (g_file_get_contents (path, &content, &size, NULL));
  g_remove (path);
  return g_byte_array_new_take ((guint8 *) content, size);
}

static void
insert (GByteArray *to, guint at, const char *bytes, guint n)
{
  guint old = to->len;
  g_byte_array_set_size (to, old + n);
  memmove (to->data + at + n, to->data + at, old - at);
  memcpy (to->data + at, bytes, n);
}

/* Warnings of libjpeg about pixels are errors; warnings about common camera files are not. */
static void
test_damaged_jpeg (void)
{
  static const struct {
    const char *what, *said; /* @said NULL: the file is read */
  } cases[] = {
    { "whole", NULL },
    { "half", "is damaged: premature end" },
    { "gap", "is damaged: " },
    { "end", "is damaged: premature end" },
    { "cut", "cannot read" },
    { "junk before the end", NULL },
    { "junk after the end", NULL },
    { "junk in the header", NULL },
  };
  static const char *const options[] = { "[Q=90]", "[Q=90,interlace]" };
  g_autofree char *path = path_of ("damaged.jpg");
  for (guint o = 0; o < 2; o++)
    for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
      g_autoptr (GByteArray) jpeg = noise_jpeg (options[o]);
      g_autoptr (GError) error = NULL;
      guint half = jpeg->len / 2;
      if (i == 1 || i == 4)
        g_byte_array_set_size (jpeg, half);
      if (i == 2)
        g_byte_array_remove_range (jpeg, half, jpeg->len / 5);
      if (i == 3)
        g_byte_array_remove_range (jpeg, jpeg->len - 60, 58);
      if (i == 1)
        g_byte_array_append (jpeg, (const guint8 *) "\xff\xd9", 2);
      if (i == 5)
        insert (jpeg, jpeg->len - 2, "\x12\x34", 2);
      for (int k = 0; i == 6 && k < 2000; k++)
        g_byte_array_append (jpeg, (const guint8 *) "\xff\xd8 motion \xff\xd0", 12);
      if (i == 7)
        insert (jpeg, 2, "\x12\x34\x56", 3);
      g_assert_true (g_file_set_contents (path, (char *) jpeg->data, jpeg->len, NULL));
      for (int width = 0; width <= 20; width += 20) {
        g_autoptr (RvImage) image = rv_image_load (path, width, width, &error);
        if ((image == NULL) != (cases[i].said != NULL) || (error && !strstr (error->message, cases[i].said)))
          g_error ("%s%s at %d: %s", cases[i].what, options[o], width, error ? error->message : "read");
        g_clear_error (&error);
      }
    }
}

/* A sector of zeros is an error where it would decode to other pixels. A flat picture, whose data are zeros, is
 * read. */
static void
test_zeroed_jpeg (void)
{
  static const char *const options[] = { "[Q=90]", "[Q=90,optimize_coding]", "[Q=90,interlace]" };
  static const guint8 zeros[4096] = { 0 };
  g_autofree char *path = path_of ("zeroed.jpg");
  for (guint o = 0; o < G_N_ELEMENTS (options); o++) {
    char *content;
    gsize size;
    g_autoptr (GError) error = NULL;
    VipsImage *white, *image;
    g_assert_cmpint (vips_black (&white, 2048, 2048, "bands", 3, NULL), ==, 0);
    g_assert_cmpint (vips_invert (white, &image, NULL), ==, 0);
    g_object_unref (white);
    save (image, path, options[o]);
    g_assert_true (g_file_get_contents (path, &content, &size, NULL));
    g_assert_cmpint (memmem (content, size, zeros, 512) != NULL, ==, o > 0);
    g_free (content);
    g_autoptr (RvImage) flat = rv_image_load (path, 0, 0, &error);
    g_assert_no_error (error);
    for (int size_of_run = 256; size_of_run <= 4096; size_of_run *= 2) {
      g_autoptr (GByteArray) jpeg = noise_jpeg (options[o]);
      memset (jpeg->data + jpeg->len / 3, 0, (gsize) size_of_run);
      jpeg->data[jpeg->len / 3 - 1] = jpeg->data[jpeg->len / 3 + (guint) size_of_run] = 1;
      g_autofree char *said = g_strdup_printf ("is damaged: %d bytes of it are zeros", size_of_run);
      g_assert_true (g_file_set_contents (path, (char *) jpeg->data, jpeg->len, NULL));
      g_autoptr (RvImage) image_of_file = rv_image_load (path, 0, 0, &error);
      g_autoptr (GBytes) bytes = g_bytes_new (jpeg->data, jpeg->len);
      gboolean is_said = error && strstr (error->message, said) != NULL;
      g_test_message ("%s, %d: %s", options[o], size_of_run, error ? error->message : "read");
      g_assert_cmpint (is_said, ==, size_of_run >= 512);
      g_clear_error (&error);
      g_autoptr (RvImage) image_of_bytes = rv_image_load_bytes (bytes, 0, 0, &error);
      g_assert_cmpint (error && strstr (error->message, said) != NULL, ==, size_of_run >= 512);
      g_clear_error (&error);
    }
  }
}

/* Thread: loads @path repeatedly. Only a file named "half" gives an error. */
static gpointer
load_some (gpointer path)
{
  for (int i = 0; i < 40; i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (RvImage) image = rv_image_load (path, 0, 0, &error);
    gboolean damaged = strstr (path, "half") != NULL;
    g_assert_cmpint (image == NULL, ==, damaged);
    g_assert_true (!damaged || strstr (error->message, "premature end"));
  }
  return NULL;
}

/* Each of several loads at the same time gets its own error. */
static void
test_damaged_among_others (void)
{
  static const char *const names[] = { "half.jpg", "harmless.jpg", "whole.jpg" };
  GThread *threads[3];
  char *paths[3];
  for (int i = 0; i < 3; i++) {
    g_autoptr (GByteArray) jpeg = noise_jpeg ("[Q=90,interlace]");
    paths[i] = path_of (names[i]);
    if (i == 0) {
      g_byte_array_set_size (jpeg, jpeg->len / 2);
      g_byte_array_append (jpeg, (const guint8 *) "\xff\xd9", 2);
    } else if (i == 1)
      insert (jpeg, jpeg->len - 2, "\x12\x34", 2);
    g_assert_true (g_file_set_contents (paths[i], (char *) jpeg->data, jpeg->len, NULL));
  }
  for (int i = 0; i < 3; i++)
    threads[i] = g_thread_new ("load", load_some, paths[i]);
  for (int i = 0; i < 3; i++) {
    g_thread_join (threads[i]);
    g_free (paths[i]);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_log_set_always_fatal (G_LOG_LEVEL_CRITICAL | G_LOG_FATAL_MASK); /* libvips warns of the damaged files */
  g_setenv ("VIPS_WARNING", "0", TRUE);
  g_assert_true (rv__vips_start (NULL));
  folder = g_dir_make_tmp ("reverie-XXXXXX", NULL);
  g_test_add_func ("/image-in/samples", test_samples);
  g_test_add_func ("/image-in/no-white", test_no_white);
  g_test_add_func ("/image-in/few-bits", test_few_bits);
  g_test_add_func ("/image-in/lab", test_lab);
  g_test_add_func ("/image-in/cmyk", test_cmyk);
  g_test_add_func ("/image-in/png-tags", test_png_tags);
  g_test_add_func ("/image-in/profiles", test_profiles);
  g_test_add_func ("/image-in/profile-or-tag", test_profile_or_tag);
  g_test_add_data_func ("/image-in/heic", "p3.heic", test_heif);
  g_test_add_data_func ("/image-in/avif", "p3.avif", test_heif);
  g_test_add_data_func ("/image-in/hlg-heic", "hlg.heic", test_heif);
  g_test_add_data_func ("/image-in/hlg-avif", "hlg.avif", test_heif);
  g_test_add_func ("/image-in/turned", test_turned);
  g_test_add_func ("/image-in/half-transparent", test_half_transparent);
  g_test_add_func ("/image-in/extra-channels", test_extra_channels);
  g_test_add_func ("/image-in/masks", test_masks);
  g_test_add_func ("/image-in/damaged-jpeg", test_damaged_jpeg);
  g_test_add_func ("/image-in/zeroed-jpeg", test_zeroed_jpeg);
  g_test_add_func ("/image-in/damaged-among-others", test_damaged_among_others);
  return test_run_and_delete (folder);
}
