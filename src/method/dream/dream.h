/* dream.h -- DeepDream: a photograph in, what a network sees in it out. Jobs are its callers.
 * Layer 6 (method). No files and no printing.
 *
 * Mordvintsev, Olah, Tyka 2015, "Inceptionism": what layers of the network respond to is climbed by steps of the
 * normalised gradient, at sizes from small to large; docs/dream.md has the formulas. x lies in -1..1 on every network,
 * so that a step of 0.01 is 1.275 grey levels. */
#ifndef RV_DREAM_H
#define RV_DREAM_H

#include "method/run/plan.h"
#include <gio/gio.h>
#include <reverie/features.h>
#include <reverie/image.h>
#include <reverie/kernels.h>
#include <reverie/net.h>
#include <reverie/settings.h>

/* Names of the looks, NULL-terminated; static. Every network has every look. */
const char *const *rv__dream_looks (void);

/* Checks what no single option of the kind "dream" can tell: layers and channels that @net_name has. Words are looked
 * for when the run is made: the weights know them. RV_ERROR_SETTING, listing the valid ones. */
gboolean rv__dream_settings_check (const RvSettings *settings, const char *net_name, GError **error);

/* One picture, ready to be planned and dreamt on. One thread at a time. While it runs, changing, planning or running it
 * again is RV_ERROR_SETTING. */
typedef struct _RvDream RvDream;

/* (transfer full) (nullable): a dream. @settings: of the kind "dream"; copied. @image: its size is the result's. @net
 * and @image are kept by reference. Errors: as rv__dream_settings_check(); RV_ERROR_SHAPE for a picture in which no
 * chosen layer has an interior at any octave, saying which size works. */
RvDream *rv__dream_new (const RvSettings *settings, RvNet *net, RvImage *image, GError **error);
void rv__dream_free (RvDream *dream);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RvDream, rv__dream_free)

/* Sets the region of the dream: white in full, black not at all. Of any size; kept by reference. Nothing while the
 * dream runs. */
void rv__dream_set_mask (RvDream *dream, RvImage *mask);

/* Sets the picture that the setting `toward` calls @name, of any size, kept by reference: its words are dreamt of where
 * it is white, not where it is black or transparent. Every name there wants one before the run. RV_ERROR_SETTING for a
 * name that is not there. */
gboolean rv__dream_set_word_mask (RvDream *dream, const char *name, RvImage *place, GError **error);

/* Makes it a guided dream: at each position, each layer grows toward the one feature of @guide whose dot product with
 * it is largest. The guide, of any size, is scaled once, to the picture's pixel count and to at most 512 px.
 * RV_ERROR_SHAPE when the guide is then too small for a layer, saying which size works; RV_ERROR_SETTING with the
 * setting `toward`; RV_ERROR_MEMORY, RV_ERROR_BACKEND. */
gboolean rv__dream_set_guide (RvDream *dream, const RvImage *guide, GError **error);

/* Adds the strokes of @style, kept by reference:
 *   x <- x + step * (g_dream / rms - weight * g_style / rms)
 * The style loss is that of style transfer by default, on the network's own style layers. @style: of any size; brought
 * to each octave's pixel count. Octaves too small for these layers dream without it. @weight: 0 or more, beside the
 * dream's part of a step. RV_ERROR_SETTING. */
gboolean rv__dream_set_style (RvDream *dream, RvImage *style, double weight, GError **error);

/* Keeps the dream away from @others, of any size, kept by reference: the products of its features, at the layer that is
 * dreamt of, shall differ from theirs (src/loss/dream-diversity.c). It takes the place of a style. @weight: 0 or more,
 * beside 1 of the dream's part of a step. Nothing changes without others. RV_ERROR_SETTING. */
gboolean rv__dream_set_diversity (RvDream *dream, RvImage *const *others, int n_others, double weight, GError **error);

/* Sets the next frame: another picture, to be dreamt on like the first, kept by reference. Nothing is prepared anew for
 * one of the same size: from this call on, the programs of the octaves are kept between runs. Errors: as
 * rv__dream_new(); the dream then keeps the picture it has. */
gboolean rv__dream_set_image (RvDream *dream, RvImage *image, GError **error);

/* Sets the kernel choices to use and to add to. Ignored with the setting `exact`. */
void rv__dream_set_kernels (RvDream *dream, RvKernelTable *kernels);

/* Sets @wanted (nullable), which is asked where RvDreamFunc is not: while a style is measured and a plan is made. A run
 * so stopped ends like one that RvDreamFunc stopped, or with RV_ERROR_CANCELLED before the first step; always with that
 * where several ranks share the tiles, since the others are still at work. */
void rv__dream_set_stop (RvDream *dream, RvStopFunc wanted, gpointer user_data);

/* Sets @cancellable (nullable), held by reference, which is looked at everywhere, within an evaluation as well: the run
 * ends in a fraction of a second, as by rv__dream_set_stop(). Before planning and running. */
void rv__dream_set_cancellable (RvDream *dream, GCancellable *cancellable);

/* Returns how many octaves a run has: as set, less those too small for all chosen layers. */
int rv__dream_n_octaves (const RvDream *dream);

/* Returns how many of the chosen layers have no interior at @octave, from 0, and count nothing there. */
int rv__dream_n_layers_left_out (const RvDream *dream, int octave);

/* Plans the run. RV_ERROR_MEMORY, RV_ERROR_BACKEND, RV_ERROR_CANCELLED. */
gboolean rv__dream_plan (RvDream *dream, RvPlan *plan, GError **error);

/* One step of the ascent. */
typedef struct {
  int octave, n_octaves;          /* 1 ... */
  double octave_scale;            /* of this octave's sides to the picture's */
  int width, height;              /* px, of this octave */
  int n_layers_left_out;          /* chosen layers that have no interior at this size */
  gint64 iteration, n_iterations; /* 1 ..., within the octave */
  gint64 iterations_before;       /* in earlier octaves */
  double loss;                    /* of the picture before this step */
  double seconds;                 /* since the run began */
  double done_01;                 /* the part of the whole run's work that is done */
  RvDream *run;
  guint64 traffic_bytes; /* as in RvPlan, of this step */
} RvDreamProgress;

/* Called on the thread that called rv__dream_run(), after each step; FALSE stops the run. */
typedef gboolean (*RvDreamFunc) (const RvDreamProgress *progress, gpointer user_data);

/* (transfer full) (nullable): inside RvDreamFunc: the picture after this step, at the octave's size.
 * RV_ERROR_MEMORY. */
RvImage *rv__dream_picture (const RvDreamProgress *progress, GError **error);

/* Sets other settings, copied, from the next step on: before the run and inside RvDreamFunc. Only such may differ that
 * rv_option_may_change() is said of. States do not hold them: callers that resume steer again. RV_ERROR_SETTING. */
gboolean rv__dream_steer (RvDream *dream, const RvSettings *settings, GError **error);

/* (transfer full): inside RvDreamFunc: the state that rv__dream_resume() needs to go on after this step. Its tensors
 * lie in the run's own memory: save it before the function returns. */
RvTensorMap *rv__dream_state (const RvDreamProgress *progress);

/* Makes rv__dream_run() go on, once, from @state, of a run on the same picture, with the same mask, guide and style;
 * kept by reference. It ends with the same numbers, threads and processor being the same. The kernel choices in @state
 * replace those of rv__dream_set_kernels(). RV_ERROR_SETTING, naming the setting that is another; RV_ERROR_FORMAT for a
 * state of something else or of another version of the library, from rv__dream_run() also for a damaged one. */
gboolean rv__dream_resume (RvDream *dream, RvTensorMap *state, GError **error);

/* Runs @dream. @progress: (nullable). @result: (out) (transfer full) (nullable): the picture, with the input's size and
 * alpha; when @progress stopped the run, the picture reached; with RV_ERROR_NUMBER after a first step, the last good
 * picture. RV_ERROR_MEMORY, RV_ERROR_BACKEND, RV_ERROR_NUMBER when the gradient vanishes or is no number. Returns:
 * whether the run ended without an error, stopped or not. */
gboolean rv__dream_run (RvDream *dream, RvDreamFunc progress, gpointer user_data, RvImage **result, GError **error);

/* Called after each channel; FALSE stops: the sheet is returned as far as it is. */
typedef gboolean (*RvAtlasFunc) (gint64 channel, int n_done, int n_channels, gpointer user_data);

/* (transfer full) (nullable): a contact sheet of what each channel of one layer likes: dreams from the same noise, with
 * the channel's number below each; one that responds to nothing is called silent. @settings: of each channel's dream,
 * for which the preset `atlas` suits; `channels` chooses among the channels. @kernels: (nullable): as
 * rv__dream_set_kernels(). @cancellable: (nullable): as rv__dream_set_cancellable(): NULL is returned then. @progress:
 * (nullable). RV_ERROR_SETTING, RV_ERROR_MEMORY, RV_ERROR_BACKEND, RV_ERROR_CANCELLED. */
RvImage *rv__dream_atlas (const RvSettings *settings, RvNet *net, const char *layer, RvKernelTable *kernels,
                          GCancellable *cancellable, RvAtlasFunc progress, gpointer user_data, GError **error);

#endif
