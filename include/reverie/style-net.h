/* style-net.h -- learned styles: a small network, the style network, is trained on a painting and then paints any
 * photograph in one pass.
 * Layer 6 (method). Implemented in src/method/style-net. No files and no printing. Jobs of the kind "learn" train style
 * networks (job.h).
 *
 * Johnson, Alahi, Fei-Fei 2016, "Perceptual losses for real-time style transfer and super-resolution": a network that
 * is trained with the loss of style transfer. Dumoulin, Shlens, Kudlur 2017, "A learned representation for artistic
 * style": many styles in one network; a style is the scales and shifts of its norms. */
#ifndef RV_STYLE_NET_H
#define RV_STYLE_NET_H

#include <gio/gio.h>
#include <reverie/image.h>
#include <reverie/net.h>
#include <reverie/settings.h>
#include <reverie/tensor.h>
G_BEGIN_DECLS

/* ---- style networks ---------------------------------------------------------------------------------------------- */

/** RvStyleNet: a style network and its styles. Used by one thread at a time. */
typedef struct _RvStyleNet RvStyleNet;

/** rv_style_net_from_map: (transfer full) (nullable): the style network in the content of its file, copied from @map.
 * Errors: %RV_ERROR_FORMAT for a map of another kind or version, or with tensors missing or of the wrong shape;
 * %RV_ERROR_FILE if the map's file has changed; %RV_ERROR_MEMORY. Since: 0.1 */
RV_API RvStyleNet *rv_style_net_from_map (const RvTensorMap *map, GError **error);
/** rv_style_net_to_map: (transfer full) (nullable): the content of the file, for rv_weights_save(): weights as int8
 * with a scale for each output channel, the bias and the styles as f32, with thumbnails and licences. It shares the
 * tensors of bias and styles with @style_net. Errors: %RV_ERROR_MEMORY. Since: 0.1 */
RV_API RvTensorMap *rv_style_net_to_map (const RvStyleNet *style_net, GError **error);
/** rv_style_net_free: (nullable): frees the style network with its styles and compiled programs. Since: 0.1 */
RV_API void rv_style_net_free (RvStyleNet *style_net);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RvStyleNet, rv_style_net_free)

/** rv_style_net_to_page: (transfer full) (nullable): an HTML page with the heading @title, which is escaped: it works
 * offline and paints photographs in a browser, in each of the styles. Errors: %RV_ERROR_MEMORY. Since: 0.1 */
RV_API char *rv_style_net_to_page (const RvStyleNet *style_net, const char *title, GError **error);
/** rv_style_net_new_builtin: (transfer full) (nullable): a new object for the style network that is compiled into the
 * library; reads no file. Errors: %RV_ERROR_MEMORY. Since: 0.1 */
RV_API RvStyleNet *rv_style_net_new_builtin (GError **error);
/** rv_style_net_n_styles: number of styles, 1 or more. Since: 0.1 */
RV_API guint rv_style_net_n_styles (const RvStyleNet *style_net);
/** rv_style_net_style_name: name of style @i, from 0, which must exist; borrowed. Since: 0.1 */
RV_API const char *rv_style_net_style_name (const RvStyleNet *style_net, guint i);
/** rv_style_net_find_style: number of the style @name, from 0; case-sensitive; -1, no error: none. Since: 0.1 */
RV_API int rv_style_net_find_style (const RvStyleNet *style_net, const char *name);
/** rv_style_net_style_license: (nullable): licence of the painting of style @i, from 0, which must exist; NULL: not
 * stored. Borrowed. Since: 0.1 */
RV_API const char *rv_style_net_style_license (const RvStyleNet *style_net, guint i);
/** rv_style_net_style_thumbnail: (transfer full) (nullable): a small copy of the painting of style @i, from 0, which
 * must exist; at most 64 px a side. NULL without an error if there is none. Errors: %RV_ERROR_MEMORY. Since: 0.1 */
RV_API RvImage *rv_style_net_style_thumbnail (const RvStyleNet *style_net, guint i, GError **error);

/**
 * rv_style_net_paint:
 * @image: any size; not changed
 * @weights: weights of the styles, [rv_style_net_n_styles()], 0 or more, not all 0: scales and shifts are averaged
 * @n_threads: 0: one for each physical core
 *
 * Paints a copy of @image in the mix of styles, in one pass. If the style network was trained with grain (the setting
 * `grain` of "learn"), grain is added to the picture first. Grain is a function of the pixel's position, the same each
 * time. The compiled programs are cached for pictures of the same size; a large picture is painted in strips if memory
 * is short. Errors: %RV_ERROR_SETTING for @weights, %RV_ERROR_NUMBER for a
 * damaged style network; %RV_ERROR_MEMORY, %RV_ERROR_BACKEND; %RV_ERROR_CANCELLED by the current GCancellable of the
 * thread. Returns: (transfer full) (nullable): a picture of the same size, 0..255, with the alpha of @image. Since: 0.1
 */
RV_API RvImage *rv_style_net_paint (RvStyleNet *style_net, const RvImage *image, const double *weights, int n_threads,
                                    GError **error);

/* ---- arbitrary styles -------------------------------------------------------------------------------------------- */

/** RvArbitraryStyle: a network that paints in the style of any given painting, without training: MicroAST (Wang et al.
 * 2023). Its weights are not part of the library: `reverie network import` makes one file of the published ones. Jobs
 * use it with the setting `learned` "any". Used by one thread at a time. */
typedef struct _RvArbitraryStyle RvArbitraryStyle;

/** rv_arbitrary_style_from_map: (transfer full) (nullable): the network in the content of its file, copied: the text
 * "format", and the tensors of each file of rv_arbitrary_style_files() as "FILE.NAME". Errors: %RV_ERROR_FORMAT for
 * another "format", and for tensors that are missing or of the wrong shape; %RV_ERROR_FILE if the map's file has
 * changed; %RV_ERROR_MEMORY. Since: 0.1 */
RV_API RvArbitraryStyle *rv_arbitrary_style_from_map (const RvTensorMap *map, GError **error);
/** rv_arbitrary_style_free: (nullable): frees the network with its compiled programs. Since: 0.1 */
RV_API void rv_arbitrary_style_free (RvArbitraryStyle *any);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RvArbitraryStyle, rv_arbitrary_style_free)

/** rv_arbitrary_style_files: names of the published files without their suffix, "content_encoder"; NULL-terminated;
 * static. Since: 0.1 */
RV_API const char *const *rv_arbitrary_style_files (void);

G_END_DECLS
#endif
