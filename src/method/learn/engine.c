/* engine.c -- the painter as a program: recorded from its layers, differentiated where something is trained. */
#include "base/error.h"
#include "base/system.h"
#include "base/text.h"
#include "graph/graph.h"
#include "method/learn/painter.h"
#include <string.h>

#define EPSILON 1e-3 /* of the norms */
#define N_BLOCKS 5
#define MIDDLE_GREY 127.5
#define GREY_DEVIATION 58.0
#define OUTPUT_RANGE 275.0 /* a little more than there are grey levels: black and white need no infinite numbers */
#define OUTPUT_LEAST (-10.0)
#define CHANNELS 3
#define FREE_PART 0.8 /* of the memory that is free, at most */

/* A program in the making. */
typedef struct {
  const RvPainter *painter;
  RvProgram *program;
  RvPainterEngine *engine;
  int n_convs, n_norms; /* so far */
} Recording;

/* @tensor in the program's type. */
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

/* a x + b, the same for each channel. */
static int
affine (Recording *r, int x, double a, double b)
{
  RvShape shape = rv_shape (1, CHANNELS);
  g_autoptr (RvTensor) scale = rv_tensor_new (RV_F32, &shape, &r->program->error),
                       shift = scale ? rv_tensor_new (RV_F32, &shape, &r->program->error) : NULL;
  if (!shift)
    return -1;
  for (int c = 0; c < CHANNELS; c++) {
    ((float *) scale->data)[c] = (float) a;
    ((float *) shift->data)[c] = (float) b;
  }
  return rv__affine (r->program, x, constant (r, scale), constant (r, shift));
}

static gboolean
is_trained (const Recording *r, const char *name)
{
  const RvTrained *trained = r->engine->trained;
  return trained && rv__parameters_index (trained->parameters, name) >= 0;
}

/* Those of the painter, by their number. */
static int
weight (Recording *r, int i)
{
  const RvParameter *parameter = rv__parameter (r->painter->weights, (guint) i);
  return is_trained (r, parameter->name) ? rv__trained_record (r->engine->trained, r->program, parameter->name)
                                         : constant (r, parameter->tensor);
}

/* With its borders reflected, so that the picture keeps its size, or @stride halves it. */
static int
conv (Recording *r, int x, int stride, int bias)
{
  int number = r->n_convs++;
  int around = (int) rv__parameter (r->painter->weights, (guint) number)->tensor->shape.dim[2] / 2;
  int padded = rv__pad (r->program, x, (RvPad){ around, around, around, around }, RV_PAD_REFLECT);
  return rv__conv2d (r->program, padded, weight (r, number), bias, stride, (RvPad){ 0 });
}

static int
style_value (Recording *r, int k, gboolean shift)
{
  g_autofree char *name = rv__painter_norm_name (k, shift);
  gint64 first;
  RvShape shape = rv_shape (1, rv__painter_norm (k, &first));
  return is_trained (r, name) ? rv__trained_record (r->engine->trained, r->program, name)
                              : rv__program_parameter (r->program, &shape);
}

static int
norm (Recording *r, int x)
{
  int k = r->n_norms++;
  r->engine->scale[k] = style_value (r, k, FALSE);
  r->engine->shift[k] = style_value (r, k, TRUE);
  return rv__instance_norm (r->program, x, r->engine->scale[k], r->engine->shift[k], EPSILON);
}

static int
conv_norm_relu (Recording *r, int x, int stride)
{
  return rv__relu (r->program, norm (r, conv (r, x, stride, -1)));
}

/* Twice as large: the size that @like has. */
static int
enlarge (Recording *r, int x, const RvShape *like)
{
  return rv__resize (r->program, x, like->dim[2], like->dim[3], RV_RESIZE_NEAREST);
}

static RvShape
shape_of (const Recording *r, int value)
{
  return value < 0 ? (RvShape){ 0 } : *rv__program_shape (r->program, value);
}

RvProgram *
rv__painter_record (const RvPainter *painter, const RvParameters *trains, gint64 n, gint64 height, gint64 width,
                    RvType type, RvPainterEngine *engine)
{
  RvProgram *program = rv__program_new (type);
  RvShape pictures = rv_shape (4, n, CHANNELS, height, width);
  *engine = (RvPainterEngine){ .n = n, .height = height, .width = width, .grad_y = -1 };
  engine->trained = trains ? rv__trained_new (trains) : NULL;
  Recording r = { .painter = painter, .program = program, .engine = engine };

  engine->x = rv__program_input (program, &pictures);
  int x = affine (&r, engine->x, 1 / GREY_DEVIATION, -MIDDLE_GREY / GREY_DEVIATION);
  x = conv_norm_relu (&r, x, 1);
  x = conv_norm_relu (&r, x, 2);
  RvShape half = shape_of (&r, x);
  x = conv_norm_relu (&r, x, 2);
  for (int block = 0; block < N_BLOCKS; block++) {
    int y = conv_norm_relu (&r, x, 1);
    x = rv__add (program, x, norm (&r, conv (&r, y, 1, -1)));
  }
  x = conv_norm_relu (&r, enlarge (&r, x, &half), 1);
  x = conv_norm_relu (&r, enlarge (&r, x, &pictures), 1);
  x = conv (&r, x, 1, weight (&r, (int) painter->weights->len - 1));
  engine->y = affine (&r, rv__sigmoid (program, affine (&r, x, 0.5, 0)), OUTPUT_RANGE, OUTPUT_LEAST);

  rv__program_output (program, engine->y);
  program->n_forward = (int) program->steps->len;
  if (trains) {
    engine->grad_y = rv__program_input (program, &pictures);
    rv__trained_differentiate (engine->trained, program, &(RvSeed){ engine->y, engine->grad_y }, 1);
  }
  return program;
}

/* It is taken at once, so that a picture that is too large fails here and not when the memory is touched. */
static gboolean
fits (const RvPainterEngine *engine, GError **error)
{
  gsize wanted = rv__executable_memory (engine->executable), there = rv__system_free_bytes ();
  if (there == 0 || (double) wanted <= FREE_PART * (double) there)
    return TRUE;
  g_autofree char *wanted_text = rv__text_megabytes (wanted), *there_text = rv__text_megabytes (there);
  rv__error_about (error, RV_ERROR_MEMORY, "size",
                   "to paint %" G_GINT64_FORMAT " x %" G_GINT64_FORMAT
                   " px in one pass takes %s, and %s are free; a smaller 'size' takes less",
                   engine->width, engine->height, wanted_text, there_text);
  return FALSE;
}

RvPainterEngine *
rv__painter_engine_new (const RvPainter *painter, const RvParameters *trains, gint64 n, gint64 height, gint64 width,
                        const RvBackendClass *backend, int n_threads, GError **error)
{
  g_autoptr (RvPainterEngine) engine = g_new0 (RvPainterEngine, 1);
  if (MIN (height, width) < RV_PAINTER_MIN_PX) {
    g_set_error (error, RV_ERROR, RV_ERROR_SHAPE,
                 "a picture of %" G_GINT64_FORMAT " x %" G_GINT64_FORMAT " px is too small to paint: %d px a side",
                 width, height, RV_PAINTER_MIN_PX);
    return NULL;
  }
  g_autoptr (RvProgram) program = rv__painter_record (painter, trains, n, height, width, RV_F32, engine);
  RvCompileSettings settings = { .n_threads = n_threads };
  if (!rv__graph_plan (program, error))
    return NULL;
  engine->executable = rv__executable_new (backend, g_steal_pointer (&program), &settings, error);
  if (!engine->executable || !fits (engine, error) || !rv__executable_bind (engine->executable, error) ||
      (trains && !rv__trained_bind (engine->trained, engine->executable, error)))
    return NULL;
  return g_steal_pointer (&engine);
}

void
rv__painter_engine_free (RvPainterEngine *engine)
{
  if (!engine)
    return;
  rv__executable_free (engine->executable);
  rv__trained_free (engine->trained);
  g_free (engine);
}

gboolean
rv__painter_engine_use (RvPainterEngine *engine, const float *numbers, GError **error)
{
  for (int k = 0; k < RV_PAINTER_N_NORMS; k++) {
    gint64 first;
    rv__painter_norm (k, &first);
    if (!rv__executable_set (engine->executable, engine->scale[k], numbers + first, error) ||
        !rv__executable_set (engine->executable, engine->shift[k], numbers + RV_PAINTER_CHANNELS + first, error))
      return FALSE;
  }
  return TRUE;
}
