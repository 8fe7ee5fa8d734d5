/* face-net.c -- BlazeFace, short range (Bazarevsky et al. 2019, "BlazeFace: Sub-millisecond Neural Face Detection on
 * Mobile GPUs"), with MediaPipe's weights: data/faces.safetensors, by tools/convert-mediapipe.py.
 *
 * A 5 x 5 convolution, then 16 blocks: y = relu (x + pointwise (depthwise 3 x 3 (x))). Blocks of stride 2 add the
 * maximum of 2 x 2 instead of x; new channels of x are 0. The 11th block and the last give scores and boxes. Padding is
 * TensorFlow's SAME: with stride 2, the odd row and column are at the end. */
#include "faces.h"
#include "graph/graph.h"
#include "io/weights/format.h"
#include "method/compute.h"
#include <string.h>

extern const guint8 rv__faces[], rv__faces_end[]; /* data/meson.build */

#define SIDE RV_FACES_SIDE_PX

/* Blocks, in order. */
static const struct {
  int channels, stride;
} blocks[] = { { 24, 1 }, { 28, 1 }, { 32, 2 }, { 36, 1 }, { 42, 1 }, { 48, 2 }, { 56, 1 }, { 64, 1 },
               { 72, 1 }, { 80, 1 }, { 88, 1 }, { 96, 2 }, { 96, 1 }, { 96, 1 }, { 96, 1 }, { 96, 1 } };

#define FINE_BLOCK 11 /* the heads of 16 x 16 positions read the output of this block, counted from 1 */

/* Positions, anchors for each position, and names of the layers of one resolution. */
static const struct {
  const char *score, *box;
  int side, n_anchors;
} heads[] = { { "score8", "box8", 16, 2 }, { "score16", "box16", 8, 6 } };

struct _RvFaceNet {
  RvExecutable *executable;
  int x, scores[G_N_ELEMENTS (heads)], boxes[G_N_ELEMENTS (heads)]; /* values */
};

/* State of recording. */
typedef struct {
  RvProgram *program;
  RvTensorMap *weights;
} Recorder;

/* Adds the tensor "NAME.KIND" as a constant. Returns its value; -1 with program->error set: RV_ERROR_MEMORY,
 * RV_ERROR_FILE, or an earlier error. */
static int
parameter (const Recorder *recorder, const char *name, const char *kind)
{
  g_autofree char *full = g_strconcat (name, ".", kind, NULL);
  if (recorder->program->error)
    return -1;
  g_autoptr (RvTensor) numbers =
    rv_tensor_to_f32 (rv_tensor_map_get (recorder->weights, full), &recorder->program->error);
  return numbers ? rv__program_constant (recorder->program, numbers) : -1;
}

/* Records a convolution of @x with the tensors @name.weight and @name.bias. @groups: groups of channels; as many as
 * channels: depthwise. Returns its value; -1: RV_ERROR_SHAPE, or errors of parameter(), in program->error. */
static int
conv (const Recorder *recorder, const char *name, int x, int groups, int stride, RvPad pad)
{
  RvOpAttrs attrs = { .conv = { .stride = { stride, stride }, .pad = pad, .groups = groups } };
  int weight = parameter (recorder, name, "weight"), bias = parameter (recorder, name, "bias");
  return rv__program_record (recorder->program, RV_OP_CONV2D, &attrs, 3, (int[]){ x, weight, bias });
}

/* Appends channels of zeros to @x until there are @channels. */
static int
add_channels (RvProgram *program, int x, int channels)
{
  if (program->error)
    return -1;
  RvShape shape = *rv__program_shape (program, x);
  if (shape.dim[1] == channels)
    return x;
  shape.dim[1] = channels - shape.dim[1];
  g_autoptr (RvTensor) zeros = rv_tensor_new (RV_F32, &shape, &program->error);
  if (!zeros)
    return -1;
  memset (zeros->data, 0, rv_tensor_bytes (zeros));
  return rv__concat (program, 2, (int[]){ x, rv__program_constant (program, zeros) });
}

/* Records block @i, from 0. */
static int
block (const Recorder *recorder, int x, int i)
{
  RvProgram *program = recorder->program;
  int stride = blocks[i].stride;
  g_autofree char *depthwise = g_strdup_printf ("depthwise%d", i + 1),
                  *pointwise = g_strdup_printf ("pointwise%d", i + 1);
  RvPad pad = stride == 1 ? (RvPad){ 1, 1, 1, 1 } : (RvPad){ 0, 0, 1, 1 };
  int in_channels = i == 0 ? blocks[0].channels : blocks[i - 1].channels;
  int y = conv (recorder, depthwise, x, in_channels, stride, pad);
  y = conv (recorder, pointwise, y, 1, 1, (RvPad){ 0 });
  if (stride == 2)
    x = rv__max_pool (program, x, 2, 2, (RvPad){ 0 });
  return rv__relu (program, rv__add (program, add_channels (program, x, blocks[i].channels), y));
}

RvFaceNet *
rv__face_net_new (int n_threads, GCancellable *cancellable, GError **error)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static (rv__faces, (gsize) (rv__faces_end - rv__faces));
  g_autoptr (RvTensorMap) weights = rv__weights_parse (bytes, RV_WEIGHTS_ALL, "the detector of faces", error);
  RvComputeSettings compute = { .threads = CLAMP (n_threads, 0, RV_COMPUTE_MAX_THREADS), .exact = TRUE };
  RvCompileSettings settings = rv__compute_compile (&compute, NULL, 0);
  const RvBackendClass *backend = rv__compute_backend ("cpu", NULL, error); /* a GPU would take longer to start */
  if (!weights || !backend)
    return NULL;
  settings.cancellable = cancellable;

  g_autoptr (RvProgram) program = rv__program_new (RV_F32);
  const Recorder recorder = { program, weights };
  RvShape shape = rv_shape (4, 1, 3, SIDE, SIDE);
  g_autoptr (RvFaceNet) net = g_new0 (RvFaceNet, 1);
  int taps[G_N_ELEMENTS (heads)];
  net->x = rv__program_input (program, &shape);
  int x = rv__relu (program, conv (&recorder, "conv", net->x, 1, 2, (RvPad){ 1, 1, 2, 2 }));
  for (int i = 0; i < (int) G_N_ELEMENTS (blocks); i++) {
    x = block (&recorder, x, i);
    if (i + 1 == FINE_BLOCK)
      taps[0] = x;
  }
  taps[1] = x;
  for (guint i = 0; i < G_N_ELEMENTS (heads); i++) {
    rv__program_output (program, net->scores[i] = conv (&recorder, heads[i].score, taps[i], 1, 1, (RvPad){ 0 }));
    rv__program_output (program, net->boxes[i] = conv (&recorder, heads[i].box, taps[i], 1, 1, (RvPad){ 0 }));
  }
  program->n_forward = (int) program->calls->len;
  if (!rv__graph_plan (program, error))
    return NULL;
  net->executable = rv__executable_new (backend, g_steal_pointer (&program), &settings, error);
  return net->executable && rv__executable_bind (net->executable, error) ? g_steal_pointer (&net) : NULL;
}

void
rv__face_net_free (RvFaceNet *net)
{
  if (net)
    rv__executable_free (net->executable);
  g_free (net);
}

/* Reads @value, [1, A N, side, side], of one resolution as [side, side, A, N], A = @n_anchors. */
static gboolean
read_head (RvFaceNet *net, int value, int side, int n_anchors, int n, float *to, GError **error)
{
  int positions = side * side, channels = n_anchors * n;
  g_autofree float *planes = g_new (float, channels *positions);
  if (!rv__executable_get (net->executable, value, planes, error))
    return FALSE;
  for (int p = 0; p < positions; p++)
    for (int c = 0; c < channels; c++)
      to[p * channels + c] = planes[c * positions + p];
  return TRUE;
}

gboolean
rv__face_net_run (RvFaceNet *net, const float *window, float *scores, float *boxes, GError **error)
{
  gboolean ok =
    rv__executable_set (net->executable, net->x, window, error) && rv__executable_forward (net->executable, error);
  for (guint i = 0; ok && i < G_N_ELEMENTS (heads); i++) {
    int side = heads[i].side, n = heads[i].n_anchors;
    ok = read_head (net, net->scores[i], side, n, 1, scores, error) &&
         read_head (net, net->boxes[i], side, n, RV_FACES_NUMBERS, boxes, error);
    scores += side * side * n;
    boxes += side * side * n * RV_FACES_NUMBERS;
  }
  return ok;
}
