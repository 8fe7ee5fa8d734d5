/* style-internal.h -- declarations for the settings and the run of style transfer. Layer 6 (method). */
#ifndef RV_STYLE_INTERNAL_H
#define RV_STYLE_INTERNAL_H

#include "method/style/style-settings.h"
#include "io/image/compact.h"
#include "net/pixel-space.h"
#include "optim/optim.h"
#include "method/style/style.h"

/* Weight of each style; their sum is 1; equal without --style-blend. (transfer full) (nullable). RV_ERROR_SETTING. */
double *rv__style_blend_weights (const RvStyleSettings *settings, int n_styles, GError **error);
/* Terms of a run: content, styles, temporal, total variation, dream. (transfer full) (nullable): RvTerm. Uses the
 * layers that are set, or the network's default layers. Losses whose weight is 0 in @begun have no terms; the others
 * have the weights of @settings. @n_masks: each style has separate terms; 0: all styles share theirs. @temporal_mask:
 * mask of the previous frame, picture 1; -1: no temporal term. RV_ERROR_SETTING. */
GArray *rv__style_terms (const RvStyleSettings *begun, const RvStyleSettings *settings, const char *net_name,
                         int n_masks, int temporal_mask, GError **error);
/* Checks that some weight is not 0. RV_ERROR_SETTING. */
gboolean rv__style_check_weights (const RvStyleSettings *settings, GError **error);
/* Content weight, adjusted by --strength, which is not 0. */
double rv__style_content_weight (const RvStyleSettings *settings);
/* Whether content layers are compared with best matches in the style pictures. */
#define RV_STYLE_MATCHED "matched"
gboolean rv__style_matches (const RvStyleSettings *settings);
/* Whether the run ends with a finish. */
gboolean rv__style_finishes (const RvStyleSettings *settings);
/* Whether the run starts from a picture that the caller must give. */
gboolean rv__style_starts_from_picture (const RvStyleSettings *settings);
/* Pixel space of x, by --space. */
RvPixelSpace rv__style_space (const RvStyleSettings *settings);
/* Value of 'space': the picture's spectrum is optimised. */
#define RV_STYLE_FOURIER "fourier"
/* Masks in the form that styles use. Borrowed. */
typedef struct {
  RvCompactImage *const *mask; /* NULL: each style paints everywhere */
  const double *weight;        /* one for each mask; NULL: 1 */
  int n;
  const RvCompactImage *protect; /* or NULL */
} RvStyleMasks;
/* Writes how much is painted, 0 to 1, @width x @height, to @painted, from a resized mask. Nearly black counts as black.
 * @protects: the mask is of --protect, where black is painted. RV_ERROR_MEMORY. */
gboolean rv__style_read_mask (const RvCompactImage *mask, gboolean protects, int width, int height, float *painted,
                              GError **error);
/* Mask of the content that stays: white where all masks are black or --protect is white, grey between. (transfer full)
 * (nullable). RV_ERROR_MEMORY. */
RvImage *rv__style_compute_unpainted (const RvStyleMasks *masks, int width, int height, GError **error);
/* A blend of @made with the content where it stays; without @masks and @protect (both nullable), @made itself.
 * (transfer full) (nullable). RV_ERROR_MEMORY, RV_ERROR_SHAPE. */
RvImage *rv__style_put_back (RvImage *made, const RvImage *content, RvImage *const *masks, const double *weights,
                             int n_masks, const RvImage *protect, GError **error);
/* Lets the result ignore where the content stays: it is the start of another run, which has masks and --protect. The
 * masks of the style losses remain. */
void rv__style_paint_all (RvStyle *style);
/* Sets compact masks, one for each style: takes their ownership and copies the array; see rv__style_set_masks(). */
void rv__style_take_masks (RvStyle *style, RvCompactImage *const *masks);
/* The selected optimiser. Borrowed. */
const RvOptimClass *rv__style_optim (const RvStyleSettings *settings);
/* Settings that are specific to this optimiser. Borrowed. */
const void *rv__style_optim_specific (const RvStyleSettings *settings);
#endif
