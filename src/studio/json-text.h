/* json-text.h -- writes JSON: each call appends a member to a text.
 * Layer 8 (studio). */
#ifndef STUDIO_JSON_H
#define STUDIO_JSON_H

#include <glib.h>

/* @name: NULL in a list and for the outermost value. @bracket: '{' or '['; in json_close() '}' or ']'. */
void json_open (GString *json, const char *name, char bracket);
void json_close (GString *json, char bracket);
/* @value: NULL for null. */
void json_text (GString *json, const char *name, const char *value);
void json_int (GString *json, const char *name, gint64 value);
/* Numbers that are not finite become null. */
void json_real (GString *json, const char *name, double value);
void json_bool (GString *json, const char *name, gboolean value);
/* @value: JSON. */
void json_raw (GString *json, const char *name, const char *value);

/* @value: see rv_json_read(). */
void json_value (GString *json, const char *name, GVariant *value);

#endif
