/* patches.c -- reverie vae train --kind patches: models for reverie vae score. */
#include "cmd-vae.h"

#define PATCHES_SIZE_PX 256

/* RvVaeDoneFunc; @progress: Progress, on which it shows @done_01. FALSE, which stops the training: Ctrl-C. */
static gboolean
on_done (double done_01, gpointer progress)
{
  progress_show (progress, done_01, 0, "training");
  return !interrupt_requested ();
}

/* Checks that only options that patches have are given, typed or in a settings file. RV_ERROR_SETTING. */
static gboolean
check_options (const CommandLine *line, GError **error)
{
  static const char *const known[] = { "output",  "kind",     "size",  "coreset", "seed",
                                       "threads", "settings", "force", "quiet",   NULL };
  for (guint i = 0; i < line->given->len; i++) {
    const char *name = rv_option_name (((const ParsedOption *) line->given->pdata[i])->option);
    if (!g_strv_contains (known, name))
      return error_set (error, RV_ERROR_SETTING, "--%s cannot be combined with --kind patches", name);
  }
  return TRUE;
}

int
vae_train_patches (const CommandLine *line, GError **error)
{
  g_auto (GStrv) left_out = NULL;
  int size_px = options_last (line->given, "size") ? (int) line_number (line, "size") : PATCHES_SIZE_PX;
  g_autoptr (GPtrArray) files =
    check_options (line, error) && vae_check_output (line, error) ? vae_list_files (line->args[0], error) : NULL;
  if (!files)
    return EXIT_FAILED;
  g_ptr_array_add (files, NULL);
  interrupt_watch ();
  Progress *progress = progress_new (line_is_on (line, "quiet"));
  g_autoptr (RvTensorMap) map =
    rv_patches_train ((const char *const *) files->pdata, size_px, line_number (line, "coreset") / 100,
                      rv_settings_get_int (line->settings, "seed", NULL), options_threads (line->settings), on_done,
                      progress, &left_out, error);
  progress_free (progress);
  print_left_out_files ((const char *const *) left_out);
  if (!map && interrupt_requested ()) {
    g_clear_error (error);
    return EXIT_INTERRUPTED;
  }
  if (!map || !rv_weights_save (map, line_text (line, "output"), line_is_on (line, "force"), error))
    return EXIT_FAILED;
  guint n = files->len - 1 - (left_out ? g_strv_length (left_out) : 0);
  g_autofree char *what = g_strdup_printf ("%" G_GINT64_FORMAT " patches of %u picture%s",
                                           rv_tensor_map_get (map, "coreset")->shape.dim[0], n, n == 1 ? "" : "s");
  return vae_print_done (line, what);
}
