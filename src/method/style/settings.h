/* settings.h -- the settings of style transfer as a struct, which settings.c describes.
 * Layer 6 (method). */
#ifndef RV_STYLE_SETTINGS_H
#define RV_STYLE_SETTINGS_H

#include "base/settings.h"
#include "method/compute.h"
#include "method/style/style.h"

typedef struct {
  char *preset;
  double strength;
  char *content_layers, *style_layers;
  char *content_target;
  double content_weight, style_weight, tv_weight, temporal_weight;
  char *dream;
  char *style_loss, *content_loss, *tv;
  char *loss_settings; /* of the losses' own: "swd.projections=64,..."; NULL: as they are */
  double style_scale;
  gboolean calm_style;
  char *style_blend;
  char *keep_colors;     /* "none", "luminance", "histogram", "covariance": of the content, in the result */
  gboolean match_colors; /* the styles take the content's colours before the run */
  gboolean color_axes;   /* the optimiser moves along the colour axes of the styles */
  char *optimizer;
  double learning_rate, decay;
  gint64 decay_steps;
  char *decay_form;
  gint64 iterations;
  double first_scale; /* iterations of the first of several scales, times `iterations` */
  double finish;      /* iterations of the finish, times those of the last scale */
  char *time;         /* "90s", "3m", "1h": the run ends about then; NULL: no limit */
  gint64 until;       /* the run ends after this iteration, counted from 1 over all scales; 0: it does not */
  double plateau;     /* part by which the loss must fall in 20 iterations; 0: it need not */
  char *init;
  char *space;
  char *resize;
  gboolean stretch_style;
  char *pooling, *padding;
  gboolean clamp;
  double average;
  gint64 climb_from;
  double climb_step;
  gint64 margin_px;
  gboolean truncate;
  gint64 seed;
  RvComputeSettings compute;
  /* and, behind it, what only one optimiser has, such as momentum: reached by name */
} RvStyleSettings;

extern const RvSettingsClass rv__settings_style;
/* rv__style_check_steer: (steer.c) whether a run that began with the settings @begun may go on with @now.
 * RV_ERROR_SETTING. */
gboolean rv__style_check_steer (const RvSettings *begun, const RvSettings *now, GError **error);
/* rv__style_set_changed: (steer.c) after rv__style_resume(): the masks, or what is protected, are others than those of
 * the run that goes on. */
void rv__style_set_changed (RvStyle *style);
/* rv__style_options: the table: of the struct, and of what only one optimiser has, behind it. */
const RvOption *rv__style_options (void);

#endif
