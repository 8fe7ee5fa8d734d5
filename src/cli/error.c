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

char *
error_text (const GError *error)
{
  g_autoptr (GString) message = g_string_new (error->message);
  for (const char *const *option = rv_error_options (error); *option; option++) {
    g_autofree char *name = g_strdup_printf ("'%s'", *option), *typed = g_strconcat ("--", *option, NULL);
    g_string_replace (message, name, typed, 0);
  }
  return text_plain (message->str, FALSE); /* may quote a file */
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
  g_autofree char *message = error_text (error);
  fprintf (stderr, "reverie: %s\n", message);
  g_error_free (error);
  return code;
}
