/* masks.h -- kinds of masks made from a photograph, and their soft edges.
 * Layer 6 (method). Tests include it. */
#pragma once

#include "io/image/compact.h"
#include <reverie/mask.h>

/* A kind of mask: one for each name of rv_mask_kinds(). */
typedef struct {
  const char *name;
  /* rv_mask_new() of this kind; @found is not NULL, and *found is NULL before. */
  RvImage *(*make) (const RvImage *picture, int n_threads, char **found, GError **error);
} RvMaskClass;

extern const RvMaskClass rv__mask_faces, rv__mask_people, rv__mask_subject, rv__mask_background, rv__mask_sky;

/* "none", then the names of rv_mask_kinds(), for an option's choices. NULL-terminated; static. Any thread. */
const char *const *rv__mask_kinds_or_none (void);

/* ---- edges ------------------------------------------------------------------------------------------------------- */

#define RV_MASK_SMALL_PX 512 /* longer side of the smaller picture */
#define RV_MASK_EPSILON 1e-3 /* epsilon of rv__guided_fit() */
#define RV_MASK_GAIN 1.5f    /* factor of filtered log odds: steeper edges */
#define RV_MASK_RADIUS_PX(small) (MAX (MAX ((small)->width, (small)->height) / 50, 1))

/* (transfer full) (nullable): a copy of @picture, shrunk so that its longer side is at most @max_px, a multiple of
 * @multiple. A smaller picture keeps its size. Each side is then rounded to the nearest multiple of @multiple, also
 * upwards, but is at least @multiple. */
RvImage *rv__mask_shrink (const RvImage *picture, int max_px, int multiple, GError **error);

/* Local linear model of numbers from colours, 0..255: p = a_r r + a_g g + a_b b + b at each position. */
typedef struct {
  int width, height;
  float *planes; /* a_r, a_g, a_b, b; [4, height, width] */
} RvGuided;

/* (transfer full): the guided filter (He et al. 2013) of @p by the colours of @guide, as a model. @p: numbers of the
 * size of @guide, [height, width]. A window reaches @radius_px to each side. @epsilon: variance of colours, 0..1, below
 * which an edge of the guide is ignored. Time does not depend on the radius. Free with rv__guided_free(). Cannot fail.
 */
RvGuided *rv__guided_fit (const RvImage *guide, const float *p, int radius_px, double epsilon);
/* Frees @guided (nullable). */
void rv__guided_free (RvGuided *guided);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RvGuided, rv__guided_free)
/* Evaluates the model, enlarged bilinearly, for the colours of @picture, of any size. @p: (out caller-allocates):
 * [picture->height, picture->width]. The same numbers for any number of threads. Cannot fail. */
void rv__guided_apply (const RvGuided *guided, const RvImage *picture, float *p);

/* Writes means of @x, [@height, @width], over @rows x @columns cells of nearly the same size. @rows and @columns: at
 * most the sides of @x. @means: (out caller-allocates): [@rows, @columns]. Cannot fail. */
void rv__mask_cell_means (const float *x, int height, int width, int rows, int columns, float *means);

/* (transfer full) (nullable): a grey mask, 0..255, of the size of @picture, whose edges follow the colours of @picture.
 * @logits: [small->height, small->width], log odds that a position is white. @small: a smaller copy of @picture. */
RvImage *rv__mask_from_logits (const RvImage *picture, const RvImage *small, const float *logits, GError **error);

/* Corrects @logits, [image->height, image->width], log odds that a position belongs to a part of @image: adds log odds
 * of its colour (refine.c). Returns the divergence of the colours inside the part from those outside, in nats (Kullback
 * and Leibler 1951): about 0 for the same colours, higher for a clearer part. The same numbers for any number of
 * threads. Cannot fail. */
double rv__mask_refine (const RvImage *image, float *logits);

/* ---- networks ---------------------------------------------------------------------------------------------------- */

#define RV_PEOPLE_SIDE_PX 256

/* Runs MediaPipe's selfie segmentation on @picture, scaled to a square. @logits: (out caller-allocates): log odds that
 * a position shows a person, or something else in front, [256, 256]. */
gboolean rv__people_logits (const RvImage *picture, int n_threads, float *logits, GError **error);
/* (transfer full) (nullable): rv__mask_from_logits() for @logits of rv__people_logits(), [256, 256], resized to
 * @small. */
RvImage *rv__mask_from_square (const RvImage *picture, const RvImage *small, const float *logits, GError **error);
/* Certainty of the network, 0 to 1 (certain), from @logits of rv__people_logits(): number of positions with a
 * probability above 0.9, divided by the number with one above 0.1. 0 if the former cover less than a hundredth of the
 * picture. */
double rv__people_certainty (const float *logits);

/* Positions of a picture, one for each 8 x 8 px of at most 320 x 320 px. */
typedef struct {
  int width, height;
  int n, n_features; /* number of positions, width * height; numbers of a position */
  float *features;   /* [n, n_features], each of length 1; owned */
} RvMaskNodes;

/* Fills *nodes with features of the built-in network, less their means over the picture. Free nodes->features with
 * g_free(). After an error, nothing is to be freed. */
gboolean rv__mask_nodes (const RvImage *picture, int n_threads, RvMaskNodes *nodes, GError **error);

/* ---- regions of two pictures ------------------------------------------------------------------------------------- */

#define RV_MAX_REGIONS 6
#define RV_MAX_AUTO_REGIONS 4 /* for "auto" */
#define RV_REGIONS_PX 1024    /* longer side of masks: finer edges do not show in strokes */

/* Matching regions of a photograph and a painting: photo[k] and painting[match[k]]. Constant while shared. */
typedef struct {
  gint ref_count;
  int n;                                                            /* regions; 1: the pictures were not divided */
  gboolean is_flat;                                                 /* the photograph has one colour; n is 1 */
  float *center;                                                    /* centres, for rv__regions_follow(); owned */
  RvCompactImage *photo[RV_MAX_REGIONS], *painting[RV_MAX_REGIONS]; /* owned; masks of a picture add up to white */
  int match[RV_MAX_REGIONS];
} RvRegions;

/* Adds a reference, and returns @regions. */
RvRegions *rv__regions_ref (RvRegions *regions);
/* Removes a reference to @regions (nullable). */
void rv__regions_unref (RvRegions *regions);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RvRegions, rv__regions_unref)

/* Values of the setting `regions`: "none", "auto" and numbers. NULL-terminated; static. Any thread. */
const char *const *rv__regions_choices (void);
/* Largest number of regions that @choice, one of rv__regions_choices(), can give; for "none" RV_MAX_REGIONS. */
int rv__regions_max (const char *choice);
/* (transfer full) (nullable): divides @photo and @painting together into matching regions. @choice: one of
 * rv__regions_choices(), not "none": the largest number of regions, or "auto". @match: (nullable): pairs for
 * rv__regions_parse_match(), not read for one region. The masks have at most RV_REGIONS_PX a side. The same for any
 * number of threads. */
RvRegions *rv__regions_find (const RvImage *photo, const RvImage *painting, const char *choice, const char *match,
                             int n_threads, GError **error);
/* (transfer full) (nullable) (element-type RvImage): masks of the regions in another photograph, @picture, of at most
 * RV_REGIONS_PX a side: grey, 0..255, of its size. Each position belongs to the region whose centre is nearest, so a
 * mask may be black. For the photograph of rv__regions_find(): regions->photo. */
GPtrArray *rv__regions_follow (const RvRegions *regions, const RvImage *picture, int n_threads, GError **error);
/* Writes the log odds that a position of @picture belongs to its uppermost region, one of the regions of
 * rv__regions_find() for this picture alone. *found: (out), unset after an error: whether the region with the largest
 * part of the upper border has at least 30 % of it, and is above all others on average; FALSE is no error. @logits:
 * (out caller-allocates): [picture->height, picture->width]; set only if found. */
gboolean rv__regions_top_logits (const RvImage *picture, int n_threads, float *logits, gboolean *found, GError **error);
/* Sets match[k], for each of the @n regions k of the photograph, to a region of the painting, both from 0. @text: pairs
 * PHOTO:PAINTING such as "1:3,2:2", from 1; NULL: none. Regions without a pair get k. RV_ERROR_SETTING about 'match'
 * for text that is no pair, or a number that is not 1 to @n; @match is then undefined. */
gboolean rv__regions_parse_match (const char *text, int n, int match[RV_MAX_REGIONS], GError **error);
