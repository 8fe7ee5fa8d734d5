/* atlas.c -- the atlas of a layer: a dream of each of its channels, from the same noise.
 *
 * On noise, most channels are below zero, where a ReLU passes no gradient. So a cell maximises the mean before the
 * ReLU, if the layer has such values (as for words). Otherwise it maximises the layer's squares, as other dreams do. */
#include "base/error.h"
#include "base/random.h"
#include "method/dream/dream-internal.h"
#include "io/image/sheet.h"
#include "method/run/scheduler.h"
#include <math.h>
#include <string.h>

#define NOISE_STREAM 3 /* stream of random numbers */
#define NOISE_GREY_LEVELS 12.0
#define MIN_CELL_PX 96
#define GAP_PX 6
#define INTERIOR 3         /* minimum number of rows and columns of the layer, without borders */
#define SHAPE_OF_SHEET 1.4 /* columns / rows */

/* Smallest side of a cell, px, from MIN_CELL_PX in steps of 16, at which the layer of @term has enough interior; 0:
 * none up to RV_NET_FITTING_SIDE. */
static int
min_cell_side (const char *net_name, const RvTerm *term)
{
  for (int side = MIN_CELL_PX; side <= RV_NET_FITTING_SIDE; side += 16) {
    g_autoptr (GArray) layers = rv_net_describe (net_name, side, side);
    const RvLayer *layer = rv__net_find_layer (layers, term->layer);
    if (layer && MIN (layer->height, layer->width) >= 2 * term->loss->border + INTERIOR)
      return side;
  }
  return 0;
}

/* (transfer full) (nullable): a square of @side px, grey of 127.5 plus normal noise, the start of every cell. */
static RvImage *
noise (int side, gint64 seed, GError **error)
{
  RvImage *image = rv_image_new (side, side, error);
  for (int i = 0; image && i < 3 * side * side; i++)
    ((float *) image->rgb->data)[i] =
      (float) (127.5 + NOISE_GREY_LEVELS * rv__random_normal ((guint64) seed, NOISE_STREAM, (guint64) i));
  return image;
}

/* (transfer full) (nullable): the cell of @channel: the result of @dream on this channel only. NULL without an
 * error: the channel counts as silent: its gradient on this noise is zero or not finite. */
static RvImage *
dream_channel (RvDream *dream, gint64 channel, GError **error)
{
  RvImage *cell = NULL;
  GError *own_error = NULL;
  rv__dream_select_channel (dream, channel);
  if (rv__dream_run (dream, NULL, NULL, &cell, &own_error))
    return cell;
  rv_image_unref (cell);
  if (g_error_matches (own_error, RV_ERROR, RV_ERROR_NUMBER))
    g_error_free (own_error);
  else
    g_propagate_error (error, own_error);
  return NULL;
}

/* Puts @cell on cell @i of the sheet, labelled with @channel; if @cell is NULL: @start, labelled as silent. */
static void
put_cell (RvImage *sheet, const RvSheetLayout *layout, gint64 i, const RvImage *cell, const RvImage *start,
          gint64 channel)
{
  g_autofree char *label = g_strdup_printf (cell ? "%" G_GINT64_FORMAT : "%" G_GINT64_FORMAT " silent", channel);
  rv__sheet_put (sheet, layout, (int) i, cell ? cell : start, label);
}

/* Puts the scheduler's results on the sheet: on rank 0 those of all ranks, on other ranks only their own. An empty
 * result is a silent channel, shown as @start with a label. Cells of items without a result stay as they are. */
static gboolean
put_results (RvImage *sheet, const RvSheetLayout *layout, const RvImage *start, const GArray *channels,
             const RvScheduler *scheduler, GError **error)
{
  for (guint i = 0; i < channels->len; i++) {
    GBytes *packed = rv__scheduler_result (scheduler, i);
    g_autoptr (RvImage) cell = NULL;
    if (packed && g_bytes_get_size (packed) > 0) {
      if (!(cell = rv_image_new (layout->cell_width, layout->cell_height, error)))
        return FALSE;
      memcpy (cell->rgb->data, g_bytes_get_data (packed, NULL), rv_tensor_bytes (cell->rgb));
    }
    if (packed)
      put_cell (sheet, layout, i, cell, start, g_array_index (channels, gint64, i));
  }
  return TRUE;
}

/* Dreams the channels that @scheduler assigns to this rank and puts their cells on @sheet; rank 0 puts those of all
 * ranks. @progress: (nullable); if it returns FALSE, this rank stops, and fill_sheet() returns TRUE. Collective.
 * @error: not NULL, and clear. */
static gboolean
fill_sheet (RvImage *sheet, const RvSheetLayout *layout, RvDream *dream, const RvImage *start, const GArray *channels,
            RvScheduler *scheduler, RvAtlasFunc progress, gpointer user_data, GError **error)
{
  gint64 i;
  while (rv__scheduler_next (scheduler, &i, error) && i >= 0) {
    gint64 channel = g_array_index (channels, gint64, i);
    GError *own_error = NULL;
    g_autoptr (RvImage) cell = dream_channel (dream, channel, &own_error);
    if (own_error)
      return rv__error_propagate (error, own_error);
    if (rv__scheduler_is_distributed (scheduler))
      rv__scheduler_set_result (scheduler, i, /* the floats of a cell; empty: a silent channel */
                                g_bytes_new (cell ? cell->rgb->data : NULL, cell ? rv_tensor_bytes (cell->rgb) : 0));
    else
      put_cell (sheet, layout, i, cell, start, channel);
    if (progress && !progress (channel, (int) i + 1, (int) channels->len, user_data))
      break;
  }
  return !*error && rv__scheduler_gather (scheduler, error) &&
         put_results (sheet, layout, start, channels, scheduler, error);
}

/* (transfer full) (nullable): a new dream on @start, for all cells, on the layer of @settings. If the network has
 * this layer before its ReLU, the dream uses that, with the loss "channels". Changes layers and channels of
 * @settings. @kernels: (nullable): for rv__dream_set_kernels(). */
static RvDream *
cell_dream (RvSettings *settings, RvNet *net, RvImage *start, RvKernelTable *kernels, GError **error)
{
  RvDreamSettings *fields = settings->fields;
  g_autofree char *before_relu = g_strconcat (fields->layers, ":pre", NULL);
  char *pre = rv__net_layer (rv_net_name (net), before_relu, NULL);
  if (pre) {
    g_free (fields->layers);
    fields->layers = pre;
  }
  g_clear_pointer (&fields->channels, g_free); /* set for each cell: rv__dream_select_channel() */
  g_autoptr (RvDream) dream = rv__dream_new (settings, net, start, error);
  if (!dream || (pre && !rv__dream_set_loss (dream, rv__loss_for ("channels"), error)))
    return NULL;
  if (kernels)
    rv__dream_set_kernels (dream, kernels);
  /* Setting the picture again keeps the compiled programs for later runs. */
  return rv__dream_set_image (dream, start, error) ? g_steal_pointer (&dream) : NULL;
}

RvImage *
rv__dream_atlas (const RvSettings *settings, RvNet *net, const char *layer, RvKernelTable *kernels,
                 RvAtlasFunc progress, gpointer user_data, GError **error)
{
  if (!rv__settings_fields (settings, &rv__settings_dream, error))
    return NULL;
  g_autoptr (RvSettings) cell_settings = rv__settings_copy (settings);
  RvDreamSettings *fields = cell_settings->fields;
  g_free (fields->layers);
  fields->layers = g_strdup (layer);
  g_autoptr (GArray) terms = rv__dream_terms (fields, rv_net_name (net), error);
  if (!terms)
    return NULL;
  if (terms->len != 1)
    return rv__error_null (error, RV_ERROR_SETTING, "an atlas shows one layer, not '%s'; name one layer", layer);
  const RvTerm *term = &g_array_index (terms, RvTerm, 0);
  int side = min_cell_side (rv_net_name (net), term);
  gint64 n_channels = rv__net_n_channels (rv_net_name (net), term->layer);
  g_autoptr (GArray) channels = g_array_new (FALSE, FALSE, sizeof (gint64));
  for (gint64 c = 0; c < n_channels; c++)
    if (!term->channel_weights || term->channel_weights[c] != 0)
      g_array_append_val (channels, c);
  if (side == 0 || channels->len == 0)
    return rv__error_null (error, RV_ERROR_SETTING, "the layer %s has no rows and columns; choose another",
                           term->layer);
  int columns = CLAMP ((int) ceil (sqrt (SHAPE_OF_SHEET * channels->len)), 1, (int) channels->len);
  RvSheetLayout layout = { .columns = columns,
                           .rows = ((int) channels->len + columns - 1) / columns,
                           .cell_width = side,
                           .cell_height = side,
                           .gap = GAP_PX,
                           .labels = TRUE };
  g_autoptr (RvImage) sheet = rv__sheet_new (&layout, error), start = sheet ? noise (side, fields->seed, error) : NULL;
  g_autoptr (RvScheduler) scheduler =
    start ? rv__scheduler_new (channels->len, NULL, error) : NULL; /* ranks work independently from here on */
  g_autoptr (RvDream) dream = scheduler ? cell_dream (cell_settings, net, start, kernels, error) : NULL;
  if (!dream || !fill_sheet (sheet, &layout, dream, start, channels, scheduler, progress, user_data, error))
    return NULL;
  return g_steal_pointer (&sheet);
}
