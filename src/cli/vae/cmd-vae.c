/* cmd-vae.c -- reverie vae: chooses the subcommand; shared functions. */
#include "cmd-vae.h"
#include <dirent.h>
#include <errno.h>
#include <string.h>

/* Choices of --kind: static, NULL-terminated. */
static const char *const *
kinds (void)
{
  static const char *const names[] = { "vae", "patches", NULL };
  return names;
}

static const RvOptionRow own_options[] = {
  { "output", 'o', RV_OPTION_TEXT, .unit = "OUT", .help = "the model, picture or table to write" },
  { "kind", 0, RV_OPTION_CHOICE, "vae", .unit = "vae|patches",
    .help = "train: a VAE, or patches of usual pictures, which only score uses", .choices = kinds },
  { "size", 0, RV_OPTION_INT, "64", 28, 1024, .unit = "PX",
    .help =
      "folder of pictures: side to which they are scaled, at most 128; patches: the shorter side, 256 unless given" },
  { "channels", 0, RV_OPTION_INT, "3", 1, 3, .unit = "1|3", .help = "folder of pictures: grey or RGB" },
  { "condition", 0, RV_OPTION_TEXT, .unit = "FILE|labels|subfolders",
    .help =
      "train: train a conditional model, with the labels of DATA (subfolders or IDX) or of FILE (IDX, or a CSV of file "
      "names and labels). With such a model: the labels of DATA, by default its own; subfolders: also read pictures in "
      "subfolders, but no labels" },
  { "label", 0, RV_OPTION_TEXT, .unit = "LABEL",
    .help = "label of all pictures, for a conditional model; info lists its labels" },
  { "resume", 0, RV_OPTION_BOOL, .help = "continue from OUT's checkpoint, if it exists" },
  { "save-every", 0, RV_OPTION_INT, "1", 1, 1e6, .unit = "EPOCHS",
    .help = "write a checkpoint, samples and curves every EPOCHS epochs" },
  { "log", 0, RV_OPTION_TEXT, .unit = "FILE", .help = "one JSON object a line for each epoch" },
  { "count", 'n', RV_OPTION_INT, NULL, 1, 10000, .unit = "COUNT",
    .help = "pictures to sample [64] or reconstruct [10], cells along a side of a manifold [20]" },
  { "temperature", 0, RV_OPTION_REAL, "1", 0, 100, .unit = "FACTOR",
    .help = "sampling: below 1 gives more usual pictures" },
  { "samples", 'k', RV_OPTION_INT, "100", 0, 1e6, .unit = "COUNT",
    .help = "K of the importance-weighted log-likelihood; 0: leave it out" },
  { "steps", 0, RV_OPTION_INT, "10", 2, 10000, .unit = "COUNT",
    .help = "pictures of an interpolation, of an edit, or of a row of a walk" },
  { "spherical", 0, RV_OPTION_BOOL, .help = "interpolate along the sphere, not the straight line" },
  { "reach", 0, RV_OPTION_REAL, "2", 0, 100, .unit = "SIGMAS",
    .help = "largest distance of a walk or a manifold from 0; of an edit, in differences of the folders" },
  { "coreset", 0, RV_OPTION_REAL, "10", 0.001, 100, .unit = "PERCENT",
    .help = "patches: part of all positions that the model keeps" },
  { "false-alarms", 0, RV_OPTION_TEXT, "1%", .unit = "PART",
    .help = "score: part of usual pictures that may be above the threshold" },
  { "normal", 0, RV_OPTION_TEXT, .unit = "DATA",
    .help = "score: usual pictures for the threshold, instead of those that training held back" },
  { "map", 0, RV_OPTION_TEXT, .unit = "'OUT/{name}.png'",
    .help = "score: a map for each picture, bright where the picture is unusual" },
  { "sheet", 0, RV_OPTION_TEXT, .unit = "OUT",
    .help = "score: the 24 most unusual pictures, red where they are unusual" },
  { "settings", 0, RV_OPTION_TEXT, .unit = "FILE",
    .help = "options from a JSON object, such as {\"latent\": 2}; typed options override them" },
  { "force", 'f', RV_OPTION_BOOL, .help = "replace OUT if it exists" },
  { "quiet", 'q', RV_OPTION_BOOL, .help = "print no progress" },
  { NULL },
};

static const Subcommand subcommands[] = {
  { "train DATA -o MODEL.safetensors", "train a model on many small pictures", vae_train },
  { "evaluate MODEL DATA", "ELBO, log-likelihood and active units on data", vae_evaluate },
  { "sample MODEL -o OUT.png", "new pictures", vae_picture },
  { "reconstruct MODEL DATA -o OUT.png", "pictures, and what the model makes of them", vae_picture },
  { "interpolate MODEL A B -o OUT.png", "from one picture to another", vae_picture },
  { "edit MODEL PICTURE WITH WITHOUT -o OUT.png",
    "a picture with less and more of an attribute: pictures in the folder WITH have it, in WITHOUT not", vae_picture },
  { "walk MODEL -o OUT.png", "one row for each latent dimension", vae_picture },
  { "manifold MODEL -o OUT.png", "the map of a model with two latent dimensions", vae_picture },
  { "scatter MODEL DATA -o OUT.svg|.png", "latent means, coloured by label", vae_picture },
  { "encode MODEL DATA -o OUT.csv|.safetensors", "pictures to latent means and log variances", vae_encode },
  { "decode MODEL CODES -o OUT.png", "latent vectors to pictures", vae_picture },
  { "score MODEL PICTURES... [-o OUT.csv]", "how unusual pictures are, and where", vae_score },
  { "info MODEL", "what is in a model", vae_info },
  { "export MODEL -o PAGE.html", "one page with the decoder, to be explored in any browser", vae_export },
  { NULL },
};

/* ---- shared ------------------------------------------------------------------------------------------------------ */

/* Comparison of strings by bytes, for g_ptr_array_sort(): below, equal to or above 0. */
static int
compare_texts (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

GPtrArray *
vae_list_files (const char *source, GError **error)
{
  g_autoptr (GPtrArray) files = g_ptr_array_new_with_free_func (g_free);
  if (!g_file_test (source, G_FILE_TEST_IS_DIR)) {
    g_ptr_array_add (files, g_strdup (source));
    return g_steal_pointer (&files);
  }
  g_autoptr (GDir) folder = g_dir_open (source, 0, NULL);
  if (!folder) {
    DIR *again = opendir (source); /* g_dir_open() may have changed errno */
    if (again)
      closedir (again);
    return error_null (error, RV_ERROR_FILE, "%s: cannot be read: %s", source, g_strerror (errno));
  }
  for (const char *name; (name = g_dir_read_name (folder));)
    if (*name != '.')
      g_ptr_array_add (files, g_build_filename (source, name, NULL));
  g_ptr_array_sort (files, compare_texts);
  return g_steal_pointer (&files);
}

gint64
vae_int_setting (const RvVae *vae, const char *name)
{
  return rv_settings_get_int (rv_vae_settings (vae), name, NULL);
}

gboolean
vae_check_output (const CommandLine *line, GError **error)
{
  const char *condition = line_text (line, "condition"), *data = line->n_args > 1 ? line->args[1] : condition,
             *inputs[] = { line->args[0], data, condition, NULL }, *output = line_text (line, "output");
  if (output)
    return rv_file_check_free (output, inputs, line_is_on (line, "force"), error);
  return error_set (error, RV_ERROR_SETTING, "an output is missing: -o OUT");
}

char *
vae_sibling_path (const char *output, const char *suffix)
{
  const char *slash = strrchr (output, '/'), *dot = strrchr (output, '.');
  gsize stem = dot && (!slash || dot > slash) ? (gsize) (dot - output) : strlen (output);
  return g_strdup_printf ("%.*s%s", (int) stem, output, suffix);
}

void
vae_warn_collapse (const CommandLine *line, const RvVae *vae, int active_units)
{
  int latent = (int) vae_int_setting (vae, "latent");
  double beta = rv_settings_get_real (rv_vae_settings (vae), "beta", NULL);
  char half[G_ASCII_DTOSTR_BUF_SIZE];
  if (!line_is_on (line, "quiet") && active_units < latent)
    fprintf (stderr,
             "reverie: %d of %d latent dimensions are unused (posterior collapse); try --beta %s or --free-bits 0.1\n",
             latent - active_units, latent, g_ascii_formatd (half, sizeof half, "%g", beta / 2));
}

int
vae_print_done (const CommandLine *line, const char *what)
{
  if (!line_is_on (line, "quiet"))
    text_print (stdout, "%s: %s", line_text (line, "output"), what);
  return EXIT_DONE;
}

/* ---- command ----------------------------------------------------------------------------------------------------- */

/* Options that not all subcommands read. @subcommands: those that read the option, or with @excluded those that do not.
 * Settings of the kind "vae" are only for "train", except `seed` and `threads`. */
static const struct {
  const char *option, *subcommands[4];
  gboolean excluded;
} readers[] = {
  { "output", { "evaluate", "info" }, TRUE },
  { "kind", { "train" } },
  { "size", { "train" } },
  { "channels", { "train" } },
  { "condition", { "score", "info", "export" }, TRUE },
  { "label", { "train", "score", "info" }, TRUE },
  { "resume", { "train" } },
  { "save-every", { "train" } },
  { "log", { "train" } },
  { "count", { "sample", "reconstruct", "manifold" } },
  { "temperature", { "sample" } },
  { "samples", { "evaluate" } },
  { "steps", { "interpolate", "edit", "walk" } },
  { "spherical", { "interpolate" } },
  { "reach", { "walk", "manifold", "edit" } },
  { "coreset", { "train" } },
  { "false-alarms", { "score" } },
  { "normal", { "score" } },
  { "map", { "score" } },
  { "sheet", { "score" } },
};

/* Command.run. Checks that the subcommand reads all typed options, starts the process, and returns the exit code of the
 * subcommand. RV_ERROR_SETTING: wrong options; errors of rv_process_start() and of the subcommand. EXIT_INTERRUPTED,
 * after Ctrl-C, has no @error. */
static int
cmd_vae (const CommandLine *line, GError **error)
{
  static const char *const of_all[] = { "seed", "threads", NULL };
  for (guint i = 0; i < line->given->len; i++) {
    const ParsedOption *given = line->given->pdata[i];
    const char *name = rv_option_name (given->option);
    gboolean is_read =
      !rv_settings_find_option ("vae", name) || g_strv_contains (of_all, name) || strcmp (line->name, "train") == 0;
    for (guint k = 0; k < G_N_ELEMENTS (readers); k++)
      if (strcmp (readers[k].option, name) == 0)
        is_read = g_strv_contains (readers[k].subcommands, line->name) != readers[k].excluded;
    if (!given->is_from_file && !is_read)
      return error_fail (error, RV_ERROR_SETTING, "--%s cannot be combined with '%s'", name, line->name);
  }
  if (line_number (line, "channels") == 2)
    return error_fail (error, RV_ERROR_SETTING, "--channels is 1 or 3");
  if (!rv_process_start (options_threads (line->settings), error))
    return EXIT_FAILED;
  return line->subcommand->run (line, error);
}

static const char *const examples[] = {
  "reverie vae train fashion-mnist -o clothes.safetensors",
  "learn to draw clothes; apt install dataset-fashion-mnist first",
  "reverie vae train photos/ -o mine.safetensors --size 64 --latent 32 --epochs 50",
  "your own pictures, cropped to 64 x 64 px",
  "reverie vae train fashion-mnist -o labelled.safetensors --condition labels && "
  "reverie vae sample labelled.safetensors -o coats.png --label coat",
  "learn what each label looks like, and draw coats",
  "reverie vae evaluate clothes.safetensors fashion-mnist",
  "how well the model describes pictures that it was not trained on",
  "reverie vae sample clothes.safetensors -o new.png",
  "new clothes",
  "reverie vae reconstruct clothes.safetensors fashion-mnist -o pairs.png",
  "clothes above, what the model makes of them below",
  "reverie vae interpolate mine.safetensors a.jpg b.jpg -o strip.png --steps 12",
  "from one of your pictures to another",
  "reverie vae train fashion-mnist -o map.safetensors --latent 2 && reverie vae manifold map.safetensors -o map.png",
  "two latent dimensions, drawn as a map",
  "reverie vae edit faces.safetensors me.jpg smiling/ serious/ -o smile.png --steps 5",
  "the same face from serious to smiling",
  "reverie vae train good-parts/ -o parts.safetensors --kind patches",
  "learn what good parts look like; takes about half a second for each picture",
  "reverie vae score parts.safetensors new-parts/ -o scores.csv --sheet worst.png",
  "find parts with defects",
  "reverie vae export map.safetensors -o map.html",
  "the map to drag around in, in any browser, offline",
  NULL,
};

const Command command_vae = {
  .name = "vae",
  .summary = "train a variational autoencoder on many small pictures, and draw from it",
  .usage = "SUBCOMMAND ... [OPTIONS]",
  .about =
    "Learns what many small pictures have in common, and draws new ones. DATA is an IDX file (plain or gzip), a folder "
    "with MNIST's four files, the word fashion-mnist, or a folder of pictures. Training writes the model, a checkpoint "
    "beside it, and after each epoch samples, reconstructions and curves; Ctrl-C stops it, --resume continues.",
  .subcommands = subcommands,
  .examples = examples,
  .options = { { own_options }, { .kind = "vae" } },
  .settings = "vae",
  .run = cmd_vae,
};
