/* error.c -- error messages and exit codes. */
#include "cli/cli.h"

gboolean
error_set (GError **error, RvError code, const char *format, ...)
{
  va_list args;
  va_start (args, format);
  g_autofree char *message = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error_literal (error, RV_ERROR, code, message);
  return FALSE;
}

/* (transfer full): the library's message with option names as users type them. */
static char *
add_dashes (const GError *error)
{
  GString *message = g_string_new (error->message);
  for (const char *const *option = rv_error_options (error); *option; option++) {
    g_autofree char *name = g_strdup_printf ("'%s'", *option), *typed = g_strconcat ("--", *option, NULL);
    g_string_replace (message, name, typed, 0);
  }
  return g_string_free (message, FALSE);
}

char *
error_text (const GError *error)
{
  g_autofree char *text = add_dashes (error);
  return text_plain (text, FALSE); /* may quote a file */
}

void
error_append (GError *error, const char *hint)
{
  char *message = g_strconcat (error->message, hint, NULL);
  g_free (error->message);
  error->message = message;
}

int
error_print (GError *error)
{
  ExitCode code = g_error_matches (error, RV_ERROR, RV_ERROR_SETTING)     ? EXIT_USAGE
                  : g_error_matches (error, RV_ERROR, RV_ERROR_CANCELLED) ? EXIT_INTERRUPTED
                                                                          : EXIT_FAILED;
  g_autofree char *message = add_dashes (error);
  text_print (stderr, "reverie: %s", message);
  g_error_free (error);
  return code;
}
