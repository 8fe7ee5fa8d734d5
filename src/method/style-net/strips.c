/* strips.c -- paints a large picture in strips of its full width, with the same result.
 *
 * An instance norm depends on the whole picture, but only through two sums for each channel, which are added over the
 * strips. Each norm therefore needs a pass over all strips before the next layer can be computed. Between the segments
 * of the network (style-net.h) the features at a quarter of the size, `middle`, are stored. Within a segment each pass
 * computes the earlier layers again:
 *
 *   down    conv 1 -> sums; conv 1, 2 -> sums; conv 1, 2, 3 -> sums and middle
 *   block   conv a -> sums; a, b -> sums; a, b -> added to middle
 *   up      conv 1 -> sums; conv 1, 2 -> sums; all -> the picture
 *
 * Rows are those of the extended picture (rv__style_net_extend_rows()).
 *
 * The work is about 2.4 times that of the whole, and 4 W H numbers are stored besides the picture. A strip's window has
 * a margin of rows above and below; features near its cut edges are wrong and are not used. All windows of a pass have
 * one size and use one program. Rows are counted at a quarter of the size, so that windows begin on multiples of the
 * strides. */
#include "base/alloc.h"
#include "base/system.h"
#include "method/style-net/style-net.h"
#include <math.h>
#include <string.h>

#define MOST_MARGIN 3 /* rows at a quarter of the size that a segment reads beyond its own */
#define MIDDLE_LEVEL 2

/* State of the painting of one picture. */
typedef struct {
  const RvStyleNet *style_net;
  const float *numbers;
  const RvBackendClass *backend;
  int n_threads;
  gint64 height, width, rows; /* extended picture, px; strip, at a quarter of the size */
  const RvImage *image;
  RvImage *painted;     /* may be the image */
  float *middle;        /* [64, height / 4, width / 4] */
  float *previous_rows; /* rows of `middle` above a strip, before the block was added */
  float *in, *out;      /* input and output of a window */
  float sums[RV_STYLE_NET_N_NORMS][2 * RV_STYLE_NET_MIDDLE]; /* sums of the norms whose pass is done */
} Strips;

/* Use of the output of a pass, see run_pass(). */
typedef enum { ONLY_SUMS, STORE, ADD, FINISH } Purpose;

static const gint64 margins[RV_STYLE_NET_N_SEGMENTS] = { 2, 2, 2, 2, 2, 2, MOST_MARGIN };

/* Length @px after @level halvings, each rounded up. */
static gint64
at_level (gint64 px, int level)
{
  gint64 unit = 1 << level;
  return (px + unit - 1) / unit;
}

/* Rows of the picture at a quarter of the size. */
static gint64
n_rows (const Strips *s)
{
  return at_level (s->height, MIDDLE_LEVEL);
}

/* Rows of a window of @segment at a quarter of the size. */
static gint64
window_rows (const Strips *s, int segment)
{
  return MIN (s->rows + 2 * margins[segment], n_rows (s));
}

/* The window of segment @segment. All windows of a segment have the size of the last one, which ends with the picture,
 * maybe within a row of 4 px. @last: RvStyleNetStrip.last. */
static RvStyleNetStrip
strip_window (const Strips *s, int segment, int last)
{
  gint64 cut = 4 * n_rows (s) - s->height;
  return (RvStyleNetStrip){ .segment = segment,
                            .last = last,
                            .rows = 4 * window_rows (s, segment) - cut,
                            .picture_height = s->height,
                            .picture_width = s->width };
}

/* ---- loading ----------------------------------------------------------------------------------------------------- */

/* Overwrites s->in with the window that begins with row @begin, for the strip that begins with row @first, both in rows
 * at a quarter of the size. With @purpose ADD, the upper margin gets previous_rows: the rows before the block was
 * added.
 */
static void
load_window (const Strips *s, const RvStyleNetStrip *window, gint64 first, gint64 begin, Purpose purpose)
{
  gint64 width = at_level (s->width, MIDDLE_LEVEL), n = window_rows (s, window->segment);
  if (window->segment == 0) {
    rv__style_net_extend_rows (s->image, s->style_net->grain, 4 * begin, window->rows, s->in);
    return;
  }
#pragma omp parallel for schedule(static)
  for (gint64 c = 0; c < RV_STYLE_NET_MIDDLE; c++)
    memcpy (s->in + c * n * width, s->middle + (c * n_rows (s) + begin) * width, (gsize) (n * width) * sizeof (float));
  gint64 margin = margins[window->segment], at = first - margin - begin;
  for (gint64 c = 0; purpose == ADD && first > 0 && c < RV_STYLE_NET_MIDDLE; c++)
    memcpy (s->in + (c * n + at) * width, s->previous_rows + c * margin * width,
            (gsize) (margin * width) * sizeof (float));
}

/* ---- storing ----------------------------------------------------------------------------------------------------- */

/* Rows of a window's output without its margin: @n rows from row @skip on. In the whole picture they begin with row
 * @at. */
typedef struct {
  gint64 width, window_height, skip, n, at;
} Core;

/* Address of the first number of @core in channel @channel of s->out. Borrowed. */
static const float *
core_row (const Strips *s, const Core *core, gint64 channel)
{
  return s->out + (channel * core->window_height + core->skip) * core->width;
}

/* Adds the sums of the core of each channel to sums[c], and its sums of squares to sums[channels + c]. */
static void
add_sums (const Strips *s, const Core *core, gint64 channels, double *sums)
{
#pragma omp parallel for schedule(static)
  for (gint64 c = 0; c < channels; c++) {
    const float *x = core_row (s, core, c);
    double sum = 0, squares = 0;
    for (gint64 i = 0; i < core->n * core->width; i++) {
      sum += (double) x[i];
      squares += (double) x[i] * (double) x[i];
    }
    sums[c] += sum;
    sums[channels + c] += squares;
  }
}

/* Sets @a and @b so that norm @k of channel @c is y = a x + b, by the sums of the whole picture. */
static void
norm_affine (const Strips *s, int k, gint64 c, float *a, float *b)
{
  gint64 first, channels = rv__style_net_norm_channels (k, &first);
  double n = (double) rv__style_net_positions (k, s->height, s->width), mean = (double) s->sums[k][c] / n,
         variance = MAX ((double) s->sums[k][channels + c] / n - mean * mean, 0),
         scale = (double) s->numbers[first + c] / sqrt (variance + RV_STYLE_NET_EPSILON);
  *a = (float) scale;
  *b = (float) ((double) s->numbers[RV_STYLE_NET_CHANNELS + first + c] - scale * mean);
}

/* Address of row @row, counted at a quarter of the size, of channel @channel in s->middle. Borrowed. */
static float *
middle_rows (const Strips *s, gint64 channel, gint64 row)
{
  return s->middle + (channel * n_rows (s) + row) * at_level (s->width, MIDDLE_LEVEL);
}

/* Copies the core of s->out, before its norm, to s->middle. */
static void
store_core (const Strips *s, const Core *core)
{
#pragma omp parallel for schedule(static)
  for (gint64 c = 0; c < RV_STYLE_NET_MIDDLE; c++)
    memcpy (middle_rows (s, c, core->at), core_row (s, core, c), (gsize) (core->n * core->width) * sizeof (float));
}

/* Applies the last norm of the first segment, by its sums in s->sums, and ReLU to s->middle, in place. */
static void
norm_middle (const Strips *s)
{
  gint64 n = n_rows (s) * at_level (s->width, MIDDLE_LEVEL);
#pragma omp parallel for schedule(static)
  for (gint64 c = 0; c < RV_STYLE_NET_MIDDLE; c++) {
    float a, b, *x = middle_rows (s, c, 0);
    norm_affine (s, RV_STYLE_NET_CONVS_DOWN - 1, c, &a, &b);
    for (gint64 i = 0; i < n; i++)
      x[i] = fmaxf (a * x[i] + b, 0);
  }
}

/* Adds norm @k of the output's core to `middle`. First saves the last @margin rows of the core in `middle` in
 * previous_rows, because the next window reads their old values; not after the last strip. Cannot fail. */
static void
add_norm (const Strips *s, const Core *core, int k, gint64 margin)
{
  gsize n_previous = (gsize) (margin * core->width);
  gboolean last = core->at + core->n == n_rows (s);
#pragma omp parallel for schedule(static)
  for (gint64 c = 0; c < RV_STYLE_NET_MIDDLE; c++) {
    const float *y = core_row (s, core, c);
    float a, b, *x = middle_rows (s, c, core->at);
    norm_affine (s, k, c, &a, &b);
    if (!last)
      memcpy (s->previous_rows + (gsize) c * n_previous, x + (core->n - margin) * core->width,
              n_previous * sizeof (float));
    for (gint64 i = 0; i < core->n * core->width; i++)
      x[i] += a * y[i] + b;
  }
}

/* ---- passes ------------------------------------------------------------------------------------------------------ */

/* (transfer full) (nullable): a bound engine for a window, loaded with the style and with the sums of earlier
 * passes in s->sums. */
static RvStyleNetEngine *
new_engine (const Strips *s, const RvStyleNetStrip *window, GError **error)
{
  g_autoptr (RvStyleNetEngine) engine =
    rv__style_net_engine_new_window (s->style_net, window, s->backend, s->n_threads, error);
  if (!engine || !rv__style_net_engine_bind (engine, error) ||
      !rv__style_net_engine_set_style (engine, s->numbers, error))
    return NULL;
  for (int k = 0; k < RV_STYLE_NET_N_NORMS; k++)
    if (engine->sums[k] >= 0 && !rv__executable_set (engine->executable, engine->sums[k], s->sums[k], error))
      return NULL;
  return g_steal_pointer (&engine);
}

/* Runs @segment up to convolution @last over all strips. @purpose: ONLY_SUMS and STORE set s->sums[last]; STORE
 * also sets `middle`, ADD adds norm @last to it, FINISH sets `painted`. After an error some strips may be done. */
static gboolean
run_pass (Strips *s, int segment, int last, Purpose purpose, GError **error)
{
  const RvStyleNetStrip window = strip_window (s, segment, last);
  g_autoptr (RvStyleNetEngine) engine = new_engine (s, &window, error);
  if (!engine)
    return FALSE;
  const RvShape *shape = rv__program_shape (engine->executable->program, engine->y);
  gint64 margin = margins[segment], n = n_rows (s), channels = shape->dim[1];
  int level = rv__style_net_level (last), unit = 1 << (MIDDLE_LEVEL - level);
  double sums[2 * RV_STYLE_NET_MIDDLE] = { 0 };
  for (gint64 first = 0; first < n; first += s->rows) {
    gint64 begin = CLAMP (first - margin, 0, n - window_rows (s, segment)), height = at_level (s->height, level);
    Core core = { .width = shape->dim[3],
                  .window_height = shape->dim[2],
                  .skip = (first - begin) * unit,
                  .n = MIN ((first + s->rows) * unit, height) - first * unit,
                  .at = first * unit };
    load_window (s, &window, first, begin, purpose);
    if (!rv__executable_set (engine->executable, engine->x, s->in, error) ||
        !rv__executable_forward (engine->executable, error) ||
        !rv__executable_get (engine->executable, engine->y, s->out, error))
      return FALSE;
    if (purpose == ONLY_SUMS || purpose == STORE)
      add_sums (s, &core, channels, sums);
    if (purpose == STORE)
      store_core (s, &core);
    else if (purpose == ADD)
      add_norm (s, &core, last, margin);
    else if (purpose == FINISH)
      rv__style_net_crop_rows (core_row (s, &core, 0), core.window_height * core.width, core.at, core.n, s->painted);
  }
  for (gint64 c = 0; (purpose == ONLY_SUMS || purpose == STORE) && c < 2 * channels; c++)
    s->sums[last][c] = (float) sums[c];
  return TRUE;
}

/* Runs all passes, from the picture to the painted picture. */
static gboolean
run_all (Strips *s, GError **error)
{
  int up = RV_STYLE_NET_N_SEGMENTS - 1, conv = RV_STYLE_NET_CONVS_DOWN;
  for (int k = 0; k < RV_STYLE_NET_CONVS_DOWN; k++)
    if (!run_pass (s, 0, k, k == RV_STYLE_NET_CONVS_DOWN - 1 ? STORE : ONLY_SUMS, error))
      return FALSE;
  norm_middle (s);
  for (int block = 1; block < up; block++, conv += 2)
    if (!run_pass (s, block, conv, ONLY_SUMS, error) || !run_pass (s, block, conv + 1, ONLY_SUMS, error) ||
        !run_pass (s, block, conv + 1, ADD, error))
      return FALSE;
  return run_pass (s, up, conv, ONLY_SUMS, error) && run_pass (s, up, conv + 1, ONLY_SUMS, error) &&
         run_pass (s, up, conv + 2, FINISH, error);
}

/* ---- memory ------------------------------------------------------------------------------------------------------ */

/* Buffers of @s, none of them allocated. (transfer full). A window's output has at most as many numbers as 16 channels
 * of its rows at full size; its input has fewer. */
static GArray *
list_buffers (Strips *s)
{
  gint64 window = 16 * 4 * (s->rows + 2 * MOST_MARGIN) * (s->width + 3) * (gint64) sizeof (float);
  gint64 row = RV_STYLE_NET_MIDDLE * at_level (s->width, MIDDLE_LEVEL) * (gint64) sizeof (float);
  const RvBuffer rows[] = {
    { &s->middle, row * n_rows (s), "features of the whole picture", 0, 0 },
    { &s->previous_rows, row * MOST_MARGIN, "features of a strip", 0, 0 },
    { &s->in, window / 4, "a strip", 0, 0 },
    { &s->out, window, "a painted strip", 0, 0 },
  };
  return rv__buffers_new (rows, G_N_ELEMENTS (rows));
}

gboolean
rv__style_net_strips_memory (const RvStyleNet *style_net, gint64 height, gint64 width, gint64 rows,
                             const RvBackendClass *backend, int n_threads, gsize *bytes, gsize *device_bytes,
                             GError **error)
{
  Strips s = { .style_net = style_net,
               .height = height + 2 * RV_STYLE_NET_MARGIN_PX,
               .width = width + 2 * RV_STYLE_NET_MARGIN_PX,
               .rows = rows };
  g_autoptr (GArray) buffers = list_buffers (&s);
  static const int segments[] = { 0, RV_STYLE_NET_N_SEGMENTS - 1 }; /* segments at full size take most */
  static const int lasts[] = { RV_STYLE_NET_CONVS_DOWN - 1, RV_STYLE_NET_N_NORMS };
  gsize most = 0, device_most = 0;
  for (guint i = 0; i < G_N_ELEMENTS (segments); i++) {
    const RvStyleNetStrip window = strip_window (&s, segments[i], lasts[i]);
    g_autoptr (RvStyleNetEngine) engine =
      rv__style_net_engine_new_window (style_net, &window, backend, n_threads, error);
    if (!engine)
      return FALSE;
    most = MAX (most, rv__executable_memory (engine->executable));
    device_most = MAX (device_most, rv__executable_device_memory (engine->executable));
  }
  *bytes = most + rv__buffers_peak (buffers, 0, G_MAXINT);
  *device_bytes = device_most;
  return TRUE;
}

gboolean
rv__style_net_paint_strips (const RvStyleNet *style_net, const RvImage *image, const float *numbers, gint64 rows,
                            const RvBackendClass *backend, int n_threads, RvImage *painted, GError **error)
{
  Strips s = { .style_net = style_net,
               .numbers = numbers,
               .backend = backend,
               .n_threads = n_threads,
               .height = image->height + 2 * RV_STYLE_NET_MARGIN_PX,
               .width = image->width + 2 * RV_STYLE_NET_MARGIN_PX,
               .rows = MAX (rows, MOST_MARGIN),
               .image = image,
               .painted = painted };
  g_autoptr (GArray) buffers = list_buffers (&s);
  int before = rv__system_use_threads (n_threads);
  gboolean ok = rv__buffers_enter (buffers, 0, error) && run_all (&s, error);
  rv__system_use_threads (before);
  return ok;
}
