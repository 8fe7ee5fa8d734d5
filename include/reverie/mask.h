/* mask.h -- masks of parts of a photograph, such as faces or the sky; regions that match those of a painting.
 * Layer 6 (method). Implemented in src/method/masks/. */
#ifndef RV_MASK_H
#define RV_MASK_H

#include <reverie/image.h>
G_BEGIN_DECLS

/**
 * rv_mask_kinds:
 *
 * "faces": faces seen from the front or half from the side, at least a sixtieth of the longer side wide. "people":
 * large persons in the foreground. "subject": people or the main object. "background": all but the subject.
 * "sky": the region at the top; a plain wall or backdrop there is taken for a sky.
 *
 * Returns: (transfer none): kinds of masks, NULL-terminated; static. Since: 0.1
 */
RV_API const char *const *rv_mask_kinds (void);

/**
 * rv_mask_new:
 * @picture:   a photograph
 * @kind:      one of rv_mask_kinds()
 * @n_threads: threads to compute with; 0: one for each physical core
 * @found:     (out) (optional) (transfer full) (nullable): description of the finding, such as "2 faces"; NULL:
 *             nothing. Unchanged after an error
 *
 * Finds a part of the photograph by networks that are built in. The same picture gives the same bytes for any number of
 * threads.
 *
 * Errors: %RV_ERROR_SETTING for an unknown kind; %RV_ERROR_MEMORY; %RV_ERROR_CANCELLED by the current GCancellable of
 * the thread; %RV_ERROR_BACKEND in a forked process. Returns: (transfer full) (nullable): a mask of the size of
 * @picture: white in the part, black elsewhere, with soft edges; black if nothing is found. Since: 0.1
 */
RV_API RvImage *rv_mask_new (const RvImage *picture, const char *kind, int n_threads, char **found, GError **error);

/**
 * rv_mask_regions_sheet:
 * @photo:     a photograph
 * @painting:  a painting
 * @regions:   a value of the setting `regions` of the kind "style": "auto", or a number from "2" to "6"
 * @n_threads: threads to compute with; 0: one for each physical core
 *
 * Draws the regions that `regions` finds in both pictures. The painting is stretched to the shape of the photograph.
 *
 * Errors: %RV_ERROR_SETTING for another value; %RV_ERROR_MEMORY; %RV_ERROR_CANCELLED by the current GCancellable of the
 * thread; %RV_ERROR_BACKEND in a forked process. Returns: (transfer full) (nullable): both pictures side by side;
 * regions that match have one number and one colour. Since: 0.1
 */
RV_API RvImage *rv_mask_regions_sheet (const RvImage *photo, const RvImage *painting, const char *regions,
                                       int n_threads, GError **error);

G_END_DECLS
#endif
