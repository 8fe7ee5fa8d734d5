/* plot.h -- curves and scatter plots as SVG, and SVG as a picture. Layer 2 (io). */
#pragma once

#include <reverie/image.h>

/* Curve of rv__plot_curves(). */
typedef struct {
  const char *name; /* for the legend */
  const double *y;  /* NaN: no point */
} RvPlotCurve;

/* (transfer full: g_free()): an SVG of @n_curves curves with @n points each over x = 1 ... @n; @n 0: only the axes. NaN
 * and infinite numbers are gaps. Curves without a finite number are left out, also of the legend; without any curve the
 * axes are drawn. Texts are escaped. Colours repeat after ten. Can't fail. */
char *rv__plot_curves (const char *title, const char *x_label, const char *y_label, const RvPlotCurve *curves,
                       int n_curves, gint64 n);

/* (transfer full: g_free()): an SVG of @n points (x[i * @stride], y[i * @stride]), all finite; @n at least 1. The
 * colour shows label[i], an index in @names (NULL-terminated). The legend has the 16 lowest labels; colours repeat
 * after ten. @label NULL: one colour, no legend. Texts are escaped. Can't fail. */
char *rv__plot_points (const char *title, const char *x_label, const char *y_label, const float *x, const float *y,
                       gint64 stride, const guint16 *label, char *const *names, gint64 n);

/* (transfer full) (nullable): an SVG of rv__plot_curves() or rv__plot_points(), rendered by librsvg at @scale times 640
 * x 420 px. Colours in 0..255, no alpha. Unblocks libvips' loader of SVG, if it is blocked, meanwhile for the whole
 * process. NULL: RV_ERROR_FORMAT without librsvg, or if drawing fails. */
RvImage *rv__plot_image (const char *svg, double scale, GError **error);
