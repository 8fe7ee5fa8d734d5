/* pixel-space.c -- parsing of pixel encodings, and conversion between them. */
#include "pixel-space.h"
#include <float.h>
#include <math.h>
#include <string.h>

#define NEAR 2.5f /* ratio of two scales; those of RGB in -1..1 and of ImageNet's std differ by 2.2 */

const RvPixelSpace rv__rgb_0_255 = { .unit = 1, .std = { 1, 1, 1 } };
const RvPixelSpace rv__rgb_0_1 = { .unit = 255, .std = { 1, 1, 1 } };

/* Abbreviations of the text format, in some files and in the setting `preprocessing`. */
static const struct {
  const char *word, *text;
} words[] = {
  { "bgr_mean_imagenet_0_255", "bgr_0_255 minus 103.939,116.779,123.68 divided by 1" },
  { "caffe", "bgr_0_255 minus 103.939,116.779,123.68 divided by 1" },
  { "imagenet", "rgb_0_1 minus 0.485,0.456,0.406 divided by 0.229,0.224,0.225" },
  { "tf", "rgb_0_1 minus 0.5 divided by 0.5" },
  { "unit", "rgb_0_1 minus 0 divided by 1" },
};

/* Parses "a,b,c" from the start of @text, or one number for all three. Returns the rest of @text, borrowed; NULL, with
 * @numbers undefined, for none, two or numbers that are not finite. */
static const char *
parse_numbers (const char *text, float numbers[3])
{
  int n = 0;
  for (; n < 3; n++) {
    char *end;
    double number = g_ascii_strtod (text, &end);
    if (end == text || !(fabs (number) <= (double) FLT_MAX)) /* also NaN */
      return NULL;
    numbers[n] = (float) number;
    text = end;
    if (*text != ',')
      break;
    text++;
  }
  if (n == 0)
    numbers[1] = numbers[2] = numbers[0];
  return n == 0 || n == 2 ? text : NULL;
}

/* (nullable): the rest of @text (nullable) after @word; NULL: it does not begin with @word. */
static const char *
after (const char *text, const char *word)
{
  return text && g_str_has_prefix (text, word) ? text + strlen (word) : NULL;
}

static void
swap_ends (float numbers[3])
{
  float saved = numbers[0];
  numbers[0] = numbers[2];
  numbers[2] = saved;
}

const char *
rv__pixel_space_spell_out (const char *text)
{
  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    if (strcmp (text, words[i].word) == 0)
      return words[i].text;
  return text;
}

gboolean
rv__pixel_space_parse (const char *text, RvPixelSpace *space)
{
  RvPixelSpace read = { .bgr = g_str_has_prefix (text, "bgr_") };
  const char *rest = after (text, read.bgr ? "bgr_" : "rgb_");
  if (!rest || !(g_str_has_prefix (rest, "0_255 ") || g_str_has_prefix (rest, "0_1 ")))
    return FALSE;
  read.unit = g_str_has_prefix (rest, "0_1 ") ? 255 : 1;
  if (!(rest = after (strchr (rest, ' '), " minus ")) || !(rest = parse_numbers (rest, read.mean)) ||
      !(rest = after (rest, " divided by ")) || !(rest = parse_numbers (rest, read.std)) || *rest)
    return FALSE;
  for (int c = 0; c < 3; c++)
    if (!(read.std[c] > 0))
      return FALSE;
  if (read.bgr) {
    swap_ends (read.mean);
    swap_ends (read.std);
  }
  *space = read;
  return TRUE;
}

void
rv__pixel_space_map (const RvPixelSpace *from, const RvPixelSpace *to, float factor[3], float shift[3])
{
  for (int c = 0; c < 3; c++) {
    double scale = (double) from->unit / to->unit; /* v / to.unit = scale (from.std x + from.mean) */
    factor[c] = (float) (scale * from->std[c] / to->std[c]);
    shift[c] = (float) ((scale * from->mean[c] - to->mean[c]) / to->std[c]);
  }
}

void
rv__pixel_space_from_rgb (const RvPixelSpace *space, float *rgb, gint64 plane)
{
  for (int c = 0; c < 3; c++, rgb += plane)
    for (gint64 i = 0; i < plane; i++)
      rgb[i] = (rgb[i] / space->unit - space->mean[c]) / space->std[c];
}

void
rv__pixel_space_to_rgb (const RvPixelSpace *space, float *x, gint64 plane)
{
  for (int c = 0; c < 3; c++, x += plane)
    for (gint64 i = 0; i < plane; i++)
      x[i] = (x[i] * space->std[c] + space->mean[c]) * space->unit;
}

gboolean
rv__pixel_space_near (const RvPixelSpace *a, const RvPixelSpace *b)
{
  gboolean near = a->bgr == b->bgr;
  for (int c = 0; c < 3; c++) {
    float ratio = a->unit * a->std[c] / (b->unit * b->std[c]);
    near = near && ratio < NEAR && ratio > 1 / NEAR;
  }
  return near;
}
