/* color.h -- colour transfer between pictures. Layer 6 (method). Gatys, Bethge, Hertzmann and Shechtman 2016,
 * "Preserving Color in Neural Artistic Style Transfer". */
#ifndef RV_COLOR_H
#define RV_COLOR_H

#include <reverie/image.h>

/* Methods, in the order of rv__color_choices(). */
typedef enum {
  RV_COLOR_NONE,
  RV_COLOR_LUMINANCE,  /* Y of the picture, I and Q of the other (section 4 of the paper); equal sizes only */
  RV_COLOR_HISTOGRAM,  /* maps each channel's quantiles to the other's */
  RV_COLOR_COVARIANCE, /* x -> A x + b, which gives R, G and B the other's means and covariances (section 3) */
} RvColorMode;

/* Names of the methods, NULL-terminated; static. */
const char *const *rv__color_choices (void);

/* A copy of @picture with the colours of @from, clipped to 0..255, and its own alpha; with NONE, a reference to
 * @picture. (transfer full) (nullable). @from: NULL only with NONE. RV_ERROR_MEMORY; RV_ERROR_SHAPE for LUMINANCE with
 * different sizes. */
RvImage *rv__color_transfer (RvImage *picture, const RvImage *from, RvColorMode mode, GError **error);

/* An affine map of colours, x -> matrix x + shift, for R, G and B 0..255. */
typedef struct {
  double matrix[3][3], shift[3];
} RvColorMap;

/* Sets @map to the map of RV_COLOR_COVARIANCE from the colours of @rgb to those of @from, three planes of @n and
 * @n_from numbers each. */
void rv__color_map_covariance (const float *rgb, gint64 n, const float *from, gint64 n_from, RvColorMap *map);
/* Adds @weight times @map to @sum. */
void rv__color_map_add (RvColorMap *sum, const RvColorMap *map, double weight);
/* Moves three planes of @n numbers, in place, by @part of the way to the map's colours, which are clipped to 0..255.
 * @part: 0 to 1. @mask (nullable): factor on @part, [n], 0 to 1. */
void rv__color_map_apply (const RvColorMap *map, double part, const float *mask, float *rgb, gint64 n);

/* Diagonalises the symmetric matrix @s in place: eigenvalues on its diagonal, unsorted. Sets the columns of @v to the
 * eigenvectors. */
void rv__diagonalise (double s[3][3], double v[3][3]);

#endif
