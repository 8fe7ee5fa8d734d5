/* net-graph.h -- the architecture of a network as data: a list of nodes, stored as text in the metadata of weights.
 * Layer 2 (io). A reader of a format that holds an architecture writes it; net/graph-net.c records it.
 *
 * The text is a JSON object: {"nodes": [{"op": "conv", "in": [0], "name": "conv1", ...}, ...]}. Members that are 0 are
 * left out. Input 0 is the picture, input k the output of node k, counted from 1. A node's inputs come before it. */
#pragma once

#include <glib.h>

#define RV_GRAPH_TEXT "graph"                /* key of the text in the metadata */
#define RV_GRAPH_NAME "network"              /* key of the network's name */
#define RV_GRAPH_ARCHITECTURE "architecture" /* key of the name of a published architecture, if it is one */
#define RV_GRAPH_LEFT_OUT "left_out"         /* key of a text about parts of the network that are not offered */
#define RV_GRAPH_OUTPUT "output"             /* key of the layer that is the only output, if that is a picture */
#define RV_GRAPH_MAX_NODES 10000
#define RV_GRAPH_MAX_IN 4
#define RV_GRAPH_MAX_CHANNELS (1 << 20)
#define RV_GRAPH_MAX_SIDE 256 /* limit of kernels, windows, strides, dilations and paddings */
#define RV_GRAPH_MAX_NAME_BYTES 200

/* Ops: X (enumerator, name in the text, number of inputs). concat: at most as many. */
#define RV_GRAPH_ROWS(X)                                                                                               \
  X (ADD, add, 2)                     /* a + b */                                                                      \
  X (AFFINE, affine, 1)               /* PARAMS.weight[c] x + PARAMS.bias[c] */                                        \
  X (AVERAGE_POOL, average_pool, 1)   /* window, stride, pad, ceil, counts_pad */                                      \
  X (CHANNEL_NORM, channel_norm, 1)   /* at each position mean 0 and variance 1, with epsilon; then as affine */       \
  X (CLIP, clip, 1)                   /* min (max (x, 0), PARAMS.weight[c]) */                                         \
  X (CONCAT, concat, RV_GRAPH_MAX_IN) /* 1 .. RV_GRAPH_MAX_IN inputs */                                                \
  /* PARAMS.weight, size [out, in / groups, rows, cols]; bias; norm; stride, pad, groups, dilation */                  \
  X (CONV, conv, 1)                                                                                                    \
  /* PARAMS.weight, size [in, out / groups, rows, cols]; bias; stride, pad, groups, dilation, extra */                 \
  X (CONV_TRANSPOSE, conv_transpose, 1)                                                                                \
  X (ELU, elu, 1)                     /* x above 0, PARAMS.weight[c] (exp (x) - 1) below */                            \
  X (ERF, erf, 1)                     /* error function */                                                             \
  X (GELU, gelu, 1)                   /* x times the distribution function of N(0, 1) at x */                          \
  X (GLOBAL_POOL, global_pool, 1)     /* mean over all positions; `skip`: a itself */                                  \
  X (INSTANCE_NORM, instance_norm, 1) /* PARAMS.weight[c] (x - mean) / sqrt (variance + epsilon) + PARAMS.bias[c] */   \
  X (LRN, lrn, 1)                     /* window[0] channels, alpha, beta */                                            \
  X (MAX_POOL, max_pool, 1)           /* window, stride, pad, ceil */                                                  \
  X (MULTIPLY, multiply, 2)           /* a b; one may have a single position, whose numbers are the factors of all */  \
  X (PAD, pad, 1)                     /* pad, mode */                                                                  \
  X (RELU, relu, 1)                                                                                                    \
  X (RESIZE, resize, 2)   /* a, to the rows and columns of b times `size`; mode, coordinates. b may be a itself */     \
  X (SHUFFLE, shuffle, 1) /* channel k of group g becomes channel g of group k; groups */                              \
  X (SIGMOID, sigmoid, 1)                                                                                              \
  X (SLICE, slice, 1) /* channels size[0] .. size[0] + size[1] - 1 */

typedef enum {
#define X(OP, name, n_in) RV_GRAPH_##OP,
  RV_GRAPH_ROWS (X)
#undef X
    RV_GRAPH_N_OPS
} RvGraphOp;

/* RvGraphNode.same: padding by TensorFlow's rule `same`; the odd position is at the end (UPPER) or at the start. */
typedef enum { RV_GRAPH_PAD_GIVEN, RV_GRAPH_PAD_SAME_UPPER, RV_GRAPH_PAD_SAME_LOWER } RvGraphSame;

/* Node of a network. Members that its op does not use are 0. */
typedef struct {
  int op;                        /* RvGraphOp */
  int n_in, in[RV_GRAPH_MAX_IN]; /* 0: the picture; k: node k, counted from 1 */
  char *name;                    /* layer; NULL: not offered */
  char *params; /* start of the parameters' names; convolutions, affine, channel_norm, clip, elu, instance_norm */
  char *norm;   /* start of the names of a batch norm's .gamma, .beta, .moving_mean, .moving_variance; NULL: none */
  int size[4];  /* resize: fractions: rows' numerator and denominator, those of columns; 0: 1 */
  int window[2], stride[2];
  int dilation[2]; /* convolutions: 0 or 1: none */
  int pad[4];      /* top, left, bottom, right */
  int extra[2];    /* conv_transpose: rows, columns added at the end */
  int same;        /* RvGraphSame */
  int mode;        /* pad: 0 zeros, 1 edge values repeated, 2 reflected; resize: 0 linear, 1 cubic, 2 nearest */
  int coordinates; /* resize: 0 half pixel, 1 asymmetric, 2 aligned corners, 3 as 0, but 1 position is the first */
  int groups;      /* convolutions: 0 or 1: one; shuffle */
  int bias;        /* convolutions: whether PARAMS.bias exists */
  int ceil;        /* poolings: the last window may reach beyond the edge */
  int counts_pad;  /* average_pool: the zeros of `pad` count */
  int skip;        /* global_pool: the output is the input itself */
  double epsilon, alpha, beta; /* norm, channel_norm, instance_norm: epsilon; lrn: alpha, beta */
} RvGraphNode;

/* Architecture of a network: array of RvGraphNode. Freed by g_array_unref(). */
typedef GArray RvNetGraph;

/* (transfer full): a graph without nodes. */
RvNetGraph *rv__net_graph_new (void);
/* Node number @i, from 0; it must exist, unchecked. Borrowed until the next node is added. */
RvGraphNode *rv__net_graph_node (const RvNetGraph *graph, guint i);

/* (nullable): a static predicate that says why @graph is not valid, such as "has a stride out of bounds"; NULL: it is
 * valid. *node: (out): number of the wrong node, from 0. */
const char *rv__net_graph_fault (const RvNetGraph *graph, guint *node);

/* Whether @text is UTF-8 without control characters, which terminals would obey. */
gboolean rv__net_graph_is_text (const char *text);

/* (transfer full): the text of @graph, which must be valid. Cannot fail. */
char *rv__net_graph_to_text (const RvNetGraph *graph);
/* (transfer full) (nullable): the graph of @text, valid by rv__net_graph_fault(). NULL and RV_ERROR_FORMAT. */
RvNetGraph *rv__net_graph_parse (const char *text, GError **error);
