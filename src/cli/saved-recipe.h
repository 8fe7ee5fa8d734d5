/* saved-recipe.h -- recipes of pictures.
 * Layer 8 (cli). Recipes are untrusted: members may be missing or have another type. */
#pragma once

#include "cli/cli.h"

/* (transfer full) (nullable): the recipe of the picture or video in file @picture, as rv_json_read() parses it. A video
 * has it in its metadata or in a sibling file. Errors of rv_image_recipe(), also for a video; RV_ERROR_FORMAT: damaged
 * JSON. */
GVariant *recipe_read (const char *picture, GError **error);
/* (transfer full) (nullable): the object member @name of @object (nullable), of type "a{sv}". NULL if missing or of
 * another type. */
GVariant *recipe_object (GVariant *object, const char *name);
/* (transfer full) (nullable): the list member @name of @object (nullable), of type "av". NULL if missing or of another
 * type. */
GVariant *recipe_list (GVariant *object, const char *name);
/* (nullable): the text member @name of @object (nullable), borrowed from @object. NULL if missing or of another type.
 */
const char *recipe_text (GVariant *object, const char *name);
/* The integer member @name of @object (nullable). 0 if missing or of another type. */
gint64 recipe_number (GVariant *object, const char *name);
/* Sets *name and *text of member @i of @object (nullable), from 0; both borrowed; *text: NULL if the value is no text.
 * FALSE, with both unchanged: there is no member @i. */
gboolean recipe_member (GVariant *object, gsize i, const char **name, const char **text);
/* (transfer full) (nullable): item @i of @list; @i must be below its length. NULL if the item is no object. */
GVariant *recipe_item (GVariant *list, gsize i);
/* (transfer full) (nullable): the command line that the recipe of the picture argv[0] describes, its command first;
 * free with g_strfreev(). argv[1] ... are appended, except --inputs FOLDER, which is searched first for inputs. argv
 * ends with NULL. Warns on standard error about changed inputs. RV_ERROR_FORMAT: a damaged recipe; RV_ERROR_SETTING: a
 * command that redo cannot repeat, or --inputs without a folder; RV_ERROR_FILE: an input is missing. In cmd-redo.c. */
char **redo_command_line (GVariant *recipe, char **argv, GError **error);
/* (transfer full): the kernel lines of the recipe for rv_kernel_table_add_text(); "" if it has none. */
char *recipe_kernels (GVariant *recipe);
