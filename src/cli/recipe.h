/* recipe.h -- how a picture was made, as commands meet it.
 * Layer 8 (cli). A recipe that is read is anybody's: members may be missing, or be something else. */
#ifndef RV_CLI_RECIPE_H
#define RV_CLI_RECIPE_H

#include "cli/cli.h"

/* recipe_read: (transfer full) (nullable): what a picture carries, as rv_json_read() has it. */
GVariant *recipe_read (const char *picture, GError **error);
/* recipe_object, recipe_list: (transfer full) (nullable): a member, or NULL where it is missing or something else;
 * @object may be NULL. recipe_text: borrowed. recipe_number: 0 where it is none. */
GVariant *recipe_object (GVariant *object, const char *name);
GVariant *recipe_list (GVariant *object, const char *name);
const char *recipe_text (GVariant *object, const char *name);
gint64 recipe_number (GVariant *object, const char *name);
/* recipe_member: the name of member @i of an object, or of NULL, and its text, NULL where it is none; both borrowed.
 * FALSE: there are no more. recipe_item: (transfer full) (nullable): the object at @i in a list. */
gboolean recipe_member (GVariant *object, gsize i, const char **name, const char **text);
GVariant *recipe_item (GVariant *list, gsize i);
/* redo_line: (transfer full) (nullable): the command line that the recipe of the picture argv[0] stands for, with
 * argv[1] ... after it; argv ends with NULL. RV_ERROR_FORMAT, and RV_ERROR_FILE where an input is not there.
 * (cmd-redo.c) */
char **redo_line (GVariant *recipe, int argc, char **argv, GError **error);
/* recipe_kernels: (transfer full): for rv_kernel_table_add_text(). */
char *recipe_kernels (GVariant *recipe);

#endif
