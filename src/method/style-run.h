/* style-run.h -- a run of style transfer: what the run itself and its plan share.
 * Layer 6 (method). */
#ifndef RV_STYLE_RUN_H
#define RV_STYLE_RUN_H

#include "fit.h"
#include "optim/optim.h"
#include "style-internal.h"
#include "style-scale.h"

struct _RvStyle {
  RvStyleSettings *settings;
  RvNet *net;
  RvImage *content; /* let go of while the last scale runs, unless its colours are kept */
  RvTensor *alpha;  /* the content's, or NULL */
  RvImage *init, **styles;
  int n_styles;
  double *blends;
  GArray *content_taps, *style_taps, *dream_taps;
  RvPixelSpace space; /* in which x lies; canvases are kept in it, pictures are not */
  RvImageResize resize;
  const RvBackendClass *backend;
  RvKernelTable *kernels;
  GArray *scales;      /* RvScale, coarse to fine */
  gsize allowed_bytes; /* of the whole process */
  double allowed_s;    /* of a run; 0: no limit */

  /* The scale that is running, and its canvas. */
  const RvScale *scale;
  float *x;
};

/* rv__style_scale: scale 0, 1, ..., coarse to fine. Borrowed. */
const RvScale *rv__style_scale (const RvStyle *style, guint i);

/* rv__style_keeps_content: its colours are wanted once more at the end. */
gboolean rv__style_keeps_content (const RvStyle *style);

/* What the settings say to the objective of a scale, and to the optimiser. */
RvObjectiveSpec rv__style_objective_spec (const RvStyle *style, const RvScale *scale);
RvOptimSettings rv__style_optim_settings (const RvStyleSettings *s);

/* rv__style_set_targets: makes the objective ready: styles first, whose memory is gone before it takes its own.
 * The content is left in its picture. */
gboolean rv__style_set_targets (RvStyle *style, RvObjective *objective, const RvScale *scale, GError **error);

/* rv__style_find_tiles: how each scale is computed: as a whole, or in tiles. *peak: the largest, objective and what
 * lies beside it; *work: of the finest, to that of the whole. Either may be NULL: then nothing is looked at that fits
 * anyway. RV_ERROR_MEMORY. */
gboolean rv__style_find_tiles (RvStyle *style, gsize *peak, double *work, GError **error);

#endif
