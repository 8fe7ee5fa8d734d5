/* codes.c -- reverie vae evaluate, encode, info, export. */
#include "cmd-vae.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

/* (transfer full) (nullable): the model in @file, with --threads and --label. RV_ERROR_FILE, RV_ERROR_FORMAT,
 * RV_ERROR_MEMORY; RV_ERROR_SETTING: a label that the model lacks. */
static RvVae *
load (const CommandLine *line, const char *file, GError **error)
{
  g_autoptr (RvTensorMap) map = rv_weights_load (file, RV_WEIGHTS_ALL, NULL, error);
  RvVae *vae = map ? rv_vae_from_map (map, error) : NULL;
  if (map && !vae)
    g_prefix_error (error, "%s: ", file);
  if (vae)
    rv_vae_set_threads (vae, options_threads (line->settings));
  if (vae && !rv_vae_set_label (vae, line_text (line, "label"), error))
    g_clear_pointer (&vae, rv_vae_free);
  return vae;
}

/* (transfer full) (nullable): the test set of @source, or all of its pictures if it has none, at the size of @vae.
 * Prints files that are left out on standard error. RV_ERROR_SETTING: --condition without a conditional model. */
static RvDataset *
load_data (const CommandLine *line, const RvVae *vae, const char *source, GError **error)
{
  int channels, height, width;
  const char *condition = line_text (line, "condition"), *labels = condition ? condition : "labels";
  rv_vae_picture_size (vae, &channels, &height, &width);
  if (condition && !rv_vae_get_note (vae, "labels"))
    return error_null (error, RV_ERROR_SETTING, "--condition needs a conditional model, and %s is none", line->args[0]);
  if (line_text (line, "label")) /* replaces them */
    labels = "subfolders";
  RvDataset *dataset = rv_dataset_load (source, rv_vae_get_note (vae, "labels") ? labels : NULL, RV_DATASET_TEST, width,
                                        channels, options_threads (line->settings), NULL, error);
  int n = dataset ? print_left_out_files ((const char *const *) dataset->left_out) : 0;
  if (n > 0)
    fprintf (stderr, "reverie: %d of %" G_GINT64_FORMAT " files %s left out\n", n, dataset->n + n,
             n == 1 ? "was" : "were");
  return dataset;
}

/* RvVaeDoneFunc; @data: Progress, on which it shows @done_01. FALSE, which stops the evaluation: Ctrl-C. */
static gboolean
on_done (double done_01, gpointer data)
{
  Progress *progress = data;
  progress_show (progress, done_01, 0, "evaluating");
  return !interrupt_requested ();
}

/* Prints the scores @s of @vae on @data on standard output, also with --quiet, in nats for each picture. Also prints a
 * warning there if the model was trained on these pictures. Leaves out the log-likelihood if it was not computed, and
 * the baseline, the score of the mean picture, if it is NaN. */
static void
print_scores (const RvVae *vae, const RvDataset *data, const RvVaeScores *s)
{
  const RvSettings *settings = rv_vae_settings (vae);
  const char *likelihood = rv_settings_get_text (settings, "likelihood", NULL),
             *binarize = rv_settings_get_text (settings, "binarize", NULL);
  text_print (stdout, "pictures          %" G_GINT64_FORMAT " of %s", s->n, data->name);
  if (g_strcmp0 (data->hash, rv_vae_get_note (vae, "data-sha256")) == 0)
    printf ("                  the model was trained on these pictures: the scores are too good\n");
  printf ("likelihood        %s", likelihood);
  if (strcmp (likelihood, "gaussian") == 0)
    printf (", sigma %.4g", rv_vae_sigma (vae));
  printf ("; pixels %s\n", strcmp (binarize, "none") == 0     ? "as they are, 0..1"
                           : strcmp (binarize, "static") == 0 ? "binarized once (static)"
                                                              : "binarized (dynamic)");
  printf ("ELBO              %.3f +- %.3f nats per picture\n", s->elbo, s->elbo_error);
  printf ("  reconstruction  %.3f\n  KL              %.3f\n", s->reconstruction, s->kl);
  if (!isnan (s->baseline))
    printf ("  mean picture    %.3f (the ELBO of a model that always draws the mean of these)\n", -s->baseline);
  if (s->n_samples > 0)
    text_print (stdout, "log-likelihood    %.3f +- %.3f nats per picture (importance-weighted, K = %d, prior %s)",
                s->log_likelihood, s->log_likelihood_error, s->n_samples,
                rv_settings_get_text (settings, "prior", NULL));
  printf ("active units      %d of %" G_GINT64_FORMAT "\n", s->active_units, vae_int_setting (vae, "latent"));
}

int
vae_evaluate (const CommandLine *line, GError **error)
{
  RvVaeScores scores;
  g_autoptr (RvVae) vae = load (line, line->args[0], error);
  g_autoptr (RvDataset) data = vae ? load_data (line, vae, line->args[1], error) : NULL;
  if (!data)
    return EXIT_FAILED;
  g_autofree float *mean = g_new (float, (gsize) data->channels * data->height * data->width);
  rv_dataset_mean (data, mean);
  interrupt_watch ();
  Progress *progress = progress_new (line_is_on (line, "quiet"));
  gboolean ok =
    rv_vae_evaluate (vae, data, (int) line_number (line, "samples"), rv_settings_get_int (line->settings, "seed", NULL),
                     mean, on_done, progress, &scores, error);
  progress_free (progress);
  if (!ok && interrupt_requested ()) {
    g_clear_error (error);
    return EXIT_INTERRUPTED;
  }
  if (!ok)
    return EXIT_FAILED;
  print_scores (vae, data, &scores);
  vae_warn_collapse (line, vae, scores.active_units);
  return EXIT_DONE;
}

/* ---- codes ------------------------------------------------------------------------------------------------------- */

/* Appends a comma and @value, with 9 digits, to @csv. */
static void
add_value (GString *csv, float value)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];
  g_string_append_printf (csv, ",%s", g_ascii_formatd (text, sizeof text, "%.9g", value));
}

/* (transfer full): CSV with a header, and a line for each picture: index from 0, label (empty without labels; _ for a
 * comma or a quotation mark), mu0, ..., logvar0, ... @mu, @logvar: means and log variances of the codes, [data->n,
 * latent]. Numbers are exact and independent of the locale. Cannot fail. */
static char *
codes_csv (const RvDataset *data, const float *mu, const float *logvar, gint64 latent)
{
  GString *csv = g_string_new ("index,label");
  for (gint64 j = 0; j < 2 * latent; j++)
    g_string_append_printf (csv, j < latent ? ",mu%" G_GINT64_FORMAT : ",logvar%" G_GINT64_FORMAT, j % latent);
  g_string_append_c (csv, '\n');
  for (gint64 i = 0; i < data->n; i++) {
    g_string_append_printf (csv, "%" G_GINT64_FORMAT ",", i);
    g_autofree char *label = g_strdup (data->labels ? data->label_names[data->labels[i]] : "");
    g_string_append (csv, g_strdelimit (label, ",\"", '_'));
    for (gint64 j = 0; j < latent; j++)
      add_value (csv, mu[i * latent + j]);
    for (gint64 j = 0; j < latent; j++)
      add_value (csv, logvar[i * latent + j]);
    g_string_append_c (csv, '\n');
  }
  return g_string_free (csv, FALSE);
}

/* Writes the means @mu and log variances @logvar, [data->n, @latent], to --output: as CSV by codes_csv(), or as the
 * tensors mu and logvar. */
static gboolean
save_codes (const CommandLine *line, const RvDataset *data, RvTensor *mu, RvTensor *logvar, gint64 latent,
            GError **error)
{
  const char *output = line_text (line, "output");
  interrupt_watch (); /* a killed process would leave a partial file */
  if (g_str_has_suffix (output, ".csv")) {
    g_autofree char *csv = codes_csv (data, mu->data, logvar->data, latent);
    return rv_file_write (output, csv, line_is_on (line, "force"), error);
  }
  g_autoptr (RvTensorMap) map = rv_tensor_map_new ();
  rv_tensor_map_set (map, "mu", mu);
  rv_tensor_map_set (map, "logvar", logvar);
  return rv_weights_save (map, output, line_is_on (line, "force"), error);
}

int
vae_encode (const CommandLine *line, GError **error)
{
  const char *output = line_text (line, "output");
  if (!vae_check_output (line, error))
    return EXIT_FAILED;
  if (!g_str_has_suffix (output, ".csv") && !g_str_has_suffix (output, ".safetensors"))
    return error_fail (error, RV_ERROR_SETTING, "codes go to .csv or .safetensors, not to %s", output);
  g_autoptr (RvVae) vae = load (line, line->args[0], error);
  g_autoptr (RvDataset) data = vae ? load_data (line, vae, line->args[1], error) : NULL;
  if (!data || !rv_vae_check (vae, data, error))
    return EXIT_FAILED;
  gint64 latent = vae_int_setting (vae, "latent");
  RvShape shape = rv_shape (2, data->n, latent);
  g_autoptr (RvTensor) mu = rv_tensor_new (RV_F32, &shape, error);
  g_autoptr (RvTensor) logvar = mu ? rv_tensor_new (RV_F32, &shape, error) : NULL;
  if (!logvar || !rv_vae_encode_dataset (vae, data, mu->data, logvar->data, error) ||
      !save_codes (line, data, mu, logvar, latent, error))
    return EXIT_FAILED;
  g_autofree char *what = g_strdup_printf ("%" G_GINT64_FORMAT " code%s", data->n, data->n == 1 ? "" : "s");
  vae_print_done (line, what);
  return interrupt_requested () ? EXIT_INTERRUPTED : EXIT_DONE;
}

/* ---- info -------------------------------------------------------------------------------------------------------- */

/* Prints a line with @label and the note @key of the model; nothing if the model has no such note. */
static void
print_note (const RvVae *vae, const char *label, const char *key)
{
  const char *note = rv_vae_get_note (vae, key);
  if (note)
    text_print (stdout, "%-14s%s", label, note);
}

int
vae_info (const CommandLine *line, GError **error)
{
  int channels, height, width;
  g_autoptr (RvVae) vae = load (line, line->args[0], error);
  if (!vae)
    return EXIT_FAILED;
  rv_vae_picture_size (vae, &channels, &height, &width);
  printf ("pictures      %d x %d px, %s\n", width, height, channels == 1 ? "grey" : "RGB");
  printf ("parameters    %" G_GINT64_FORMAT "\n", rv_vae_n_parameters (vae));
  for (guint i = 0; i < rv_settings_n_options ("vae"); i++) {
    const RvOption *option = rv_settings_option ("vae", i);
    g_autofree char *value = rv_settings_get (rv_vae_settings (vae), rv_option_name (option), NULL);
    if (strcmp (rv_option_group (option), "computing") != 0)
      text_print (stdout, "%-14s%s", rv_option_name (option), value);
  }
  const char *labels = rv_vae_get_note (vae, "labels");
  g_auto (GStrv) lines = labels ? g_strsplit (labels, "\n", -1) : NULL;
  g_autofree char *list = lines ? g_strjoinv (", ", lines) : NULL;
  if (list)
    text_print (stdout, "%-14s%s", "labels", list);
  print_note (vae, "data", "data");
  print_note (vae, "data-sha256", "data-sha256");
  const char *history = rv_vae_get_note (vae, "history");
  g_autofree char *plain = text_plain (history ? history : "not trained\n", TRUE);
  printf ("\n%s", plain);
  return EXIT_DONE;
}

/* ---- export ------------------------------------------------------------------------------------------------------ */

int
vae_export (const CommandLine *line, GError **error)
{
  const char *output = line_text (line, "output");
  if (output && !g_str_has_suffix (output, ".html"))
    return error_fail (error, RV_ERROR_SETTING, "a page is written as .html: -o PAGE.html");
  g_autoptr (RvVae) vae = vae_check_output (line, error) ? load (line, line->args[0], error) : NULL;
  if (!vae)
    return EXIT_FAILED;
  g_autofree char *name = g_path_get_basename (line->args[0]), *title = vae_sibling_path (name, "");
  g_autofree char *page = rv_vae_to_page (vae, title);
  interrupt_watch (); /* a killed process would leave a partial file */
  if (!rv_file_write (output, page, line_is_on (line, "force"), error))
    return EXIT_FAILED;
  vae_print_done (line, "open it in a browser");
  return interrupt_requested () ? EXIT_INTERRUPTED : EXIT_DONE;
}
