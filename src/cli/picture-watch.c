/* picture-watch.c -- what can be watched of a run: the files of the job layer, and --preview, the picture in the
 * terminal. */
#include "job/watch.h"
#include "cli.h"
#include "preview.h"

#define SHOW_US G_USEC_PER_SEC /* between two pictures on the screen */

struct _PictureWatch {
  const PictureOptions *options;
  RvWatch *files;
  gint64 shown_us;
  gboolean preview_due, files_due;
};

PictureWatch *
picture_watch_new (const PictureOptions *options, const char *const *names)
{
  PictureWatch *watch = g_new0 (PictureWatch, 1);
  watch->options = options;
  watch->files = rv__watch_new (&options->made, names);
  return watch;
}

void
picture_watch_free (PictureWatch *watch)
{
  if (!watch)
    return;
  rv__watch_free (watch->files);
  g_free (watch);
}

void
picture_watch_losses (PictureWatch *watch, const double *losses)
{
  rv__watch_losses (watch->files, losses);
}

gboolean
picture_watch_due (PictureWatch *watch, double done_01)
{
  gint64 now_us = g_get_monotonic_time ();
  watch->preview_due = watch->options->preview && now_us - watch->shown_us >= SHOW_US;
  if (watch->preview_due)
    watch->shown_us = now_us;
  watch->files_due = rv__watch_due (watch->files, done_01);
  return watch->preview_due || watch->files_due;
}

gboolean
picture_watch_show (PictureWatch *watch, const RvImage *image, double done_01, gint64 iteration, Progress *progress,
                    GError **error)
{
  if (watch->preview_due) {
    progress_wipe (progress);
    preview_show (image);
  }
  return !watch->files_due || rv__watch_show (watch->files, image, done_01, iteration, error);
}

gboolean
picture_watch_end (PictureWatch *watch, const RvImage *result, gint64 iteration, GError **error)
{
  if (result && watch->options->preview)
    preview_show (result);
  preview_leave ();
  return rv__watch_end (watch->files, result, iteration, error);
}

void
picture_watch_keep (const PictureWatch *watch, RvTensorMap *state)
{
  rv__watch_keep (watch->files, state);
}

void
picture_watch_go_on (PictureWatch *watch, const RvTensorMap *state)
{
  rv__watch_go_on (watch->files, state);
}
