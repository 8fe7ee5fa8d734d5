/* dream-internal.h -- what the parts of a dream share: settings, octaves and what computes them, the run.
 * Layer 6 (method). */
#ifndef RV_DREAM_INTERNAL_H
#define RV_DREAM_INTERNAL_H

#include "fit.h"
#include <reverie/dream.h>

/* x = v / 127.5 - 1, whatever the network wants. */
extern const RvPixelSpace rv__dream_space;

typedef struct {
  int width, height; /* px */
  double scale;      /* to the picture's sides */
  RvFit fit;
  GArray *taps; /* of the layers that have an interior here; borrowed members */
} RvDreamOctave;

/* What computes one octave's gradients; style may be NULL. */
typedef struct {
  RvObjective *dream, *style;
} RvDreamEngines;

struct _RvDream {
  RvDreamSettings *settings;
  RvNet *net;
  RvImage *image, *mask, *style; /* mask, style: may be NULL */
  double style_weight;
  GArray *taps, *style_taps; /* RvTap */
  const RvBackendClass *backend;
  RvKernelTable *kernels;
  GArray *octaves;     /* RvDreamOctave, small to large */
  gsize allowed_bytes; /* of the whole process */
  double allowed_s;    /* of a run; 0: no limit */
  gboolean keep_engines;
  RvDreamEngines *kept; /* one for each octave; NULL where not made yet */

  /* The octave that is running, its picture, and the mask at its size. */
  const RvDreamOctave *octave;
  float *x, *weights; /* weights: one plane; NULL without a mask */
};

const RvDreamOctave *rv__dream_octave (const RvDream *dream, guint i);
gint64 rv__dream_octave_pixels (const RvDreamOctave *octave);

/* rv__dream_engines_new: compiled, without their big memory until rv__dream_engines_bind(). RV_ERROR_MEMORY,
 * RV_ERROR_BACKEND. */
gboolean rv__dream_engines_new (const RvDream *dream, const RvDreamOctave *octave, double tune_s,
                                RvDreamEngines *engines, GError **error);
gboolean rv__dream_engines_bind (const RvDreamEngines *engines, GError **error);
gsize rv__dream_engines_memory (const RvDreamEngines *engines);
void rv__dream_engines_clear (RvDreamEngines *engines);

/* rv__dream_find_tiles: how each octave is computed, as a whole or in tiles. RV_ERROR_MEMORY. */
gboolean rv__dream_find_tiles (RvDream *dream, GError **error);

#define RV_DREAM_PICTURES 6 /* held beside the objective: original, x, shrunk, a spare, two of the detail */

RvDreamSettings *rv__dream_settings_copy (const RvDreamSettings *settings);
/* rv__dream_taps: (transfer full): array of RvTap: the layers of the settings or of their look, with the channels
 * chosen. RV_ERROR_SETTING. */
GArray *rv__dream_taps (const RvDreamSettings *settings, const char *net_name, GError **error);

/* rv__dream_n_channels: of a layer; 0 for an unknown one. */
gint64 rv__dream_n_channels (const char *net_name, const char *layer);

/* rv__dream_word_taps: (transfer full): the class map, each word of --toward with its weight. RV_ERROR_SETTING. */
GArray *rv__dream_word_taps (const RvDreamSettings *settings, const RvNet *net, GError **error);

/* rv__dream_set_loss: the layers count by the dream loss @name. RV_ERROR_SHAPE as rv_dream_new(). */
gboolean rv__dream_set_loss (RvDream *dream, const char *name, GError **error);

/* rv__dream_only_channel: the first layer dreams of this channel alone, from the next run on. */
void rv__dream_only_channel (RvDream *dream, gint64 channel);

/* rv__dream_scaled: (transfer full) (nullable): both sides times @scale, at least one pixel. RV_ERROR_MEMORY. */
RvImage *rv__dream_scaled (const RvImage *image, double scale, GError **error);

/* rv__dream_guide: the taps' layers grow toward what they see in @guide, brought to about @pixels. RV_ERROR_SHAPE when
 * it is then too small for a layer, RV_ERROR_MEMORY, RV_ERROR_BACKEND. */
gboolean rv__dream_guide (GArray *taps, const RvNet *net, const RvImage *guide, double pixels, GError **error);

/* rv__dream_smooth: @grad, three planes, becomes the mean of its Gaussian blurs with sigma s/2, s and 2 s px; mirrored
 * at the borders. RV_ERROR_MEMORY. */
gboolean rv__dream_smooth (float *grad, int width, int height, double sigma_px, GError **error);

#endif
