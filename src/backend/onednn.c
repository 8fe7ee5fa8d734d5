/* onednn.c -- the fast backend: convolutions and Gram products by oneDNN's kernels, in channel blocks all the way.
 *
 * Layout: activations whose channels are a multiple of the block (16 with AVX-512, else 8) lie in channel blocks
 * [N, C/b, H, W, b]; all others in plain rows. Ops that only move or combine single channels (pooling, ReLU, sums) run
 * as the plain-C ops of src/op/ops, which take either; nothing is reordered between steps.
 *
 * The Gram matrix is a convolution in disguise: sum over p of F[i,p] F[j,p] is the gradient of the weights of a 1 x 1
 * convolution whose input and whose output's gradient are both F; and (D + D^T) F is a 1 x 1 convolution of F. So both
 * run on the blocked layout as it is. When the gradient so found is to be added to another, the kernel adds it itself.
 *
 * Kernels: direct or Winograd, for each convolution and direction. The choice stands in the kernel table, or is
 * measured here once and added to it, or is direct. Winograd (oneDNN 2 with AVX-512 only) loses about three of a
 * float's digits.
 */
#include "backend.h"
#include "onednn.h"
#include <string.h>

#define TRIALS 2 /* timed runs of a candidate, after one to warm up; the fastest counts */

typedef enum {
  RUN_PLAIN,        /* the plain-C op, on the blocks as they lie */
  RUN_PLAIN_STAGED, /* the plain-C op, on copies in plain rows: it cannot take blocks */
  RUN_CONV,         /* forward or backward to data; weights packed once */
  RUN_CONV_FRESH,   /* the same of weights that are trained: packed at each run */
  RUN_CONV_WEIGHTS, /* backward to weights */
  RUN_MATMUL,
  RUN_GRAM,
  RUN_GRAM_BACKWARD, /* weights packed at each run */
  RUN_NOTHING,       /* done by the next step */
} How;

typedef struct {
  How how;
  RvConvKernel *kernel;
  guint8 *packed; /* its weights */
  int gram_step;  /* of RUN_GRAM_BACKWARD: the step whose inputs it reads, itself or the one before */
} Step;

typedef struct {
  dnnl_engine_t engine;
  dnnl_stream_t stream;
  int block;
  Step *steps;
  int n_steps;
  gint64 tune_until_us; /* measuring stops then */
  gsize largest_bytes;  /* of the program's values */
} Own;

/* ---- layout ------------------------------------------------------------------------------------------------------ */

static int
isa_block (void)
{
  return dnnl_get_effective_cpu_isa () >= dnnl_cpu_isa_avx512_core ? 16 : 8;
}

static int
block_of (const Own *own, const RvValue *value)
{
  gboolean weights = value->role == RV_VALUE_CONSTANT || value->role == RV_VALUE_PARAMETER;
  return value->shape.n == 4 && !weights && value->shape.dim[1] % own->block == 0 ? own->block : 1;
}

/* Whether the plain-C op can run on the operands as they lie: all 4-D ones in the same blocks. */
static gboolean
plain_takes_layout (const RvExecutable *executable, const RvStep *step)
{
  const RvOpClass *op = rv__op_class (step->kind, executable->program->type);
  int block = 0;
  gboolean same = TRUE;
  for (int k = 0; k < step->n_in + step->n_out; k++) {
    int v = k < step->n_in ? step->in[k] : step->out[k - step->n_in];
    if (rv__program_shape (executable->program, v)->n != 4)
      continue;
    same &= block == 0 || executable->place[v].block == block;
    block = executable->place[v].block;
  }
  return same && (block <= 1 || op->any_block);
}

static gsize
aligned (gsize bytes)
{
  return (bytes + RV_ALIGN_BYTES - 1) / RV_ALIGN_BYTES * RV_ALIGN_BYTES;
}

static gsize
staging_bytes (const RvExecutable *executable, const RvStep *step)
{
  gsize bytes = 0;
  for (int k = 0; k < step->n_in + step->n_out; k++) {
    int v = k < step->n_in ? step->in[k] : step->out[k - step->n_in];
    if (executable->place[v].block > 1)
      bytes += aligned (rv__program_value_bytes (executable->program, v));
  }
  return bytes;
}

/* ---- choosing kernels -------------------------------------------------------------------------------------------- */

static const char *const algorithm_names[] = { [RV_CONV_DIRECT] = "direct", [RV_CONV_WINOGRAD] = "winograd" };

static char *
table_key (const RvExecutable *executable, const RvConvSpec *spec)
{
  static const char *const directions[] = { "forward", "backward-data", "backward-weights" };
  const dnnl_version_t *version = dnnl_version ();
  gint64 area = spec->small.dim[0] * spec->small.dim[2] * spec->small.dim[3];
  int log2_area = 0;
  while (area >> (log2_area + 1))
    log2_area++;
  return g_strdup_printf ("onednn%d.%d isa%x %s %" G_GINT64_FORMAT "x%" G_GINT64_FORMAT " %" G_GINT64_FORMAT
                          "x%" G_GINT64_FORMAT " s%d area2^%d t%d",
                          version->major, version->minor, (unsigned) dnnl_get_effective_cpu_isa (),
                          directions[spec->direction], spec->big.dim[1], spec->small.dim[1], spec->weights.dim[2],
                          spec->weights.dim[3], spec->stride[0], log2_area, executable->n_threads);
}

/* Seconds of one run on memory of its own; -1 when there is no room. */
static double
measure (const Own *own, RvConvKernel *kernel, const RvConvSpec *spec)
{
  gsize big = (gsize) rv_shape_count (&spec->big) * sizeof (float);
  gsize small = (gsize) rv_shape_count (&spec->small) * sizeof (float);
  void *memory[] = { rv__alloc (big, "a trial", NULL), rv__alloc (small, "a trial", NULL),
                     rv__alloc (rv__conv_kernel_packed_bytes (kernel), "a trial", NULL),
                     rv__alloc (rv__conv_kernel_scratch_bytes (kernel), "a trial", NULL),
                     rv__alloc ((gsize) spec->weights.dim[0] * sizeof (float), "a trial", NULL) };
  double best = -1;
  gboolean ok = memory[0] && memory[1] && memory[2] && memory[3] && memory[4];
  for (int i = 0; ok && i <= TRIALS; i++) {
    gint64 began_us = g_get_monotonic_time ();
    ok = rv__conv_kernel_run (kernel, own->stream, memory[0], memory[1], memory[2], spec->bias ? memory[4] : NULL,
                              memory[3]);
    double seconds = (double) (g_get_monotonic_time () - began_us) / G_USEC_PER_SEC;
    if (i > 0 && (best < 0 || seconds < best))
      best = seconds;
  }
  for (guint i = 0; i < G_N_ELEMENTS (memory); i++)
    rv__free (memory[i]);
  return ok ? best : -1;
}

/* Winograd's weights are four times as large, and its scratch can hold the whole picture thrice, depending on how its
 * number of tiles divides. Weights are held for each convolution: they must not outweigh its activations. The scratch
 * is shared by all: it must not outweigh the program's largest value. */
#define TOO_BIG_WEIGHTS_BYTES (10u << 20)
#define TOO_BIG_WEIGHTS_RATIO 2
#define TOO_BIG_SCRATCH_BYTES (64u << 20)
#define TOO_BIG_SCRATCH_RATIO 2

static gboolean
too_big (const Own *own, const RvConvKernel *kernel, const RvConvSpec *spec)
{
  gsize activations = (gsize) (rv_shape_count (&spec->big) + rv_shape_count (&spec->small)) * sizeof (float);
  gsize weights = rv__conv_kernel_packed_bytes (kernel), scratch = rv__conv_kernel_scratch_bytes (kernel);
  return (weights > TOO_BIG_WEIGHTS_BYTES && weights > TOO_BIG_WEIGHTS_RATIO * activations) ||
         (scratch > TOO_BIG_SCRATCH_BYTES && (double) scratch > TOO_BIG_SCRATCH_RATIO * (double) own->largest_bytes);
}

static RvConvKernel *
kernel_with (const Own *own, RvConvSpec spec, RvConvAlgorithm algorithm)
{
  spec.algorithm = algorithm;
  RvConvKernel *kernel = rv__conv_kernel_new (own->engine, &spec);
  if (kernel && algorithm == RV_CONV_WINOGRAD && too_big (own, kernel, &spec))
    g_clear_pointer (&kernel, rv__conv_kernel_free);
  return kernel;
}

/* The fastest kernel, measured and remembered. */
static RvConvKernel *
fastest_kernel (RvExecutable *executable, const Own *own, const RvConvSpec *spec, const char *key)
{
  RvConvKernel *best = NULL;
  RvConvAlgorithm winner = RV_CONV_DIRECT;
  double best_seconds = 0;
  for (guint a = 0; a < G_N_ELEMENTS (algorithm_names); a++) {
    RvConvKernel *kernel = kernel_with (own, *spec, (RvConvAlgorithm) a);
    double seconds = kernel ? measure (own, kernel, spec) : -1;
    if (!best || (seconds > 0 && seconds < best_seconds)) {
      rv__conv_kernel_free (best);
      best = kernel;
      best_seconds = seconds;
      winner = (RvConvAlgorithm) a;
    } else {
      rv__conv_kernel_free (kernel);
    }
  }
  if (best && best_seconds > 0)
    rv_kernel_table_add (executable->kernels, key, algorithm_names[winner]);
  return best;
}

static gboolean
winograd_possible (const RvConvSpec *spec)
{
  return spec->weights.dim[2] == 3 && spec->weights.dim[3] == 3 && spec->stride[0] == 1 && spec->stride[1] == 1 &&
         spec->big_block > 1 && spec->small_block > 1;
}

static RvConvKernel *
choose_kernel (RvExecutable *executable, const Own *own, const RvConvSpec *spec)
{
  if (!winograd_possible (spec))
    return kernel_with (own, *spec, RV_CONV_DIRECT);

  g_autofree char *key = table_key (executable, spec);
  const char *remembered = rv_kernel_table_get (executable->kernels, key);
  if (!remembered && executable->tune_s > 0 && g_get_monotonic_time () < own->tune_until_us)
    return fastest_kernel (executable, own, spec, key);
  RvConvKernel *kernel = NULL;
  if (g_strcmp0 (remembered, algorithm_names[RV_CONV_WINOGRAD]) == 0)
    kernel = kernel_with (own, *spec, RV_CONV_WINOGRAD);
  return kernel ? kernel : kernel_with (own, *spec, RV_CONV_DIRECT);
}

/* ---- compiling --------------------------------------------------------------------------------------------------- */

static RvConvSpec
conv_spec (const RvExecutable *executable, const RvStep *step)
{
  const RvProgram *program = executable->program;
  int big = step->in[0], small = step->out[0], weights = step->in[1];
  RvConvDirection direction = RV_CONV_FORWARD;
  if (step->kind == RV_OP_CONV2D_BACKWARD_DATA) {
    direction = RV_CONV_BACKWARD_DATA;
    big = step->out[0], small = step->in[0];
  } else if (step->kind == RV_OP_CONV2D_BACKWARD_WEIGHTS) {
    direction = RV_CONV_BACKWARD_WEIGHTS;
    small = step->in[1], weights = step->out[0];
  }
  return (RvConvSpec){
    .direction = direction,
    .big = *rv__program_shape (program, big),
    .small = *rv__program_shape (program, small),
    .weights = *rv__program_shape (program, weights),
    .stride = { step->attrs.conv.stride[0], step->attrs.conv.stride[1] },
    .pad = step->attrs.conv.pad,
    .big_block = executable->place[big].block,
    .small_block = executable->place[small].block,
    .bias = direction == RV_CONV_FORWARD && step->n_in > 2,
  };
}

/* Gram matrix or its backward pass on the features @value, as a 1 x 1 convolution. */
static RvConvSpec
gram_spec (const RvExecutable *executable, int value, RvConvDirection direction, gboolean accumulate)
{
  const RvShape *features = rv__program_shape (executable->program, value);
  int block = executable->place[value].block;
  return (RvConvSpec){ .direction = direction,
                       .big = *features,
                       .small = *features,
                       .weights = { 4, { features->dim[1], features->dim[1], 1, 1 } },
                       .stride = { 1, 1 },
                       .big_block = block,
                       .small_block = block,
                       .accumulate = accumulate };
}

/* Whether step @i only adds the Gram gradient of step i - 1, which nobody else reads, to what lies in its place. */
static gboolean
adds_gram_gradient (const RvExecutable *executable, int i)
{
  const RvProgram *program = executable->program;
  const RvStep *step = rv__program_step (program, i), *before = i > 0 ? rv__program_step (program, i - 1) : NULL;
  if (step->kind != RV_OP_ADD || !before || before->kind != RV_OP_GRAM_BACKWARD || step->in[1] != before->out[0])
    return FALSE;
  const RvValue *gradient = rv__program_value (program, step->in[1]), *sum = rv__program_value (program, step->out[0]);
  return gradient->last == i && !gradient->keep && gradient->storage == step->in[1] && step->in[0] != step->in[1] &&
         sum->storage == rv__program_value (program, step->in[0])->storage && executable->place[step->out[0]].block > 1;
}

static void
use_kernel (RvExecutable *executable, Step *step, How how, RvConvKernel *kernel)
{
  if (!kernel)
    return;
  step->how = how;
  step->kernel = kernel;
  gsize scratch = aligned (rv__conv_kernel_scratch_bytes (kernel));
  if (how == RUN_CONV_FRESH || how == RUN_CONV_WEIGHTS) { /* the packed weights live in the scratch */
    scratch += aligned (rv__conv_kernel_packed_bytes (kernel));
  } else if (how == RUN_GRAM ||
             how == RUN_GRAM_BACKWARD) { /* the packed matrix lives in the scratch, besides D + D^T */
    scratch += aligned (rv__conv_kernel_packed_bytes (kernel));
    const RvStep *s = rv__program_step (executable->program, step->gram_step);
    scratch += aligned (rv__program_value_bytes (executable->program, how == RUN_GRAM ? s->out[0] : s->in[1]));
  } else {
    executable->packed_bytes += rv__conv_kernel_packed_bytes (kernel);
  }
  executable->scratch_bytes = MAX (executable->scratch_bytes, scratch);
}

static void
compile_step (RvExecutable *executable, int i)
{
  Own *own = executable->own;
  const RvStep *s = rv__program_step (executable->program, i);
  Step *step = &own->steps[i];
  gboolean constant_weights =
    s->n_in > 1 && rv__program_value (executable->program, s->in[1])->role == RV_VALUE_CONSTANT;
  RvConvSpec spec;

  step->how = RUN_PLAIN;
  step->gram_step = i;
  if (s->kind == RV_OP_CONV2D || s->kind == RV_OP_CONV2D_BACKWARD_DATA) {
    spec = conv_spec (executable, s);
    if (constant_weights)
      use_kernel (executable, step, RUN_CONV, choose_kernel (executable, own, &spec));
    else
      use_kernel (executable, step, RUN_CONV_FRESH, rv__conv_kernel_new (own->engine, &spec));
  } else if (s->kind == RV_OP_CONV2D_BACKWARD_WEIGHTS) {
    spec = conv_spec (executable, s);
    use_kernel (executable, step, RUN_CONV_WEIGHTS, rv__conv_kernel_new (own->engine, &spec));
  } else if (s->kind == RV_OP_MATMUL) {
    step->how = RUN_MATMUL;
  } else if (s->kind == RV_OP_GRAM && executable->place[s->in[0]].block > 1) {
    spec = gram_spec (executable, s->in[0], RV_CONV_BACKWARD_WEIGHTS, FALSE);
    use_kernel (executable, step, RUN_GRAM, rv__conv_kernel_new (own->engine, &spec));
  } else if (s->kind == RV_OP_GRAM_BACKWARD && executable->place[s->in[0]].block > 1) {
    spec = gram_spec (executable, s->in[0], RV_CONV_FORWARD, FALSE);
    use_kernel (executable, step, RUN_GRAM_BACKWARD, rv__conv_kernel_new (own->engine, &spec));
  } else if (adds_gram_gradient (executable, i)) {
    const RvStep *gram = rv__program_step (executable->program, i - 1);
    spec = gram_spec (executable, gram->in[0], RV_CONV_FORWARD, TRUE);
    RvConvKernel *kernel = rv__conv_kernel_new (own->engine, &spec);
    if (kernel) {
      step->gram_step = i - 1;
      use_kernel (executable, step, RUN_GRAM_BACKWARD, kernel);
      g_clear_pointer (&own->steps[i - 1].kernel, rv__conv_kernel_free);
      own->steps[i - 1].how = RUN_NOTHING;
      executable->place[gram->out[0]].bytes = 0;
    }
  }
  if (step->how == RUN_PLAIN && !plain_takes_layout (executable, s)) {
    step->how = RUN_PLAIN_STAGED;
    executable->scratch_bytes = MAX (executable->scratch_bytes, staging_bytes (executable, s));
  }
}

static gboolean
backend_error (GError **error)
{
  g_set_error (error, RV_ERROR, RV_ERROR_BACKEND, "oneDNN refused a step that it had accepted before");
  return FALSE;
}

static gsize
largest_value (const RvProgram *program)
{
  gsize largest = 0;
  for (guint v = 0; v < program->values->len; v++)
    if (rv__program_value (program, (int) v)->role != RV_VALUE_CONSTANT)
      largest = MAX (largest, rv__program_value_bytes (program, (int) v));
  return largest;
}

static gboolean
onednn_compile (RvExecutable *executable, GError **error)
{
  Own *own = executable->own = g_new0 (Own, 1);
  own->n_steps = (int) executable->program->steps->len;
  own->steps = g_new0 (Step, own->n_steps + 1);
  own->block = isa_block ();
  own->largest_bytes = largest_value (executable->program);
  own->tune_until_us = g_get_monotonic_time () + (gint64) (executable->tune_s * G_USEC_PER_SEC);
  if (executable->program->type != RV_F32) {
    g_set_error (error, RV_ERROR, RV_ERROR_TYPE, "the backend onednn computes in f32 only");
    return FALSE;
  }
  if (dnnl_engine_create (&own->engine, dnnl_cpu, 0) != dnnl_success ||
      dnnl_stream_create (&own->stream, own->engine, dnnl_stream_default_flags) != dnnl_success)
    return backend_error (error);

  for (int v = 0; v < (int) executable->program->values->len; v++)
    executable->place[v].block = block_of (own, rv__program_value (executable->program, v));
  for (int i = 0; i < own->n_steps; i++) {
    const RvStep *s = rv__program_step (executable->program, i);
    if (s->kind == RV_OP_CONV2D_BACKWARD_WEIGHTS) /* a gradient lies as its weights do */
      executable->place[s->out[0]].block = 1;
  }
  for (int i = 0; i < own->n_steps; i++)
    compile_step (executable, i);
  return TRUE;
}

/* Weights that every step has in its own layout need not be kept in the plain one as well. */
static void
drop_packed_constants (RvExecutable *executable)
{
  const Own *own = executable->own;
  g_autofree gboolean *needed = g_new0 (gboolean, executable->program->values->len + 1);
  for (int i = 0; i < own->n_steps; i++) {
    const RvStep *s = rv__program_step (executable->program, i);
    for (int k = 0; k < s->n_in; k++)
      needed[s->in[k]] |= own->steps[i].how != RUN_CONV || k != 1;
  }
  for (int v = 0; v < (int) executable->program->values->len; v++)
    if (!needed[v] && rv__program_value (executable->program, v)->role == RV_VALUE_CONSTANT) {
      rv__program_drop_constant (executable->program, v);
      executable->place[v].data = NULL;
    }
}

static gboolean
onednn_bind (RvExecutable *executable, GError **error)
{
  Own *own = executable->own;
  for (int i = 0; i < own->n_steps; i++) {
    Step *step = &own->steps[i];
    if (step->how != RUN_CONV)
      continue;
    const RvStep *s = rv__program_step (executable->program, i);
    const float *plain = executable->place[s->in[1]].data;
    step->packed = rv__alloc (rv__conv_kernel_packed_bytes (step->kernel), "the network's weights", error);
    if (!step->packed)
      return FALSE;
    if (!rv__conv_kernel_pack (step->kernel, own->stream, plain, step->packed))
      return backend_error (error);
    rv__conv_kernel_end_packing (step->kernel);
  }
  drop_packed_constants (executable);
  return TRUE;
}

static void
onednn_close (RvExecutable *executable)
{
  Own *own = executable->own;
  if (!own)
    return;
  for (int i = 0; i < own->n_steps; i++) {
    rv__conv_kernel_free (own->steps[i].kernel);
    rv__free (own->steps[i].packed);
  }
  if (own->stream)
    dnnl_stream_destroy (own->stream);
  if (own->engine)
    dnnl_engine_destroy (own->engine);
  g_free (own->steps);
  g_free (own);
}

/* ---- running ----------------------------------------------------------------------------------------------------- */

static void
run_staged (RvExecutable *executable, const RvStep *s)
{
  RvView in[RV_OP_MAX_IN], out[RV_OP_MAX_OUT];
  guint8 *scratch = executable->scratch;
  for (int k = 0; k < s->n_in + s->n_out; k++) {
    int v = k < s->n_in ? s->in[k] : s->out[k - s->n_in];
    RvView lies = rv__executable_view (executable, v), *view = k < s->n_in ? &in[k] : &out[k - s->n_in];
    *view = lies;
    if (lies.block <= 1 || !lies.data)
      continue;
    *view = (RvView){ scratch, lies.shape, 1 };
    scratch += aligned (rv__program_value_bytes (executable->program, v));
    if (k < s->n_in)
      rv__reorder (&lies, view, sizeof (float));
  }
  rv__op_class (s->kind, RV_F32)->run (&s->attrs, s->n_in, in, out);
  for (int k = 0; k < s->n_out; k++) {
    RvView lies = rv__executable_view (executable, s->out[k]);
    if (lies.block > 1 && lies.data)
      rv__reorder (&out[k], &lies, sizeof (float));
  }
}

static gboolean
run_conv (RvExecutable *executable, const Step *step, const RvStep *s)
{
  const Own *own = executable->own;
  gboolean forward = s->kind == RV_OP_CONV2D;
  return rv__conv_kernel_run (step->kernel, own->stream, executable->place[forward ? s->in[0] : s->out[0]].data,
                              executable->place[forward ? s->out[0] : s->in[0]].data, step->packed,
                              s->n_in > 2 ? executable->place[s->in[2]].data : NULL, executable->scratch);
}

/* Weights that are trained are packed anew; their gradient is unpacked. */
static gboolean
run_conv_fresh (RvExecutable *executable, const Step *step, const RvStep *s)
{
  const Own *own = executable->own;
  guint8 *packed = executable->scratch, *scratch = packed + aligned (rv__conv_kernel_packed_bytes (step->kernel));
  const RvPlace *place = executable->place;
  gboolean forward = s->kind == RV_OP_CONV2D;
  void *big = place[forward ? s->in[0] : s->out[0]].data, *small = place[forward ? s->out[0] : s->in[0]].data;
  return rv__conv_kernel_pack (step->kernel, own->stream, place[s->in[1]].data, packed) &&
         rv__conv_kernel_run (step->kernel, own->stream, big, small, packed, s->n_in > 2 ? place[s->in[2]].data : NULL,
                              scratch);
}

static gboolean
run_conv_weights (RvExecutable *executable, const Step *step, const RvStep *s)
{
  const Own *own = executable->own;
  guint8 *packed = executable->scratch, *scratch = packed + aligned (rv__conv_kernel_packed_bytes (step->kernel));
  const RvPlace *place = executable->place;
  return rv__conv_kernel_run (step->kernel, own->stream, place[s->in[0]].data, place[s->in[1]].data, packed, NULL,
                              scratch) &&
         rv__conv_kernel_unpack (step->kernel, own->stream, packed, place[s->out[0]].data);
}

static gboolean
run_matmul (const RvExecutable *executable, const RvStep *s)
{
  const RvShape *a = rv__program_shape (executable->program, s->in[0]),
                *b = rv__program_shape (executable->program, s->in[1]),
                *y = rv__program_shape (executable->program, s->out[0]);
  gboolean ta = s->attrs.matmul.transpose_a, tb = s->attrs.matmul.transpose_b;
  return dnnl_sgemm (ta ? 'T' : 'N', tb ? 'T' : 'N', y->dim[0], y->dim[1], a->dim[!ta], 1,
                     executable->place[s->in[0]].data, a->dim[1], executable->place[s->in[1]].data, b->dim[1], 0,
                     executable->place[s->out[0]].data, y->dim[1]) == dnnl_success;
}

static gboolean
run_gram (RvExecutable *executable, const Step *step, const RvStep *s)
{
  const Own *own = executable->own;
  void *features = executable->place[s->in[0]].data;
  guint8 *packed = executable->scratch, *scratch = packed + aligned (rv__conv_kernel_packed_bytes (step->kernel));
  return rv__conv_kernel_run (step->kernel, own->stream, features, features, packed, NULL, scratch) &&
         rv__conv_kernel_unpack (step->kernel, own->stream, packed, executable->place[s->out[0]].data);
}

static gboolean
run_gram_backward (RvExecutable *executable, const Step *step, int out)
{
  const Own *own = executable->own;
  const RvStep *s = rv__program_step (executable->program, step->gram_step);
  const float *D = executable->place[s->in[1]].data;
  gint64 C = rv__program_shape (executable->program, s->in[1])->dim[0];
  float *symmetric = (float *) (void *) executable->scratch;
  guint8 *packed = executable->scratch + aligned ((gsize) (C * C) * sizeof (float));
  guint8 *scratch = packed + aligned (rv__conv_kernel_packed_bytes (step->kernel));

  for (gint64 i = 0; i < C; i++)
    for (gint64 j = 0; j < C; j++)
      symmetric[i * C + j] = D[i * C + j] + D[j * C + i];
  return rv__conv_kernel_pack (step->kernel, own->stream, symmetric, packed) &&
         rv__conv_kernel_run (step->kernel, own->stream, executable->place[s->in[0]].data, executable->place[out].data,
                              packed, NULL, scratch);
}

static gboolean
onednn_run (RvExecutable *executable, int i, GError **error)
{
  const Own *own = executable->own;
  const Step *step = &own->steps[i];
  const RvStep *s = rv__program_step (executable->program, i);
  gboolean ok = TRUE;

  switch (step->how) {
  case RUN_PLAIN:
    rv__executable_run_plain (executable, i);
    break;
  case RUN_PLAIN_STAGED:
    run_staged (executable, s);
    break;
  case RUN_CONV:
    ok = run_conv (executable, step, s);
    break;
  case RUN_CONV_FRESH:
    ok = run_conv_fresh (executable, step, s);
    break;
  case RUN_CONV_WEIGHTS:
    ok = run_conv_weights (executable, step, s);
    break;
  case RUN_MATMUL:
    ok = run_matmul (executable, s);
    break;
  case RUN_GRAM:
    ok = run_gram (executable, step, s);
    break;
  case RUN_GRAM_BACKWARD:
    ok = run_gram_backward (executable, step, s->out[0]);
    break;
  case RUN_NOTHING:
    break;
  }
  return ok || backend_error (error);
}

/* No cache of kernels: no two scales of a run share one, and it would keep some 100 MB of code. */
static void
onednn_start_for_program (void)
{
  dnnl_set_primitive_cache_capacity (0);
}

const RvBackendClass rv__backend_onednn = {
  .name = "onednn",
  .summary = "oneDNN: fast on every x86-64 and 64-bit Arm processor",
  .compile = onednn_compile,
  .bind = onednn_bind,
  .run = onednn_run,
  .start_for_program = onednn_start_for_program,
  .close = onednn_close,
};
