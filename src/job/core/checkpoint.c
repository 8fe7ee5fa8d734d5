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

#define BESIDE "another file is OUT" /* text in a checkpoint's metadata */
#define MAX_PART 0.05                /* fraction of the run's time for writing checkpoints */

struct _RvStateFile {
  const RvPictureOptions *options;
  char *output, *file;
  double every_s;
  gboolean only_read;
  gint64 saved_us, took_us;
};

RvCheckpoint *
rv__checkpoint_new (const RvPictureOptions *options, const char *output, double every_s)
{
  RvCheckpoint *state = g_new0 (RvCheckpoint, 1);
  state->options = options;
  state->output = g_strdup (output);
  state->file = rv__file_sibling (output, ".state.safetensors");
  state->every_s = every_s;
  state->saved_us = g_get_monotonic_time ();
  return state;
}

void
rv__checkpoint_set_read_only (RvCheckpoint *state)
{
  state->only_read = TRUE;
}

void
rv__checkpoint_free (RvCheckpoint *state)
{
  if (!state)
    return;
  g_free (state->output);
  g_free (state->file);
  g_free (state);
}

gboolean
rv__checkpoint_exists (const RvCheckpoint *state)
{
  return g_file_test (state->file, G_FILE_TEST_IS_REGULAR);
}

gboolean
rv__checkpoint_check (const RvCheckpoint *state, gboolean resume, GError **error)
{
  const RvPictureOptions *options = state->options;
  if (resume || options->force || options->dry_run || !rv__checkpoint_exists (state))
    return TRUE;
  rv__error_with_options (error, RV_ERROR_FILE, "resume,force",
                          "%s is of a run that was stopped; 'resume' goes on with it, 'force' starts anew",
                          state->file);
  return FALSE;
}

/* Whether the file called @name is a partial @target, or a partial numbered file of the pattern @target. */
static gboolean
is_half_of (const char *name, const char *target)
{
  g_autofree char *base = g_path_get_basename (target),
                  *whole = rv_frame_is_pattern (base) ? rv__atomic_file_final_name (name) : NULL;
  return rv__atomic_file_is_partial (name, target) || (whole && rv__frame_number (base, whole) >= 0);
}

void
rv__remove_partial_files (const char *filename)
{
  g_autofree char *target = rv__atomic_file_target (filename);
  g_autofree char *folder = g_path_get_dirname (target);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  for (const char *name; dir && (name = g_dir_read_name (dir));)
    if (is_half_of (name, target)) {
      g_autofree char *half = g_build_filename (folder, name, NULL);
      if (g_file_test (half, G_FILE_TEST_IS_REGULAR) && !g_file_test (half, G_FILE_TEST_IS_SYMLINK))
        g_unlink (half);
    }
}

void
rv__picture_remove_halves (const RvPictureOptions *options)
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
  rv__picture_remove_halves (&options);
  return TRUE;
}

/* Removes every partial file that a killed run may have left. */
static void
remove_all_halves (const RvCheckpoint *state)
{
  RvPictureOptions options = *state->options;
  if (state->only_read)
    return;
  options.output = state->output;
  options.force = TRUE;
  rv__remove_partial_files (state->file);
  rv__picture_remove_halves (&options);
}

void
rv__checkpoint_begin (const RvCheckpoint *state, gboolean resume)
{
  rv__checkpoint_remove (state);
  if (resume || state->options->force) /* else another process may be writing them now */
    remove_all_halves (state);
}

RvTensorMap *
rv__checkpoint_load (const RvCheckpoint *state, const char *inputs, GError **error)
{
  g_autofree char *base = g_path_get_basename (state->output), *name = g_utf8_make_valid (base, -1), *difference = NULL;
  g_autoptr (RvTensorMap) map = rv_weights_load (state->file, RV_WEIGHTS_ALL, NULL, error);
  if (!map)
    return NULL;
  if (g_strcmp0 (rv_tensor_map_get_text (map, "output"), name) != 0)
    rv__error_with_options (error, RV_ERROR_FILE, "force", "%s is of another picture; 'force' starts anew",
                            state->file);
  else if ((difference = rv__recipe_difference (rv_tensor_map_get_text (map, "inputs"), inputs)))
    rv__error_with_options (error, RV_ERROR_FILE, "force,size", "%s is of another run: %s; 'force' starts anew",
                            state->file, difference);
  else {
    remove_all_halves (state);
    return g_steal_pointer (&map);
  }
  return NULL;
}

gboolean
rv__checkpoint_has_sibling (const RvTensorMap *state)
{
  return rv_tensor_map_get_text (state, BESIDE) != NULL;
}

void
rv__checkpoint_set_every (RvCheckpoint *state, double every_s)
{
  state->every_s = every_s;
}

gboolean
rv__checkpoint_due (const RvCheckpoint *state)
{
  double since_s = (double) (g_get_monotonic_time () - state->saved_us) / G_USEC_PER_SEC;
  double took_s = (double) state->took_us / G_USEC_PER_SEC;
  return !state->only_read && state->every_s > 0 && since_s >= MAX (state->every_s, took_s / MAX_PART);
}

gboolean
rv__checkpoint_save (RvCheckpoint *state, RvTensorMap *map, const char *inputs, GError **error)
{
  gint64 began_us = g_get_monotonic_time ();
  if (state->only_read)
    return TRUE;
  g_autofree char *name = g_path_get_basename (state->output);
  rv_tensor_map_set_text (map, "output", name);
  rv_tensor_map_set_text (map, "inputs", inputs);
  if (state->options->no_replace && g_file_test (state->output, G_FILE_TEST_EXISTS))
    rv_tensor_map_set_text (map, BESIDE, "yes");
  gboolean ok = rv_weights_save (map, state->file, TRUE, error);
  state->saved_us = g_get_monotonic_time ();
  state->took_us = state->saved_us - began_us;
  return ok;
}

void
rv__checkpoint_remove (const RvCheckpoint *state)
{
  if (!state->only_read)
    g_remove (state->file);
}

/* ---- settings ---------------------------------------------------------------------------------------------------- */

typedef struct {
  RvStateOptions state;
} Fields;

static const RvOption table[] = { RV_STATE_OPTION_ROWS (Fields),
                                  { "steer", 0, RV_OPTION_TEXT, offsetof (Fields, state.steer),
                                    .unit = "ITERATION:NAME=VALUE,...",
                                    .help = "change settings on the way, after these iterations: strength, weights, "
                                            "the length of a step" },
                                  { NULL } };

const RvSettingsClass rv__settings_state = { .kind = "state", .table = table, .size = sizeof (Fields) };
