/* training.h -- training of a style network. Called by jobs; accesses no files and prints nothing. Layer 6 (method). */
#pragma once

#include "method/run/iteration.h"
#include <gio/gio.h>
#include <reverie/style-net.h>

/* Training of a style network. For one thread at a time. */
typedef struct _RvStyleTraining RvStyleTraining;

/* Checks the micro-batches of @settings, kind "learn", and the layers for the network @net_name (nullable: not
 * checked). RV_ERROR_SETTING. */
gboolean rv__style_training_check (const RvSettings *settings, const char *net_name, GError **error);
/* (transfer full) (nullable): a training without styles and photographs. @settings: kind "learn"; copied. @net: the
 * network that compares pictures; referenced. @from: (nullable): style network whose convolutions are copied; its
 * styles are starts of the new styles. Without the setting `deep` its grain is copied, too, and only new styles are
 * trained. NULL: all weights are trained from random numbers. */
RvStyleTraining *rv__style_training_new (const RvSettings *settings, RvNet *net, const RvStyleNet *from,
                                         GError **error);
/* Frees @training (nullable) and releases its networks. */
void rv__style_training_free (RvStyleTraining *training);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RvStyleTraining, rv__style_training_free)

/* Measures the @n @paintings, 1 or more, which form one style, and adds this style. Call it before
 * rv__style_training_run(). The paintings are only read. @name: unique; small letters of any script, digits, '-'
 * and '_', at most 100 bytes of UTF-8. @license: (nullable): licence of the paintings; copied. RV_ERROR_SETTING for
 * @n below 1. After an error the training may only be freed. */
gboolean rv__style_training_add_style (RvStyleTraining *training, const char *name, const char *license,
                                       RvImage *const *paintings, int n, GError **error);

/* Best length of the shorter side of photographs, px: 9/8 of the setting `crop`. Callers shrink larger ones to it. */
int rv__style_training_photo_px (const RvStyleTraining *training);

/* Adds a copy of @photo in 8 bits, before rv__style_training_run(). Every twentieth serves only for validation.
 * RV_ERROR_SHAPE if a side is smaller than the setting `crop`. An error adds nothing. */
gboolean rv__style_training_add_photo (RvStyleTraining *training, const RvImage *photo, GError **error);

/* Whether the next photograph that rv__style_training_add_photo() adds serves only for validation: every twentieth. */
gboolean rv__style_training_next_is_validation (const RvStyleTraining *training);

/* Sets *loss to the validation loss: the mean over all styles of a batch, with the weights of
 * rv__style_training_result(). Sets NaN and returns TRUE if there are no validation photographs, or before the
 * first run. Call it between steps; it changes no weights and takes as long as half a step of each style. After an
 * error *loss is NaN. */
gboolean rv__style_training_validate (RvStyleTraining *training, double *loss, GError **error);

/* Names of the terms of the loss, those with weight 0 left out: "content", "style", "tv", "steady". NULL-terminated.
 * Owned by @training; changed by rv__style_training_run(). */
const char *const *rv__style_training_losses (const RvStyleTraining *training);

/* Trains until all steps or the setting `time` are done, or @progress (nullable) returns FALSE on rank 0: TRUE in
 * all cases. Called again after a stop, it continues. Steps before an error stay. Collective. */
gboolean rv__style_training_run (RvStyleTraining *training, RvIterationFunc progress, gpointer user_data,
                                 GError **error);

/* (transfer full) (nullable): a copy of the network trained so far, with the mean of the last weights and only the
 * new styles. Before the first step: with the initial weights. */
RvStyleNet *rv__style_training_result (const RvStyleTraining *training, GError **error);

/* (transfer full) (nullable): a map with copies of the state, from which rv__style_training_restore() continues
 * with the same numbers; empty before the first run. Also copies trained convolutions into the network
 * @training->style_net. Call it between steps. */
RvTensorMap *rv__style_training_to_map (const RvStyleTraining *training, GError **error);

/* Restores the state @map of a training with the same styles, photographs and settings, before
 * rv__style_training_run(). Only `iterations`, `time`, `threads`, `memory`, `tune`, `backend` and `gpu` may differ.
 * Prepares the next step. After an error the training may only be freed. */
gboolean rv__style_training_restore (RvStyleTraining *training, const RvTensorMap *map, GError **error);
