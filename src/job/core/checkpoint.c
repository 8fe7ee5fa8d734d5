/* checkpoint.c -- OUT.state.safetensors, from which a run continues after Ctrl-C, a kill or a power cut. It is written
 * next to OUT at intervals and removed when the run ends well. */
#include "job/core/checkpoint.h"
#include "base/error.h"
#include "base/settings.h"
#include "io/atomic-file.h"
#include "job/core/recipe.h"
#include "base/frame-name.h"
#include <glib/gstdio.h>
#include <reverie/job.h>
#include <reverie/weights.h>

#define MAX_TIME_01 0.05 /* largest fraction of the run's time for writing checkpoints */

RvCheckpoint *
rv__checkpoint_new (const RvPictureOptions *options, const char *output, double every_s)
{
  RvCheckpoint *checkpoint = g_new0 (RvCheckpoint, 1);
  checkpoint->options = options;
  checkpoint->output = g_strdup (output);
  checkpoint->file = rv__file_sibling (output, ".state.safetensors");
  checkpoint->every_s = every_s;
  checkpoint->saved_us = g_get_monotonic_time ();
  return checkpoint;
}

void
rv__checkpoint_free (RvCheckpoint *checkpoint)
{
  if (!checkpoint)
    return;
  g_free (checkpoint->output);
  g_free (checkpoint->file);
  g_free (checkpoint);
}

gboolean
rv__checkpoint_exists (const RvCheckpoint *checkpoint)
{
  return g_file_test (checkpoint->file, G_FILE_TEST_IS_REGULAR);
}

gboolean
rv__checkpoint_check (const RvCheckpoint *checkpoint, gboolean resume, GError **error)
{
  const RvPictureOptions *options = checkpoint->options;
  const char *others[] = { options->log, options->live, options->plot, options->timeline };
  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    if (others[i] && rv__atomic_file_is_same_target (others[i], checkpoint->file))
      return rv__error_set (error, RV_ERROR_SETTING, RV_WRITTEN_TWICE, others[i]);
  return resume || options->force || options->dry_run || !rv__checkpoint_exists (checkpoint) ||
         rv__error_with_options (error, RV_ERROR_FILE, "resume,force",
                                 "%s is of a run that was stopped; 'resume' continues it, 'force' starts anew",
                                 checkpoint->file);
}

void
rv__remove_partial_files (const char *filename)
{
  g_autofree char *target = rv__atomic_file_target (filename);
  g_autofree char *folder = g_path_get_dirname (target), *base = g_path_get_basename (target);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  for (const char *name; dir && (name = g_dir_read_name (dir));) {
    g_autofree char *partial = g_build_filename (folder, name, NULL),
                    *whole = rv_frame_is_pattern (base) ? rv__atomic_file_final_name (name) : NULL;
    if ((rv__atomic_file_is_partial (name, target) || (whole && rv__frame_number (base, whole) >= 0)) &&
        g_file_test (partial, G_FILE_TEST_IS_REGULAR) && !g_file_test (partial, G_FILE_TEST_IS_SYMLINK))
      g_unlink (partial);
  }
}

void
rv__picture_remove_partial_files (const RvPictureOptions *options)
{
  const char *files[] = { options->output, options->log, options->live, options->plot, options->timeline };
  for (guint i = 0; options->force && !options->dry_run && i < G_N_ELEMENTS (files); i++)
    if (files[i])
      rv__remove_partial_files (files[i]);
}

gboolean
rv_file_check_free (const char *filename, const char *const *inputs, gboolean force, GError **error)
{
  const RvPictureOptions options = { .output = (char *) filename, .force = force };
  if (!rv__picture_check_overwrite (&options, inputs, error))
    return FALSE;
  rv__picture_remove_partial_files (&options);
  return TRUE;
}

/* Removes partial files of the checkpoint, OUT, log, live, plot and timeline. Does nothing if read-only. */
static void
remove_all_partial_files (const RvCheckpoint *checkpoint)
{
  RvPictureOptions options = *checkpoint->options;
  if (checkpoint->is_read_only)
    return;
  options.output = checkpoint->output;
  options.force = TRUE;
  rv__remove_partial_files (checkpoint->file);
  rv__picture_remove_partial_files (&options);
}

void
rv__checkpoint_begin (const RvCheckpoint *checkpoint, gboolean resume)
{
  rv__checkpoint_remove (checkpoint);
  if (resume || checkpoint->options->force) /* else another process may be writing them now */
    remove_all_partial_files (checkpoint);
}

RvTensorMap *
rv__checkpoint_load (const RvCheckpoint *checkpoint, const char *inputs, const RvJobRole *roles, GPtrArray *changed,
                     GError **error)
{
  g_autofree char *base = g_path_get_basename (checkpoint->output), *name = g_utf8_make_valid (base, -1),
                  *difference = NULL;
  g_autoptr (RvTensorMap) map = rv_weights_load (checkpoint->file, RV_WEIGHTS_ALL, NULL, error);
  if (!map)
    return NULL;
  if (g_strcmp0 (rv_tensor_map_get_text (map, "output"), name) != 0)
    rv__error_with_options (error, RV_ERROR_FILE, "force,resume",
                            "%s is of another picture; 'force' without 'resume' starts anew", checkpoint->file);
  else if ((difference = rv__recipe_difference (rv_tensor_map_get_text (map, "inputs"), inputs, roles, changed)))
    rv__error_with_options (error, RV_ERROR_FILE, "force,resume,size",
                            "%s is of another run: %s; 'force' without 'resume' starts anew", checkpoint->file,
                            difference);
  else {
    remove_all_partial_files (checkpoint);
    return g_steal_pointer (&map);
  }
  return NULL;
}

gboolean
rv__checkpoint_due (const RvCheckpoint *checkpoint)
{
  double since_s = (double) (g_get_monotonic_time () - checkpoint->saved_us) / G_USEC_PER_SEC;
  double took_s = (double) checkpoint->took_us / G_USEC_PER_SEC;
  return !checkpoint->is_read_only && checkpoint->every_s > 0 &&
         since_s >= MAX (checkpoint->every_s, took_s / MAX_TIME_01);
}

gboolean
rv__checkpoint_save (RvCheckpoint *checkpoint, RvTensorMap *map, const char *inputs, GError **error)
{
  gint64 began_us = g_get_monotonic_time ();
  if (checkpoint->is_read_only)
    return TRUE;
  g_autofree char *name = g_path_get_basename (checkpoint->output);
  rv_tensor_map_set_text (map, "output", name);
  rv_tensor_map_set_text (map, "inputs", inputs);
  if (checkpoint->options->no_replace && g_file_test (checkpoint->output, G_FILE_TEST_EXISTS))
    rv_tensor_map_set_text (map, RV_CHECKPOINT_OUTPUT_EXISTED, "yes");
  gboolean ok = rv_weights_save (map, checkpoint->file, TRUE, error);
  checkpoint->saved_us = g_get_monotonic_time ();
  checkpoint->took_us = checkpoint->saved_us - began_us;
  return ok;
}

void
rv__checkpoint_remove (const RvCheckpoint *checkpoint)
{
  if (!checkpoint->is_read_only)
    g_unlink (checkpoint->file); /* not a folder of this name */
}

/* ---- settings ---------------------------------------------------------------------------------------------------- */

#define FIELD(f) offsetof (RvStateOptions, f)

static const RvOption table[] = {
  { "resume", 0, RV_OPTION_BOOL, FIELD (resume), .group = "checkpoint",
    .help = "continue a stopped run from its checkpoint, OUT.state.safetensors; begin if there is none" },
  { "state-every", 0, RV_OPTION_REAL, FIELD (every_s), "30", 0, 1e6, .unit = "SECONDS",
    .help = "write the checkpoint this often; 0: only at Ctrl-C; for a video, 0: never", .may_change = TRUE },
  { "steer", 0, RV_OPTION_TEXT, FIELD (steer), .unit = "ITERATION:NAME=VALUE,...",
    .help = "change settings during the run, after these iterations: strength, weights, step length" },
  { NULL },
};

const RvSettingsClass rv__settings_state = { .kind = "state", .table = table, .size = sizeof (RvStateOptions) };
