/* picture-state.c -- OUT.state.safetensors: what a run needs to go on after it was stopped, by Ctrl-C, by a kill or by
 * the power going. Written beside OUT every so often, removed when the run ends well. */
#include "cli.h"
#include "io/atomic-file.h"
#include <glib/gstdio.h>
#include <string.h>

#define MAX_PART 0.05 /* of the run's time, for writing states */

struct _PictureState {
  const PictureOptions *options;
  char *output, *file;
  double every_s;
  gint64 saved_us, took_us;
};

PictureState *
picture_state_new (const PictureOptions *options, const char *output, double every_s)
{
  PictureState *state = g_new0 (PictureState, 1);
  state->options = options;
  state->output = g_strdup (output);
  state->file = g_strconcat (output, ".state.safetensors", NULL);
  state->every_s = every_s;
  state->saved_us = g_get_monotonic_time ();
  return state;
}

void
picture_state_free (PictureState *state)
{
  if (!state)
    return;
  g_free (state->output);
  g_free (state->file);
  g_free (state);
}

gboolean
picture_state_exists (const PictureState *state)
{
  return g_file_test (state->file, G_FILE_TEST_IS_REGULAR);
}

gboolean
picture_state_check (const PictureState *state, gboolean resume, GError **error)
{
  const PictureOptions *options = state->options;
  if (resume || options->force || options->dry_run || !picture_state_exists (state))
    return TRUE;
  g_set_error (error, RV_ERROR, RV_ERROR_FILE,
               "%s is of a run that was stopped; --resume goes on with it, --force starts anew", state->file);
  return FALSE;
}

void
picture_state_remove_halves (const char *filename)
{
  g_autofree char *target = rv__atomic_file_target (filename);
  g_autofree char *folder = g_path_get_dirname (target), *base = g_path_get_basename (target);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  for (const char *name; dir && (name = g_dir_read_name (dir));)
    if (rv__atomic_file_is_half (name, base)) {
      g_autofree char *half = g_build_filename (folder, name, NULL);
      if (g_file_test (half, G_FILE_TEST_IS_REGULAR) && !g_file_test (half, G_FILE_TEST_IS_SYMLINK))
        g_unlink (half);
    }
}

/* Of everything that a killed run may have been writing. */
static void
remove_all_halves (const PictureState *state)
{
  const PictureOptions *options = state->options;
  const char *files[] = { state->file, state->output, options->log, options->live, options->plot, options->timeline };
  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    if (files[i])
      picture_state_remove_halves (files[i]);
}

void
picture_state_begin (const PictureState *state, gboolean resume)
{
  picture_state_remove (state);
  if (resume || state->options->force) /* else somebody else may be writing them now */
    remove_all_halves (state);
}

RvTensorMap *
picture_state_load (const PictureState *state, const char *inputs, GError **error)
{
  g_autofree char *name = g_path_get_basename (state->output);
  g_autoptr (RvTensorMap) map = rv_weights_load (state->file, RV_WEIGHTS_ALL, NULL, error);
  if (!map)
    return NULL;
  if (g_strcmp0 (rv_tensor_map_get_text (map, "output"), name) != 0)
    g_set_error (error, RV_ERROR, RV_ERROR_FILE, "%s is of another picture; --force starts anew", state->file);
  else if (g_strcmp0 (rv_tensor_map_get_text (map, "inputs"), inputs) != 0)
    g_set_error (error, RV_ERROR, RV_ERROR_FILE, "%s is of other pictures, or of another network; --force starts anew",
                 state->file);
  else {
    remove_all_halves (state);
    return g_steal_pointer (&map);
  }
  return NULL;
}

gboolean
picture_state_due (const PictureState *state)
{
  double since_s = (double) (g_get_monotonic_time () - state->saved_us) / G_USEC_PER_SEC;
  double took_s = (double) state->took_us / G_USEC_PER_SEC;
  return state->every_s > 0 && since_s >= MAX (state->every_s, took_s / MAX_PART);
}

gboolean
picture_state_save (PictureState *state, RvTensorMap *map, const char *inputs, GError **error)
{
  gint64 began_us = g_get_monotonic_time ();
  g_autofree char *name = g_path_get_basename (state->output);
  rv_tensor_map_set_text (map, "output", name);
  rv_tensor_map_set_text (map, "inputs", inputs);
  gboolean ok = rv_weights_save (map, state->file, error);
  state->saved_us = g_get_monotonic_time ();
  state->took_us = state->saved_us - began_us;
  return ok;
}

void
picture_state_remove (const PictureState *state)
{
  g_remove (state->file);
}
