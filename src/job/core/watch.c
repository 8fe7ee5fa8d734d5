/* watch.c -- files that show a run: `live`, the current picture; `timeline`, a sheet; `plot`, curves of the losses. */
#include "job/core/watch.h"
#include "io/image/frame.h"
#include "io/image/sheet.h"
#include "io/plot.h"
#include "tensor/tensor-file.h"
#include <math.h>
#include <reverie/job.h>

#define SHOW_US G_USEC_PER_SEC /* between two writes of `live` */
#define N_TIMELINE 12          /* pictures of a timeline */
#define COLUMNS 4
#define TIMELINE_PX 240 /* longest side */
#define GAP_PX 10

typedef struct {
  RvImage *image;
  gint64 iteration;
} TimelinePicture;

struct _RvWatch {
  const RvPictureOptions *options;
  const char *const *names; /* losses; NULL-terminated, borrowed */
  guint n_names;
  GArray *losses;                  /* float: n_names for each iteration */
  gint64 live_us;                  /* monotonic time of the last write of `live` that was due */
  gboolean live_due, live_written; /* rv__watch_due() found `live` due; this run has written it */
  gboolean live_failed;            /* `live` could not be written; the next try is at the end */
  GArray *timeline;                /* TimelinePicture */
};

static void
clear_picture (gpointer data)
{
  rv_image_unref (((TimelinePicture *) data)->image);
}

RvWatch *
rv__watch_new (const RvPictureOptions *options, const char *const *names)
{
  RvWatch *watch = g_new0 (RvWatch, 1);
  watch->options = options;
  watch->names = names;
  watch->n_names = g_strv_length ((char **) names);
  watch->losses = g_array_new (FALSE, FALSE, sizeof (float));
  watch->timeline = g_array_new (FALSE, FALSE, sizeof (TimelinePicture));
  g_array_set_clear_func (watch->timeline, clear_picture);
  return watch;
}

void
rv__watch_free (RvWatch *watch)
{
  if (!watch)
    return;
  g_array_unref (watch->losses);
  g_array_unref (watch->timeline);
  g_free (watch);
}

void
rv__watch_add_losses (RvWatch *watch, const double *losses)
{
  for (guint i = 0; watch->options->plot && i < watch->n_names; i++) {
    float loss = (float) losses[i];
    g_array_append_val (watch->losses, loss);
  }
}

/* Whether the timeline needs a picture at @done_01. The last picture of the timeline is the result. */
static gboolean
timeline_due (const RvWatch *watch, double done_01)
{
  return watch->options->timeline && watch->timeline->len < N_TIMELINE - 1 &&
         done_01 >= (double) (watch->timeline->len + 1) / N_TIMELINE;
}

gboolean
rv__watch_due (RvWatch *watch, double done_01)
{
  gint64 now_us = g_get_monotonic_time ();
  watch->live_due = watch->options->live && !watch->live_failed && now_us - watch->live_us >= SHOW_US;
  if (watch->live_due)
    watch->live_us = now_us;
  return watch->live_due || timeline_due (watch, done_01);
}

/* Adds a copy of @image, at most TIMELINE_PX wide and high, to the timeline. */
static gboolean
add_to_timeline (RvWatch *watch, const RvImage *image, gint64 iteration, GError **error)
{
  double scale = MIN ((double) TIMELINE_PX / MAX (image->width, image->height), 1);
  TimelinePicture picture = { rv__image_scale (image, scale, error), iteration };
  if (picture.image)
    g_array_append_val (watch->timeline, picture);
  return picture.image != NULL;
}

/* Writes @image to `live`, if requested (else TRUE). With no_replace_others, replaces only a file that this run has
 * written. */
static gboolean
write_live (RvWatch *watch, const RvImage *image, GError **error)
{
  if (!watch->options->live)
    return TRUE;
  gboolean replace = watch->live_written || !watch->options->no_replace_others;
  watch->live_failed = !rv__picture_save (watch->options, image, watch->options->live, replace, error);
  watch->live_written |= !watch->live_failed;
  return !watch->live_failed;
}

gboolean
rv__watch_show (RvWatch *watch, const RvImage *image, double done_01, gint64 iteration, GError **error)
{
  if (timeline_due (watch, done_01) && !add_to_timeline (watch, image, iteration, error))
    return FALSE;
  return !watch->live_due || write_live (watch, image, error);
}

/* Writes `timeline`, a sheet of its pictures (at least one), enlarged to the size of the last one, with their
 * iterations. With no_replace_others the file must not exist. */
static gboolean
draw_timeline (const RvWatch *watch, GError **error)
{
  const GArray *timeline = watch->timeline;
  const RvImage *last = g_array_index (timeline, TimelinePicture, timeline->len - 1).image;
  int n = (int) timeline->len;
  RvSheetLayout layout = { .columns = MIN (n, COLUMNS),
                           .rows = (n + COLUMNS - 1) / COLUMNS,
                           .cell_width = last->width,
                           .cell_height = last->height,
                           .gap = GAP_PX,
                           .labels = TRUE };
  g_autoptr (RvImage) sheet = rv__sheet_new (&layout, error);
  for (int i = 0; sheet && i < n; i++) {
    const TimelinePicture *picture = &g_array_index (timeline, TimelinePicture, i);
    g_autofree char *label = g_strdup_printf ("iteration %" G_GINT64_FORMAT, picture->iteration);
    g_autoptr (RvImage) cell = rv_image_resize (picture->image, last->width, last->height, RV_IMAGE_RESIZE_BEST, error);
    if (!cell)
      return FALSE;
    rv__sheet_put (sheet, &layout, i, cell, label);
  }
  return sheet && rv_image_save (sheet, watch->options->timeline,
                                 &(RvSaveOptions){ .no_replace = watch->options->no_replace_others }, error);
}

/* Writes `plot`, an SVG: curves of log10 of the losses, which span decades; 0 and less are gaps. watch->n_names must
 * not be 0. With no_replace_others the file must not exist. */
static gboolean
draw_curves (const RvWatch *watch, GError **error)
{
  gint64 n = watch->losses->len / watch->n_names;
  g_autofree RvPlotCurve *curves = g_new0 (RvPlotCurve, watch->n_names);
  g_autofree double *values = g_new (double, watch->losses->len + 1);
  for (guint c = 0; c < watch->n_names; c++) {
    curves[c] = (RvPlotCurve){ watch->names[c], values + c * n };
    for (gint64 i = 0; i < n; i++) {
      double loss = g_array_index (watch->losses, float, i * watch->n_names + c);
      values[c * n + i] = loss > 0 ? log10 (loss) : NAN;
    }
  }
  g_autofree char *svg = rv__plot_curves ("Losses", "iteration", "log10", curves, (int) watch->n_names, n);
  return rv_file_write (watch->options->plot, svg, !watch->options->no_replace_others, error);
}

gboolean
rv__watch_end (RvWatch *watch, const RvImage *result, gint64 iteration, GError **error)
{
  const RvPictureOptions *options = watch->options;
  gboolean ok = !result || write_live (watch, result, error);
  if (result && options->timeline)
    ok =
      add_to_timeline (watch, result, iteration, ok ? error : NULL) && draw_timeline (watch, ok ? error : NULL) && ok;
  return (!options->plot || draw_curves (watch, ok ? error : NULL)) && ok;
}

/* ---- in states --------------------------------------------------------------------------------------------------- */

#define LOSSES "watch.losses"      /* [iterations, losses] */
#define TIMELINE "watch.moment.%u" /* [1, 3, rows, columns] */
#define ITERATIONS "watch.iterations"

void
rv__watch_save (const RvWatch *watch, RvTensorMap *state)
{
  g_autoptr (GString) iterations = g_string_new (NULL);
  if (watch->losses->len > 0) {
    RvShape shape = rv_shape (2, (gint64) (watch->losses->len / watch->n_names), (gint64) watch->n_names);
    g_autoptr (GBytes) bytes = g_bytes_new (watch->losses->data, watch->losses->len * sizeof (float));
    g_autoptr (RvTensor) losses = rv_tensor_new_from_bytes (RV_F32, &shape, bytes, NULL);
    rv_tensor_map_set (state, LOSSES, losses);
  }
  for (guint i = 0; i < watch->timeline->len; i++) {
    const TimelinePicture *picture = &g_array_index (watch->timeline, TimelinePicture, i);
    g_autofree char *name = g_strdup_printf (TIMELINE, i);
    rv_tensor_map_set (state, name, picture->image->rgb);
    g_string_append_printf (iterations, "%" G_GINT64_FORMAT "\n", picture->iteration);
  }
  rv_tensor_map_set_text (state, ITERATIONS, iterations->str);
}

/* (transfer full) (nullable): picture @i of the timeline in @state; NULL: none, or damaged. */
static RvImage *
read_image (const RvTensorMap *state, guint i)
{
  g_autofree char *name = g_strdup_printf (TIMELINE, i);
  const RvTensor *rgb = rv_tensor_map_get (state, name);
  if (!rgb || rgb->type != RV_F32 || rgb->shape.n != 4)
    return NULL;
  const gint64 *dim = rgb->shape.dim;
  if (dim[0] != 1 || dim[1] != 3 || MIN (dim[2], dim[3]) < 1 || MAX (dim[2], dim[3]) > TIMELINE_PX)
    return NULL;
  g_autoptr (RvImage) image = rv_image_new ((int) dim[3], (int) dim[2], NULL);
  return image && rv__tensor_read_into (rgb, image->rgb->data, NULL) ? g_steal_pointer (&image) : NULL;
}

void
rv__watch_restore (RvWatch *watch, const RvTensorMap *state)
{
  const RvTensor *losses = rv_tensor_map_get (state, LOSSES);
  if (watch->options->plot && losses && losses->type == RV_F32 && losses->shape.n == 2 &&
      losses->shape.dim[1] == watch->n_names && rv_shape_count (&losses->shape) <= G_MAXINT) {
    g_array_set_size (watch->losses, (guint) rv_shape_count (&losses->shape));
    if (!rv__tensor_read_into (losses, watch->losses->data, NULL))
      g_array_set_size (watch->losses, 0);
  }
  const char *text = rv_tensor_map_get_text (state, ITERATIONS);
  g_auto (GStrv) iterations = g_strsplit (watch->options->timeline && text ? text : "", "\n", N_TIMELINE);
  for (guint i = 0; iterations[i] && *iterations[i]; i++) {
    TimelinePicture picture = { read_image (state, i), g_ascii_strtoll (iterations[i], NULL, 10) };
    if (!picture.image)
      return;
    g_array_append_val (watch->timeline, picture);
  }
}
