/* matroska.h -- raw frames with times as a Matroska stream for ffmpeg; raw video has a constant rate only.
 * Layer 2 (io). Source: RFC 9559 (Matroska), RFC 8794 (EBML). */
#pragma once

#include <reverie/video.h>

/* Appends the header of a stream of raw frames of the size of @info, RGB of 8 bits, or 16 if info->bits is above 8.
 * @last_s: duration in s of the last frame, stored as the default duration, which ffmpeg's encoders use for it. */
void rv__matroska_put_header (GByteArray *to, const RvVideoInfo *info, double last_s);
/* Appends the head of a frame at @time_us, 0 or more, from the start of the stream. The frame's @size bytes must
 * follow, then the next head. Cannot fail. */
void rv__matroska_put_frame (GByteArray *to, gint64 time_us, gsize size);
