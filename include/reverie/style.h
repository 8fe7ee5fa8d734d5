/* style.h -- neural style transfer: a photograph and paintings in, a painted photograph out.
 * Layer 6 (method). Implemented in src/method/style. No files and no printing: pictures are in memory,
 * and leave by the progress callback and the result.
 *
 * Gatys, Ecker, Bethge 2016, "Image Style Transfer Using Convolutional Neural Networks": find the picture x whose
 * features resemble the content's and whose features' statistics resemble the style's, by descending
 *   L(x) = content_weight * L_content + style_weight * L_style + tv_weight * L_tv.  The losses: docs/losses.md. */
#ifndef RV_STYLE_H
#define RV_STYLE_H

#include <gio/gio.h>
#include <reverie/compute.h>
#include <reverie/image.h>
#include <reverie/kernels.h>
#include <reverie/net.h>
#include <reverie/settings.h>
#include <reverie/tensor.h>
G_BEGIN_DECLS

/** rv_style_settings_resize: of settings of the kind "style": how pictures are to be brought to the run's size. Can't
 * fail. Since: 0.1 */
RV_API RvImageResize rv_style_settings_resize (const RvSettings *settings);

/** rv_style_settings_check: what no single option can tell of settings of the kind "style": layers @net_name has,
 * weights that are not all 0, as many blend weights as @n_styles. Errors: %RV_ERROR_SETTING. Since: 0.1 */
RV_API gboolean rv_style_settings_check (const RvSettings *settings, const char *net_name, int n_styles,
                                         GError **error);

/** RvStyle: one content picture with its styles, ready to be planned and run. One thread at a time. */
typedef struct _RvStyle RvStyle;

/**
 * rv_style_new:
 * @settings: of the kind "style"; copied
 * @net:      kept by reference
 * @content:  its size is the result's; kept by reference
 * @styles:   @n_styles of them, 1 or more; kept by reference
 * @init:     (nullable): the start when the setting `init` is "picture" or "learned"; resized to the content's size
 *
 * Errors: as rv_style_settings_check(); %RV_ERROR_SHAPE for a picture too small for the layers, saying which size
 * works. Returns: (transfer full) (nullable). Since: 0.1
 */
RV_API RvStyle *rv_style_new (const RvSettings *settings, RvNet *net, RvImage *content, RvImage *const *styles,
                              int n_styles, RvImage *init, GError **error);
RV_API void rv_style_free (RvStyle *style);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RvStyle, rv_style_free)

/** rv_style_set_kernels: kernel choices to use and to add to. Ignored with the setting `exact`. Since: 0.1 */
RV_API void rv_style_set_kernels (RvStyle *style, RvKernelTable *kernels);

/** rv_style_set_masks: where each style paints: as many pictures as styles, of any size, kept by reference; white is
 * where it counts in full, black or transparent where it does not. Styles whose masks overlap mix there; where all are
 * black the content stays. Gatys et al. 2017, "Controlling perceptual factors in neural style transfer",
 * section 4. Before planning and running. Can't fail. Since: 0.1 */
RV_API void rv_style_set_masks (RvStyle *style, RvImage *const *masks);

/** rv_style_set_protect: what stays as the content has it: a picture of any size, kept by reference; pixels that are
 * white there are the content's in the result, grey ones mix. Before planning and running. Can't fail. Since: 0.1 */
RV_API void rv_style_set_protect (RvStyle *style, RvImage *protect);

/**
 * rv_style_set_last:
 * @warped: the last painted frame as it moved to the content, of the content's size
 * @trust:  how far that can be trusted: f32 [1, 1, height, width], 0..1, of that size
 * @still:  (nullable): likewise: where it is 1, and not 0, the picture stays as the run starts
 *
 * The content is a frame of a film: with the setting `temporal-weight` the picture is to resemble @warped as far as
 * @trust goes; @still is of the last scale. All are kept by reference. Before planning and running. Errors:
 * %RV_ERROR_SHAPE, %RV_ERROR_TYPE. Since: 0.1
 */
RV_API gboolean rv_style_set_last (RvStyle *style, RvImage *warped, RvTensor *trust, RvTensor *still, GError **error);

/** rv_style_share: what the styles are like is found once for both, as far as the settings agree: of the same style
 * pictures in the same order, on the same network. Before planning and running @style; @with may be running, and both
 * may run at once on threads of their own. Can't fail. Since: 0.1 */
RV_API void rv_style_share (RvStyle *style, const RvStyle *with);

/** rv_style_set_stop: @wanted (nullable) is asked where #RvStyleFunc is not: while style pictures are measured and a
 * plan is made. A run so stopped ends like one that #RvStyleFunc stopped, or with %RV_ERROR_CANCELLED where no scale
 * is done yet. Can't fail. Since: 0.1 */
RV_API void rv_style_set_stop (RvStyle *style, RvStopFunc wanted, gpointer user_data);

/** rv_style_set_cancellable: @cancellable (nullable), held by reference, is looked at everywhere, within an evaluation
 * as well, so that the run ends in a fraction of a second, as by rv_style_set_stop(). Before planning and running.
 * Can't fail. Since: 0.1 */
RV_API void rv_style_set_cancellable (RvStyle *style, GCancellable *cancellable);

/** RvStylePlan: what a run will take. */
typedef struct {
  gsize peak_bytes; /* of the whole process, at most */
  double seconds;   /* on this machine, from a short measurement */
  int n_scales;
  int n_tiles;         /* of the last scale; 1: it is computed as a whole */
  double work;         /* of the last scale: 1, more with tiles or features computed twice to save memory */
  gboolean compact;    /* content features are kept in 16 bits to fit */
  int history;         /* pairs that L-BFGS keeps, where memory is short and they are fewer than set; else 0 */
  gint64 n_iterations; /* over all scales */
  const char *backend; /* static */
  gsize traffic_bytes; /* that the first of several ranks sends and receives in an iteration at the end; else 0 */
  double traffic_s;    /* of the seconds: while these travel, from a short measurement of the link */
  double own_01; /* of several ranks: the part of the picture that the fullest holds for itself at the end; 1: all of
                    it, as each does */
} RvStylePlan;

/** rv_style_plan: What a run will take, without running it. Before it is run. Errors: %RV_ERROR_MEMORY,
 * %RV_ERROR_BACKEND, %RV_ERROR_CANCELLED; %RV_ERROR_SETTING once it has run. Since: 0.1 */
RV_API gboolean rv_style_plan_sized (RvStyle *style, RvStylePlan *plan, gsize size, GError **error);
static inline gboolean
rv_style_plan (RvStyle *style, RvStylePlan *plan, GError **error)
{
  return rv_style_plan_sized (style, plan, sizeof *plan, error);
}

/** rv_style_losses: the names of what the loss is the sum of, such as "content", "style", "tv"; "dream" is 0 or less:
 * it is climbed. What weighs nothing is not among them. NULL-terminated; borrowed. Can't fail. Since: 0.1 */
RV_API const char *const *rv_style_losses (RvStyle *style);

/** RvStyleProgress: one evaluation of the loss. */
typedef struct {
  gint64 iteration, n_iterations; /* 1 ..., counted on through the scales */
  int scale, n_scales;            /* 1 ... */
  int width, height;              /* px, of this scale */
  double loss;                    /* of the picture before this iteration's step, weights included */
  const double *losses;           /* of which it is the sum, one for each name of rv_style_losses() */
  double seconds;                 /* since the run began */
  double done_01;                 /* the part of the whole run's work that is done */
  RvStyle *run;
  guint64 traffic_bytes; /* as in RvStylePlan, of this evaluation */
} RvStyleProgress;

/** RvStyleFunc: called on the thread that called rv_style_run(), after each iteration's step; FALSE stops the run. */
typedef gboolean (*RvStyleFunc) (const RvStyleProgress *progress, gpointer user_data);

/** rv_style_picture: (transfer full) (nullable): for use inside #RvStyleFunc: the picture as it is after this
 * iteration's step, at the scale's size. Where several ranks share it, on the first alone. Errors: %RV_ERROR_MEMORY;
 * %RV_ERROR_SETTING on another rank, %RV_ERROR_BACKEND where what others have of it does not come. Since: 0.1 */
RV_API RvImage *rv_style_picture (const RvStyleProgress *progress, GError **error);

/** rv_style_steer: before the run and inside #RvStyleFunc: from the next iteration on it has these settings, copied. Of
 * those that it was made with only such may differ that rv_option_may_change() is said of; a weight that was 0 then
 * stays 0. States do not hold it: before rv_style_resume() it is what a run had had, after it what that goes on with.
 * Errors: %RV_ERROR_SETTING. Since: 0.1 */
RV_API gboolean rv_style_steer (RvStyle *style, const RvSettings *settings, GError **error);

/** rv_style_state: (transfer full): for use inside #RvStyleFunc: what rv_style_resume() needs to go on after this
 * iteration. Its tensors lie in the run's own memory: save it before the function returns. Can't fail. Since: 0.1 */
RV_API RvTensorMap *rv_style_state (const RvStyleProgress *progress);

/**
 * rv_style_resume:
 * @state: of a run of the same pictures, kept by reference
 *
 * rv_style_run() then goes on from there, and ends with the same numbers, threads and processor being the same. The
 * kernel choices in @state take the place of those in the table of rv_style_set_kernels(). Errors:
 * %RV_ERROR_SETTING, naming the setting that is another; %RV_ERROR_FORMAT for a state that is damaged or of another
 * version of the library. Since: 0.1
 */
RV_API gboolean rv_style_resume (RvStyle *style, RvTensorMap *state, GError **error);

/**
 * rv_style_run:
 * @progress: (nullable): called after each iteration
 * @result:   (out) (transfer full) (nullable): the picture, with the content's size and alpha; when @progress stopped
 *            the run, the picture reached. Also set with %RV_ERROR_NUMBER: the last picture whose loss was finite
 *
 * Once for each @style: its last scale lets go of the pictures, which weigh as much as the one that is painted.
 * Errors: %RV_ERROR_MEMORY, %RV_ERROR_BACKEND, %RV_ERROR_NUMBER when the loss becomes NaN or infinite, saying what to
 * lower; %RV_ERROR_CANCELLED by rv_style_set_stop(); %RV_ERROR_SETTING when it has run, or is running. Returns: whether
 * the run ended without an error, stopped or not. Since: 0.1
 */
RV_API gboolean rv_style_run (RvStyle *style, RvStyleFunc progress, gpointer user_data, RvImage **result,
                              GError **error);

G_END_DECLS
#endif
