/* options.c -- command line, --help and man page, from the option tables. */
#include "cli/cli.h"
#include <gio/gio.h>
#include <stdio.h>
#include <string.h>

static void
free_given (gpointer data)
{
  ParsedOption *given = data;
  g_free (given->value);
  g_free (given);
}

/* ---- options of one command -------------------------------------------------------------------------------------- */

/* RvOption of @row, the same at each call: created by the first one, never freed. Borrowed; never NULL. One thread
 * only. */
static const RvOption *
own_option (const RvOptionRow *row)
{
  static GHashTable *made;
  if (!made)
    made = g_hash_table_new (NULL, NULL);
  RvOption *option = g_hash_table_lookup (made, row);
  if (!option)
    g_hash_table_insert (made, (gpointer) row, option = rv_option_new (row));
  return option;
}

gboolean
options_check_own (const OptionTable *tables, const GPtrArray *given, GError **error)
{
  for (; tables->own || tables->kind; tables++)
    for (const RvOptionRow *row = tables->own; row && row->name; row++)
      for (guint i = 0; i < given->len; i++) {
        const ParsedOption *one = given->pdata[i];
        if (one->option == own_option (row) && !rv_option_check (one->option, one->value, NULL, error))
          return FALSE;
      }
  return TRUE;
}

/* ---- all options of a command ------------------------------------------------------------------------------------ */

GPtrArray *
options_of (const OptionTable *tables)
{
  GPtrArray *options = g_ptr_array_new ();
  for (; tables->own || tables->kind; tables++) {
    for (const RvOptionRow *row = tables->own; row && row->name; row++)
      g_ptr_array_add (options, (gpointer) own_option (row));
    gboolean begun = !tables->first;
    for (guint i = 0; tables->kind && i < rv_settings_n_options (tables->kind); i++) {
      const RvOption *option = rv_settings_option (tables->kind, i);
      begun = begun || strcmp (rv_option_name (option), tables->first) == 0;
      if (begun)
        g_ptr_array_add (options, (gpointer) option);
    }
  }
  return options;
}

const RvOption *
options_find (const OptionTable *tables, const char *name)
{
  g_autoptr (GPtrArray) options = options_of (tables);
  for (guint i = 0; i < options->len; i++)
    if (strcmp (rv_option_name (options->pdata[i]), name) == 0)
      return options->pdata[i];
  return NULL;
}

const RvOption *
options_find_saved (const OptionTable *tables, const char *name, const char *value)
{
  const RvOption *found = NULL;
  for (; tables->own || tables->kind; tables++) {
    const RvOption *option = tables->kind ? rv_settings_find_option (tables->kind, name) : NULL;
    for (const RvOptionRow *row = tables->own; !option && row && row->name; row++)
      if (strcmp (row->name, name) == 0 || g_strcmp0 (row->old_name, name) == 0)
        option = own_option (row);
    if (option && (strcmp (rv_option_name (option), name) == 0 || rv_option_check (option, value, NULL, NULL)))
      return option;
    found = found ? found : option;
  }
  return found;
}

/* (nullable): the option of @command with the letter @letter, as in -n; not 0. Borrowed. NULL: none. */
static const RvOption *
find_letter (const Command *command, char letter)
{
  g_autoptr (GPtrArray) options = options_of (command->options);
  for (guint i = 0; i < options->len; i++)
    if (rv_option_letter (options->pdata[i]) == letter)
      return options->pdata[i];
  return NULL;
}

/* ---- command line ------------------------------------------------------------------------------------------------ */

/* Appends @option with a copy of @value (nullable), unchecked, to @array (ParsedOption). */
static void
add_given (GPtrArray *array, const RvOption *option, const char *value)
{
  ParsedOption *given = g_new (ParsedOption, 1);
  *given = (ParsedOption){ option, g_strdup (value) };
  g_ptr_array_add (array, given);
}

/* (transfer full): "did you mean --size?" for @name "siez" of an option that @command lacks, or "see 'reverie COMMAND
 * --help'". */
static char *
option_hint (const Command *command, const char *name)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new (), options = options_of (command->options);
  for (guint i = 0; i < options->len; i++)
    g_ptr_array_add (names, (gpointer) rv_option_name (options->pdata[i]));
  g_ptr_array_add (names, NULL);
  const char *nearest = rv_text_nearest (name, (const char *const *) names->pdata);
  return nearest ? g_strdup_printf ("did you mean --%s?", nearest)
                 : g_strdup_printf ("see 'reverie %s --help'", command->name);
}

/* (nullable): the option of @command that "--@name" means, also by a former name. *is_off: (out): it is a switch, and
 * @name is "no-" and its name. Borrowed. NULL: none. */
static const RvOption *
find_long (const Command *command, const char *name, gboolean *is_off)
{
  const RvOption *option = options_find (command->options, name);
  const RvOption *former = option ? NULL : options_find_saved (command->options, name, "");
  *is_off = !option && !former && g_str_has_prefix (name, "no-") && !g_str_has_prefix (name, "no-list-");
  if (former || *is_off)
    option = options_find (command->options, former ? rv_option_name (former) : name + strlen ("no-"));
  return *is_off && option && rv_option_type (option) != RV_OPTION_BOOL ? NULL : option;
}

/* Whether @argument (nullable) is --NAME or --NAME=VALUE of an option of @command. */
static gboolean
is_long_option (const Command *command, const char *argument)
{
  gboolean is_off;
  g_autofree char *name =
    argument && g_str_has_prefix (argument, "--") ? g_strndup (argument + 2, strcspn (argument + 2, "=")) : NULL;
  return name && find_long (command, name, &is_off);
}

/* Whether the value of @option is the name of a file or folder, or may be one, by its placeholder. */
static gboolean
names_file (const RvOption *option)
{
  const char *unit = rv_option_unit (option);
  return unit && g_regex_match_simple ("(^|\\|)'?(DATA|FILE|FOLDER|OUT|PAGE|PICTURE)", unit, 0, 0);
}

/* Appends the option argv[*i], --NAME, --NAME=VALUE, --no-NAME or letters such as -fo, to @given. Without "=" a switch
 * is "yes", and another value is the next argument, to which *i then moves. RV_ERROR_SETTING: an unknown option, no
 * next argument, or one that is an option, or an empty file name. */
static gboolean
parse_option (const Command *command, int argc, char **argv, int *i, GPtrArray *given, GError **error)
{
  const char *typed = argv[*i];
  gboolean is_long = typed[1] == '-', is_off = FALSE;
  const char *equals = is_long ? strchr (typed, '=') : NULL;
  g_autofree char *name = g_strndup (typed + 2, strcspn (typed + 2, "="));
  for (const char *letter = typed + 1; *letter; letter += is_long ? strlen (letter) : 1) {
    const RvOption *option = is_long ? find_long (command, name, &is_off) : find_letter (command, *letter);
    gboolean is_switch = option && rv_option_type (option) == RV_OPTION_BOOL;
    if (!option || (is_off && equals)) {
      g_autofree char *hint = g_file_test (typed, G_FILE_TEST_EXISTS)
                                ? g_strconcat ("the file of that name is ./", typed, NULL)
                                : option_hint (command, typed + 2);
      return error_set (error, RV_ERROR_SETTING, "there is no option %s; %s", typed, hint);
    }
    if (!is_switch && !equals && (*i + 1 >= argc || is_long_option (command, argv[*i + 1])))
      return error_set (error, RV_ERROR_SETTING, "a value is missing after %s", typed);
    const char *value = is_off ? "no" : equals ? equals + 1 : is_switch ? "yes" : argv[++*i];
    if (!*value && names_file (option))
      return error_set (error, RV_ERROR_SETTING, "the file name of --%s is empty: a variable of a script may be unset",
                        rv_option_name (option));
    add_given (given, option, value);
  }
  return TRUE;
}

GPtrArray *
options_new (void)
{
  return g_ptr_array_new_with_free_func (free_given);
}

void
options_add (GPtrArray *given, const OptionTable *tables, const char *name, const char *value)
{
  const RvOption *option = options_find (tables, name);
  if (option)
    add_given (given, option, value);
}

/* ---- settings files ---------------------------------------------------------------------------------------------- */

/* (transfer full) (nullable): contents of a file or pipe. Stops soon after RV_JSON_MAX_BYTES: longer contents are cut,
 * which rv_json_read() then rejects. NULL with RV_ERROR_FILE: it cannot be read. */
static GByteArray *
read_bounded (const char *filename, GError **error)
{
  g_autoptr (GFile) file = g_file_new_for_path (filename);
  g_autoptr (GError) reason = NULL;
  g_autoptr (GFileInputStream) stream = g_file_read (file, NULL, &reason);
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  guint8 chunk[4096];
  gssize got = stream ? 1 : -1;
  while (got > 0 && bytes->len <= RV_JSON_MAX_BYTES) {
    got = g_input_stream_read (G_INPUT_STREAM (stream), chunk, sizeof chunk, NULL, &reason);
    g_byte_array_append (bytes, chunk, (guint) MAX (got, 0));
  }
  if (got >= 0)
    return g_steal_pointer (&bytes);
  return error_null (error, RV_ERROR_FILE, "cannot read the settings: %s", reason->message);
}

/* Reads the options of @command from a JSON object and inserts them at the front of @given, so that typed ones override
 * them. Accepts former names; values are not checked yet. FALSE, with some of them inserted: RV_ERROR_FILE: unreadable;
 * RV_ERROR_FORMAT: no JSON object, an unknown name, `settings`, or a value that is a list or object. */
static gboolean
read_settings_file (const Command *command, const char *filename, GPtrArray *given, GError **error)
{
  g_autoptr (GByteArray) bytes = read_bounded (filename, error);
  g_autoptr (GVariant) object = bytes ? rv_json_read ((const char *) bytes->data, bytes->len, filename, error) : NULL;
  if (!object)
    return FALSE;
  for (gsize i = 0; i < g_variant_n_children (object); i++) {
    const char *name;
    g_autoptr (GVariant) member = NULL;
    g_variant_get_child (object, i, "{&sv}", &name, &member);
    g_autofree char *value = rv_json_value_text (member);
    const RvOption *option = options_find_saved (command->options, name, value);
    g_autofree char *hint = option_hint (command, name);
    if (!option)
      return error_set (error, RV_ERROR_FORMAT, "%s: there is no option '%s'; %s", filename, name, hint);
    if (!value)
      return error_set (error, RV_ERROR_FORMAT, "%s: the value of '%s' must not be a list or an object", filename,
                        name);
    if (strcmp (rv_option_name (option), "settings") == 0)
      return error_set (error, RV_ERROR_FORMAT, "%s: a settings file cannot name another", filename);
    ParsedOption *entry = g_new (ParsedOption, 1);
    *entry = (ParsedOption){ option, g_steal_pointer (&value), TRUE };
    g_ptr_array_insert (given, (gint) i, entry);
  }
  return TRUE;
}

gboolean
options_parse (const Command *command, int argc, char **argv, GPtrArray **given, GPtrArray **args, GError **error)
{
  gboolean may_be_option = TRUE;
  *given = options_new ();
  *args = g_ptr_array_new ();
  for (int i = 0; i < argc; i++)
    if (strcmp (argv[i], "--") == 0)
      may_be_option = FALSE;
    else if (!*argv[i])
      return error_set (error, RV_ERROR_SETTING, "a file name is empty: a variable of a script may be unset");
    else if (!may_be_option || argv[i][0] != '-' || !argv[i][1])
      g_ptr_array_add (*args, argv[i]);
    else if (!parse_option (command, argc, argv, &i, *given, error))
      return FALSE;
  const char *settings = options_last (*given, "settings");
  if (settings && !read_settings_file (command, settings, *given, error))
    return FALSE;
  static const char *const outputs[] = { "output", "log",     "live",  "plot",         "timeline",
                                         "map",    "compare", "sheet", "regions-sheet" };
  for (guint i = 0; settings && i < G_N_ELEMENTS (outputs); i++)
    if (file_is_same (settings, options_last (*given, outputs[i])))
      return error_set (error, RV_ERROR_FILE, "%s is an input; write to another file", settings);
  return TRUE;
}

RvSettings *
options_settings (const GPtrArray *given, const char *kind, const char *preset, GError **error)
{
  g_autoptr (RvSettings) settings = rv_settings_new (kind, error);
  const char *typed = rv_settings_find_option (kind, "preset") ? options_last (given, "preset") : NULL;
  preset = typed ? typed : preset;
  if (!settings || (preset && !rv_settings_set (settings, "preset", preset, error)))
    return NULL;
  for (guint i = 0; i < given->len; i++) {
    const ParsedOption *one = given->pdata[i];
    const char *name = rv_option_name (one->option);
    if (rv_settings_find_option (kind, name) == one->option && strcmp (name, "preset") != 0 &&
        !rv_settings_set (settings, name, one->value, error)) {
      if (one->is_from_file)
        g_prefix_error (error, "%s: ", options_last (given, "settings"));
      return NULL;
    }
  }
  return g_steal_pointer (&settings);
}

int
options_threads (const RvSettings *settings)
{
  return (int) rv_settings_get_int (settings, "threads", NULL);
}

const char *
options_last (const GPtrArray *given, const char *name)
{
  const char *value = NULL;
  for (guint i = 0; i < given->len; i++) {
    const ParsedOption *one = given->pdata[i];
    if (strcmp (rv_option_name (one->option), name) == 0)
      value = one->value;
  }
  return value;
}

const char *
line_text (const CommandLine *line, const char *name)
{
  const RvOption *option = options_find (line->command->options, name);
  g_return_val_if_fail (option, NULL);
  const char *given = options_last (line->given, name), *text = given ? given : rv_option_default (option);
  return text && *text ? text : NULL;
}

double
line_number (const CommandLine *line, const char *name)
{
  const char *text = line_text (line, name);
  double number = 0;
  return text && rv_option_check (options_find (line->command->options, name), text, &number, NULL) ? number : 0;
}

gboolean
line_is_on (const CommandLine *line, const char *name)
{
  return line_number (line, name) != 0;
}

GPtrArray *
options_all (const GPtrArray *given, const char *name)
{
  GPtrArray *values = g_ptr_array_new ();
  for (guint i = 0; i < given->len; i++) {
    const ParsedOption *one = given->pdata[i];
    if (strcmp (rv_option_name (one->option), name) == 0)
      g_ptr_array_add (values, one->value);
  }
  return values;
}

/* ---- help -------------------------------------------------------------------------------------------------------- */

#define HELP_COLUMN 34
#define HELP_WIDTH 98

/* (transfer full): "-o, --output OUT": letter, name and placeholder of @option, as far as it has them. */
static char *
option_heading (const RvOption *option)
{
  char short_name = rv_option_letter (option);
  const char *unit = rv_option_unit (option);
  g_autofree char *letter = short_name ? g_strdup_printf ("-%c, ", short_name) : g_strdup ("");
  return g_strdup_printf ("%s--%s%s%s", letter, rv_option_name (option), unit ? " " : "", unit ? unit : "");
}

char *
options_as_typed (const char *text)
{
  g_autoptr (GRegex) quoted = g_regex_new ("'([a-z]+(-[a-z]+)*)'", 0, 0, NULL);
  return g_regex_replace (quoted, text, -1, 0, "--\\1", 0, NULL);
}

/* (transfer full): text of --help for an option: "help: choices [default]". Lists the choices only if the placeholder,
 * rv_option_unit(), has fewer than 6 characters: a longer one lists them itself. For a switch that is on by default,
 * names its --no- variant. Cannot fail. */
static char *
option_text (const RvOption *option)
{
  g_autofree char *help = options_as_typed (rv_option_help (option));
  GString *text = g_string_new (help);
  const char *const *choices = rv_option_choices (option);
  const char *def = rv_option_default (option);
  gboolean is_bool = rv_option_type (option) == RV_OPTION_BOOL;
  if (choices && strlen (rv_option_unit (option)) < 6) {
    g_autofree char *all = g_strjoinv (", ", (char **) choices);
    g_string_append_printf (text, ": %s", all);
  }
  if (is_bool && g_strcmp0 (def, "yes") == 0)
    g_string_append_printf (text, " [on; --no-%s turns it off]", rv_option_name (option));
  else if (def && !is_bool)
    g_string_append_printf (text, " [%s]", def);
  return g_string_free (text, FALSE);
}

/* Prints the words of @text on standard output between columns @indent and HELP_WIDTH, and a new line. @column: column
 * of the cursor. A word that is too long gets its own line. Cannot fail. */
static void
print_wrapped (const char *text, int indent, int column)
{
  g_auto (GStrv) words = g_strsplit (text, " ", -1);
  gboolean first = TRUE; /* the line has no word yet */
  for (char **word = words; *word; word++) {
    int length = (int) g_utf8_strlen (*word, -1);
    if (!first && column + 1 + length > HELP_WIDTH) {
      printf ("\n%*s", indent, "");
      column = indent;
      first = TRUE;
    }
    printf ("%s%s", first ? "" : " ", *word);
    column += length + !first;
    first = FALSE;
  }
  printf ("\n");
}

/* (transfer full): name of @command as users type it: "explore style". */
static char *
command_as_typed (const Command *command)
{
  return g_strdelimit (g_strdup (command->name), "-", ' ');
}

void
options_print_help (const Command *command)
{
  g_autofree char *name = command_as_typed (command);
  printf ("Usage: reverie %s %s\n\n", name, command->usage);
  print_wrapped (command->about, 0, 0);
  if (command->subcommands)
    printf ("\nSubcommands:\n");
  for (const Subcommand *row = command->subcommands; row && row->usage; row++)
    printf ("  %s\n      %s\n", row->usage, row->summary);
  if (command->examples)
    printf ("\nExamples:\n");
  for (int i = 0; command->examples && command->examples[i]; i += 2)
    printf ("  %s\n      %s\n", command->examples[i], command->examples[i + 1]);
  g_autoptr (GPtrArray) options = options_of (command->options);
  if (options->len > 0)
    printf ("\nOptions [defaults]:\n");
  for (guint i = 0; i < options->len; i++) {
    g_autofree char *heading = option_heading (options->pdata[i]), *text = option_text (options->pdata[i]);
    int length = printf ("  %s", heading);
    if (length >= HELP_COLUMN)
      printf ("\n%*s", HELP_COLUMN, "");
    else
      printf ("%*s", HELP_COLUMN - length, "");
    print_wrapped (text, HELP_COLUMN, HELP_COLUMN);
  }
}

/* (transfer full): @text with backslashes, "-" (a hyphen in roff) and a leading dot (a command in roff) escaped. */
static char *
roff (const char *text)
{
  GString *out = g_string_new (NULL);
  for (; *text; text++) {
    if (*text == '-' || *text == '\\')
      g_string_append_c (out, '\\');
    if (*text == '.' && out->len == 0)
      g_string_append (out, "\\&");
    g_string_append_c (out, *text);
  }
  return g_string_free (out, FALSE);
}

/* Prints a paragraph in roff: a text to type and its effect. */
static void
print_roff_pair (const char *typed, const char *effect)
{
  g_autofree char *line = roff (typed), *what = roff (effect);
  printf (".TP\n.B %s\n%s\n", line, what);
}

void
options_print_man (const Command *command)
{
  g_autofree char *upper = g_ascii_strup (command->name, -1), *usage = roff (command->usage);
  g_autofree char *about = roff (command->about), *name = command_as_typed (command);
  printf (".TH REVERIE\\-%s 1 \"\" \"Reverie %s\"\n.SH NAME\nreverie\\-%s \\- %s\n", upper, RV_VERSION, command->name,
          command->summary);
  printf (".SH SYNOPSIS\n.B reverie %s\n%s\n.SH DESCRIPTION\n%s\n", name, usage, about);
  if (command->subcommands)
    printf (".SH SUBCOMMANDS\n");
  for (const Subcommand *row = command->subcommands; row && row->usage; row++)
    print_roff_pair (row->usage, row->summary);
  g_autoptr (GPtrArray) options = options_of (command->options);
  if (options->len > 0)
    printf (".SH OPTIONS\n");
  for (guint i = 0; i < options->len; i++) {
    g_autofree char *heading = option_heading (options->pdata[i]), *text = option_text (options->pdata[i]);
    print_roff_pair (heading, text);
  }
  if (command->examples)
    printf (".SH EXAMPLES\n");
  for (int i = 0; command->examples && command->examples[i]; i += 2)
    print_roff_pair (command->examples[i], command->examples[i + 1]);
  printf (MAN_EXIT_STATUS);
}
