/* option.c -- settings tables: look up, read, check, print.
 *
 * Numbers are parsed and printed with g_ascii_*: no locale may change what a settings file or a recipe means.
 * Tests: tests/unit/test-base.c. */
#include "option.h"
#include "base/error.h"
#include "text.h"
#include <math.h>
#include <string.h>

const RvOption *
rv__option_find (const RvOption *table, const char *name)
{
  for (const RvOption *option = table; option->name; option++)
    if (strcmp (option->name, name) == 0)
      return option;
  for (const RvOption *option = table; option->name; option++)
    if (g_strcmp0 (option->old_name, name) == 0)
      return option;
  return NULL;
}

const RvOption *
rv__option_require (const RvOption *table, const char *name, GError **error)
{
  const RvOption *found = name ? rv__option_find (table, name) : NULL;
  if (found)
    return found;

  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  for (const RvOption *option = table; option->name; option++)
    g_ptr_array_add (names, (gpointer) option->name);
  g_ptr_array_add (names, NULL);

  const char *nearest = name ? rv_text_nearest (name, (const char *const *) names->pdata) : NULL;
  return rv__null (rv__error_setting (error, name, "there is no option '%s'%s%s%s", name ? name : "NULL",
                                      nearest ? "; did you mean '" : "", nearest ? nearest : "", nearest ? "'?" : ""));
}

/* Parses the number of an INT or REAL option and checks its range. RV_ERROR_SETTING; *number may then be changed. */
static gboolean
read_number (const RvOption *option, const char *text, double *number, GError **error)
{
  char *end = NULL;
  *number = g_ascii_strtod (text, &end);
  if (end == text || *end || !isfinite (*number))
    return rv__error_setting (error, option->name, "'%s' needs a number, not '%s'", option->name, text);
  if (option->type == RV_OPTION_INT && *number != floor (*number))
    return rv__error_setting (error, option->name, "'%s' needs a whole number, not '%s'", option->name, text);
  return (*number >= option->min && *number <= option->max) ||
         rv__error_setting (error, option->name, "'%s' must lie between %.15g and %.15g, not %s", option->name,
                            option->min, option->max, text);
}

/* Current name of the choice @text: new_choice if @text is its former name, else @text. Borrowed. */
static const char *
current_choice (const RvOption *option, const char *text)
{
  return option->old_choice && g_strcmp0 (text, option->old_choice) == 0 ? option->new_choice : text;
}

/* Whether @text is a choice of @option, the former name of one, or a file name with one of option->file_suffixes. FALSE
 * and RV_ERROR_SETTING, with the nearest choice and all of them. */
static gboolean
check_choice (const RvOption *option, const char *text, GError **error)
{
  const char *const *choices = rv_option_choices (option);
  if (g_strv_contains (choices, current_choice (option, text)))
    return TRUE;
  for (int i = 0; option->file_suffixes && option->file_suffixes[i]; i++)
    if (g_str_has_suffix (text, option->file_suffixes[i]))
      return TRUE;

  const char *nearest = rv_text_nearest (text, choices);
  g_autofree char *all = g_strjoinv (", ", (char **) choices);
  return rv__error_setting (error, option->name, "'%s': there is no '%s'%s%s%s (choose from: %s)", option->name, text,
                            nearest ? "; did you mean '" : "", nearest ? nearest : "", nearest ? "'?" : "", all);
}

gboolean
rv__option_check_seconds (const RvOption *option, const char *text, GError **error)
{
  double seconds;
  return rv__text_parse_seconds (text, &seconds) ||
         rv__error_setting (error, option->name, "'%s' must be a duration such as 90s, 20m or 3h, not '%.50s'",
                            option->name, text);
}

gboolean
rv__option_check_bytes (const RvOption *option, const char *text, GError **error)
{
  gsize bytes;
  return rv__text_parse_bytes (text, &bytes) ||
         rv__error_setting (error, option->name, "'%s' must be a size such as 800M or 2G, not '%.50s'", option->name,
                            text);
}

gboolean
rv_option_check (const RvOption *option, const char *value, double *number, GError **error)
{
  static const char *const yes[] = { "yes", "true", "on", "1", NULL };
  static const char *const no[] = { "no", "false", "off", "0", NULL };
  double unused;
  number = number ? number : &unused;
  value = value ? value : "";
  switch (option->type) {
  case RV_OPTION_INT:
  case RV_OPTION_REAL:
    return read_number (option, value, number, error);
  case RV_OPTION_BOOL:
    *number = g_strv_contains (yes, value);
    return *number == 1 || g_strv_contains (no, value) ||
           rv__error_setting (error, option->name, "'%s' needs yes or no, not '%s'", option->name, value);
  case RV_OPTION_CHOICE:
    return check_choice (option, value, error);
  case RV_OPTION_TEXT:
    break;
  }
  return !option->check || !*value || option->check (option, value, error);
}

gboolean
rv__option_set (const RvOption *table, void *settings, const char *name, const char *value, GError **error)
{
  const RvOption *option = rv__option_require (table, name, error);
  double number;
  if (!option || !rv_option_check (option, value, &number, error))
    return FALSE;

  void *field = (char *) settings + option->offset;
  char *copy;
  switch (option->type) {
  case RV_OPTION_INT:
    *(gint64 *) field = (gint64) number;
    break;
  case RV_OPTION_REAL:
    *(double *) field = number;
    break;
  case RV_OPTION_BOOL:
    *(gboolean *) field = number != 0;
    break;
  case RV_OPTION_CHOICE:
  case RV_OPTION_TEXT:
    value = current_choice (option, value);
    copy = value && *value ? g_strdup (value) : NULL; /* before the free: @value may be the old text */
    g_free (*(char **) field);
    *(char **) field = copy;
    break;
  }
  return TRUE;
}

char *
rv__option_get (const RvOption *table, const void *settings, const char *name)
{
  const RvOption *option = rv__option_find (table, name);
  char number[G_ASCII_DTOSTR_BUF_SIZE];
  if (!option)
    return NULL;

  const char *field = (const char *) settings + option->offset;
  switch (option->type) {
  case RV_OPTION_INT:
    return g_strdup_printf ("%" G_GINT64_FORMAT, *(const gint64 *) (const void *) field);
  case RV_OPTION_REAL:
    return g_strdup (g_ascii_formatd (number, sizeof number, "%.15g", *(const double *) (const void *) field));
  case RV_OPTION_BOOL:
    return g_strdup (*(const gboolean *) (const void *) field ? "yes" : "no");
  case RV_OPTION_CHOICE:
  case RV_OPTION_TEXT:
    break;
  }
  const char *text = *(char *const *) (const void *) field;
  return g_strdup (text ? text : "");
}

void
rv__option_defaults (const RvOption *table, void *settings)
{
  for (const RvOption *option = table; option->name; option++)
    if (option->def && !rv__option_set (table, settings, option->name, option->def, NULL))
      g_return_if_reached (); /* a default outside its own range */
}

/* Whether the field of @option is a char *, owned by the struct. */
static gboolean
is_text (const RvOption *option)
{
  return option->type == RV_OPTION_CHOICE || option->type == RV_OPTION_TEXT;
}

void
rv__option_clear (const RvOption *table, void *settings)
{
  for (const RvOption *option = table; option->name; option++)
    if (is_text (option))
      g_clear_pointer ((char **) (void *) ((char *) settings + option->offset), g_free);
}

void
rv__option_copy (const RvOption *table, const void *from, void *to)
{
  for (const RvOption *option = table; option->name; option++) {
    const void *field = (const char *) from + option->offset;
    void *copy = (char *) to + option->offset;
    if (is_text (option)) {
      const char *text = *(char *const *) field;
      *(char **) copy = text && *text ? g_strdup (text) : NULL;
    } else {
      memcpy (copy, field, option->type == RV_OPTION_BOOL ? sizeof (gboolean) : sizeof (gint64)); /* also REAL */
    }
  }
}

int
rv__choice (const char *const *choices, const char *name)
{
  for (int i = 0; choices[i]; i++)
    if (g_strcmp0 (choices[i], name) == 0)
      return i;
  return 0;
}
