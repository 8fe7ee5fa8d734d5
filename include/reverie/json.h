/* json.h -- JSON from untrusted sources, such as a recipe or a settings file, as values of GLib.
 * Layer 0 (base). Implemented in src/base/json.c. Pure functions, for any thread. */
#ifndef RV_JSON_H
#define RV_JSON_H

#include <reverie/error.h>
G_BEGIN_DECLS

/** RV_JSON_MAX_BYTES: longest text that is read, 16 MiB; a longer one is refused. */
#define RV_JSON_MAX_BYTES ((gsize) 16 << 20)

/**
 * rv_json_read:
 * @json:   a JSON object, in UTF-8
 * @length: bytes; -1: @json ends with a zero
 * @what:   name of the text for messages: "settings.json", "the recipe of a.png"
 *
 * Reads JSON as RFC 8259 defines it, without extensions. Limits: each name once in an object, 64 nested brackets, a
 * million values. Objects become a{sv} in the order of their names, lists av, texts s, whole numbers x, other numbers
 * d, true and false b, null an empty mv. g_variant_lookup() finds a value by its name and type. Errors:
 * %RV_ERROR_FORMAT, with the position of the fault. Returns: (transfer full) (nullable): a{sv}; free with
 * g_variant_unref(). Since: 0.1
 */
RV_API GVariant *rv_json_read (const char *json, gssize length, const char *what, GError **error);

/** rv_json_value_text: (transfer full) (nullable): @value, one value of rv_json_read(), as a user would type it, for
 * rv_settings_set(): "yes" or "no", "70", a text as it is. NULL, without an error, for a list, an object or null.
 * Since: 0.1 */
RV_API char *rv_json_value_text (GVariant *value);

G_END_DECLS
#endif
