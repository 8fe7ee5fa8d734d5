/* recipe.h -- how a picture was made, as commands meet it.
 * Layer 8 (cli). A recipe that is read is anybody's: members may be missing, or be something else. */
#ifndef RV_CLI_RECIPE_H
#define RV_CLI_RECIPE_H

#include "cli/cli.h"
#include "job/recipe.h"
#include <json-glib/json-glib.h>

typedef RvRecipe Recipe;
typedef RvRecipeInput RecipeInput;

/* recipe_file: (transfer full): where a film's recipe lies, beside it. */
char *recipe_file (const char *film);

/* recipe_read: (transfer full) (nullable): what a picture carries; json_object_unref(). Starts libvips for the program.
 */
JsonObject *recipe_read (const char *picture, GError **error);
/* recipe_object, recipe_array, recipe_text: a member, or NULL where it is missing or something else; @object may be
 * NULL. Borrowed. */
JsonObject *recipe_object (JsonObject *object, const char *name);
JsonArray *recipe_array (JsonObject *object, const char *name);
const char *recipe_text (JsonObject *object, const char *name);
/* recipe_number: 0 where it is none. */
gint64 recipe_number (JsonObject *object, const char *name);
/* redo_line: (transfer full) (nullable): the command line that the recipe of the picture argv[0] stands for, with
 * argv[1] ... after it; argv ends with NULL. RV_ERROR_FORMAT, and RV_ERROR_FILE where an input is not there.
 * (cmd-redo.c) */
char **redo_line (JsonObject *recipe, int argc, char **argv, GError **error);
/* recipe_kernels: (transfer full): for rv_kernel_table_add_text(). */
char *recipe_kernels (JsonObject *recipe);

#endif
