/* shape-error.c -- the message for shapes that do not fit. */
#include "base/error.h"
#include "real.h"

gboolean
rv__shape_error (const char *op, const char *rule, int n_in, const RvShape *in, GError **error)
{
  g_autoptr (GString) shapes = g_string_new (NULL);
  for (int i = 0; i < n_in; i++) {
    g_autofree char *text = rv_shape_text (&in[i]);
    g_string_append_printf (shapes, "%s%s", i ? " and " : "", text);
  }
  return rv__error_set (error, RV_ERROR_SHAPE, "%s: %s, but got %s", op, rule, shapes->str);
}
