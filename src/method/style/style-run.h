/* style-run.h -- a style transfer and its run, for the source files of this folder. Layer 6 (method). */
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
  RvSettings *initial_settings, *current_settings; /* settings at the start, and after rv__style_steer(); owned */
  RvStyleSettings *settings;                       /* fields of current_settings */
  RvNet *net;
  RvImage *content, *init, **styles; /* released after the last scale has read them */
  gboolean inputs_released;          /* the pictures were released */
  RvTensor *alpha;                   /* alpha of the content, or NULL */
  int n_styles;
  RvCompactImage **masks;             /* one for each style, or NULL; released with the pictures */
  RvCompactImage *protect;            /* or NULL */
  RvCompactImage *stays;              /* mask of the content that stays, from `masks` and `protect`; NULL: no mask */
  gboolean mask_out_of_memory;        /* a mask could not be allocated; reported by rv__style_check_ready() */
  RvImage *warped;                    /* video: the previous painted frame, moved to this frame; or NULL */
  RvTensor *confidence, *static_mask; /* video: confidence of `warped`, and the static region, which may be NULL */
  RvStyleTargets *targets;            /* cache by style and size; shared with rv__style_reuse() */
  double *blends;
  GPtrArray *banks;                      /* RvFeatureBank of the current scale: one, or one for each mask */
  RvColorAxes axes;                      /* for the current scale */
  GArray *terms, *finish_terms;          /* RvTerm; finish_terms has other weights */
  const char *losses[RV_MAX_GROUPS + 1]; /* rv__style_losses() */
  RvPixelSpace space;                    /* for x and the canvases; pictures are in RGB */
  RvImageResize resize;
  GArray *scales;   /* RvScale, coarse to fine */
  RvEngine *engine; /* a stage is a scale; shared with rv__style_reuse() between runs of one size */

  RvStopRequest wanted;

  RvTensorMap *resume;      /* state from which the next run resumes, or NULL */
  gboolean loss_changed;    /* the run resumes with another loss */
  gboolean protect_changed; /* the run resumes with another protected area */

  /* Only during a run. x: canvas of the current scale. */
  RvStyleRun *run;
  float *x;
};

/* State of one run. */
struct _RvStyleRun {
  RvRun common;
  RvStyle *style;
  RvStyleFunc progress;
  gpointer user_data;
  gint64 n_iterations; /* planned, over all scales */

  RvObjective *objective; /* for the current scale */
  const RvScale *scale;   /* current or last scale */
  GArray *buffers;        /* for the current scale: rv__style_buffers() */
  float *detail;          /* detail of the photograph, 0 to 1 per pixel; matching.c */
  float *start;           /* canvas whose features were matched last; NULL: no matching */
  float *query, *before;  /* during matching: the picture to be matched, and a copy of x */
  float *previous_canvas; /* final canvas of the last scale, until the next scale has read it */
  RvOptim *optim;
  RvFourier *fourier;      /* NULL: the optimiser changes x itself */
  float *spectrum_picture; /* picture of the spectrum, before protection is applied */

  guint16 *last_finite; /* last picture with a finite loss, as 16-bit minifloats */
  float *average;       /* running average of the pictures, or NULL */
  float *protect;       /* weight of the protected content, 0 to 1, or NULL */
  float *content;       /* protected content, or NULL */
  float *still;         /* video: static region, 0 or 1, or NULL */
};

/* Scale @i, coarse to fine. Borrowed. */
const RvScale *rv__style_scale (const RvStyle *style, guint i);

/* Method of --keep-colors, by which the result takes the content's colours. */
RvColorMode rv__style_color_mode (const RvStyle *style);
/* Whether the result needs the content once more: for its colours, or where it stays. */
gboolean rv__style_keeps_content (const RvStyle *style);
/* Moves @canvas, in the space of x, in place, by @part, 0 to 1, of the way to the colours of the style pictures
 * (RV_COLOR_COVARIANCE): to the mean map of all, or with masks each region to its own picture's. RV_ERROR_MEMORY. */
gboolean rv__style_recolor (const RvStyle *style, const RvScale *scale, double part, float *canvas, GError **error);

/* Writes the start of the first scale to the canvas @x, in the space of x, by --init. @x contains the content before;
 * with init `content` it stays. RV_ERROR_MEMORY. */
gboolean rv__style_start_picture (const RvStyle *style, const RvScale *scale, float *x, GError **error);
/* Whether the optimiser takes its steps along the colour axes. */
gboolean rv__style_moves_along_axes (const RvStyle *style);
/* Terms of a scale: those of the finish have other weights. Borrowed. */
GArray *rv__style_scale_terms (const RvStyle *style, const RvScale *scale);

/* Specification of the objective of a scale, with the fit @fit. By value; its pointers are borrowed from @style. */
RvObjectiveSpec rv__style_objective_spec (const RvStyle *style, const RvScale *scale, const RvFit *fit);
/* Settings of the optimiser, with a gradient_scale of 1. `specific` is borrowed. */
RvOptimSettings rv__style_optim_settings (const RvStyle *style);

/* Replaces the engine, which may be shared, by a new one with the same kernels and without fits. RV_ERROR_SETTING,
 * RV_ERROR_BACKEND. */
gboolean rv__style_replace_engine (RvStyle *style, GError **error);
/* Resizes a picture of any size to the canvas of a scale, with mirrored margin, in the space of x. RV_ERROR_MEMORY. */
gboolean rv__style_set_canvas (const RvStyle *style, RvImage *image, const RvScale *scale, float *canvas,
                               GError **error);
/* Sets the targets of the objective, the banks and the colour axes, and leaves the content in x. @is_new: measures the
 * styles first, whose memory is freed before the objective is bound here. @last: the last scale, which may release the
 * content. RV_ERROR_MEMORY, RV_ERROR_CANCELLED. */
gboolean rv__style_set_targets (RvStyle *style, RvObjective *objective, const RvScale *scale, gboolean is_new,
                                gboolean last, GError **error);

/* Frees the masks but keeps the array, whose entries become NULL: terms still need to know that masks exist. */
void rv__style_free_masks (RvStyle *style);
/* Builds the terms again after masks or weights have changed. Cannot fail: rv__style_new() checked the same settings.
 */
void rv__style_rebuild_terms (RvStyle *style);

/* Applies changed weights to the current run, from its next evaluation on (steer.c). Restarts the optimiser, and
 * forgets the losses that may end the scale. RV_ERROR_BACKEND. */
gboolean rv__style_change_loss (RvStyleRun *run, GError **error);

/* Phases of a scale, for its buffers. */
enum {
  RV_STYLE_MASKS,
  RV_STYLE_TARGETS,
  RV_STYLE_MATCHING,
  RV_STYLE_PROTECTING,
  RV_STYLE_CANVAS,
  RV_STYLE_LAST_SLOT,
  RV_STYLE_RUNNING
};

/* Buffers of @run at @scale: all memory besides its objective, none of it allocated. (transfer full). Free the array
 * before @run, which has the addresses. */
GArray *rv__style_buffers (RvStyleRun *run, const RvScale *scale);

/* Plans each scale: whole or in tiles, and the history of L-BFGS. Does nothing if a run that shares the engine has done
 * it. RV_ERROR_MEMORY. */
gboolean rv__style_plan_memory (RvStyle *style, GError **error);

/* Checks that the style transfer can be planned or run. RV_ERROR_SETTING if it is running or has run; RV_ERROR_MEMORY
 * if a mask could not be stored. */
gboolean rv__style_check_ready (const RvStyle *style, GError **error);

/* ---- targets.c ---- */

/* A new reference-counted cache for any number of threads. (transfer full). */
RvStyleTargets *rv__style_targets_new (void);
/* (transfer full): @targets with one more reference. Any thread. */
RvStyleTargets *rv__style_targets_ref (RvStyleTargets *targets);
/* Releases a reference on @targets (nullable). Any thread. */
void rv__style_targets_unref (RvStyleTargets *targets);
/* Cached target of @key. (transfer full) (nullable): NULL if there is none. */
RvTargetStats *rv__style_targets_find (RvStyleTargets *targets, const char *key);
/* Stores @target (transfer full) unless @key has one already. Returns the stored target (transfer full). */
RvTargetStats *rv__style_targets_insert (RvStyleTargets *targets, const char *key, RvTargetStats *target);

/* ---- masks.c ---- */

/* Mask planes on a scale's canvas, 0 to 1: one for each style's mask, then the flow confidence of a video, then NULL.
 * (transfer full) (nullable): rv__style_free_planes(). RV_ERROR_MEMORY. */
float **rv__style_masks_at (const RvStyle *style, const RvScale *scale, GError **error);
/* Frees the NULL-terminated array @planes (nullable) and its planes. */
void rv__style_free_planes (float **planes);

/* Allocates and sets run->protect, content and still for a scale, while x contains the content. RV_ERROR_MEMORY. */
gboolean rv__style_start_protect (RvStyleRun *run, const RvScale *scale, GError **error);
/* Restores the protected content in the canvas @x; grey areas of the mask mix. Without protection does nothing. */
void rv__style_protect_picture (const RvStyleRun *run, float *x);
/* Scales @gradient down in the protected content, to 0 where the mask is white. Sets it to 0 in the static region. */
void rv__style_protect_gradient (const RvStyleRun *run, float *gradient);
/* Restores the protected content in x, and scales the optimiser's state down there: its momentum would restore the
 * paint. */
void rv__style_protect_painted (RvStyleRun *run);
/* Copies the canvas @shown to @x, except in the static region. */
void rv__style_protect_static (const RvStyleRun *run, const float *shown, float *x);

/* ---- spectrum.c ---- */

/* Whether the optimiser changes the spectrum instead of x. */
gboolean rv__style_in_spectrum (const RvStyle *style);
/* At the start of a scale: sets run->fourier to the spectrum of x, and x to its picture. Without --space fourier does
 * nothing. RV_ERROR_MEMORY, RV_ERROR_BACKEND. */
gboolean rv__style_start_spectrum (RvStyleRun *run, GError **error);
/* Frees run->fourier, if any. */
void rv__style_end_spectrum (RvStyleRun *run);

/* Numbers that the optimiser changes: x or the spectrum. Borrowed. Converts x to colour axes if these are used, until
 * rv__style_update_picture(), which must follow. */
float *rv__style_params (const RvStyleRun *run);
/* Gradient of the loss with respect to rv__style_params(), from @gradient with respect to x, which may be overwritten.
 * Borrowed (nullable): @gradient itself, or memory of run->fourier. RV_ERROR_BACKEND. */
const float *rv__style_grad_params (const RvStyleRun *run, float *gradient, GError **error);
/* Computes x from the changed numbers of rv__style_params(): converts x back from colour axes, or transforms the
 * spectrum and restores the protected content. Otherwise x is the numbers: TRUE, unchanged. RV_ERROR_BACKEND. */
gboolean rv__style_update_picture (const RvStyleRun *run, GError **error);

/* ---- matching.c ---- */

/* Maximum positions of style features in all banks together; 0: no matching. */
gint64 rv__style_bank_positions (const RvStyle *style);
/* Empties the axes and replaces the banks by empty ones: one for each mask, or one; none without matching. */
void rv__style_clear_banks (RvStyle *style);
/* Adds features of style picture @i to its bank; without masks, to the only one. Adds none for a blend weight of 0.
 * @picture: at the size of a scale, in the space of x. Errors of rv__feature_bank_add(). */
gboolean rv__style_add_to_bank (RvStyle *style, const RvObjective *objective, int i, const RvImage *picture,
                                GError **error);
/* Replaces the content targets by matches at the start of a scale, while x contains the photograph; x stays. Sets
 * run->detail and start. RV_ERROR_MEMORY, RV_ERROR_CANCELLED. */
gboolean rv__style_match_scale (RvStyleRun *run, RvObjective *objective, const RvScale *scale, GError **error);
/* In a finish, before an evaluation: every few iterations sets run->start to x and the targets to its matches. Else
 * does nothing. */
gboolean rv__style_match_again (RvStyleRun *run, GError **error);
/* Number of matchings in all iterations of a scale. */
gint64 rv__style_n_matchings (const RvScale *scale);
/* *seconds: time of one matching at a scale, whose banks and targets are set; about 0 without matching. Replaces the
 * targets. RV_ERROR_MEMORY, RV_ERROR_CANCELLED. */
gboolean rv__style_time_matching (RvStyle *style, RvObjective *objective, const RvScale *scale, double *seconds,
                                  GError **error);

/* ---- state.c ---- */

/* Restores the position of the run, the fit of its scales and engine->n_shrunk from style->resume. RV_ERROR_FORMAT. */
gboolean rv__style_restore_run (RvStyleRun *run, GError **error);
/* Restores x, spectrum, optimiser and average from style->resume. RV_ERROR_FORMAT, RV_ERROR_FILE. */
gboolean rv__style_restore_scale (RvStyleRun *run, GError **error);

#endif
