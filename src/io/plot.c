/* plot.c -- curves and scatter plots as SVG. */
#include "plot.h"
#include <math.h>

#define WIDTH 640
#define HEIGHT 420
#define LEFT 80
#define RIGHT 120 /* for the legend */
#define TOP 44
#define BOTTOM 56
#define TICKS 6 /* approximate */

/* Colours that colour-blind people can distinguish (Okabe, Ito 2008), then paler ones. */
static const char *const colours[] = { "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00",
                                       "#56b4e9", "#5b5b5b", "#8c6bb1", "#a6761d", "#b2182b" };

typedef struct {
  double x0, x1, y0, y1; /* range of the axes */
  GString *svg;
} Frame;

/* Position of @x in the SVG, px from the left. */
static double
x_at (const Frame *frame, double x)
{
  return LEFT + (x - frame->x0) / (frame->x1 - frame->x0) * (WIDTH - LEFT - RIGHT);
}

/* Position of @y in the SVG, px from the top. */
static double
y_at (const Frame *frame, double y)
{
  return HEIGHT - BOTTOM - (y - frame->y0) / (frame->y1 - frame->y0) * (HEIGHT - TOP - BOTTOM);
}

/* Appends @before and @number, with a decimal point in any locale. */
static void
add_number (GString *svg, const char *before, double number)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];
  g_string_append_printf (svg, "%s%s", before, g_ascii_formatd (text, sizeof text, "%.1f", number));
}

/* Appends @text, escaped, at (@x, @y), px. @extra: further attributes of the element, or "". */
static void
add_text (GString *svg, double x, double y, const char *extra, const char *text)
{
  g_autofree char *plain = g_markup_escape_text (text, -1);
  add_number (svg, "<text x=\"", x);
  add_number (svg, "\" y=\"", y);
  g_string_append_printf (svg, "\" %s>%s</text>\n", extra, plain);
}

static void
add_line (GString *svg, double x1, double y1, double x2, double y2)
{
  add_number (svg, "<line x1=\"", x1);
  add_number (svg, "\" y1=\"", y1);
  add_number (svg, "\" x2=\"", x2);
  add_number (svg, "\" y2=\"", y2);
  g_string_append (svg, "\"/>\n");
}

/* Widens a range at both ends by 5 %; an empty range by 5 % of its value, at least 0.5. A range of rounding errors
 * counts as empty: add_ticks() cannot advance in it. */
static void
widen (double *low, double *high)
{
  double room = (*high - *low) * 0.05;
  if (!(*high - *low > 1e-9 * MAX (fabs (*low), fabs (*high))))
    room = MAX (fabs (*low) * 0.05, 0.5);
  *low -= room, *high += room;
}

/* Appends grid lines and numbers of one axis to frame->svg, over the axis' range in @frame, which must not be empty;
 * without points rv__plot_curves() passes x from 0.5 to 0.5, which gets no tick. Distance: 1, 2 or 5 times a power of
 * ten, about 6 ticks. @vertical: the y axis. @whole: distance 1 or more. Can't fail. */
static void
add_ticks (Frame *frame, gboolean vertical, gboolean whole)
{
  double low = vertical ? frame->y0 : frame->x0, high = vertical ? frame->y1 : frame->x1;
  double power = pow (10, floor (log10 ((high - low) / TICKS))), parts = (high - low) / TICKS / power;
  double step = power * (parts < 1.5 ? 1 : parts < 3.5 ? 2 : parts < 7.5 ? 5 : 10);
  step = whole ? MAX (step, 1) : step;
  for (double at = ceil (low / step) * step; at <= high + step * 1e-9; at += step) {
    char text[G_ASCII_DTOSTR_BUF_SIZE];
    g_ascii_formatd (text, sizeof text, "%.6g", fabs (at) < step * 1e-6 ? 0 : at);
    g_string_append (frame->svg, "<g stroke=\"#e4e4e4\">");
    if (vertical)
      add_line (frame->svg, LEFT, y_at (frame, at), WIDTH - RIGHT, y_at (frame, at));
    else
      add_line (frame->svg, x_at (frame, at), TOP, x_at (frame, at), HEIGHT - BOTTOM);
    g_string_append (frame->svg, "</g>");
    if (vertical)
      add_text (frame->svg, LEFT - 8, y_at (frame, at) + 4, "text-anchor=\"end\"", text);
    else
      add_text (frame->svg, x_at (frame, at), HEIGHT - BOTTOM + 18, "text-anchor=\"middle\"", text);
  }
}

/* Creates frame->svg, owned and still open; end_svg() completes and returns it. Draws background, ticks and the three
 * texts, which are escaped. The ranges in @frame must be set and not empty, except that of x from 0.5 to 0.5 with
 * @whole_x_ticks, without points. @whole_x_ticks: no fractions on the x axis. Can't fail. */
static void
begin_svg (Frame *frame, const char *title, const char *x_label, const char *y_label, gboolean whole_x_ticks)
{
  g_autofree char *rotated =
    g_strdup_printf ("text-anchor=\"middle\" transform=\"rotate(-90 18 %d)\"", (TOP + HEIGHT - BOTTOM) / 2);
  frame->svg = g_string_new (NULL);
  g_string_append_printf (frame->svg,
                          "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" "
                          "viewBox=\"0 0 %d %d\" font-family=\"sans-serif\" font-size=\"12\" fill=\"#333\">\n"
                          "<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>\n",
                          WIDTH, HEIGHT, WIDTH, HEIGHT);
  add_ticks (frame, FALSE, whole_x_ticks);
  add_ticks (frame, TRUE, FALSE);
  add_text (frame->svg, LEFT, 26, "font-size=\"15\"", title);
  add_text (frame->svg, (LEFT + WIDTH - RIGHT) / 2.0, HEIGHT - 14, "text-anchor=\"middle\"", x_label);
  add_text (frame->svg, 18, (TOP + HEIGHT - BOTTOM) / 2.0, rotated, y_label);
}

/* (transfer full): the complete SVG; frame->svg becomes NULL. */
static char *
end_svg (Frame *frame)
{
  g_string_append_printf (frame->svg,
                          "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"none\" stroke=\"#999\"/>\n", LEFT,
                          TOP, WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM);
  g_string_append (frame->svg, "</svg>\n");
  return g_string_free (g_steal_pointer (&frame->svg), FALSE);
}

/* Appends a square in @colour and @name, escaped, at the right of the axes, as row @row, from 0. */
static void
add_legend (Frame *frame, int row, const char *colour, const char *name)
{
  double y = TOP + 10 + 20 * row;
  g_string_append_printf (frame->svg, "<rect x=\"%d\" y=\"%d\" width=\"12\" height=\"12\" fill=\"%s\"/>\n",
                          WIDTH - RIGHT + 14, (int) y - 10, colour);
  add_text (frame->svg, WIDTH - RIGHT + 32, y, "", name);
}

/* Appends a line through the points (i + 1, curve->y[i]), i < @n, to frame->svg, interrupted at NaN and infinite
 * numbers. Up to 40 points get circles: a single one makes no line. Can't fail. */
static void
add_curve (Frame *frame, const RvPlotCurve *curve, gint64 n, const char *colour)
{
  g_string_append_printf (frame->svg, "<path fill=\"none\" stroke-width=\"2\" stroke=\"%s\" d=\"", colour);
  gboolean drawing = FALSE;
  for (gint64 i = 0; i < n; i++) {
    if (isfinite (curve->y[i])) {
      add_number (frame->svg, drawing ? "L" : "M", x_at (frame, (double) (i + 1)));
      add_number (frame->svg, " ", y_at (frame, curve->y[i]));
    }
    drawing = isfinite (curve->y[i]);
  }
  g_string_append (frame->svg, "\"/>\n");
  for (gint64 i = 0; n <= 40 && i < n; i++)
    if (isfinite (curve->y[i])) {
      add_number (frame->svg, "<circle r=\"3\" cx=\"", x_at (frame, (double) (i + 1)));
      add_number (frame->svg, "\" cy=\"", y_at (frame, curve->y[i]));
      g_string_append_printf (frame->svg, "\" fill=\"%s\"/>\n", colour);
    }
}

char *
rv__plot_curves (const char *title, const char *x_label, const char *y_label, const RvPlotCurve *curves, int n_curves,
                 gint64 n)
{
  Frame frame = { .x0 = 1, .x1 = (double) n, .y0 = INFINITY, .y1 = -INFINITY };
  for (int c = 0; c < n_curves; c++)
    for (gint64 i = 0; i < n; i++)
      if (isfinite (curves[c].y[i]))
        frame.y0 = MIN (frame.y0, curves[c].y[i]), frame.y1 = MAX (frame.y1, curves[c].y[i]);
  if (!isfinite (frame.y0))
    frame.y0 = 0, frame.y1 = 1;
  widen (&frame.x0, &frame.x1);
  widen (&frame.y0, &frame.y1);
  begin_svg (&frame, title, x_label, y_label, TRUE);
  int row = 0;
  for (int c = 0; c < n_curves; c++) {
    const char *colour = colours[c % (int) G_N_ELEMENTS (colours)];
    gint64 i = 0;
    while (i < n && !isfinite (curves[c].y[i]))
      i++;
    if (i == n)
      continue;
    add_curve (&frame, &curves[c], n, colour);
    add_legend (&frame, row++, colour, curves[c].name);
  }
  return end_svg (&frame);
}

char *
rv__plot_points (const char *title, const char *x_label, const char *y_label, const float *x, const float *y,
                 gint64 stride, const guint16 *label, char *const *names, gint64 n)
{
  Frame frame = { .x0 = INFINITY, .x1 = -INFINITY, .y0 = INFINITY, .y1 = -INFINITY };
  int n_labels = label ? (int) g_strv_length ((GStrv) names) : 1;
  g_autofree gboolean *seen = g_new0 (gboolean, n_labels);
  for (gint64 i = 0; i < n; i++) {
    frame.x0 = MIN (frame.x0, x[i * stride]), frame.x1 = MAX (frame.x1, x[i * stride]);
    frame.y0 = MIN (frame.y0, y[i * stride]), frame.y1 = MAX (frame.y1, y[i * stride]);
    seen[label ? label[i] : 0] = TRUE;
  }
  widen (&frame.x0, &frame.x1);
  widen (&frame.y0, &frame.y1);
  begin_svg (&frame, title, x_label, y_label, FALSE);
  int row = 0;
  for (int l = 0; l < n_labels; l++) {
    if (!seen[l])
      continue;
    const char *colour = colours[l % (int) G_N_ELEMENTS (colours)];
    g_string_append_printf (frame.svg, "<g fill=\"%s\" fill-opacity=\"0.6\">\n", colour);
    for (gint64 i = 0; i < n; i++)
      if (!label || label[i] == l) {
        add_number (frame.svg, "<circle r=\"1.6\" cx=\"", x_at (&frame, x[i * stride]));
        add_number (frame.svg, "\" cy=\"", y_at (&frame, y[i * stride]));
        g_string_append (frame.svg, "\"/>\n");
      }
    g_string_append (frame.svg, "</g>\n");
    if (label && row < 16)
      add_legend (&frame, row++, colour, names[l]);
  }
  return end_svg (&frame);
}
