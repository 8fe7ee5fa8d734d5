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

/* Diagonalises the symmetric matrix @s in place: eigenvalues on its diagonal, unsorted. Sets the columns of @v to the
 * eigenvectors. */
void rv__diagonalise (double s[3][3], double v[3][3]);

#endif
