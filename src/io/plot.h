/* plot.h -- curves and scatter plots as SVG, and SVG as a picture. Layer 2 (io). */
#ifndef RV_PLOT_H
#define RV_PLOT_H

#include <reverie/image.h>

typedef struct {
  const char *name;
  const double *y; /* NaN: no point */
} RvPlotCurve;

/* (transfer full): an SVG of @n_curves curves with @n points each over x = 1 ... n. Points that are not finite are
 * gaps; curves without other points are left out. Can't fail. */
char *rv__plot_curves (const char *title, const char *x_label, const char *y_label, const RvPlotCurve *curves,
                       int n_curves, gint64 n);

/* (transfer full): an SVG of @n points (x[i * @stride], y[i * @stride]), all finite, coloured by label[i]. The legend
 * has the 16 lowest labels. @label NULL: one colour, no legend. Can't fail. */
char *rv__plot_points (const char *title, const char *x_label, const char *y_label, const float *x, const float *y,
                       gint64 stride, const guint8 *label, gint64 n);

/* (transfer full) (nullable): an SVG of rv__plot_curves() or rv__plot_points(), at @scale times 640 x 420 px, rendered
 * by librsvg. RV_ERROR_FORMAT without librsvg; RV_ERROR_MEMORY, RV_ERROR_CANCELLED, errors of rv__vips_start(). */
RvImage *rv__plot_image (const char *svg, double scale, GError **error);

#endif
