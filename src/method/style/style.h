/* style.h -- neural style transfer from a photograph and paintings to a painted photograph. Called by jobs; accesses no
 * files and prints nothing: pictures are in memory. Layer 6 (method).
 *
 * Gatys, Ecker, Bethge 2016, "Image Style Transfer Using Convolutional Neural Networks". Finds a picture x by
 * minimising
 *   L(x) = content_weight * L_content + style_weight * L_style + tv_weight * L_tv.  The losses: docs/losses.md.
 *
 * The features of x then resemble the content's, and the statistics of its features the style's. */
#pragma once

#include "method/run/iteration.h"
#include "method/run/plan.h"
#include <gio/gio.h>
#include <reverie/image.h>
#include <reverie/kernels.h>
#include <reverie/net.h>
#include <reverie/settings.h>
#include <reverie/tensor.h>

/* Method by which pictures are resized to the run's size: the setting `resize` of the kind "style". For settings of
 * another kind: RV_IMAGE_RESIZE_BEST. */
RvImageResize rv__style_settings_resize (const RvSettings *settings);

/* Checks settings of the kind "style" together: @net_name has the layers, also of `dream`; `loss-settings` and `match`
 * are valid; one of `content-weight`, `style-weight`, `tv-weight` is above 0; `style-blend`, if it is set, has
 * @n_styles weights (1 or more), not all 0. `regions` needs one style, and excludes `only`; `match` needs
 * `regions`. RV_ERROR_SETTING if these do not hold. */
gboolean rv__style_settings_check (const RvSettings *settings, const char *net_name, int n_styles, GError **error);

/* One content picture with its styles, ready to be planned and run. One thread at a time. */
typedef struct _RvStyle RvStyle;

/* (transfer full) (nullable): a style transfer, not yet run. @settings: kind "style"; copied. @content: gives the
 * result its size. @styles: the @n_styles style pictures, 1 or more. @init: (nullable): the start if the setting `init`
 * is "picture" or "learned", of any size. References @net and the pictures. RV_ERROR_SETTING if @init is needed but
 * NULL; RV_ERROR_SHAPE for a content too small for the layers, with the smallest size in the message. Collective. */
RvStyle *rv__style_new (const RvSettings *settings, RvNet *net, RvImage *content, RvImage *const *styles, int n_styles,
                        RvImage *init, GError **error);
/* Frees @style (nullable) and releases its pictures. Not during its run. */
void rv__style_free (RvStyle *style);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RvStyle, rv__style_free)

/* Whether @setting, `keep`, `only` or `regions`, asks for a part or for regions that rv__style_new() did not find.
 * FALSE for `keep` with `keep-strength` 0, and after the caller has set masks. Cannot fail. */
gboolean rv__style_lacks (const RvStyle *style, const char *setting);

/* Replaces the kernel table by @kernels, referenced, which planning and running read and extend. Ignored with the
 * setting `exact`. With the backend "auto" chooses the backend: see rv__engine_set_kernels(). Has no effect if a new
 * engine cannot be made. Call it before the functions below: they choose the backend again, by this table.
 * Collective. */
void rv__style_set_kernels (RvStyle *style, RvKernelTable *kernels);

/* Replaces the region of each style: one picture for each, of any size, which is copied. White paints in full, black or
 * transparent does not. Styles whose masks overlap mix; the content stays where all masks are black. Gatys et al. 2017,
 * "Controlling perceptual factors in neural style transfer", section 4. Call it before planning and running, which
 * report an error of this call, such as RV_ERROR_MEMORY. Has no effect later. Collective. */
void rv__style_set_masks (RvStyle *style, RvImage *const *masks);

/* Replaces the region that stays as in the content: a picture of any size, which is copied. White keeps the content,
 * grey mixes. Call it before planning and running, which report an error of this call, such as RV_ERROR_MEMORY; later:
 * ignored. */
void rv__style_set_protect (RvStyle *style, RvImage *protect);
/* Replaces the mask of what `keep` names, for callers that found it: a picture of any size, which is copied. White
 * keeps by `keep-strength`. Call it before planning and running, which report an error of this call, such as
 * RV_ERROR_MEMORY. Ignored during and after the run, and after an earlier error of a mask. */
void rv__style_set_keep (RvStyle *style, const RvImage *keep);
/* The same for the mask of faces, white in faces. Without it, the run finds faces if content is matched. */
void rv__style_set_faces (RvStyle *style, const RvImage *faces);

/* Makes the content a frame of a video: the temporal loss, of weight `temporal-weight`, then compares the picture with
 * @warped. @warped: the previous painted frame, moved to the content; same size. @confidence: confidence of the optical
 * flow, f32 [1, 1, height, width], 0..1. @static_mask: (nullable): the same shape, 0 or 1; pixels with 1 keep their
 * colours from the start of the last scale. Takes references. RV_ERROR_SHAPE if @warped has another size. After an
 * error, the frame of the last call stays. Collective. */
gboolean rv__style_set_previous_frame (RvStyle *style, RvImage *warped, RvTensor *confidence, RvTensor *static_mask,
                                       GError **error);

/* Makes @style use the cache of style targets of @other, and its engine if settings, sizes, kernel tables and kinds of
 * inputs agree. Does nothing if either has the setting `match-colors`, or if both do not share one RvRegions. The style
 * pictures and the network must be the same, unchecked here. Call it before planning and running @style. @other may be
 * running; both may run at once on separate threads. */
void rv__style_reuse (RvStyle *style, const RvStyle *other);

/* Replaces the stop request, copied. @stop_request.func is polled while targets are measured and a plan is made:
 * TRUE ends the run as if RvIterationFunc had stopped it. The thread's cancellable is polled everywhere, also within an
 * evaluation: the run ends in a fraction of a second. Before the first iteration, and in rv__style_plan(), both end the
 * call with RV_ERROR_CANCELLED. Call it before planning and running. */
void rv__style_set_stop_request (RvStyle *style, RvStopRequest stop_request);

/* Plans the run, before it starts, and times an evaluation. Overwrites *plan. Replaces the engine. Blocks;
 * collective. */
gboolean rv__style_plan (RvStyle *style, RvPlan *plan, GError **error);

/* Names of the terms of the loss, such as "content", "style", "tv"; those with weight 0 at the start are left out.
 * NULL-terminated; owned by @style, until the next call. The value of "dream" is 0 or less, because its objective is
 * maximised. */
const char *const *rv__style_losses (RvStyle *style);

/* (transfer full) (nullable): a copy of the picture after this step, at the scale's size, in RGB. At the last scale it
 * has the content's colours by `keep-colors`, and the content where it stays. Call it only inside RvIterationFunc. */
RvImage *rv__style_picture (const RvIteration *iteration, GError **error);

/* Replaces the settings, which are copied, from the next iteration on. Call it before the run or inside
 * RvIterationFunc. Only settings whose rows have may_change may differ; a weight that was 0 at the start stays 0.
 * States do not contain changed settings. A call before rv__style_resume() sets those of the run so far; a call after
 * it sets those of the continuation. An error of rv__style_check_steer() changes nothing; after another one, inside
 * a run, the settings are changed. */
gboolean rv__style_steer (RvStyle *style, const RvSettings *settings, GError **error);

/* (transfer full): state after this iteration, for rv__style_resume(). Call it only inside RvIterationFunc. Its tensors
 * refer to the run's memory: save it before the function returns. Never NULL. */
RvTensorMap *rv__style_state (const RvIteration *iteration);

/* Makes rv__style_run() resume from @state, of a run with the same pictures; takes a reference. With the same threads
 * and processor it computes the same numbers. Overwrites the entries of the table of rv__style_set_kernels(), which may
 * be shared, with those in @state. Replaces the engine; collective. An error changes nothing. */
gboolean rv__style_resume (RvStyle *style, RvTensorMap *state, GError **error);

/* Runs @style, only once: the last scale releases the pictures to save memory. @progress: (nullable). *result: (out)
 * (transfer full) (nullable): the picture, with the content's size and alpha; with `strength` 0 the content itself.
 * TRUE also if stopped by @progress, or cancelled once iterations have begun: *result is the picture so far. FALSE:
 * *result is NULL, or with RV_ERROR_NUMBER, a loss that is not finite, the last finite picture. Collective. */
gboolean rv__style_run (RvStyle *style, RvIterationFunc progress, gpointer user_data, RvImage **result, GError **error);
