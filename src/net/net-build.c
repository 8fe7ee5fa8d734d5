/* net-build.c -- building blocks of networks. */
#include "net.h"

void
rv__net_report_layer (RvNetBuilder *builder, const char *layer, int value)
{
  if (builder->program->error || (builder->on_layer && builder->on_layer (layer, value, builder->user_data)))
    builder->done = TRUE;
}

int
rv__net_relu (RvNetBuilder *builder, const char *name, int x)
{
  g_autofree char *pre = g_strconcat (name, ":pre", NULL);
  if (builder->done)
    return -1;
  rv__net_report_layer (builder, pre, x);
  if (builder->done)
    return -1;
  int y = rv__relu (builder->program, x);
  rv__net_report_layer (builder, name, y);
  return y;
}

/* Pads @x, and sets *by to 0, if the next convolution is the network's first one and its padding is replicated. Counts
 * the convolution. Returns the padded value, or @x. */
static int
pad_first (RvNetBuilder *builder, int x, RvPad *by)
{
  gboolean is_first = builder->n_convs++ == 0, pads = by->top || by->bottom || by->left || by->right;
  if (!is_first || !pads || builder->variant.first_pad != RV_PAD_REPLICATE)
    return x;
  x = rv__pad (builder->program, x, *by, RV_PAD_REPLICATE);
  *by = (RvPad){ 0 };
  return x;
}

int
rv__net_linear_conv (RvNetBuilder *builder, const char *layer, const char *name, int x, int out_channels, int kernel,
                     int stride, int pad)
{
  if (builder->done)
    return -1;
  gint64 in_channels = rv__program_shape (builder->program, x)->dim[1];
  RvPad by = { pad, pad, pad, pad };
  int weight =
    rv__net_parameter (builder, name, "weight", (RvShape){ 4, { out_channels, in_channels, kernel, kernel } });
  int bias = rv__net_parameter (builder, name, "bias", (RvShape){ 1, { out_channels } });
  builder->done = builder->program->error != NULL;
  if (builder->done)
    return -1;

  builder->window = kernel;
  builder->stride = stride;
  x = pad_first (builder, x, &by);
  int y = rv__conv2d (builder->program, x, weight, bias, stride, by);
  if (layer || builder->program->error)
    rv__net_report_layer (builder, layer, y);
  return y;
}

int
rv__net_conv (RvNetBuilder *builder, const char *name, int x, int out_channels, int kernel, int stride, int pad)
{
  int y = rv__net_linear_conv (builder, NULL, name, x, out_channels, kernel, stride, pad);
  return builder->done ? -1 : rv__net_relu (builder, name, y);
}

int
rv__net_conv_norm (RvNetBuilder *builder, int x, const RvConvNorm *layer)
{
  int weight, bias;
  if (builder->done)
    return -1;
  rv__net_fold_batch_norm (builder, layer, rv__program_shape (builder->program, x)->dim[1], &weight, &bias);
  builder->done = builder->program->error != NULL;
  if (builder->done)
    return -1;
  RvPad by = layer->pad;
  builder->window = MAX (layer->rows, layer->cols);
  builder->stride = layer->stride;
  x = pad_first (builder, x, &by);
  int y = rv__conv2d (builder->program, x, weight, bias, layer->stride, by);
  builder->done = builder->program->error != NULL;
  return builder->done || layer->linear ? y : rv__net_relu (builder, layer->conv, y);
}

int
rv__net_concat (RvNetBuilder *builder, const char *name, int n_in, const int *in)
{
  if (builder->done)
    return -1;
  int y = rv__concat (builder->program, n_in, in);
  if (name || builder->program->error)
    rv__net_report_layer (builder, name, y);
  return y;
}

int
rv__net_pad (RvNetBuilder *builder, int x)
{
  return builder->done ? -1 : rv__pad (builder->program, x, (RvPad){ 1, 1, 1, 1 }, RV_PAD_ZERO);
}

int
rv__net_average_3x3 (RvNetBuilder *builder, int x)
{
  if (builder->done)
    return -1;
  if (rv__net_weights_naming (builder)->pairs)
    return rv__average_pool (builder->program, rv__net_pad (builder, x), 3, 1, (RvPad){ 0 }, 1);
  return rv__average_pool (builder->program, x, 3, 1, (RvPad){ 1, 1, 1, 1 }, 1);
}

int
rv__net_lrn (RvNetBuilder *builder, const char *name, int x)
{
  if (builder->done)
    return -1;
  int y = rv__lrn (builder->program, x, 5, 1e-4, 0.75);
  rv__net_report_layer (builder, name, y);
  return y;
}

/* Records pooling of kind @published, unless builder->variant has another, and reports the layer @name. Sets
 * builder->window and builder->stride. Returns its value. */
static int
pool (RvNetBuilder *builder, const char *name, int x, int window, int stride, RvPooling published, RvPad pad)
{
  RvPooling pooling = builder->variant.pooling ? builder->variant.pooling : published;
  builder->window = window;
  builder->stride = stride;
  int y = pooling == RV_POOLING_MAX
            ? rv__max_pool (builder->program, x, window, stride, pad)
            : rv__average_pool (builder->program, x, window, stride, pad, pooling == RV_POOLING_AVERAGE_SCALED ? 2 : 1);
  rv__net_report_layer (builder, name, y);
  return y;
}

int
rv__net_pool (RvNetBuilder *builder, const char *name, int x, int window, int stride, RvPooling published)
{
  return builder->done ? -1 : pool (builder, name, x, window, stride, published, (RvPad){ 0 });
}

int
rv__net_pool_ceil (RvNetBuilder *builder, const char *name, int x)
{
  if (builder->done)
    return -1;
  const gint64 *dim = rv__program_shape (builder->program, x)->dim;
  RvPad pad = { .bottom = rv__pad_ceil (dim[2], 3, 2), .right = rv__pad_ceil (dim[3], 3, 2) };
  return pool (builder, name, x, 3, 2, RV_POOLING_MAX, pad);
}

/* ---- the network ------------------------------------------------------------------------------------------------- */

int
rv__net_convert_space (RvProgram *program, int x, const RvPixelSpace *from, const RvPixelSpace *to)
{
  float factor[3], shift[3];
  RvShape shape = rv_shape (1, 3);
  rv__pixel_space_map (from, to, factor, shift);
  int scale = rv__net_add_constant (program, (double[3]){ factor[0], factor[1], factor[2] }, &shape);
  return rv__affine (program, x, scale,
                     rv__net_add_constant (program, (double[3]){ shift[0], shift[1], shift[2] }, &shape));
}

void
rv__net_record (const RvNet *net, const RvNetVariant *variant, RvProgram *program, int x, const RvPixelSpace *space,
                RvLayerFunc on_layer, gpointer user_data)
{
  RvNetBuilder builder = { .program = program,
                           .class = net->class,
                           .net = net,
                           .variant = *variant,
                           .on_layer = on_layer,
                           .user_data = user_data };
  x = rv__net_convert_space (program, x, space, &net->pixel_space);
  if (!program->error)
    net->class->build (&builder, x);
}
