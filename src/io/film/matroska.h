/* matroska.h -- uncoded frames with their times, as a Matroska stream for ffmpeg: raw video alone has an even rate.
 * Layer 2 (io). Source: RFC 9559 (Matroska), RFC 8794 (EBML). */
#ifndef RV_IO_MATROSKA_H
#define RV_IO_MATROSKA_H

#include <reverie/film.h>

/* rv__matroska_put_header: begins a stream of frames of @info, RGB of 8 or 16 bits, of which the last is shown for
 * @last_s. ffmpeg's encoders give their last frame the time that the header has as a frame's. */
void rv__matroska_put_header (GByteArray *to, const RvFilmInfo *info, double last_s);
/* rv__matroska_put_frame: what stands before the @size bytes of a frame that is shown from @time_us on. */
void rv__matroska_put_frame (GByteArray *to, gint64 time_us, gsize size);

#endif
