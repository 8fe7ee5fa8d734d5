/* style-run.h -- a style transfer and its run, for the source files of this folder. Layer 6 (method). */
#pragma once

#include "io/image/compact.h"
#include "method/masks/masks.h"
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
  RvCompactImage **masks;                /* one for each style, or NULL; released with the pictures */
  gboolean has_one_mask;                 /* all entries are the same mask, such as that of the setting `only` */
  RvRegions *regions;                    /* weights of the painting's positions for each style picture; or NULL */
  RvCompactImage *protect;               /* (nullable) */
  RvCompactImage *stays;                 /* mask of the content that stays, from `masks` and `protect`; NULL: no mask */
  RvCompactImage *keep;                  /* mask of the part that `keep` names; NULL: none, or not found */
  RvCompactImage *faces;                 /* mask of faces, for matching; NULL: none, or before the run */
  GError *mask_error;                    /* a mask could not be set; reported by rv__style_check_ready(); or NULL */
  RvImage *warped;                       /* video: the previous painted frame, moved to this frame; or NULL */
  RvTensor *confidence, *static_mask;    /* video: confidence of `warped`, and the static region, which may be NULL */
  RvStyleTargets *targets;               /* cache by style and size; shared with rv__style_reuse() */
  double *blends;                        /* weight of each style */
  GPtrArray *banks;                      /* RvFeatureBank of the current scale: one, or one for each mask */
  RvColorAxes axes;                      /* for the current scale */
  GArray *terms, *finish_terms;          /* RvTerm; finish_terms has other weights */
  const char *losses[RV_MAX_GROUPS + 1]; /* rv__style_losses() */
  RvPixelSpace space;                    /* for x and the canvases; pictures are in RGB */
  RvImageResize resize;
  GArray *scales;   /* RvScale, coarse to fine */
  RvEngine *engine; /* a stage is a scale; shared with rv__style_reuse() between runs of one size */

  RvStopRequest stop_request;

  RvTensorMap *resume;      /* state from which the next run resumes, or NULL */
  gboolean loss_changed;    /* the run resumes with another loss */
  gboolean protect_changed; /* the run resumes with another protected area */

  /* Only during a run. */
  RvStyleRun *run;
  float *x; /* canvas of the current scale */
};

/* State of one run. */
struct _RvStyleRun {
  RvRun common;
  RvStyle *style;

  RvObjective *objective; /* for the current scale */
  const RvScale *scale;   /* current or last scale */
  GArray *buffers;        /* for the current scale: rv__style_buffers() */
  float *detail, *shares; /* d and m of matching.c at each pixel, 0 to 1 */
  float *start;           /* canvas whose features were matched last; NULL: no matching */
  float *query, *before;  /* during matching: the picture to be matched, and a copy of x */
  float *previous_canvas; /* final canvas of the previous scale, until the next scale has read it */
  RvOptim *optim;
  RvFourier *fourier;      /* NULL: the optimiser changes x itself */
  float *spectrum_picture; /* picture of the spectrum, before protection is applied */

  guint16 *last_finite; /* last picture with a finite loss, as 16-bit minifloats */
  float *average;       /* running average of the pictures, or NULL */
  float *protect;       /* weight of the protected content, 0 to 1, or NULL */
  float *content;       /* protected content, or NULL */
  float *keep, *kept;   /* weight of the pull, 0 to 1, and the picture that it pulls to (keep.c); or NULL */
  float *static_mask;   /* video: static region, 0 or 1, or NULL */
};

/* Scale @i, from 0, coarse to fine. Owned by @style. */
const RvScale *rv__style_scale (const RvStyle *style, guint i);

/* Method by which the result takes the content's colours: the setting `keep-colors`. */
RvColorMode rv__style_color_mode (const RvStyle *style);
/* Whether the result needs the content once more: for `keep-colors`, or where masks or the protected area keep it. */
gboolean rv__style_keeps_content (const RvStyle *style);
/* Moves the colours of @canvas toward those of the style pictures (RV_COLOR_COVARIANCE), in place, by the fraction
 * @part, 0 to 1. @canvas is a canvas of @scale in the space of x. Without masks, uses the mean of their maps by the
 * blend weights; with masks, each region uses the map of its style picture. An error leaves @canvas unchanged, up
 * to rounding. */
gboolean rv__style_recolor (const RvStyle *style, const RvScale *scale, double part, float *canvas, GError **error);

/* Overwrites the canvas @x, in the space of x, with the start of the first scale by the setting `init`. The caller has
 * set @x to the content, which stays if `init` is content. */
gboolean rv__style_start_picture (const RvStyle *style, const RvScale *scale, float *x, GError **error);
/* Whether the optimiser takes its steps along the colour axes: the setting `color-axes`, but not in a spectrum. */
gboolean rv__style_moves_along_axes (const RvStyle *style);
/* Array of RvTerm of a scale: those of the finish have larger style weights. Owned by @style until
 * rv__style_rebuild_terms(), which also changed settings and masks call; take a reference to keep it longer. */
GArray *rv__style_scale_terms (const RvStyle *style, const RvScale *scale);

/* Specification of the objective of a scale, by value, with tiles and precision of @fit, which are copied; without
 * masks. Its pointers are borrowed: `terms` are valid until rv__style_rebuild_terms(). */
RvObjectiveSpec rv__style_objective_spec (const RvStyle *style, const RvScale *scale, const RvFit *fit);
/* Settings of the optimiser, by value, with a gradient_scale of 1; the caller adapts it. `specific` is borrowed. */
RvOptimSettings rv__style_optim_settings (const RvStyle *style);

/* Replaces style->engine, which may be shared, by a new one with the same kernels, without fits and cached
 * objectives. After an error, the engine stays. Collective. */
gboolean rv__style_replace_engine (RvStyle *style, GError **error);
/* Overwrites @canvas, three planes of a scale, with @image, of any size, resized by the setting `resize`, in the space
 * of x. The margin is its mirror image. An error leaves @canvas unchanged. */
gboolean rv__style_set_canvas (const RvStyle *style, RvImage *image, const RvScale *scale, float *canvas,
                               GError **error);
/* Sets the targets of @objective, style->banks and style->axes for @scale, and leaves the content in x. @is_new: TRUE:
 * measures the style pictures first, whose memory is freed, then binds @objective. FALSE: @objective is bound and has
 * style targets. @last: the last scale, which may release the content. */
gboolean rv__style_set_targets (RvStyle *style, RvObjective *objective, const RvScale *scale, gboolean is_new,
                                gboolean last, GError **error);

/* Frees the masks but not the array, whose entries become NULL: terms depend on whether masks exist. */
void rv__style_free_masks (RvStyle *style);
/* Replaces the terms, also those of the finish, after masks or weights have changed. Cannot fail: rv__style_new()
 * checked the settings. */
void rv__style_rebuild_terms (RvStyle *style);

/* Applies changed weights to the current run, from its next evaluation on (steer.c). Restarts the optimiser, and clears
 * the losses that may end the scale. */
gboolean rv__style_change_loss (RvStyleRun *run, GError **error);

/* Phases of a scale, in order. Each buffer of rv__style_buffers() exists from its first to its last phase. */
enum {
  RV_STYLE_MASKS,
  RV_STYLE_TARGETS,
  RV_STYLE_MATCHING,
  RV_STYLE_PROTECTING,
  RV_STYLE_CANVAS,
  RV_STYLE_LAST_SLOT,
  RV_STYLE_RUNNING
};

/* (transfer full: g_array_unref()): list of all memory of @run at @scale besides its objective, none of it allocated.
 * rv__buffers_enter() allocates the buffers of each phase and sets the pointers in @run. Free the array before
 * @run. */
GArray *rv__style_buffers (RvStyleRun *run, const RvScale *scale);

/* Decides for each scale: whole or in tiles, 16-bit features, and the history of L-BFGS. If a run that shares the
 * engine has decided already, returns TRUE at once. Collective; locks engine->fitting. */
gboolean rv__style_plan_memory (RvStyle *style, GError **error);

/* Checks that @style can be changed, planned or run. RV_ERROR_SETTING if it is running or has run. If a mask could not
 * be set before, a copy of that error. */
gboolean rv__style_check_ready (const RvStyle *style, GError **error);

/* ---- masks.c ---- */

/* (transfer full) (nullable): mask planes on a scale's canvas, 0 to 1, then NULL. First one for each style, in order,
 * if the styles have masks; then the flow confidence of a video, if any. Free with rv__free_planes(). */
float **rv__style_masks_at (const RvStyle *style, const RvScale *scale, GError **error);

/* Resizes a mask to the canvas of a scale with a mirrored margin, as 0..1. */
gboolean rv__style_set_mask (const RvCompactImage *mask, const RvScale *scale, float *canvas, GError **error);
/* Allocates run->protect (mask), content (protected content), static_mask (static region of a video), keep and kept for
 * a scale, if the scale needs them; run->buffers owns them. Fills them, with the content from x; the last two by
 * rv__style_start_keep(). */
gboolean rv__style_start_protect (RvStyleRun *run, const RvScale *scale, GError **error);
/* Restores the protected content in x; grey areas of the mask blend both. Does nothing without protection. */
void rv__style_protect_picture (const RvStyleRun *run);
/* Multiplies @gradient, [3] canvases of run->scale, by 1 - mask in the protected content. Sets it to 0 in the static
 * region of a video. Does nothing if there is neither. */
void rv__style_protect_gradient (const RvStyleRun *run, float *gradient);
/* Restores the protected content in x. Also scales the optimiser's state down there, because its momentum would
 * restore the paint; not with `space` fourier, where the state belongs to the spectrum. Does nothing without
 * protection. */
void rv__style_protect_painted (RvStyleRun *run);

/* ---- keep.c ---- */

/* Sets style->keep by the setting `keep`; it stays NULL if nothing is found or `keep-strength` is 0. */
gboolean rv__style_detect_keep (RvStyle *style, GError **error);
/* Sets style->faces, unless it is set or content is not matched; it stays NULL if there are no faces. */
gboolean rv__style_detect_faces (RvStyle *style, GError **error);
/* Sets the masks of all styles to the part of the content that `only` names, if found, by rv__style_take_masks(), whose
 * error is stored in style->mask_error. */
gboolean rv__style_detect_only (RvStyle *style, GError **error);
/* Fills run->keep and run->kept for a scale, from the content in x. Does nothing (TRUE) without run->keep. */
gboolean rv__style_start_keep (RvStyleRun *run, const RvScale *scale, GError **error);
/* Moves x toward run->kept, by the weights run->keep. Does nothing without run->keep. */
void rv__style_pull_to_keep (const RvStyleRun *run);

/* ---- regions.c ---- */

/* Replaces the style by one for each region that the setting `regions` finds, with masks; `match` selects the
 * painting's region for each. @painting: the style picture in its original colours. Without the setting, or if only one
 * region is found, does nothing and returns TRUE. */
gboolean rv__style_detect_regions (RvStyle *style, const RvImage *painting, GError **error);
/* Sets *plane to the mask of style picture @i, [@height, @width], 0 to 1 (transfer full: rv__free()); NULL without
 * style masks: TRUE. After an error, *plane is NULL. */
gboolean rv__style_read_style_mask (const RvStyle *style, int i, int width, int height, float **plane, GError **error);
/* ---- spectrum.c ---- */

/* Whether the setting `space` is fourier: the optimiser changes the spectrum of x instead of x. */
gboolean rv__style_in_spectrum (const RvStyle *style);
/* Sets run->fourier, at the start of a scale, to the spectrum of x, and x to its picture. In another `space` than
 * fourier does nothing and returns TRUE. */
gboolean rv__style_start_spectrum (RvStyleRun *run, GError **error);

/* Numbers that the optimiser changes, three canvases of run->scale: x, or the spectrum, owned by the run. If steps are
 * along colour axes, converts x to coordinates on these axes, in place: rv__style_update_picture() must follow. Never
 * NULL. */
float *rv__style_params (const RvStyleRun *run);
/* Gradient of the loss with respect to rv__style_params(), from @gradient with respect to x, which may be overwritten.
 * Returns @gradient itself or memory of run->fourier, borrowed. NULL: an error, only in a spectrum. */
const float *rv__style_grad_params (const RvStyleRun *run, float *gradient, GError **error);
/* Computes x from the changed numbers of rv__style_params(): converts x back from colour axes, or transforms the
 * spectrum and restores static region and protected content. If the optimiser changes x itself, does nothing and
 * returns TRUE. Fails only in a spectrum. */
gboolean rv__style_update_picture (const RvStyleRun *run, GError **error);

/* ---- matching.c ---- */

/* Largest number of positions in all of style->banks together, which store features of the style pictures; 0 if
 * content is not matched. */
gint64 rv__style_bank_positions (const RvStyle *style);
/* Sets style->axes to zeros and replaces style->banks by empty ones: one for each style's mask, or one without masks.
 * If content is not matched, style->banks is NULL then. */
void rv__style_clear_banks (RvStyle *style);
/* Adds features of style picture @i to its bank. Without masks adds them to the only bank, in proportion to the blend
 * weight of the picture; at 0 adds none and returns TRUE. @picture: that style picture at the size of a scale, in the
 * space of x. */
gboolean rv__style_add_to_bank (RvStyle *style, const RvObjective *objective, int i, const RvImage *picture,
                                GError **error);
/* Replaces the content targets by matches at the start of a scale, while x contains the photograph; x stays. Content is
 * matched. Sets run->detail, run->shares and run->start. */
gboolean rv__style_match_scale (RvStyleRun *run, RvObjective *objective, const RvScale *scale, GError **error);
/* Called before each evaluation. In a finish, after every 5 iterations, sets run->start to x and the content targets to
 * the matches of x. Else does nothing and returns TRUE. */
gboolean rv__style_match_again (RvStyleRun *run, GError **error);
/* Number of matchings in all iterations of a scale: 1, or one every 5 iterations in a finish. */
gint64 rv__style_n_matchings (const RvScale *scale);
/* Sets *seconds to the time of one matching at a scale, whose banks and targets are set; to about 0 if content is not
 * matched. Replaces the content targets. */
gboolean rv__style_time_matching (RvStyle *style, RvObjective *objective, const RvScale *scale, double *seconds,
                                  GError **error);

/* ---- state.c ---- */

/* Restores the position of the run, the fit of its scales and engine->n_shrunk from style->resume, which is not
 * NULL. After an error, the run cannot continue. */
gboolean rv__style_restore_run (RvStyleRun *run, GError **error);
/* Restores x, spectrum, optimiser and average of run->scale from style->resume, which is not NULL. RV_ERROR_FORMAT
 * if the optimiser's numbers are not valid. After an error, the run cannot continue. */
gboolean rv__style_restore_scale (RvStyleRun *run, GError **error);
