/* style-net.h -- style network: layers, styles, and the programs recorded from it. Layer 6 (method).
 *
 *   down    conv 9x9 3 -> 16; conv 3x3 stride 2 16 -> 32; conv 3x3 stride 2 32 -> 64
 *   middle  5 times x + norm (conv (relu (norm (conv x)))), 3x3, 64
 *   up      nearest x2, conv 3x3 64 -> 32; nearest x2, conv 3x3 32 -> 16; conv 9x9 16 -> 3
 *
 * Borders are reflected. An instance norm with the style's scales and shifts follows each convolution except the last.
 * ReLU follows each norm except at the end of a block. The input is (x - 127.5) / 58, with x in 0..255. Only the last
 * convolution has a bias; its result y becomes 275 sigmoid (y / 2) - 10. */
#pragma once

#include "backend/backend.h"
#include "method/run/plan.h"
#include "method/train/parameters.h"
#include "net/pixel-space.h"
#include <reverie/style-net.h>

#define RV_STYLE_NET_N_NORMS 15
#define RV_STYLE_NET_CHANNELS 800 /* sum over all norms */
#define RV_STYLE_NET_MIN_PX 8     /* shortest side without margin: reflection needs pixels even at a quarter of it */
#define RV_STYLE_NET_MARGIN_PX 8  /* mirrored margin around a picture; a multiple of 4, the stride of all layers */
#define RV_STYLE_NET_EPSILON 1e-3 /* added to the variance in the norms */
#define RV_STYLE_NET_MIDDLE 64    /* channels of the middle; no other layer has more */
#define RV_STYLE_NET_N_SEGMENTS 7 /* down, the blocks, up */
#define RV_STYLE_NET_CONVS_DOWN 3

/* A style: numbers [2, RV_STYLE_NET_CHANNELS], the scales and then the shifts of all norms in their order. */
typedef struct {
  char *name, *license; /* license: NULL: unknown */
  RvTensor *numbers;    /* f32 */
  RvTensor *thumbnail;  /* u8 [3, height, width]; NULL: none */
} RvStyleNetStyle;

typedef struct _RvStyleNetEngine RvStyleNetEngine;

struct _RvStyleNet {
  RvParameters *weights;         /* LAYER.weight [out, in, kernel, kernel]; out.bias [3] */
  GPtrArray *styles;             /* RvStyleNetStyle */
  double grain;                  /* deviation of the input noise (grain.c), grey levels */
  RvStyleNetEngine *engine;      /* for the last picture's size; NULL: none yet */
  const RvBackendClass *backend; /* for painting; NULL: the fastest available */
  gsize allowed;                 /* memory of process and device, bytes each; 0: four fifths of the free memory */
};

/* (transfer full) (nullable): a network of Glorot uniform weights from @seed, bias 0, without styles and grain. */
RvStyleNet *rv__style_net_new (gint64 seed, GError **error);
/* (transfer full) (nullable): a network with copies of the weights and the grain, without styles. */
RvStyleNet *rv__style_net_copy (const RvStyleNet *style_net, GError **error);
/* Whether both have the same weights, bit for bit, and the same grain: then a style of one works in the other. */
gboolean rv__style_net_same_weights (const RvStyleNet *a, const RvStyleNet *b);
#define RV_STYLE_NET_MAX_NAME_BYTES 100 /* maximum length in UTF-8 */
/* Whether a style's name may contain @letter: a small or caseless letter, a mark or a number (also a fraction) of any
 * script, '-' or '_'. */
gboolean rv__style_net_is_name_letter (gunichar letter);
/* RvOption.check of a style's name: 1 to RV_STYLE_NET_MAX_NAME_BYTES bytes of UTF-8, only letters of
 * rv__style_net_is_name_letter(). @option: (nullable). RV_ERROR_SETTING. */
gboolean rv__style_net_check_name (const RvOption *option, const char *name, GError **error);
/* Appends a style of scales 1 and shifts 0 and returns it; owned by @style_net. @name: copied. @license:
 * (nullable): unknown; copied. NULL: RV_ERROR_SETTING for a @name that is invalid or in use, a @license that is not
 * UTF-8, or more than 4096 styles. An error adds nothing. */
RvStyleNetStyle *rv__style_net_add_style (RvStyleNet *style_net, const char *name, const char *license, GError **error);
/* Appends a copy of @style, of another network, under its name, with a reference to its thumbnail. Returns the
 * copy, owned by @style_net. */
RvStyleNetStyle *rv__style_net_copy_style (RvStyleNet *style_net, const RvStyleNetStyle *style, GError **error);
/* Style @i, from 0; @i must exist. Owned by @style_net. */
RvStyleNetStyle *rv__style_net_style (const RvStyleNet *style_net, guint i);
/* Number of channels of norm @k, 0 to RV_STYLE_NET_N_NORMS - 1. Sets *first to the index of its first channel among the
 * RV_STYLE_NET_CHANNELS channels of all norms. */
gint64 rv__style_net_norm_channels (int k, gint64 *first);
/* Number of times, 0 to 2, that the output of convolution @k, 0 to RV_STYLE_NET_N_NORMS, is halved. */
int rv__style_net_level (int k);
/* Number of positions, rows times columns, in the input of norm @k, from 0, for a picture of @height x @width px. */
gint64 rv__style_net_positions (int k, gint64 height, gint64 width);
/* (transfer full): name of the parameter of norm @k, from 0: "norm3.scale", or "norm3.shift" with @shift. */
char *rv__style_net_norm_name (int k, gboolean shift);

/* ---- programs (engine.c) ----------------------------------------------------------------------------------------- */

/* A compiled network and the values of its program: for pictures [n, 3, height, width], or for a window. */
struct _RvStyleNetEngine {
  RvExecutable *executable;
  const RvBackendClass *backend; /* requested; the executable may use the cpu backend instead */
  RvParameterValues *trained;    /* NULL: nothing is trained. Contains the values of trained norms */
  gint64 height, width;
  int x, y, grad_y;                                             /* grad_y: set from the host; -1 without training */
  int scale[RV_STYLE_NET_N_NORMS], shift[RV_STYLE_NET_N_NORMS]; /* set from the host; -1: in another segment */
  int sums[RV_STYLE_NET_N_NORMS];                               /* only for windows: set from the host; else -1 */
  int conv[RV_STYLE_NET_N_NORMS + 1];                           /* outputs of the convolutions; a window: of its own */
};

/* A window: rows of a picture, in one segment of the network. */
typedef struct {
  int segment; /* 0: down, reads the picture; others read the output of the previous segment */
  int last;    /* convolution whose output, before its norm, is y; RV_STYLE_NET_N_NORMS: y is the painted picture */
  gint64 rows; /* px of the picture: a multiple of 4, or up to its end */
  gint64 picture_height, picture_width; /* with RV_STYLE_NET_MARGIN_PX on each side */
} RvStyleNetStrip;

/* (transfer full): the program for @n pictures, not yet planned, with the backward pass if something is trained.
 * Overwrites *engine with its values; engine->executable is NULL, and engine->trained new, which the caller frees.
 * @trains: (nullable): trained parameters, named as the weights and by rv__style_net_norm_name(); must outlive the
 * engine. Other weights are constants; other norms are set from the host. @type: RV_F32, RV_F64 in tests. Never NULL:
 * errors are in program->error. */
RvProgram *rv__style_net_record (const RvStyleNet *style_net, const RvParameters *trains, gint64 n, gint64 height,
                                 gint64 width, RvType type, RvStyleNetEngine *engine);
/* (transfer full) (nullable): a compiled engine for @n pictures, not yet bound: the caller first checks its memory.
 * @trains: (nullable): trained parameters, which must outlive it, as for rv__style_net_record(). @n_threads: 1 or
 * more. */
RvStyleNetEngine *rv__style_net_engine_new (const RvStyleNet *style_net, const RvParameters *trains, gint64 n,
                                            gint64 height, gint64 width, const RvBackendClass *backend, int n_threads,
                                            GError **error);
/* (transfer full) (nullable): a compiled engine for @window, not yet bound, without training. @n_threads: 1 or more. */
RvStyleNetEngine *rv__style_net_engine_new_window (const RvStyleNet *style_net, const RvStyleNetStrip *window,
                                                   const RvBackendClass *backend, int n_threads, GError **error);
/* Allocates memory, if four fifths of the free memory suffice, packs the weights and loads trained parameters. If
 * it is bound already, returns TRUE. After an error @engine may only be freed. */
gboolean rv__style_net_engine_bind (RvStyleNetEngine *engine, GError **error);
/* Whether rv__style_net_engine_bind() has allocated the memory of @engine; TRUE also if binding then failed. */
gboolean rv__style_net_engine_is_bound (const RvStyleNetEngine *engine);
/* Frees @engine (nullable) with its program; not the trained parameters. */
void rv__style_net_engine_free (RvStyleNetEngine *engine);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RvStyleNetEngine, rv__style_net_engine_free)
/* Copies a style's @numbers, [2, RV_STYLE_NET_CHANNELS], to all norms that the program has; a window has only those
 * of its segment. @engine is bound and trains nothing. After an error some norms may be set. */
gboolean rv__style_net_engine_set_style (RvStyleNetEngine *engine, const float *numbers, GError **error);

/* ---- painting (paint.c) ------------------------------------------------------------------------------------------ */

/* Writes @n rows of the extended @image, from its row @first on, to @to, [3, @n, width + 2 RV_STYLE_NET_MARGIN_PX].
 * The extended picture has RV_STYLE_NET_MARGIN_PX rows and columns on each side, in which the picture is mirrored, more
 * than once if it is smaller. Adds rv__grain_add() with the deviation @grain, also to the margin. */
void rv__style_net_extend_rows (const RvImage *image, double grain, gint64 first, gint64 n, float *to);
/* Copies @n rows of an extended picture, from its row @first on, without the margin to the colours of @painted. @from:
 * these rows in the first channel; each further channel begins @plane numbers later. */
void rv__style_net_crop_rows (const float *from, gint64 plane, gint64 first, gint64 n, RvImage *painted);

/* Sets the memory that the process, and a device, may use from the next painting on, bytes each; 0: four fifths of
 * the free memory. Larger pictures are painted in strips, with the same result up to rounding, in about 2.4 times
 * the time. */
void rv__style_net_set_memory (RvStyleNet *style_net, gsize bytes);

/* Plans a picture of @width x @height px as rv__style_net_paint_to() paints it, and compiles the program of the
 * whole picture if that fits. Sets plan->peak_bytes to the estimated memory of the process during that call, with what
 * the process uses now, device_peak_bytes, and n_tiles to the number of strips; 1: the whole picture. Other members
 * are 0. @n_threads: 0: one for each physical core. An error leaves *plan unchanged. */
gboolean rv__style_net_plan (RvStyleNet *style_net, int width, int height, int n_threads, RvPlan *plan, GError **error);

/* Index, from 0, of the style in which the painted @photo has the smallest style loss to @painting, by @net; -1
 * after an error. Paints a small copy of @photo in every style, which takes some tenths of a second; blocks.
 * @n_threads: 0: one for each physical core. */
int rv__style_net_nearest_style (RvStyleNet *style_net, RvNet *net, const RvImage *photo, const RvImage *painting,
                                 int n_threads, GError **error);

/* Overwrites the colours of @painted with @image, painted in the mean of the styles, with the network's grain,
 * 0..255. @painted: has the size of @image; may be @image; its alpha stays. @parts: weight of each style, 0 or
 * more, not all 0. @n_threads: 0: one for each physical core. RV_ERROR_NUMBER for a damaged file. After an error
 * @painted may have changed. */
gboolean rv__style_net_paint_to (RvStyleNet *style_net, const RvImage *image, const double *parts, int n_threads,
                                 RvImage *painted, GError **error);

/* ---- also for arbitrary.c and feed-forward.c --------------------------------------------------------------------- */

/* (transfer full: g_free()) (nullable): mean, [@n], of the @n_styles arrays @numbers of @n numbers each, weighted by
 * @weights, [@n_styles]. @what: "styles" or "paintings", for the message. NULL: RV_ERROR_SETTING for weights below 0,
 * not finite or all 0, also if @n_styles is 0. */
float *rv__style_net_mix (const float *const *numbers, const double *weights, guint n_styles, gint64 n,
                          const char *what, GError **error);
/* Copies the top left of @numbers, f32 [1, 3, rows, columns] in @space, to the colours of @painted, clamped to 0..255.
 * In feed-forward.c. */
void rv__style_net_write_picture (const RvTensor *numbers, const RvPixelSpace *space, RvImage *painted);
/* Checks that both sides of a picture, px, are at least RV_STYLE_NET_MIN_PX. RV_ERROR_SHAPE. */
gboolean rv__style_net_check_size (gint64 height, gint64 width, GError **error);
/* Whether none of @n numbers is NaN or infinite; TRUE if @n is 0. */
gboolean rv__style_net_all_finite (const float *x, gint64 n);
/* Allocates the memory of @executable, which paints @width x @height px, if the process then has at most @allowed
 * bytes (0: four fifths of the free memory), and so has a device. If it is allocated
 * already, returns TRUE. RV_ERROR_MEMORY about 'memory' and 'size' if it does not fit: there are no strips. After
 * an error the executable may only be freed. */
gboolean rv__style_net_bind_whole (RvExecutable *executable, int width, int height, gsize allowed, GError **error);
/* Overwrites *plan for painting a picture at once: the memory of process and device when @executable is bound. */
void rv__style_net_plan_whole (const RvExecutable *executable, RvPlan *plan);

/* Writes @from, [3, @height, @width], with noise to @to, which may be @from. The noise is normal with @deviation, in
 * grey levels (0: none), blurred by a Gaussian of 3 px, and equal in all channels. It is a crop of a fixed endless
 * plane, from column @left and row @top on, for any number of threads. Does not clamp. Cannot fail. */
void rv__grain_add (const float *from, gint64 height, gint64 width, guint32 left, guint32 top, double deviation,
                    float *to);

/* Overwrites the colours of @painted with @image, painted in the style @numbers, [2, RV_STYLE_NET_CHANNELS], in
 * strips of its full width. @painted: has the size of @image; may be @image. Adds the grain; does not clamp. @rows:
 * height of a strip in units of 4 px; below 3 counts as 3. @n_threads: 1 or more. Blocks. After an error @painted
 * may be overwritten. */
gboolean rv__style_net_paint_strips (const RvStyleNet *style_net, const RvImage *image, const float *numbers,
                                     gint64 rows, const RvBackendClass *backend, int n_threads, RvImage *painted,
                                     GError **error);
/* Sets *bytes and *device_bytes to the memory that rv__style_net_paint_strips() allocates for a picture of @height x
 * @width px, without the picture and its result. @rows: height of a strip in units of 4 px, 3 or more. Compiles
 * programs for the estimate and frees them. An error leaves both unchanged. */
gboolean rv__style_net_strips_memory (const RvStyleNet *style_net, gint64 height, gint64 width, gint64 rows,
                                      const RvBackendClass *backend, int n_threads, gsize *bytes, gsize *device_bytes,
                                      GError **error);
