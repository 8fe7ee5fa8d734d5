/* match.h -- targets from the best matches of a picture's features among those of other pictures. Layer 6 (method).
 *
 *   H(p)    the features of some layers at position p of the finest of them, each divided by its number of channels;
 *           coarser layers are enlarged bilinearly
 *   k(p)    the position of the bank with the largest cosine of H(p) - mean H and B(q) - mean B
 *   M_l(p)  the bank's features of layer l at k(p); of a coarser layer the mean over the positions that it covers
 *   T_l(p)  m(p) F_l(p) + (1 - m(p)) M_l(p), F: the features that were matched; they preserve shapes that the bank
 *           lacks, such as faces. m: 0 to 1, chosen by the caller
 *   d(p)    detail: smoothstep of |H(p) - mean H| over its mean, 0 up to 0.75 (skies, water, walls), 1 from 1.25 on
 *           (houses)
 *
 * Kolkin, Kucera, Paris, Sykora, Shechtman, Shakhnarovich 2022, "Neural Neighbor Style Transfer", section 3.2. */
#pragma once

#include "method/objective/objective.h"

/* Features at chosen positions of one or more pictures. */
typedef struct _RvFeatureBank RvFeatureBank;

/* An empty bank. (transfer full). Cannot fail. */
RvFeatureBank *rv__feature_bank_new (void);
/* Frees @bank (nullable). */
void rv__feature_bank_free (RvFeatureBank *bank);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RvFeatureBank, rv__feature_bank_free)

/* Adds features of @picture, [1, channels, height, width] in the objective's space. The layers are those of the
 * RV_TARGET_FEATURES terms with target picture 0: at least one, and the same in each call for @bank. Adds the features
 * at at most @max_positions positions of the finest layer, spread evenly; coarser layers are enlarged. @mask:
 * (nullable): [height, width], 0 to 1: only positions at whose centre the mask is at least 0.5; all positions if there
 * are none. One forward pass in this process, whose memory is freed before the return. An error leaves @bank
 * unchanged. */
gboolean rv__feature_bank_add (RvFeatureBank *bank, const RvObjective *objective, const float *picture,
                               const float *mask, int height, int width, gint64 max_positions, GError **error);

/* Settings of the matching. All members are borrowed. */
typedef struct {
  RvFeatureBank *const *banks;
  int n_banks;
  /* One plane for each bank, [height, width] of the picture, 0 to 1. A position gets its match from the bank whose mask
   * is largest there. Where all masks are 0, a position keeps its target. NULL: there is one bank. */
  const float *const *masks;
  const float *shares;  /* (nullable): plane of m, [height, width] of the picture */
  double uniform_share; /* m everywhere, if `shares` is NULL */
  gboolean jointly;     /* H has all layers; else each layer is matched separately */
} RvMatchSpec;

/* Replaces the targets of picture 0, set by rv__objective_set_features(), by T of match.h: mixed with their best
 * matches in spec->banks. Only for losses whose single sum is sum (F - T)^2, and RV_F32. An error may leave some
 * targets replaced. */
gboolean rv__objective_match_targets (RvObjective *objective, const RvMatchSpec *spec, GError **error);

/* Overwrites @detail, [height, width] of x, with d of match.h: 0 where the picture is flat, 1 where it has detail.
 * Enlarges d of the finest layer bilinearly. Reads the targets of picture 0, at least one, which
 * rv__objective_set_features() has set, for the first picture of x. An error leaves @detail unchanged. */
gboolean rv__objective_measure_detail (RvObjective *objective, float *detail, GError **error);

/* Blurs each of @n planes, [height, width], in place: resizes each to half the sides, rounded down, at least 1, and
 * back, bilinearly. An error leaves @planes unchanged. */
gboolean rv__match_blur (float *planes, gint64 n, int height, int width, GError **error);
