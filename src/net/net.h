/* net.h -- how a network is written: one file in this folder that ends in a descriptor, from these building blocks.
 * Layer 5 (net). May include: graph, tensor, base. Never opens a file: parameters come from a map of names. */
#ifndef RV_NET_INTERNAL_H
#define RV_NET_INTERNAL_H

#include "graph/graph.h"
#include "pixel-space.h"
#include <reverie/net.h>

typedef enum { RV_POOLING_OWN, RV_POOLING_MAX, RV_POOLING_AVERAGE, RV_POOLING_AVERAGE_SCALED } RvPooling;

/* What may differ from the network as published. */
typedef struct {
  RvPooling pooling;
  RvPadMode first_pad; /* around the picture, in the first convolution only; zero elsewhere */
} RvNetVariant;

typedef struct _RvNetBuilder RvNetBuilder;

/* Called with each layer's name and value as it is recorded; TRUE: nothing more is needed. */
typedef gboolean (*RvTapFunc) (const char *layer, int value, gpointer user_data);

#define RV_N_FINGERPRINT_LAYERS 2

/* How strongly a layer of given weights answers the embedded picture: sqrt (mean (activation^2)). */
typedef struct {
  const char *layer;
  double rms;
} RvFingerprintLayer;

/* default, fine-textures, abstract-shapes, keras, animals, heads, eyes, things, menagerie */
#define RV_N_LOOKS 9

/* One way in which a network's weights are published: what the file calls its parameters, and so what its network was
 * trained on. A file's metadata `preprocessing` wins over `input`. */
typedef struct {
  const char *name;  /* of whoever publishes such files */
  const char *input; /* what it was trained on, for rv__pixel_space_parse(); NULL: the metadata must say */
  /* The convolutions' names in the order recorded: a list, or a stem that 0, 1, ... follow; neither: the network's own.
   */
  const char *const *convs;
  /* With `convs`, PyTorch's pairs: NAME.conv.weight, then NAME.bn.weight (gamma), .bias, .running_mean, .running_var;
   * and what lies beyond the edge counts as zeros in 3 x 3 averages. */
  gboolean pairs;
  const char *stem;
  const char *norm_stem; /* likewise of the batch norms, beside `stem` */
  const guint8
    *order; /* with `stem`: the number of each convolution in the file, in the order recorded; NULL: 0, 1, ... */
  RvFingerprintLayer fingerprint[RV_N_FINGERPRINT_LAYERS]; /* of the one file in this form; none: there are several */
} RvNetForm;

typedef struct {
  const char *name, *summary, *source;
  const char *good_for;                      /* a few words for choosing */
  const RvNetForm *forms;                    /* ends with a row without a name */
  const char *const *files;                  /* what its files are called where they are published; may be NULL */
  const char *looks[RV_N_LOOKS];             /* where dreams look, in the order of rv__dream_looks () */
  const char *content_layers, *style_layers; /* where style transfer compares unless told: LAYER[:WEIGHT],... */
  const char *matching_layers;               /* whose features it matches between pictures: middle ones, of two sizes */
  /* Records the network on @x, [1, 3, H, W], already what it was trained on. */
  void (*build) (RvNetBuilder *builder, int x);
} RvNetClass;

struct _RvNet {
  gint ref_count;
  const RvNetClass *class;
  const RvNetForm *form;
  char *input_text; /* of the form or the metadata */
  RvPixelSpace input;
  RvTensorMap *weights;
  char **words;                   /* of the class map's channels; NULL: it has none */
  RvTensor *word_std, *word_mean; /* of each channel; may be NULL */
};

/* What recording is for. */
typedef enum {
  RV_BUILD_TO_RUN,
  RV_BUILD_TO_CHECK, /* parameters are looked for, not read */
  RV_BUILD_TO_JUDGE, /* parameters are read, and left out of the program */
  RV_BUILD_SHAPES,   /* parameters are left open */
} RvBuildPurpose;

struct _RvNetBuilder {
  RvProgram *program;
  const RvNetClass *class;
  const RvNet *net; /* NULL when only shapes are wanted */
  RvBuildPurpose purpose;
  RvNetVariant variant;
  RvTapFunc tap;
  gpointer user_data;
  void (*on_parameter) (const char *name, const RvShape *shape,
                        gpointer user_data); /* of RV_BUILD_SHAPES; may be NULL */
  gboolean done; /* the tap function has all it wanted, or recording failed: the rest is left out */

  /* What has been recorded so far. */
  gboolean missing; /* of RV_BUILD_TO_JUDGE: a parameter is not there; those before it are sound */
  int n_convs;
  gint64 n_parameters;
  int window, stride; /* of the last convolution or pooling */
};

/* rv__net_record: records the affine map from @space, in which x lies, to what the network was trained on, then the
 * network. @tap is called on the way. */
void rv__net_record (const RvNet *net, const RvNetVariant *variant, RvProgram *program, int x,
                     const RvPixelSpace *space, RvTapFunc tap, gpointer user_data);

/* rv__net_logit: the logit of word number @word whose channel of the class map says @z: some class maps, with
 * class.mean and class.std beside them, are standardised. */
double rv__net_logit (const RvNet *net, guint word, double z);

/* rv__net_min_side: the shortest side, in px, of a square picture on which every layer of @layers exists. */
int rv__net_min_side (const RvNet *net, const char *const *layers);

/* rv__net_default_layers: where style transfer compares, of the network called @name: content or style. Static; NULL
 * for an unknown name. */
const char *rv__net_default_layers (const char *name, gboolean style);
/* rv__net_matching_layers: the layers whose features style transfer matches between pictures; otherwise likewise. */
const char *rv__net_matching_layers (const char *name);

/* rv__net_fingerprint: of the weights in this form, RV_N_FINGERPRINT_LAYERS of them; NULL: none is known. */
const RvFingerprintLayer *rv__net_fingerprint (const RvNet *net);

/* Names of the weights files of the network called @name where they are published, NULL-terminated; static. */
const char *const *rv__net_files (const char *name);

/* (transfer full) (nullable): the own name of @layer as people write it: "conv4_2", "relu4_2", "block4_conv2", each
 * with or without ":pre". RV_ERROR_SETTING, with the nearest layer's name and all of them. */
char *rv__net_layer (const char *net_name, const char *layer, GError **error);

/* rv__net_look: the layers of look number @look of the network called @name; static; NULL for an unknown name. */
const char *rv__net_look (const char *name, int look);

/* rv__net_identify: the network whose parameters these are, all of them; the largest: Keras' VGG19 has all of VGG16's.
 * NULL when there is none. */
const RvNetClass *rv__net_identify (RvTensorMap *weights);

/* rv__net_find: the row called @name, or NULL. _or_say: RV_ERROR_SETTING with the nearest name. */
const RvNetClass *rv__net_find (const char *name);
const RvNetClass *rv__net_find_or_say (const char *name, GError **error);

/* ---- within this folder ------------------------------------------------------------------------------------------ */

#define RV_NET_FITTING_SIDE 512 /* px: a square picture on which every layer of every network here exists */

/* rv__net_walk: the network on a picture of @height x @width px, shapes only; *builder is as it was at each tap. FALSE
 * when a layer does not fit. */
gboolean rv__net_walk (const RvNetClass *class, int height, int width, RvNetBuilder *builder, RvTapFunc tap,
                       gpointer user_data);
/* rv__net_find_form: which of the forms the weights have. rv__net_find_input: what the network was trained on.
 * RV_ERROR_FORMAT. */
gboolean rv__net_find_form (RvNet *net, GError **error);
gboolean rv__net_find_input (RvNet *net, GError **error);
/* rv__net_judge: whether a picture can be made with the parameters that are there, up to the first that is not: their
 * numbers are finite, and no kernel is all zeros. RV_ERROR_FORMAT, and the errors of reading. */
gboolean rv__net_judge (const RvNet *net, GError **error);
/* rv__net_n_complete: how many convolutions the network has, when all their parameters are there; else 0. */
int rv__net_n_complete (const RvNet *net);
/* rv__net_form_of: of the weights that are recorded; the network's own names where there are none. */
const RvNetForm *rv__net_form_of (const RvNetBuilder *builder);
/* rv__net_constant: the parameter @kind ("weight", "bias") of the convolution that is being recorded, as a value. */
int rv__net_constant (RvNetBuilder *builder, const char *conv, const char *kind, RvShape shape);

/* A convolution that is followed by batch norm. */
typedef struct {
  const char *conv, *norm; /* the parameters' names */
  int out_channels, rows, cols, stride;
  RvPad pad;
  double epsilon;
  gboolean gamma, bias; /* which parameters there are besides beta, moving_mean, moving_variance */
  gboolean linear;      /* no ReLU after it */
} RvConvNorm;

/* rv__net_fold: the batch norm folded into the convolution: the values of its weight and bias.
 *   scale = gamma / sqrt (moving_variance + epsilon);  weight scale, beta + (bias - moving_mean) scale */
void rv__net_fold (RvNetBuilder *builder, const RvConvNorm *layer, gint64 in_channels, int *weight, int *bias);

/* ---- building blocks; each is a no-op once builder->done --------------------------------------------------------- */

/* A convolution with bias, zero padding @pad all around, then ReLU; taps NAME:pre and NAME. Parameters NAME.weight
 * (with NAME.weight_scale when it is int8) and NAME.bias, or as the file's form calls them. */
int rv__net_conv (RvNetBuilder *builder, const char *name, int x, int out_channels, int kernel, int stride, int pad);
/* The same without ReLU; taps @layer, or nothing when it is NULL. */
int rv__net_linear_conv (RvNetBuilder *builder, const char *layer, const char *name, int x, int out_channels,
                         int kernel, int stride, int pad);
/* A convolution with batch norm folded in, then ReLU unless linear; taps CONV:pre and CONV, or nothing when linear. */
int rv__net_conv_norm (RvNetBuilder *builder, int x, const RvConvNorm *layer);
/* ReLU; taps NAME:pre and NAME. */
int rv__net_relu (RvNetBuilder *builder, const char *name, int x);
/* Channels side by side; taps @name unless it is NULL. */
int rv__net_concat (RvNetBuilder *builder, const char *name, int n_in, const int *in);
int rv__net_add (RvNetBuilder *builder, int a, int b);
/* Zeros around, for what follows without padding of its own. */
int rv__net_pad (RvNetBuilder *builder, int x, int by);
/* Averages over 3 x 3 of stride 1, the same size; what lies beyond the edge does not count, but in PyTorch's forms. */
int rv__net_average_3x3 (RvNetBuilder *builder, int x);
/* Pooling without padding, `own` unless the variant says otherwise; taps NAME. _ceil: the last window may reach beyond
 * the edge. */
int rv__net_pool (RvNetBuilder *builder, const char *name, int x, int window, int stride, RvPooling own);
int rv__net_pool_ceil (RvNetBuilder *builder, const char *name, int x, int window, int stride, RvPooling own);

#endif
