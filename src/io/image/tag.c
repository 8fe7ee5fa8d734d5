/* tag.c -- converts colours that a PNG or HEIF file gives by numbers to sRGB: libvips reads only ICC profiles, and a
 * profile cannot express HLG's system gamma.
 *
 * PNG (third edition, section 4.3): cICP precedes iCCP, iCCP sRGB, sRGB gAMA and cHRM. HEIF and AVIF: a colr box of
 * type nclx, used only in a file without a profile. Code points: ITU-T H.273. */
#include "vips-helpers.h"
#include <gio/gio.h>
#include <math.h>
#include <string.h>

#define MAX_CHUNK 32     /* bytes, largest chunk that is read */
#define WHITE_NITS 203.0 /* ITU-R BT.2408: white in HDR, as in videos (io/video/read.c) */
#define HLG_NITS 1000.0  /* ITU-R BT.2100: nominal peak of HLG, whose system gamma is 1.2 */
#define HLG_GAMMA 1.2
#define SRGB_GAMMA 45455 /* PNG's number for the curve of sRGB, in 1/100000 */
#define GAMMA_SLACK 50   /* tolerance: encoders round */
#define CHROMA_SLACK 0.002

typedef enum { CURVE_SRGB, CURVE_POWER, CURVE_PQ, CURVE_HLG } Curve;

typedef struct {
  double xy[8]; /* chromaticities of white, red, green, blue, as in cHRM */
  Curve curve;
  double exponent; /* CURVE_POWER: from samples to light */
} Tag;

#define D65 0.3127, 0.3290
static const Tag srgb = { { D65, 0.64, 0.33, 0.30, 0.60, 0.15, 0.06 }, CURVE_SRGB, 0 };

/* ---- colours as numbers in the file ------------------------------------------------------------------------------ */

static const struct {
  int code;
  double xy[8];
} primaries[] = {
  { 1, { D65, 0.64, 0.33, 0.30, 0.60, 0.15, 0.06 } },                 /* BT.709, sRGB */
  { 4, { 0.310, 0.316, 0.67, 0.33, 0.21, 0.71, 0.14, 0.08 } },        /* BT.470 M */
  { 5, { D65, 0.64, 0.33, 0.29, 0.60, 0.15, 0.06 } },                 /* BT.470 BG */
  { 6, { D65, 0.630, 0.340, 0.310, 0.595, 0.155, 0.070 } },           /* BT.601 with 525 lines */
  { 7, { D65, 0.630, 0.340, 0.310, 0.595, 0.155, 0.070 } },           /* SMPTE 240M */
  { 9, { D65, 0.708, 0.292, 0.170, 0.797, 0.131, 0.046 } },           /* BT.2020 */
  { 11, { 0.314, 0.351, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060 } }, /* DCI-P3 */
  { 12, { D65, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060 } },          /* Display P3 */
};

/* Sets @tag from H.273's code points. The curves of BT.709 and BT.601 count as sRGB's, as in browsers and on screens.
 * Unknown codes are sRGB's. */
static void
set_cicp (Tag *tag, int primary, int transfer)
{
  *tag = srgb;
  for (guint i = 0; i < G_N_ELEMENTS (primaries); i++)
    if (primaries[i].code == primary)
      memcpy (tag->xy, primaries[i].xy, sizeof tag->xy);
  tag->curve = transfer == 16                                    ? CURVE_PQ
               : transfer == 18                                  ? CURVE_HLG
               : transfer == 4 || transfer == 5 || transfer == 8 ? CURVE_POWER
                                                                 : CURVE_SRGB;
  tag->exponent = transfer == 4 ? 2.2 : transfer == 5 ? 2.8 : 1;
}

static guint32
u32 (const guint8 *bytes)
{
  return (guint32) bytes[0] << 24 | (guint32) bytes[1] << 16 | (guint32) bytes[2] << 8 | bytes[3];
}

/* Reads @n bytes to @to. FALSE without an error: the stream ends before, or cannot be read. */
static gboolean
read_exactly (GInputStream *stream, gpointer to, gsize n)
{
  gsize n_read;
  return g_input_stream_read_all (stream, to, n, &n_read, NULL, NULL) && n_read == n;
}

/* Skips @n bytes. FALSE without an error: the stream ends before, or cannot be read. */
static gboolean
skip_bytes (GInputStream *stream, guint64 n)
{
  for (gssize k; n > 0; n -= (guint64) k)
    if ((k = g_input_stream_skip (stream, (gsize) MIN (n, G_MAXINT32), NULL, NULL)) <= 0)
      return FALSE;
  return TRUE;
}

/* Sets white and primaries of @tag from the 32 bytes of a cHRM chunk. FALSE, @tag unchanged: the numbers are damaged,
 * or the primaries span no colours. */
static gboolean
set_chroma (Tag *tag, const guint8 *chunk)
{
  double xy[8];
  for (int i = 0; i < 8; i++)
    xy[i] = u32 (chunk + 4 * i) / 100000.0;
  double area = (xy[4] - xy[2]) * (xy[7] - xy[3]) - (xy[6] - xy[2]) * (xy[5] - xy[3]);
  for (int i = 0; i < 8; i++)
    if (xy[i] > 2 || (i % 2 && xy[i] < 0.001))
      return FALSE;
  if (fabs (area) < 0.01)
    return FALSE;
  memcpy (tag->xy, xy, sizeof xy);
  return TRUE;
}

/* Sets @tag from cICP, or else gAMA and cHRM, of a PNG, read from its start up to the pixels. TRUE: @tag counts; cICP
 * counts even if there is a profile. FALSE, @tag undefined: an sRGB chunk or the profile counts, or there is no such
 * chunk before the pixels or damage. */
static gboolean
read_png (GInputStream *stream, gboolean has_profile, Tag *tag)
{
  guint8 head[8], chunk[MAX_CHUNK + 4]; /* with checksum */
  gboolean found = FALSE, is_srgb = FALSE;
  *tag = srgb;
  if (!read_exactly (stream, head, sizeof head))
    return FALSE;
  while (read_exactly (stream, head, sizeof head) && memcmp (head + 4, "IDAT", 4) != 0) {
    guint32 size = u32 (head), gamma;
    if (size > MAX_CHUNK ? !skip_bytes (stream, (guint64) size + 4) : !read_exactly (stream, chunk, size + 4))
      break;
    if (memcmp (head + 4, "cICP", 4) == 0 && size == 4 && chunk[2] == 0 && chunk[3] == 1) {
      set_cicp (tag, chunk[0], chunk[1]);
      return TRUE;
    }
    if (memcmp (head + 4, "sRGB", 4) == 0)
      is_srgb = TRUE;
    if (memcmp (head + 4, "cHRM", 4) == 0 && size == 32)
      found |= set_chroma (tag, chunk);
    if (memcmp (head + 4, "gAMA", 4) != 0 || size != 4 || (gamma = u32 (chunk)) < 10000 || gamma > 1000000)
      continue;
    tag->curve = ABS ((gint64) gamma - SRGB_GAMMA) <= GAMMA_SLACK ? CURVE_SRGB : CURVE_POWER;
    tag->exponent = 100000.0 / gamma;
    found = TRUE;
  }
  return found && !is_srgb && !has_profile;
}

/* Sets @tag from the first colr box of type nclx in meta, iprp, ipco. TRUE: @tag counts. FALSE, @tag unset: there is
 * none, the file is damaged, or @has_profile, as the profile counts then. */
static gboolean
read_heif (GInputStream *stream, gboolean has_profile, Tag *tag)
{
  guint8 head[8], large[8], color[8];
  while (!has_profile && read_exactly (stream, head, sizeof head)) {
    guint64 size = u32 (head), n_read = sizeof head;
    if (size == 1) {
      if (!read_exactly (stream, large, sizeof large))
        break;
      size = (guint64) u32 (large) << 32 | u32 (large + 4);
      n_read += sizeof large;
    }
    if (size < n_read)
      break;
    if (memcmp (head + 4, "iprp", 4) == 0 || memcmp (head + 4, "ipco", 4) == 0)
      continue;
    if (memcmp (head + 4, "meta", 4) == 0) {
      if (!skip_bytes (stream, 4)) /* version and flags */
        break;
      continue;
    }
    if (memcmp (head + 4, "colr", 4) == 0 && size - n_read >= sizeof color) {
      if (!read_exactly (stream, color, sizeof color))
        break;
      if (memcmp (color, "nclx", 4) == 0) {
        set_cicp (tag, color[4] << 8 | color[5], color[6] << 8 | color[7]);
        return TRUE;
      }
      n_read += sizeof color;
    }
    if (!skip_bytes (stream, size - n_read))
      break;
  }
  return FALSE;
}

/* Whether the tag has sRGB's curve, and sRGB's primaries and white up to CHROMA_SLACK. */
static gboolean
is_srgb (const Tag *tag)
{
  for (int i = 0; i < 8; i++)
    if (fabs (tag->xy[i] - srgb.xy[i]) > CHROMA_SLACK)
      return FALSE;
  return tag->curve == CURVE_SRGB;
}

/* ---- conversion to sRGB ------------------------------------------------------------------------------------------ */

/* Linear light of sample @v, 0..1, by the curve of the tag. White is 1. For HLG, 1 is the brightest light of the scene;
 * for PQ, light can exceed 1. */
static double
decode_sample (const Tag *tag, double v)
{
  switch (tag->curve) {
  case CURVE_POWER:
    return pow (v, tag->exponent);
  case CURVE_PQ: { /* SMPTE ST 2084: light of the screen */
    double p = pow (v, 1 / 78.84375);
    return 10000 / WHITE_NITS * pow (MAX (p - 0.8359375, 0) / (18.8515625 - 18.6875 * p), 1 / 0.1593017578125);
  }
  case CURVE_HLG: { /* ITU-R BT.2100: light of the scene */
    double a = 0.17883277, b = 0.28466892, c = 0.55991073;
    return v <= 0.5 ? v * v / 3 : (exp ((v - c) / a) + b) / 12;
  }
  case CURVE_SRGB:
    break;
  }
  return v <= 0.04045 ? v / 12.92 : pow ((v + 0.055) / 1.055, 2.4);
}

typedef double Matrix[3][3];

static void
multiply (const Matrix a, const double b[3], double product[3])
{
  for (int i = 0; i < 3; i++)
    product[i] = a[i][0] * b[0] + a[i][1] * b[1] + a[i][2] * b[2];
}

/* Inverts @m by Cramer's rule; the determinant must not be 0. */
static void
invert (const Matrix m, Matrix inverse)
{
  double det = 0;
  for (int i = 0; i < 3; i++)
    for (int j = 0; j < 3; j++)
      inverse[j][i] = m[(i + 1) % 3][(j + 1) % 3] * m[(i + 2) % 3][(j + 2) % 3] -
                      m[(i + 1) % 3][(j + 2) % 3] * m[(i + 2) % 3][(j + 1) % 3];
  for (int i = 0; i < 3; i++)
    det += m[0][i] * inverse[i][0];
  for (int i = 0; i < 9; i++)
    inverse[i / 3][i % 3] /= det;
}

/* XYZ, with Y = 1, of white (@i 0), red, green or blue of the tag. */
static void
to_xyz (const Tag *tag, int i, double xyz[3])
{
  double x = tag->xy[2 * i], y = tag->xy[2 * i + 1];
  xyz[0] = x / y, xyz[1] = 1, xyz[2] = (1 - x - y) / y;
}

/* Sets colors[0 .. 2] to XYZ of red, green and blue of the tag, whose sum is its white. */
static void
primaries_xyz (const Tag *tag, Matrix colors)
{
  double white[3];
  Matrix inverse;
  to_xyz (tag, 0, white);
  for (int i = 0; i < 3; i++)
    to_xyz (tag, i + 1, colors[i]);
  invert (colors, inverse);
  for (int i = 0; i < 3; i++) {
    double part = inverse[0][i] * white[0] + inverse[1][i] * white[1] + inverse[2][i] * white[2];
    for (int k = 0; k < 3; k++)
      colors[i][k] *= part;
  }
}

/* Sets colors[0 .. 2] to primaries_xyz(), adapted from the tag's white to D50 by ICC.1 annex E (Bradford). Their sum is
 * D50. The primaries must not lie on a line. */
static void
primaries_d50 (const Tag *tag, Matrix colors)
{
  static const Matrix bradford = { { 0.8951, 0.2664, -0.1614 },
                                   { -0.7502, 1.7135, 0.0367 },
                                   { 0.0389, -0.0685, 1.0296 } };
  static const double d50[3] = { 0.9642, 1, 0.8249 };
  double white[3], cone[3], cone50[3], seen[3];
  Matrix back;
  primaries_xyz (tag, colors);
  to_xyz (tag, 0, white);
  multiply (bradford, white, cone);
  multiply (bradford, d50, cone50);
  invert (bradford, back);
  for (int i = 0; i < 3; i++) {
    multiply (bradford, colors[i], seen);
    for (int k = 0; k < 3; k++)
      seen[k] *= cone50[k] / cone[k];
    multiply (back, seen, colors[i]);
  }
}

/* Converts light of the scene to light of the screen, with white 1: the system gamma works on the luminance. Returns 0,
 * or not 0 as libvips does. */
static int
scene_to_screen (const Tag *tag, VipsImage **image)
{
  Matrix colors;
  primaries_xyz (tag, colors);
  auto_vips VipsImage *weights = vips_image_new_matrixv (3, 1, colors[0][1], colors[1][1], colors[2][1]),
                      *luminance = NULL;
  VipsImage *out = NULL;
  return vips_recomb (*image, &luminance, weights, NULL) ||
         rv__vips_apply (vips_math2_const1, &luminance, VIPS_OPERATION_MATH2_POW, HLG_GAMMA - 1) ||
         vips_multiply (*image, luminance, &out, NULL) || rv__vips_replace (image, out) ||
         rv__vips_apply (vips_linear1, image, HLG_NITS / WHITE_NITS, 0);
}

/* Replaces *image, three bands of 8 or 16 bits in the curve and primaries of @tag, by linear light of sRGB's
 * primaries, floats; white is 1. Returns 0; not 0: failed, libvips has the message, *image is valid, but may be an
 * intermediate result. */
static int
to_light (const Tag *tag, VipsImage **image)
{
  int n = vips_image_get_format (*image) == VIPS_FORMAT_USHORT ? 65536 : 256;
  g_autofree float *samples = g_new (float, n);
  double numbers[9]; /* 3 x 3 by rows: from linear light of the tag's primaries to that of sRGB's */
  Matrix from, to, inverse;
  for (int i = 0; i < n; i++)
    samples[i] = (float) decode_sample (tag, i / (n - 1.0));
  primaries_d50 (tag, from);
  primaries_d50 (&srgb, to);
  invert (to, inverse);
  for (int i = 0; i < 9; i++)
    numbers[i] =
      inverse[0][i / 3] * from[i % 3][0] + inverse[1][i / 3] * from[i % 3][1] + inverse[2][i / 3] * from[i % 3][2];
  auto_vips VipsImage *matrix = vips_image_new_matrix_from_array (3, 3, numbers, 9);
  auto_vips VipsImage *curve =
    vips_image_new_from_memory_copy (samples, (gsize) n * sizeof (float), n, 1, 1, VIPS_FORMAT_FLOAT);
  return rv__vips_apply (vips_maplut, image, curve) || (tag->curve == CURVE_HLG && scene_to_screen (tag, image)) ||
         rv__vips_apply (vips_recomb, image, matrix);
}

/* Replaces *image by sRGB of 16 bits; grey becomes RGB, alpha is kept. Light beyond white is cut off. Returns 0; not 0:
 * failed, libvips has the message, *image is valid. */
static int
to_srgb (const Tag *tag, VipsImage **image)
{
  gboolean is_16_bit = vips_image_get_format (*image) == VIPS_FORMAT_USHORT;
  VipsImage *out = NULL;
  auto_vips VipsImage *alpha = NULL;
  if (vips_image_get_bands (*image) < 3 &&
      rv__vips_apply (vips_colourspace, image, is_16_bit ? VIPS_INTERPRETATION_RGB16 : VIPS_INTERPRETATION_sRGB))
    return -1;
  if (vips_image_hasalpha (*image) &&
      (vips_extract_band (*image, &alpha, 3, NULL) || rv__vips_apply (vips_linear1, &alpha, is_16_bit ? 1 : 257, 0) ||
       rv__vips_apply (vips_cast, &alpha, VIPS_FORMAT_USHORT)))
    return -1;
  if (rv__vips_apply (vips_extract_band, image, 0, "n", 3) || to_light (tag, image) ||
      rv__vips_apply (vips_copy, image, "interpretation", VIPS_INTERPRETATION_scRGB) ||
      rv__vips_apply (vips_scRGB2sRGB, image, "depth", 16))
    return -1;
  return !alpha ? 0 : vips_bandjoin2 (*image, alpha, &out, NULL) ? -1 : rv__vips_replace (image, out);
}

int
rv__image_apply_tag (VipsImage **image, gboolean hdr, const char *filename, GBytes *bytes)
{
  const char *loader = "";
  Tag tag;
  vips_image_get_string (*image, VIPS_META_LOADER, &loader);
  gboolean png = g_str_has_prefix (loader, "png"), heif = g_str_has_prefix (loader, "heif");
  gboolean has_profile = vips_image_get_typeof (*image, VIPS_META_ICC_NAME) != 0;
  if (!png && !heif)
    return 0;
  g_autoptr (GFile) file = g_file_new_for_path (filename);
  g_autoptr (GInputStream) stream =
    bytes ? g_memory_input_stream_new_from_bytes (bytes) : G_INPUT_STREAM (g_file_read (file, NULL, NULL));
  if (!stream || !(png ? read_png : read_heif) (stream, has_profile, &tag) ||
      hdr != (tag.curve == CURVE_PQ || tag.curve == CURVE_HLG))
    return 0;
  vips_image_remove (*image, VIPS_META_ICC_NAME);
  return is_srgb (&tag) ? 0 : to_srgb (&tag, image);
}
