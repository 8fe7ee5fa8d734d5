/* engine.c -- programs of a style network: recorded from its layers, differentiated for training. */
#include "base/error.h"
#include "base/system.h"
#include "base/text.h"
#include "graph/graph.h"
#include "method/style-net/style-net.h"
#include "net/net.h"

#define N_BLOCKS (RV_STYLE_NET_N_SEGMENTS - 2)
#define HALF_SIZE_CONV 1
#define MIDDLE_GREY 127.5
#define GREY_DEVIATION 58.0
#define OUTPUT_RANGE 275.0 /* more than 255, so that black and white need no infinite input of the sigmoid */
#define OUTPUT_LEAST (-10.0)
#define CHANNELS 3
#define FREE_PART 0.8 /* largest fraction of the free memory that an engine may take */

/* State of a recording. */
typedef struct {
  const RvStyleNet *style_net;
  RvProgram *program;
  RvStyleNetEngine *engine;
  int n_convs, n_norms;          /* recorded so far */
  const RvStyleNetStrip *window; /* rows of a larger picture; NULL: the whole picture */
} Recording;

/* Records a constant with a copy of the numbers of @tensor, f32, in the program's type, f32 or f64. Returns its value;
 * -1: program->error. */
static int
constant (Recording *r, const RvTensor *tensor)
{
  g_autoptr (RvTensor) numbers = rv_tensor_new (r->program->type, &tensor->shape, &r->program->error);
  if (!numbers)
    return -1;
  for (gint64 i = 0; i < rv_tensor_count (tensor); i++)
    if (r->program->type == RV_F64)
      ((double *) numbers->data)[i] = ((const float *) tensor->data)[i];
    else
      ((float *) numbers->data)[i] = ((const float *) tensor->data)[i];
  return rv__program_constant (r->program, numbers);
}

/* Records @a x + @b for each of the three channels of @x. Returns its value. */
static int
affine (Recording *r, int x, float a, float b)
{
  RvShape shape = rv_shape (1, CHANNELS);
  int scale = rv__net_add_constant (r->program, (double[CHANNELS]){ a, a, a }, &shape),
      shift = rv__net_add_constant (r->program, (double[CHANNELS]){ b, b, b }, &shape);
  return rv__affine (r->program, x, scale, shift);
}

/* Whether the parameter @name is one of those that the engine trains. */
static gboolean
is_trained (const Recording *r, const char *name)
{
  const RvParameterValues *trained = r->engine->trained;
  return trained && rv__parameters_index (trained->parameters, name) >= 0;
}

/* Records weight number @i of the network: a constant, or a parameter if it is trained. Returns its value. */
static int
weight (Recording *r, int i)
{
  const RvParameter *parameter = rv__parameter (r->style_net->weights, (guint) i);
  return is_trained (r, parameter->name) ? rv__parameter_values_record (r->engine->trained, r->program, parameter->name)
                                         : constant (r, parameter->tensor);
}

/* Records the next convolution on @x, with reflected borders: stride 1 keeps the size, stride 2 halves it. @bias:
 * value; -1: none. Sets its element of engine->conv to the output's value, and returns it. */
static int
conv (Recording *r, int x, int stride, int bias)
{
  int number = r->n_convs++;
  int around = (int) rv__parameter (r->style_net->weights, (guint) number)->tensor->shape.dim[2] / 2;
  int padded = rv__pad (r->program, x, (RvPad){ around, around, around, around }, RV_PAD_REFLECT);
  return r->engine->conv[number] = rv__conv2d (r->program, padded, weight (r, number), bias, stride, (RvPad){ 0 });
}

/* Records the scales, or the shifts if @shift, of norm @k: trained parameters, or a value that the host sets. Returns
 * the value, [channels]. */
static int
style_value (Recording *r, int k, gboolean shift)
{
  g_autofree char *name = rv__style_net_norm_name (k, shift);
  gint64 first;
  RvShape shape = rv_shape (1, rv__style_net_norm_channels (k, &first));
  return is_trained (r, name) ? rv__parameter_values_record (r->engine->trained, r->program, name)
                              : rv__program_parameter (r->program, &shape);
}

/* Records the next instance norm on @x; for a window, with sums that the host sets. Sets its elements of engine->scale
 * and ->shift; for a window, also of ->sums. Returns the output's value. */
static int
norm (Recording *r, int x)
{
  int k = r->n_norms++;
  r->engine->scale[k] = style_value (r, k, FALSE);
  r->engine->shift[k] = style_value (r, k, TRUE);
  if (!r->window)
    return rv__instance_norm (r->program, x, r->engine->scale[k], r->engine->shift[k], RV_STYLE_NET_EPSILON);
  gint64 first;
  RvShape sums = rv_shape (3, 2, 1, rv__style_net_norm_channels (k, &first));
  r->engine->sums[k] = rv__program_parameter (r->program, &sums);
  return rv__instance_norm_from_sums (r->program, x, r->engine->sums[k],
                                      rv__style_net_positions (k, r->window->picture_height, r->window->picture_width),
                                      r->engine->scale[k], r->engine->shift[k], RV_STYLE_NET_EPSILON);
}

/* Records conv() without bias, norm() and ReLU. Returns the value. */
static int
conv_norm_relu (Recording *r, int x, int stride)
{
  return rv__relu (r->program, norm (r, conv (r, x, stride, -1)));
}

/* Records an enlargement of @x to rows and columns of @like, about twice as many, by repeated pixels. Returns its
 * value. */
static int
enlarge (Recording *r, int x, const RvShape *like)
{
  return rv__resize (r->program, x, like->dim[2], like->dim[3], RV_RESIZE_NEAREST);
}

/* ---- segments ---------------------------------------------------------------------------------------------------- */

/* Records the first segment on the pictures @x, 0..255. Returns the value of its output. */
static int
down (Recording *r, int x)
{
  x = affine (r, x, 1 / GREY_DEVIATION, -MIDDLE_GREY / GREY_DEVIATION);
  x = conv_norm_relu (r, x, 1);
  x = conv_norm_relu (r, x, 2);
  return conv_norm_relu (r, x, 2);
}

/* Records the next residual block on @x, with its two convolutions and norms. Returns the value of its output. */
static int
block (Recording *r, int x)
{
  int y = conv_norm_relu (r, x, 1);
  return rv__add (r->program, x, norm (r, conv (r, y, 1, -1)));
}

/* Records the last segment: enlarges to the size of @half, and then of @pictures. Returns the painted pictures,
 * -10..265. */
static int
up (Recording *r, int x, const RvShape *half, const RvShape *pictures)
{
  x = conv_norm_relu (r, enlarge (r, x, half), 1);
  x = conv_norm_relu (r, enlarge (r, x, pictures), 1);
  x = conv (r, x, 1, weight (r, (int) r->style_net->weights->len - 1));
  return affine (r, rv__sigmoid (r->program, affine (r, x, 0.5, 0)), OUTPUT_RANGE, OUTPUT_LEAST);
}

/* An engine of this size, by value, without executable; its values are -1, those in `conv` 0. */
static RvStyleNetEngine
empty_engine (gint64 height, gint64 width)
{
  RvStyleNetEngine engine = { .height = height, .width = width, .x = -1, .y = -1, .grad_y = -1 };
  for (int k = 0; k < RV_STYLE_NET_N_NORMS; k++)
    engine.scale[k] = engine.shift[k] = engine.sums[k] = -1;
  return engine;
}

RvProgram *
rv__style_net_record (const RvStyleNet *style_net, const RvParameters *trains, gint64 n, gint64 height, gint64 width,
                      RvType type, RvStyleNetEngine *engine)
{
  RvProgram *program = rv__program_new (type);
  RvShape pictures = rv_shape (4, n, CHANNELS, height, width);
  *engine = empty_engine (height, width);
  engine->trained = trains ? rv__parameter_values_new (trains) : NULL;
  Recording r = { .style_net = style_net, .program = program, .engine = engine };

  engine->x = rv__program_input (program, &pictures);
  int x = down (&r, engine->x);
  RvShape half = *rv__program_shape (program, engine->conv[HALF_SIZE_CONV]);
  for (int i = 0; i < N_BLOCKS; i++)
    x = block (&r, x);
  engine->y = up (&r, x, &half, &pictures);

  rv__program_output (program, engine->y);
  program->n_forward = (int) program->calls->len;
  if (trains) {
    engine->grad_y = rv__program_input (program, &pictures);
    rv__parameter_values_differentiate (engine->trained, program, &(RvGradSeed){ engine->y, engine->grad_y }, 1);
  }
  return program;
}

/* (transfer full): the program of one segment for @window. Its y is the output of convolution window->last, or of the
 * segment if that is RV_STYLE_NET_N_NORMS; later ops are recorded and rv__graph_plan() drops them. Overwrites *engine
 * with its values. Errors: program->error. */
static RvProgram *
record_window (const RvStyleNet *style_net, const RvStyleNetStrip *window, RvStyleNetEngine *engine)
{
  RvProgram *program = rv__program_new (RV_F32);
  gboolean first = window->segment == 0, last = window->segment == RV_STYLE_NET_N_SEGMENTS - 1;
  gint64 width = window->picture_width, rows = window->rows, half_rows = (rows + 1) / 2;
  RvShape picture = rv_shape (4, 1, CHANNELS, rows, width),
          half = rv_shape (4, 1, RV_STYLE_NET_MIDDLE / 2, half_rows, (width + 1) / 2),
          middle = rv_shape (4, 1, RV_STYLE_NET_MIDDLE, (half_rows + 1) / 2, (half.dim[3] + 1) / 2);
  *engine = empty_engine (window->picture_height, width);
  Recording r = { .style_net = style_net, .program = program, .engine = engine, .window = window };
  r.n_convs = r.n_norms = first ? 0 : RV_STYLE_NET_CONVS_DOWN + 2 * (window->segment - 1);
  engine->x = rv__program_input (program, first ? &picture : &middle);
  int all = first ? down (&r, engine->x) : last ? up (&r, engine->x, &half, &picture) : block (&r, engine->x);
  engine->y = window->last == RV_STYLE_NET_N_NORMS ? all : engine->conv[window->last];
  rv__program_output (program, engine->y);
  program->n_forward = (int) program->calls->len;
  return program;
}

/* Checks the free memory in advance: a picture that is too large must fail here, not when the memory is first written.
 * RV_ERROR_MEMORY. */
static gboolean
check_free_memory (const RvStyleNetEngine *engine, GError **error)
{
  const RvMemoryClass *memory = engine->executable->backend->memory;
  gsize needed = rv__executable_memory (engine->executable) + rv__executable_device_memory (engine->executable),
        free_bytes = memory->is_host ? rv__system_free_bytes () : memory->free_bytes ();
  if (free_bytes == 0 || (double) needed <= FREE_PART * (double) free_bytes)
    return TRUE;
  gint64 around = engine->trained ? 0 : 2 * RV_STYLE_NET_MARGIN_PX;
  g_autofree char *needed_text = rv_text_bytes (needed), *free_text = rv_text_bytes (free_bytes);
  return rv__error_with_options (
    error, RV_ERROR_MEMORY, engine->trained ? "crop,batch" : "size",
    "to %s %" G_GINT64_FORMAT " x %" G_GINT64_FORMAT " px takes %s, and %s are free%s; lower %s",
    engine->trained ? "learn on" : "paint", engine->width - around, engine->height - around, needed_text, free_text,
    memory->is_host ? "" : " on the GPU", engine->trained ? "'crop' or 'batch'" : "'size'");
}

/* Plans and compiles @program (transfer full), which was recorded with @engine (transfer full). Returns @engine,
 * which then owns the program; rv__style_net_engine_bind() allocates its memory. @n_threads: 1 or more. NULL: both
 * are freed. */
static RvStyleNetEngine *
compile_engine (RvStyleNetEngine *engine, RvProgram *program, const RvBackendClass *backend, int n_threads,
                GError **error)
{
  g_autoptr (RvStyleNetEngine) made = engine;
  RvCompileSettings settings = { .n_threads = n_threads };
  made->backend = backend;
  made->executable = rv__graph_compile (program, backend, &settings, error);
  return made->executable ? g_steal_pointer (&made) : NULL;
}

RvStyleNetEngine *
rv__style_net_engine_new (const RvStyleNet *style_net, const RvParameters *trains, gint64 n, gint64 height,
                          gint64 width, const RvBackendClass *backend, int n_threads, GError **error)
{
  RvStyleNetEngine *engine = g_new0 (RvStyleNetEngine, 1);
  RvProgram *program = rv__style_net_record (style_net, trains, n, height, width, RV_F32, engine);
  return compile_engine (engine, program, backend, n_threads, error);
}

RvStyleNetEngine *
rv__style_net_engine_new_window (const RvStyleNet *style_net, const RvStyleNetStrip *window,
                                 const RvBackendClass *backend, int n_threads, GError **error)
{
  RvStyleNetEngine *engine = g_new0 (RvStyleNetEngine, 1);
  return compile_engine (engine, record_window (style_net, window, engine), backend, n_threads, error);
}

gboolean
rv__style_net_engine_is_bound (const RvStyleNetEngine *engine)
{
  return engine->executable->arena != NULL;
}

gboolean
rv__style_net_engine_bind (RvStyleNetEngine *engine, GError **error)
{
  if (rv__style_net_engine_is_bound (engine))
    return TRUE;
  return check_free_memory (engine, error) && rv__executable_bind (engine->executable, error) &&
         (!engine->trained || rv__parameter_values_bind (engine->trained, engine->executable, error));
}

void
rv__style_net_engine_free (RvStyleNetEngine *engine)
{
  if (!engine)
    return;
  rv__executable_free (engine->executable);
  rv__parameter_values_free (engine->trained);
  g_free (engine);
}

gboolean
rv__style_net_engine_set_style (RvStyleNetEngine *engine, const float *numbers, GError **error)
{
  for (int k = 0; k < RV_STYLE_NET_N_NORMS; k++) {
    gint64 first;
    rv__style_net_norm_channels (k, &first);
    if (engine->scale[k] < 0) /* in another segment */
      continue;
    if (!rv__executable_set (engine->executable, engine->scale[k], numbers + first, error) ||
        !rv__executable_set (engine->executable, engine->shift[k], numbers + RV_STYLE_NET_CHANNELS + first, error))
      return FALSE;
  }
  return TRUE;
}
