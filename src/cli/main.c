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
 * continue; this prints the reason. */
static void
on_lost_page (int signal_number)
{
  static const char line[] = "reverie: a file was cut short while it was being read; start again once it is complete\n";
  gssize told = write (STDERR_FILENO, line, sizeof line - 1);
  (void) told;
  _exit (EXIT_FAILED);
}

/* Prints the commands and the first lines to type. */
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

static const Command *
find_command (const char *name)
{
  static const char *const old[] = { "model", "explore-with" }, *const now[] = { "network", "explore-learned" };
  for (guint i = 0; i < G_N_ELEMENTS (old); i++)
    if (strcmp (name, old[i]) == 0) /* former name */
      name = now[i];
  for (int i = 0; commands[i]; i++)
    if (strcmp (commands[i]->name, name) == 0)
      return commands[i];
  return NULL;
}

static int
unknown_command (const char *name)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  for (int i = 0; commands[i]; i++)
    g_ptr_array_add (names, (gpointer) commands[i]->name);
  g_ptr_array_add (names, NULL);
  const char *nearest = rv_text_nearest (name, (const char *const *) names->pdata);
  text_print (stderr, "reverie: there is no command '%s'%s%s%s; 'reverie' alone lists them", name,
              nearest ? "; did you mean '" : "", nearest ? nearest : "", nearest ? "'?" : "");
  return EXIT_USAGE;
}

static int run_command (const Command *command, int argc, char **argv, GError **error);

/* Runs "explore style ..." as the command explore-style. */
static int
run_by_word (const Command *command, int argc, char **argv, GError **error)
{
  g_autofree char *name = g_strconcat (command->name, "-", argc > 0 ? argv[0] : "", NULL);
  const Command *other = find_command (name);
  if (other)
    return run_command (other, argc - 1, argv + 1, error);
  g_set_error (error, RV_ERROR, RV_ERROR_SETTING, "%s what? reverie %s %s", command->name, command->name,
               command->usage);
  return EXIT_FAILED;
}

/* Runs @command with its arguments, or what it is rewritten to, or its subcommand. --help and --man print instead.
 * Returns the exit code; main() prints @error. */
static int
run_command (const Command *command, int argc, char **argv, GError **error)
{
  g_autoptr (GPtrArray) given = NULL, args = NULL;

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
    return line ? run_command (find_command (line[0]), (int) g_strv_length (line) - 1, line + 1, error) : EXIT_FAILED;
  }
  if (!command->run)
    return run_by_word (command, argc, argv, error);
  return options_parse (command, argc, argv, &given, &args, error)
           ? command->run ((int) args->len, (char **) args->pdata, given, error)
           : EXIT_FAILED;
}

static int
run (int argc, char **argv, GError **error)
{
  if (argc < 2 || strcmp (argv[1], "--help") == 0 || strcmp (argv[1], "-h") == 0) {
    print_overview ();
    return argc < 2 ? EXIT_USAGE : EXIT_DONE;
  }
  if (strcmp (argv[1], "--version") == 0)
    return version_print (argc > 2 && strcmp (argv[2], "--verbose") == 0);
  if (strcmp (argv[1], "--completion") == 0)
    return completion_print (argv[2]);
  const Command *command = find_command (argv[1]);
  return command ? run_command (command, argc - 2, argv + 2, error) : unknown_command (argv[1]);
}

/* ---- ranks ------------------------------------------------------------------------------------------------------- */

/* Closes the terminal for a rank other than 0: only rank 0 reads standard input and prints. (transfer full): the former
 * standard error, for a rank that fails alone. */
static FILE *
keep_quiet (void)
{
  int said = dup (STDERR_FILENO), nothing = open ("/dev/null", O_RDWR | O_CLOEXEC);
  for (int fd = STDIN_FILENO; nothing >= 0 && fd <= STDERR_FILENO; fd++)
    dup2 (nothing, fd);
  return said >= 0 ? fdopen (said, "w") : NULL;
}

/* Ends this rank. Returns the exit code; prints and frees @error (nullable). If all ranks fail alike, rank 0 has
 * printed the error. A rank that fails alone prints its own to @said and aborts the others, which wait for it. */
static int
leave (FILE *said, GError *error, int code)
{
  g_autofree char *message = error ? text_plain (error->message, FALSE) : NULL;
  gboolean file = g_error_matches (error, RV_ERROR, RV_ERROR_FILE);
  int rank = rv_process_rank ();
  g_autofree char *host = text_plain (rv_process_host (rank), FALSE);
  if (error)
    code = error_print (error);
  if (rv_process_leave (code == EXIT_DONE ? 0 : PATIENCE_S))
    return code;
  if (rank > 0 && said)
    fprintf (said, "reverie: rank %d on %s: %s%s\n", rank, host, message ? message : "cannot go on",
             file ? "; pictures, weights and checkpoints must lie in a folder that every machine sees" : "");
  fflush (NULL);
  rv_process_abort (code);
  return code;
}

/* Whether the reader of a pipe on standard output has closed it, as `head` does. */
static gboolean
reader_left (void)
{
  struct pollfd out = { .fd = STDOUT_FILENO };
  return poll (&out, 1, 0) == 1 && (out.revents & POLLERR);
}

/* Whether standard output took all that was printed. It counts as printed if standard output was closed at the start
 * (now read-only, see rv_process_join()). */
static gboolean
has_printed (void)
{
  return (fflush (stdout) == 0 && !ferror (stdout)) || (fcntl (STDOUT_FILENO, F_GETFL) & O_ACCMODE) == O_RDONLY;
}

int
main (int argc, char **argv)
{
  signal (SIGXFSZ, SIG_IGN); /* turns a file that is too large into a write error */
  signal (SIGPIPE, SIG_IGN);
  signal (SIGBUS, on_lost_page);
  mallopt (M_MMAP_THRESHOLD, BIG_BLOCK_BYTES); /* fixed: large blocks return to the system when freed */
  mallopt (M_ARENA_MAX, 1);                    /* one heap for all threads: allocations are rare */
  g_setenv ("VIPS_WARNING", "0", FALSE);       /* libvips' warnings are not for users */

  GError *error = NULL;
  FILE *said = NULL;
  if (!rv_process_join (&error))
    return error_print (error);
  if (rv_process_rank () > 0)
    said = keep_quiet ();
  int code = run (argc, argv, &error);
  code = leave (said, error, code);
  if (!has_printed () && code == EXIT_DONE && !reader_left ()) {
    fprintf (stderr, "reverie: cannot write to standard output\n");
    return EXIT_FAILED;
  }
  return code;
}
