/* cmd-studio.c -- reverie studio [FOLDER]: the studio in the browser, until Ctrl-C. */
#include "cli/cli.h"
#include "studio/studio.h"
#include <glib-unix.h>

#define PORT 8642
#define MB (1 << 20)

static const RvOptionRow own_options[] = {
  { "port", 0, RV_OPTION_INT, G_STRINGIFY (PORT), 1, 65535, .unit = "NUMBER",
    .help = "port to listen on, or the next free one" },
  { "no-browser", 0, RV_OPTION_BOOL, .help = "only print the address" },
  { "max-upload", 0, RV_OPTION_INT, "64", 1, 4096, .unit = "MB", .help = "maximum size of an uploaded picture" },
  { "max-video", 0, RV_OPTION_INT, "1024", 1, 65536, .unit = "MB",
    .help = "maximum size of an uploaded video or network" },
  { "listen", 0, RV_OPTION_TEXT, .unit = "ADDRESS",
    .help = "accept connections from other machines at this address, without encryption" },
  { NULL },
};

/* GSourceFunc of SIGINT and SIGTERM; @data: the GMainLoop, which it ends. G_SOURCE_CONTINUE. */
static gboolean
on_interrupt (gpointer data)
{
  g_main_loop_quit (data);
  return G_SOURCE_CONTINUE;
}

/* Command.run. Runs the studio, the web interface, until Ctrl-C and prints its address, with --listen also a warning.
 * The folder of pictures is args[0], or Reverie in the user's folder of pictures. If a studio already runs for it,
 * prints the address of that studio and runs none. Opens the page in a browser unless --no-browser. EXIT_DONE in both
 * cases. RV_ERROR_FILE: another program uses the folder. @error may not be NULL. */
static int
cmd_studio (const CommandLine *line, GError **error)
{
  const char *pictures = g_get_user_special_dir (G_USER_DIRECTORY_PICTURES);
  g_autofree char *running = NULL, *home = g_build_filename (g_get_home_dir (), "Pictures", NULL),
                  *usual = g_build_filename (pictures ? pictures : home, "Reverie", NULL);
  const char *folder = line->n_args == 1 ? line->args[0] : usual;
  const char *listen = line_text (line, "listen");
  StudioOptions options = { folder, listen, (int) line_number (line, "port"),
                            (gint64) line_number (line, "max-upload") * MB,
                            (gint64) line_number (line, "max-video") * MB };
  if (!rv_process_start (0, error))
    return EXIT_FAILED;
  Studio *studio = studio_new (&options, &running, error);
  if (!studio && !running) {
    if (!*error)
      error_set (error, RV_ERROR_FILE, "%s is in use by another program", folder);
    return EXIT_FAILED;
  }
  const char *address = studio ? studio_address (studio) : running;
  puts (address);
  if (listen)
    printf ("WARNING: this address gives full access to the studio and its pictures to every machine that can reach "
            "this one. The connection is not encrypted.\n");
  fflush (stdout);
  if (!line_is_on (line, "no-browser")) {
    /* All users can see a browser's arguments, so the address has a code for one use, not the token. Errors are
     * ignored: the address is printed. */
    g_autofree char *once = studio_address_once (folder, address);
    const char *command[] = { "xdg-open", once, NULL };
    g_spawn_async (NULL, (char **) command, NULL,
                   G_SPAWN_SEARCH_PATH | G_SPAWN_STDOUT_TO_DEV_NULL | G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL, NULL,
                   NULL);
  }
  if (!studio)
    return EXIT_DONE;
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  guint sources[] = { g_unix_signal_add (SIGINT, on_interrupt, loop), g_unix_signal_add (SIGTERM, on_interrupt, loop) };
  g_main_loop_run (loop);
  for (guint i = 0; i < G_N_ELEMENTS (sources); i++)
    g_source_remove (sources[i]);
  studio_free (studio);
  return EXIT_DONE;
}

static const char *const examples[] = {
  "reverie studio",
  "open the studio in the browser; pictures are stored in your folder of pictures, under Reverie",
  "reverie studio ~/holiday --no-browser",
  "another folder; the address is printed, to be opened by hand",
  NULL,
};

const Command command_studio = {
  .name = "studio",
  .summary = "paint in the browser: drop a photograph and a painting on a page",
  .usage = "[FOLDER] [OPTIONS]",
  .about = "Opens a page in the browser that paints and dreams, and shows each picture during the run. No data leaves "
           "this machine, unless --listen lets others connect. Pictures are stored in FOLDER; the default is Reverie "
           "in your folder of pictures. Unfinished jobs continue when the studio is started again. Ctrl-C ends it.",
  .examples = examples,
  .options = { { own_options } },
  .wrong_args = "the studio takes one folder of pictures",
  .max_args = 1,
  .run = cmd_studio,
};
