/* onnx.h -- parts of the reader of ONNX files. Layer 2 (io). */
#pragma once

#include "format.h"
#include "net-graph.h"
#include "protobuf.h"

#define RV_ONNX_KIND "an ONNX file"
#define RV_ONNX_MAX_NODES 20000
#define RV_ONNX_MAX_TENSORS 20000
#define RV_ONNX_MAX_INPUTS 256 /* inputs or outputs of a node */
#define RV_ONNX_MAX_INTS 16    /* numbers of an attribute or a constant of whole numbers that are read */
#define RV_ONNX_MAX_FILLED_BYTES ((gsize) 1 << 28) /* tensors that many nodes make from few bytes of the file */
#define RV_ONNX_MAX_COPIES 4                       /* bytes of other tensors for each byte of the file */
#define RV_ONNX_PICTURE_CHANNELS 3
#define RV_ONNX_UNKNOWN G_MININT64 /* a whole number that the size of the picture decides */

/* Whole numbers that stand for `factor` times the rows (axis 0) or columns of the value `index`. */
#define RV_ONNX_SIZES (-((gint64) 1 << 61))
#define RV_ONNX_MAX_FACTOR 255
static inline gint64
rv__onnx_size (int index, int axis, int factor)
{
  return RV_ONNX_SIZES + (2 * (gint64) index + axis) * (RV_ONNX_MAX_FACTOR + 1) + factor;
}
/* The factor of a number of rv__onnx_size(), and its *index and *axis; 0: another number. */
static inline int
rv__onnx_size_factor (gint64 number, int *index, int *axis)
{
  const gint64 each = RV_ONNX_MAX_FACTOR + 1, n_codes = 2 * (gint64) G_MAXINT16 * each;
  *index = *axis = 0;
  if (number < RV_ONNX_SIZES || number >= RV_ONNX_SIZES + n_codes)
    return 0;
  gint64 code = number - RV_ONNX_SIZES;
  *index = (int) (code / each / 2), *axis = (int) (code / each % 2);
  return (int) (code % each);
}

/* TensorProto.data_type. */
enum {
  RV_ONNX_FLOAT = 1,
  RV_ONNX_INT32 = 6,
  RV_ONNX_INT64 = 7,
  RV_ONNX_FLOAT16 = 10,
  RV_ONNX_DOUBLE = 11,
  RV_ONNX_BFLOAT16 = 16
};

/* Value that is constant: real numbers of the file, or whole numbers. */
typedef struct {
  int type; /* TensorProto.data_type */
  RvShape shape;
  RvProtoSpan numbers;  /* real numbers, little-endian; empty: none, or whole numbers */
  gboolean has_varints; /* `numbers` has 16 bits in each varint */
  gint64 ints[RV_ONNX_MAX_INTS];
  int n_ints;      /* -1: more, or no whole numbers */
  gboolean fills;  /* all numbers are `fill`, and `numbers` is empty */
  gboolean counts; /* whole numbers 0, 1, 2, ..., also more than RV_ONNX_MAX_INTS */
  float fill;
} RvOnnxConstant;

/* Kind of a value while the graph is converted. */
typedef enum {
  RV_ONNX_CONSTANT,
  RV_ONNX_TRANSPOSED, /* a matrix of real numbers: `constant` with rows and columns exchanged */
  RV_ONNX_COMPUTED,   /* arithmetic with shapes and constants: its numbers are not known */
  RV_ONNX_FEATURES,
  RV_ONNX_NORM_PART, /* intermediate result of a norm over channels: no layer */
  RV_ONNX_LEFT_OUT
} RvOnnxValueKind;

/* Value as a part of a norm over the channels of x, in several nodes. */
typedef enum {
  RV_ONNX_PART_NONE, /* absent, or another value */
  RV_ONNX_PART_NUMBER,
  RV_ONNX_PART_X,
  RV_ONNX_PART_MEAN,    /* of x */
  RV_ONNX_PART_CENTRED, /* x - mean */
  RV_ONNX_PART_SQUARED, /* (x - mean)^2 */
  RV_ONNX_PART_VARIANCE,
  RV_ONNX_PART_SUM, /* variance + epsilon */
  RV_ONNX_PART_DEVIATION
} RvOnnxNormPart;

/* Input or output of nodes. */
typedef struct {
  RvOnnxValueKind kind;
  const RvOnnxConstant *constant;
  int index;       /* RV_ONNX_FEATURES: 0 the picture, k the graph's node k; RV_ONNX_NORM_PART: that of x */
  gint64 channels; /* RV_ONNX_FEATURES */
  int pool; /* RV_ONNX_FEATURES: number of the node RV_GRAPH_GLOBAL_POOL whose mean over positions the value stands for;
               0: none */
  gboolean padded; /* RV_ONNX_FEATURES: output of a padding by zeros */
  gint64 groups; /* RV_ONNX_FEATURES: seen as [N, groups, channels / groups, H, W], by a Reshape; 0: as [N, C, H, W] */
  gboolean transposed;    /* with groups: seen as [N, channels / groups, groups, H, W], by a Transpose */
  gboolean channels_last; /* RV_ONNX_FEATURES, RV_ONNX_NORM_PART: seen as [N, H, W, C], by a Transpose */
  int scales, shifts; /* RV_ONNX_FEATURES: index, if a factor (a summand) for each channel may become part of that node:
                         only one node reads its output; other numbers: no */
  RvOnnxNormPart part; /* RV_ONNX_NORM_PART */
  double epsilon;      /* RV_ONNX_NORM_PART: RV_ONNX_PART_SUM, RV_ONNX_PART_DEVIATION */
} RvOnnxValue;

/* Node of the file. Texts are in RvOnnxFile.names. */
typedef struct {
  RvProtoSpan span;               /* NodeProto */
  const char *op, *name, *domain; /* name: if the file has none, that of the first output */
  GPtrArray *in, *out;            /* names; "" : absent */
} RvOnnxNode;

/* File while it is converted. */
typedef struct {
  const char *filename;     /* for messages */
  GBytes *bytes, *sibling;  /* the file; the file with its external data, NULL: none */
  const char *sibling_name; /* location that external tensors must give */
  GStringChunk *names;
  GArray *nodes;        /* RvOnnxNode */
  GPtrArray *constants; /* RvOnnxConstant; owned */
  GHashTable *values;   /* RvOnnxValue by name; owned */
  GHashTable *n_uses;   /* number of inputs of nodes that read a value, by name */
  RvNetGraph *graph;
  RvTensorMap *map;
  gsize tensor_bytes;    /* rv__onnx_reserve() */
  gboolean has_sequence; /* the positions became a sequence in the first node that was left out */
  gint64 picture[2];     /* rows, columns of the picture in the file; 0: not known */
  const char *output;    /* name of the last output; NULL: none, or damaged */
  guint n_outputs;
  const char *first_left_out; /* name of a node; NULL: none */
  guint n_left_out;
  gboolean has_softmax_inside; /* nodes with weights are behind it, and left out */
} RvOnnxFile;

/* ---- onnx-file.c ---- */

/* Sets RV_ERROR_FORMAT: the file is damaged or no ONNX file: @what. Returns FALSE. */
gboolean rv__onnx_damaged (const RvOnnxFile *file, const char *what, GError **error);
/* Sets RV_ERROR_FORMAT: "FILE: operator OP (node NAME) WHAT". Returns FALSE. */
gboolean rv__onnx_refuse (const RvOnnxFile *file, const RvOnnxNode *node, const char *what, GError **error);
/* Sets RV_ERROR_FORMAT: the operator of @node is not supported. Returns FALSE. */
gboolean rv__onnx_unsupported (const RvOnnxFile *file, const RvOnnxNode *node, GError **error);
/* (nullable): the text @span, kept in @file. NULL: too long, not UTF-8, or with control characters. */
const char *rv__onnx_text_of (RvOnnxFile *file, RvProtoSpan span);
/* Whether the fields of the message @span can be read to its end. */
gboolean rv__onnx_is_message (RvProtoSpan span);
/* Finds member @number of the attribute @name. FALSE, without an error: there is none. */
gboolean rv__onnx_find_member (const RvOnnxNode *node, const char *name, guint64 number, RvProtoKind kind,
                               RvProtoField *field);
/* Whole number of the attribute @name; @otherwise if it is absent. */
gint64 rv__onnx_attribute_int (const RvOnnxNode *node, const char *name, gint64 otherwise);
/* Real number of the attribute @name; @otherwise if it is absent. */
double rv__onnx_attribute_real (const RvOnnxNode *node, const char *name, double otherwise);
/* Number of real numbers of the attribute @name, copied to @numbers, @max long; 0: it is absent; -1: damaged, or too
 * many. */
int rv__onnx_attribute_reals (const RvOnnxNode *node, const char *name, double *numbers, int max);
/* Text of the attribute @name, stored in @file; @otherwise if it is absent; "" if it is not valid. */
const char *rv__onnx_attribute_text (RvOnnxFile *file, const RvOnnxNode *node, const char *name, const char *otherwise);
/* Number, from 0, of rv__onnx_attribute_text() in @choices, NULL-terminated; -1: another text. */
int rv__onnx_attribute_choice (RvOnnxFile *file, const RvOnnxNode *node, const char *name, const char *otherwise,
                               const char *const *choices);
/* Number of whole numbers of the attribute @name, copied to @ints, RV_ONNX_MAX_INTS long; 0: it is absent; -1: damaged,
 * or too many. */
int rv__onnx_attribute_ints (const RvOnnxNode *node, const char *name, gint64 *ints);
/* Bytes of one real number of TensorProto.data_type @type; 0: whole numbers and other types. */
gsize rv__onnx_bytes_of_type (int type);
/* Sets the shape of @constant to the @n sizes @dims, and *count (out) to their product. FALSE: a negative size, or the
 * product exceeds G_MAXINT64 / 8; no GError. More than RV_MAX_DIMS sizes make a constant without numbers. */
gboolean rv__onnx_set_shape (RvOnnxConstant *constant, const gint64 *dims, int n, gint64 *count);
/* (transfer full) (nullable): the name of the file, in the same folder, that holds the numbers of tensors of the
 * GraphProto @graph. NULL: there is none, or the first location is no plain file name. */
char *rv__onnx_sibling_name (RvProtoSpan graph);
/* Reads a TensorProto into @constant, which begins as 0. *name: (out) (nullable): its name. RV_ERROR_FORMAT. */
gboolean rv__onnx_read_tensor (RvOnnxFile *file, RvProtoSpan span, RvOnnxConstant *constant, const char **name,
                               GError **error);
/* Counts a tensor of @shape with elements of @type. RV_ERROR_FORMAT: all tensors exceed RV_ONNX_MAX_FILLED_BYTES and
 * RV_ONNX_MAX_COPIES times the bytes of the file, since nodes may read the same constant. */
gboolean rv__onnx_reserve (RvOnnxFile *file, RvType type, const RvShape *shape, GError **error);
/* (transfer full) (nullable): a tensor of @shape, f32, filled with @number. */
RvTensor *rv__onnx_filled_tensor (RvOnnxFile *file, float number, const RvShape *shape, GError **error);
/* Adds the tensor START.KIND of @shape with the numbers of @constant to file->map. @node: for messages. FALSE:
 * RV_ERROR_FORMAT: @constant (nullable) has no numbers, or another number of them. */
gboolean rv__onnx_add_tensor (RvOnnxFile *file, const RvOnnxNode *node, const char *start, const char *kind,
                              const RvOnnxConstant *constant, RvShape shape, GError **error);
/* (transfer full) (nullable): the real numbers of @constant, of its shape. */
RvTensor *rv__onnx_f32_of (RvOnnxFile *file, const RvOnnxConstant *constant, GError **error);
/* (transfer full: g_free()) (nullable): all numbers of @constant, as many as its shape has; they must be real,
 * unchecked. For a few numbers, one for each channel: it copies all. */
double *rv__onnx_doubles_of (RvOnnxFile *file, const RvOnnxConstant *constant, GError **error);

/* ---- onnx-values.c ---- */

/* (nullable): input @i of @node, borrowed from @file; NULL: absent. */
RvOnnxValue *rv__onnx_input (const RvOnnxFile *file, const RvOnnxNode *node, guint i);
/* (nullable): the constant that is input @i, borrowed from @file; NULL: absent, or no constant. */
const RvOnnxConstant *rv__onnx_constant_input (const RvOnnxFile *file, const RvOnnxNode *node, guint i);
/* Whether @number is known, and does not depend on the size of the picture. */
gboolean rv__onnx_is_known (gint64 number);
/* Number of whole numbers of input @i, borrowed in *ints; 0: absent; -1: not known. */
int rv__onnx_int_input (const RvOnnxFile *file, const RvOnnxNode *node, guint i, const gint64 **ints);
/* Number of whole numbers of the attribute @name, or else of input @i, copied to @ints, RV_ONNX_MAX_INTS long; 0: both
 * are absent; -1: not known. */
int rv__onnx_read_ints (const RvOnnxFile *file, const RvOnnxNode *node, const char *name, guint i, gint64 *ints);
/* Defines the output @name as a copy of @value; does nothing for "". RV_ERROR_FORMAT: there is a value of this name. */
gboolean rv__onnx_define (RvOnnxFile *file, const char *name, RvOnnxValue value, GError **error);
/* Defines the output @name as @constant (transfer full). */
gboolean rv__onnx_define_constant (RvOnnxFile *file, const char *name, RvOnnxConstant *constant, GError **error);
/* Defines all outputs of @node as copies of @value. */
gboolean rv__onnx_define_all (RvOnnxFile *file, const RvOnnxNode *node, RvOnnxValue value, GError **error);
/* Defines all outputs of @node as left out, and counts @node for the text RV_GRAPH_LEFT_OUT. */
gboolean rv__onnx_leave_out (RvOnnxFile *file, const RvOnnxNode *node, GError **error);
/* Name of the first output of @node. Borrowed. */
const char *rv__onnx_output_name (const RvOnnxNode *node);
/* Number of inputs of all nodes that read the value @name. */
guint rv__onnx_n_uses (const RvOnnxFile *file, const char *name);
/* (transfer full): the layer's name for the output @name: "_" replaces the characters that separate layers in
 * options. */
char *rv__onnx_layer_name (const char *name);
/* Appends @added, whose texts it takes over, to the graph, called @name (nullable), with the @n_in node numbers @in as
 * inputs. Returns its number, from 1. */
int rv__onnx_append (RvOnnxFile *file, RvGraphNode added, const char *name, int n_in, const int *in);
/* Appends @added, whose texts it takes over, with the input @x and the name of @node's output, which it defines as its
 * value, with @channels; it stands for a mean and has its channels last if @x does. */
gboolean rv__onnx_convert_to (RvOnnxFile *file, const RvOnnxNode *node, RvGraphNode added, const RvOnnxValue *x,
                              gint64 channels, GError **error);
/* Makes the graph compute, not skip, the mean over positions that @x (nullable) stands for. Does nothing for other
 * values. */
void rv__onnx_take_mean (RvOnnxFile *file, const RvOnnxValue *x);
/* Whether the attribute `axes` or input 1 of @node is the axes @a and @b, counted from 0; -1: @a alone. */
gboolean rv__onnx_has_axes (RvOnnxFile *file, const RvOnnxNode *node, int a, int b);
/* Copies the 2 sizes of the attribute @name, 1 .. RV_GRAPH_MAX_SIDE, to @to; 1 and 1 if it is absent. FALSE, @to
 * unchanged: other sizes, or not 2; no GError. */
gboolean rv__onnx_two_sizes (const RvOnnxNode *node, const char *name, int *to);
/* Sets stride, padding and `same` of @to from the attributes of @node. FALSE with RV_ERROR_FORMAT: out of bounds. */
gboolean rv__onnx_read_window (RvOnnxFile *file, const RvOnnxNode *node, RvGraphNode *to, GError **error);
/* Reads the range *first .. *end - 1 of the Slice @node along @axis, of @n numbers, of a tensor with @rank axes. FALSE
 * without an error: it is not known, has a step, or another axis. */
gboolean rv__onnx_read_slice (RvOnnxFile *file, const RvOnnxNode *node, gint64 axis, gint64 rank, gint64 n,
                              gint64 *first, gint64 *end);
/* Identity, Dropout: the output is the input. A Dropout's second output is not used in a trained network. */
gboolean rv__onnx_convert_identity (RvOnnxFile *file, const RvOnnxNode *node, GError **error);

/* ---- onnx-pointwise.c ---- */

/* Numbers for each channel: one for all, or as many as channels; none: 0. */
typedef struct {
  const double *numbers;
  gint64 n;
} RvOnnxPerChannel;

/* Adds the tensor PARAMS.KIND of @channels numbers to file->map: @from, or @otherwise without numbers. */
gboolean rv__onnx_add_per_channel (RvOnnxFile *file, const char *params, const char *kind, gint64 channels,
                                   RvOnnxPerChannel from, float otherwise, GError **error);
/* Appends x scale + shift, called @name (nullable), with parameters OUTPUT.@kind, and replaces @x by it. */
gboolean rv__onnx_append_affine (RvOnnxFile *file, const RvOnnxNode *node, const char *name, const char *kind,
                                 RvOnnxValue *x, RvOnnxPerChannel scale, RvOnnxPerChannel shift, GError **error);
/* Defines the output of @node as x scale + shift. */
gboolean rv__onnx_convert_to_affine (RvOnnxFile *file, const RvOnnxNode *node, const RvOnnxValue *x,
                                     RvOnnxPerChannel scale, RvOnnxPerChannel shift, GError **error);
/* *number: (inout): the number of the attribute @name or of input @i; unchanged if both are absent or empty.
 * RV_ERROR_FORMAT: not known. */
gboolean rv__onnx_read_number (RvOnnxFile *file, const RvOnnxNode *node, const char *name, guint i, double *number,
                               GError **error);

/* ---- onnx-norms.c ---- */

/* Converts @node, one of whose inputs is RV_ONNX_NORM_PART, or a ReduceMean of features: its output is another part, or
 * the norm. RV_ERROR_FORMAT: no step of a norm. */
gboolean rv__onnx_convert_norm_part (RvOnnxFile *file, const RvOnnxNode *node, GError **error);

/* An operator: converts a node, whose first input exists. RV_ERROR_FORMAT: refused; RV_ERROR_MEMORY. */
typedef struct {
  const char *ops; /* names with spaces between them */
  gboolean (*convert) (RvOnnxFile *file, const RvOnnxNode *node, GError **error);
  gboolean is_linear;     /* with one input, a mean over positions may follow instead of precede */
  gboolean channels_last; /* works on values with their channels last, too */
  gboolean regroups;      /* reads channels that a Reshape divided into groups */
  gboolean by_constants;  /* its first input may be a constant */
  gboolean of_any_values; /* reads no numbers: works on layers and constants */
} RvOnnxOperator;

/* Operators that compute layers, in onnx-layers.c, onnx-pointwise.c, onnx-channels.c, onnx-norms.c and onnx-pictures.c;
 * and constants or shapes, in onnx-fold.c. Each table ends with a row of zeros. */
extern const RvOnnxOperator rv__onnx_layers[], rv__onnx_pointwise[], rv__onnx_channels[], rv__onnx_norms[],
  rv__onnx_pictures[], rv__onnx_folds[];
/* (nullable): the operator of @table that has the name @op; NULL: none. Borrowed. */
const RvOnnxOperator *rv__onnx_find_operator (const RvOnnxOperator *table, const char *op);
