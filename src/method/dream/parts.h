/* parts.h -- what may be done to a dream's gradient and to its picture, each part in a file of its own. Pictures are
 * three planes, x in -1..1, by their rows (rows.h); with several ranks all of it is collective. Layer 6 (method). */
#ifndef RV_DREAM_PARTS_H
#define RV_DREAM_PARTS_H

#include "method/objective/terms.h"
#include "method/compute.h"
#include "rows.h"
#include <reverie/image.h>

/* rv__dream_smooth: (smooth.c) @grad becomes the mean of its Gaussian blurs with sigma s/2, s and 2 s px; mirrored at
 * the borders. RV_ERROR_MEMORY. */
gboolean rv__dream_smooth (const RvRows *rows, float *grad, double sigma_px, GError **error);

/* rv__dream_bands: (bands.c) @grad becomes the sum of its bands, each brought to the same strength, and with a local_px
 * of more than 0 in each place. rv__dream_bands_new: (transfer full) (nullable): for gradients of @rows, which must
 * stay; with the memory that all of them need. _free: NULL is fine. RV_ERROR_MEMORY. */
typedef struct _RvDreamBands RvDreamBands;
RvDreamBands *rv__dream_bands_new (const RvRows *rows, int n_bands, double local_px, GError **error);
void rv__dream_bands_free (RvDreamBands *bands);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RvDreamBands, rv__dream_bands_free)
gboolean rv__dream_bands (const RvDreamBands *bands, float *grad, GError **error);

/* How the colours of a gradient go together, row by row. */
typedef struct {
  float at[3][3];
} RvColorMix;

/* rv__dream_color_mix: (colors.c) as `--dream-colors` has it; "own": as those of @image, whose colours these are in any
 * unit. rv__dream_mix: @grad, mixed in place. */
RvColorMix rv__dream_color_mix (const char *colors, const RvImage *image);
void rv__dream_mix (const RvRows *rows, float *grad, const RvColorMix *mix);

/* rv__dream_limit: (limit.c) where x differs from @base by more than @limit, by the local root mean square, it is
 * brought back to that. RV_ERROR_MEMORY. */
gboolean rv__dream_limit (const RvRows *rows, float *x, const float *base, double limit, GError **error);

/* rv__dream_ease: (limit.c) of numbers in -1..1, those that went nearly all the way from @base to black or white stop
 * short of it. */
void rv__dream_ease (const RvRows *rows, float *x, const float *base);

/* Where the picture lies while a step looks at it (place.c): a canvas of margin more pixels each way, the picture at
 * dx, dy from its corner and going on as its own mirror image; without a margin turned round in a circle. */
typedef struct {
  int margin;
  int dx, dy;
} RvDreamPlace;

/* rv__dream_place: the picture onto the canvas @to, of which @parts are held; rows that others have come into @x.
 * rv__dream_take: the gradient of the canvas, of which each rank has its own of @parts, as that of the picture's own
 * rows: overwritten; what others have comes into @canvas_grad. RV_ERROR_MEMORY, RV_ERROR_BACKEND.
 * rv__dream_place_bytes: that rank 0 sends and receives in both. _smooth_bytes, _bands_bytes, _limit_bytes: in those.
 */
gboolean rv__dream_place (const RvDreamPlace *place, const RvRows *rows, float *x, const RvParts *parts, float *to,
                          GError **error);
gboolean rv__dream_take (const RvDreamPlace *place, const RvRows *rows, const RvParts *parts, float *canvas_grad,
                         float *grad, GError **error);

gsize rv__dream_place_bytes (const RvDreamPlace *place, const RvRows *rows, const RvParts *parts);
gsize rv__dream_smooth_bytes (const RvRows *rows, double sigma_px);
gsize rv__dream_bands_bytes (const RvRows *rows, int n_bands, double local_px);
gsize rv__dream_limit_bytes (const RvRows *rows);
/* rv__dream_smooth_room, _bands_room, _limit_room: bytes that these take on the fullest rank, beside what they change.
 */
gint64 rv__dream_smooth_room (const RvRows *rows, double sigma_px);
gint64 rv__dream_bands_room (const RvRows *rows, double local_px);
gint64 rv__dream_limit_room (const RvRows *rows);

/* How a step looks at a picture of noise (turn.c): shifted, turned around its middle and rescaled, on as large a
 * canvas; beyond its edge it goes on in a circle, or as its own mirror image. */
typedef struct {
  int width, height;
  double dx, dy, angle_rad, scale;
  gboolean mirrored;
} RvDreamTurn;

/* rv__dream_turn: @x as it is looked at, into @y. _back: the gradient of that as the picture's: overwritten. */
void rv__dream_turn (const RvDreamTurn *turn, const float *x, float *y);
void rv__dream_turn_back (const RvDreamTurn *turn, const float *grad_y, float *grad_x);

/* rv__dream_whiten: (whiten.c) the terms' channels are weighed by how far they spread over photographs, A' = A / (sd +
 * 0.1 mean sd): by the table that comes with the library, else over @image. RV_ERROR_MEMORY, RV_ERROR_BACKEND. */
gboolean rv__dream_whiten (GArray *terms, const RvNet *net, const RvComputeSettings *compute, const RvImage *image,
                           GError **error);

#endif
