/* onednn-kernel.c -- one convolution kernel of oneDNN: description, creation, packing, execution.
 *
 * Layouts: operands in channel blocks are used without a copy. For an operand in plain rows (of 3 channels, for
 * example) the kernel may prefer another layout: the operand is then reordered to or from a staging area in the
 * scratch. Weights are packed once into the kernel's layout. */
#include "base/alloc.h"
#include "onednn-internal.h"
#include <string.h>

/* One operand: the caller's memory, and the staging area if the kernel needs another layout. */
typedef struct {
  dnnl_memory_t outside, inside; /* caller's memory; staging area, NULL: none */
  dnnl_primitive_t reorder;      /* NULL: no staging area */
  gboolean is_input;             /* reordered from outside to inside, before the kernel; else back, after it */
  gsize bytes;                   /* size of the staging area */
} Operand;

struct _RvConvKernel {
  RvConvDirection direction;
  char *name;
  dnnl_primitive_t primitive;
  Operand src, dst;
  dnnl_memory_t weights, weights_plain, bias, scratch;
  RvMd weights_md;
  dnnl_primitive_t pack, unpack; /* NULL: not needed, or freed */
  gsize packed_bytes, scratch_bytes;
};

/* ---- describing -------------------------------------------------------------------------------------------------- */

static dnnl_format_tag_t
block_tag (int block)
{
  return block == 16 ? dnnl_aBcd16b : block == 8 ? dnnl_aBcd8b : block == 4 ? dnnl_aBcd4b : dnnl_abcd;
}

/* Order of an operand inside the kernel; @block: channels of a block of the caller's operand, 1: plain rows. Variants
 * with plain or channels-last order have that order; native ones that of the caller. For plain rows, and with bf16,
 * native is dnnl_format_tag_any: the kernel chooses (AMX prefers channels last), and the gain exceeds the cost of
 * staging. */
static dnnl_format_tag_t
inside_tag (const RvOnednnVariant *variant, int block)
{
  if (variant->layout == RV_ONEDNN_CHANNELS_LAST)
    return dnnl_acdb;
  if (variant->layout == RV_ONEDNN_PLAIN)
    return dnnl_abcd;
  return block > 1 && !variant->bf16 ? block_tag (block) : dnnl_format_tag_any;
}

/* (transfer full) (nullable): layout of an operand inside the kernel; bf16 kernels read bf16 and write f32. */
static RvMd
inside_md (const RvOnednnVariant *variant, const RvShape *shape, int block, gboolean is_read)
{
  return rv__md_new (shape->n, shape->dim, variant->bf16 && is_read ? dnnl_bf16 : dnnl_f32,
                     inside_tag (variant, block));
}

/* (transfer full) (nullable): layout of the weights of @spec: plain, or chosen by the kernel. With groups the
 * dimensions are [G, O / G, C / G, U, V]. */
static RvMd
weights_md (const RvConvSpec *spec, dnnl_data_type_t type, gboolean is_plain)
{
  const gint64 *dim = spec->weights.dim, groups = spec->groups;
  if (groups > 1)
    return rv__md_new (5, (gint64[]){ groups, dim[0] / groups, dim[1], dim[2], dim[3] }, type,
                       is_plain ? dnnl_abcde : dnnl_format_tag_any);
  return rv__md_new (4, dim, type, is_plain ? dnnl_abcd : dnnl_format_tag_any);
}

/* Layouts of the operands of @spec for @variant; weights in the order that the kernel chooses. Free each. A
 * member that oneDNN refused, and `bias` without a bias, is NULL. */
static RvConvMds
mds_new (const RvConvSpec *spec, const RvOnednnVariant *variant)
{
  gboolean forward = spec->direction == RV_CONV_FORWARD;
  RvConvMds mds = { .src = inside_md (variant, &spec->src, spec->src_block, forward),
                    .dst = inside_md (variant, &spec->dst, spec->dst_block, !forward),
                    .weights = weights_md (spec, variant->bf16 ? dnnl_bf16 : dnnl_f32, FALSE),
                    .bias = spec->bias ? rv__md_new (1, spec->weights.dim, dnnl_f32, dnnl_a) : NULL,
                    .stride = { spec->stride[0], spec->stride[1] },
                    .dilation = { spec->dilation[0] - 1, spec->dilation[1] - 1 },
                    .pad_before = { spec->pad.top, spec->pad.left },
                    .algorithm =
                      variant->algorithm == RV_ONEDNN_WINOGRAD ? dnnl_convolution_winograd : dnnl_convolution_direct };
  /* oneDNN needs exact values of pad_after: rows that floor() drops count as negative padding. */
  for (int k = 0; k < 2; k++)
    mds.pad_after[k] = (spec->dst.dim[2 + k] - 1) * spec->stride[k] +
                       (spec->weights.dim[2 + k] - 1) * spec->dilation[k] + 1 - spec->src.dim[2 + k] -
                       mds.pad_before[k];
  return mds;
}

/* (transfer full) (nullable): attributes: scratch from the caller; @accumulate: adds to the destination. NULL:
 * failure. */
static dnnl_primitive_attr_t
attr_new (gboolean accumulate)
{
  dnnl_primitive_attr_t attr = NULL;
  dnnl_post_ops_t ops = NULL;
  if (dnnl_primitive_attr_create (&attr) != dnnl_success)
    return NULL;
  gboolean ok =
    dnnl_primitive_attr_set_scratchpad_mode (attr, dnnl_scratchpad_mode_user) == dnnl_success &&
    (!accumulate || (dnnl_post_ops_create (&ops) == dnnl_success && rv__post_ops_append_sum (ops) == dnnl_success &&
                     dnnl_primitive_attr_set_post_ops (attr, ops) == dnnl_success));
  dnnl_post_ops_destroy (ops);
  if (ok)
    return attr;
  dnnl_primitive_attr_destroy (attr);
  return NULL;
}

/* (transfer full) (nullable): description of the kernel for @spec, also of oneDNN's slow reference code; free it with
 * dnnl_primitive_desc_destroy(). NULL, without an error: oneDNN has none. */
static dnnl_primitive_desc_t
desc_new (dnnl_engine_t engine, const RvConvSpec *spec, const RvOnednnVariant *variant)
{
  RvConvMds mds = mds_new (spec, variant);
  dnnl_primitive_attr_t attr = attr_new (spec->accumulate);
  dnnl_primitive_desc_t desc = NULL, hint = NULL;
  dnnl_status_t status = dnnl_invalid_arguments;

  if (attr && spec->direction == RV_CONV_FORWARD) {
    status = rv__desc_new_forward (&desc, engine, dnnl_forward_inference, &mds, attr);
  } else if (attr && rv__desc_new_forward (&hint, engine, dnnl_forward_training, &mds, NULL) == dnnl_success) {
    status = spec->direction == RV_CONV_BACKWARD_DATA ? rv__desc_new_backward_data (&desc, engine, &mds, hint, attr)
                                                      : rv__desc_new_backward_weights (&desc, engine, &mds, hint, attr);
  }
  if (hint)
    dnnl_primitive_desc_destroy (hint);
  dnnl_primitive_attr_destroy (attr);
  rv__md_free (mds.src);
  rv__md_free (mds.dst);
  rv__md_free (mds.weights);
  rv__md_free (mds.bias);
  return status == dnnl_success ? desc : NULL;
}

/* ---- building ---------------------------------------------------------------------------------------------------- */

/* *memory: (out) (transfer full): a memory object of layout @md (nullable), without an address. FALSE without an error:
 * @md is NULL, or oneDNN failed. */
static gboolean
new_memory (dnnl_memory_t *memory, RvMd md, dnnl_engine_t engine)
{
  return md && dnnl_memory_create (memory, md, engine, DNNL_MEMORY_NONE) == dnnl_success;
}

/* *reorder: (out) (transfer full): a copy between two layouts of one shape. FALSE without an error: oneDNN failed. */
static gboolean
new_reorder (dnnl_primitive_t *reorder, RvMd from, RvMd to, dnnl_engine_t engine)
{
  dnnl_primitive_desc_t desc = NULL;
  gboolean ok = dnnl_reorder_primitive_desc_create (&desc, from, engine, to, engine, NULL) == dnnl_success &&
                dnnl_primitive_create (reorder, desc) == dnnl_success;
  if (desc)
    dnnl_primitive_desc_destroy (desc);
  return ok;
}

/* (transfer full) (nullable): layout in the caller's memory; @rows: rows of the planes of which it is a strip, or 0. */
static RvMd
outside_md (const RvShape *shape, int block, gint64 rows)
{
  RvShape whole = *shape;
  whole.dim[2] = rows ? rows : shape->dim[2];
  RvMd planes = rv__md_new (shape->n, whole.dim, dnnl_f32, block_tag (block));
  if (!planes || rows == 0)
    return planes;
  RvMd strip = rv__md_new_strip (planes, shape->dim[2]);
  rv__md_free (planes);
  return strip;
}

/* Creates the memory objects of an operand; if layout @inside, which the kernel uses, differs from the caller's, also
 * the staging area and its reorder. @rows: as outside_md(). @is_input: the kernel reads it. FALSE without an error:
 * oneDNN failed; *operand is partly filled. */
static gboolean
operand_init (Operand *operand, const RvShape *shape, int block, gint64 rows, gboolean is_input, RvMd inside,
              dnnl_engine_t engine)
{
  RvMd outside = outside_md (shape, block, rows);
  gboolean ok = outside && inside && new_memory (&operand->outside, outside, engine);
  operand->is_input = is_input;
  if (ok && !dnnl_memory_desc_equal (outside, inside)) {
    operand->bytes = dnnl_memory_desc_get_size (inside);
    ok = new_memory (&operand->inside, inside, engine) &&
         new_reorder (&operand->reorder, is_input ? outside : inside, is_input ? inside : outside, engine);
  }
  rv__md_free (outside);
  return ok;
}

/* Fills @kernel, zeroed, from oneDNN's description @desc (borrowed): primitive, operands, reorders of the weights,
 * bytes. FALSE without an error: oneDNN failed; rv__conv_kernel_free() frees what was filled. */
static gboolean
kernel_init (RvConvKernel *kernel, const RvConvSpec *spec, dnnl_primitive_desc_t desc, dnnl_engine_t engine)
{
  gboolean forward = spec->direction == RV_CONV_FORWARD, data = spec->direction == RV_CONV_BACKWARD_DATA;
  RvMd src = rv__md_from_desc (desc, data ? dnnl_query_diff_src_md : dnnl_query_src_md);
  RvMd dst = rv__md_from_desc (desc, forward ? dnnl_query_dst_md : dnnl_query_diff_dst_md);
  RvMd weights = rv__md_from_desc (desc, forward || data ? dnnl_query_weights_md : dnnl_query_diff_weights_md);
  RvMd scratch = rv__md_from_desc (desc, dnnl_query_scratchpad_md);
  RvMd plain = weights_md (spec, dnnl_f32, TRUE);
  RvMd bias = rv__md_new (1, spec->weights.dim, dnnl_f32, dnnl_a);

  gboolean ok = dnnl_primitive_create (&kernel->primitive, desc) == dnnl_success &&
                operand_init (&kernel->src, &spec->src, spec->src_block, spec->src_rows, !data, src, engine) &&
                operand_init (&kernel->dst, &spec->dst, spec->dst_block, spec->dst_rows, !forward, dst, engine) &&
                new_memory (&kernel->weights, weights, engine) && new_memory (&kernel->weights_plain, plain, engine) &&
                new_memory (&kernel->bias, bias, engine) && new_memory (&kernel->scratch, scratch, engine);
  if (ok && (forward || data))
    ok = new_reorder (&kernel->pack, plain, weights, engine);
  else if (ok)
    ok = new_reorder (&kernel->unpack, weights, plain, engine);
  if (ok) {
    kernel->packed_bytes = dnnl_memory_desc_get_size (weights);
    kernel->scratch_bytes = rv__aligned (dnnl_memory_desc_get_size (scratch)) + rv__aligned (kernel->src.bytes) +
                            rv__aligned (kernel->dst.bytes);
  }
  kernel->weights_md = weights;
  RvMd all[] = { src, dst, scratch, plain, bias };
  for (guint i = 0; i < G_N_ELEMENTS (all); i++)
    rv__md_free (all[i]);
  return ok;
}

RvConvKernel *
rv__conv_kernel_new (RvOnednn *onednn, const RvConvSpec *spec, const RvOnednnVariant *variant)
{
  gboolean staged = variant->layout != RV_ONEDNN_NATIVE;
  dnnl_primitive_desc_t desc = staged && spec->accumulate ? NULL : desc_new (onednn->engine, spec, variant);
  if (!desc)
    return NULL;
  RvConvKernel *kernel = g_new0 (RvConvKernel, 1);
  kernel->direction = spec->direction;
  const char *name = NULL;
  gboolean named = dnnl_primitive_desc_query (desc, dnnl_query_impl_info_str, 0, &name) == dnnl_success;
  kernel->name = g_strdup (named ? name : "");
  /* Names of oneDNN's fallback code, which computes one number at a time, begin with "ref". */
  if (g_str_has_prefix (kernel->name, "ref") || !kernel_init (kernel, spec, desc, onednn->engine))
    g_clear_pointer (&kernel, rv__conv_kernel_free);
  dnnl_primitive_desc_destroy (desc);
  return kernel;
}

void
rv__conv_kernel_free (RvConvKernel *kernel)
{
  if (!kernel)
    return;
  dnnl_primitive_t primitives[] = { kernel->primitive, kernel->src.reorder, kernel->dst.reorder, kernel->pack,
                                    kernel->unpack };
  dnnl_memory_t memories[] = { kernel->src.outside, kernel->src.inside,    kernel->dst.outside, kernel->dst.inside,
                               kernel->weights,     kernel->weights_plain, kernel->bias,        kernel->scratch };
  for (guint i = 0; i < G_N_ELEMENTS (primitives); i++)
    if (primitives[i])
      dnnl_primitive_destroy (primitives[i]);
  for (guint i = 0; i < G_N_ELEMENTS (memories); i++)
    if (memories[i])
      dnnl_memory_destroy (memories[i]);
  rv__md_free (kernel->weights_md);
  g_free (kernel->name);
  g_free (kernel);
}

const char *
rv__conv_kernel_name (const RvConvKernel *kernel)
{
  return kernel->name;
}

gboolean
rv__conv_kernel_packs_alike (const RvConvKernel *a, const RvConvKernel *b)
{
  return dnnl_memory_desc_equal (a->weights_md, b->weights_md);
}

gsize
rv__conv_kernel_packed_bytes (const RvConvKernel *kernel)
{
  return kernel->packed_bytes;
}

gsize
rv__conv_kernel_scratch_bytes (const RvConvKernel *kernel)
{
  return kernel->scratch_bytes;
}

/* ---- running ----------------------------------------------------------------------------------------------------- */

/* Copies @from to @to and waits. FALSE without an error: oneDNN failed. */
static gboolean
run_reorder (dnnl_primitive_t reorder, dnnl_stream_t stream, dnnl_memory_t from, dnnl_memory_t to)
{
  dnnl_exec_arg_t args[] = { { DNNL_ARG_FROM, from }, { DNNL_ARG_TO, to } };
  return dnnl_primitive_execute (reorder, stream, G_N_ELEMENTS (args), args) == dnnl_success &&
         dnnl_stream_wait (stream) == dnnl_success;
}

/* Runs the primitive and waits; if it is a GEMM, with signals blocked. FALSE without an error: oneDNN failed. */
static gboolean
execute (const RvConvKernel *kernel, dnnl_stream_t stream, int n_args, const dnnl_exec_arg_t *args)
{
  gboolean uses_gemm = strstr (kernel->name, "gemm") != NULL;
  sigset_t before;
  if (uses_gemm)
    rv__onednn_block_signals (&before);
  gboolean ok = dnnl_primitive_execute (kernel->primitive, stream, n_args, args) == dnnl_success &&
                dnnl_stream_wait (stream) == dnnl_success;
  if (uses_gemm)
    pthread_sigmask (SIG_SETMASK, &before, NULL);
  return ok;
}

gboolean
rv__conv_kernel_pack (RvConvKernel *kernel, RvOnednn *onednn, const float *plain, void *packed)
{
  dnnl_memory_set_data_handle (kernel->weights_plain, (void *) plain);
  dnnl_memory_set_data_handle (kernel->weights, packed);
  return run_reorder (kernel->pack, onednn->stream, kernel->weights_plain, kernel->weights);
}

void
rv__conv_kernel_end_packing (RvConvKernel *kernel)
{
  if (kernel->pack)
    dnnl_primitive_destroy (kernel->pack);
  kernel->pack = NULL;
}

gboolean
rv__conv_kernel_unpack (RvConvKernel *kernel, RvOnednn *onednn, const void *packed, float *plain)
{
  dnnl_memory_set_data_handle (kernel->weights, (void *) packed);
  dnnl_memory_set_data_handle (kernel->weights_plain, plain);
  return run_reorder (kernel->unpack, onednn->stream, kernel->weights, kernel->weights_plain);
}

/* Sets the operand's address in the caller's memory to @data, and moves *@scratch (inout) past its staging area, if
 * any. Returns the memory for the kernel, @data or the staging area; borrowed. */
static dnnl_memory_t
operand_bind (Operand *operand, void *data, guint8 **scratch)
{
  dnnl_memory_set_data_handle (operand->outside, data);
  if (!operand->reorder)
    return operand->outside;
  dnnl_memory_set_data_handle (operand->inside, *scratch);
  *scratch += rv__aligned (operand->bytes);
  return operand->inside;
}

gboolean
rv__conv_kernel_run (RvConvKernel *kernel, RvOnednn *onednn, void *src, void *dst, void *weights, const float *bias,
                     void *scratch)
{
  dnnl_stream_t stream = onednn->stream;
  static const struct {
    int src, dst, weights;
  } roles[] = {
    [RV_CONV_FORWARD] = { DNNL_ARG_SRC, DNNL_ARG_DST, DNNL_ARG_WEIGHTS },
    [RV_CONV_BACKWARD_DATA] = { DNNL_ARG_DIFF_SRC, DNNL_ARG_DIFF_DST, DNNL_ARG_WEIGHTS },
    [RV_CONV_BACKWARD_WEIGHTS] = { DNNL_ARG_SRC, DNNL_ARG_DIFF_DST, DNNL_ARG_DIFF_WEIGHTS },
  };
  guint8 *free_scratch = scratch;
  dnnl_memory_t src_memory = operand_bind (&kernel->src, src, &free_scratch);
  dnnl_memory_t dst_memory = operand_bind (&kernel->dst, dst, &free_scratch);
  Operand *operands[] = { &kernel->src, &kernel->dst };

  dnnl_memory_set_data_handle (kernel->weights, weights);
  dnnl_memory_set_data_handle (kernel->scratch, free_scratch);
  dnnl_memory_set_data_handle (kernel->bias, (void *) bias);
  dnnl_exec_arg_t args[] = { { roles[kernel->direction].src, src_memory },
                             { roles[kernel->direction].dst, dst_memory },
                             { roles[kernel->direction].weights, kernel->weights },
                             { DNNL_ARG_SCRATCHPAD, kernel->scratch },
                             { DNNL_ARG_BIAS, kernel->bias } };

  for (guint i = 0; i < G_N_ELEMENTS (operands); i++)
    if (operands[i]->reorder && operands[i]->is_input &&
        !run_reorder (operands[i]->reorder, stream, operands[i]->outside, operands[i]->inside))
      return FALSE;
  if (!execute (kernel, stream, bias ? 5 : 4, args))
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (operands); i++)
    if (operands[i]->reorder && !operands[i]->is_input &&
        !run_reorder (operands[i]->reorder, stream, operands[i]->inside, operands[i]->outside))
      return FALSE;
  return TRUE;
}
