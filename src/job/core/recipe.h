/* recipe.h -- how a picture was made, to be written into it.
 * Layer 7 (job). */
#ifndef RV_RECIPE_H
#define RV_RECIPE_H

#include "base/option.h"
#include "job/core/input.h"
#include <reverie/kernels.h>

#define RV_LEARNED_STYLES_ANY "any" /* name of the painter of any style, in texts and in place of a network */

/* What a picture's recipe is made of. */
typedef struct {
  const char *command, *subcommand; /* the latter NULL: none */
  const GPtrArray *inputs;          /* RvJobInput, */
  const RvJobRole *roles;           /* in the order of these */
  const char *network, *weights;    /* its name, or NULL, and file; NULL file: the built-in one */
  int width, height;
  const RvSettings *settings;
  const RvOption *own_table; /* of the command's own; NULL: none */
  const void *own;
  const char *steer;            /* what changed on the way, as the setting of that name; "" or NULL: nothing */
  const char *const *count;     /* names of those settings that are told; NULL: all */
  gboolean in_order;            /* they are, in the order of these names */
  const RvKernelTable *kernels; /* that the run was given; NULL: with the setting `exact` */
} RvRecipe;

/* rv__recipe_json: (transfer full): all of it. */
char *rv__recipe_json (const RvRecipe *recipe);
/* rv__recipe_inputs: (transfer full): the part of it that says what the run is made of: files and network by their
 * hashes, and the size. */
char *rv__recipe_inputs (const RvRecipe *recipe);
/* rv__recipe_difference: (transfer full) (nullable): the first difference between two texts of rv__recipe_inputs(), in
 * words; NULL: there is none. */
char *rv__recipe_difference (const char *then, const char *now);

#endif
