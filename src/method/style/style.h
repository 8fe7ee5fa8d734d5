/* style.h -- neural style transfer: a photograph and paintings in, a painted photograph out. Jobs are its callers.
 * Layer 6 (method). No files and no printing: pictures are in memory, and leave by the progress callback and the
 * result.
 *
 * Gatys, Ecker, Bethge 2016, "Image Style Transfer Using Convolutional Neural Networks": find the picture x whose
 * features resemble the content's and whose features' statistics resemble the style's, by descending
 *   L(x) = content_weight * L_content + style_weight * L_style + tv_weight * L_tv.  The losses: docs/losses.md. */
#ifndef RV_STYLE_H
#define RV_STYLE_H

#include "method/run/plan.h"
#include <gio/gio.h>
#include <reverie/image.h>
#include <reverie/kernels.h>
#include <reverie/net.h>
#include <reverie/settings.h>
#include <reverie/tensor.h>

/* Returns how pictures are resized to the run's size, by settings of the kind "style". */
RvImageResize rv__style_settings_resize (const RvSettings *settings);

/* Checks what no single option of the kind "style" can tell: layers that @net_name has, weights that are not all 0, as
 * many blend weights as @n_styles. RV_ERROR_SETTING. */
gboolean rv__style_settings_check (const RvSettings *settings, const char *net_name, int n_styles, GError **error);

/* One content picture with its styles, ready to be planned and run. One thread at a time. */
typedef struct _RvStyle RvStyle;

/* (transfer full) (nullable): a style transfer. @settings: of the kind "style"; copied. @content: its size is the
 * result's. @styles: @n_styles of them, 1 or more. @init: (nullable): the start when the setting `init` is "picture" or
 * "learned"; resized to the content's size. @net and pictures are kept by reference. Errors: as
 * rv__style_settings_check(); RV_ERROR_SHAPE for a picture too small for the layers, saying which size works. */
RvStyle *rv__style_new (const RvSettings *settings, RvNet *net, RvImage *content, RvImage *const *styles, int n_styles,
                        RvImage *init, GError **error);
void rv__style_free (RvStyle *style);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RvStyle, rv__style_free)

/* Sets the kernel choices to use and to add to. Ignored with the setting `exact`. */
void rv__style_set_kernels (RvStyle *style, RvKernelTable *kernels);

/* Sets the region of each style: one picture for each, of any size, kept by reference; white counts in full, black or
 * transparent does not. Styles whose masks overlap mix there; the content stays where all are black. Gatys et al. 2017,
 * "Controlling perceptual factors in neural style transfer", section 4. Before planning and running. */
void rv__style_set_masks (RvStyle *style, RvImage *const *masks);

/* Sets the region that stays as the content has it: a picture of any size, kept by reference; white pixels are the
 * content's in the result, grey ones mix. Before planning and running. */
void rv__style_set_protect (RvStyle *style, RvImage *protect);

/* Makes the content a frame of a film: with the setting `temporal-weight` the picture is to resemble @warped as far as
 * @trust goes. @warped: the last painted frame as it moved to the content, of the content's size. @trust: how far that
 * can be trusted: f32 [1, 1, height, width], 0..1. @still: (nullable): likewise, of the last scale: where it is 1, and
 * not 0, the picture stays as the run starts. All are kept by reference. Before planning and running. RV_ERROR_SHAPE,
 * RV_ERROR_TYPE. */
gboolean rv__style_set_previous_frame (RvStyle *style, RvImage *warped, RvTensor *trust, RvTensor *still,
                                       GError **error);

/* Takes over the style targets of @with, as far as the settings agree: of the same style pictures in the same order, on
 * the same network. Before planning and running @style; @with may be running, and both may run at once on threads of
 * their own. */
void rv__style_reuse (RvStyle *style, const RvStyle *with);

/* Sets @wanted (nullable), which is asked where RvStyleFunc is not: while style pictures are measured and a plan is
 * made. A run so stopped ends like one that RvStyleFunc stopped, or with RV_ERROR_CANCELLED where no scale is done. */
void rv__style_set_stop (RvStyle *style, RvStopFunc wanted, gpointer user_data);

/* Sets @cancellable (nullable), held by reference, which is looked at everywhere, within an evaluation as well: the run
 * ends in a fraction of a second, as by rv__style_set_stop(). Before planning and running. */
void rv__style_set_cancellable (RvStyle *style, GCancellable *cancellable);

/* Plans the run, before it is run. RV_ERROR_MEMORY, RV_ERROR_BACKEND, RV_ERROR_CANCELLED; RV_ERROR_SETTING once it has
 * run. */
gboolean rv__style_plan (RvStyle *style, RvPlan *plan, GError **error);

/* Names of the terms of the loss, such as "content", "style", "tv"; "dream" is 0 or less: it is climbed. Terms without
 * weight are not among them. NULL-terminated; borrowed. */
const char *const *rv__style_losses (RvStyle *style);

/* One evaluation of the loss. */
typedef struct {
  gint64 iteration, n_iterations; /* 1 ..., counted on through the scales */
  int scale, n_scales;            /* 1 ... */
  int width, height;              /* px, of this scale */
  double loss;                    /* of the picture before this iteration's step, weights included */
  const double *losses;           /* its terms, one for each name of rv__style_losses() */
  double seconds;                 /* since the run began */
  double done_01;                 /* the part of the whole run's work that is done */
  RvStyle *run;
  guint64 traffic_bytes; /* as in RvPlan, of this evaluation */
} RvStyleProgress;

/* Called on the thread that called rv__style_run(), after each iteration's step; FALSE stops the run. */
typedef gboolean (*RvStyleFunc) (const RvStyleProgress *progress, gpointer user_data);

/* (transfer full) (nullable): inside RvStyleFunc: the picture after this iteration's step, at the scale's size.
 * RV_ERROR_MEMORY. */
RvImage *rv__style_picture (const RvStyleProgress *progress, GError **error);

/* Sets other settings, copied, from the next iteration on: before the run and inside RvStyleFunc. Only such may differ
 * that rv_option_may_change() is said of; a weight that was 0 at the start stays 0. States do not hold them: a call
 * before rv__style_resume() names those of the run so far, a call after it those that it continues with.
 * RV_ERROR_SETTING. */
gboolean rv__style_steer (RvStyle *style, const RvSettings *settings, GError **error);

/* (transfer full): inside RvStyleFunc: the state that rv__style_resume() needs to go on after this iteration. Its
 * tensors lie in the run's own memory: save it before the function returns. */
RvTensorMap *rv__style_state (const RvStyleProgress *progress);

/* Makes rv__style_run() go on from @state, of a run of the same pictures, kept by reference. It ends with the same
 * numbers, threads and processor being the same. The kernel choices in @state replace those of
 * rv__style_set_kernels(). RV_ERROR_SETTING, naming the setting that is another; RV_ERROR_FORMAT for a state that is
 * damaged or of another version of the library. */
gboolean rv__style_resume (RvStyle *style, RvTensorMap *state, GError **error);

/* Runs @style, once: the last scale releases the pictures, which weigh as much as the one that is painted.
 * @progress: (nullable). @result: (out) (transfer full) (nullable): the picture, with the content's size and alpha;
 * when @progress stopped the run, the picture reached; with RV_ERROR_NUMBER, the last picture whose loss was finite.
 * RV_ERROR_MEMORY, RV_ERROR_BACKEND, RV_ERROR_NUMBER when the loss becomes NaN or infinite, saying what to lower;
 * RV_ERROR_CANCELLED by rv__style_set_stop(); RV_ERROR_SETTING when it has run, or is running. Returns: whether the run
 * ended without an error, stopped or not. */
gboolean rv__style_run (RvStyle *style, RvStyleFunc progress, gpointer user_data, RvImage **result, GError **error);

#endif
