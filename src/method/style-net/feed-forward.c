/* feed-forward.c -- style networks of other programs: reading, compilation for a size, painted pictures. */
#include "method/style-net/feed-forward.h"
#include "base/error.h"
#include "base/mirror.h"
#include "graph/graph.h"
#include "io/weights/net-graph.h"
#include "method/compute.h"
#include "method/style-net/style-net.h"
#include "net/net.h"
#include <string.h>

#define CHANNELS 3
#define MAX_UNIT 64                                /* px: largest number whose multiples are tried as sides */
#define RGB_0_255 "rgb_0_255 minus 0 divided by 1" /* rv__rgb_0_255 as text */

struct _RvFeedForward {
  RvNet *net;               /* its own preprocessing changes nothing */
  char *output;             /* layer that is the painted picture */
  RvPixelSpace space;       /* of input and output */
  RvExecutable *executable; /* for the last picture's size; NULL: none yet */
  const RvBackendClass *backend;
  int height, width; /* of the last picture, px */
  int x, y;          /* values of the program: input and output, [1, 3, rows, columns], padded */
};

RvFeedForward *
rv__feed_forward_from_map (RvTensorMap *map, const char *preprocessing, GError **error)
{
  const char *output = rv_tensor_map_get_text (map, RV_GRAPH_OUTPUT),
             *text = preprocessing ? rv__pixel_space_spell_out (preprocessing) : RGB_0_255;
  g_autoptr (RvFeedForward) network = g_new0 (RvFeedForward, 1);
  if (!output)
    return rv__error_null (error, RV_ERROR_FORMAT,
                           "this network does not paint: its output must be one picture [N, 3, H, W]");
  if (!rv__pixel_space_parse (text, &network->space))
    return rv__error_null (error, RV_ERROR_FORMAT, "the preprocessing is not understood: '%.100s'", text);
  network->output = g_strdup (output);
  rv_tensor_map_set_text (map, "preprocessing", RGB_0_255);
  network->net = rv_net_new (NULL, map, error);
  return network->net ? g_steal_pointer (&network) : NULL;
}

void
rv__feed_forward_clear (RvFeedForward *network)
{
  g_clear_pointer (&network->executable, rv__executable_free);
}

void
rv__feed_forward_free (RvFeedForward *network)
{
  if (!network)
    return;
  rv__feed_forward_clear (network);
  rv_net_unref (network->net);
  g_free (network->output);
  g_free (network);
}

/* ---- compiling --------------------------------------------------------------------------------------------------- */

/* RvLayerFunc; @user_data: the RvFeedForward. Sets its y to @value if @layer is its output. Returns TRUE then: the
 * recording ends. */
static gboolean
on_layer (const char *layer, int value, gpointer user_data)
{
  RvFeedForward *network = user_data;
  if (value < 0 || strcmp (layer, network->output) != 0)
    return FALSE;
  network->y = value;
  return TRUE;
}

/* (transfer full) (nullable): the program for a picture of @rows x @cols px; sets network->x and y. NULL without an
 * error: the output has another shape. */
static RvProgram *
record (RvFeedForward *network, gint64 rows, gint64 cols, GError **error)
{
  g_autoptr (RvProgram) program = rv__program_new (RV_F32);
  RvShape picture = rv_shape (4, 1, CHANNELS, rows, cols);
  network->y = -1;
  network->x = rv__program_input (program, &picture);
  rv__net_record (network->net, &(RvNetVariant){ 0 }, program, network->x, &rv__rgb_0_255, on_layer, network);
  if (program->error)
    return rv__null (rv__error_propagate (error, g_steal_pointer (&program->error)));
  if (network->y < 0 || !rv_shape_equal (rv__program_shape (program, network->y), &picture))
    return NULL;
  rv__program_output (program, network->y);
  program->n_forward = (int) program->calls->len;
  return g_steal_pointer (&program);
}

/* Compiles network->executable for this size, backend and thread count, or keeps the last one if it fits them. Of
 * the multiples of 1, 2, 4, ..., takes the first for which the picture keeps its size. RV_ERROR_SHAPE if the
 * picture keeps its size for none. After an error executable is NULL. */
static gboolean
compile_for_size (RvFeedForward *network, int height, int width, const RvBackendClass *backend, int n_threads,
                  GError **error)
{
  const RvExecutable *last = network->executable;
  if (last && network->height == height && network->width == width && last->n_threads == n_threads &&
      network->backend == backend)
    return TRUE;
  rv__feed_forward_clear (network);
  RvCompileSettings settings = { .n_threads = n_threads };
  g_autoptr (RvProgram) program = NULL;
  g_autoptr (GError) fault = NULL;
  if (!rv__style_net_check_size (height, width, error))
    return FALSE;
  for (gint64 unit = 1; !program && unit <= MAX_UNIT && (!fault || fault->code == RV_ERROR_SHAPE); unit *= 2) {
    g_clear_error (&fault);
    program = record (network, (height + unit - 1) / unit * unit, (width + unit - 1) / unit * unit, &fault);
  }
  if (fault)
    g_propagate_error (error, g_steal_pointer (&fault));
  else if (!program)
    rv__error_set (error, RV_ERROR_SHAPE,
                   "%s makes no picture of the same size from one of %d x %d px; 'learned' needs a network that "
                   "keeps the size",
                   rv_net_name (network->net), width, height);
  if (!program)
    return FALSE;
  network->executable = rv__graph_compile (g_steal_pointer (&program), backend, &settings, error);
  network->backend = backend;
  network->height = height;
  network->width = width;
  return network->executable != NULL;
}

/* ---- painting ---------------------------------------------------------------------------------------------------- */

/* Writes @image to @numbers, [1, 3, rows, columns], in the range and the order of channels of network->space, continued
 * by reflection. */
static void
read_picture (const RvFeedForward *network, const RvImage *image, RvTensor *numbers)
{
  const RvPixelSpace *space = &network->space;
  gint64 rows = numbers->shape.dim[2], cols = numbers->shape.dim[3];
  for (int c = 0; c < CHANNELS; c++) {
    const float *from = (const float *) image->rgb->data + (gint64) c * image->height * image->width;
    float *to = (float *) numbers->data + (space->bgr ? CHANNELS - 1 - c : c) * rows * cols;
    for (int y = 0; y < rows; y++) {
      const float *row = from + (gint64) rv__mirror_about_last (y, image->height) * image->width;
      for (int x = 0; x < cols; x++)
        *to++ = (row[rv__mirror_about_last (x, image->width)] / space->unit - space->mean[c]) / space->std[c];
    }
  }
}

void
rv__style_net_write_picture (const RvTensor *numbers, const RvPixelSpace *space, RvImage *painted)
{
  gint64 rows = numbers->shape.dim[2], cols = numbers->shape.dim[3];
  float *to = painted->rgb->data;
  for (int c = 0; c < CHANNELS; c++) {
    const float *from = (const float *) numbers->data + (space->bgr ? CHANNELS - 1 - c : c) * rows * cols;
    for (int y = 0; y < painted->height; y++, from += cols)
      for (int x = 0; x < painted->width; x++)
        *to++ = CLAMP ((from[x] * space->std[c] + space->mean[c]) * space->unit, 0, 255);
  }
}

gboolean
rv__feed_forward_apply_to (RvFeedForward *network, const RvImage *image, const RvBackendClass *backend, int n_threads,
                           gsize allowed, RvImage *painted, GError **error)
{
  if (!compile_for_size (network, image->height, image->width, backend, rv__compute_threads (n_threads), error))
    return FALSE;
  RvExecutable *executable = network->executable;
  gboolean ok = rv__style_net_bind_whole (executable, image->width, image->height, allowed, error);
  g_autoptr (RvTensor) numbers =
    ok ? rv_tensor_new (RV_F32, rv__program_shape (executable->program, network->x), error) : NULL;
  if (numbers)
    read_picture (network, image, numbers);
  if (!numbers || !rv__executable_set (executable, network->x, numbers->data, error) ||
      !rv__executable_forward (executable, error) ||
      !rv__executable_get (executable, network->y, numbers->data, error)) {
    rv__feed_forward_clear (network); /* partly bound, it must not paint the next picture */
    return FALSE;
  }
  if (!rv__style_net_all_finite (numbers->data, rv_tensor_count (numbers)))
    return rv__error_set (error, RV_ERROR_NUMBER, "%s: its numbers are too large", rv_net_name (network->net));
  rv__style_net_write_picture (numbers, &network->space, painted);
  return TRUE;
}

gboolean
rv__feed_forward_plan (RvFeedForward *network, int width, int height, const RvBackendClass *backend, int n_threads,
                       RvPlan *plan, GError **error)
{
  if (!compile_for_size (network, height, width, backend, rv__compute_threads (n_threads), error))
    return FALSE;
  rv__style_net_plan_whole (network->executable, plan);
  return TRUE;
}
