/* alloc.c -- big buffers and the arena.
 *
 * The arena assigns offsets to buffers with known lifetimes, biggest first. Each gets the lowest offset where it
 * overlaps no buffer alive at the same time: "greedy by size", Pisarchyk and Lee 2020, "Efficient Memory Management for
 * Deep Neural Net Inference", section 4.2. The peak then stays near the largest sum of bytes alive at one step. */
#include "alloc.h"
#include "base/error.h"
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#ifdef __has_feature /* Clang has this instead of __SANITIZE_ADDRESS__ */
#define RV_HAS_FEATURE(name) __has_feature (name)
#else
#define RV_HAS_FEATURE(name) 0
#endif

/* Buffers of this size or more are mappings of their own: zeroed by the system, returned to it when freed, on 2 MB
 * pages if possible. AddressSanitizer checks malloc only: with it, all buffers come from malloc. */
#if defined __SANITIZE_ADDRESS__ || RV_HAS_FEATURE(address_sanitizer)
#define MAP_BYTES G_MAXSIZE
#else
#define MAP_BYTES ((gsize) 1 << 20)
#endif

/* Header before every buffer, RV_ALIGN_BYTES long. */
typedef struct {
  gsize mapped_bytes; /* 0: from malloc */
} Head;

static gint fail_countdown;

void
rv__alloc_fail_at (int n)
{
  g_atomic_int_set (&fail_countdown, n);
}

gboolean
rv__size_mul (gsize *size, guint64 factor)
{
  return !__builtin_mul_overflow (*size, factor, size);
}

/* (transfer full) (nullable): a mapping of @bytes zeroed bytes, Head included, with mapped_bytes set. NULL: no memory.
 */
static guint8 *
map_zeroed (gsize bytes)
{
  guint8 *memory = mmap (NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED)
    return NULL;
  madvise (memory, bytes, MADV_HUGEPAGE);
  ((Head *) (void *) memory)->mapped_bytes = bytes;
  return memory;
}

/* (transfer full) (nullable): @bytes zeroed bytes from malloc, Head included, aligned to RV_ALIGN_BYTES. NULL: no
 * memory. */
static guint8 *
malloc_zeroed (gsize bytes)
{
  void *memory = NULL;
  if (posix_memalign (&memory, RV_ALIGN_BYTES, bytes) != 0)
    return NULL;
  memset (memory, 0, bytes);
  return memory;
}

void *
rv__alloc (gsize bytes, const char *what, GError **error)
{
  gboolean refused = g_atomic_int_get (&fail_countdown) > 0 && g_atomic_int_dec_and_test (&fail_countdown);
  guint8 *memory = NULL;

  if (!refused && bytes < G_MAXSSIZE)
    memory = bytes >= MAP_BYTES ? map_zeroed (bytes + RV_ALIGN_BYTES) : malloc_zeroed (bytes + RV_ALIGN_BYTES);
  if (memory)
    return memory + RV_ALIGN_BYTES;
  g_autofree char *size = g_format_size (bytes);
  return rv__error_null (error, RV_ERROR_MEMORY, "out of memory: %s needs %s; a smaller picture or batch needs less",
                         what, size);
}

gboolean
rv__alloc_probe (gsize n_bytes, GError **error)
{
  void *probe = mmap (NULL, n_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (probe != MAP_FAILED)
    return munmap (probe, n_bytes) == 0;
  g_autofree char *size = g_format_size (n_bytes);
  return rv__error_set (error, RV_ERROR_MEMORY, "out of memory: the libraries need another %s", size);
}

void
rv__free (void *buffer)
{
  if (!buffer)
    return;
  guint8 *memory = (guint8 *) buffer - RV_ALIGN_BYTES;
  gsize mapped_bytes = ((Head *) (void *) memory)->mapped_bytes;
  if (mapped_bytes)
    munmap (memory, mapped_bytes);
  else
    free (memory);
}

/* ---- tables ------------------------------------------------------------------------------------------------------ */

/* The buffer of @row, whose `at` is not NULL; NULL: not allocated. Owned by the row. */
static void *
get_buffer (const RvBuffer *row)
{
  void *buffer;
  memcpy (&buffer, row->at, sizeof buffer);
  return buffer;
}

/* Frees the buffer of @row and sets its pointer to @buffer (nullable), which the row then owns. */
static void
set_buffer (const RvBuffer *row, void *buffer)
{
  rv__free (get_buffer (row));
  memcpy (row->at, &buffer, sizeof buffer);
}

static void
clear_row (gpointer data)
{
  const RvBuffer *row = data;
  if (row->at && row->bytes > 0)
    set_buffer (row, NULL);
}

GArray *
rv__buffers_new (const RvBuffer *rows, guint n)
{
  GArray *buffers = g_array_new (FALSE, FALSE, sizeof (RvBuffer));
  g_array_set_clear_func (buffers, clear_row);
  return g_array_append_vals (buffers, rows, n);
}

gsize
rv__buffers_peak (const GArray *buffers, int first, int last)
{
  gint64 peak = 0;
  for (guint i = 0; i < buffers->len; i++) {
    int phase = MAX (g_array_index (buffers, RvBuffer, i).first, first); /* the sum rises only where a row begins */
    gint64 sum = 0;
    for (guint k = 0; k < buffers->len && phase <= last; k++) {
      const RvBuffer *row = &g_array_index (buffers, RvBuffer, k);
      sum += row->first <= phase && phase <= row->last ? row->bytes : 0;
    }
    peak = MAX (peak, sum);
  }
  return (gsize) peak;
}

gboolean
rv__buffers_enter (GArray *buffers, int phase, GError **error)
{
  for (guint i = 0; i < buffers->len; i++) {
    const RvBuffer *row = &g_array_index (buffers, RvBuffer, i);
    gboolean belongs = row->first <= phase && phase <= row->last;
    if (!row->at || row->bytes <= 0 || belongs == (get_buffer (row) != NULL))
      continue;
    set_buffer (row, belongs ? rv__alloc ((gsize) row->bytes, row->what, error) : NULL);
    if (belongs && !get_buffer (row))
      return FALSE;
  }
  return TRUE;
}

/* ---- the arena --------------------------------------------------------------------------------------------------- */

/* Comparison for qsort() of RvArenaItem pointers: more bytes first, then by address. */
static int
bigger_first (const void *a, const void *b)
{
  const RvArenaItem *x = *(RvArenaItem *const *) a, *y = *(RvArenaItem *const *) b;
  if (x->bytes != y->bytes)
    return x->bytes > y->bytes ? -1 : 1;
  return x < y ? -1 : x > y; /* a fixed order: the same addresses every time */
}

/* Comparison for qsort() of RvArenaItem pointers: the lower offset first. */
static int
lower_first (const void *a, const void *b)
{
  const RvArenaItem *x = *(RvArenaItem *const *) a, *y = *(RvArenaItem *const *) b;
  return x->offset < y->offset ? -1 : x->offset > y->offset;
}

gsize
rv__arena_assign_offsets (RvArenaItem *items, int n_items)
{
  g_autofree RvArenaItem **order = g_new (RvArenaItem *, n_items + 1);
  g_autofree RvArenaItem **alive = g_new (RvArenaItem *, n_items + 1);
  gsize size = 0;

  for (int i = 0; i < n_items; i++)
    order[i] = &items[i];
  qsort (order, n_items, sizeof *order, bigger_first);

  for (int i = 0; i < n_items; i++) {
    RvArenaItem *item = order[i];
    int n_alive = 0;
    gsize offset = 0;

    for (int j = 0; j < i; j++)
      if (order[j]->bytes > 0 && order[j]->first <= item->last && item->first <= order[j]->last)
        alive[n_alive++] = order[j];
    qsort (alive, n_alive, sizeof *alive, lower_first);

    for (int j = 0; j < n_alive && alive[j]->offset < offset + item->bytes; j++) {
      gsize end = alive[j]->offset + alive[j]->bytes;
      offset = MAX (offset, rv__aligned (end));
    }
    item->offset = offset;
    size = MAX (size, offset + item->bytes);
  }
  return size;
}

void
rv__free_planes (float **planes)
{
  for (int i = 0; planes && planes[i]; i++)
    rv__free (planes[i]);
  g_free (planes);
}
