/* learn.h -- learned styles: a painting learnt once by a small network, the painter, which then paints any photograph
 * in one pass.
 * Layer 6 (method). Implemented in src/method/learn. No files and no printing.
 *
 * Johnson, Alahi, Fei-Fei 2016, "Perceptual losses for real-time style transfer and super-resolution": a network that
 * is trained with the loss of style transfer. Dumoulin, Shlens, Kudlur 2017, "A learned representation for artistic
 * style": many styles in one network; a style is the scales and shifts of its norms. */
#ifndef RV_LEARN_H
#define RV_LEARN_H

#include <gio/gio.h>
#include <reverie/image.h>
#include <reverie/net.h>
#include <reverie/settings.h>
#include <reverie/tensor.h>
G_BEGIN_DECLS

/* ---- painters ---------------------------------------------------------------------------------------------------- */

/** RvPainter: the network and the styles that it has learnt. One thread at a time. */
typedef struct _RvPainter RvPainter;

/** rv_painter_from_map: (transfer full) (nullable): of what a painter's file holds. rv_painter_to_map: (transfer full)
 * (nullable): that: weights as int8 with a scale for each output channel, styles as f32 with their thumbnails and
 * licences. Errors: %RV_ERROR_FORMAT for a map of another kind or version, or with parts missing or of the wrong shape;
 * %RV_ERROR_MEMORY. Since: 0.1 */
RV_API RvPainter *rv_painter_from_map (const RvTensorMap *map, GError **error);
RV_API RvTensorMap *rv_painter_to_map (const RvPainter *painter, GError **error);
RV_API void rv_painter_free (RvPainter *painter);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RvPainter, rv_painter_free)

/** rv_painter_to_page: (transfer full) (nullable): a page of HTML that works offline and paints photographs in a
 * browser, in any of the styles. Errors: %RV_ERROR_MEMORY. Since: 0.1 */
RV_API char *rv_painter_to_page (const RvPainter *painter, const char *title, GError **error);

/** rv_painter_new_builtin: (transfer full) (nullable): the painter that is part of the library. Errors:
 * %RV_ERROR_MEMORY. Since: 0.1 */
RV_API RvPainter *rv_painter_new_builtin (GError **error);

/** rv_painter_n_styles: 1 or more. rv_painter_style_name: of style @i, from 0; borrowed. rv_painter_find_style: the
 * number of the style of that name; -1: there is none. rv_painter_style_licence: of what it was learnt from (nullable),
 * borrowed. rv_painter_style_thumbnail: (transfer full) (nullable): the painting, 64 px at most; NULL
 * without an error: it has none. Errors: %RV_ERROR_MEMORY. Since: 0.1 */
RV_API guint rv_painter_n_styles (const RvPainter *painter);
RV_API const char *rv_painter_style_name (const RvPainter *painter, guint i);
RV_API int rv_painter_find_style (const RvPainter *painter, const char *name);
RV_API const char *rv_painter_style_licence (const RvPainter *painter, guint i);
RV_API RvImage *rv_painter_style_thumbnail (const RvPainter *painter, guint i, GError **error);

/** rv_painter_set_memory: @bytes: what the process may take, all in all; 0: four fifths of what is free. A picture that
 * wants more is painted in strips, to the same numbers, which takes some 2.4 times as long. Since: 0.1 */
RV_API void rv_painter_set_memory (RvPainter *painter, gsize bytes);

/** rv_painter_set_cancellable: @cancellable (nullable), held by reference, is looked at before each layer, in each
 * strip, by all that @painter is asked for from now on: what is under way ends with %RV_ERROR_CANCELLED, and @painter
 * can paint again once it has another. It may be cancelled from any thread. Since: 0.1 */
RV_API void rv_painter_set_cancellable (RvPainter *painter, GCancellable *cancellable);

/** rv_painter_plan: what painting a picture of @width x @height px will take: @peak_bytes (out) of the process, whose
 * pictures are in memory already, and in how many strips, @n_strips (out); 1: as a whole. @n_threads: as there. Errors:
 * as rv_painter_paint(). Since: 0.1 */
RV_API gboolean rv_painter_plan (RvPainter *painter, int width, int height, int n_threads, gsize *peak_bytes,
                                 int *n_strips, GError **error);

/**
 * rv_painter_paint:
 * @image: at least 8 px a side
 * @parts: how much of each style, 0 or more, rv_painter_n_styles() of them, not all 0: their scales and shifts mix
 * @n_threads: 0: one for each physical core
 *
 * A painter that has learnt with grain (the setting `grain` of "learn") sees the picture with the same grain each time,
 * a function of a pixel's place. The programs for pictures of one size are kept for the next. Errors: %RV_ERROR_SHAPE,
 * %RV_ERROR_SETTING for parts, %RV_ERROR_MEMORY, %RV_ERROR_BACKEND, %RV_ERROR_CANCELLED. Returns: (transfer full)
 * (nullable): a picture of the same size, 0..255, with the alpha of @image. Since: 0.1
 */
RV_API RvImage *rv_painter_paint (RvPainter *painter, const RvImage *image, const double *parts, int n_threads,
                                  GError **error);

/** rv_painter_find_nearest: the number of the style in which @photo comes out most like @painting, as @net sees it, by
 * the loss that styles are learnt by; -1 after an error. @n_threads: 0: one for each physical core. Errors:
 * %RV_ERROR_SHAPE of pictures too small for the layers, %RV_ERROR_MEMORY, %RV_ERROR_BACKEND, %RV_ERROR_CANCELLED. Some
 * tenths of a second. Since: 0.1 */
RV_API int rv_painter_find_nearest (RvPainter *painter, RvNet *net, const RvImage *photo, const RvImage *painting,
                                    int n_threads, GError **error);

/* ---- any painting ------------------------------------------------------------------------------------------------ */

/** RvAnyPainter: a network that paints as any painting is painted that it is shown, and learns nothing for that:
 * MicroAST (Wang et al. 2023). Its weights are not part of the library: `reverie model import` makes one file of those
 * that were published. One thread at a time. */
typedef struct _RvAnyPainter RvAnyPainter;

/** rv_any_painter_from_map: (transfer full) (nullable): of what that file holds: the text "format", and the tensors of
 * each of the files of rv_any_painter_files(), "FILE.NAME". Errors: %RV_ERROR_FORMAT, %RV_ERROR_MEMORY. Since: 0.1 */
RV_API RvAnyPainter *rv_any_painter_from_map (const RvTensorMap *map, GError **error);
RV_API void rv_any_painter_free (RvAnyPainter *any);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RvAnyPainter, rv_any_painter_free)

/** rv_any_painter_files: what the names of the published files begin with; NULL-terminated; static. Since: 0.1 */
RV_API const char *const *rv_any_painter_files (void);

/** rv_any_painter_add_style: one more style: that of @painting, at least 8 px a side; strokes are as large as they are
 * in it. @n_threads: 0: one for each physical core. Errors: %RV_ERROR_SHAPE, %RV_ERROR_MEMORY, %RV_ERROR_BACKEND.
 * Since: 0.1 */
RV_API gboolean rv_any_painter_add_style (RvAnyPainter *any, const RvImage *painting, int n_threads, GError **error);

/** rv_any_painter_paint: (transfer full) (nullable): as rv_painter_paint(), as are its errors; @parts: one for each
 * style that was added. @n_threads: 0: one for each physical core. A picture that memory has no room for is
 * %RV_ERROR_MEMORY. Since: 0.1 */
RV_API RvImage *rv_any_painter_paint (RvAnyPainter *any, const RvImage *image, const double *parts, int n_threads,
                                      GError **error);

/** rv_any_painter_set_cancellable: @cancellable (nullable): as rv_painter_set_cancellable(): for paintings that are
 * added, and pictures. Since: 0.1 */
RV_API void rv_any_painter_set_cancellable (RvAnyPainter *any, GCancellable *cancellable);

/* ---- learning ---------------------------------------------------------------------------------------------------- */

/** RvLearning: a painter that learns. One thread at a time. */
typedef struct _RvLearning RvLearning;

/**
 * rv_learning_new:
 * @settings: of the kind "learn"; copied
 * @net:      which sees what pictures are like; kept by reference
 * @from:     (nullable): the painter whose convolutions are taken over; NULL: everything is learnt from nothing
 *
 * Errors: %RV_ERROR_SETTING, %RV_ERROR_MEMORY. Returns: (transfer full) (nullable). Since: 0.1
 */
RV_API RvLearning *rv_learning_new (const RvSettings *settings, RvNet *net, const RvPainter *from, GError **error);
RV_API void rv_learning_free (RvLearning *learning);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RvLearning, rv_learning_free)

/**
 * rv_learning_add_style:
 * @name:      its own: small letters of any script, digits, '-' and '_', at most 100 bytes of UTF-8
 * @licence:   (nullable): of the paintings
 * @paintings: @n of them, 1 or more: what they have in common is one style
 *
 * Before rv_learning_run(), as rv_learning_add_photo(). Errors: %RV_ERROR_SETTING for a name, %RV_ERROR_SHAPE for a
 * painting too small for the layers, %RV_ERROR_MEMORY. Since: 0.1
 */
RV_API gboolean rv_learning_add_style (RvLearning *learning, const char *name, const char *licence,
                                       RvImage *const *paintings, int n, GError **error);

/** rv_learning_photo_px: the shorter side that photographs are best given at. rv_learning_add_photo: one to learn on,
 * copied in 8 bits. Errors: %RV_ERROR_SHAPE when it is smaller than the setting `crop`, %RV_ERROR_MEMORY. Since: 0.1 */
RV_API int rv_learning_photo_px (const RvLearning *learning);
RV_API gboolean rv_learning_add_photo (RvLearning *learning, const RvImage *photo, GError **error);

/** rv_learning_holds_back: whether the next photograph is one of those that are not learnt on: every twentieth, by
 * which rv_learning_judge() judges. Since: 0.1 */
RV_API gboolean rv_learning_holds_back (const RvLearning *learning);

/** rv_learning_judge: the loss over a batch of photographs that were held back, the mean of all styles as
 * rv_learning_painter() has them; NaN: there are none, or nothing has been learnt. Between steps; changes nothing.
 * Takes as long as half a step of each style. Errors: %RV_ERROR_BACKEND. Since: 0.1 */
RV_API gboolean rv_learning_judge (RvLearning *learning, double *loss, GError **error);

/** rv_learning_set_cancellable: @cancellable (nullable), held by reference, is looked at within each step, and while
 * paintings are looked at and rv_learning_judge() judges: these end with %RV_ERROR_CANCELLED. The steps before are
 * kept, and rv_learning_run() goes on after them once there is another. It may be cancelled from any thread. Since: 0.1
 */
RV_API void rv_learning_set_cancellable (RvLearning *learning, GCancellable *cancellable);

/** rv_learning_losses: the names of what the loss is the sum of: "content", "style", "tv", "steady"; NULL-terminated;
 * borrowed. Since: 0.1 */
RV_API const char *const *rv_learning_losses (const RvLearning *learning);

/** RvLearningProgress: one step. */
typedef struct {
  gint64 iteration, n_iterations; /* 1 ...; n_iterations may change while there is a limit of time */
  guint style;                    /* which was painted */
  double loss;                    /* of the batch, before the step */
  const double *losses;           /* of which it is the sum, one for each name of rv_learning_losses() */
  double seconds;                 /* of this run */
  double done_01;
  RvLearning *learning;
} RvLearningProgress;

/** RvLearningFunc: called after each step on the thread that runs; FALSE stops. */
typedef gboolean (*RvLearningFunc) (const RvLearningProgress *progress, gpointer user_data);

/** rv_learning_run: learns until all is done, or @progress (nullable) says so. Errors: %RV_ERROR_SETTING without a
 * style or a photograph, %RV_ERROR_NUMBER when the loss or a gradient stops being a number: what was learnt before is
 * kept; %RV_ERROR_MEMORY, %RV_ERROR_BACKEND. Since: 0.1 */
RV_API gboolean rv_learning_run (RvLearning *learning, RvLearningFunc progress, gpointer user_data, GError **error);

/** rv_learning_painter: (transfer full) (nullable): what has been learnt so far: the mean of the last weights, with the
 * new styles alone. Errors: %RV_ERROR_MEMORY. Since: 0.1 */
RV_API RvPainter *rv_learning_painter (const RvLearning *learning, GError **error);

/** rv_learning_to_map: (transfer full) (nullable): all it takes to go on later with the same numbers.
 * rv_learning_restore: goes on from there, with the same settings, styles and photographs, before rv_learning_run().
 * Errors: %RV_ERROR_FORMAT, %RV_ERROR_SETTING for other settings, %RV_ERROR_MEMORY. Since: 0.1 */
RV_API RvTensorMap *rv_learning_to_map (const RvLearning *learning, GError **error);
RV_API gboolean rv_learning_restore (RvLearning *learning, const RvTensorMap *map, GError **error);

G_END_DECLS
#endif
