/* arguments.h -- what a request says besides its path: which names there are, and what each may be, for whoever reads
 * requests and for OpenAPI.
 * Layer 8 (studio). */
#ifndef STUDIO_ARGUMENTS_H
#define STUDIO_ARGUMENTS_H

#include <glib.h>

typedef enum {
  ARGUMENT_TEXT,
  ARGUMENT_WHOLE,  /* a whole number */
  ARGUMENT_NUMBER, /* any other, too */
  ARGUMENT_VALUE,  /* of a setting: a number, a text, true or false */
  ARGUMENT_IDS,    /* an id, or a list of them */
  ARGUMENT_OBJECT
} ArgumentType;

/* argument_type: of the argument of that name, wherever it is said. */
ArgumentType argument_type (const char *name);

/* arguments_read: (transfer full) (nullable): the members of a JSON object, as rv_json_read() has them, or of nothing,
 * which is an empty one. @names: of those that may be there, with ", " between them, or NULL: each is of its type, or
 * RV_ERROR_SETTING says which is not. */
GVariant *arguments_read (const char *json, gsize length, const char *names, GError **error);

/* Of one of them; NULL: it is not there. arguments_text: (transfer full): as a user would type it. arguments_ids:
 * (transfer full): of ARGUMENT_IDS. */
char *arguments_text (GVariant *arguments, const char *name);
char **arguments_ids (GVariant *arguments, const char *name);

/* arguments_without: (transfer full): all but one of them, as JSON. */
char *arguments_without (GVariant *arguments, const char *name);

#endif
