/* json.h -- JSON from outside: settings files, recipes, headers of weights, a training's history.
 * Layer 0 (base). The public part is reverie/json.h. */
#pragma once

#include <json-glib/json-glib.h>
#include <reverie/json.h>

#define RV_JSON_MAX_DEPTH 64
#define RV_JSON_MAX_VALUES 1000000 /* each takes about 100 bytes in a tree */

/* (transfer full) (nullable): the JSON object in the @length bytes at @text, which need no final 0; free with
 * json_object_unref(). Accepts RFC 8259 in UTF-8 only: no comments, single quotes or byte order mark. Rejects names
 * that an object has twice, \u0000, and numbers beyond 64 bits: a tree cannot hold them. @what names the text in
 * messages ("settings.json"). NULL and RV_ERROR_FORMAT, with line and column of a fault of grammar, for anything else
 * and beyond RV_JSON_MAX_DEPTH, RV_JSON_MAX_VALUES and RV_JSON_MAX_BYTES. */
JsonObject *rv__json_object (const char *text, gsize length, const char *what, GError **error);

/* (transfer full) (nullable): a plain value as a user would type it: text as it is, "yes" or "no", or a number in the C
 * locale; NULL, without an error, for a list, an object or null. */
char *rv__json_value_text (JsonNode *node);

/* (nullable): the text @name of @object (nullable). NULL: missing, or of another type, lists and objects included.
 * Borrowed. */
const char *rv__json_text_member (JsonObject *object, const char *name);
/* The number @name of @object (nullable), real numbers cut to whole ones, true as 1; 0: missing, or of another type. */
gint64 rv__json_int_member (JsonObject *object, const char *name);
/* (nullable): the object in @node (nullable). NULL: no object. Borrowed. */
JsonObject *rv__json_node_object (JsonNode *node);
/* (nullable): the object @name of @object (nullable). NULL: missing, or of another type. Borrowed. */
JsonObject *rv__json_object_member (JsonObject *object, const char *name);
/* (nullable): the list @name of @object. NULL: missing, or of another type. Borrowed. */
JsonArray *rv__json_array_member (JsonObject *object, const char *name);

/* Adds the member @name to the object that is open in @json. Bytes of @text (not NULL) that are not UTF-8, for example
 * in file names, become U+FFFD. Cannot fail. */
void rv__json_add_text (JsonBuilder *json, const char *name, const char *text);
/* (transfer full): ends the outermost object of @json, and returns it as text without line breaks. Cannot fail. */
char *rv__json_finish (JsonBuilder *json);
