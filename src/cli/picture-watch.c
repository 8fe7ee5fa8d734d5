/* picture-watch.c -- what can be watched of a run: --live, a picture file written anew as the run goes on, and --plot,
 * its losses as curves. */
#include "cli.h"
#include "io/atomic-file.h"
#include "io/plot.h"
#include <math.h>
#include <string.h>

#define LIVE_US G_USEC_PER_SEC /* between two pictures */

struct _PictureWatch {
  const PictureOptions *options;
  const char *const *names; /* of the losses */
  guint n_names;
  GArray *losses; /* double: n_names for each iteration */
  gint64 shown_us;
};

PictureWatch *
picture_watch_new (const PictureOptions *options, const char *const *names)
{
  PictureWatch *watch = g_new0 (PictureWatch, 1);
  watch->options = options;
  watch->names = names;
  watch->n_names = g_strv_length ((char **) names);
  watch->losses = g_array_new (FALSE, FALSE, sizeof (double));
  return watch;
}

void
picture_watch_free (PictureWatch *watch)
{
  if (!watch)
    return;
  g_array_unref (watch->losses);
  g_free (watch);
}

void
picture_watch_losses (PictureWatch *watch, const double *losses)
{
  if (watch->options->plot)
    g_array_append_vals (watch->losses, losses, watch->n_names);
}

gboolean
picture_watch_due (PictureWatch *watch)
{
  gint64 now_us = g_get_monotonic_time ();
  if (!watch->options->live || now_us - watch->shown_us < LIVE_US)
    return FALSE;
  watch->shown_us = now_us;
  return TRUE;
}

gboolean
picture_watch_show (PictureWatch *watch, const RvImage *image, GError **error)
{
  return !watch->options->live || picture_save (watch->options, image, watch->options->live, error);
}

/* Losses span decades: their logarithms are drawn. */
gboolean
picture_watch_plot (const PictureWatch *watch, GError **error)
{
  gint64 n = watch->losses->len / watch->n_names;
  if (!watch->options->plot)
    return TRUE;
  g_autofree RvPlotCurve *curves = g_new0 (RvPlotCurve, watch->n_names);
  g_autofree double *values = g_new (double, watch->losses->len + 1);
  for (guint c = 0; c < watch->n_names; c++) {
    curves[c] = (RvPlotCurve){ watch->names[c], values + c * n };
    for (gint64 i = 0; i < n; i++) {
      double loss = g_array_index (watch->losses, double, i * watch->n_names + c);
      values[c * n + i] = loss > 0 ? log10 (loss) : NAN;
    }
  }
  char *svg = rv__plot_curves ("Losses", "iteration", "log10", curves, (int) watch->n_names, n);
  g_autoptr (GBytes) bytes = g_bytes_new_take (svg, strlen (svg));
  return rv__atomic_file_write (watch->options->plot, bytes, error);
}
