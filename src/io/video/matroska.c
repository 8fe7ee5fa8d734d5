/* matroska.c -- the elements of a Matroska stream that raw frames need: one cluster per frame. */
#include "io/video/matroska.h"
#include <string.h>

enum { EBML = 0x1A45DFA3, DOC_TYPE = 0x4282, SEGMENT = 0x18538067, INFO = 0x1549A966, TIMESTAMP_SCALE = 0x2AD7B1 };
enum { TRACKS = 0x1654AE6B, TRACK_ENTRY = 0xAE, TRACK_NUMBER = 0xD7, TRACK_UID = 0x73C5, TRACK_TYPE = 0x83 };
enum { DEFAULT_DURATION = 0x23E383, CODEC_ID = 0x86, VIDEO = 0xE0, PIXEL_WIDTH = 0xB0, PIXEL_HEIGHT = 0xBA };
enum { UNCOMPRESSED_FOURCC = 0x2EB524, CLUSTER = 0x1F43B675, TIMESTAMP = 0xE7, SIMPLE_BLOCK = 0xA3 };

#define UNKNOWN_SIZE ((1ULL << 56) - 1)
#define NS_PER_US 1000
#define BLOCK_HEAD "\x81\0\0\x80" /* track 1, at the cluster's time, keyframe */
#define BLOCK_HEAD_BYTES 4

/* Appends @number, big-endian, without leading zeros, but at least @min_bytes bytes. */
static void
put_number (GByteArray *to, guint64 number, int min_bytes)
{
  for (int k = 7; k >= 0; k--)
    if (k < min_bytes || number >> (8 * k)) {
      guint8 byte = (guint8) (number >> (8 * k));
      g_byte_array_append (to, &byte, 1);
    }
}

/* Appends the head of an element; its @size bytes must follow. */
static void
put_element (GByteArray *to, guint32 id, guint64 size)
{
  put_number (to, id, 1);
  put_number (to, size | 1ULL << 56, 8);
}

static void
put_bytes (GByteArray *to, guint32 id, const char *bytes, gsize size)
{
  put_element (to, id, size);
  g_byte_array_append (to, (const guint8 *) bytes, (guint) size);
}

static void
put_uint (GByteArray *to, guint32 id, guint64 number)
{
  put_element (to, id, 8);
  put_number (to, number, 8);
}

/* Appends an element that contains @inside (transfer full). */
static void
put_master (GByteArray *to, guint32 id, GByteArray *inside)
{
  put_bytes (to, id, (const char *) inside->data, inside->len);
  g_byte_array_unref (inside);
}

void
rv__matroska_put_header (GByteArray *to, const RvVideoInfo *info, double last_s)
{
  GByteArray *ebml = g_byte_array_new (), *scale = g_byte_array_new ();
  GByteArray *tracks = g_byte_array_new (), *track = g_byte_array_new (), *video = g_byte_array_new ();
  const char rgb[] = { 'R', 'G', 'B', info->bits > 8 ? 48 : 24 };
  put_bytes (ebml, DOC_TYPE, "matroska", strlen ("matroska"));
  put_master (to, EBML, ebml);
  put_element (to, SEGMENT, UNKNOWN_SIZE);
  put_uint (scale, TIMESTAMP_SCALE, NS_PER_US);
  put_master (to, INFO, scale);
  put_uint (video, PIXEL_WIDTH, (guint64) info->width);
  put_uint (video, PIXEL_HEIGHT, (guint64) info->height);
  put_bytes (video, UNCOMPRESSED_FOURCC, rgb, sizeof rgb);
  put_uint (track, TRACK_NUMBER, 1);
  put_uint (track, TRACK_UID, 1);
  put_uint (track, TRACK_TYPE, 1);
  put_uint (track, DEFAULT_DURATION, (guint64) (1e9 * last_s));
  put_bytes (track, CODEC_ID, "V_UNCOMPRESSED", strlen ("V_UNCOMPRESSED"));
  put_master (track, VIDEO, video);
  put_master (tracks, TRACK_ENTRY, track);
  put_master (to, TRACKS, tracks);
}

void
rv__matroska_put_frame (GByteArray *to, gint64 time_us, gsize size)
{
  GByteArray *inside = g_byte_array_new ();
  put_uint (inside, TIMESTAMP, (guint64) time_us);
  put_element (inside, SIMPLE_BLOCK, BLOCK_HEAD_BYTES + size);
  g_byte_array_append (inside, (const guint8 *) BLOCK_HEAD, BLOCK_HEAD_BYTES);
  put_element (to, CLUSTER, inside->len + size);
  g_byte_array_append (to, inside->data, inside->len);
  g_byte_array_unref (inside);
}
