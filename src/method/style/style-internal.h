/* style-internal.h -- what the settings and the run of style transfer share.
 * Layer 6 (method). */
#ifndef RV_STYLE_INTERNAL_H
#define RV_STYLE_INTERNAL_H

#include "method/style/settings.h"
#include "io/image/compact.h"
#include "net/pixel-space.h"
#include "optim/optim.h"
#include "method/style/style.h"

/* rv__style_blend_weights: (transfer full): one part for each style, their sum 1. RV_ERROR_SETTING. */
double *rv__style_blend_weights (const RvStyleSettings *settings, int n_styles, GError **error);
/* rv__style_terms: (transfer full): array of RvTerm: content, styles, total variation, dream, as far as they weighed
 * anything in @begun, with the weights of @settings; on the layers that are set, else those that suit the network. With
 * @n_masks of them each style has a term of its own on its layers; with 0 all share one. @temporal_mask: which mask
 * says where a film's last frame, picture 1, counts; -1: there is none. RV_ERROR_SETTING. */
GArray *rv__style_terms (const RvStyleSettings *begun, const RvStyleSettings *settings, const char *net_name,
                         int n_masks, int temporal_mask, GError **error);
/* rv__style_check_weights: whether anything does: RV_ERROR_SETTING. */
gboolean rv__style_check_weights (const RvStyleSettings *settings, GError **error);
/* rv__style_content_weight: the content weight after --strength. */
double rv__style_content_weight (const RvStyleSettings *settings);
/* rv__style_matches: whether content layers are compared with best matches in the style pictures.
 * rv__style_finishes: whether the run ends with a finish. */
#define RV_STYLE_MATCHED "matched"
gboolean rv__style_matches (const RvStyleSettings *settings);
gboolean rv__style_finishes (const RvStyleSettings *settings);
/* rv__style_starts_from_picture: whether one is to be given. */
gboolean rv__style_starts_from_picture (const RvStyleSettings *settings);
/* rv__style_space: the space in which the picture is optimised. */
RvPixelSpace rv__style_space (const RvStyleSettings *settings);
/* Of 'space': the picture's spectrum is optimised. */
#define RV_STYLE_FOURIER "fourier"
/* Masks as the styles are given them. Borrowed. */
typedef struct {
  RvCompactImage *const *mask; /* NULL: each style paints everywhere */
  const double *weight;        /* of each mask; NULL: 1 */
  int n;
  const RvCompactImage *protect; /* or NULL */
} RvStyleMasks;
/* How much is painted where: 0 to 1, @width x @height, of a mask, or with @protects of --protect, which is where it is
 * black. RV_ERROR_MEMORY. */
gboolean rv__style_read_mask (const RvCompactImage *mask, gboolean protects, int width, int height, float *painted,
                              GError **error);
/* A mask of the content that stays: white where all masks are black or --protect is white, grey between. (transfer
 * full) (nullable). RV_ERROR_MEMORY. */
RvImage *rv__style_compute_unpainted (const RvStyleMasks *masks, int width, int height, GError **error);
/* @made with @content where it stays; @masks and @protect are nullable. (transfer full) (nullable). RV_ERROR_MEMORY,
 * RV_ERROR_SHAPE. */
RvImage *rv__style_put_back (RvImage *made, const RvImage *content, RvImage *const *masks, const double *weights,
                             int n_masks, const RvImage *protect, GError **error);
/* Paints everywhere in spite of masks and --protect: the result is the start of another run, which has both. */
void rv__style_paint_all (RvStyle *style);
/* rv__style_take_masks: as rv__style_set_masks(), masks that are packed already, one for each style; each taken. */
void rv__style_take_masks (RvStyle *style, RvCompactImage *const *masks);
/* rv__style_optim: which optimiser. _optim_own: what it has of its own. Borrowed. */
const RvOptimClass *rv__style_optim (const RvStyleSettings *settings);
const void *rv__style_optim_specific (const RvStyleSettings *settings);
#endif
