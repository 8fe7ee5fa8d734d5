/* alloc.h -- big buffers: sizes that cannot overflow, allocations that fail as an error, one arena for a whole run.
 * Layer 0 (base). Small objects use g_new, which aborts when a few bytes are missing; pictures, activations and weights
 * use this. */
#ifndef RV_ALLOC_H
#define RV_ALLOC_H

#include <reverie/error.h>

/* 64 bytes: a cache line, and the widest vector register. */
#define RV_ALIGN_BYTES 64

/* rv__aligned: @bytes rounded up to RV_ALIGN_BYTES: where the next of several buffers begins. */
static inline gsize
rv__aligned (gsize bytes)
{
  return (bytes + RV_ALIGN_BYTES - 1) / RV_ALIGN_BYTES * RV_ALIGN_BYTES;
}

/* rv__size_mul: *size *= factor; FALSE when that would not fit a gsize. */
gboolean rv__size_mul (gsize *size, guint64 factor);

/* rv__alloc: (transfer full): @bytes of zeroed memory, aligned to RV_ALIGN_BYTES; free with rv__free().
 * @what names the buffer in the message. NULL and RV_ERROR_MEMORY when it cannot be had. */
void *rv__alloc (gsize bytes, const char *what, GError **error);
void rv__free (void *buffer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (guint8, rv__free)

/* Addresses that a thread's stack takes, as systems give it. */
#define RV_STACK_BYTES ((gsize) 8 << 20)

/* rv__alloc_spare: whether @n_bytes could be had besides what is held, for what libraries allocate unasked and die
 * without: oneDNN's code, threads' stacks. FALSE and RV_ERROR_MEMORY when not; nothing is kept. */
gboolean rv__alloc_spare (gsize n_bytes, GError **error);

/* Returns an empty table of buffers: a runner takes the rows whose bytes a planner adds up. (transfer full): its
 * g_array_unref() frees the buffers as well. */
GArray *rv__buffers_new (void);
/* Adds a row: @bytes for @what, there from phase @first to phase @last; no row for 0 bytes. @at: (nullable): address of
 * the pointer to the buffer; NULL: others take the memory, or give it back where @bytes is below 0. */
void rv__buffers_add (GArray *buffers, void *at, gint64 bytes, const char *what, int first, int last);
/* Returns the bytes of the phase that takes most. */
gsize rv__buffers_peak (const GArray *buffers);
/* Frees the buffers that do not belong to @phase and takes those that do. RV_ERROR_MEMORY. */
gboolean rv__buffers_enter (GArray *buffers, int phase, GError **error);

/* rv__alloc_fail_at: for tests: the @n-th rv__alloc() from now fails (1 is the next; 0 turns this off). */
void rv__alloc_fail_at (int n);

/* One buffer of a run: how big, and during which steps it holds something. */
typedef struct {
  gsize bytes;
  int first, last; /* steps, both included */
  gsize offset;    /* out: where it lies in the arena */
} RvArenaItem;

/* rv__arena_place: gives every item an offset so that no two items alive at the same step overlap.
 * Returns: the arena's size in bytes. Can't fail. */
gsize rv__arena_place (RvArenaItem *items, int n_items);

#endif
