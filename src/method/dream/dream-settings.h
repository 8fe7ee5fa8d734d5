/* dream-settings.h -- the settings of a dream as a struct, filled by the table in dream-settings.c.
 * Layer 6 (method). */
#pragma once

#include "base/settings.h"
#include "method/compute.h"

/* Settings of a dream. rv__dream_options describes the fields, with their defaults and ranges. */
typedef struct {
  char *preset, *look;
  char *layers, *channels;
  char *toward, *neuron;
  char *init;
  char *objective;
  double class_smooth;
  gboolean scale_channels, balance;
  gint64 octaves;
  double octave_scale;
  gint64 smallest_px;
  char *carry;
  gint64 iterations;
  double step;
  char *normalize;
  double max_loss;
  gint64 jitter_px;
  char *jitter_edge;
  double random_rotate_deg, random_scale;
  double smooth_px;
  gint64 bands;
  double local_px;
  char *dream_colors;
  gboolean clip, truncate;
  double contrast_limit;
  double strength;
  char *time;   /* approximate end of a run: "90s", "3m", "1h"; NULL: no limit */
  gint64 until; /* last step of the run, from 1 over all octaves; 0: no limit */
  gint64 seed;
  RvComputeSettings compute;
} RvDreamSettings;

extern const RvSettingsClass rv__settings_dream;
extern const RvOption rv__dream_options[];
