/* color.h -- bringing one picture's colours to another.
 * Layer 6 (method). Gatys, Bethge, Hertzmann and Shechtman 2016, "Preserving Color in Neural Artistic Style Transfer".
 */
#ifndef RV_COLOR_H
#define RV_COLOR_H

#include <reverie/image.h>

/* How colours are kept; in the order of rv__color_choices(). */
typedef enum {
  RV_COLOR_NONE,
  RV_COLOR_LUMINANCE,  /* its own luminance Y, the other's I and Q (section 4 of the paper); both of one size */
  RV_COLOR_HISTOGRAM,  /* each channel's values in their order, replaced by the other's of the same rank */
  RV_COLOR_COVARIANCE, /* x -> A x + b, with which means and covariances of R, G and B are the other's (section 3) */
} RvColorMode;

const char *const *rv__color_choices (void);

/* rv__color_transfer: (transfer full) (nullable): @picture with the colours of @from; itself for NONE,
 * which needs no @from. Values are clipped to
 * 0..255. RV_ERROR_MEMORY, and RV_ERROR_SHAPE for LUMINANCE of two sizes. */
RvImage *rv__color_transfer (RvImage *picture, const RvImage *from, RvColorMode mode, GError **error);

/* rv__diagonalise: of a symmetric 3 x 3 matrix @s: its eigenvalues become the diagonal of @s, its eigenvectors the
 * columns of @v. Can't fail. */
void rv__diagonalise (double s[3][3], double v[3][3]);

#endif
