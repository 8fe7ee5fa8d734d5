/* json-text.h -- writes JSON: each call appends a member to a text. Layer 8 (studio). */
#pragma once

#include <glib.h>

/* Opens an object ('{') or a list ('['). Here and below @name is NULL in a list and for the outermost value. */
void json_open (GString *json, const char *name, char bracket);
/* Closes the innermost objects ('}') and lists (']'), in the order of @brackets, such as "]}". */
void json_close (GString *json, const char *brackets);
/* Adds a string, with invalid UTF-8 replaced. @value: NULL becomes null. */
void json_text (GString *json, const char *name, const char *value);
/* Adds a list @name of @texts (nullable: empty), which end with NULL. */
void json_texts (GString *json, const char *name, const char *const *texts);
void json_int (GString *json, const char *name, gint64 value);
/* Adds a number with 9 digits. Numbers that are not finite become null. */
void json_real (GString *json, const char *name, double value);
void json_bool (GString *json, const char *name, gboolean value);
/* Adds the JSON text @value as it is. */
void json_raw (GString *json, const char *name, const char *value);
