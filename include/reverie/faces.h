/* faces.h -- masks of faces.
 * Layer 6 (method). Implemented in src/method/faces/. */
#ifndef RV_FACES_H
#define RV_FACES_H

#include <reverie/image.h>
G_BEGIN_DECLS

/**
 * rv_faces_mask:
 * @picture:   a photograph
 * @n_threads: threads to compute with; 0: one for each physical core
 * @n_faces:   (out) (optional): number of faces
 *
 * Detects faces, seen from the front or half from the side, of a sixtieth of the longer side or more. The network is
 * built in: MediaPipe's BlazeFace (Bazarevsky et al. 2019). The same picture gives the same bytes.
 *
 * Errors: %RV_ERROR_MEMORY; %RV_ERROR_CANCELLED by the current GCancellable of the thread; %RV_ERROR_BACKEND in a
 * forked process. Returns: (transfer full) (nullable): a mask of the size of @picture: white in faces, black elsewhere,
 * with soft edges; black without faces. Since: 0.1
 */
RV_API RvImage *rv_faces_mask (const RvImage *picture, int n_threads, guint *n_faces, GError **error);

G_END_DECLS
#endif
