/* rows.c -- rows KIND...: prints all options of these kinds of jobs, each once. A line has the kind, the option's name,
 * its type, and a value other than the default, if the table gives one. */
#include <reverie/job.h>
#include <stdio.h>
#include <string.h>

static const char *const types[] = { "int", "real", "bool", "choice", "text" };

static void
print_other_value (const RvOption *option)
{
  const char *const *choices = rv_option_choices (option), *def = rv_option_default (option);
  double min = 0, max = 0, now = def ? g_ascii_strtod (def, NULL) : 0;
  char text[G_ASCII_DTOSTR_BUF_SIZE];
  if (rv_option_range (option, &min, &max) && rv_option_type (option) == RV_OPTION_INT)
    printf ("%.0f", now + 1 <= max ? MAX (now + 1, min) : now - 1);
  else if (rv_option_range (option, &min, &max))
    printf ("%s", g_ascii_formatd (text, sizeof text, "%.6g", now + 0.01 * (MIN (max, 1) - now)));
  else if (choices)
    printf ("%s", choices[def && strcmp (choices[0], def) == 0]);
  else if (rv_option_type (option) == RV_OPTION_BOOL)
    printf ("%s", g_strcmp0 (def, "yes") == 0 ? "no" : "yes");
}

int
main (int argc, char **argv)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal); /* tables that were printed */
  const char *table;
  for (int i = 1; i < argc; i++)
    for (guint k = 0; (table = rv_job_settings_kind (argv[i], k)); k++)
      for (guint o = 0, n = g_hash_table_add (seen, (gpointer) table) ? rv_settings_n_options (table) : 0; o < n; o++) {
        const RvOption *option = rv_settings_option (table, o);
        printf ("%s %s %s ", argv[i], rv_option_name (option), types[rv_option_type (option)]);
        print_other_value (option);
        printf ("\n");
      }
  return 0;
}
