/* completion.c -- reverie --completion bash|zsh|fish: completion of commands, options and their values, from the option
 * tables. The build installs all three. */
#include "cli/cli.h"
#include <stdio.h>
#include <string.h>

/* Called for each option of a command. */
typedef void (*OptionFunc) (const Command *command, const RvOption *option);

static void
each_option (const Command *command, OptionFunc func)
{
  g_autoptr (GPtrArray) options = options_of (command->options);
  for (guint i = 0; i < options->len; i++)
    func (command, options->pdata[i]);
}

/* (transfer full): the values of an option, separated by spaces. "": any text. */
static char *
words_of (const RvOption *option)
{
  const char *const *choices = rv_option_choices (option);
  return choices ? g_strjoinv (" ", (char **) choices) : g_strdup ("");
}

static gboolean
can_be_denied (const RvOption *option)
{
  return rv_option_type (option) == RV_OPTION_BOOL && !g_str_has_prefix (rv_option_name (option), "list-");
}

/* (transfer full): subcommands, separated by spaces. */
static char *
subcommands_of (const Command *command)
{
  GString *words = g_string_new (NULL);
  for (const Subcommand *row = command->subcommands; row && row->usage; row++) {
    g_autofree char *name = subcommand_name (row);
    g_string_append_printf (words, "%s%s", words->len ? " " : "", name);
  }
  return g_string_free (words, FALSE);
}

/* ---- bash -------------------------------------------------------------------------------------------------------- */

static void
bash_name (const Command *command, const RvOption *option)
{
  printf (" --%s", rv_option_name (option));
  if (can_be_denied (option))
    printf (" --no-%s", rv_option_name (option));
}

static void
bash_words (const Command *command, const RvOption *option)
{
  g_autofree char *words = words_of (option);
  if (*words)
    printf ("    %s:--%s) words=\"%s\" ;;\n", command->name, rv_option_name (option), words);
}

/* Prints the completion script for bash on standard output. It completes commands, except hidden ones, values after an
 * option, options, and subcommands; else files. Cannot fail. */
static void
print_bash (void)
{
  printf ("# bash completion for reverie\n_reverie() {\n"
          "  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} command=${COMP_WORDS[1]} words=\n"
          "  if [ \"$COMP_CWORD\" -eq 1 ]; then\n    COMPREPLY=($(compgen -W \"");
  for (int i = 0; commands[i]; i++)
    if (!commands[i]->hidden)
      printf ("%s ", commands[i]->name);
  printf ("--help --version\" -- \"$word\"))\n    return\n  fi\n  case $command:$before in\n");
  for (int i = 0; commands[i]; i++)
    each_option (commands[i], bash_words);
  printf ("  esac\n  if [ -z \"$words\" ] && [[ $word == -* ]]; then\n    case $command in\n");
  for (int i = 0; commands[i]; i++) {
    printf ("    %s) words=\"--help", commands[i]->name);
    each_option (commands[i], bash_name);
    printf ("\" ;;\n");
  }
  printf ("    esac\n  elif [ -z \"$words\" ] && [ \"$COMP_CWORD\" -eq 2 ]; then\n    case $command in\n");
  for (int i = 0; commands[i]; i++) {
    g_autofree char *words = subcommands_of (commands[i]);
    if (*words)
      printf ("    %s) words=\"%s\" ;;\n", commands[i]->name, words);
  }
  printf ("    esac\n  fi\n"
          "  [ -n \"$words\" ] && COMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n}\n"
          "complete -o bashdefault -o default -F _reverie reverie\n");
}

/* ---- zsh --------------------------------------------------------------------------------------------------------- */

/* Prints text inside brackets and single quotes. A quote closes the string, is escaped, and opens the string again. */
static void
print_zsh_text (const char *text)
{
  for (; *text; text++)
    if (*text == '\'')
      fputs ("'\\''", stdout);
    else
      printf ("%s%c", strchr ("[]:", *text) ? "\\" : "", *text);
}

/* OptionFunc. Prints an argument of _arguments: name, help, and values or files. Prints --no-NAME as well. */
static void
zsh_option (const Command *command, const RvOption *option)
{
  g_autofree char *words = words_of (option), *help = options_as_typed (rv_option_help (option));
  printf ("        '--%s%s[", rv_option_name (option), rv_option_type (option) == RV_OPTION_BOOL ? "" : "=");
  print_zsh_text (help);
  printf ("]");
  if (rv_option_type (option) != RV_OPTION_BOOL && *words)
    printf (":%s:(%s)", rv_option_name (option), words);
  else if (rv_option_type (option) != RV_OPTION_BOOL)
    printf (":%s:%s", rv_option_name (option), rv_option_type (option) == RV_OPTION_TEXT ? "_files" : "");
  printf ("' \\\n");
  if (can_be_denied (option))
    printf ("        '--no-%s' \\\n", rv_option_name (option));
}

/* Prints the completion script for zsh on standard output. Hidden commands are not completed, but their options are. */
static void
print_zsh (void)
{
  printf ("#compdef reverie\n# zsh completion for reverie\n_reverie() {\n  local -a commands=(\n");
  for (int i = 0; commands[i]; i++)
    if (!commands[i]->hidden) {
      printf ("    '%s:", commands[i]->name);
      print_zsh_text (commands[i]->summary);
      printf ("'\n");
    }
  printf (
    "  )\n  if (( CURRENT == 2 )); then\n    _describe command commands\n    return\n  fi\n  case $words[2] in\n");
  for (int i = 0; commands[i]; i++) {
    g_autofree char *subcommands = subcommands_of (commands[i]);
    printf ("    %s)\n      shift words; (( CURRENT-- ))\n      _arguments \\\n", commands[i]->name);
    each_option (commands[i], zsh_option);
    if (*subcommands)
      printf ("        '1:subcommand:(%s)' \\\n", subcommands);
    printf ("        '--help[show the options]' '*:file:_files' ;;\n");
  }
  printf ("  esac\n}\n_reverie \"$@\"\n");
}

/* ---- fish -------------------------------------------------------------------------------------------------------- */

/* Prints text inside single quotes. */
static void
print_fish_text (const char *text)
{
  for (; *text; text++)
    printf ("%s%c", strchr ("'\\", *text) ? "\\" : "", *text);
}

/* OptionFunc. Prints a line of the script for fish on standard output: name, letter, values and help of an option of
 * @command. A text without choices completes files, a number nothing. Cannot fail. */
static void
fish_option (const Command *command, const RvOption *option)
{
  g_autofree char *words = words_of (option), *help = options_as_typed (rv_option_help (option));
  printf ("complete -c reverie -n '__fish_seen_subcommand_from %s' -l %s", command->name, rv_option_name (option));
  if (rv_option_letter (option))
    printf (" -s %c", rv_option_letter (option));
  if (*words)
    printf (" -x -a '%s'", words);
  else if (rv_option_type (option) == RV_OPTION_TEXT)
    printf (" -r");
  else if (rv_option_type (option) != RV_OPTION_BOOL)
    printf (" -x");
  printf (" -d '");
  print_fish_text (help);
  printf ("'\n");
}

/* Prints the completion script for fish on standard output: commands, except hidden ones, subcommands and options. */
static void
print_fish (void)
{
  printf ("# fish completion for reverie\n");
  for (int i = 0; commands[i]; i++) {
    g_autofree char *subcommands = subcommands_of (commands[i]);
    if (commands[i]->hidden)
      continue;
    printf ("complete -c reverie -n __fish_use_subcommand -a %s -d '", commands[i]->name);
    print_fish_text (commands[i]->summary);
    printf ("'\n");
    if (*subcommands)
      printf ("complete -c reverie -n '__fish_seen_subcommand_from %s' -a '%s'\n", commands[i]->name, subcommands);
    each_option (commands[i], fish_option);
  }
}

int
completion_print (const char *shell)
{
  static const struct {
    const char *name;
    void (*print) (void);
  } shells[] = { { "bash", print_bash }, { "zsh", print_zsh }, { "fish", print_fish } };
  for (guint i = 0; i < G_N_ELEMENTS (shells); i++)
    if (shell && strcmp (shell, shells[i].name) == 0) {
      shells[i].print ();
      return EXIT_DONE;
    }
  fprintf (stderr, "reverie: completions are for bash, zsh and fish\n");
  return EXIT_USAGE;
}
