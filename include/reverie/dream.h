/* dream.h -- DeepDream: a photograph in, what a network sees in it out.
 * Layer 6 (method). Implemented in src/method/dream. No files and no printing.
 *
 * Mordvintsev, Olah, Tyka 2015, "Inceptionism": what layers of the network respond to is climbed by steps of the
 * normalised gradient, at sizes from small to large; docs/dream.md has the formulas. x lies in -1..1 on every network,
 * so that a step of 0.01 is 1.275 grey levels. */
#ifndef RV_DREAM_H
#define RV_DREAM_H

#include <gio/gio.h>
#include <reverie/compute.h>
#include <reverie/image.h>
#include <reverie/kernels.h>
#include <reverie/net.h>
#include <reverie/settings.h>
G_BEGIN_DECLS

/** rv_dream_looks: their names, NULL-terminated; static. Every network has every look. rv_dream_look_layers:
 * LAYER:WEIGHT,... of a look on the network called @net_name; static; NULL for an unknown name. Since: 0.1 */
RV_API const char *const *rv_dream_looks (void);
RV_API const char *rv_dream_look_layers (const char *look, const char *net_name);

/** rv_dream_groups: names for many words at once, for the setting `toward`, of networks that know ImageNet's thousand
 * classes; NULL-terminated; static. Since: 0.1 */
RV_API const char *const *rv_dream_groups (void);

/** rv_dream_settings_check: what no single option can tell of settings of the kind "dream": layers and channels that
 * @net_name has (words are looked for when the run is made: the weights know them). Errors:
 * %RV_ERROR_SETTING, listing the valid ones. Since: 0.1 */
RV_API gboolean rv_dream_settings_check (const RvSettings *settings, const char *net_name, GError **error);

/** RvDream: one picture, ready to be planned and dreamt on. One thread at a time. While it runs, what would change it,
 * plan it or run it again fails with %RV_ERROR_SETTING. */
typedef struct _RvDream RvDream;

/**
 * rv_dream_new:
 * @settings: of the kind "dream"; copied
 * @net:      kept by reference
 * @image:    its size is the result's; kept by reference
 *
 * Errors: as rv_dream_settings_check(); %RV_ERROR_SHAPE for a picture in which no chosen layer has an interior at any
 * octave, saying which size works. Returns: (transfer full) (nullable). Since: 0.1
 */
RV_API RvDream *rv_dream_new (const RvSettings *settings, RvNet *net, RvImage *image, GError **error);
RV_API void rv_dream_free (RvDream *dream);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RvDream, rv_dream_free)

/** rv_dream_set_mask: where to dream: white, in between, black not at all. Of any size; kept by reference. Nothing
 * while the dream runs. Since: 0.1 */
RV_API void rv_dream_set_mask (RvDream *dream, RvImage *mask);

/** rv_dream_set_place: the picture that settings->toward calls @name, of any size: its words are dreamt of where it is
 * white, not where it is black or transparent. Every name there wants one before the run. Kept by reference. Errors:
 * %RV_ERROR_SETTING for a name that is not there. Since: 0.1 */
RV_API gboolean rv_dream_set_place (RvDream *dream, const char *name, RvImage *place, GError **error);

/**
 * rv_dream_set_guide:
 * A guided dream: instead of growing stronger, each layer grows toward @guide: at each position, toward the one feature
 * of the guide whose dot product with it is largest. The guide, of any size, is scaled once, to the picture's pixel
 * count and to at most 512 px. Errors: %RV_ERROR_SHAPE when the guide is then too small for a layer, saying which size
 * works; %RV_ERROR_SETTING with the setting `toward`; %RV_ERROR_MEMORY, %RV_ERROR_BACKEND. Since: 0.1
 */
RV_API gboolean rv_dream_set_guide (RvDream *dream, const RvImage *guide, GError **error);

/**
 * rv_dream_set_style:
 * @style:  of any size; at each octave it is brought to the octave's pixel count; kept by reference
 * @weight: of the style's part of a step to the dream's, 0 or more
 *
 * x <- x + step * (g_dream / rms - weight * g_style / rms): the style loss is that of style transfer by default, on the
 * network's own style layers. Octaves too small for these dream without it. Errors: %RV_ERROR_SETTING. Since: 0.1
 */
RV_API gboolean rv_dream_set_style (RvDream *dream, RvImage *style, double weight, GError **error);

/**
 * rv_dream_set_unlike:
 * @others: pictures of any size, @n_others of them; each kept by reference
 * @weight: of what keeps the dream away from them, to 1 of the dream's part of a step; 0 or more
 *
 * Another dream of the same thing: the products of its features, at the layer that is dreamt of, shall go together
 * otherwise than theirs (src/loss/dream-unlike.c). It takes the place of a style. Without others nothing changes.
 * Errors: %RV_ERROR_SETTING. Since: 0.1
 */
RV_API gboolean rv_dream_set_unlike (RvDream *dream, RvImage *const *others, int n_others, double weight,
                                     GError **error);

/** rv_dream_set_image: the next frame: another picture, to be dreamt on like the first. Of the same size, nothing is
 * prepared anew: from this call on, what computes the octaves is kept between runs. Kept by reference. Errors: as
 * rv_dream_new(); the dream then keeps the picture it has. Since: 0.1 */
RV_API gboolean rv_dream_set_image (RvDream *dream, RvImage *image, GError **error);

/** rv_dream_set_kernels: kernel choices to use and to add to. Ignored with the setting `exact`. Since: 0.1 */
RV_API void rv_dream_set_kernels (RvDream *dream, RvKernelTable *kernels);

/** rv_dream_set_stop: @wanted (nullable) is asked where #RvDreamFunc is not: while a style is measured and a plan is
 * made. A run so stopped ends like one that #RvDreamFunc stopped, or with %RV_ERROR_CANCELLED before the first step;
 * where several ranks share the work always with that: the others are still at it. Can't fail. Since: 0.1 */
RV_API void rv_dream_set_stop (RvDream *dream, RvStopFunc wanted, gpointer user_data);

/** rv_dream_set_cancellable: @cancellable (nullable), held by reference, is looked at everywhere, within an evaluation
 * as well, so that the run ends in a fraction of a second, as by rv_dream_set_stop(). Before planning and running.
 * Can't fail. Since: 0.1 */
RV_API void rv_dream_set_cancellable (RvDream *dream, GCancellable *cancellable);

/** rv_dream_n_octaves: how many octaves a run has: as set, less those too small for all chosen layers. Since: 0.1 */
RV_API int rv_dream_n_octaves (const RvDream *dream);
/** rv_dream_n_layers_left_out: how many of the chosen layers have no interior at octave 0, 1, ... and count nothing
 * there; @octave: less than rv_dream_n_octaves(). Since: 0.1 */
RV_API int rv_dream_n_layers_left_out (const RvDream *dream, int octave);

/** RvDreamPlan: what a run will take. */
typedef struct {
  gsize peak_bytes; /* of the whole process, at most */
  double seconds;   /* on this machine, from a short measurement */
  int n_octaves;
  int n_tiles;         /* of the last octave; 1: it is computed as a whole */
  double work;         /* of the last octave: 1, more with tiles or features computed twice to save memory */
  gint64 n_iterations; /* over all octaves */
  const char *backend; /* static */
  gsize traffic_bytes; /* that the first of several ranks sends and receives in an iteration at the end; else 0 */
  double traffic_s;    /* of the seconds: while these travel, from a short measurement of the link */
} RvDreamPlan;

/** rv_dream_plan: What a run will take, without running it. Errors: %RV_ERROR_MEMORY, %RV_ERROR_BACKEND,
 * %RV_ERROR_CANCELLED. Since: 0.1 */
RV_API gboolean rv_dream_plan_sized (RvDream *dream, RvDreamPlan *plan, gsize size, GError **error);
static inline gboolean
rv_dream_plan (RvDream *dream, RvDreamPlan *plan, GError **error)
{
  return rv_dream_plan_sized (dream, plan, sizeof *plan, error);
}

/** RvDreamProgress: one step of the ascent. */
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
  guint64 traffic_bytes; /* as in RvDreamPlan, of this step */
} RvDreamProgress;

/** RvDreamFunc: called on the thread that called rv_dream_run(), after each step; FALSE stops the run. */
typedef gboolean (*RvDreamFunc) (const RvDreamProgress *progress, gpointer user_data);

/** rv_dream_picture: (transfer full) (nullable): for use inside #RvDreamFunc: the picture after this step, at the
 * octave's size. Where several ranks share it, on the first alone. Errors: %RV_ERROR_MEMORY; %RV_ERROR_SETTING on
 * another rank, %RV_ERROR_BACKEND where what others have of it does not come. Since: 0.1 */
RV_API RvImage *rv_dream_picture (const RvDreamProgress *progress, GError **error);

/** rv_dream_steer: before the run and inside #RvDreamFunc: from the next step on it has these settings, copied. Of
 * those that it was made with only such may differ that rv_option_may_change() is said of. States do not hold it:
 * whoever goes on from one steers again. Errors: %RV_ERROR_SETTING. Since: 0.1 */
RV_API gboolean rv_dream_steer (RvDream *dream, const RvSettings *settings, GError **error);

/** rv_dream_state: (transfer full): for use inside #RvDreamFunc: what rv_dream_resume() needs to go on after this step.
 * Its tensors lie in the run's own memory: save it before the function returns; where several ranks share the picture,
 * on the first alone. Can't fail. Since: 0.1 */
RV_API RvTensorMap *rv_dream_state (const RvDreamProgress *progress);

/**
 * rv_dream_resume:
 * @state: of a run on the same picture, with the same mask, guide and style; kept by reference
 *
 * rv_dream_run() then goes on from there, once, and ends with the same numbers, threads and processor being the same.
 * The kernel choices in @state take the place of those in the table of rv_dream_set_kernels(). Errors:
 * %RV_ERROR_SETTING, naming the setting that is another; %RV_ERROR_FORMAT for a state of something else or of another
 * version of the library, from rv_dream_run() also for one that is damaged. Since: 0.1
 */
RV_API gboolean rv_dream_resume (RvDream *dream, RvTensorMap *state, GError **error);

/**
 * rv_dream_run:
 * @progress: (nullable): called after each step
 * @result:   (out) (transfer full) (nullable): the picture, with the input's size and alpha; when @progress stopped the
 *            run, the picture reached. Also set with %RV_ERROR_NUMBER after a first step: the last good picture
 *
 * Errors: %RV_ERROR_MEMORY, %RV_ERROR_BACKEND, %RV_ERROR_NUMBER when the gradient vanishes or is no number.
 * Returns: whether the run ended without an error, stopped or not. Since: 0.1
 */
RV_API gboolean rv_dream_run (RvDream *dream, RvDreamFunc progress, gpointer user_data, RvImage **result,
                              GError **error);

/** RvAtlasFunc: called after each channel; FALSE stops: the sheet is returned as far as it is. */
typedef gboolean (*RvAtlasFunc) (gint64 channel, int n_done, int n_channels, gpointer user_data);

/**
 * rv_dream_atlas:
 * @settings: for each channel's dream; the preset `atlas` suits. its setting `channels` chooses among the channels
 * @layer:    one layer
 * @kernels:  (nullable): as rv_dream_set_kernels()
 * @cancellable: (nullable): as rv_dream_set_cancellable(): nothing is returned then
 * @progress: (nullable): called after each channel
 *
 * What each channel of a layer likes: a contact sheet of dreams from the same noise, with the channel's number below
 * each; one that responds to nothing is called silent. Errors: %RV_ERROR_SETTING, %RV_ERROR_MEMORY, %RV_ERROR_BACKEND,
 * %RV_ERROR_CANCELLED. Returns: (transfer full) (nullable). Since: 0.1
 */
RV_API RvImage *rv_dream_atlas (const RvSettings *settings, RvNet *net, const char *layer, RvKernelTable *kernels,
                                GCancellable *cancellable, RvAtlasFunc progress, gpointer user_data, GError **error);

/** RvWord: something a network sees. */
typedef struct {
  const char *word;      /* borrowed from the network */
  double probability_01; /* of all its words */
} RvWord;

/**
 * rv_dream_what:
 * @n_threads: to compute with; 0: one for each physical core
 * @cancellable: (nullable): looked at before each layer; from any thread
 * @words: (out caller-allocates): the likeliest @n_words, likeliest first
 *
 * What @net sees in @image: softmax of the class map's means. Errors: %RV_ERROR_SETTING for a network without words,
 * %RV_ERROR_SHAPE for a picture that is too small, %RV_ERROR_MEMORY, %RV_ERROR_BACKEND, %RV_ERROR_CANCELLED.
 * Since: 0.1
 */
RV_API gboolean rv_dream_what (RvNet *net, const RvImage *image, int n_threads, GCancellable *cancellable,
                               RvWord *words, int n_words, GError **error);

G_END_DECLS
#endif
