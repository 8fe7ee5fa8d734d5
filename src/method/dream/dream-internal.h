/* dream-internal.h -- what the parts of a dream share: settings, octaves and what computes them, the run.
 * Layer 6 (method). */
#ifndef RV_DREAM_INTERNAL_H
#define RV_DREAM_INTERNAL_H

#include "method/dream/transforms.h"
#include "method/dream/settings.h"
#include "method/dream/word-masks.h"
#include "method/run/plan.h"
#include "method/run/run.h"
#include "method/dream/dream.h"

#define RV_DREAM_NOISE "noise"         /* --from */
#define RV_DREAM_MENAGERIE "menagerie" /* --look */
#define RV_DREAM_MIDDLE_STRENGTH 50.0  /* at which a step is as set */
/* How long a step is. */
static inline double
rv__dream_step_length (const RvDreamSettings *settings)
{
  return settings->step * settings->strength / RV_DREAM_MIDDLE_STRENGTH;
}

#define CLASS_LAYER "class" /* the map of classes, of networks that have one */

/* x = v / 127.5 - 1, whatever the network wants. */
extern const RvPixelSpace rv__dream_space;

typedef struct {
  int width, height; /* px */
  int margin;        /* px that the canvas it is looked at on is larger, each way (canvas.c) */
  double scale;      /* to the picture's sides */
  GArray *terms;     /* of the layers that have an interior here; borrowed members, weights of its own (balance.c) */
} RvDreamOctave;

/* Where words belong: pictures, each known by the name that --toward has for it; numbered as masks of terms are. */
typedef struct {
  GPtrArray *names;  /* char* */
  GPtrArray *images; /* RvImage, NULL: it is still to come */
} RvWordMasks;

/* What computes one octave's gradients; style may be NULL. */
typedef struct {
  RvObjective *dream, *style;
} RvDreamEngines;

typedef struct _RvDreamRun RvDreamRun;
typedef struct _RvDreamFeature RvNoiseDream;

struct _RvDream {
  RvSettings *begun, *named; /* the settings as it was made with them; as they are now, where they lie */
  RvDreamSettings *settings; /* in named */
  RvNet *net;
  RvImage *image;    /* the original */
  RvColorMix mix;    /* of --dream-colors */
  RvImage *mask;     /* or NULL */
  GPtrArray *others; /* RvImage: what it is drawn toward or away from, by style_terms; NULL: nothing */
  double style_weight;
  GArray *terms, *style_terms; /* RvTerm */
  RvWordMasks places;          /* of the terms' masks */
  RvEngine *engine;            /* a stage is an octave; its objectives: the dream's, the style's */
  GArray *octaves;             /* RvDreamOctave, small to large */

  RvStopRequest wanted; /* to be stopped */

  RvTensorMap *resume; /* the state that the next run goes on from, or NULL */

  /* While it runs; weights: the mask at the octave's size, one plane; NULL without a mask. */
  RvDreamRun *run;
  float *weights;
};

/* What one run carries from octave to octave, and within one. */
struct _RvDreamRun {
  RvRun common;
  RvDream *dream;
  RvDreamFunc progress;
  gpointer user_data;
  double *balance;       /* the octave's terms' weights where they are balanced; else NULL */
  RvNoiseDream *feature; /* of dreams from noise: what x is the picture of; else NULL */

  const RvDreamOctave *at;        /* the octave that is running, or ran last */
  const RvDreamOctave *shrunk_at; /* the octave that shrunk is of: the same, or the one before */
  float *x, *downsampled;         /* the picture; the original as small as it was last */
  float *base;                    /* the original as small as it is now */
};

const RvDreamOctave *rv__dream_octave (const RvDream *dream, guint i);
gint64 rv__dream_octave_pixels (const RvDreamOctave *octave);

/* rv__dream_engines_new: of octave @i, compiled, without their big memory, for a plan. rv__dream_engines_acquire: for a
 * run: bound, those of an earlier picture where they were kept; rv__dream_engines_release: back. RV_ERROR_MEMORY,
 * RV_ERROR_BACKEND, RV_ERROR_CANCELLED. */
gboolean rv__dream_engines_new (const RvDream *dream, guint i, RvDreamEngines *engines, GError **error);
gboolean rv__dream_engines_bind (const RvDreamEngines *engines, GError **error);
void rv__dream_engines_clear (RvDreamEngines *engines);
gboolean rv__dream_engines_acquire (const RvDream *dream, guint i, RvDreamEngines *engines, GError **error);
gboolean rv__dream_engines_release (const RvDream *dream, guint i, RvDreamEngines *engines, GError **error);

/* rv__dream_plan_memory: how each octave is computed, as a whole or in tiles, and with @plan (nullable) what that
 * takes: as rv__plan_fit(). */
gboolean rv__dream_plan_memory (RvDream *dream, RvPlan *plan, GError **error);

/* rv__dream_restore: (state.c) the run as dream->resume has it; x and shrunk are allocated. RV_ERROR_FORMAT,
 * RV_ERROR_MEMORY. */
gboolean rv__dream_restore (RvDreamRun *run, GError **error);

/* ---- picture.c ---- */

/* Whether --carry is dream. */
gboolean rv__dream_carries_residual (const RvDream *dream);
/* Three planes of the octave's size. (transfer full) (nullable). RV_ERROR_MEMORY. */
float *rv__dream_new_picture (const RvDreamOctave *octave, GError **error);
/* Replaces the original, kept by reference. */
void rv__dream_set_original (RvDream *dream, RvImage *image);
/* The original at the octave's size. (transfer full) (nullable). RV_ERROR_MEMORY. */
float *rv__dream_downsample (const RvDream *dream, const RvDreamOctave *octave, GError **error);
/* Sets dream->weights at the octave's size, or to NULL. */
gboolean rv__dream_set_weights_at (RvDream *dream, const RvDreamOctave *octave, GError **error);
/* The run's x at the original's size. (transfer full) (nullable). RV_ERROR_MEMORY. */
RvImage *rv__dream_result (const RvDreamRun *run, GError **error);

/* rv__dream_idle: whether it may be changed, planned or run: it is not running. RV_ERROR_SETTING. */
gboolean rv__dream_idle (const RvDream *dream, GError **error);

/* rv__dream_settings_agree: with each other. RV_ERROR_SETTING. */
gboolean rv__dream_settings_agree (const RvDreamSettings *settings, GError **error);
/* rv__dream_terms: (transfer full): array of RvTerm: the layers of the settings or of their look, with the channels
 * chosen. RV_ERROR_SETTING. */
GArray *rv__dream_terms (const RvDreamSettings *settings, const char *net_name, GError **error);

/* rv__dream_n_channels: of a layer; 0 for an unknown one. */
gint64 rv__dream_n_channels (const char *net_name, const char *layer);

/* rv__word_masks_init, _clear. rv__word_masks_add: its number; once for each name. rv__word_masks_set_picture: its
 * picture, kept by reference; FALSE: no such name. */
void rv__word_masks_init (RvWordMasks *places);
void rv__word_masks_clear (RvWordMasks *places);
int rv__word_masks_add (RvWordMasks *places, const char *name);
gboolean rv__word_masks_set_picture (RvWordMasks *places, const char *name, RvImage *image);

/* rv__word_masks_planes: (transfer full) (nullable): each place on the octave's canvas, 0 to 1, NULL-terminated; the
 * picture in its middle. RV_ERROR_MEMORY; RV_ERROR_SETTING when a picture was not given. _free_planes: takes NULL. */
float **rv__word_masks_planes (const RvWordMasks *places, const RvDreamOctave *octave, GError **error);
void rv__dream_free_planes (float **planes);
/* Multiplies @weights by the most that any place has there. Errors as above. */
gboolean rv__word_masks_apply (const RvWordMasks *places, const RvDreamOctave *octave, float *weights, GError **error);

/* rv__dream_word_terms: (transfer full): the class map, each word of --toward with its weight, a term for each of the
 * places that are named, which are added to @places. RV_ERROR_SETTING. */
GArray *rv__dream_word_terms (const RvDreamSettings *settings, const RvNet *net, RvWordMasks *places, GError **error);

/* Whether a network of @n_words has the groups: they are ranges of ImageNet's classes (groups.c). */
gboolean rv__dream_has_groups (guint n_words);
/* Adds @weight to each word of the group called @name in the class map's @term, as its group number @group. FALSE: no
 * such group among @n_words. */
gboolean rv__dream_add_group (RvTerm *term, const char *name, double weight, int group, guint n_words);

/* rv__dream_wanted_words: what --toward says, or the look, of a network with words; NULL: layers. Borrowed. */
const char *rv__dream_wanted_words (const RvDreamSettings *settings, const RvNet *net);

/* rv__dream_set_loss: the layers count by @loss. RV_ERROR_SHAPE as rv__dream_new(). */
gboolean rv__dream_set_loss (RvDream *dream, const RvLossClass *loss, GError **error);

/* rv__dream_only_channel: the first layer dreams of this channel alone, from the next run on. */
void rv__dream_only_channel (RvDream *dream, gint64 channel);

/* rv__dream_scaled: (transfer full) (nullable): both sides times @scale, at least one pixel. RV_ERROR_MEMORY. */
RvImage *rv__dream_scaled (const RvImage *image, double scale, GError **error);

/* rv__dream_guide: the terms' layers grow toward what they see in @guide, brought to about @pixels. @among_all: all
 * classes compete, not only the look's words. RV_ERROR_SHAPE when the guide is then too small for a layer,
 * RV_ERROR_MEMORY, RV_ERROR_BACKEND. */
gboolean rv__dream_guide (GArray *terms, const RvNet *net, const RvComputeSettings *compute, const RvImage *guide,
                          double pixels, gboolean among_all, GError **error);

/* A dream from noise (noise-dream.c): its picture is the picture of a spectrum, which Adam's steps change.
 * rv__noise_dream_new: (transfer full) (nullable): as noise. RV_ERROR_MEMORY, RV_ERROR_BACKEND. _bytes: that it
 * holds. _steer: its steps are those of @settings from now on. rv__noise_dream_picture: into @x.
 * rv__noise_dream_step: up @ascent, which is overwritten, from @loss; x is the new picture. rv__noise_dream_save:
 * into a state; _restore: back. RV_ERROR_FORMAT. */
gboolean rv__dream_from_noise (const RvDream *dream);
RvNoiseDream *rv__noise_dream_new (const RvDream *dream, const RvDreamOctave *octave, GError **error);
void rv__noise_dream_free (RvNoiseDream *feature);
gsize rv__noise_dream_bytes (const RvDreamOctave *octave);
void rv__noise_dream_steer (RvNoiseDream *feature, const RvDreamSettings *settings);
gboolean rv__noise_dream_picture (RvNoiseDream *feature, float *x, GError **error);
gboolean rv__noise_dream_step (RvNoiseDream *feature, float *ascent, float *x, gint64 n, double loss, GError **error);
void rv__noise_dream_save (const RvNoiseDream *feature, const RvShape *shape, RvTensorMap *state);
gboolean rv__noise_dream_restore (RvNoiseDream *feature, const RvShape *shape, gint64 n_done, const RvTensorMap *state,
                                  GError **error);

/* What the steps of an octave share. */
typedef struct {
  const RvDream *dream;
  const RvDreamOctave *octave;
  const RvDreamEngines *engines;
  float *x;          /* the picture, of the octave's size */
  const float *base; /* the original at that size */
  float *grad, *style_grad;
  RvDreamBands *bands;   /* NULL: none */
  RvNoiseDream *feature; /* NULL: x itself is changed */
  const RvColorMix *mix;
} RvDreamSteps;

/* rv__dream_steps_new: (step.c) room for the steps of @run's octave; cleared whether it succeeded or not.
 * RV_ERROR_MEMORY. */
gboolean rv__dream_steps_new (const RvDreamRun *run, const RvDreamEngines *engines, RvDreamSteps *steps,
                              GError **error);
void rv__dream_steps_clear (RvDreamSteps *steps);

/* rv__dream_gradient: of one engine at steps->x, shifted as in step number @number; -1: not shifted. RV_ERROR_BACKEND.
 * rv__dream_step: step number @number of the run; *loss: before it. RV_ERROR_NUMBER. */
gboolean rv__dream_gradient (const RvDreamSteps *steps, RvObjective *engine, gint64 number, float *grad, double *loss,
                             GError **error);
gboolean rv__dream_step (const RvDreamSteps *steps, gint64 number, double *loss, GError **error);

/* rv__dream_balance: (balance.c) weights at which each term's gradient is as strong as its weight says, at the
 * octave's start: into @balance, one for each of the octave's terms. rv__dream_set_weights: @balance, or NULL: their
 * own, to the octave's terms. */
gboolean rv__dream_balance (const RvDreamSteps *steps, double *balance, GError **error);
void rv__dream_set_weights (const RvDream *dream, const RvDreamOctave *octave, const double *balance);

#endif
