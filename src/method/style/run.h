/* run.h -- a run of style transfer: what the run itself and its plan share.
 * Layer 6 (method). */
#ifndef RV_STYLE_RUN_H
#define RV_STYLE_RUN_H

#include "method/objective/fit.h"
#include "optim/optim.h"
#include "method/style/internal.h"
#include "method/style/scale.h"
#include "method/run/stop.h"

typedef struct _RvStyleRun RvStyleRun;
typedef struct _RvStyleTargets RvStyleTargets;

struct _RvStyle {
  RvStyleSettings *settings;
  RvNet *net;
  RvImage *content, *init, **styles; /* let go of when the last scale has looked at them */
  gboolean let_go;                   /* they are */
  RvTensor *alpha;                   /* the content's, or NULL */
  int n_styles;
  RvImage **masks;         /* one for each style, or NULL */
  RvImage *protect;        /* or NULL */
  RvStyleTargets *targets; /* by style and size: shared by runs with rv_style_share() */
  double *blends;
  GArray *terms;      /* RvTerm */
  RvPixelSpace space; /* in which x lies; canvases are kept in it, pictures are not */
  RvImageResize resize;
  const RvBackendClass *backend;
  RvKernelTable *kernels;
  GArray *scales;      /* RvScale, coarse to fine */
  gsize allowed_bytes; /* of the whole process */
  int history;         /* pairs that L-BFGS keeps: fewer than set where memory is short */
  double allowed_s;    /* of a run; 0: no limit */

  RvWanted wanted; /* to be stopped */

  RvTensorMap *resume; /* the state that the next run goes on from, or NULL */

  /* While it runs; x: the canvas of the scale that is running. */
  RvStyleRun *run;
  float *x;
};

/* What one run carries from scale to scale, and within one. */
struct _RvStyleRun {
  RvStyle *style;
  RvStyleFunc progress;
  gpointer user_data;
  gint64 iteration, n_iterations, began_us;
  gint64 skipped; /* iterations that scales left out, at their ends */
  gboolean stopped;

  const RvScale *scale; /* that is running, or ran last */
  float *canvas;        /* its result, until the next one has taken it */
  RvOptim *optim;

  gint64 n_done; /* of the scale's iterations */
  RvStop stop;
  guint16 *good;         /* the last picture whose loss was finite, in 16 bits: enough to be shown */
  float *average;        /* of the pictures so far, or NULL */
  float *protect, *kept; /* what is kept as the content has it, 0 to 1, and the content; or NULL */
};

/* rv__style_scale: scale 0, 1, ..., coarse to fine. Borrowed. */
const RvScale *rv__style_scale (const RvStyle *style, guint i);

/* rv__style_keeps_content: its colours are wanted once more at the end. _let_go_bytes: of the pictures that go before
 * the last scale's loop begins. */
gboolean rv__style_keeps_content (const RvStyle *style);
gint64 rv__style_let_go_bytes (const RvStyle *style);

/* What the settings say to the objective of a scale, and to the optimiser. */
RvObjectiveSpec rv__style_objective_spec (const RvStyle *style, const RvScale *scale);
RvOptimSettings rv__style_optim_settings (const RvStyle *style);

/* rv__style_set_targets: makes the objective ready: styles first, whose memory is gone before it takes its own.
 * The content is left in its picture. */
gboolean rv__style_set_targets (RvStyle *style, RvObjective *objective, const RvScale *scale, GError **error);

/* rv__style_find_tiles: how each scale is computed: as a whole, or in tiles, and with how long a history. *peak: the
 * largest, objective and what lies beside it; *work: of the finest, to that of the whole. Either may be NULL: then
 * nothing is looked at that fits anyway. RV_ERROR_MEMORY. */
gboolean rv__style_find_tiles (RvStyle *style, gsize *peak, double *work, GError **error);

/* rv__style_ready: whether it may be planned or run. RV_ERROR_SETTING, saying what to do. */
gboolean rv__style_ready (const RvStyle *style, GError **error);

/* ---- targets.c ---- */

/* Reference-counted; for any number of threads. rv__style_targets_find: (transfer full) (nullable).
 * rv__style_targets_keep: keeps @target (transfer full) unless there is one under @key; that one (transfer full). */
RvStyleTargets *rv__style_targets_new (void);
RvStyleTargets *rv__style_targets_ref (RvStyleTargets *targets);
void rv__style_targets_unref (RvStyleTargets *targets);
RvPictureSums *rv__style_targets_find (RvStyleTargets *targets, const char *key);
RvPictureSums *rv__style_targets_keep (RvStyleTargets *targets, const char *key, RvPictureSums *target);

/* ---- masks.c ---- */

/* rv__style_masks_at: (transfer full) (nullable): for each style's mask its plane on a scale's canvas, then NULL.
 * RV_ERROR_MEMORY. */
float **rv__style_masks_at (const RvStyle *style, const RvScale *scale, GError **error);
void rv__style_free_planes (float **planes);
void rv__style_free_masks (RvStyle *style);

/* Where --protect is white. rv__style_start_protect: at a scale, while the content lies in x. _keep_protected: @x is
 * the content there. _hold_protected: the gradient is 0 there. */
gboolean rv__style_start_protect (RvStyleRun *run, const RvScale *scale, GError **error);
void rv__style_keep_protected (const RvStyleRun *run, float *x);
void rv__style_hold_protected (const RvStyleRun *run, float *gradient);

/* ---- state.c ---- */

/* rv__style_restore_run: where style->resume says that the run was, and in which tiles; *scale: to go on with.
 * rv__style_restore_scale: its picture, optimiser, average and stop. RV_ERROR_FORMAT. */
gboolean rv__style_restore_run (RvStyleRun *run, guint *scale, GError **error);
gboolean rv__style_restore_scale (RvStyleRun *run, GError **error);

#endif
