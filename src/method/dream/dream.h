/* dream.h -- DeepDream: changes a photograph so that layers of a network respond more strongly. Jobs are its callers.
 * Layer 6 (method). No files and no printing.
 *
 * Mordvintsev, Olah, Tyka 2015, "Inceptionism": steps of the normalised gradient increase the response of some layers,
 * at sizes from small to large. docs/dream.md has the formulas. x lies in -1..1 for every network: a step of 0.01 is
 * 1.275 grey levels. */
#pragma once

#include "method/run/iteration.h"
#include "method/run/plan.h"
#include <gio/gio.h>
#include <reverie/features.h>
#include <reverie/image.h>
#include <reverie/kernels.h>
#include <reverie/net.h>
#include <reverie/settings.h>

/* Checks @settings, of the kind "dream", against each other, and their layers and channels against the network
 * @net_name. Words are checked in rv__dream_new(), because the weights have their names. */
gboolean rv__dream_settings_check (const RvSettings *settings, const char *net_name, GError **error);

/* A dream on one picture. Used by one thread at a time. During a run, other changes, plans and runs give
 * RV_ERROR_SETTING. */
typedef struct _RvDream RvDream;

/* A dream on @image. (transfer full) (nullable). @settings: kind "dream"; copied. @net and @image are referenced.
 * The result has the size of @image. Collective. */
RvDream *rv__dream_new (const RvSettings *settings, RvNet *net, RvImage *image, GError **error);
/* Frees @dream (nullable), and releases network, pictures and kernels. Not during a run. */
void rv__dream_free (RvDream *dream);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RvDream, rv__dream_free)

/* Sets the region of the dream (not NULL; replaces an earlier one). White: in full; black or transparent: not at all.
 * Any size; referenced. Does nothing during a run. Cannot fail. */
void rv__dream_set_mask (RvDream *dream, RvImage *mask);

/* Sets the mask that `toward` calls @name: limits its words to where it is white, not black or transparent. Any
 * size; referenced; replaces an earlier one. A run needs a mask for each name. RV_ERROR_SETTING for a name that
 * `toward` does not have. */
gboolean rv__dream_set_word_mask (RvDream *dream, const char *name, RvImage *mask, GError **error);

/* Makes the dream guided: at each position, each layer grows toward the feature of @guide with the largest dot
 * product. The guide, only read, may have any size. It is scaled once, to the picture's pixel count and at most 512
 * px. RV_ERROR_SETTING with `toward`. If the guide or the picture is too small, the dream may only be freed. */
gboolean rv__dream_set_guide (RvDream *dream, const RvImage *guide, GError **error);

/* Adds the strokes of @style: x <- x + step * (g_dream / rms - weight * g_style / rms). The style loss is that of
 * style transfer by default, on the network's own style layers. @style: any size; referenced; resized to each
 * octave's pixel count. Octaves that are too small for these layers have no style. Replaces an earlier style or
 * diversity. @weight: at least 0; that of the dream is 1. */
gboolean rv__dream_set_style (RvDream *dream, RvImage *style, double weight, GError **error);

/* Makes the dream differ from @others: adds a loss for Gram matrices that resemble those of @others
 * (src/loss/gram.c, unlike), of the layer of the dream's first term, or, in a dream of words, of the layers of the
 * look "heads". @others: any size; referenced. Replaces an earlier style or diversity. @weight: at least 0; that of
 * the dream is 1. With 0 others: TRUE, and nothing changes. */
gboolean rv__dream_set_diversity (RvDream *dream, RvImage *const *others, int n_others, double weight, GError **error);

/* Sets the picture of the next frame; referenced. From this call on, compiled octaves are cached between runs and
 * reused for pictures of the same size. An error leaves the old picture. */
gboolean rv__dream_set_image (RvDream *dream, RvImage *image, GError **error);

/* Sets the table of kernel choices (not NULL), referenced, used and extended; before a run. Ignored with `exact`. With
 * the backend "auto" chooses the backend: see rv__engine_set_kernels(). */
void rv__dream_set_kernels (RvDream *dream, RvKernelTable *kernels);

/* Replaces the stop request: copied; its user_data is borrowed. Call before planning and running.
 * @stop_request.func is polled while a style is measured and a plan is made; in iterations, RvIterationFunc stops
 * the run instead. The thread's cancellable is polled everywhere, also within an evaluation. A stopped run returns
 * its picture so far. It ends with RV_ERROR_CANCELLED before the first step, or with several ranks. Cannot fail. */
void rv__dream_set_stop_request (RvDream *dream, RvStopRequest stop_request);

/* Number of octaves of a run, at least 1: those of the settings that are large enough for a layer and, except the
 * largest, for `smallest`. */
int rv__dream_n_octaves (const RvDream *dream);

/* Number of selected layers without an interior at @octave (from 0, below rv__dream_n_octaves()), which it ignores. */
int rv__dream_n_layers_left_out (const RvDream *dream, int octave);

/* Plans memory and time of the run, and measures the time of an evaluation. Overwrites *plan, also after an error.
 * Collective. */
gboolean rv__dream_plan (RvDream *dream, RvPlan *plan, GError **error);

/* Picture after this step, at the octave's size, in 0..255; beyond only if `clip` is off. (transfer full)
 * (nullable). Call it only inside RvIterationFunc. */
RvImage *rv__dream_picture (const RvIteration *iteration, GError **error);

/* Changes settings from the next step on, before a run or inside RvIterationFunc; @settings is copied. They may
 * differ from the first ones only in options whose rows have may_change. States do not contain the changes: after a
 * resume, call it again. An error changes nothing. */
gboolean rv__dream_steer (RvDream *dream, const RvSettings *settings, GError **error);

/* State after this step, for rv__dream_resume(). (transfer full). Call it only inside RvIterationFunc. Its tensors
 * refer to the run's memory: save the state before the function returns. Cannot fail. */
RvTensorMap *rv__dream_state (const RvIteration *iteration);

/* Makes the next rv__dream_run() resume from @state; referenced. Picture, mask, guide and style must be those of
 * the run that made @state. The result has the same numbers, with the same threads and processor. Kernel choices in
 * @state replace those of rv__dream_set_kernels(). rv__dream_run() reports damaged states. */
gboolean rv__dream_resume (RvDream *dream, RvTensorMap *state, GError **error);

/* Runs @dream; it may run again. @progress (nullable). *result: (out) (transfer full) (nullable): the picture, with
 * the input's size and alpha. TRUE also if stopped or cancelled after a step, with the picture so far. Cancelling
 * before the first step, or with several ranks, is an error. After RV_ERROR_NUMBER *result is the last good
 * picture, if there was a first step. After other errors *result is NULL. Collective. */
gboolean rv__dream_run (RvDream *dream, RvIterationFunc progress, gpointer user_data, RvImage **result, GError **error);

/* Called after each channel of this rank. @channel: its number in the layer. @n_done: its position, from 1, among the
 * @n_channels selected channels. FALSE: rv__dream_atlas() returns the unfinished sheet. */
typedef gboolean (*RvAtlasFunc) (gint64 channel, int n_done, int n_channels, gpointer user_data);

/* A contact sheet of the channels of one layer: dreams from the same noise, with the channel's number below; silent
 * channels are marked. (transfer full) (nullable). @settings: for each dream, as in the preset `atlas`; `channels`
 * selects channels. @kernels, @progress: (nullable). Collective: ranks share the channels; rank 0 returns the whole
 * sheet, others only their own cells. @error: not NULL. RV_ERROR_SETTING for several layers, or one without
 * positions. */
RvImage *rv__dream_atlas (const RvSettings *settings, RvNet *net, const char *layer, RvKernelTable *kernels,
                          RvAtlasFunc progress, gpointer user_data, GError **error);

/* Start of the mask's name in @text, "WORD[:WEIGHT][:MASK]"; NULL: it has none. Borrowed from @text. Cannot fail. */
const char *rv__word_masks_name (const char *text);
