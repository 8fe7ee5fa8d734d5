/* dream-internal.h -- declarations shared by the files of a dream: settings, octaves, engines, the run.
 * Layer 6 (method). */
#pragma once

#include "method/dream/transforms.h"
#include "method/dream/dream-settings.h"
#include "method/run/plan.h"
#include "method/run/run.h"
#include "method/dream/dream.h"

#define RV_DREAM_NOISE "noise"        /* value of --init */
#define RV_DREAM_THINGS "things"      /* value of --look */
#define RV_DREAM_MIDDLE_STRENGTH 50.0 /* strength that leaves the step unchanged */
/* Length of a step, --step times --strength / RV_DREAM_MIDDLE_STRENGTH. Unit: that of x; for a dream from noise it is
 * the learning rate in the spectrum. */
static inline double
rv__dream_step_length (const RvDreamSettings *settings)
{
  return settings->step * settings->strength / RV_DREAM_MIDDLE_STRENGTH;
}

/* x = v / 127.5 - 1, for any network. */
extern const RvPixelSpace rv__dream_space;

/* One size of a dream, with its terms and the buffers of a run. */
typedef struct {
  int width, height; /* px */
  int margin;        /* px by which a step's canvas is larger, in both directions (canvas.c) */
  double scale;      /* sides of the octave / sides of the picture */
  /* terms of layers with an interior at this size; members borrowed, except the weights (balance.c) */
  GArray *terms;

  /* Buffers of a run; those of rv__dream_buffers(). */
  float *x;                 /* the picture */
  float *base, *original;   /* the original at this size; a copy of it at its own size, to be reduced */
  float *weights;           /* masks, 0..1: one plane; NULL: none */
  float *word_masks;        /* masks of words on the canvas, [masks, height + margin, width + margin], 0..1 */
  float *grad, *style_grad; /* gradients; a step changes x by grad */
  float *workspace;         /* of rv__dream_smooth() and rv__dream_limit() */
  RvDreamBand bands[RV_DREAM_MAX_BANDS];
} RvDreamOctave;

/* Phases of an octave, in order. Each buffer of rv__dream_buffers() exists from its first to its last phase, which
 * may be of the next octave. */
enum { RV_DREAM_STARTING, RV_DREAM_MASKS, RV_DREAM_RUNNING, RV_DREAM_N_PHASES };

/* Masks of words: pictures, found by their name in --toward. Their index is RvTerm.mask. */
typedef struct {
  GPtrArray *names;  /* char* */
  GPtrArray *images; /* RvImage; NULL: not set yet */
} RvWordMasks;

/* Objectives of one octave. style: nullable. */
typedef struct {
  RvObjective *dream, *style;
} RvDreamEngines;

typedef struct _RvDreamRun RvDreamRun;
typedef struct _RvNoiseDream RvNoiseDream;

struct _RvDream {
  RvSettings *initial_settings, *current_settings; /* settings at the start; current settings */
  RvDreamSettings *settings;                       /* fields of current_settings */
  RvImage *image;                                  /* the original */
  RvColorMix mix;                                  /* for --dream-colors */
  RvImage *mask;                                   /* region of the dream; NULL: everywhere */
  GPtrArray *compared_pictures; /* RvImage: pictures for style_terms: a style, or dreams to differ from; NULL: none */
  double style_weight;
  GArray *terms, *style_terms; /* RvTerm */
  RvWordMasks word_masks;      /* masks of the terms */
  RvEngine *engine;            /* with the network; one stage for each octave; objectives: dream, style */
  GArray *octaves;             /* RvDreamOctave, from small to large */

  RvStopRequest stop_request; /* stop request of the caller */

  RvTensorMap *resume; /* state that the next run resumes from; or NULL */

  RvDreamRun *run; /* NULL: none */
};

/* State of a run. */
struct _RvDreamRun {
  RvRun common;
  RvDream *dream;
  double *balance;           /* balanced weights of the octave's terms; NULL: not balanced */
  RvNoiseDream *noise_dream; /* NULL: not from noise */
  RvDreamEngines engines;    /* of `at` */
  GArray *buffers;           /* rv__dream_buffers() */

  const RvDreamOctave *at;     /* octave of the picture: the current one, or the last; NULL: none yet */
  const RvDreamOctave *before; /* octave before `at`; `at` itself if it is the first */
  gboolean has_ended;          /* all steps of `at` are done */
};

/* Octave @i, from 0, the smallest; must be below octaves->len (unchecked). Borrowed, until the octaves change. */
const RvDreamOctave *rv__dream_octave (const RvDream *dream, guint i);
/* Pixels of one plane of the octave's picture, without its margin. */
gint64 rv__dream_octave_pixels (const RvDreamOctave *octave);

/* Compiles new engines of the smallest octave, without memory, and measures the style, for a plan. @engines:
 * overwritten; free with rv__dream_engines_clear(). If the octave has no style, engines->style is NULL. After an error
 * both are NULL. Collective. */
gboolean rv__dream_engines_init (const RvDream *dream, RvDreamEngines *engines, GError **error);
/* Frees both engines (nullable) and sets them to NULL. */
void rv__dream_engines_clear (RvDreamEngines *engines);
/* Engines of octave @i for a run, in its phase RV_DREAM_MASKS: bound, with the octave's word_masks, and reused from
 * an earlier picture if cached. @engines: overwritten (engines->style NULL if the octave has none); release with
 * rv__dream_engines_release(). After an error both are NULL. Collective. */
gboolean rv__dream_engines_acquire (const RvDream *dream, guint i, RvDreamEngines *engines, GError **error);
/* Passes acquired engines to rv__engine_release(), which caches or frees them; both are NULL then. Collective.
 * After an error rv__dream_engines_clear() frees what is left. */
gboolean rv__dream_engines_release (const RvDream *dream, guint i, RvDreamEngines *engines, GError **error);

/* Plans how each octave is computed, whole or in tiles: sets the stages' fits and engine->fitted, and fills @plan
 * (nullable) like rv__plan_fit(). After an error engine->fitted is FALSE. Collective. */
gboolean rv__dream_plan_memory (RvDream *dream, RvPlan *plan, GError **error);

/* (transfer full: g_array_unref()): list of all memory of a run besides its objectives, none of it allocated. Octave @i
 * has the phases from i * RV_DREAM_N_PHASES on. Overwrites the octaves' bands. rv__buffers_enter() sets the pointers in
 * the octaves. Free the array before the octaves change. */
GArray *rv__dream_buffers (const RvDream *dream);

/* Restores @run from dream->resume, in state.c: position, x, the original at the size of the octave before, and, if
 * the octave is balanced and has begun, balance, which it allocates and the caller frees, also after an error.
 * Enters RV_DREAM_STARTING. */
gboolean rv__dream_restore (RvDreamRun *run, GError **error);

/* ---- picture.c ---- */

/* Whether --carry is dream: only the difference to the original goes to the next octave. */
gboolean rv__dream_carries_residual (const RvDream *dream);
/* Replaces the original by @image (referenced), and computes dream->mix from it. Cannot fail. */
void rv__dream_set_original (RvDream *dream, RvImage *image);
/* Overwrites octave->base with the original at the octave's size, three planes in -1..1. With `carry` "dream"
 * antialiased; after an error base is partly overwritten. Else bilinear; then also overwrites octave->original, and
 * cannot fail. Only in the phase RV_DREAM_STARTING. */
gboolean rv__dream_downsample (const RvDream *dream, const RvDreamOctave *octave, GError **error);
/* Whether a mask limits the dream: its own, or those of words if every term has one. */
gboolean rv__dream_has_weights (const RvDream *dream);
/* Only in the phase RV_DREAM_MASKS. Overwrites octave->word_masks: each mask resized to the octave, in the middle
 * of the canvas, and mirrored in the margin. Overwrites octave->weights, if rv__dream_has_weights(): the mask times
 * the maximum of the words' masks. Masks of words count only if every term has one. RV_ERROR_SETTING about 'toward'
 * if a picture is not set. */
gboolean rv__dream_fill_masks (const RvDream *dream, const RvDreamOctave *octave, GError **error);
/* The run's x, resized bilinearly to the original's size, with its alpha (shared), in 0..255; beyond only if `clip`
 * is off. (transfer full) (nullable). At full size, pixels outside the masks are exactly the original's. */
RvImage *rv__dream_result (const RvDreamRun *run, GError **error);

/* Checks that no rv__dream_run() of @dream is under way, so that it may be changed or planned. FALSE:
 * RV_ERROR_SETTING. */
gboolean rv__dream_check_idle (const RvDream *dream, GError **error);

/* Checks settings against each other, without a network. FALSE: RV_ERROR_SETTING for 'neuron' with 'toward', 'layers'
 * or 'channels', or 'init' noise with 'octaves' other than 1. */
gboolean rv__dream_settings_check_combination (const RvDreamSettings *settings, GError **error);
/* Terms of --neuron; else of --layers; else, for a look of words with --channels, of the layers that --channels
 * names; else of the look. --channels then selects their channels. Without the words. (transfer full) (nullable):
 * RvTerm. Errors of the layers are about the setting that names them, or about none if the look names them. */
GArray *rv__dream_terms (const RvDreamSettings *settings, const char *net_name, GError **error);

/* Adds @name, copied and still without a picture, unless it exists. Returns its index, from 0. Cannot fail. */
int rv__word_masks_add (RvWordMasks *masks, const char *name);
/* Sets the picture of @name; referenced; releases an earlier one. FALSE, without an error: there is no such name. */
gboolean rv__word_masks_set_picture (RvWordMasks *masks, const char *name, RvImage *image);

/* Terms (RvTerm) on the class map for the words of rv__dream_words(), which must not be NULL. One for each mask,
 * and one for the words without a mask. (transfer full) (nullable). Adds the masks' names to @masks. NULL:
 * RV_ERROR_SETTING if @net has no words, or all weights are 0. */
GArray *rv__dream_word_terms (const RvDreamSettings *settings, const RvNet *net, RvWordMasks *masks, GError **error);

/* Whether a network of @n_words classes has the groups, which are ranges of ImageNet's 1000 classes (groups.c). */
gboolean rv__dream_has_groups (guint n_words);
/* Adds @weight to each word of the group @name (in any case) in term->channel_weights, on the class map, and sets their
 * channel_groups to @group; both arrays have @n_words numbers or more. FALSE, without an error: there is no such group,
 * or not for @n_words. */
gboolean rv__dream_add_group (RvTerm *term, const char *name, double weight, int group, guint n_words);

/* List of words as in `toward`. Returns the words of the look if it has words, `toward`, `neuron`, `layers` and
 * `channels` are not set, and @net has the groups and uses its class layer for the look. Else returns `toward`.
 * Borrowed. NULL: the targets of the dream are layers. */
const char *rv__dream_words (const RvDreamSettings *settings, const RvNet *net);

/* Sets the loss of all terms to @loss, computes the octaves again and frees cached engines. Not during a run. After
 * an error the dream may only be freed. */
gboolean rv__dream_set_loss (RvDream *dream, const RvLossClass *loss, GError **error);

/* Gives @channel of the first term the weight 1 and its other channels 0, from the next run on. The first call, for a
 * term without channel weights, also frees cached engines. Cannot fail. */
void rv__dream_select_channel (RvDream *dream, gint64 channel);

/* Sets the loss of all @terms to "guide", with their features of @guide as targets. The guide is resized to about
 * @pixels, at most 512 px on a side. @among_all: deletes the channel weights of the look's words, so that all classes
 * compete. RV_ERROR_SHAPE if the resized guide is too small for a layer. An error leaves @terms unchanged. */
gboolean rv__dream_guide_terms (GArray *terms, const RvNet *net, const RvComputeSettings *compute, const RvImage *guide,
                                double pixels, gboolean among_all, GError **error);

/* Whether the dream starts from noise (--init noise): Adam changes the spectrum of a picture (noise-dream.c). */
gboolean rv__dream_from_noise (const RvDream *dream);
/* A spectrum of random noise for a picture of the octave's size, and Adam for it. (transfer full) (nullable):
 * rv__noise_dream_free(). */
RvNoiseDream *rv__noise_dream_new (const RvDream *dream, const RvDreamOctave *octave, GError **error);
/* Frees @noise_dream (nullable). */
void rv__noise_dream_free (RvNoiseDream *noise_dream);
/* Sets Adam's learning rate to the step length of @settings, from the next step on. Cannot fail. */
void rv__noise_dream_steer (RvNoiseDream *noise_dream, const RvDreamSettings *settings);
/* Overwrites @x, three planes in -1..1 of the octave's size, with the picture of the spectrum. */
gboolean rv__noise_dream_picture (RvNoiseDream *noise_dream, float *x, GError **error);
/* Takes Adam's step up the gradient: changes the spectrum, and overwrites @x with its new picture. @ascent:
 * gradient of @loss with respect to the old picture, @n numbers, as @x has; its sign is changed. @loss: that of the
 * old picture. After an error @x and spectrum are undefined. */
gboolean rv__noise_dream_step (RvNoiseDream *noise_dream, float *ascent, float *x, gint64 n, double loss,
                               GError **error);
/* Adds the spectrum and Adam's slots to @state as tensors of @shape. The tensors are views of @noise_dream: write
 * @state before the next step. Cannot fail. */
void rv__noise_dream_save (const RvNoiseDream *noise_dream, const RvShape *shape, RvTensorMap *state);
/* Reads spectrum and optimiser from @state, tensors of @shape, and sets Adam's iteration to @n_done. After an error
 * @noise_dream may be partly overwritten. */
gboolean rv__noise_dream_restore (RvNoiseDream *noise_dream, const RvShape *shape, gint64 n_done,
                                  const RvTensorMap *state, GError **error);

/* Overwrites @grad, three planes of the picture's size, with the gradient of @engine, dream or style, at
 * run->at->x, and *loss. @number: step whose random shift or transform is used; -1: none. Overwrites the picture of
 * @engine. Collective. An error leaves @grad and *loss unchanged. */
gboolean rv__dream_gradient (const RvDreamRun *run, RvObjective *engine, gint64 number, float *grad, double *loss,
                             GError **error);
/* Takes step @number of the run: changes run->at->x, or its spectrum too, and overwrites the gradients. *loss:
 * before the step. Collective. RV_ERROR_NUMBER leaves x unchanged; after other errors x may have changed. */
gboolean rv__dream_step (const RvDreamRun *run, gint64 number, double *loss, GError **error);

/* Computes weights for the beginning of the octave (balance.c). Sets @balance, one for each term of the octave: its
 * weight in the settings, divided by the rms of its gradient at run->at->x, or by 1 if that is 0. Overwrites
 * run->at->grad and the terms' weights: call rv__dream_set_term_weights() afterwards. Collective. */
gboolean rv__dream_compute_balance (const RvDreamRun *run, double *balance, GError **error);
/* Sets the weights of the octave's terms to run->balance; NULL: to the weights of the settings. */
void rv__dream_set_term_weights (const RvDreamRun *run);
