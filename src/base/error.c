/* error.c -- the error domain, and which option an error is about. */
#include "base/error.h"

typedef struct {
  char *option; /* NULL: none */
} RvErrorPrivate;

static void
rv_error_private_init (RvErrorPrivate *private)
{
  private->option = NULL;
}

static void
rv_error_private_copy (const RvErrorPrivate *from, RvErrorPrivate *to)
{
  to->option = g_strdup (from->option);
}

static void
rv_error_private_clear (RvErrorPrivate *private)
{
  g_free (private->option);
}

G_DEFINE_EXTENDED_ERROR (RvError, rv_error)

const char *
rv_error_option (const GError *error)
{
  return error && error->domain == RV_ERROR ? rv_error_get_private (error)->option : NULL;
}

void
rv__error_setting (GError **error, const char *option, const char *format, ...)
{
  if (!error)
    return;
  va_list args;
  va_start (args, format);
  *error = g_error_new_valist (RV_ERROR, RV_ERROR_SETTING, format, args);
  va_end (args);
  rv_error_get_private (*error)->option = g_strdup (option);
}
