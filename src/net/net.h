/* net.h -- networks: each is one file in this folder that ends in a descriptor, made of the building blocks below.
 * Layer 5 (net). May include: graph, tensor, base. Never opens a file: parameters come from a map of names. */
#pragma once

#include "graph/graph.h"
#include "pixel-space.h"
#include <reverie/net.h>

typedef enum { RV_POOLING_OWN, RV_POOLING_MAX, RV_POOLING_AVERAGE, RV_POOLING_AVERAGE_SCALED } RvPooling;

/* Changes to the published network. Zeros: none. */
typedef struct {
  RvPooling pooling;
  RvPadMode first_pad; /* padding of the picture in the first convolution; other convolutions pad with zeros */
} RvNetVariant;

typedef struct _RvNetBuilder RvNetBuilder;

/* Called when a layer, also "NAME:pre", is recorded; @value: its number in the program. TRUE: no further layers are
 * needed. */
typedef gboolean (*RvLayerFunc) (const char *layer, int value, gpointer user_data);

#define RV_N_FINGERPRINT_LAYERS 2

/* Root mean square of a layer's activations for the embedded picture, with published weights. */
typedef struct {
  const char *layer;
  double rms;
} RvFingerprintLayer;

/* Number of looks: default, fine-textures, abstract-shapes, keras, animals, heads, eyes, things, menagerie, paradise */
#define RV_N_LOOKS 10

/* One way in which a network's weights are published: the names of the parameters, which show the preprocessing. The
 * metadata `preprocessing` of a file has priority over the member. */
typedef struct {
  const char *name;          /* publisher */
  const char *preprocessing; /* for rv__pixel_space_parse(); NULL: only the metadata has it */
  /* Convolutions in recorded order: a list, or `stem` followed by 0, 1, ...; neither: the network's own names. */
  const char *const *convs;
  /* With `convs`: PyTorch's pairs NAME.conv.weight and NAME.bn.weight (gamma), .bias, .running_mean, .running_var. 3 x
   * 3 averages then count values beyond the edge as zeros. */
  gboolean pairs;
  const char *stem;
  const char *norm_stem; /* with `stem`: the same for batch norms */
  const guint8 *order;   /* with `stem`: number in the file of each convolution, in recorded order; NULL: 0, 1, ... */
  RvFingerprintLayer fingerprint[RV_N_FINGERPRINT_LAYERS]; /* from the only published file; empty: unknown */
} RvWeightsNaming;

typedef struct {
  const char *name, *summary, *source;
  const char *good_for;                      /* a few words for the list of networks */
  const RvWeightsNaming *namings;            /* ends with a row without a name */
  const char *const *files;                  /* (nullable): names of the published files */
  const char *looks[RV_N_LOOKS];             /* layers for dreams, in the order of the setting `look` */
  const char *content_layers, *style_layers; /* defaults of style transfer: LAYER[:WEIGHT],... */
  const char *matching_layers;               /* layers whose features are matched between pictures: of two strides */
  /* Records the network on @x, [1, 3, H, W], after preprocessing. Reports each layer by rv__net_report_layer(), and
   * stops once builder->done. Errors stay in program->error. */
  void (*build) (RvNetBuilder *builder, int x);
} RvNetClass;

struct _RvNet {
  gint ref_count;
  const RvNetClass *class;
  const RvWeightsNaming *naming;
  char *preprocessing;      /* text of `pixel_space` */
  RvPixelSpace pixel_space; /* the network's input */
  RvTensorMap *weights;
  char **class_names;               /* names of the class map's channels; NULL: none */
  RvTensor *class_std, *class_mean; /* per class, undo the class map's standardisation; NULL: none */
};

/* Purpose of recording a network. */
typedef enum {
  RV_BUILD_TO_RUN,
  RV_BUILD_TO_CHECK, /* looks up parameters, reads none */
  RV_BUILD_VALIDATE, /* reads parameters, keeps none in the program */
  RV_BUILD_SHAPES,   /* infers shapes only */
} RvBuildPurpose;

struct _RvNetBuilder {
  RvProgram *program;
  const RvNetClass *class;
  const RvNet *net; /* NULL for RV_BUILD_SHAPES */
  RvBuildPurpose purpose;
  RvNetVariant variant;
  RvLayerFunc on_layer;
  gpointer user_data;
  void (*on_parameter) (const char *name, const RvShape *shape,
                        gpointer user_data); /* (nullable): for RV_BUILD_SHAPES */
  gboolean done;                             /* skips the rest: on_layer() needs no more, or recording failed */

  /* State of recording. */
  gboolean missing; /* a parameter is missing or of another shape; RV_BUILD_VALIDATE: those before it are valid */
  int n_convs;
  gint64 n_parameters;
  int window, stride; /* window and stride of the last convolution or pooling */
};

/* Appends ops to @program: the conversion of @x [1, 3, H, W] from its pixel space @space to the network's, then the
 * network. Calls @on_layer (nullable) for each layer, until it returns TRUE. Marks no outputs. The first error stays in
 * program->error: RV_ERROR_SHAPE, RV_ERROR_FORMAT, RV_ERROR_MEMORY, RV_ERROR_FILE; does nothing if one is there
 * already. */
void rv__net_record (const RvNet *net, const RvNetVariant *variant, RvProgram *program, int x,
                     const RvPixelSpace *space, RvLayerFunc on_layer, gpointer user_data);

/* Returns the logit of class @class_index (from 0): z * std + mean. @z: value of the class's channel in the class map.
 * std and mean are those of the tensors class.std and class.mean of the weights; 1 and 0 without them, if they are not
 * f32, or past their end. */
double rv__net_logit (const RvNet *net, guint class_index, double z);

#define RV_NET_CLASSES "class" /* layer of the class map, in every network that has one */

/* Layer of @layers (RvLayer, of rv_net_describe()) with the name @name; a ":pre" at the end of @name is ignored.
 * Borrowed. NULL: there is none. */
const RvLayer *rv__net_find_layer (const GArray *layers, const char *name);
/* Number of channels of @layer, with or without ":pre"; 0: the network @net_name has no such layer, or is unknown. */
gint64 rv__net_n_channels (const char *net_name, const char *layer);

/* Shortest side, px, of a square picture on which all of @layers (NULL-terminated, each once, also NAME:pre) exist: 1
 * to RV_NET_FITTING_SIDE. RV_NET_FITTING_SIDE also if one is unknown. Infers shapes only. Cannot fail. */
int rv__net_min_side (const RvNet *net, const char *const *layers);

/* (nullable): default layers of the network @name for the content loss, LAYER[:WEIGHT],.... Static; NULL, without an
 * error, for an unknown name. */
const char *rv__net_content_layers (const char *name);
/* (nullable): default layers of the network @name for the style loss, "LAYER[:WEIGHT],...". Static; NULL, without an
 * error, for an unknown name. */
const char *rv__net_style_layers (const char *name);
/* (nullable): layers of the network @name, LAYER,..., whose features style transfer matches between pictures. Static;
 * NULL, without an error, for an unknown name. */
const char *rv__net_matching_layers (const char *name);

/* (nullable): array of RV_N_FINGERPRINT_LAYERS layers, with the RMS of their activations for the embedded picture and
 * the published weights; NULL, no error: not known for this file's publisher. Static. */
const RvFingerprintLayer *rv__net_fingerprint (const RvNet *net);

/* Names, without folders, of the published weights files of the network @name, NULL-terminated; an empty list for an
 * unknown name or a network without any. Static; never NULL. */
const char *const *rv__net_files (const char *name);

/* (transfer full) (nullable): the network's own name of @layer. Accepts own names, and "conv4_2", "relu4_2",
 * "block4_conv2", all also with ":pre", "block4_pool", and "inception_4c/output" for "inception_4c.output". NULL and
 * RV_ERROR_SETTING for an unknown layer, with a similar name and all of them, or for an unknown network. */
char *rv__net_layer (const char *net_name, const char *layer, GError **error);

/* (nullable): LAYER:WEIGHT,... of look number @look of the network @name. @look: 0 .. RV_N_LOOKS-1 (not checked), in
 * the order of the setting `look`. Static; NULL, without an error, for an unknown name. */
const char *rv__net_look (const char *name, int look);

/* Suffixes of files of weights, NULL-terminated: values of the setting `network` that name a file. */
extern const char *const rv__net_file_suffixes[];
/* (nullable): the network @name. Static. NULL, without an error, for an unknown name. @name: not NULL. */
const RvNetClass *rv__net_find (const char *name);
/* (nullable): the network @name. Static. NULL and RV_ERROR_SETTING, with the nearest name if one is near, for an
 * unknown name. @name: not NULL. */
const RvNetClass *rv__net_require (const char *name, GError **error);

/* ---- within this folder ------------------------------------------------------------------------------------------ */

#define RV_NET_FITTING_SIDE 512 /* px: of a square picture that fits all layers of all networks of the table */

/* Records the network builder->class for a picture of @height x @width px in a program of its own, which it frees.
 * builder->program is NULL before and afterwards; the builder's other members keep their last state, also after an
 * error, and nothing is to be freed. FALSE: the first error of the program. */
gboolean rv__net_build_alone (RvNetBuilder *builder, int height, int width, GError **error);
/* Infers the shapes of all layers on a picture of @height x @width px, without weights. Calls @on_layer (nullable) for
 * each, until it returns TRUE. *builder: (out): during a call of @on_layer the state of recording at that layer;
 * afterwards its `program` is NULL, and nothing is to be freed. FALSE, without an error, if one of these layers does
 * not fit the picture; else TRUE. */
gboolean rv__net_infer_shapes (const RvNetClass *class, int height, int width, RvNetBuilder *builder,
                               RvLayerFunc on_layer, gpointer user_data);
/* Sets net->naming to the first naming of the class by which the first convolution's parameters exist in their shapes.
 * Reads no numbers. FALSE and RV_ERROR_FORMAT if there is none; net->naming is then the row without a name. */
gboolean rv__net_detect_naming (RvNet *net, GError **error);
/* Sets net->preprocessing (owned by @net) and net->pixel_space from the metadata of the weights, else from net->naming,
 * which must be set. FALSE and RV_ERROR_FORMAT if neither has it, or the text is not understood; pixel_space is then
 * unchanged. */
gboolean rv__net_detect_preprocessing (RvNet *net, GError **error);
/* Reads the parameters up to the first that is missing or of another shape, which is no error. FALSE if one is not
 * valid: a number that is not finite, a kernel of zeros only, int8 without scales, or a negative variance. FALSE
 * also if the network of a graph does not fit a picture of RV_NET_FITTING_SIDE. */
gboolean rv__net_validate (const RvNet *net, GError **error);
/* Number of convolutions, if net->weights has all their parameters by the names of net->naming, in their shapes; else
 * 0, without an error. Reads no numbers. */
int rv__net_n_complete (const RvNet *net);
/* Naming of the weights of builder->net; without a network, a naming with the network's own names. Static, never
 * NULL. */
const RvWeightsNaming *rv__net_weights_naming (const RvNetBuilder *builder);
/* Adds parameter @kind ("weight", "bias") of the convolution @conv, number builder->n_convs, to the program: as a
 * constant; for other purposes than RV_BUILD_TO_RUN as an input. RV_BUILD_SHAPES reads nothing and calls
 * builder->on_parameter (nullable). Adds its size to builder->n_parameters. Returns its value; -1 with program->error
 * set: RV_ERROR_FORMAT if it is missing or of another shape (sets builder->missing unless RV_BUILD_TO_RUN) or invalid;
 * RV_ERROR_FILE, RV_ERROR_MEMORY, or an earlier error. */
int rv__net_parameter (RvNetBuilder *builder, const char *conv, const char *kind, RvShape shape);
/* Adds a constant of @shape with a copy of @numbers in the program's type. Returns its value; -1: RV_ERROR_MEMORY, or
 * an earlier error, in program->error. */
int rv__net_add_constant (RvProgram *program, const double *numbers, const RvShape *shape);
/* Records the conversion of pictures @x, [N, 3, H, W], by rv__pixel_space_map(). Returns its value; -1: RV_ERROR_SHAPE,
 * RV_ERROR_MEMORY, or an earlier error, in program->error. */
int rv__net_convert_space (RvProgram *program, int x, const RvPixelSpace *from, const RvPixelSpace *to);

typedef struct {
  const char *conv, *norm; /* names of the parameters */
  int out_channels, rows, cols, stride;
  RvPad pad;
  double epsilon;
  gboolean gamma, bias; /* whether gamma and bias exist, besides beta, moving_mean, moving_variance */
  gboolean linear;      /* no ReLU after it, and no layer reported */
} RvConvNorm;

/* Folds the batch norm into the convolution's weight and bias (Ioffe, Szegedy 2015), and adds them as constants:
 *
 *   scale = gamma / sqrt (moving_variance + epsilon)
 *   *weight: weight scale; *bias: beta + (bias - moving_mean) scale
 *
 * For other purposes than RV_BUILD_TO_RUN they are inputs. Adds the sizes to builder->n_parameters. After an error, in
 * program->error, *bias is -1, and *weight is not used: RV_ERROR_FORMAT for a missing or invalid parameter or a
 * negative variance; RV_ERROR_FILE, RV_ERROR_MEMORY, or an earlier error. @in_channels: of the convolution. */
void rv__net_fold_batch_norm (RvNetBuilder *builder, const RvConvNorm *layer, gint64 in_channels, int *weight,
                              int *bias);

/* Calls builder->on_layer (nullable) for @layer, and sets builder->done if it returns TRUE. After an error, in
 * program->error, only sets builder->done. */
void rv__net_report_layer (RvNetBuilder *builder, const char *layer, int value);

/* (nullable): the network whose architecture is the text "graph" of @weights (io/weights/net-graph.h). Its name is
 * the text "network" of @weights, or the word "network" if that is missing or empty; with a number if the name is
 * taken. The same architecture gives the same network. Static. NULL and RV_ERROR_FORMAT: the text "graph" is
 * missing. Any thread. */
const RvNetClass *rv__net_from_graph (const RvTensorMap *weights, GError **error);
/* (nullable): the network @name that rv__net_from_graph() returned before. Static. Any thread. */
const RvNetClass *rv__net_find_graph (const char *name);

/* ---- building blocks: each records ops and returns a value. -1: builder->done is set, as no further layers are
 * needed, or an error is in program->error: RV_ERROR_SHAPE; with parameters also RV_ERROR_FORMAT, RV_ERROR_FILE,
 * RV_ERROR_MEMORY ------------------------------------------------------------------------------------------------- */

/* Records a convolution with bias, zero padding @pad on all sides, then ReLU; reports the layers NAME:pre and NAME to
 * builder->on_layer. Parameters: NAME.weight (with NAME.weight_scale for int8) and NAME.bias, or the publisher's
 * names. The network's first convolution pads as builder->variant says. Adds 1 to builder->n_convs; sets
 * builder->window and stride to @kernel and @stride. Returns the value of NAME; -1: builder->done is set, or an error
 * is in program->error. */
int rv__net_conv (RvNetBuilder *builder, const char *name, int x, int out_channels, int kernel, int stride, int pad);
/* Records rv__net_conv() without ReLU, of the parameters @name. Reports only the layer @layer; NULL: no layer. Returns
 * its value; -1: builder->done is set, or an error is in program->error. */
int rv__net_linear_conv (RvNetBuilder *builder, const char *layer, const char *name, int x, int out_channels,
                         int kernel, int stride, int pad);
/* Records a convolution with folded batch norm, then ReLU; reports the layers CONV:pre and CONV, where CONV is
 * layer->conv. With layer->linear there is no ReLU and no report. The network's first convolution pads as
 * builder->variant says. Adds 1 to builder->n_convs; sets builder->window and stride to those of @layer. Returns the
 * last value; -1: builder->done is set, or an error is in program->error. */
int rv__net_conv_norm (RvNetBuilder *builder, int x, const RvConvNorm *layer);
/* Records a ReLU; reports the layers NAME:pre, which is @x, and NAME to builder->on_layer. Returns the value of NAME;
 * -1: builder->done is set, or an error is in program->error. */
int rv__net_relu (RvNetBuilder *builder, const char *name, int x);
/* Records the concatenation of the channels of @n_in values, 1 to RV_OP_MAX_IN. Reports it to builder->on_layer as
 * layer @name; @name NULL: reports none. Returns its value; -1: builder->done was set before, or an error is in
 * program->error. */
int rv__net_concat (RvNetBuilder *builder, const char *name, int n_in, const int *in);
/* Records zero padding of one position on all sides, for ops without it; reports no layer. Returns its value; -1:
 * builder->done is set, or an error is in program->error. */
int rv__net_pad (RvNetBuilder *builder, int x);
/* Records the average over 3 x 3, stride 1, same size; reports no layer. Values beyond the edge count, as 0, only with
 * PyTorch's naming (RvWeightsNaming.pairs). Returns its value; -1: builder->done is set, or an error is in
 * program->error. */
int rv__net_average_3x3 (RvNetBuilder *builder, int x);
/* Records local response normalisation over 5 channels, alpha 1e-4, beta 0.75 (Krizhevsky et al. 2012); reports the
 * layer @name to builder->on_layer. Returns its value; -1 if builder->done is set, or after an error in
 * program->error. */
int rv__net_lrn (RvNetBuilder *builder, const char *name, int x);
/* Records pooling over @window x @window without padding, of kind @published unless builder->variant has another;
 * reports the layer @name to builder->on_layer. Sets builder->window and stride to @window and @stride. Returns its
 * value; -1: builder->done is set, or an error is in program->error. */
int rv__net_pool (RvNetBuilder *builder, const char *name, int x, int window, int stride, RvPooling published);
/* Records rv__net_pool() of 3 x 3, stride 2, published as maxima, whose last window may reach beyond the edge (ceil
 * mode); nothing beyond counts. Sets and returns what rv__net_pool() does. */
int rv__net_pool_ceil (RvNetBuilder *builder, const char *name, int x);
