/* style-net.h -- the painter: its layers, its styles, the programs recorded from it.
 * Layer 6 (method).
 *
 *   down    conv 9x9 3 -> 16; conv 3x3 stride 2 16 -> 32; conv 3x3 stride 2 32 -> 64
 *   middle  5 times x + norm (conv (relu (norm (conv x)))), 3x3, 64
 *   up      nearest x2, conv 3x3 64 -> 32; nearest x2, conv 3x3 32 -> 16; conv 9x9 16 -> 3
 *
 * Borders are reflected. Every convolution but the last is followed by an instance norm, whose scales and shifts are
 * the style's, and but at a block's end by ReLU. x (0..255) goes in as (x - 127.5) / 58; what comes out of the last
 * convolution, which alone has a bias, becomes 275 sigmoid (y / 2) - 10. */
#ifndef RV_STYLE_NET_OBJECT_H
#define RV_STYLE_NET_OBJECT_H

#include "backend/backend.h"
#include "method/train/parameters.h"
#include <reverie/style-net.h>

#define RV_STYLE_NET_N_NORMS 15
#define RV_STYLE_NET_CHANNELS 800 /* of all norms together */
#define RV_STYLE_NET_MIN_PX 8     /* a side: at a quarter of it there must still be something to reflect */
#define RV_STYLE_NET_EPSILON 1e-3 /* of the norms */
#define RV_STYLE_NET_MIDDLE 64    /* channels of the middle; nothing has more */
#define RV_STYLE_NET_N_SEGMENTS 7 /* down, the blocks, up */
#define RV_STYLE_NET_CONVS_DOWN 3

/* One style: numbers [2, RV_STYLE_NET_CHANNELS], the scales and then the shifts of all norms in their order. */
typedef struct {
  char *name, *licence; /* licence: NULL: nobody said */
  RvTensor *numbers;    /* f32 */
  RvTensor *thumbnail;  /* u8 [3, height, width]; NULL: none */
} RvStyleNetStyle;

typedef struct _RvStyleNetEngine RvStyleNetEngine;

struct _RvStyleNet {
  RvParameters *weights;     /* LAYER.weight [out, in, kernel, kernel]; out.bias [3] */
  GPtrArray *styles;         /* RvStyleNetStyle */
  double grain;              /* grey levels of noise that it sees in each picture (grain.h) */
  RvStyleNetEngine *engine;  /* of the last picture's size; NULL: none yet */
  gsize allowed;             /* bytes that the process may take; 0: four fifths of what is free */
  GCancellable *cancellable; /* of what is compiled and painted from now on; NULL: nobody cancels */
};

/* rv__style_net_new: (transfer full) (nullable): no styles, no grain; weights Glorot uniform by @seed. RV_ERROR_MEMORY.
 */
RvStyleNet *rv__style_net_new (gint64 seed, GError **error);
/* rv__style_net_copy: (transfer full) (nullable): the same weights and grain, without styles. RV_ERROR_MEMORY. */
RvStyleNet *rv__style_net_copy (const RvStyleNet *style_net, GError **error);
/* rv__style_net_same_weights: and the same grain: styles of one mean the same to the other. */
gboolean rv__style_net_same_weights (const RvStyleNet *a, const RvStyleNet *b);
#define RV_STYLE_NET_MAX_NAME_BYTES 100 /* of a style, in UTF-8 */
/* rv__style_net_is_name_letter: whether a style's name may have it: small letters of any script, letters that are
 * neither small nor large, marks, digits, '-' and '_'. */
gboolean rv__style_net_is_name_letter (gunichar letter);
/* rv__style_net_add_style: of scales 1 and shifts 0. RV_ERROR_SETTING for a name that is none, or is there already. */
RvStyleNetStyle *rv__style_net_add_style (RvStyleNet *style_net, const char *name, const char *licence, GError **error);
/* rv__style_net_take_style: one of another painter, under its name; the thumbnail is shared. */
RvStyleNetStyle *rv__style_net_take_style (RvStyleNet *style_net, const RvStyleNetStyle *style, GError **error);
RvStyleNetStyle *rv__style_net_style (const RvStyleNet *style_net, guint i);
/* rv__style_net_norm: of norm @k, 0 ..: its channels, and where they begin among all. */
gint64 rv__style_net_norm (int k, gint64 *first);
/* rv__style_net_level: how often the size of what convolution @k, 0 .., makes was halved. rv__style_net_positions: in
 * what norm @k sees of a picture. */
int rv__style_net_level (int k);
gint64 rv__style_net_positions (int k, gint64 height, gint64 width);
/* rv__style_net_norm_name: (transfer full): "norm3.scale", "norm3.shift". */
char *rv__style_net_norm_name (int k, gboolean shift);

/* ---- programs (engine.c) ----------------------------------------------------------------------------------------- */

/* Values of one program on pictures [n, 3, height, width], or on a window of one. */
struct _RvStyleNetEngine {
  RvExecutable *executable;
  RvParameterValues *trained; /* what of it is trained; NULL: nothing. Of a trained norm the values are there alone */
  gint64 n, height, width;
  int x, y, grad_y; /* grad_y: set from outside, where something is trained */
  int scale[RV_STYLE_NET_N_NORMS], shift[RV_STYLE_NET_N_NORMS]; /* set from outside; -1: not of this window's piece */
  int sums[RV_STYLE_NET_N_NORMS];                               /* of a window: set from outside; else -1 */
  int conv[RV_STYLE_NET_N_NORMS + 1];                           /* what each convolution makes */
};

/* Some rows of a picture, in one piece of the painter. */
typedef struct {
  int
    segment; /* 0: down, which takes the picture; else it takes what the piece before makes, at a quarter of the size */
  int last; /* the convolution that y comes of, as it is before its norm; RV_STYLE_NET_N_NORMS: y is the painted picture
             */
  gint64 rows; /* px of the picture: a multiple of 4, or up to the picture's end */
  gint64 picture_height, picture_width;
} RvStyleNetStrip;

/* rv__style_net_record: the program, differentiated where something is trained, but not planned. @trains: (nullable):
 * parameters named as the weights and by rv__style_net_norm_name(); what is not among them is a constant, or of norms
 * set from outside. They outlive the engine. RvType: for tests. */
RvProgram *rv__style_net_record (const RvStyleNet *style_net, const RvParameters *trains, gint64 n, gint64 height,
                                 gint64 width, RvType type, RvStyleNetEngine *engine);
/* rv__style_net_engine_new: (transfer full) (nullable): compiled; _window: of a window. Whoever made it knows how much
 * memory it takes and then binds it. RV_ERROR_SHAPE, RV_ERROR_MEMORY, RV_ERROR_BACKEND. */
RvStyleNetEngine *rv__style_net_engine_new (const RvStyleNet *style_net, const RvParameters *trains, gint64 n,
                                            gint64 height, gint64 width, const RvBackendClass *backend, int n_threads,
                                            GError **error);
RvStyleNetEngine *rv__style_net_engine_new_window (const RvStyleNet *style_net, const RvStyleNetStrip *window,
                                                   const RvBackendClass *backend, int n_threads, GError **error);
/* rv__style_net_engine_bind: takes its memory, once. RV_ERROR_MEMORY, before any is taken. */
gboolean rv__style_net_engine_bind (RvStyleNetEngine *engine, GError **error);
gboolean rv__style_net_engine_is_bound (const RvStyleNetEngine *engine);
void rv__style_net_engine_free (RvStyleNetEngine *engine);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RvStyleNetEngine, rv__style_net_engine_free)
/* rv__style_net_engine_use: the norms get a style's numbers, where they are not trained. */
gboolean rv__style_net_engine_use (RvStyleNetEngine *engine, const float *numbers, GError **error);

/* ---- painting (style-net.c) ----------------------------------------------------------------------------------------
 */

/* Sets the memory that the process may take, all in all; 0: four fifths of what is free. A picture that wants more is
 * painted in strips, to the same numbers, which takes some 2.4 times as long. */
void rv__style_net_set_memory (RvStyleNet *style_net, gsize bytes);

/* Sets @cancellable (nullable), held by reference, which is looked at before each layer, in each strip, by all that
 * @style_net is asked for from now on: a call under way ends with RV_ERROR_CANCELLED, and @style_net can paint again
 * once it has another. It may be cancelled from any thread. */
void rv__style_net_set_cancellable (RvStyleNet *style_net, GCancellable *cancellable);

/* Plans a picture of @width x @height px: @peak_bytes (out) of the process, whose pictures are in memory already, and
 * the number of strips, @n_strips (out); 1: as a whole. @n_threads and errors: as of rv_style_net_paint(). */
gboolean rv__style_net_plan (RvStyleNet *style_net, int width, int height, int n_threads, gsize *peak_bytes,
                             int *n_strips, GError **error);

/* Returns the number of the style in which @photo comes out most like @painting, as @net sees it, by the loss that
 * styles are learnt by; -1 after an error. @n_threads: 0: one for each physical core. RV_ERROR_SHAPE of pictures too
 * small for the layers, RV_ERROR_MEMORY, RV_ERROR_BACKEND, RV_ERROR_CANCELLED. Takes some tenths of a second. */
int rv__style_net_find_nearest (RvStyleNet *style_net, RvNet *net, const RvImage *photo, const RvImage *painting,
                                int n_threads, GError **error);

/* rv__style_net_paint_to: as rv_style_net_paint(), into @painted, of the same size, which may be @image. */
gboolean rv__style_net_paint_to (RvStyleNet *style_net, const RvImage *image, const double *parts, int n_threads,
                                 RvImage *painted, GError **error);

/* rv__style_net_all_finite: whether none of @n numbers is NaN or infinite. */
gboolean rv__style_net_all_finite (const float *x, gint64 n);

#endif
