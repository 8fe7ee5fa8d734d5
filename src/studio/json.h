/* json.h -- JSON as it is said to others: members are added to a text, one call each.
 * Layer 8 (studio). */
#ifndef STUDIO_JSON_H
#define STUDIO_JSON_H

#include <glib.h>

/* @name: NULL in a list, and of the outermost. json_open, json_close: '{' and '}', or '[' and ']'. */
void json_open (GString *json, const char *name, char bracket);
void json_close (GString *json, char bracket);
/* json_text: a NULL is null. json_real: what is no number is null. json_raw: @value is JSON.
 * json_value: as rv_json_read() has it. */
void json_text (GString *json, const char *name, const char *value);
void json_int (GString *json, const char *name, gint64 value);
void json_real (GString *json, const char *name, double value);
void json_bool (GString *json, const char *name, gboolean value);
void json_raw (GString *json, const char *name, const char *value);

void json_value (GString *json, const char *name, GVariant *value);

#endif
