/* loss.h -- how a loss is written: one file in this folder that ends in a descriptor.
 * Layer 5 (loss). May include: graph, tensor, base.
 *
 * Every picture loss has three parts. Sums that add up over tiles, recorded as ops of the graph; a small function of
 * those sums with its gradient, here in double; and the sums' own backward pass, which the graph derives. A whole
 * picture is one tile. So the sums are the only thing that tiles, or machines, have to combine. */
#ifndef RV_LOSS_H
#define RV_LOSS_H

#include "graph/graph.h"

typedef enum { RV_LOSS_STYLE, RV_LOSS_CONTENT, RV_LOSS_TV, RV_LOSS_DREAM } RvLossRole;

#define RV_LOSS_MAX_SUMS 2
#define RV_DREAM_BORDER 2 /* rows and columns of a layer that dreams leave out, on each side */

/* What a loss may need to know besides the sums. Of a TV loss, channels and positions are the picture's. */
typedef struct {
  gint64 channels;               /* C */
  gint64 positions;              /* N = H * W of the layer, whole picture */
  gint64 picture_h, picture_w;   /* px */
  int n_layers;                  /* layers this loss is applied to */
  const double *channel_weights; /* of dreams: C of them; NULL: all 1 */
} RvLossInfo;

/* What the sums are compared with. Of a style: the sums of the style picture and its positions. Of a content loss: one
 * number, sum P^2. Of a TV loss and of dreams: nothing. */
typedef struct {
  double *sum[RV_LOSS_MAX_SUMS];
  gint64 positions;
} RvLossTarget;

typedef struct {
  const char *name, *summary, *source;
  RvLossRole role;
  int border; /* rows and columns of a layer that it leaves out on each side */
  int n_sums;
  gboolean means[RV_LOSS_MAX_SUMS]; /* which are sums of the features themselves, not of products of two */
  gboolean linear;                  /* in its sums: their gradient does not depend on them */

  /* Records the sums of features @x, [1, C, H, W]; of a content loss against @target, of the same shape; of a guided
   * dream against the guide's features, [C, Q]. */
  void (*record) (RvProgram *program, int x, int target, int sums[RV_LOSS_MAX_SUMS]);

  /* The loss and, into @grad (overwritten), its gradient with respect to each sum. */
  double (*evaluate) (const RvLossInfo *info, const double *const sum[], const RvLossTarget *target,
                      double *const grad[]);
} RvLossClass;

/* rv__loss_find: by role and name; NULL when there is none. rv__loss_names: (transfer container). */
const RvLossClass *rv__loss_find (RvLossRole role, const char *name);
const char *const *rv__loss_style_names (void);
const char *const *rv__loss_content_names (void);
const char *const *rv__loss_tv_names (void);

/* Shared by the losses on Gram matrices. record: the sum F F^T, [C, C]. distance: factor * ||a G - b S||^2 over the
 * C x C entries, its gradient with respect to G into @grad. */
void rv__gram_record (RvProgram *program, int x, int target, int sums[RV_LOSS_MAX_SUMS]);
double rv__gram_distance (gint64 channels, const double *G, double a, const double *S, double b, double factor,
                          double *grad);

/* Shared by the content losses. record: sum (F - P)^2. */
void rv__content_record (RvProgram *program, int x, int target, int sums[RV_LOSS_MAX_SUMS]);

#endif
