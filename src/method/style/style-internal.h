/* style-internal.h -- declarations for the settings and the run of style transfer. Layer 6 (method). */
#pragma once

#include "method/style/style-settings.h"
#include "io/image/compact.h"
#include "method/masks/masks.h"
#include "net/pixel-space.h"
#include "optim/optim.h"
#include "method/style/style.h"

/* (transfer full: g_free()) (nullable): weight of each style, [@n_styles], with sum 1, by the setting `style-blend`;
 * equal without that setting. RV_ERROR_SETTING for no style, another number of weights, invalid weights, or only
 * zeros. */
double *rv__style_blend_weights (const RvStyleSettings *settings, int n_styles, GError **error);
/* (transfer full: g_array_unref()) (nullable): RvTerm: content, styles, temporal, total variation, dream, on the layers
 * that are set, else the network's default layers. Losses whose weight is 0 in @begun have no terms; the others have
 * the weights of @settings; that of the content is adjusted by `strength`. @n_masks: number of styles with separate
 * terms; 0: the terms are for all styles together. @temporal_mask: mask of the previous frame; -1, or a
 * `temporal-weight` of 0: no temporal term. An error is about the setting that is wrong; about none for default
 * layers. */
GArray *rv__style_terms (const RvStyleSettings *begun, const RvStyleSettings *settings, const char *net_name,
                         int n_masks, int temporal_mask, GError **error);
/* Checks that one of the weights of content, style and total variation is above 0. RV_ERROR_SETTING. */
gboolean rv__style_check_weights (const RvStyleSettings *settings, GError **error);
#define RV_STYLE_MATCHED "matched" /* value of 'content-target' */
/* Whether content layers are compared with best matches in the style pictures. FALSE also if `content-weight` is 0 or
 * the content loss compares pixels. */
gboolean rv__style_matches (const RvStyleSettings *settings);
/* Whether a finish follows the last scale: content is matched, `finish` is above 0 and `strength` is at least 40. */
gboolean rv__style_finishes (const RvStyleSettings *settings);
/* Whether the setting `init` is picture or learned: the caller must give a picture to start from. */
gboolean rv__style_starts_from_picture (const RvStyleSettings *settings);
/* Pixel space of x by the setting `space`, by value. For fourier: that of the spectrum's picture. */
RvPixelSpace rv__style_space (const RvStyleSettings *settings);
/* Value of 'space': the picture's spectrum is optimised. */
#define RV_STYLE_FOURIER "fourier"
/* Masks that limit where styles paint. Members are borrowed. */
typedef struct {
  RvCompactImage *const *mask; /* NULL: each style paints everywhere */
  const double *weight;        /* one for each mask; NULL: 1 */
  int n;
  const RvCompactImage *protect; /* (nullable) */
} RvStyleMasks;
/* Overwrites @painted, [@height, @width], with the weight of the paint, 0 to 1, by @mask, resized. Weights up to
 * 0.04 become 0, larger ones are stretched to 0..1. @protects: TRUE: @mask is that of the protected area, where black
 * is painted. */
gboolean rv__style_read_mask (const RvCompactImage *mask, gboolean protects, int width, int height, float *painted,
                              GError **error);
/* (transfer full) (nullable): mask of the content that stays, @width x @height px. White where all masks are black or
 * the protected area is white, black where painted, grey between. Without masks everything except the protected
 * area is painted. */
RvImage *rv__style_compute_unpainted (const RvStyleMasks *masks, int width, int height, GError **error);
/* (transfer full) (nullable): a copy of @made with @content, of the same size, where @masks, [@n_masks], and @protect
 * leave the content. Both may be NULL; without both, a reference to @made. @weights: (nullable: 1): weights of the
 * masks. Without @weights, a mask that all styles share counts once. */
RvImage *rv__style_blend_unpainted (RvImage *made, const RvImage *content, RvImage *const *masks, const double *weights,
                                    int n_masks, const RvImage *protect, GError **error);
/* Frees the masks of the content that stays and of the part to keep, so that the result is painted everywhere. Used
 * when the result is the start of another run, which applies these masks. The masks of the style losses remain. */
void rv__style_paint_all (RvStyle *style);
/* Replaces the masks by @masks, one for each style: [n_styles]; becomes the owner of the masks, which may be NULL after
 * an error, and copies the array. Rebuilds terms and the mask of the content that stays. An error is stored in
 * style->mask_error; rv__style_check_ready() reports it. */
void rv__style_take_masks (RvStyle *style, RvCompactImage *const *masks);
/* Replaces the only style by one for each region of @regions, referenced, of which there are two or more. The caller
 * then sets a mask for each. Call it once. */
void rv__style_set_regions (RvStyle *style, RvRegions *regions);
/* Class of the optimiser in the setting `optimizer`. Never NULL; static. */
const RvOptimClass *rv__style_optim (const RvStyleSettings *settings);
