/* run.h -- a run of style transfer: what the run itself and its plan share.
 * Layer 6 (method). */
#ifndef RV_STYLE_RUN_H
#define RV_STYLE_RUN_H

#include "io/image/compact.h"
#include "method/objective/fourier.h"
#include "method/objective/match.h"
#include "method/run/run.h"
#include "method/style/axes.h"
#include "method/style/color.h"
#include "method/style/style-internal.h"
#include "method/style/scale.h"
#include "optim/optim.h"

typedef struct _RvStyleRun RvStyleRun;
typedef struct _RvStyleTargets RvStyleTargets;

struct _RvStyle {
  RvSettings *initial_settings,
    *current_settings;       /* the settings as it was made with them; as they are now, where they lie */
  RvStyleSettings *settings; /* in named */
  RvNet *net;
  RvImage *content, *init, **styles; /* let go of when the last scale has looked at them */
  gboolean inputs_released;          /* those are gone */
  RvTensor *alpha;                   /* the content's, or NULL */
  int n_styles;
  RvCompactImage **masks;             /* one for each style, or NULL; let go of likewise */
  RvCompactImage *protect;            /* or NULL */
  RvCompactImage *stays;              /* rv__style_compute_unpainted() of these two; NULL: without either */
  gboolean mask_out_of_memory;        /* there was no memory for one of these */
  RvImage *warped;                    /* of a film's frame: the last one as it moved to this; or NULL */
  RvTensor *confidence, *static_mask; /* of it; still may be NULL */
  RvStyleTargets *targets;            /* by style and size: shared by runs with rv__style_reuse() */
  double *blends;
  GPtrArray *banks;                      /* RvFeatureBank, of the scale that is running: one, or one for each mask */
  RvColorAxes axes;                      /* of that scale */
  GArray *terms, *finish_terms;          /* RvTerm; of the finish: the same with other weights */
  const char *losses[RV_MAX_GROUPS + 1]; /* rv__style_losses() */
  RvPixelSpace space;                    /* in which x lies; canvases are kept in it, pictures are not */
  RvImageResize resize;
  GArray *scales;   /* RvScale, coarse to fine */
  RvEngine *engine; /* a stage is a scale; shared by runs of one size with rv__style_reuse() */

  RvStopRequest wanted; /* to be stopped */

  RvTensorMap *resume;      /* the state that the next run goes on from, or NULL */
  gboolean loss_changed;    /* from there on with another loss */
  gboolean protect_changed; /* another part of the picture stays the content from there on */

  /* While it runs; x: the canvas of the scale that is running. */
  RvStyleRun *run;
  float *x;
};

/* What one run carries from scale to scale, and within one. */
struct _RvStyleRun {
  RvRun common;
  RvStyle *style;
  RvStyleFunc progress;
  gpointer user_data;
  gint64 n_iterations; /* planned, of all scales */

  RvObjective *objective; /* of the scale that is running */
  const RvScale *scale;   /* that is running, or ran last */
  GArray *buffers;        /* of that scale: rv__style_buffers() */
  float *detail;          /* of the photograph, 0 to 1 a pixel; matching.c */
  float *start;           /* the canvas whose features were matched last; NULL: none are */
  float *query, *before;  /* while features are matched: of what, and x */
  float *previous_canvas; /* the canvas of the scale that ran last, as it was left; until the next took it */
  RvOptim *optim;
  RvFourier *fourier;      /* what the optimiser moves instead of x, or NULL */
  float *spectrum_picture; /* its picture, before what stays is put into it */

  guint16 *last_finite; /* the last picture whose loss was finite, in 16 bits: enough to be shown */
  float *average;       /* of the pictures so far, or NULL */
  float *protect;       /* where the content stays, 0 to 1, or NULL */
  float *content;       /* what stays there, or NULL */
  float *still;         /* where a film's frame stays as it starts, 0 or 1, or NULL */
};

/* rv__style_scale: scale 0, 1, ..., coarse to fine. Borrowed. */
const RvScale *rv__style_scale (const RvStyle *style, guint i);

/* rv__style_color_mode: how the result takes the content's colours. rv__style_keeps_content: whether the content is
 * wanted once more at the end. */
RvColorMode rv__style_color_mode (const RvStyle *style);
gboolean rv__style_keeps_content (const RvStyle *style);
/* Whether @scale starts from the content in the colours of the style pictures. */
gboolean rv__style_recolors (const RvStyle *style, const RvScale *scale);

/* rv__style_start_picture: the canvas that the first scale starts from, in the space of x, into @x, where the content
 * lies. RV_ERROR_MEMORY. */
gboolean rv__style_start_picture (const RvStyle *style, const RvScale *scale, float *x, GError **error);
/* rv__style_moves_along_axes: whether the optimiser does. */
gboolean rv__style_moves_along_axes (const RvStyle *style);
/* rv__style_scale_terms: the terms of a scale. Borrowed. */
GArray *rv__style_scale_terms (const RvStyle *style, const RvScale *scale);

/* What the settings say to the objective, which is to fit as @fit has it, and to the optimiser. */
RvObjectiveSpec rv__style_objective_spec (const RvStyle *style, const RvScale *scale, const RvFit *fit);
RvOptimSettings rv__style_optim_settings (const RvStyle *style);

/* rv__style_own_engine: one that no other run shares, where it is to be changed.
 * rv__style_set_canvas: a picture on a scale's canvas, in the space of x, into @canvas. RV_ERROR_MEMORY.
 * rv__style_set_targets: makes the objective ready: where it @is_new the styles first, whose memory is gone before it
 * takes its own; else it has them. The content is left in its picture; at the @last scale of a run it may be let go of.
 */
gboolean rv__style_own_engine (RvStyle *style, GError **error);
gboolean rv__style_set_canvas (const RvStyle *style, RvImage *image, const RvScale *scale, float *canvas,
                               GError **error);
gboolean rv__style_set_targets (RvStyle *style, RvObjective *objective, const RvScale *scale, gboolean is_new,
                                gboolean last, GError **error);

/* rv__style_free_masks: once the last scale has looked at them.
 * rv__style_rebuild_terms: anew, after masks or weights have changed. */
void rv__style_free_masks (RvStyle *style);
void rv__style_rebuild_terms (RvStyle *style);

/* rv__style_change_loss: (steer.c) the run that is under way has another loss from its next evaluation on. */
gboolean rv__style_change_loss (RvStyleRun *run, GError **error);

/* Phases of a scale, in which its buffers are there. */
enum {
  RV_STYLE_MASKS,
  RV_STYLE_TARGETS,
  RV_STYLE_MATCHING,
  RV_STYLE_PROTECTING,
  RV_STYLE_CANVAS,
  RV_STYLE_LAST_SLOT,
  RV_STYLE_RUNNING
};

/* Returns what @run takes at @scale besides its objective. (transfer full): before @run is freed. */
GArray *rv__style_buffers (RvStyleRun *run, const RvScale *scale);

/* rv__style_plan_memory: how each scale is computed: as a whole, or in tiles, and with how long a history.
 * RV_ERROR_MEMORY. */
gboolean rv__style_plan_memory (RvStyle *style, GError **error);

/* rv__style_ready: whether it may be planned or run. RV_ERROR_SETTING, saying what to do. */
gboolean rv__style_ready (const RvStyle *style, GError **error);

/* ---- targets.c ---- */

/* Reference-counted; for any number of threads. rv__style_targets_find: (transfer full) (nullable).
 * rv__style_targets_insert: keeps @target (transfer full) unless there is one under @key; that one (transfer full). */
RvStyleTargets *rv__style_targets_new (void);
RvStyleTargets *rv__style_targets_ref (RvStyleTargets *targets);
void rv__style_targets_unref (RvStyleTargets *targets);
RvTargetStats *rv__style_targets_find (RvStyleTargets *targets, const char *key);
RvTargetStats *rv__style_targets_insert (RvStyleTargets *targets, const char *key, RvTargetStats *target);

/* ---- masks.c ---- */

/* rv__style_masks_at: (transfer full) (nullable): for each style's mask its plane on a scale's canvas, then that of
 * where a film's last frame is trusted, then NULL. RV_ERROR_MEMORY. */
float **rv__style_masks_at (const RvStyle *style, const RvScale *scale, GError **error);
void rv__style_free_planes (float **planes);

/* The content that stays. rv__style_start_protect: at a scale, while the content lies in x. _protect_picture: @x
 * becomes the content there. _protect_gradient: @gradient becomes 0 there, and where a film's frame stays. */
gboolean rv__style_start_protect (RvStyleRun *run, const RvScale *scale, GError **error);
void rv__style_protect_picture (const RvStyleRun *run, float *x);
void rv__style_protect_gradient (const RvStyleRun *run, float *gradient);
/* rv__style_protect_painted: in the middle of a scale: what is painted already becomes the content there. */
void rv__style_protect_painted (RvStyleRun *run);
/* rv__style_protect_static: @x becomes @shown, but where a film's frame stays as it starts. */
void rv__style_protect_static (const RvStyleRun *run, const float *shown, float *x);

/* ---- spectrum.c ---- */

/* rv__style_in_spectrum: whether the optimiser moves that. rv__style_start_spectrum: at a scale, that of x.
 * rv__style_end_spectrum: lets go of it. */
gboolean rv__style_in_spectrum (const RvStyle *style);
gboolean rv__style_start_spectrum (RvStyleRun *run, GError **error);
void rv__style_end_spectrum (RvStyleRun *run);

/* rv__style_params: what the optimiser moves: x or the spectrum; borrowed. Where it moves along colour axes, x lies
 * along them from here to rv__style_update_picture(), which always follows. rv__style_grad_params: the loss's gradient
 * there, of that in x, which it is where x is moved; borrowed (nullable). rv__style_update_picture: x, once they have
 * moved. */
float *rv__style_params (const RvStyleRun *run);
const float *rv__style_grad_params (const RvStyleRun *run, float *gradient, GError **error);
gboolean rv__style_update_picture (const RvStyleRun *run, GError **error);

/* ---- matching.c ---- */

/* How many positions of the style pictures are matched with; 0: none. */
gint64 rv__style_bank_positions (const RvStyle *style);
/* Empties the banks, one for each mask, or one, and the axes. */
void rv__style_clear_banks (RvStyle *style);
/* Adds style picture @i at a scale's size, in the space of x, to its bank. */
gboolean rv__style_add_to_bank (RvStyle *style, const RvObjective *objective, int i, const RvImage *picture,
                                GError **error);
/* At the start of a scale, while the photograph lies in x: run->start, and the targets matched for it. RV_ERROR_MEMORY,
 * RV_ERROR_CANCELLED. */
gboolean rv__style_match_scale (RvStyleRun *run, RvObjective *objective, const RvScale *scale, GError **error);
/* In a finish, before an evaluation: matches x itself every few iterations. */
gboolean rv__style_match_again (RvStyleRun *run, GError **error);
/* How often a scale matches. */
gint64 rv__style_n_matchings (const RvScale *scale);
/* *@seconds: what matching takes at a scale, whose banks and targets are set; 0 where nothing is matched. As
 * rv__style_match_scale(). */
gboolean rv__style_time_matching (RvStyle *style, RvObjective *objective, const RvScale *scale, double *seconds,
                                  GError **error);

/* ---- state.c ---- */

/* rv__style_restore_run: where style->resume says that the run was, and in which tiles. rv__style_restore_scale: its
 * picture, optimiser and average. RV_ERROR_FORMAT. */
gboolean rv__style_restore_run (RvStyleRun *run, GError **error);
gboolean rv__style_restore_scale (RvStyleRun *run, GError **error);

#endif
