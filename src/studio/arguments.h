/* arguments.h -- names and types of the arguments of requests, for requests and for OpenAPI. Layer 8 (studio). */
#pragma once

#include <glib.h>

typedef enum {
  ARGUMENT_TEXT,
  ARGUMENT_WHOLE,  /* integer */
  ARGUMENT_NUMBER, /* real or integer */
  ARGUMENT_VALUE,  /* a setting: number, text or boolean */
  ARGUMENT_IDS,    /* an id, or a list of at most 8 ids; only texts, not checked further */
  ARGUMENT_OBJECT
} ArgumentType;

/* Type of the argument @name in any request. ARGUMENT_TEXT for unknown names. */
ArgumentType argument_type (const char *name);

/* (transfer full) (nullable): members of a JSON object, see rv_json_read(). @length 0: an empty object. @names:
 * permitted names, separated by ", "; NULL: none. RV_ERROR_SETTING: unknown name or wrong type; RV_ERROR_FORMAT: no
 * JSON object. */
GVariant *arguments_read (const char *json, gsize length, const char *names, GError **error);

/* (transfer full) (nullable): the member @name as a user would type it. NULL: missing, or a list or object. */
char *arguments_text (GVariant *arguments, const char *name);
/* (transfer full) (nullable): the ids in the member @name, which has the type ARGUMENT_IDS. Free with g_strfreev().
 * NULL: missing. */
char **arguments_ids (GVariant *arguments, const char *name);

/* (transfer full) (nullable): the job @json with @value (nullable: without any) as its setting @name. NULL: no JSON
 * object. *before: (out) (transfer full) (nullable): the former value; NULL: there was none, or no text. */
char *arguments_replace_setting (const char *json, const char *name, const char *value, char **before);

/* (transfer full): all members except @name, as a JSON object. */
char *arguments_without (GVariant *arguments, const char *name);
