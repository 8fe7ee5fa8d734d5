/* net.h -- how a network is written: one file in this folder that ends in a descriptor, from these building blocks.
 * Layer 5 (net). May include: graph, tensor, base. Never opens a file: parameters come from a map of names. */
#ifndef RV_NET_INTERNAL_H
#define RV_NET_INTERNAL_H

#include "graph/graph.h"
#include <reverie/net.h>

typedef enum { RV_POOLING_OWN, RV_POOLING_MAX, RV_POOLING_AVERAGE, RV_POOLING_AVERAGE_SCALED } RvPooling;

/* What may differ from the network as published. */
typedef struct {
  RvPooling pooling;
  RvPadMode first_pad; /* around the picture, in the first convolution only; zero elsewhere */
} RvNetVariant;

/* Called with each layer's name and value as it is recorded; TRUE: nothing more is needed. */
typedef gboolean (*RvTapFunc) (const char *layer, int value, gpointer user_data);

typedef struct {
  RvProgram *program;
  const RvNet *net;
  RvNetVariant variant;
  RvTapFunc tap;
  gpointer user_data;
  gboolean shapes_only; /* parameters are left open: to see what fits */
  gboolean done;        /* the tap function has all it wanted, or recording failed: the rest is left out */
} RvNetBuilder;

typedef struct {
  const char *name, *summary, *source;
  float mean[3], scale; /* what it was trained on: (RGB in 0..255 - mean) / scale */
  gboolean bgr;         /* its file's first convolution wants blue first: it is turned when read */
  const char *const *layers;
  const char *content_layers, *style_layers; /* where style transfer compares unless told: LAYER[:WEIGHT],... */
  /* Records the network on @x, [1, 3, H, W], already what it was trained on. */
  void (*build) (RvNetBuilder *builder, int x);
} RvNetClass;

struct _RvNet {
  gint ref_count;
  const RvNetClass *class;
  RvTensorMap *weights;
};

/* rv__net_record: records the affine map from x = (RGB 0..255 - @x_mean) / @x_scale (per channel) to the network's own
 * input, then the network. @tap is called on the way. */
void rv__net_record (const RvNet *net, const RvNetVariant *variant, RvProgram *program, int x, const float x_mean[3],
                     const float x_scale[3], RvTapFunc tap, gpointer user_data);

/* rv__net_min_side: the shortest side, in px, of a square picture on which every layer of @layers exists. */
int rv__net_min_side (const RvNet *net, const char *const *layers);

/* rv__net_default_layers: where style transfer compares, of the network called @name: content or style. Static; NULL
 * for an unknown name. */
const char *rv__net_default_layers (const char *name, gboolean style);

/* Building blocks. Each is a no-op once builder->done. */

/* A convolution with bias, zero padding @pad all around, then ReLU unless @linear; parameters NAME.weight (with
 * NAME.weight_scale when it is int8) and NAME.bias. Taps NAME:pre and NAME. */
int rv__net_conv (RvNetBuilder *builder, const char *name, int x, int out_channels, int kernel, int stride, int pad,
                  gboolean linear);
/* The same, for a layer whose parameters have another name. */
int rv__net_named_conv (RvNetBuilder *builder, const char *layer, const char *parameters, int x, int out_channels,
                        int kernel, int stride, int pad, gboolean linear);
/* ReLU; taps NAME:pre and NAME. */
int rv__net_relu (RvNetBuilder *builder, const char *name, int x);
int rv__net_concat (RvNetBuilder *builder, int n_in, const int *in);
/* Pooling without padding, `own` unless the variant says otherwise; _ceil: the last window may reach beyond the edge.
 */
int rv__net_pool (RvNetBuilder *builder, int x, int window, int stride, RvPooling own);
int rv__net_pool_ceil (RvNetBuilder *builder, int x, int window, int stride, RvPooling own);

#endif
