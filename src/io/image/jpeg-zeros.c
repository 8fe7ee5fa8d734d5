/* jpeg-zeros.c -- finds sectors of zeros in a JPEG, as a failing disk or an unfinished copy leaves them.
 *
 * A Huffman code of zero bits only is the first symbol of its table (ITU-T T.81, annex C). A long run of zeros is valid
 * data only if this symbol changes nothing: a difference of 0, or no further coefficients. Flat pictures have such
 * runs. */
#include "io/image/jpeg-zeros.h"
#include <string.h>

#define SECTOR_BYTES 512

enum { SOF2 = 0xc2, DHT = 0xc4, SOF15 = 0xcf, EOI = 0xd9, SOS = 0xda };

/* Position from @at on of the next marker that is no restart, or @size. */
static gsize
next_marker (const guint8 *data, gsize size, gsize at)
{
  const guint8 *found;
  for (; at + 1 < size && (found = memchr (data + at, 0xff, size - at - 1)); at++) {
    at = (gsize) (found - data);
    if (data[at + 1] != 0 && data[at + 1] != 0xff && (data[at + 1] & 0xf8) != 0xd0)
      return at;
  }
  return size;
}

/* Reads the first symbol of each DC (0) and AC (1) Huffman table in a DHT segment into @first[class][table]. Other
 * entries stay. */
static void
read_tables (const guint8 *segment, gsize length, guint8 first[2][4])
{
  while (length > 17) {
    gsize n = 0;
    for (int i = 1; i <= 16; i++)
      n += segment[i];
    if (n > 0)
      first[segment[0] >> 4 & 1][segment[0] & 3] = segment[17];
    if (length < 17 + n)
      return;
    segment += 17 + n, length -= 17 + n;
  }
}

/* Whether a scan of zeros is a valid flat picture. @segment: the scan's header; @first: from read_tables(). TRUE also
 * for a damaged header, which libjpeg reports. */
static gboolean
zeros_are_flat (const guint8 *segment, gsize length, gboolean progressive, guint8 first[2][4])
{
  gsize n = length > 0 ? segment[0] : 0;
  if (length < 2 * n + 4)
    return TRUE; /* an error for libjpeg */
  gboolean has_dc = !progressive || (segment[2 * n + 1] == 0 && segment[2 * n + 3] >> 4 == 0);
  gboolean has_ac = !progressive || segment[2 * n + 2] > 0;
  for (gsize i = 0; i < n; i++) {
    guint8 tables = segment[2 * i + 2];
    if ((has_dc && first[0][tables >> 4 & 3] != 0) || (has_ac && (first[1][tables & 3] & 15) != 0))
      return FALSE;
  }
  return TRUE;
}

/* Length of the first run of at least SECTOR_BYTES zeros, or 0. Such a run covers at least one of the tested bytes. */
static gsize
zero_run_bytes (const guint8 *data, gsize size)
{
  for (gsize i = SECTOR_BYTES - 1; i < size; i += SECTOR_BYTES) {
    gsize first = i, end = i;
    while (end < size && data[end] == 0)
      end++;
    while (end > i && first > 0 && data[first - 1] == 0)
      first--;
    if (end - first >= SECTOR_BYTES)
      return end - first;
  }
  return 0;
}

gsize
rv__jpeg_zeros (const guint8 *data, gsize size)
{
  guint8 first[2][4] = { { 0, 0, 0, 0 }, { 1, 1, 1, 1 } }; /* annex K, for files without tables */
  gboolean progressive = FALSE;
  for (gsize at = next_marker (data, size, 2); at + 4 <= size && data[at + 1] != EOI;
       at = next_marker (data, size, at)) {
    guint8 marker = data[at + 1];
    gsize length = (gsize) data[at + 2] << 8 | data[at + 3];
    if (length < 2 || length > size - at - 2)
      return 0;
    const guint8 *segment = data + at + 4;
    progressive |= marker == SOF2;
    if (marker == DHT)
      read_tables (segment, length - 2, first);
    else if (marker > SOF2 && marker <= SOF15) /* lossless, hierarchical or arithmetic coding */
      return 0;
    at += 2 + length;
    if (marker != SOS || zeros_are_flat (segment, length - 2, progressive, first))
      continue;
    gsize run = zero_run_bytes (data + at, next_marker (data, size, at) - at);
    if (run > 0)
      return run;
  }
  return 0;
}
