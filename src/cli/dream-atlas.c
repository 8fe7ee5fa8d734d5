/* dream-atlas.c -- reverie dream --atlas LAYER: what each channel of a layer likes, on one sheet. */
#include "cmd-dream.h"

static gboolean
on_channel (gint64 channel, int n_done, int n_channels, gpointer data)
{
  DreamJob *job = data;
  g_autofree char *what = g_strdup_printf ("channel %" G_GINT64_FORMAT " (%d of %d)", channel, n_done, n_channels);
  progress_show (job->progress, (double) n_done / n_channels,
                 (double) (g_get_monotonic_time () - job->began_us) / G_USEC_PER_SEC, n_done, what);
  job->stopped = interrupt_wanted () && n_done < n_channels;
  return !job->stopped;
}

int
dream_run_atlas (DreamJob *job)
{
  GError *error = NULL;
  interrupt_watch ();
  job->progress = progress_new (job->picture.quiet);
  g_autoptr (RvImage) sheet =
    rv_dream_atlas (job->settings, job->net, job->own.atlas, job->kernels, on_channel, job, &error);
  kernel_file_save (&job->picture, job->kernels);
  job->width = sheet ? sheet->width : 0;
  job->height = sheet ? sheet->height : 0;
  dream_keep_recipe (job);
  progress_end (g_steal_pointer (&job->progress));
  int code = picture_save_result (&job->picture, sheet, error);
  return code == EXIT_DONE ? picture_say_done (&job->picture, sheet, job->began_us, job->stopped) : code;
}
