/* stored-zip.c -- the directory of a zip archive (PKWARE's APPNOTE 6.3, sections 4.3 and 4.5.3).
 *
 *   end of central directory, within the last 64 KB   "PK\5\6": entries u16 at 10, size u32 at 12, offset u32 at 16
 *   its 64-bit form, if a number above is all ones    "PK\6\6": entries u64 at 32, size u64 at 40, offset u64 at 48;
 *   its locator, 20 bytes before the end              "PK\6\7": offset u64 at 8
 *   entry of the directory                            "PK\1\2": flags u16 at 8, method u16 at 10, sizes u32 at 20, 24,
 *                                                     lengths of name, extra and comment u16 at 28, 30, 32, offset u32
 *                                                     at 42, name at 46; an extra field 1 holds, as u64, the numbers
 *                                                     that are all ones
 *   local header, before the data                     "PK\3\4": lengths of name and extra u16 at 26, 28; 30 bytes
 */
#include "stored-zip.h"
#include <string.h>

#define END_BYTES 22
#define LOCATOR_BYTES 20
#define END64_BYTES 56
#define ENTRY_BYTES 46
#define LOCAL_BYTES 30
#define MAX_COMMENT_BYTES 65535
#define SEARCHED_BYTES 65536
#define ALL_ONES_16 0xFFFFu
#define ALL_ONES_32 0xFFFFFFFFu
#define ENCRYPTED 1u
#define EXTRA_64 1

gboolean
rv__stored_zip_may_have (const guint8 *data, gsize size, const char *name)
{
  gsize from = size > SEARCHED_BYTES ? size - SEARCHED_BYTES : 0;
  return size > 4 && memcmp (data, "PK\3\4", 4) == 0 && memmem (data + from, size - from, name, strlen (name));
}

static guint
u16 (const guint8 *at)
{
  return at[0] | (guint) at[1] << 8;
}

static guint64
u32 (const guint8 *at)
{
  return u16 (at) | (guint64) u16 (at + 2) << 16;
}

static guint64
u64 (const guint8 *at)
{
  return u32 (at) | u32 (at + 4) << 32;
}

/* Whether @wanted bytes from byte @start on lie inside @size bytes; safe for any numbers. */
static gboolean
fits (gsize size, guint64 start, guint64 wanted)
{
  return start <= size && wanted <= size - start;
}

/* Finds the central directory of the archive @data, also in 64-bit form: *start: its first byte, *bytes: its size,
 * *n_entries: as the archive says, not checked. FALSE, all undefined: missing, or outside the file. */
static gboolean
find_directory (const guint8 *data, gsize size, guint64 *start, guint64 *bytes, guint64 *n_entries)
{
  const guint8 *end = NULL; /* the one nearest to the end of @data */
  for (gsize back = END_BYTES; !end && back <= size && back <= END_BYTES + MAX_COMMENT_BYTES; back++)
    end = memcmp (data + size - back, "PK\5\6", 4) == 0 ? data + size - back : NULL;
  if (!end)
    return FALSE;
  *n_entries = u16 (end + 10);
  *bytes = u32 (end + 12);
  *start = u32 (end + 16);
  if (*n_entries == ALL_ONES_16 || *bytes == ALL_ONES_32 || *start == ALL_ONES_32) {
    gsize at = (gsize) (end - data);
    if (at < LOCATOR_BYTES || memcmp (end - LOCATOR_BYTES, "PK\6\7", 4) != 0)
      return FALSE;
    guint64 end64 = u64 (end - LOCATOR_BYTES + 8);
    if (!fits (size, end64, END64_BYTES) || memcmp (data + end64, "PK\6\6", 4) != 0)
      return FALSE;
    *n_entries = u64 (data + end64 + 32);
    *bytes = u64 (data + end64 + 40);
    *start = u64 (data + end64 + 48);
  }
  return fits (size, *start, *bytes);
}

/* Replaces those of the @n numbers *numbers[0] ... that are all ones (32 bits), in order, by the 64-bit numbers in an
 * entry's @extra fields. Without such a field they stay. FALSE: the field has too few bytes; some are replaced. */
static gboolean
read_extra (const guint8 *extra, gsize size, guint64 *const numbers[], int n)
{
  for (gsize at = 0; at + 4 <= size; at += 4 + u16 (extra + at + 2)) {
    gsize field = u16 (extra + at + 2), used = 0;
    if (u16 (extra + at) != EXTRA_64 || !fits (size, at + 4, field))
      continue;
    for (int i = 0; i < n; i++)
      if (*numbers[i] == ALL_ONES_32) {
        if (used + 8 > field)
          return FALSE;
        *numbers[i] = u64 (extra + at + 4 + used);
        used += 8;
      }
  }
  return TRUE;
}

/* Adds the member of the directory's entry at @at, in the archive @data, to @members, by its name, unless it is
 * compressed or encrypted: then sets *is_packed (inout). @left: bytes of the directory from there. Returns the entry's
 * length in bytes; 0 if it is damaged. */
static gsize
read_entry (const guint8 *data, gsize size, const guint8 *at, gsize left, GHashTable *members, gboolean *is_packed)
{
  if (left < ENTRY_BYTES || memcmp (at, "PK\1\2", 4) != 0)
    return 0;
  gsize name = u16 (at + 28), extra = u16 (at + 30), all = ENTRY_BYTES + name + extra + u16 (at + 32);
  guint64 stored = u32 (at + 20), unpacked = u32 (at + 24), local = u32 (at + 42);
  if (all > left || !read_extra (at + ENTRY_BYTES + name, extra, (guint64 *[]){ &unpacked, &stored, &local }, 3))
    return 0;
  if (u16 (at + 8) & ENCRYPTED || u16 (at + 10) != 0 || stored != unpacked) {
    *is_packed = TRUE;
    return all;
  }
  if (!fits (size, local, LOCAL_BYTES) || memcmp (data + local, "PK\3\4", 4) != 0)
    return 0;
  guint64 start = local + LOCAL_BYTES + u16 (data + local + 26) + u16 (data + local + 28);
  if (!fits (size, start, stored))
    return 0;
  RvZipMember *member = g_new (RvZipMember, 1);
  *member = (RvZipMember){ (gsize) start, (gsize) stored };
  g_hash_table_insert (members, g_strndup ((const char *) at + ENTRY_BYTES, name), member);
  return all;
}

GHashTable *
rv__stored_zip_open (const guint8 *data, gsize size, const char **problem)
{
  guint64 start, bytes, n_entries;
  gboolean is_packed = FALSE;
  *problem = "its directory is missing";
  if (!find_directory (data, size, &start, &bytes, &n_entries))
    return NULL;
  g_autoptr (GHashTable) members = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  gsize left = (gsize) bytes;
  *problem = "its directory is damaged";
  for (guint64 i = 0; i < n_entries; i++) {
    gsize used = read_entry (data, size, data + start + (bytes - left), left, members, &is_packed);
    if (used == 0)
      return NULL;
    left -= used;
  }
  *problem = is_packed ? "its members are compressed or encrypted" : NULL;
  return g_steal_pointer (&members);
}
