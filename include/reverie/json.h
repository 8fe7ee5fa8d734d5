/* json.h -- JSON from anybody, such as a recipe or a settings file, as values of GLib.
 * Layer 0 (base). Implemented in src/base/json.c. Pure functions, for any thread. */
#ifndef RV_JSON_H
#define RV_JSON_H

#include <reverie/error.h>
G_BEGIN_DECLS

/** RV_JSON_MAX_BYTES: of a text; a longer one is refused. */
#define RV_JSON_MAX_BYTES ((gsize) 16 << 20)

/**
 * rv_json_read:
 * @json:   a JSON object, in UTF-8
 * @length: bytes; -1: it ends in 0
 * @what:   names it in messages: "settings.json", "the recipe of a.png"
 *
 * What RFC 8259 takes and no more, within bounds that a program survives: no name twice in an object, 64 brackets in
 * one another, a million values. Objects become a{sv} in the order of their names, lists av, texts s, whole numbers x,
 * others d, true and false b, null an empty mv; g_variant_lookup() has one by its name and type, or nothing. Errors:
 * %RV_ERROR_FORMAT, with the place of what is wrong. Returns: (transfer full) (nullable): a{sv}; g_variant_unref().
 * Since: 0.1
 */
RV_API GVariant *rv_json_read (const char *json, gssize length, const char *what, GError **error);

/** rv_json_value_text: (transfer full) (nullable): one of its values as a user would type it, for rv_settings_set();
 * NULL: it is a list, an object or null. Since: 0.1 */
RV_API char *rv_json_value_text (GVariant *value);

G_END_DECLS
#endif
