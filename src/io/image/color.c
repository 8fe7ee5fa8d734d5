/* color.c -- converts the numbers of a file to sRGB of 8 or 16 bits: ranges, profiles, colour spaces. */
#include "base/error.h"
#include "image-internal.h"
#include "vips-helpers.h"

/* Sample value of white: the largest number of integers of 8 or 16 bits, 1 for floats; 0: unknown, for other
 * formats. */
static double
white_of (VipsBandFormat format)
{
  switch (format) {
  case VIPS_FORMAT_UCHAR:
    return 255;
  case VIPS_FORMAT_CHAR:
    return 127;
  case VIPS_FORMAT_USHORT:
    return 65535;
  case VIPS_FORMAT_SHORT:
    return 32767;
  case VIPS_FORMAT_FLOAT:
  case VIPS_FORMAT_DOUBLE:
    return 1;
  default:
    return 0;
  }
}

static gboolean
is_lab (VipsImage *image)
{
  VipsInterpretation space = vips_image_get_interpretation (image);
  return space == VIPS_INTERPRETATION_LAB || space == VIPS_INTERPRETATION_LABS;
}

static gboolean
is_absolute (VipsImage *image)
{
  return is_lab (image) || vips_image_get_interpretation (image) == VIPS_INTERPRETATION_XYZ;
}

gboolean
rv__image_check_range (VipsImage *image, const char *filename, double *max, GError **error)
{
  *max = is_absolute (image) ? G_MAXDOUBLE : MAX_FLOAT_WHITES;
  return is_absolute (image) || white_of (vips_image_get_format (image)) > 0 ||
         rv__error_set (
           error, RV_ERROR_FORMAT,
           "%s has integers of 32 bits, or complex numbers, and its white is unknown; save it with 8 or 16 bits",
           filename);
}

/* Replaces *image by one with 16 unsigned bits if its samples, alpha included, are signed or floats. Unsigned samples,
 * Lab and XYZ stay; white_of() of the format must not be 0. Returns 0; not 0 with libvips' message, *image valid. */
static int
to_unsigned (VipsImage **image)
{
  VipsBandFormat format = vips_image_get_format (*image);
  VipsInterpretation space = vips_image_get_bands (*image) < 3 ? VIPS_INTERPRETATION_GREY16 : VIPS_INTERPRETATION_RGB16;
  if (format == VIPS_FORMAT_UCHAR || format == VIPS_FORMAT_USHORT || is_absolute (*image))
    return 0;
  if (vips_image_get_interpretation (*image) == VIPS_INTERPRETATION_CMYK)
    space = VIPS_INTERPRETATION_CMYK;
  return rv__vips_apply (vips_linear1, image, 65535 / white_of (format), 0.5) ||
         rv__vips_apply (vips_cast, image, VIPS_FORMAT_USHORT) ||
         rv__vips_apply (vips_copy, image, "interpretation", space);
}

/* Replaces *image, Lab, by sRGB of 16 bits without alpha. Returns 0; not 0: failed, libvips has the message, *image is
 * valid. Lab of files is relative to D50, the white of profiles; libvips' own conversion assumes D65. A conversion by
 * libvips' profiles would round by half a level. Matrix: XYZ of D50 to linear sRGB, Bradford adaptation. */
static int
lab_to_srgb (VipsImage **image)
{
  static const double d50[] = { 96.42, 100, 82.49 };
  static const double matrix[] = { 0.031338561, -0.016168667, -0.004906146, -0.009787684, 0.019161415,
                                   0.000334540, 0.000719453,  -0.002289914, 0.014052427 };
  VipsArrayDouble *white = vips_array_double_new (d50, 3);
  auto_vips VipsImage *to_light = vips_image_new_matrix_from_array (3, 3, matrix, 9);
  int failed = rv__vips_apply (vips_colourspace, image, VIPS_INTERPRETATION_LAB) ||
               rv__vips_apply (vips_extract_band, image, 0, "n", 3) ||
               rv__vips_apply (vips_Lab2XYZ, image, "temp", white) || rv__vips_apply (vips_recomb, image, to_light) ||
               rv__vips_apply (vips_copy, image, "interpretation", VIPS_INTERPRETATION_scRGB) ||
               rv__vips_apply (vips_scRGB2sRGB, image, "depth", 16);
  vips_area_unref (VIPS_AREA (white));
  return failed;
}

/* Makes the profile of *image match its colours: converts grey to @rgb if the profile is RGB; removes any other profile
 * that does not match. Does nothing without a profile. Returns 0; not 0 with libvips' message, *image valid. */
static int
match_profile (VipsImage **image, VipsInterpretation rgb)
{
  const char *profile;
  gsize size;
  gboolean cmyk = vips_image_get_interpretation (*image) == VIPS_INTERPRETATION_CMYK,
           grey = vips_image_get_bands (*image) < 3;
  if (!vips_image_get_typeof (*image, VIPS_META_ICC_NAME) ||
      vips_image_get_blob (*image, VIPS_META_ICC_NAME, (const void **) &profile, &size))
    return 0;
  const char *space = size < 128 ? "" : profile + 16; /* ICC.1, 7.2: four letters */
  if (grey && g_str_has_prefix (space, "RGB "))
    return rv__vips_apply (vips_colourspace, image, rgb);
  if (!g_str_has_prefix (space, cmyk ? "CMYK" : grey ? "GRAY" : "RGB "))
    vips_image_remove (*image, VIPS_META_ICC_NAME);
  return 0;
}

int
rv__image_to_srgb (VipsImage **image)
{
  if (is_lab (*image))
    return lab_to_srgb (image);
  if (to_unsigned (image))
    return -1;
  gboolean deep = vips_image_get_format (*image) == VIPS_FORMAT_USHORT;
  VipsInterpretation rgb = deep ? VIPS_INTERPRETATION_RGB16 : VIPS_INTERPRETATION_sRGB;
  if (match_profile (image, rgb))
    return -1;
  vips_error_freeze (); /* ignores a damaged profile */
  gboolean ok = vips_image_get_typeof (*image, VIPS_META_ICC_NAME) &&
                !rv__vips_apply (vips_icc_transform, image, "srgb", "embedded", TRUE, "depth", deep ? 16 : 8, "intent",
                                 VIPS_INTENT_RELATIVE);
  vips_error_thaw ();
  return ok ? 0 : rv__vips_apply (vips_colourspace, image, rgb);
}
