/* recipe.h -- recipes: how a picture was made, stored in the picture.
 * Layer 7 (job). */
#pragma once

#include "base/option.h"
#include "job/core/input.h"
#include <reverie/kernels.h>

#define RV_LEARNED_STYLES_ANY "any" /* name of the network for arbitrary styles, in texts and in place of a network */

/* Contents of a recipe. All members are borrowed. */
typedef struct {
  const char *command, *subcommand; /* subcommand: NULL: none */
  const GPtrArray *inputs;          /* RvJobInput */
  const RvJobRole *roles;           /* roles, in the order of the recipe */
  const char *network, *weights;    /* name, NULL: none; file, NULL: the built-in network */
  const char *preprocessing;        /* the setting; NULL: not set */
  const char *labels;               /* file of the setting; NULL: not set */
  int width, height;
  const RvSettings *settings;
  const RvOption *own_table;        /* options of the command itself; NULL: none */
  const void *own;                  /* values of own_table */
  const char *steer;                /* changes during the run, in the form of the setting `steer`; "" or NULL: none */
  const char *const *setting_names; /* names of the settings to write; NULL: all */
  const char *const *left_out;      /* names of settings not to write; NULL: none */
  gboolean in_order;                /* write settings in the order of setting_names */
  const RvKernelTable *kernels;     /* kernels of the run; NULL: with the setting `exact` */
  const char *device;               /* GPU that computed, and its driver; NULL: the processor, or not known */
  GHashTable *hashes;               /* rv__recipe_hash_files(); the hashes of other files are computed; NULL: of all */
} RvRecipe;

/* (transfer full): SHA-256, as text, by name of file: those of the files of @recipe that can be read. A run computes
 * them when it begins: a file may change later. */
GHashTable *rv__recipe_hash_files (const RvRecipe *recipe);

/* (transfer full): the recipe as a JSON object: program version, command, inputs, network, size, settings, device,
 * kernels. Reads files for their hashes; one that cannot be read has none. Can't fail. */
char *rv__recipe_json (const RvRecipe *recipe);
/* (transfer full): JSON of the members that identify a run: names and hashes of inputs and network, and the size; no
 * settings. Reads files for their hashes; one that cannot be read has none. Can't fail. */
char *rv__recipe_inputs (const RvRecipe *recipe);
/* (transfer full) (nullable): text of the first difference between two results of rv__recipe_inputs(); NULL: none.
 * @then: (nullable): the result for the earlier run; NULL counts as damaged. Inputs of roles with may_change are no
 * differences: each RvJobRole of @roles whose inputs differ is appended to @changed (borrowed) instead. */
char *rv__recipe_difference (const char *then, const char *now, const RvJobRole *roles, GPtrArray *changed);
/* (transfer full) (nullable): text of the first setting that differs between two results of rv__recipe_json(); NULL:
 * none. @then: (nullable): the recipe of the earlier run. *name: (out) (transfer full): name of that setting; untouched
 * without one. */
char *rv__recipe_setting_difference (const char *then, const char *now, char **name);
