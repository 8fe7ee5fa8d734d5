/* color.h -- colour transfer between pictures. Layer 6 (method). Gatys, Bethge, Hertzmann and Shechtman 2016,
 * "Preserving Color in Neural Artistic Style Transfer". */
#pragma once

#include <reverie/image.h>

/* Methods, in the order of rv__color_choices(). */
typedef enum {
  RV_COLOR_NONE,
  RV_COLOR_LUMINANCE,  /* Y of the picture, I and Q of the other (section 4 of the paper); equal sizes only */
  RV_COLOR_HISTOGRAM,  /* maps each channel's quantiles to the other's */
  RV_COLOR_COVARIANCE, /* x -> A x + b, which gives R, G and B the other's means and covariances (section 3) */
} RvColorMode;

/* Names of the methods, in the order of RvColorMode; NULL-terminated. Static. */
const char *const *rv__color_choices (void);

/* (transfer full) (nullable): a copy of @picture with the colours of @from, by method @mode, clipped to 0..255, with
 * the alpha of @picture. NONE: a reference to @picture; only then may @from be NULL. RV_ERROR_SHAPE for LUMINANCE
 * with different sizes. */
RvImage *rv__color_transfer (RvImage *picture, const RvImage *from, RvColorMode mode, GError **error);

/* An affine map of colours, x -> matrix x + shift, for R, G and B 0..255. */
typedef struct {
  double matrix[3][3], shift[3];
} RvColorMap;

/* Overwrites *map with RV_COLOR_COVARIANCE from the colours of @rgb, [3, @n], to @from, [3, @n_from], 0..255. The masks
 * (nullable: all) choose pixels as in rv__moments(). */
void rv__color_map_covariance (const float *rgb, gint64 n, const float *mask, const float *from, gint64 n_from,
                               const float *from_mask, RvColorMap *map);
/* Adds @weight times the matrix and shift of @map to those of @sum. */
void rv__color_map_add (RvColorMap *sum, const RvColorMap *map, double weight);
/* Moves the @n pixels of @rgb, [3, @n], in place, by @part, 0 to 1, of the way to the map's colours, clipped to 0..255.
 * @mask: (nullable: 1): factor on @part, [@n], 0 to 1. */
void rv__color_map_apply (const RvColorMap *map, double part, const float *mask, float *rgb, gint64 n);

/* Diagonalises the symmetric matrix @s in place: eigenvalues on its diagonal, unsorted. Overwrites the columns of @v
 * with the eigenvectors of length 1, in the same order. Cannot fail. */
void rv__diagonalise (double s[3][3], double v[3][3]);
