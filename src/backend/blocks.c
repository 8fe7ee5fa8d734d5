/* blocks.c -- the fast backend: convolutions and Gram products with oneDNN's kernels and our own, in channel blocks
 * throughout.
 *
 * Layout: activations whose channels are a multiple of the block are in channel blocks [N, C/b, H, W, b], others in
 * plain rows. The block is the vector width: 16 with AVX-512, 8 with AVX2, else 4. Ops that move or combine single
 * channels (pooling, ReLU, sums) run as the plain-C ops of src/op/ops, which accept both. Nothing is reordered between
 * steps.
 *
 * A Gram matrix is a convolution: sum over p of F[i,p] F[j,p] is the gradient of the weights of a 1 x 1 convolution
 * whose input and output gradient are both F. Its backward pass, (D + D^T) F, is a 1 x 1 convolution of F. Both
 * therefore run in the blocked layout. If the backward pass is followed by an addition, the kernel accumulates.
 *
 * A ReLU, or its gradient, directly after our Winograd or GEMM kernel is fused as a post-op if the output is in
 * blocks. */
#include "base/cancel.h"
#include "base/error.h"
#include "base/system.h"
#include "conv.h"

typedef enum {
  RUN_PLAIN,         /* plain-C op in the blocked layout */
  RUN_PLAIN_STAGED,  /* plain-C op on copies in plain rows, because it does not support blocks */
  RUN_CONV,          /* forward or backward-data; weights are packed once */
  RUN_CONV_TRAINED,  /* forward or backward-data; trained weights are packed at each run */
  RUN_CONV_WEIGHTS,  /* backward-weights, also of Gram matrices and of products with a transposed first matrix */
  RUN_GRAM_BACKWARD, /* weights packed at each run */
  RUN_MATMUL,
  RUN_RESHAPE, /* copy between blocks and plain rows, in row-major order */
  RUN_NOTHING, /* computed by the next or the previous step */
} RunKind;

typedef struct {
  RunKind run_kind;
  RvConv *conv;     /* NULL for plain ops and RUN_MATMUL */
  guint8 *packed;   /* RUN_CONV: packed weights; owned */
  RvPostOp post_op; /* RUN_CONV and RUN_CONV_TRAINED: fused next step */
  int gram_step;    /* RUN_GRAM_BACKWARD: number of its RV_OP_GRAM_BACKWARD step: this step or the previous one */
} Step;

typedef struct {
  RvConvChooser chooser;
  int block;
  Step *steps;
  int n_steps;
} Blocks;

/* ---- layout ------------------------------------------------------------------------------------------------------ */

/* Whether the plain-C op can run without copies: all 4-D operands have the same block, and that is 1 or the op supports
 * blocks. */
static gboolean
plain_supports_layout (const RvExecutable *executable, const RvOpCall *step)
{
  const RvOpClass *op = rv__op_class (step->kind, executable->program->type);
  int block = 0;
  gboolean same = TRUE;
  for (int k = 0; k < step->n_in + step->n_out; k++) {
    int v = k < step->n_in ? step->in[k] : step->out[k - step->n_in];
    if (rv__program_shape (executable->program, v)->n != 4)
      continue;
    same &= block == 0 || executable->layout[v].block == block;
    block = executable->layout[v].block;
  }
  return same && (block <= 1 || op->supports & RV_SUPPORTS_BLOCKS);
}

/* Bytes of the copies in plain rows of all blocked operands of a step. */
static gsize
staging_bytes (const RvExecutable *executable, const RvOpCall *step)
{
  gsize bytes = 0;
  for (int k = 0; k < step->n_in + step->n_out; k++) {
    int v = k < step->n_in ? step->in[k] : step->out[k - step->n_in];
    if (executable->layout[v].block > 1)
      bytes += rv__aligned (rv__program_value_bytes (executable->program, v));
  }
  return bytes;
}

/* ---- compiling --------------------------------------------------------------------------------------------------- */

/* Operands of a step that runs as a convolution: numbers of values. */
typedef struct {
  RvConvDirection direction;
  int src, dst, weights;
} Operands;

/* Numbers of the values of a conv2d op, its backward ops, a matrix product or a Gram matrix, as operands of a
 * convolution. A matrix product y = a b is a 1 x 1 convolution. With b transposed, rows of a are pictures of one pixel,
 * and b the weights. With a transposed, y is the gradient of the weights. Otherwise b is one picture, and a the
 * weights. The caller has excluded other ops, and both transposed. */
static Operands
conv_operands (const RvOpCall *s)
{
  gboolean product = s->kind == RV_OP_MATMUL;
  if (s->kind == RV_OP_CONV2D || (product && s->attrs.matmul.transpose_b))
    return (Operands){ RV_CONV_FORWARD, s->in[0], s->out[0], s->in[1] };
  if (s->kind == RV_OP_CONV2D_BACKWARD_DATA)
    return (Operands){ RV_CONV_BACKWARD_DATA, s->out[0], s->in[0], s->in[1] };
  if (s->kind == RV_OP_CONV2D_BACKWARD_WEIGHTS)
    return (Operands){ RV_CONV_BACKWARD_WEIGHTS, s->in[0], s->in[1], s->out[0] };
  if (product && s->attrs.matmul.transpose_a)
    return (Operands){ RV_CONV_BACKWARD_WEIGHTS, s->in[1], s->in[0], s->out[0] };
  if (product)
    return (Operands){ RV_CONV_FORWARD, s->in[1], s->out[0], s->in[0] };
  return (Operands){ RV_CONV_BACKWARD_WEIGHTS, s->in[0], s->in[0], s->out[0] }; /* a Gram matrix */
}

/* Convolution that computes @step, a conv2d op or one of its backward ops, in the layouts of its values. Cannot
 * fail. */
static RvConvSpec
conv_spec (const RvExecutable *executable, const RvOpCall *step)
{
  const RvProgram *program = executable->program;
  Operands operands = conv_operands (step);
  return (RvConvSpec){
    .direction = operands.direction,
    .src = *rv__program_shape (program, operands.src),
    .dst = *rv__program_shape (program, operands.dst),
    .weights = *rv__program_shape (program, operands.weights),
    .stride = { step->attrs.conv.stride[0], step->attrs.conv.stride[1] },
    .dilation = { rv__conv_dilation (&step->attrs.conv, 0), rv__conv_dilation (&step->attrs.conv, 1) },
    .groups = rv__conv_groups (&step->attrs.conv),
    .pad = step->attrs.conv.pad,
    .src_block = executable->layout[operands.src].block,
    .dst_block = executable->layout[operands.dst].block,
    .bias = operands.direction == RV_CONV_FORWARD && step->n_in > 2,
  };
}

/* Matrix product of @step as a 1 x 1 convolution in plain rows, see conv_operands(). At most one matrix is transposed;
 * for both the result is meaningless. */
static RvConvSpec
product_spec (const RvExecutable *executable, const RvOpCall *step)
{
  const RvShape *a = rv__program_shape (executable->program, step->in[0]),
                *y = rv__program_shape (executable->program, step->out[0]);
  gint64 m = y->dim[0], n = y->dim[1], k = a->dim[!step->attrs.matmul.transpose_a];
  RvConvSpec spec = { .direction = conv_operands (step).direction,
                      .stride = { 1, 1 },
                      .dilation = { 1, 1 },
                      .src_block = 1,
                      .dst_block = 1 };
  if (step->attrs.matmul.transpose_b) {
    spec.src = rv_shape (4, m, k, 1, 1), spec.dst = rv_shape (4, m, n, 1, 1), spec.weights = rv_shape (4, n, k, 1, 1);
  } else if (step->attrs.matmul.transpose_a) {
    spec.src = rv_shape (4, k, n, 1, 1), spec.dst = rv_shape (4, k, m, 1, 1), spec.weights = rv_shape (4, m, n, 1, 1);
  } else {
    spec.src = rv_shape (4, 1, k, 1, n), spec.dst = rv_shape (4, 1, m, 1, n), spec.weights = rv_shape (4, m, k, 1, 1);
  }
  return spec;
}

/* Gram matrix of the features @value (RV_CONV_BACKWARD_WEIGHTS), or its backward pass (RV_CONV_FORWARD), as a 1 x 1
 * convolution. @accumulate: adds the result to the destination. */
static RvConvSpec
gram_spec (const RvExecutable *executable, int value, RvConvDirection direction, gboolean accumulate)
{
  const RvShape *features = rv__program_shape (executable->program, value);
  int block = executable->layout[value].block;
  return (RvConvSpec){ .direction = direction,
                       .src = *features,
                       .dst = *features,
                       .weights = { 4, { features->dim[1], features->dim[1], 1, 1 } },
                       .stride = { 1, 1 },
                       .dilation = { 1, 1 },
                       .src_block = block,
                       .dst_block = block,
                       .accumulate = accumulate,
                       .gram = direction == RV_CONV_BACKWARD_WEIGHTS };
}

/* Whether step @i adds the Gram gradient of step i - 1, which nothing else reads, in place to another blocked value. */
static gboolean
adds_gram_gradient (const RvExecutable *executable, int i)
{
  const RvProgram *program = executable->program;
  const RvOpCall *step = rv__program_call (program, i), *before = i > 0 ? rv__program_call (program, i - 1) : NULL;
  if (step->kind != RV_OP_ADD || !before || before->kind != RV_OP_GRAM_BACKWARD || step->in[1] != before->out[0])
    return FALSE;
  const RvValue *gradient = rv__program_value (program, step->in[1]), *sum = rv__program_value (program, step->out[0]);
  return gradient->last == i && !gradient->is_output && gradient->storage == step->in[1] &&
         step->in[0] != step->in[1] && sum->storage == rv__program_value (program, step->in[0])->storage &&
         executable->layout[step->out[0]].block > 1;
}

/* Sets the convolution @conv (transfer full; NULL: changes nothing) and the run_kind of @step. For RUN_CONV, which
 * keeps its packed weights, adds their bytes to executable->packed_bytes. Other kinds pack into the scratch. Raises
 * executable->scratch_bytes to what the step needs. */
static void
step_set_conv (RvExecutable *executable, Step *step, RunKind run_kind, RvConv *conv)
{
  if (!conv)
    return;
  gsize scratch = rv__aligned (rv__conv_scratch_bytes (conv));
  step->run_kind = run_kind;
  step->conv = conv;
  if (run_kind == RUN_CONV)
    executable->packed_bytes += rv__conv_packed_bytes (conv);
  else
    scratch += rv__aligned (rv__conv_packed_bytes (conv));
  if (run_kind == RUN_GRAM_BACKWARD) /* D + D^T */
    scratch += rv__aligned ((gsize) rv_shape_count (&conv->spec.weights) * sizeof (float));
  executable->scratch_bytes = MAX (executable->scratch_bytes, scratch);
}

/* Post-op that the kernel of step i - 1 can apply instead of step @i; RV_POST_OP_NONE: none. Step @i must be a ReLU,
 * or its gradient, in the storage of its input: then nothing else reads the input. Changes nothing. */
static RvPostOp
fusable_post_op (const RvExecutable *executable, int i)
{
  const RvProgram *program = executable->program;
  const Step *before = i > 0 ? (const Step *) &((Blocks *) executable->backend_data)->steps[i - 1] : NULL;
  if (!before || (before->run_kind != RUN_CONV && before->run_kind != RUN_CONV_TRAINED))
    return RV_POST_OP_NONE;
  const RvOpCall *step = rv__program_call (program, i);
  int result = rv__program_call (program, i - 1)->out[0];
  if (step->in[0] != result ||
      rv__program_value (program, step->out[0])->storage != rv__program_value (program, result)->storage)
    return RV_POST_OP_NONE;
  RvPostOp post_op = step->kind == RV_OP_RELU_BACKWARD ? RV_POST_OP_APPLY_MASK : RV_POST_OP_NONE;
  if (step->kind == RV_OP_RELU) {
    const RvValue *bits = rv__program_value (program, step->out[1]);
    post_op = bits->first <= bits->last ? RV_POST_OP_RELU_SAVE_MASK : RV_POST_OP_RELU;
  }
  return rv__conv_supports_post_op (before->conv, post_op) ? post_op : RV_POST_OP_NONE;
}

/* Chooses a kernel for the convolution of step @i. If none fits, the step stays RUN_PLAIN. */
static void
compile_conv (RvExecutable *executable, int i)
{
  Blocks *blocks = executable->backend_data;
  const RvOpCall *s = rv__program_call (executable->program, i);
  gboolean trained = rv__program_value (executable->program, s->in[1])->role != RV_VALUE_CONSTANT;
  RvConvSpec spec = conv_spec (executable, s);
  step_set_conv (executable, &blocks->steps[i],
                 spec.direction == RV_CONV_BACKWARD_WEIGHTS ? RUN_CONV_WEIGHTS
                 : trained                                  ? RUN_CONV_TRAINED
                                                            : RUN_CONV,
                 rv__conv_choose (&blocks->chooser, executable, &spec, trained));
}

/* Makes step @i, a matrix product, run as oneDNN's product; in a build without oneDNN, as a convolution. There
 * RUN_PLAIN stays if both matrices are transposed, or if no kernel fits. */
static void
compile_matmul (RvExecutable *executable, int i)
{
  Blocks *blocks = executable->backend_data;
  const RvOpCall *s = rv__program_call (executable->program, i);
  RvConvSpec spec = product_spec (executable, s);
  if (blocks->chooser.onednn)
    blocks->steps[i].run_kind = RUN_MATMUL;
  else if (!s->attrs.matmul.transpose_a || !s->attrs.matmul.transpose_b)
    step_set_conv (executable, &blocks->steps[i],
                   spec.direction == RV_CONV_BACKWARD_WEIGHTS ? RUN_CONV_WEIGHTS : RUN_CONV_TRAINED,
                   rv__conv_choose_fixed (&blocks->chooser, executable, &spec));
}

/* Makes step @i, a Gram matrix or its backward pass, run as a convolution. If no kernel fits, RUN_PLAIN stays. */
static void
compile_gram (RvExecutable *executable, int i)
{
  Blocks *blocks = executable->backend_data;
  const RvOpCall *s = rv__program_call (executable->program, i);
  gboolean backward = s->kind == RV_OP_GRAM_BACKWARD;
  RvConvSpec spec = gram_spec (executable, s->in[0], backward ? RV_CONV_FORWARD : RV_CONV_BACKWARD_WEIGHTS, FALSE);
  step_set_conv (executable, &blocks->steps[i], backward ? RUN_GRAM_BACKWARD : RUN_CONV_WEIGHTS,
                 rv__conv_choose_fixed (&blocks->chooser, executable, &spec));
}

/* Makes step @i compute the Gram gradient of step i - 1 and add it at once. Step i - 1 then does nothing, and its
 * value has no memory. Changes nothing if no kernel fits. */
static void
compile_gram_addition (RvExecutable *executable, int i)
{
  Blocks *blocks = executable->backend_data;
  const RvOpCall *gram = rv__program_call (executable->program, i - 1);
  RvConvSpec spec = gram_spec (executable, gram->in[0], RV_CONV_FORWARD, TRUE);
  RvConv *conv = rv__conv_choose_fixed (&blocks->chooser, executable, &spec);
  if (!conv)
    return;
  blocks->steps[i].gram_step = i - 1;
  step_set_conv (executable, &blocks->steps[i], RUN_GRAM_BACKWARD, conv);
  g_clear_pointer (&blocks->steps[i - 1].conv, rv__conv_free);
  blocks->steps[i - 1].run_kind = RUN_NOTHING;
  executable->layout[gram->out[0]].bytes = 0;
}

/* Decides how step @i runs, after all steps before it; may measure kernels. May fuse it into step i - 1 as a post-op,
 * which then also writes the bits of its ReLU. May also replace step i - 1, whose value then has no memory. Updates
 * executable->scratch_bytes and ->packed_bytes. Cannot fail. */
static void
compile_step (RvExecutable *executable, int i)
{
  Blocks *blocks = executable->backend_data;
  const RvOpCall *s = rv__program_call (executable->program, i);
  Step *step = &blocks->steps[i];

  step->run_kind = RUN_PLAIN;
  step->gram_step = i;
  if (s->kind == RV_OP_CONV2D || s->kind == RV_OP_CONV2D_BACKWARD_DATA || s->kind == RV_OP_CONV2D_BACKWARD_WEIGHTS)
    compile_conv (executable, i);
  else if (s->kind == RV_OP_MATMUL)
    compile_matmul (executable, i);
  else if ((s->kind == RV_OP_GRAM || s->kind == RV_OP_GRAM_BACKWARD) && executable->layout[s->in[0]].block > 1)
    compile_gram (executable, i);
  else if (adds_gram_gradient (executable, i))
    compile_gram_addition (executable, i);

  RvPostOp post_op = fusable_post_op (executable, i);
  if (post_op != RV_POST_OP_NONE) {
    blocks->steps[i - 1].post_op = post_op;
    step->run_kind = RUN_NOTHING;
    if (post_op == RV_POST_OP_RELU_SAVE_MASK) /* the bits are written one step earlier than planned */
      rv__program_value (executable->program, s->out[1])->first = i - 1;
  }
  if (s->kind == RV_OP_RESHAPE && executable->layout[s->in[0]].block != executable->layout[s->out[0]].block)
    step->run_kind = RUN_RESHAPE;
  if (step->run_kind == RUN_PLAIN && !plain_supports_layout (executable, s)) {
    step->run_kind = RUN_PLAIN_STAGED;
    executable->scratch_bytes = MAX (executable->scratch_bytes, staging_bytes (executable, s));
  }
}

/* RvBackendClass.compile. Chooses blocks and kernels, which may measure. Sets blocks, scratch_bytes and packed_bytes
 * of @executable, and 0 bytes for values that fused steps do not write. May move the first uses of the program's
 * values. Stores its plan in backend_data, which blocks_close() frees, also after an error. RV_ERROR_TYPE unless
 * f32. Checks the thread's cancellable before each step. */
static gboolean
blocks_compile (RvExecutable *executable, GError **error)
{
  Blocks *blocks = executable->backend_data = g_new0 (Blocks, 1);
  blocks->n_steps = (int) executable->program->calls->len;
  blocks->steps = g_new0 (Step, blocks->n_steps + 1);
  blocks->block = rv__simd_best ()->lanes;
  blocks->chooser.waited_s = rv__system_run_delay_s;
  blocks->chooser.tune_until_us = g_get_monotonic_time () + (gint64) (executable->tune_s * G_USEC_PER_SEC);
  if (executable->program->type != RV_F32)
    return rv__error_set (error, RV_ERROR_TYPE, "the backend 'cpu' computes in f32 only");
  blocks->chooser.onednn = rv__onednn_open ();

  for (int v = 0; v < (int) executable->program->values->len; v++) {
    const RvValue *value = rv__program_value (executable->program, v);
    gboolean weights = value->role == RV_VALUE_CONSTANT || value->role == RV_VALUE_PARAMETER;
    gboolean in_blocks = value->shape.n == 4 && !weights && value->shape.dim[1] % blocks->block == 0;
    executable->layout[v].block = in_blocks ? blocks->block : 1;
    if (value->role != RV_VALUE_CONSTANT)
      blocks->chooser.largest_bytes =
        MAX (blocks->chooser.largest_bytes, rv__program_value_bytes (executable->program, v));
  }
  for (int i = 0; i < blocks->n_steps; i++) {
    const RvOpCall *s = rv__program_call (executable->program, i);
    if (s->kind == RV_OP_CONV2D_BACKWARD_WEIGHTS) /* weight gradients have the layout of weights */
      executable->layout[s->out[0]].block = 1;
  }
  for (int i = 0; i < blocks->n_steps; i++) {
    if (!rv__check_cancelled (error))
      return FALSE;
    compile_step (executable, i);
  }
  return TRUE;
}

/* Releases the program's references to plain weights that no step reads: all steps use them packed, or none uses
 * them. Their layout.data becomes NULL. Called after packing. */
static void
drop_packed_constants (RvExecutable *executable)
{
  const Blocks *blocks = executable->backend_data;
  g_autofree gboolean *needed = g_new0 (gboolean, executable->program->values->len + 1);
  for (int i = 0; i < blocks->n_steps; i++) {
    const RvOpCall *s = rv__program_call (executable->program, i);
    for (int k = 0; k < s->n_in; k++)
      needed[s->in[k]] |= blocks->steps[i].run_kind != RUN_CONV || k != 1;
  }
  for (int v = 0; v < (int) executable->program->values->len; v++)
    if (!needed[v] && rv__program_value (executable->program, v)->role == RV_VALUE_CONSTANT) {
      rv__program_release_constant (executable->program, v);
      executable->layout[v].data = NULL;
    }
}

/* RvBackendClass.bind. Packs the constant weights of convolutions to step->packed, and frees their plain copies.
 * After an error, what is packed stays until blocks_close(). */
static gboolean
blocks_bind (RvExecutable *executable, GError **error)
{
  Blocks *blocks = executable->backend_data;
  for (int i = 0; i < blocks->n_steps; i++) {
    Step *step = &blocks->steps[i];
    if (step->run_kind != RUN_CONV)
      continue;
    const RvOpCall *s = rv__program_call (executable->program, i);
    const float *plain = executable->layout[s->in[1]].data;
    step->packed = rv__alloc (rv__conv_packed_bytes (step->conv), "the network's weights", error);
    if (!step->packed)
      return FALSE;
    if (!rv__conv_pack (step->conv, blocks->chooser.onednn, plain, TRUE, step->packed, error))
      return FALSE;
  }
  drop_packed_constants (executable);
  return TRUE;
}

/* RvBackendClass.close. Frees backend_data; NULL is allowed. */
static void
blocks_close (RvExecutable *executable)
{
  Blocks *blocks = executable->backend_data;
  if (!blocks)
    return;
  for (int i = 0; i < blocks->n_steps; i++) {
    rv__conv_free (blocks->steps[i].conv);
    rv__free (blocks->steps[i].packed);
  }
  rv__onednn_close (blocks->chooser.onednn);
  g_free (blocks->steps);
  g_free (blocks);
}

/* ---- running ----------------------------------------------------------------------------------------------------- */

/* Runs a plain-C op on copies of its blocked operands in plain rows, in the scratch; results go back to the blocks.
 * Skips outputs that the plan dropped. Cannot fail. */
static void
run_staged (RvExecutable *executable, const RvOpCall *s)
{
  RvView in[RV_OP_MAX_IN], out[RV_OP_MAX_OUT];
  guint8 *scratch = executable->scratch;
  for (int k = 0; k < s->n_in + s->n_out; k++) {
    int v = k < s->n_in ? s->in[k] : s->out[k - s->n_in];
    RvView stored = rv__executable_view (executable, v), *view = k < s->n_in ? &in[k] : &out[k - s->n_in];
    *view = stored;
    if (stored.block <= 1 || !stored.data)
      continue;
    *view = (RvView){ scratch, stored.shape, 1 };
    scratch += rv__aligned (rv__program_value_bytes (executable->program, v));
    if (k < s->n_in)
      rv__reorder (&stored, view, sizeof (float));
  }
  rv__op_class (s->kind, RV_F32)->run (&s->attrs, s->n_in, in, out);
  for (int k = 0; k < s->n_out; k++) {
    RvView stored = rv__executable_view (executable, s->out[k]);
    if (stored.block > 1 && stored.data)
      rv__reorder (&out[k], &stored, sizeof (float));
  }
}

/* Runs step @i as a convolution with its post-op. Trained weights are packed into the scratch first. Blocking. Once
 * the thread's cancellable is cancelled, may stop early with TRUE. FALSE without an error: oneDNN failed. */
static gboolean
run_conv (RvExecutable *executable, int i, GError **error)
{
  const Blocks *blocks = executable->backend_data;
  const Step *step = &blocks->steps[i];
  const RvOpCall *s = rv__program_call (executable->program, i);
  const RvValueLayout *layout = executable->layout;
  Operands operands = conv_operands (s);
  gboolean trained = step->run_kind == RUN_CONV_TRAINED;
  guint8 *scratch = executable->scratch;
  RvConvArgs run = { .src = layout[operands.src].data,
                     .dst = layout[operands.dst].data,
                     .packed = trained ? scratch : step->packed,
                     .weights = layout[operands.weights].data,
                     .bias = step->conv->spec.bias ? layout[s->in[2]].data : NULL,
                     .post_op = step->post_op,
                     .cancellable = g_cancellable_get_current () };
  if (step->post_op != RV_POST_OP_NONE) {
    const RvOpCall *next = rv__program_call (executable->program, i + 1);
    run.bits = layout[step->post_op == RV_POST_OP_APPLY_MASK ? next->in[1] : next->out[1]].data;
  }
  if (trained && !rv__conv_pack (step->conv, blocks->chooser.onednn, run.weights, FALSE, run.packed, error))
    return FALSE;
  return rv__conv_run (step->conv, blocks->chooser.onednn, &run,
                       trained ? scratch + rv__aligned (rv__conv_packed_bytes (step->conv)) : scratch);
}

/* Runs a matrix product with oneDNN. FALSE without an error: oneDNN failed. */
static gboolean
run_matmul (const RvExecutable *executable, const RvOpCall *s)
{
  const RvShape *a = rv__program_shape (executable->program, s->in[0]),
                *y = rv__program_shape (executable->program, s->out[0]);
  gboolean transpose_a = s->attrs.matmul.transpose_a;
  return rv__onednn_multiply (transpose_a, s->attrs.matmul.transpose_b, y->dim[0], y->dim[1], a->dim[!transpose_a],
                              executable->layout[s->in[0]].data, executable->layout[s->in[1]].data,
                              executable->layout[s->out[0]].data);
}

/* Copies between blocks and plain rows. The side in plain rows is viewed in the shape of the side in blocks. */
static void
run_reshape (const RvExecutable *executable, const RvOpCall *s)
{
  RvView from = rv__executable_view (executable, s->in[0]), to = rv__executable_view (executable, s->out[0]);
  if (from.block > to.block)
    to.shape = from.shape;
  else
    from.shape = to.shape;
  rv__reorder (&from, &to, sizeof (float));
}

/* Writes (D + D^T) F of step->gram_step to value @out, or adds it if the kernel accumulates. D: gradient of the Gram
 * matrix, F: features. Packs into the scratch. Blocking. FALSE without an error: oneDNN failed. */
static gboolean
run_gram_backward (RvExecutable *executable, const Step *step, int out, GError **error)
{
  const Blocks *blocks = executable->backend_data;
  const RvOpCall *s = rv__program_call (executable->program, step->gram_step);
  const float *D = executable->layout[s->in[1]].data;
  gint64 C = rv__program_shape (executable->program, s->in[1])->dim[0];
  float *symmetric = (float *) (void *) executable->scratch;
  guint8 *packed = executable->scratch + rv__aligned ((gsize) (C * C) * sizeof (float));
  RvConvArgs run = { .src = executable->layout[s->in[0]].data, .dst = executable->layout[out].data, .packed = packed };

  for (gint64 i = 0; i < C; i++)
    for (gint64 j = 0; j < C; j++)
      symmetric[i * C + j] = D[i * C + j] + D[j * C + i];
  return rv__conv_pack (step->conv, blocks->chooser.onednn, symmetric, FALSE, packed, error) &&
         rv__conv_run (step->conv, blocks->chooser.onednn, &run,
                       packed + rv__aligned (rv__conv_packed_bytes (step->conv)));
}

/* RvBackendClass.run: runs step @i by its run_kind; blocking. TRUE also for a step that another one computes, and
 * once cancelled, with undefined results. RV_ERROR_BACKEND if oneDNN fails. */
static gboolean
blocks_run (RvExecutable *executable, int i, GError **error)
{
  const Blocks *blocks = executable->backend_data;
  const Step *step = &blocks->steps[i];
  const RvOpCall *s = rv__program_call (executable->program, i);
  GError *own_error = NULL;
  gboolean ok = TRUE;

  switch (step->run_kind) {
  case RUN_PLAIN:
    rv__executable_run_plain (executable, i);
    break;
  case RUN_PLAIN_STAGED:
    run_staged (executable, s);
    break;
  case RUN_CONV:
  case RUN_CONV_TRAINED:
  case RUN_CONV_WEIGHTS:
    ok = run_conv (executable, i, &own_error);
    break;
  case RUN_MATMUL:
    ok = run_matmul (executable, s);
    break;
  case RUN_RESHAPE:
    run_reshape (executable, s);
    break;
  case RUN_GRAM_BACKWARD:
    ok = run_gram_backward (executable, step, s->out[0], &own_error);
    break;
  case RUN_NOTHING:
    break;
  }
  if (own_error)
    g_propagate_error (error, own_error);
  else if (!ok)
    rv__error_set (error, RV_ERROR_BACKEND,
                   "oneDNN failed in a step that it had compiled; the backend 'reference' runs without it");
  return ok;
}

/* RvBackendClass.step_kernel: name of the code of step @i, static; NULL: another step computes it. */
static const char *
blocks_step_kernel (const RvExecutable *executable, int i)
{
  const Step *step = &((const Blocks *) executable->backend_data)->steps[i];
  if (step->conv)
    return rv__conv_name (step->conv);
  return step->run_kind == RUN_MATMUL ? "sgemm" : step->run_kind == RUN_NOTHING ? NULL : "plain C";
}

/* (transfer full): RvBackendClass.describe: version of oneDNN, instruction set of our kernels, AMX or bf16. */
static char *
blocks_describe (void)
{
  g_autofree char *version = rv__onednn_version (), *onednn = version ? g_strconcat ("oneDNN ", version, NULL) : NULL;
  const char *more = rv__onednn_has_amx () ? " with AMX" : rv__onednn_has_bf16 () ? " with bf16" : "";
  return g_strdup_printf ("%s, %s%s", onednn ? onednn : "without oneDNN", rv__simd_best ()->registers, more);
}

const RvBackendClass rv__backend_cpu = {
  .name = "cpu",
  .summary = "this processor's fastest kernels: oneDNN's and our own",
  .memory = &rv__host_memory,
  .compile = blocks_compile,
  .bind = blocks_bind,
  .run = blocks_run,
  .step_kernel = blocks_step_kernel,
  .has_bf16 = rv__onednn_has_bf16,
  .describe = blocks_describe,
  .init_process = rv__onednn_init_process,
  .close = blocks_close,
};
