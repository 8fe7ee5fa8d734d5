/* completion.c -- completion of commands, options and their values: "reverie --completion SHELL" prints a script that
 * calls "reverie --complete WORD..." for the completions of the last word. The build installs the scripts. */
#include "cli/cli.h"
#include <stdio.h>
#include <string.h>

/* Prints the text @before @word, with a tab and the help @about (nullable), if the text begins with @typed. */
static void
offer (const char *typed, const char *before, const char *word, const char *about)
{
  g_autofree char *whole = g_strconcat (before, word, NULL), *help = about ? options_as_typed (about) : NULL;
  if (g_str_has_prefix (whole, typed))
    printf ("%s%s%s\n", whole, help ? "\t" : "", help ? help : "");
}

/* Offers the subcommands of @command, or the words of the commands "NAME-WORD" that run instead, as far as they begin
 * with @typed. */
static void
offer_subcommands (const char *typed, const Command *command)
{
  g_autofree char *begin = g_strconcat (command->name, "-", NULL);
  for (const Subcommand *row = command->subcommands; row && row->usage; row++) {
    g_autofree char *name = subcommand_name (row);
    offer (typed, "", name, row->summary);
  }
  for (int i = 0; !command->run && commands[i]; i++)
    if (g_str_has_prefix (commands[i]->name, begin))
      offer (typed, "", commands[i]->name + strlen (begin), commands[i]->summary);
}

/* Offers --help and the options of @command, with --no-... for switches but --list-..., as far as they begin with
 * @typed. */
static void
offer_options (const char *typed, const Command *command)
{
  g_autoptr (GPtrArray) options = options_of (command->options);
  for (guint i = 0; i < options->len; i++) {
    const char *name = rv_option_name (options->pdata[i]);
    offer (typed, "--", name, rv_option_help (options->pdata[i]));
    if (rv_option_type (options->pdata[i]) == RV_OPTION_BOOL && !g_str_has_prefix (name, "list-"))
      offer (typed, "--no-", name, NULL);
  }
  offer (typed, "--", "help", "show the options");
}

/* Offers the choices of the option --NAME that the first @length bytes of @name spell, each with @before in front, as
 * far as they begin with @typed. TRUE also without choices. FALSE: no such option of @command, or one that takes no
 * value. */
static gboolean
offer_values (const char *typed, const char *before, const Command *command, const char *name, gsize length)
{
  g_autofree char *bare = g_str_has_prefix (name, "--") ? g_strndup (name + 2, length - 2) : NULL;
  const RvOption *option = bare ? options_find (command->options, bare) : NULL;
  const char *const *choices = option ? rv_option_choices (option) : NULL;
  for (int i = 0; choices && choices[i]; i++)
    offer (typed, before, choices[i], NULL);
  return option && rv_option_type (option) != RV_OPTION_BOOL;
}

void
completion_offer (int n_words, char **words)
{
  const char *typed = n_words > 0 ? words[n_words - 1] : "";
  gboolean at_equals = n_words > 2 && strcmp (typed, "=") == 0;
  const char *equals = g_str_has_prefix (typed, "--") ? strchr (typed, '=') : NULL;
  const Command *command = n_words > 1 ? command_find (words[0]) : NULL;
  if (command && !command->run && !command->rewrite && n_words > 2) /* explore style */
    command = command_find_sub (command, words[1]);
  const char *last = n_words > 2 ? words[n_words - 2] : "";
  if (n_words > 3 && strcmp (last, "=") == 0)
    last = words[n_words - 3];
  typed = at_equals ? "" : typed;
  if (n_words < 2) {
    for (int i = 0; commands[i]; i++)
      if (!commands[i]->hidden)
        offer (typed, "", commands[i]->name, commands[i]->summary);
    offer (typed, "", "--help", NULL);
    offer (typed, "", "--version", NULL);
  } else if (command && equals) {
    g_autofree char *before = g_strndup (typed, (gsize) (equals + 1 - typed));
    offer_values (typed, before, command, typed, (gsize) (equals - typed));
  } else if (command && !offer_values (typed, "", command, last, strlen (last))) {
    if (*typed == '-')
      offer_options (typed, command);
    else if (n_words == 2)
      offer_subcommands (typed, command);
  }
}

/* Completion scripts. If the program prints nothing, shells complete file names. Bash splits --name=value at the
 * "=". */
static const struct {
  const char *shell, *script;
} scripts[] = {
  { "bash", "_reverie() {\n"
            "  local IFS=$'\\n' words=(\"${COMP_WORDS[@]:1:COMP_CWORD}\")\n"
            "  COMPREPLY=($(\"${COMP_WORDS[0]}\" --complete \"${words[@]}\" 2>/dev/null | cut -f 1))\n"
            "}\n"
            "complete -o bashdefault -o default -F _reverie reverie\n" },
  { "zsh", "#compdef reverie\n"
           "local -a found=(\"${(@f)$(\"$words[1]\" --complete \"${(@)words[2,CURRENT]}\" 2>/dev/null)}\")\n"
           "local -a names=(\"${(@)found%%$'\\t'*}\") shown=(\"${(@)found/$'\\t'/  -- }\")\n"
           "if [[ -n $names ]]; then compadd -l -d shown -a names; else _files; fi\n" },
  { "fish", "function __reverie_complete\n"
            "  set -l words (commandline -opc)\n"
            "  set -l word (commandline -ct)\n"
            "  set -l found ($words[1] --complete $words[2..-1] \"$word\" 2>/dev/null)\n"
            "  if test (count $found) -gt 0\n"
            "    printf '%s\\n' $found\n"
            "  else\n"
            "    __fish_complete_path \"$word\"\n"
            "  end\n"
            "end\n"
            "complete -c reverie -f -a '(__reverie_complete)'\n" },
};

int
completion_print (const char *shell)
{
  for (guint i = 0; i < G_N_ELEMENTS (scripts); i++)
    if (g_strcmp0 (shell, scripts[i].shell) == 0)
      return fputs (scripts[i].script, stdout) < 0 ? EXIT_FAILED : EXIT_DONE;
  fprintf (stderr, "reverie: completions are for bash, zsh and fish\n");
  return EXIT_USAGE;
}
