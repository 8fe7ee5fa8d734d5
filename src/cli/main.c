/* main.c -- finds the command and runs it. */
#include "cli/cli.h"
#include "cli/cli-list.h"
#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define BIG_BLOCK_BYTES (1 << 20)
#define PATIENCE_S 2 /* wait for other ranks that fail with the same error */
#define N_FIRST 5    /* commands shown with a summary: the first rows of the table */

#define X(name) extern const Command command_##name;
RV_COMMAND_ROWS (X)
#undef X

const Command *const commands[] = {
#define X(name) &command_##name,
  RV_COMMAND_ROWS (X)
#undef X
    NULL
};

/* SIGBUS: another program truncated a file that a library has mapped (libvips: pictures; weights). The run cannot
 * continue: prints the reason and ends the process with EXIT_FAILED. */
static void
on_lost_page (int signal_number)
{
  static const char line[] = "reverie: a file was truncated while it was read; start again once it is complete\n";
  gssize written = write (STDERR_FILENO, line, sizeof line - 1);
  (void) written;
  _exit (EXIT_FAILED);
}

/* GLogFunc: prints a message of the library, such as a lost GPU, like an error of the program. */
static void
on_message (const char *domain, GLogLevelFlags level, const char *text, gpointer unused)
{
  text_print (stderr, "reverie: %s", text);
}

int
version_print (gboolean verbose)
{
  printf ("reverie %s\n", RV_VERSION);
  if (!verbose)
    return EXIT_DONE;
  g_autofree char *text = rv_process_describe ();
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  for (char **line = lines; **line; line++) /* the last line is empty, as the text ends with a new line */
    printf ("  %s\n", *line);
  return EXIT_DONE;
}

/* Prints on standard output the first commands with summaries, names of others except hidden ones, and example
 * commands. */
static void
print_overview (void)
{
  printf ("Reverie %s: neural style transfer and DeepDream on an ordinary machine.\n\n", RV_VERSION);
  for (int i = 0; i < N_FIRST; i++)
    printf ("  reverie %-8s %s\n", commands[i]->name, commands[i]->summary);
  printf ("  more:   ");
  for (int i = N_FIRST; commands[i]; i++)
    if (!commands[i]->hidden)
      printf (" %s", commands[i]->name);
  printf ("\n\nStart here:\n"
          "  reverie style photo.jpg painting.jpg -o picture.png\n"
          "  reverie style photo.jpg painting.jpg -o large.png --size 2048 --dry-run\n"
          "  reverie dream photo.jpg -o dream.png\n"
          "  reverie vae train photos/ -o mine.safetensors\n"
          "  reverie network list\n\n"
          "'reverie COMMAND --help' shows a command's options, 'reverie --version --verbose' what runs here.\n");
}

/* Prints the man page of the program, which names the pages of its commands. */
static void
print_overview_man (void)
{
  printf (".TH REVERIE 1 \"\" \"Reverie %s\"\n.SH NAME\nreverie \\- neural style transfer, DeepDream and variational "
          "autoencoders\n.SH SYNOPSIS\n.B reverie\nCOMMAND [ARGUMENTS] [OPTIONS]\n.SH COMMANDS\n",
          RV_VERSION);
  for (int i = 0; commands[i]; i++)
    printf (".TP\n.BR reverie\\-%s (1)\n%s\n", commands[i]->name, commands[i]->summary);
  printf (MAN_EXIT_STATUS);
}

const Command *
command_find (const char *name)
{
  for (int i = 0; commands[i]; i++)
    if (strcmp (commands[i]->name, name) == 0 || g_strcmp0 (commands[i]->old_name, name) == 0)
      return commands[i];
  return NULL;
}

const Command *
command_find_sub (const Command *command, const char *word)
{
  g_autofree char *name = g_strconcat (command->name, "-", word, NULL);
  return command->run || command->rewrite ? NULL : command_find (name);
}

/* Prints that there is no command or option @name. Returns EXIT_USAGE. */
static int
unknown_command (const char *name)
{
  if (*name == '-') {
    text_print (stderr, "reverie: there is no option %s before a command; see 'reverie --help'", name);
    return EXIT_USAGE;
  }
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  for (int i = 0; commands[i]; i++)
    g_ptr_array_add (names, (gpointer) commands[i]->name);
  g_ptr_array_add (names, NULL);
  const char *nearest = rv_text_nearest (name, (const char *const *) names->pdata);
  text_print (stderr, "reverie: there is no command '%s'; %s%s%s", name,
              nearest ? "did you mean '" : "'reverie --help' lists all", nearest ? nearest : "", nearest ? "'?" : "");
  return EXIT_USAGE;
}

/* Sets *min and *max to the number of arguments in a usage text: "evaluate MODEL DATA" -> 2, 2; "verify [NAME|FILE...]"
 * -> 0, G_MAXINT. */
static void
count_arguments (const char *usage, int *min, int *max)
{
  g_auto (GStrv) words = g_strsplit (usage, " ", -1);
  *min = *max = 0;
  for (char **word = words + 1; *words && *word && (*word)[0] != '-' && !g_str_has_prefix (*word, "[-"); word++) {
    *min += (*word)[0] != '[';
    *max = strstr (*word, "...") ? G_MAXINT : *max + 1;
  }
}

char *
subcommand_name (const Subcommand *subcommand)
{
  return g_strndup (subcommand->usage, strcspn (subcommand->usage, " "));
}

/* Sets RV_ERROR_SETTING: @word is none of the subcommands @names (NULL-terminated), or NULL because it is missing. */
static void
set_subcommand_error (const char *command, const char *word, const char *const *names, GError **error)
{
  const char *nearest = word ? rv_text_nearest (word, names) : NULL;
  g_autofree char *all = g_strjoinv (", ", (char **) names);
  if (!word)
    error_set (error, RV_ERROR_SETTING, "a subcommand is missing: reverie %s with one of: %s", command, all);
  else
    error_set (error, RV_ERROR_SETTING, "there is no subcommand '%s'; %s%s%s", word,
               nearest ? "did you mean '" : "there are: ", nearest ? nearest : all, nearest ? "'?" : "");
}

/* (nullable): the subcommand args[0] of @command. Borrowed. RV_ERROR_SETTING if there is none, or the number of its
 * arguments does not fit its usage. */
static const Subcommand *
find_subcommand (const Command *command, int n_args, char **args, GError **error)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  for (const Subcommand *row = command->subcommands; row->usage; row++) {
    g_autofree char *name = subcommand_name (row);
    if (n_args > 0 && strcmp (args[0], name) == 0) {
      int min, max;
      count_arguments (row->usage, &min, &max);
      if (n_args - 1 >= min && n_args - 1 <= max)
        return row;
      return error_null (error, RV_ERROR_SETTING, "usage: reverie %s %s", command->name, row->usage);
    }
    g_ptr_array_add (names, g_steal_pointer (&name));
  }
  g_ptr_array_add (names, NULL);
  set_subcommand_error (command->name, n_args > 0 ? args[0] : NULL, (const char *const *) names->pdata, error);
  return NULL;
}

int
command_run (const Command *command, int n_args, char **args, const GPtrArray *given, GError **error)
{
  const Subcommand *subcommand = command->subcommands ? find_subcommand (command, n_args, args, error) : NULL;
  if (command->subcommands && !subcommand)
    return EXIT_FAILED;
  if (command->wrong_args && (n_args < command->min_args || n_args > command->max_args))
    return error_fail (error, RV_ERROR_SETTING, "%s", command->wrong_args);
  g_autoptr (RvSettings) settings = NULL;
  g_autofree char *name = subcommand ? subcommand_name (subcommand) : NULL;
  int n_names = subcommand != NULL;
  gboolean ok = options_check_own (command->options, given, error) &&
                (!command->settings || (settings = options_settings (given, command->settings, NULL, error)));
  const CommandLine line = { n_args - n_names, n_names ? args + 1 : args, command, given, settings, subcommand, name };
  return ok ? command->run (&line, error) : EXIT_FAILED;
}

/* Sets RV_ERROR_SETTING: @word (NULL: none) is no subcommand of @command, which other commands run. */
static void
set_no_subcommand (const Command *command, const char *word, GError **error)
{
  g_autofree char *prefix = g_strconcat (command->name, "-", NULL);
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  for (int i = 0; commands[i]; i++)
    if (g_str_has_prefix (commands[i]->name, prefix))
      g_ptr_array_add (names, (gpointer) (commands[i]->name + strlen (prefix)));
  g_ptr_array_add (names, NULL);
  set_subcommand_error (command->name, word, (const char *const *) names->pdata, error);
}

/* Runs @command with @argv, the arguments after its name; or the command line it is rewritten to, or its subcommand.
 * --help, -h and --man only print, which is EXIT_DONE. EXIT_FAILED has @error, whose own exit code main() uses, or none
 * if the command has printed it. EXIT_INTERRUPTED has none. */
static int
run_command (const Command *command, int argc, char **argv, GError **error)
{
  g_autoptr (GPtrArray) given = NULL, args = NULL;
  const Command *other = argc > 0 ? command_find_sub (command, argv[0]) : NULL;

  if (other)
    return run_command (other, argc - 1, argv + 1, error);
  for (int i = 0; i < argc && strcmp (argv[i], "--") != 0; i++) {
    if (strcmp (argv[i], "--help") == 0 || strcmp (argv[i], "-h") == 0) {
      options_print_help (command);
      return EXIT_DONE;
    }
    if (strcmp (argv[i], "--man") == 0) {
      options_print_man (command);
      return EXIT_DONE;
    }
  }
  if (command->rewrite) {
    g_auto (GStrv) line = command->rewrite (argc, argv, error);
    return line ? run_command (command_find (line[0]), (int) g_strv_length (line) - 1, line + 1, error) : EXIT_FAILED;
  }
  if (!command->run) {
    set_no_subcommand (command, argc > 0 && *argv[0] != '-' ? argv[0] : NULL, error);
    return EXIT_FAILED;
  }
  return options_parse (command, argc, argv, &given, &args, error)
           ? command_run (command, (int) args->len, (char **) args->pdata, given, error)
           : EXIT_FAILED;
}

/* Runs the command argv[1], or an option of the program itself, such as --version. Returns the exit code. EXIT_USAGE
 * without @error: no command, which prints the overview; an unknown one, or an unknown shell for --completion, which
 * prints a message. */
static int
run (int argc, char **argv, GError **error)
{
  if (argc < 2 || strcmp (argv[1], "--help") == 0 || strcmp (argv[1], "-h") == 0) {
    print_overview ();
    return argc < 2 ? EXIT_USAGE : EXIT_DONE;
  }
  if (strcmp (argv[1], "--version") == 0)
    return version_print (argc > 2 && strcmp (argv[2], "--verbose") == 0);
  if (strcmp (argv[1], "--man") == 0) {
    print_overview_man ();
    return EXIT_DONE;
  }
  if (strcmp (argv[1], "--completion") == 0)
    return completion_print (argv[2]);
  if (strcmp (argv[1], "--complete") == 0) {
    completion_offer (argc - 2, argv + 2);
    return EXIT_DONE;
  }
  const Command *command = command_find (argv[1]);
  return command ? run_command (command, argc - 2, argv + 2, error) : unknown_command (argv[1]);
}

/* ---- ranks ------------------------------------------------------------------------------------------------------- */

/* Ends the run of this process, one of several ranks or the only one; collective. Prints and frees @error (nullable).
 * Returns the exit code: that of @error, else @code. Waits for all ranks; unless that code is EXIT_DONE, at most
 * PATIENCE_S, as all may fail alike. If some have not come by then, a rank above 0 prints the error to @saved_stderr
 * (nullable). Each rank then aborts all ranks, which may wait for this one: does not return. */
static int
end_rank (FILE *saved_stderr, GError *error, int code)
{
  g_autofree char *message = error ? text_plain (error->message, FALSE) : NULL;
  gboolean file = g_error_matches (error, RV_ERROR, RV_ERROR_FILE);
  int rank = rv_process_rank ();
  g_autofree char *host = text_plain (rv_process_host (rank), FALSE);
  if (error)
    code = error_print (error);
  if (rv_process_leave (code == EXIT_DONE ? 0 : PATIENCE_S))
    return code;
  if (rank > 0 && saved_stderr)
    fprintf (saved_stderr, "reverie: rank %d on %s: %s%s\n", rank, host, message ? message : "cannot continue",
             file ? "; pictures, weights and checkpoints must be in a folder that all machines share" : "");
  fflush (NULL);
  rv_process_abort (code);
  return code;
}

int
main (int argc, char **argv)
{
  signal (SIGXFSZ, SIG_IGN); /* turns a file that is too large into a write error */
  signal (SIGPIPE, SIG_IGN);
  signal (SIGBUS, on_lost_page);
  g_log_set_handler (G_LOG_DOMAIN, G_LOG_LEVEL_MESSAGE, on_message, NULL);
  mallopt (M_MMAP_THRESHOLD, BIG_BLOCK_BYTES); /* fixed: large blocks return to the system when freed */
  mallopt (M_ARENA_MAX, 1);                    /* one heap for all threads: allocations are rare */
  g_setenv ("VIPS_WARNING", "0", FALSE);       /* libvips' warnings are not for users */

  GError *error = NULL;
  FILE *saved_stderr = NULL;
  if (!rv_process_join (&error))
    return error_print (error);
  if (rv_process_rank () > 0) { /* only rank 0 uses the terminal */
    int copy = dup (STDERR_FILENO), nothing = open ("/dev/null", O_RDWR | O_CLOEXEC);
    for (int fd = STDIN_FILENO; nothing >= 0 && fd <= STDERR_FILENO; fd++)
      dup2 (nothing, fd);
    saved_stderr = copy >= 0 ? fdopen (copy, "w") : NULL;
  }
  int code = run (argc, argv, &error);
  code = end_rank (saved_stderr, error, code);
  /* Standard output is read-only if it was closed at the start, see rv_process_join(). */
  gboolean has_printed =
    (fflush (stdout) == 0 && !ferror (stdout)) || (fcntl (STDOUT_FILENO, F_GETFL) & O_ACCMODE) == O_RDONLY;
  struct pollfd out = { .fd = STDOUT_FILENO };
  gboolean reader_has_closed = poll (&out, 1, 0) == 1 && (out.revents & POLLERR); /* of a pipe, as `head` does */
  if (!has_printed && code == EXIT_DONE && !reader_has_closed) {
    fprintf (stderr, "reverie: cannot write to standard output\n");
    return EXIT_FAILED;
  }
  return code;
}
