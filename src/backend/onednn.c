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
 * Convolutions of constant weights: onednn-conv.h. A ReLU, or its backward pass, that directly follows one of our own
 * kernels is computed by that kernel.
 */
#include "onednn-conv.h"
#include <string.h>

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
  RvConv *conv;          /* of RUN_CONV */
  guint8 *packed;        /* its weights */
  RvWinogradAfter after; /* of RUN_CONV: what the next step would do, to the values it would make */
  RvConvKernel *kernel;  /* of the others */
  int gram_step;         /* of RUN_GRAM_BACKWARD: the step whose inputs it reads, itself or the one before */
} Step;

typedef struct {
  RvConvChooser chooser;
  int block;
  Step *steps;
  int n_steps;
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
  return same && (block <= 1 || op->supports & RV_SUPPORTS_BLOCKS);
}

static gsize
staging_bytes (const RvExecutable *executable, const RvStep *step)
{
  gsize bytes = 0;
  for (int k = 0; k < step->n_in + step->n_out; k++) {
    int v = k < step->n_in ? step->in[k] : step->out[k - step->n_in];
    if (executable->place[v].block > 1)
      bytes += rv__aligned (rv__program_value_bytes (executable->program, v));
  }
  return bytes;
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
  /* The packed weights live in the scratch; of Gram products the matrix as well, or D + D^T. */
  gsize scratch =
    rv__aligned (rv__conv_kernel_scratch_bytes (kernel)) + rv__aligned (rv__conv_kernel_packed_bytes (kernel));
  if (how == RUN_GRAM || how == RUN_GRAM_BACKWARD) {
    const RvStep *s = rv__program_step (executable->program, step->gram_step);
    scratch += rv__aligned (rv__program_value_bytes (executable->program, how == RUN_GRAM ? s->out[0] : s->in[1]));
  }
  executable->scratch_bytes = MAX (executable->scratch_bytes, scratch);
}

static void
use_conv (RvExecutable *executable, Step *step, RvConv *conv)
{
  if (!conv)
    return;
  step->how = RUN_CONV;
  step->conv = conv;
  executable->packed_bytes += rv__conv_packed_bytes (conv);
  executable->scratch_bytes = MAX (executable->scratch_bytes, rv__aligned (rv__conv_scratch_bytes (conv)));
}

/* What the kernel of step i - 1 is to do in step @i's stead; NOTHING unless @i is a ReLU or its backward pass that lies
 * where its input lay, which therefore nobody else reads. */
static RvWinogradAfter
after_convolution (const RvExecutable *executable, int i)
{
  const RvProgram *program = executable->program;
  const Step *before = i > 0 ? (const Step *) &((Own *) executable->own)->steps[i - 1] : NULL;
  if (!before || before->how != RUN_CONV || !before->conv->winograd)
    return RV_WINOGRAD_NOTHING;
  const RvStep *step = rv__program_step (program, i);
  int made = rv__program_step (program, i - 1)->out[0];
  if (step->in[0] != made || executable->place[made].block == 1 ||
      rv__program_value (program, step->out[0])->storage != rv__program_value (program, made)->storage)
    return RV_WINOGRAD_NOTHING;
  if (step->kind == RV_OP_RELU) {
    const RvValue *bits = rv__program_value (program, step->out[1]);
    return bits->first <= bits->last ? RV_WINOGRAD_RELU_BITS : RV_WINOGRAD_RELU;
  }
  return step->kind == RV_OP_RELU_BACKWARD ? RV_WINOGRAD_MASK : RV_WINOGRAD_NOTHING;
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
      use_conv (executable, step, rv__conv_choose (&own->chooser, executable, &spec));
    else
      use_kernel (executable, step, RUN_CONV_FRESH, rv__conv_kernel_find (own->chooser.engine, &spec));
  } else if (s->kind == RV_OP_CONV2D_BACKWARD_WEIGHTS) {
    spec = conv_spec (executable, s);
    use_kernel (executable, step, RUN_CONV_WEIGHTS, rv__conv_kernel_find (own->chooser.engine, &spec));
  } else if (s->kind == RV_OP_MATMUL) {
    step->how = RUN_MATMUL;
  } else if (s->kind == RV_OP_GRAM && executable->place[s->in[0]].block > 1) {
    spec = gram_spec (executable, s->in[0], RV_CONV_BACKWARD_WEIGHTS, FALSE);
    use_kernel (executable, step, RUN_GRAM, rv__conv_kernel_find (own->chooser.engine, &spec));
  } else if (s->kind == RV_OP_GRAM_BACKWARD && executable->place[s->in[0]].block > 1) {
    spec = gram_spec (executable, s->in[0], RV_CONV_FORWARD, FALSE);
    use_kernel (executable, step, RUN_GRAM_BACKWARD, rv__conv_kernel_find (own->chooser.engine, &spec));
  } else if (adds_gram_gradient (executable, i)) {
    const RvStep *gram = rv__program_step (executable->program, i - 1);
    spec = gram_spec (executable, gram->in[0], RV_CONV_FORWARD, TRUE);
    RvConvKernel *kernel = rv__conv_kernel_find (own->chooser.engine, &spec);
    if (kernel) {
      step->gram_step = i - 1;
      use_kernel (executable, step, RUN_GRAM_BACKWARD, kernel);
      g_clear_pointer (&own->steps[i - 1].kernel, rv__conv_kernel_free);
      own->steps[i - 1].how = RUN_NOTHING;
      executable->place[gram->out[0]].bytes = 0;
    }
  }
  RvWinogradAfter after = after_convolution (executable, i);
  if (after != RV_WINOGRAD_NOTHING) {
    own->steps[i - 1].after = after;
    step->how = RUN_NOTHING;
    if (after == RV_WINOGRAD_RELU_BITS) /* the bits are written a step earlier than planned */
      rv__program_value (executable->program, s->out[1])->first = i - 1;
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
  own->chooser.largest_bytes = largest_value (executable->program);
  own->chooser.tune_until_us = g_get_monotonic_time () + (gint64) (executable->tune_s * G_USEC_PER_SEC);
  if (executable->program->type != RV_F32) {
    g_set_error (error, RV_ERROR, RV_ERROR_TYPE, "the backend onednn computes in f32 only");
    return FALSE;
  }
  if (dnnl_engine_create (&own->chooser.engine, dnnl_cpu, 0) != dnnl_success ||
      dnnl_stream_create (&own->chooser.stream, own->chooser.engine, dnnl_stream_default_flags) != dnnl_success)
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
    step->packed = rv__alloc (rv__conv_packed_bytes (step->conv), "the network's weights", error);
    if (!step->packed)
      return FALSE;
    if (!rv__conv_pack (step->conv, own->chooser.stream, plain, step->packed, error))
      return FALSE;
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
    rv__conv_free (own->steps[i].conv);
    rv__free (own->steps[i].packed);
  }
  if (own->chooser.stream)
    dnnl_stream_destroy (own->chooser.stream);
  if (own->chooser.engine)
    dnnl_engine_destroy (own->chooser.engine);
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
    scratch += rv__aligned (rv__program_value_bytes (executable->program, v));
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
run_conv (RvExecutable *executable, int i)
{
  const Own *own = executable->own;
  const Step *step = &own->steps[i];
  const RvStep *s = rv__program_step (executable->program, i);
  const RvPlace *place = executable->place;
  gboolean forward = s->kind == RV_OP_CONV2D;
  RvConvRun run = { .big = place[forward ? s->in[0] : s->out[0]].data,
                    .small = place[forward ? s->out[0] : s->in[0]].data,
                    .packed = step->packed,
                    .bias = s->n_in > 2 ? place[s->in[2]].data : NULL,
                    .after = step->after };
  if (step->after != RV_WINOGRAD_NOTHING) {
    const RvStep *next = rv__program_step (executable->program, i + 1);
    run.bits = place[step->after == RV_WINOGRAD_MASK ? next->in[1] : next->out[1]].data;
  }
  return rv__conv_run (step->conv, own->chooser.stream, &run, executable->scratch);
}

/* Weights that are trained are packed anew; their gradient is unpacked. */
static gboolean
run_conv_fresh (RvExecutable *executable, const Step *step, const RvStep *s)
{
  const Own *own = executable->own;
  guint8 *packed = executable->scratch, *scratch = packed + rv__aligned (rv__conv_kernel_packed_bytes (step->kernel));
  const RvPlace *place = executable->place;
  gboolean forward = s->kind == RV_OP_CONV2D;
  void *big = place[forward ? s->in[0] : s->out[0]].data, *small = place[forward ? s->out[0] : s->in[0]].data;
  return rv__conv_kernel_pack (step->kernel, own->chooser.stream, place[s->in[1]].data, packed) &&
         rv__conv_kernel_run (step->kernel, own->chooser.stream, big, small, packed,
                              s->n_in > 2 ? place[s->in[2]].data : NULL, scratch);
}

static gboolean
run_conv_weights (RvExecutable *executable, const Step *step, const RvStep *s)
{
  const Own *own = executable->own;
  guint8 *packed = executable->scratch, *scratch = packed + rv__aligned (rv__conv_kernel_packed_bytes (step->kernel));
  const RvPlace *place = executable->place;
  return rv__conv_kernel_run (step->kernel, own->chooser.stream, place[s->in[0]].data, place[s->in[1]].data, packed,
                              NULL, scratch) &&
         rv__conv_kernel_unpack (step->kernel, own->chooser.stream, packed, place[s->out[0]].data);
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
  guint8 *packed = executable->scratch, *scratch = packed + rv__aligned (rv__conv_kernel_packed_bytes (step->kernel));
  return rv__conv_kernel_run (step->kernel, own->chooser.stream, features, features, packed, NULL, scratch) &&
         rv__conv_kernel_unpack (step->kernel, own->chooser.stream, packed, executable->place[s->out[0]].data);
}

static gboolean
run_gram_backward (RvExecutable *executable, const Step *step, int out)
{
  const Own *own = executable->own;
  const RvStep *s = rv__program_step (executable->program, step->gram_step);
  const float *D = executable->place[s->in[1]].data;
  gint64 C = rv__program_shape (executable->program, s->in[1])->dim[0];
  float *symmetric = (float *) (void *) executable->scratch;
  guint8 *packed = executable->scratch + rv__aligned ((gsize) (C * C) * sizeof (float));
  guint8 *scratch = packed + rv__aligned (rv__conv_kernel_packed_bytes (step->kernel));

  for (gint64 i = 0; i < C; i++)
    for (gint64 j = 0; j < C; j++)
      symmetric[i * C + j] = D[i * C + j] + D[j * C + i];
  return rv__conv_kernel_pack (step->kernel, own->chooser.stream, symmetric, packed) &&
         rv__conv_kernel_run (step->kernel, own->chooser.stream, executable->place[s->in[0]].data,
                              executable->place[out].data, packed, NULL, scratch);
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
    ok = run_conv (executable, i);
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

static const char *
onednn_step_kernel (const RvExecutable *executable, int i)
{
  const Step *step = &((const Own *) executable->own)->steps[i];
  if (step->conv)
    return rv__conv_name (step->conv);
  if (step->kernel)
    return rv__conv_kernel_name (step->kernel);
  return step->how == RUN_MATMUL ? "sgemm" : step->how == RUN_NOTHING ? NULL : "plain C";
}

/* No cache of kernels: no two scales of a run share one, and it would keep some 100 MB of code. */
static void
onednn_start_for_program (void)
{
  dnnl_set_primitive_cache_capacity (0);
}

static char *
onednn_describe (void)
{
  const dnnl_version_t *version = dnnl_version ();
  const char *registers = rv__conv_has_amx ()    ? "AVX-512 with AMX"
                          : rv__conv_has_bf16 () ? "AVX-512 with bf16"
                          : isa_block () == 16   ? "AVX-512"
                          : rv__conv_has_avx2 () ? "AVX2"
                                                 : "no AVX2";
  return g_strdup_printf ("oneDNN %d.%d.%d, %s", version->major, version->minor, version->patch, registers);
}

const RvBackendClass rv__backend_onednn = {
  .name = "onednn",
  .summary = "oneDNN: fast on every x86-64 processor",
  .memory = &rv__host_memory,
  .compile = onednn_compile,
  .bind = onednn_bind,
  .run = onednn_run,
  .step_kernel = onednn_step_kernel,
  .has_bf16 = rv__conv_has_bf16,
  .describe = onednn_describe,
  .start_for_program = onednn_start_for_program,
  .close = onednn_close,
};
