/* trainer.h -- what every training by batches has: an order of the examples that is shuffled for each epoch, an
 * optimiser for each parameter, a learning rate that changes, checkpoints. Layer 6 (method).
 *
 * Every random number is a function of the seed, the epoch and a place: a checkpoint needs no random state, and a
 * training that was interrupted goes on as if it had not been. A step:
 *
 *   g <- g min (1, clip_norm / ||g||)        the norm over all parameters
 *   x <- the optimiser's step, its rate times the schedule's factor
 *   a <- a + (1 - d) (x - a)                 d = min (average, k / (k + 1)) after step k = 0, 1, ...: the mean of all
 *                                            weights so far, until there are so many that `average` forgets the first
 */
#ifndef RV_TRAINER_H
#define RV_TRAINER_H

#include "cluster/cluster.h"
#include "optim/optim.h"
#include "method/train/parameters.h"

/* How the learning rate changes after the warm-up; each ends at last_rate after n_steps, but for the first. */
typedef enum { RV_RATE_CONSTANT, RV_RATE_LINEAR, RV_RATE_COSINE } RvRateSchedule;

typedef struct {
  const RvOptimClass *optim;      /* one whose state is its slots alone */
  RvOptimSettings optim_settings; /* .own is read, not kept */
  gint64 n_examples, batch;       /* batch: at most n_examples; the last of an epoch may have fewer */
  guint64 seed;
  guint32 shuffle_stream;
  const char *data; /* names the examples, in checkpoints: a hash; borrowed */
  RvRateSchedule rate;
  gint64 warmup_steps; /* over which the rate rises from 0; 0: none */
  gint64 n_steps;      /* of LINEAR and COSINE */
  double last_rate;    /* of those, what is left of the rate at the end, 0 to 1 */
  double clip_norm;    /* of all gradients together; 0: whatever it is */
  double average;      /* how much of the weights' mean is kept at each step, 0 to 1; 0: no mean */
} RvTrainerSettings;

typedef struct {
  RvTrainerSettings settings;
  RvParameters *parameters;
  RvOptim **optim; /* one for each parameter */
  float **average; /* of each parameter, the mean of its weights; NULL: there is none */
  gint64 *order;   /* of the examples in this epoch: the batch's are settings.batch from batch * settings.batch on */
  gint64 epoch;    /* complete ones */
  gint64 steps, n_batches;
} RvTrainer;

/* rv__trainer_new: (transfer full) (nullable): @parameters are kept by reference. RV_ERROR_MEMORY, RV_ERROR_SETTING. */
RvTrainer *rv__trainer_new (RvParameters *parameters, const RvTrainerSettings *settings, GError **error);
void rv__trainer_free (RvTrainer *trainer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RvTrainer, rv__trainer_free)

/* rv__trainer_shuffle: the order of this epoch, the same whenever it is asked for. _examples: in a batch of it. */
void rv__trainer_shuffle (RvTrainer *trainer);
gint64 rv__trainer_examples (const RvTrainer *trainer, gint64 batch);

/* rv__trainer_rate: what the learning rate is multiplied by at step k = 0, 1, ... */
double rv__trainer_rate (const RvTrainerSettings *settings, gint64 k);

/* rv__trainer_step: moves the parameters at x[i] by their gradients grad[i], which may be scaled down; NULL: that one
 * stays. @loss: of the batch. Returns the norm of all gradients, before clipping; 0 where nothing is clipped. */
double rv__trainer_step (RvTrainer *trainer, float *const *x, float *const *grad, double loss);

/* rv__trainer_broadcast: collective: all ranks go on from where rank 0 is; the parameters lie at x[i]. */
gboolean rv__trainer_broadcast (RvTrainer *trainer, RvCluster *cluster, float *const *x, GError **error);

/* rv__trainer_save: what it takes to go on, beside the parameters: counts, what the optimisers know, means. _restore:
 * goes on from there, and the parameters become @stored. RV_ERROR_FORMAT when it is no checkpoint, of other data, of
 * other parameters, or damaged; the trainer may then be used no more. */
gboolean rv__trainer_save (const RvTrainer *trainer, RvTensorMap *map, GError **error);
gboolean rv__trainer_restore (RvTrainer *trainer, const RvTensorMap *map, const RvParameters *stored, GError **error);

#endif
