/* trainer.h -- training by batches: shuffled order of the examples, an optimiser for each parameter, learning rate
 * schedule, checkpoints. Layer 6 (method).
 *
 * Each random number is a function of the seed, the epoch and an index. A checkpoint therefore needs no random state,
 * and a resumed training continues exactly. A step:
 *
 *   g <- g min (1, clip_norm / ||g||)        the norm over all parameters
 *   x <- the optimiser's step, its rate times the schedule's factor
 *   a <- a + (1 - d) (x - a)                 d = min (average, k / (k + 1)) after step k = 0, 1, ...
 *
 * At first, a is the mean of all weights so far; once k / (k + 1) exceeds `average`, a moving average. */
#pragma once

#include "base/option.h"
#include "cluster/cluster.h"
#include "optim/optim.h"
#include "method/train/parameters.h"

/* Learning rate after the warm-up. LINEAR and COSINE fall to last_rate until step n_steps. */
typedef enum { RV_RATE_CONSTANT, RV_RATE_LINEAR, RV_RATE_COSINE } RvRateSchedule;

/* Settings of a training. */
typedef struct {
  const RvOptimClass *optim;      /* a class whose whole state is its slots (extra_state_bytes 0) */
  RvOptimSettings optim_settings; /* .specific is only read */
  gint64 n_examples, batch;       /* batch: at most n_examples; the last batch of an epoch may have fewer examples */
  guint64 seed;
  guint32 shuffle_stream;
  const char *data; /* hash of the examples, for checkpoints; borrowed */
  RvRateSchedule rate;
  gint64 warmup_steps; /* steps in which the rate rises from 0 */
  gint64 n_steps;      /* for LINEAR and COSINE */
  double last_rate;    /* for LINEAR and COSINE: final fraction of the rate, 0 to 1 */
  double clip_norm;    /* maximum norm of all gradients together; 0: no limit */
  double average;      /* decay of the mean of the weights per step, 0 to 1; 0: no mean */
} RvTrainerSettings;

/* State of a training. */
typedef struct {
  RvTrainerSettings settings;
  RvParameters *parameters;
  RvOptim **optim; /* one for each parameter */
  float **average; /* mean of the weights of each parameter; NULL: none */
  gint64 *order;   /* example numbers in this epoch; batch b begins at b * settings.batch */
  gint64 epoch;    /* complete epochs */
  gint64 steps, n_batches;
} RvTrainer;

/* A new trainer at epoch 0, step 0, with optimisers and means of zeros; takes a reference to @parameters. (transfer
 * full) (nullable). @settings: copied, but settings->data must outlive the trainer. `order` is not set: call
 * rv__trainer_shuffle(). RV_ERROR_SETTING for an optimiser with more state than its slots. */
RvTrainer *rv__trainer_new (RvParameters *parameters, const RvTrainerSettings *settings, GError **error);
/* Frees @trainer (nullable) with its optimisers and means, and releases the parameters. */
void rv__trainer_free (RvTrainer *trainer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RvTrainer, rv__trainer_free)

/* Sets `order` to the random order of the examples in epoch trainer->epoch. The order depends only on seed, stream and
 * epoch. Cannot fail. */
void rv__trainer_shuffle (RvTrainer *trainer);
/* Number of examples in batch @batch of an epoch, from 0 to n_batches - 1: settings.batch, or fewer in the last. */
gint64 rv__trainer_batch_size (const RvTrainer *trainer, gint64 batch);

/* Factor of the learning rate at step k = 0, 1, ..., 0 to 1. It rises to 1 in the warm-up steps. CONSTANT stays there;
 * LINEAR and COSINE then fall to last_rate at step n_steps, and stay there. Cannot fail. */
double rv__trainer_rate_factor (const RvTrainerSettings *settings, gint64 k);

/* Takes an optimiser step: changes the parameters x[i] by their gradients grad[i] at the schedule's rate. Updates the
 * means of the weights and increments `steps`; the caller counts epochs. grad[i] NULL: parameter i stays. @loss: loss
 * of the batch. Clipping scales @grad down in place. Returns the norm of all gradients before clipping, which may be
 * not finite; 0 if clip_norm is 0. */
double rv__trainer_step (RvTrainer *trainer, float *const *x, float *const *grad, double loss);

/* Overwrites epoch, steps, planned steps, optimisers, means and the parameters x[i] on all ranks of @cluster with those
 * of rank 0. `order` stays: call rv__trainer_shuffle(). Collective. After an error the trainer may only be freed. */
gboolean rv__trainer_broadcast (RvTrainer *trainer, RvCluster *cluster, float *const *x, GError **error);

/* Adds copies of the training's state to @map, without the parameters: texts "training.epoch", ".steps" and
 * ".data", and tensors of optimisers ("adam.m.NAME") and means ("mean.NAME"). After an error some may be added. */
gboolean rv__trainer_save (const RvTrainer *trainer, RvTensorMap *map, GError **error);
/* Checks that the training that stopped, with the settings @then, had the values of @now, except the options in
 * @may_differ, NULL-terminated. @table describes both structs. FALSE: RV_ERROR_SETTING about the first other one. */
gboolean rv__trainer_check_settings (const RvOption *table, const void *now, const void *then,
                                     const char *const *may_differ, GError **error);
/* Restores epoch, steps, optimisers and means from @map, and copies the tensors of @stored to the trained
 * parameters. `order` stays: call rv__trainer_shuffle(). RV_ERROR_FORMAT if @stored has other parameters. After an
 * error the trainer may only be freed. */
gboolean rv__trainer_restore (RvTrainer *trainer, const RvTensorMap *map, const RvParameters *stored, GError **error);
