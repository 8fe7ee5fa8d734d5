/* plot.h -- curves and clouds of points, as SVG; and SVG as a picture.
 * Layer 2 (io). */
#ifndef RV_PLOT_H
#define RV_PLOT_H

#include <reverie/image.h>

typedef struct {
  const char *name;
  const double *y; /* NaN: no point there */
} RvPlotCurve;

/* rv__plot_curves: (transfer full): @n_curves of @n points each over x = 1 ... n. */
char *rv__plot_curves (const char *title, const char *x_label, const char *y_label, const RvPlotCurve *curves,
                       int n_curves, gint64 n);

/* rv__plot_points: (transfer full): @n points, coloured by @label (NULL: one colour). */
char *rv__plot_points (const char *title, const char *x_label, const char *y_label, const float *x, const float *y,
                       gint64 stride, const guint8 *label, gint64 n);

/* rv__plot_image: (transfer full) (nullable): drawn by librsvg through libvips. RV_ERROR_FORMAT where that is not
 * there. */
RvImage *rv__plot_image (const char *svg, double scale, GError **error);

#endif
