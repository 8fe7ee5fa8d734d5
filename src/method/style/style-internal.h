/* style-internal.h -- declarations for the settings and the run of style transfer. Layer 6 (method). */
#ifndef RV_STYLE_INTERNAL_H
#define RV_STYLE_INTERNAL_H

#include "method/style/style-settings.h"
#include "io/image/compact.h"
#include "net/pixel-space.h"
#include "optim/optim.h"
#include "method/style/style.h"

/* Weight of each style; their sum is 1; equal without --style-blend. (transfer full) (nullable): freed by g_free().
 * RV_ERROR_SETTING for another number of weights, or all 0. */
double *rv__style_blend_weights (const RvStyleSettings *settings, int n_styles, GError **error);
/* Terms of a run: content, styles, temporal, total variation, dream. (transfer full) (nullable): RvTerm. Uses the
 * layers that are set, or the network's default layers. Losses whose weight is 0 in @begun have no terms; the others
 * have the weights of @settings. @n_masks: each style has separate terms; 0: all styles share theirs. @temporal_mask:
 * mask of the previous frame, picture 1; -1: no temporal term. RV_ERROR_SETTING. */
GArray *rv__style_terms (const RvStyleSettings *begun, const RvStyleSettings *settings, const char *net_name,
                         int n_masks, int temporal_mask, GError **error);
/* Checks that the weight of content, style or total variation is not 0. RV_ERROR_SETTING. */
gboolean rv__style_check_weights (const RvStyleSettings *settings, GError **error);
/* Content weight, adjusted by --strength, which must not be 0. */
double rv__style_content_weight (const RvStyleSettings *settings);
#define RV_STYLE_MATCHED "matched" /* value of 'content-target' */
/* Whether content layers are compared with best matches in the style pictures: as set, if the content has a weight. */
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
/* Resizes @mask and writes how much is painted, 0 to 1, [height, width], to @painted. Nearly black counts as black.
 * @protects: the mask is of --protect, where black is painted. RV_ERROR_MEMORY. */
gboolean rv__style_read_mask (const RvCompactImage *mask, gboolean protects, int width, int height, float *painted,
                              GError **error);
/* Mask of the content that stays: white where all masks are black or --protect is white, grey between. (transfer full)
 * (nullable). RV_ERROR_MEMORY. */
RvImage *rv__style_compute_unpainted (const RvStyleMasks *masks, int width, int height, GError **error);
/* A copy of @made with the content where masks and @protect leave it; without @masks and @protect (both nullable), a
 * reference to @made. (transfer full) (nullable). @content has the size of @made. RV_ERROR_MEMORY, RV_ERROR_SHAPE. */
RvImage *rv__style_blend_unpainted (RvImage *made, const RvImage *content, RvImage *const *masks, const double *weights,
                                    int n_masks, const RvImage *protect, GError **error);
/* Frees the mask of the content that stays: the result is painted everywhere, as the start of another run, which has
 * masks and --protect. The masks of the style losses remain. */
void rv__style_paint_all (RvStyle *style);
/* Replaces the masks by compact ones, one for each style: takes their ownership and copies the array. Rebuilds the
 * terms. A mask may be NULL after missing memory; see rv__style_set_masks(). */
void rv__style_take_masks (RvStyle *style, RvCompactImage *const *masks);
/* The optimiser that the settings name. Static. */
const RvOptimClass *rv__style_optim (const RvStyleSettings *settings);
/* Settings that are specific to this optimiser. Borrowed from @settings. */
const void *rv__style_optim_specific (const RvStyleSettings *settings);
#endif
