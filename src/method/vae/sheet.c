/* sheet.c -- pictures of a VAE: grids, training curves, and a scatter plot of latent means. */
#include "base/error.h"
#include "base/json.h"
#include "io/image/sheet.h"
#include "io/plot.h"
#include "method/vae/vae-internal.h"
#include <math.h>
#include <string.h>

#define CELL_PX 56 /* minimum; smaller pictures are enlarged by an integer */
#define PLOT_SCALE 1.5

/* (transfer full) (nullable): the picture @pixels_01, [channels, height, width] in 0..1, as an RGB image in 0..255
 * in which each pixel is a square of @factor px. With fewer than 3 channels it is grey, the first channel. */
static RvImage *
enlarged (const RvVae *vae, const float *pixels_01, int factor, GError **error)
{
  RvImage *cell = rv_image_new (vae->width * factor, vae->height * factor, error);
  gint64 plane = (gint64) vae->width * vae->height;
  for (int c = 0; cell && c < 3; c++)
    for (int y = 0; y < cell->height; y++)
      for (int x = 0; x < cell->width; x++)
        ((float *) cell->rgb->data)[((gint64) c * cell->height + y) * cell->width + x] =
          255 * pixels_01[(vae->channels == 3 ? c * plane : 0) + y / factor * vae->width + x / factor];
  return cell;
}

int
rv__vae_sheet_layout (const RvVae *vae, gint64 n, int columns, int gap_px, RvSheetLayout *layout)
{
  int factor = MAX ((CELL_PX + MIN (vae->width, vae->height) - 1) / MIN (vae->width, vae->height), 1);
  columns = (int) CLAMP (columns, 1, n);
  *layout = (RvSheetLayout){ .columns = columns,
                             .rows = (int) ((n + columns - 1) / columns),
                             .cell_width = vae->width * factor,
                             .cell_height = vae->height * factor,
                             .gap = gap_px };
  return factor;
}

RvImage *
rv_vae_sheet (const RvVae *vae, const float *pixels_01, gint64 n, int columns, int gap_px, GError **error)
{
  if (n < 1 || gap_px < 0)
    return rv__error_null (error, RV_ERROR_SHAPE,
                           "a sheet of %" G_GINT64_FORMAT
                           " pictures, %d px apart, needs at least one picture and a distance of 0 px or more",
                           n, gap_px);
  RvSheetLayout layout;
  int factor = rv__vae_sheet_layout (vae, n, columns, gap_px, &layout);
  g_autoptr (RvImage) sheet = rv__sheet_new (&layout, error);
  for (gint64 i = 0; sheet && i < n; i++) {
    g_autoptr (RvImage) cell = enlarged (vae, pixels_01 + i * rv__vae_pixels (vae), factor, error);
    if (!cell)
      return NULL;
    rv__sheet_put (sheet, &layout, (int) i, cell, NULL);
  }
  return g_steal_pointer (&sheet);
}

RvImage *
rv__vae_reconstructions (const RvVae *vae, const RvDataset *data, gint64 n, int columns, int gap_px, GError **error)
{
  gint64 numbers = n * rv__vae_pixels (vae);
  g_autofree int *labels = rv__vae_labels_from_dataset (vae, data, error);
  g_autofree float *mu = g_new (float, n * vae->settings->latent);
  g_autoptr (float) pixels =
    labels ? rv__alloc ((gsize) (2 * numbers) * sizeof *pixels, "a sheet of a VAE", error) : NULL;
  for (gint64 i = 0; pixels && i < numbers; i++)
    pixels[i] = (float) data->pixels[i] / 255;
  return pixels && rv__vae_encode (vae, data->pixels, labels, n, mu, NULL, error) &&
             rv__vae_decode (vae, mu, labels, n, pixels + numbers, error)
           ? rv_vae_sheet (vae, pixels, 2 * n, columns, gap_px, error)
           : NULL;
}

/* ---- plots ------------------------------------------------------------------------------------------------------- */

/* Number @name of @object; NaN if it is missing, null, a list or an object. */
static double
member (JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);
  return node && JSON_NODE_HOLDS_VALUE (node) ? json_node_get_double (node) : NAN;
}

char *
rv__vae_plot_history (const RvVae *vae)
{
  const char *history = rv_vae_get_note (vae, "history");
  g_auto (GStrv) lines = g_strsplit (history ? history : "", "\n", -1);
  gint64 n = (gint64) g_strv_length (lines);
  g_autofree double *loss = g_new (double, n + 1), *reconstruction = g_new (double, n + 1),
                    *validation = g_new (double, n + 1);
  gint64 seen = 0;
  for (char **line = lines; *line; line++) {
    g_autoptr (JsonObject) object = rv__json_object (*line, strlen (*line), "history", NULL);
    if (!object)
      continue;
    reconstruction[seen] = member (object, "reconstruction");
    loss[seen] = reconstruction[seen] + vae->settings->beta * member (object, "kl");
    validation[seen++] = member (object, "validation");
  }
  const RvPlotCurve curves[] = { { "loss", loss }, { "reconstruction", reconstruction }, { "validation", validation } };
  return rv__plot_curves ("Training", "epoch", "nats per picture", curves, G_N_ELEMENTS (curves), seen);
}

char *
rv__vae_plot_latent (const RvVae *vae, const float *mu, const RvDataset *dataset)
{
  gint64 latent = vae->settings->latent;
  return rv__plot_points ("Latent means", "z0", latent > 1 ? "z1" : "z0", mu, mu + (latent > 1), latent,
                          dataset->labels, dataset->label_names, dataset->n);
}

RvImage *
rv__vae_plot_image (const char *svg, GError **error)
{
  return rv__plot_image (svg, PLOT_SCALE, error);
}
