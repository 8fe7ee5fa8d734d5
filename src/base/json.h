/* json.h -- JSON from outside, read in one place: settings files, recipes, headers of weights, a training's history.
 * Layer 0 (base). What clients have of it: reverie/json.h. */
#ifndef RV_BASE_JSON_H
#define RV_BASE_JSON_H

#include <json-glib/json-glib.h>
#include <reverie/json.h>

#define RV_JSON_MAX_DEPTH 64
#define RV_JSON_MAX_VALUES 1000000 /* one in a tree takes about 100 bytes */

/* rv__json_object: (transfer full) (nullable): the object that the @length bytes at @text hold, which need not end in
 * 0; json_object_unref(). Takes what RFC 8259 takes, in UTF-8, and no more: no comments, single quotes or byte order
 * mark; and of that nothing that a tree does not hold as it is: no name twice in an object, no \u0000, no number beyond
 * 64 bits. @what names the text in messages ("settings.json", "the recipe of a.png"). NULL and RV_ERROR_FORMAT, with
 * the place of what is wrong, for anything else and beyond the bounds above. */
JsonObject *rv__json_object (const char *text, gsize length, const char *what, GError **error);

/* rv__json_value_text: (transfer full) (nullable): a plain value as a user would type it; NULL for a list, an object or
 * null. */
char *rv__json_value_text (JsonNode *node);

/* rv__json_add_text: a member of an object. Bytes of @text that are not UTF-8, such as in names of files, become U+FFFD
 * each: JSON has no others. */
void rv__json_add_text (JsonBuilder *json, const char *name, const char *text);

#endif
