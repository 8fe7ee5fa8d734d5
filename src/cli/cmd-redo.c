/* cmd-redo.c -- reverie redo PICTURE: runs the command again that made a picture, from its recipe, with changes.
 *
 * The recipe becomes a command line. The arguments after PICTURE follow it and thereby override it. Recipes are
 * untrusted: only names of settings and names of files without folders are read from them. */
#include "cli/saved-recipe.h"
#include <stdio.h>
#include <string.h>

#define MAX_INPUTS 500 /* more than fits into a recipe */

/* A command that can be run again, and the tables of settings that its recipe may contain. */
typedef struct {
  const char *command;
  gboolean dream;
  OptionTable tables[4];
} Redoable;

static const Redoable redoables[] = {
  { "style", FALSE, { { .kind = "style" }, { .kind = "style-video" } } },
  { "dream", TRUE, { { .kind = "dream" }, { .kind = "dreams" }, { .kind = "dream-video" } } },
  { "explore style", FALSE, { { .kind = "style" }, { .kind = "explore-style" } } },
  { "explore dream", TRUE, { { .kind = "dream" }, { .kind = "explore-dream" } } },
  { "explore learned", FALSE, { { .kind = "style" }, { .kind = "explore-learned" } } },
};

/* A picture to make again. All members are borrowed. */
typedef struct {
  const char *picture, *folder; /* @folder: of the inputs, from --inputs, or NULL */
  GVariant *recipe, *settings;  /* @settings: those of the recipe, or NULL */
  const Redoable *what;
  const GPtrArray *given; /* typed options without --inputs: ParsedOption */
  GPtrArray *style_nets;  /* files of --learned that were found */
  GPtrArray *args;        /* the command line so far */
} Redo;

/* Sets RV_ERROR_FORMAT: the recipe is damaged; @fault: what is wrong. Returns FALSE. */
static gboolean
fail_damaged (const Redo *redo, const char *fault, GError **error)
{
  return error_set (error, RV_ERROR_FORMAT, "the recipe of %s is damaged: %s", redo->picture, fault);
}

/* Whether the option @name, such as "size", is typed: also as a letter or under a former name. */
static gboolean
is_given (const Redo *redo, const char *name)
{
  return options_last (redo->given, name) != NULL;
}

/* (transfer full) (nullable): path of the file in @folder whose name is not UTF-8 and which recipes call @name, with
 * U+FFFD; NULL: none, or @folder cannot be read. */
static char *
find_not_utf8 (const char *folder, const char *name)
{
  g_autoptr (GDir) dir = strstr (name, "\xef\xbf\xbd") ? g_dir_open (folder, 0, NULL) : NULL; /* U+FFFD */
  for (const char *entry; dir && (entry = g_dir_read_name (dir));) {
    g_autofree char *valid = g_utf8_make_valid (entry, -1);
    if (strcmp (valid, name) == 0)
      return g_build_filename (folder, entry, NULL);
  }
  return NULL;
}

/* (transfer full) (nullable): path of the input file called @name: from the folder of --inputs, else that of the
 * picture, else the current one; never the picture itself. A file whose SHA-256 is @hash (nullable) precedes the others
 * of this name; without such a file, prints a warning on standard error. Also finds numbered frames (frame_%04d.png),
 * without comparing them, and a name that is not UTF-8, which a recipe has with U+FFFD. Begins with the folder, so that
 * a name such as "-q" is no option. RV_ERROR_FORMAT, with @fault: @name is NULL or has a folder. RV_ERROR_FILE: in none
 * of the folders, or unreadable. */
static char *
find_input (const Redo *redo, const char *name, const char *hash, const char *fault, GError **error)
{
  g_autofree char *own_folder = g_path_get_dirname (redo->picture), *base = name ? g_path_get_basename (name) : NULL,
                  *file = NULL;
  const char *folders[] = { redo->folder, own_folder, "." };
  gboolean is_same = FALSE; /* as in the run of the recipe */
  g_autoptr (GError) unreadable = NULL;
  RvVideoInfo video;
  RvFileHashes now;
  if (!name || strcmp (base, name) != 0 || strcmp (name, ".") == 0 || strcmp (name, "..") == 0) {
    fail_damaged (redo, fault, error);
    return NULL;
  }
  for (guint i = 0; !is_same && i < G_N_ELEMENTS (folders); i++) {
    g_autofree char *path = folders[i] ? g_build_filename (folders[i], name, NULL) : NULL;
    if (!path || file_is_same (path, redo->picture) || file_is_same (path, file))
      continue;
    gboolean is_file = g_file_test (path, G_FILE_TEST_IS_REGULAR),
             is_numbered = !is_file && rv_frame_is_pattern (path) && rv_video_probe (path, &video, NULL);
    g_autofree char *found = is_file || is_numbered ? g_steal_pointer (&path) : find_not_utf8 (folders[i], name);
    if (!found)
      continue;
    is_same =
      is_numbered || (rv_file_hashes (found, &now, file ? NULL : &unreadable) && g_strcmp0 (hash, now.sha256) == 0);
    if (is_same || !file) {
      g_free (file);
      file = g_steal_pointer (&found);
    }
  }
  if (!file)
    return error_null (error, RV_ERROR_FILE,
                       "%s was made from %s, which is not in its folder or the current one; --inputs FOLDER names "
                       "another",
                       redo->picture, name);
  if (!is_same && unreadable) {
    g_propagate_error (error, g_steal_pointer (&unreadable));
    return NULL;
  }
  if (!is_same)
    text_print (stderr, "reverie: %s has changed since %s was made", file, redo->picture);
  return g_steal_pointer (&file);
}

/* Appends the file of @input, a member of the recipe, to redo->args: as an argument, or as the option for its role. A
 * style network goes to redo->style_nets instead; a style picture of a dream becomes the option --style. Leaves out the
 * file if the option for its role is typed. RV_ERROR_FORMAT: a missing or unknown role. */
static gboolean
add_input (const Redo *redo, GVariant *input, GError **error)
{
  static const char *const options[] = { "init",      "guide",     "style",   "mask", "protect",
                                         "word-mask", "keyframes", "learned", NULL };
  const char *role = recipe_text (input, "role");
  if (!role)
    return fail_damaged (redo, "an input without a name", error);
  /* Former names are "key" and "where". */
  const char *option = strcmp (role, "painter") == 0                                 ? "learned"
                       : strcmp (role, "keyframe") == 0 || strcmp (role, "key") == 0 ? "keyframes"
                       : strcmp (role, "where") == 0                                 ? "word-mask"
                                                                                     : role;
  gboolean is_argument = strcmp (role, "content") == 0 || strcmp (role, "picture") == 0 ||
                         (strcmp (role, "style") == 0 && !redo->what->dream);
  if (!is_argument && !g_strv_contains (options, option))
    return fail_damaged (redo, "an unknown input", error);
  if (is_given (redo, option))
    return TRUE;
  g_autofree char *file =
    find_input (redo, recipe_text (input, "file"), recipe_text (input, "sha256"), "an input without a name", error);
  if (!file)
    return FALSE;
  if (is_argument)
    g_ptr_array_add (redo->args, g_steal_pointer (&file));
  else if (strcmp (option, "learned") == 0)
    g_ptr_array_add (redo->style_nets, g_steal_pointer (&file));
  else
    g_ptr_array_add (redo->args, g_strdup_printf ("--%s=%s", option, file));
  return TRUE;
}

/* Appends all inputs of the recipe to redo->args or style_nets, in order, by add_input(). RV_ERROR_FORMAT: no list of
 * inputs, more than MAX_INPUTS, or one that is no object. Some may be appended then. */
static gboolean
add_inputs (const Redo *redo, GError **error)
{
  g_autoptr (GVariant) inputs = recipe_list (redo->recipe, "inputs");
  if (!inputs)
    return fail_damaged (redo, "no inputs", error);
  if (g_variant_n_children (inputs) > MAX_INPUTS)
    return fail_damaged (redo, "too many inputs", error);
  for (gsize i = 0; i < g_variant_n_children (inputs); i++) {
    g_autoptr (GVariant) input = recipe_item (inputs, i);
    if (!input)
      return fail_damaged (redo, "an input without a name", error);
    if (!add_input (redo, input, error))
      return FALSE;
  }
  return TRUE;
}

/* (nullable): rest of @item, an item of --learned, after the file name @name: ":STYLE[:WEIGHT]", ":WEIGHT" or "".
 * Borrowed. NULL: the item names another file. */
static const char *
style_part (const char *item, const char *name)
{
  const char *rest = g_str_has_prefix (item, name) ? item + strlen (name) : "/";
  return (*rest == '\0' || *rest == ':') && !strchr (rest, G_DIR_SEPARATOR) ? rest : NULL;
}

/* (nullable): the setting `learned` of the recipe, also under its former name `with`. Borrowed. NULL: not set, or no
 * text. */
static const char *
learned_text (const Redo *redo)
{
  const char *text = recipe_text (redo->settings, "learned");
  return text ? text : recipe_text (redo->settings, "with"); /* former name */
}

/* Appends --learned to redo->args if the recipe has it, and it is not typed. Items of style network files get the paths
 * in redo->style_nets, from add_inputs(), in order; items of the built-in network, and "any", stay. Also terminates
 * redo->style_nets with NULL. RV_ERROR_FORMAT: the items name other files than the inputs. */
static gboolean
add_learned (const Redo *redo, GError **error)
{
  const char *learned = is_given (redo, "learned") ? NULL : learned_text (redo);
  guint n_style_nets = redo->style_nets->len, n_files = 0;
  g_ptr_array_add (redo->style_nets, NULL);
  g_auto (GStrv) items = rv_text_split_files (learned ? learned : "", (const char *const *) redo->style_nets->pdata);
  g_autoptr (GString) text = g_string_new ("--learned=");
  gboolean ok = TRUE;
  for (guint i = 0; ok && items[i]; i++) {
    gboolean any = strcmp (items[i], "any") == 0;
    const char *file = any ? "any" : "builtin", *rest = style_part (items[i], file);
    if (!rest && n_files < n_style_nets) {
      file = redo->style_nets->pdata[n_files++];
      g_autofree char *base = g_path_get_basename (file), *name = g_utf8_make_valid (base, -1);
      rest = style_part (items[i], name);
    }
    ok = rest != NULL;
    g_autofree char *escaped = rv_text_escape_commas (file);
    g_string_append_printf (text, "%s%s%s", i ? "," : "", escaped, rest ? rest : "");
  }
  if (!ok || n_files != n_style_nets)
    return fail_damaged (redo, "other style networks than it names", error);
  if (learned)
    g_ptr_array_add (redo->args, g_strdup (text->str));
  return TRUE;
}

/* Appends an option to redo->args for each setting of the recipe, under its present name; but not `learned`, nor `init`
 * if an input names its file, nor with a typed --preset the settings of the method, which that preset has. Without
 * settings appends none. RV_ERROR_FORMAT: the command lacks the setting, its value is no text or an unknown choice, or
 * `toward` names a folder. */
static gboolean
add_settings (const Redo *redo, GError **error)
{
  const Redoable *what = redo->what;
  gboolean new_preset = is_given (redo, "preset");
  const char *name, *value;
  for (gsize i = 0; recipe_member (redo->settings, i, &name, &value); i++) {
    if (strcmp (name, "learned") == 0 || strcmp (name, "with") == 0)
      continue; /* see add_learned() */
    const RvOption *option = options_find_saved (what->tables, name, value);
    if (!option && strcmp (name, "steer") == 0 && !g_str_has_prefix (what->command, "explore"))
      option = rv_settings_find_option ("state", name);
    if (!option || !value) {
      g_autofree char *what_else = g_strdup_printf ("an unknown setting '%s'", name);
      return fail_damaged (redo, what_else, error);
    }
    name = rv_option_name (option); /* former names are not typed */
    if (new_preset && rv_settings_find_option (what->tables[0].kind, name) == option)
      continue;
    if (strcmp (name, "preset") == 0 && strcmp (value, "gallery") == 0 &&
        !recipe_text (redo->settings, "content-target") && !learned_text (redo))
      value = "gallery1"; /* the present name of the former preset, which had neither setting */
    if (strcmp (name, "init") == 0 && strcmp (value, "picture") == 0)
      continue; /* an input names the file */
    if (strcmp (name, "toward") == 0 && strchr (value, G_DIR_SEPARATOR))
      return fail_damaged (redo, "a picture in a folder", error);
    if (rv_option_choices (option) && !rv_option_check (option, value, NULL, NULL)) /* a typed --init accepts a file */
      return fail_damaged (redo, "an unknown choice", error);
    if (rv_option_type (option) == RV_OPTION_BOOL)
      g_ptr_array_add (redo->args, g_strdup_printf ("--%s%s", strcmp (value, "yes") == 0 ? "" : "no-", name));
    else
      g_ptr_array_add (redo->args, g_strdup_printf ("--%s=%s", name, value));
  }
  return TRUE;
}

/* Appends @option, such as --weights, with the path of the file @name of the recipe's network to redo->args. @hash: see
 * find_input(). */
static gboolean
add_network_file (const Redo *redo, const char *option, const char *name, const char *hash, GError **error)
{
  g_autofree char *file = find_input (redo, name, hash, "a file in a folder", error);
  if (file)
    g_ptr_array_add (redo->args, g_strdup_printf ("%s=%s", option, file));
  return file != NULL;
}

/* Adds the recipe's --width and --height, --network or --weights (the network's file), --preprocessing, --labels and
 * --kernels to redo->args, as far as the recipe has them. Leaves out the size if --size, --width or --height is typed,
 * or for a sheet, whose size follows from its cells; --network if --weights is; --weights if --network or --weights is;
 * --preprocessing if --preprocessing is; --labels if --labels, --network or --weights is. --kernels becomes the first
 * option: a typed one overrides it. */
static gboolean
add_size_network_kernels (const Redo *redo, GError **error)
{
  g_autoptr (GVariant) used = recipe_object (redo->recipe, "network"), kernels = recipe_list (redo->recipe, "kernels");
  const char *network = recipe_text (used, "name");
  gboolean is_sheet = g_str_has_prefix (redo->what->command, "explore") || recipe_text (redo->settings, "atlas");
  gint64 width = recipe_number (redo->recipe, "width"), height = recipe_number (redo->recipe, "height");
  if (width > 0 && height > 0 && !is_sheet && !is_given (redo, "size") && !is_given (redo, "width") &&
      !is_given (redo, "height")) {
    g_ptr_array_add (redo->args, g_strdup_printf ("--width=%" G_GINT64_FORMAT, width));
    g_ptr_array_add (redo->args, g_strdup_printf ("--height=%" G_GINT64_FORMAT, height));
  }
  gboolean other_network = is_given (redo, "weights") || is_given (redo, "network");
  if (recipe_text (used, "file")) {
    if (!other_network &&
        !add_network_file (redo, "--weights", recipe_text (used, "file"), recipe_text (used, "sha256"), error))
      return FALSE;
  } else if (network && strcmp (network, "builtin") != 0 && strcmp (network, "any") != 0 && !is_given (redo, "weights"))
    g_ptr_array_add (redo->args, g_strdup_printf ("--network=%s", network));
  const char *preprocessing = recipe_text (used, "preprocessing"), *labels = recipe_text (used, "labels");
  if (preprocessing && !is_given (redo, "preprocessing"))
    g_ptr_array_add (redo->args, g_strdup_printf ("--preprocessing=%s", preprocessing));
  if (labels && !other_network && !is_given (redo, "labels") &&
      !add_network_file (redo, "--labels", labels, recipe_text (used, "labels_sha256"), error))
    return FALSE;
  if (kernels)
    g_ptr_array_insert (redo->args, 0, g_strdup_printf ("--kernels=%s", redo->picture));
  return TRUE;
}

/* (transfer container) (nullable): the arguments @argv without --inputs FOLDER, NULL-terminated, borrowed. *folder:
 * (out): the last such folder, borrowed; unchanged without --inputs. RV_ERROR_SETTING: --inputs without a folder;
 * RV_ERROR_FILE: there is no such folder. */
static GPtrArray *
read_changes (char **argv, const char **folder, GError **error)
{
  g_autoptr (GPtrArray) changes = g_ptr_array_new ();
  for (; *argv; argv++) {
    gboolean apart = strcmp (*argv, "--inputs") == 0;
    if (apart && !argv[1])
      return error_null (error, RV_ERROR_SETTING, "--inputs needs a folder");
    if (apart)
      *folder = *++argv;
    else if (g_str_has_prefix (*argv, "--inputs="))
      *folder = *argv + strlen ("--inputs=");
    else
      g_ptr_array_add (changes, *argv);
  }
  if (*folder && !g_file_test (*folder, G_FILE_TEST_IS_DIR))
    return error_null (error, RV_ERROR_FILE, "--inputs %s: there is no such folder", *folder);
  g_ptr_array_add (changes, NULL);
  return g_steal_pointer (&changes);
}

char **
redo_command_line (GVariant *recipe, char **argv, GError **error)
{
  const char *folder = NULL, *command = recipe_text (recipe, "command");
  g_autoptr (GPtrArray) changes = read_changes (argv + 1, &folder, error);
  if (!changes)
    return NULL;
  if (g_strcmp0 (command, "explore with") == 0) /* former name */
    command = "explore learned";
  g_autoptr (GPtrArray) style_nets = g_ptr_array_new_with_free_func (g_free),
                        args = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GVariant) settings = recipe_object (recipe, "settings");
  Redo redo = { argv[0], folder, recipe, settings, NULL, NULL, style_nets, args };
  for (guint i = 0; i < G_N_ELEMENTS (redoables); i++)
    if (g_strcmp0 (command, redoables[i].command) == 0)
      redo.what = &redoables[i];
  if (!command) {
    fail_damaged (&redo, "no command", error);
    return NULL;
  }
  if (!redo.what)
    return error_null (error, RV_ERROR_SETTING, "%s was made by 'reverie %.20s', which redo cannot repeat", argv[0],
                       command);
  g_autofree char *name = g_strdelimit (g_strdup (command), " ", '-'); /* "explore-style" */
  g_autoptr (GPtrArray) given = NULL, files = NULL;
  g_autoptr (GError) wrong = NULL;
  gboolean ok =
    options_parse (command_find (name), (int) changes->len - 1, (char **) changes->pdata, &given, &files, &wrong);
  redo.given = given;
  if (is_given (&redo, "settings")) /* its settings would precede those of the recipe */
    error_set (error, RV_ERROR_SETTING, "redo reads no settings file: type the settings as options");
  else if (!ok)
    g_propagate_error (error, g_steal_pointer (&wrong));
  else if (is_given (&redo, "learned") && !learned_text (&redo))
    error_set (error, RV_ERROR_SETTING, "%s was made without --learned: use 'reverie style PHOTO --learned STYLE'",
               argv[0]);
  else if (add_settings (&redo, error) && add_inputs (&redo, error) && add_learned (&redo, error) &&
           add_size_network_kernels (&redo, error)) {
    g_ptr_array_insert (args, 0, g_steal_pointer (&name));
    for (guint i = 0; i < changes->len; i++)
      g_ptr_array_add (args, g_strdup (changes->pdata[i])); /* also copies the NULL at the end */
    return (char **) g_ptr_array_free (g_steal_pointer (&args), FALSE);
  }
  return NULL;
}

/* Command.rewrite. Reads the recipe of the picture argv[0], and returns (transfer full) (nullable) the result of
 * redo_command_line(). RV_ERROR_SETTING: no picture, or an option before it. */
static char **
redo_arguments (int argc, char **argv, GError **error)
{
  if (argc < 1 || *argv[0] == '-')
    return error_null (error, RV_ERROR_SETTING, "%s: reverie redo PICTURE -o OUT [OPTIONS]",
                       argc < 1 ? "a picture is missing" : "the picture must come first");
  g_autoptr (GVariant) recipe = rv_process_start (1, error) ? recipe_read (argv[0], error) : NULL;
  return recipe ? redo_command_line (recipe, argv, error) : NULL;
}

/* Options for --help; read_changes() parses them. */
static const RvOptionRow own_options[] = {
  { "inputs", 0, RV_OPTION_TEXT, .unit = "FOLDER",
    .help = "folder of the input pictures [the picture's own, or the current one]" },
  { NULL },
};

static const char *const examples[] = {
  "reverie redo picture.png -o large.png --size 4096",
  "the same, larger",
  "reverie redo picture.png -o bolder.png --strength 80",
  "with a setting changed",
  "reverie redo picture.png -o again.png --inputs photos/",
  "with inputs in another folder",
  NULL,
};

const Command command_redo = {
  .name = "redo",
  .summary = "make a picture again, with changes",
  .usage = "PICTURE -o OUT [OPTIONS]",
  .about =
    "Reads the recipe of PICTURE and runs it again. Inputs are searched for in the folder of --inputs, then in that "
    "of PICTURE, then in the current one. A file with the SHA-256 of the recipe precedes others of its name; a "
    "warning names inputs that have changed. OPTIONS are those of the command that made PICTURE; they replace values "
    "and inputs of the recipe: --mask replaces all its masks.",
  .examples = examples,
  .options = { { own_options } },
  .rewrite = redo_arguments,
};
