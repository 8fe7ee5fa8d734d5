/* yuv.h -- frames as a luma and two chroma planes, the latter smaller, and as RGB.
 * Layer 2 (io). Source: ITU-R BT.601-7 and BT.709-6, section 3; the places of chroma samples: ffmpeg's and mjpegtools'
 * names for them. */
#ifndef RV_IO_YUV_H
#define RV_IO_YUV_H

#include <reverie/image.h>

/* How the planes Y, Cb, Cr lie, one behind the other, rows without gaps, samples of more than 8 bits in two bytes, the
 * lower first. */
typedef struct {
  int width, height;    /* px, of Y */
  int shift_x, shift_y; /* a chroma sample stands for 2^shift_x x 2^shift_y px */
  gboolean left;        /* across, it lies on the first of them; else in their middle, as it always does down */
  int bits;             /* 8..16 */
  gboolean mono;        /* there is Y alone */
  gboolean alpha;       /* a fourth plane as large as Y, which is not read */
  gboolean full_range;  /* 0..2^bits - 1; else, at 8 bits, Y 16..235 and C 16..240 */
} RvYuv;

/* rv__yuv_bytes: of a frame. */
gsize rv__yuv_bytes (const RvYuv *yuv);

/* Both: colours are BT.601's up to 1279 x 576 px, and BT.709's beyond, as players take what says nothing.
 * rv__yuv_unpack: (transfer full) (nullable): chroma bilinear in between. RV_ERROR_MEMORY. rv__yuv_pack: @image has the
 * size of @yuv, which is of 8 bits, of limited range, and neither mono nor with alpha; a chroma sample is the mean of
 * what it stands for, and lies in its middle. */
RvImage *rv__yuv_unpack (const RvYuv *yuv, const guint8 *bytes, GError **error);
void rv__yuv_pack (const RvYuv *yuv, const RvImage *image, guint8 *bytes);

#endif
