/* learn.h -- learned styles: a painting learnt once by a small network, the painter, which then paints any photograph
 * in one pass.
 * Layer 6 (method). Implemented in src/method/learn. No files and no printing. Jobs of the kind "learn" teach painters
 * (job.h).
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

/* ---- any painting ------------------------------------------------------------------------------------------------ */

/** RvAnyPainter: a network that paints as any painting is painted that it is shown, and learns nothing for that:
 * MicroAST (Wang et al. 2023). Its weights are not part of the library: `reverie model import` makes one file of those
 * that were published. Jobs paint with it: the setting `with` is "any". One thread at a time. */
typedef struct _RvAnyPainter RvAnyPainter;

/** rv_any_painter_from_map: (transfer full) (nullable): of what that file holds: the text "format", and the tensors of
 * each of the files of rv_any_painter_files(), "FILE.NAME". Errors: %RV_ERROR_FORMAT, %RV_ERROR_MEMORY. Since: 0.1 */
RV_API RvAnyPainter *rv_any_painter_from_map (const RvTensorMap *map, GError **error);
RV_API void rv_any_painter_free (RvAnyPainter *any);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RvAnyPainter, rv_any_painter_free)

/** rv_any_painter_files: what the names of the published files begin with; NULL-terminated; static. Since: 0.1 */
RV_API const char *const *rv_any_painter_files (void);

G_END_DECLS
#endif
