/* error.c -- the error domain, and the options that an error is about. */
#include "base/error.h"
#include <string.h>

typedef struct {
  char **options; /* NULL: none */
} RvErrorPrivate;

static void
rv_error_private_init (RvErrorPrivate *private)
{
  private->options = NULL;
}

static void
rv_error_private_copy (const RvErrorPrivate *from, RvErrorPrivate *to)
{
  to->options = g_strdupv (from->options);
}

static void
rv_error_private_clear (RvErrorPrivate *private)
{
  g_strfreev (private->options);
}

G_DEFINE_EXTENDED_ERROR (RvError, rv_error)

const char *const *
rv_error_options (const GError *error)
{
  static const char *const none[] = { NULL };
  char **options = error && error->domain == RV_ERROR ? rv_error_get_private (error)->options : NULL;
  return options ? (const char *const *) options : none;
}

const char *
rv_error_option (const GError *error)
{
  return rv_error_options (error)[0];
}

gboolean
rv__error_with_options (GError **error, RvError code, const char *options, const char *format, ...)
{
  if (!error)
    return FALSE;
  va_list args;
  va_start (args, format);
  GError *made = g_error_new_valist (RV_ERROR, (int) code, format, args);
  va_end (args);
  rv_error_get_private (made)->options = options ? g_strsplit (options, ",", -1) : NULL;
  g_propagate_error (error, made); /* g_propagate_error() warns if *@error is set already */
  return FALSE;
}

gboolean
rv__error_propagate (GError **error, GError *own)
{
  g_propagate_error (error, own);
  return FALSE;
}

gboolean
rv__error_set_option (GError **error, const char *options)
{
  if (!error || !options || !g_error_matches (*error, RV_ERROR, RV_ERROR_SETTING))
    return FALSE;
  RvErrorPrivate *private = rv_error_get_private (*error);
  g_strfreev (private->options);
  private->options = g_strsplit (options, ",", -1);
  return FALSE;
}

void
rv__error_rename (GError *error, const char *option, const char *name)
{
  if (!error || error->domain != RV_ERROR)
    return;
  GString *message = g_string_new (error->message);
  g_autofree char *from = g_strdup_printf ("'%s'", option), *to = g_strdup_printf ("'%s'", name);
  g_string_replace (message, from, to, 0);
  g_free (error->message);
  error->message = g_string_free (message, FALSE);
  char **options = rv_error_get_private (error)->options;
  for (; options && *options; options++)
    if (strcmp (*options, option) == 0) {
      g_free (*options);
      *options = g_strdup (name);
    }
}
