/* alloc.h -- big buffers: checked sizes, allocations that fail with an error, one arena for a whole run.
 * Layer 0 (base). For pictures, activations and weights. Small objects use g_new, which aborts without memory. */
#pragma once

#include <reverie/error.h>

/* 64 bytes: a cache line, and the widest vector register. */
#define RV_ALIGN_BYTES 64

/* @bytes rounded up to a multiple of RV_ALIGN_BYTES: the offset of the next buffer. */
static inline gsize
rv__aligned (gsize bytes)
{
  return (bytes + RV_ALIGN_BYTES - 1) / RV_ALIGN_BYTES * RV_ALIGN_BYTES;
}

/* Multiplies *size by @factor. FALSE, without an error and with *size undefined, if the product does not fit a
 * gsize. */
gboolean rv__size_mul (gsize *size, guint64 factor);

/* (transfer full) (nullable): @bytes of zeroed memory, 0 or more, aligned to RV_ALIGN_BYTES; free with rv__free().
 * @what names the buffer in the message. NULL and RV_ERROR_MEMORY without enough memory. Any thread. */
void *rv__alloc (gsize bytes, const char *what, GError **error);
/* Frees a buffer of rv__alloc(), and no other. Does nothing for NULL. Any thread. */
void rv__free (void *buffer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (guint8, rv__free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (float, rv__free)

/* Address space of one thread's stack: the usual limit of Linux. */
#define RV_STACK_BYTES ((gsize) 8 << 20)

/* Tests whether the address space has room for @n_bytes, 1 or more, and keeps nothing. Does not test free memory. For
 * libraries that abort without room: oneDNN's generated code, threads' stacks. FALSE and RV_ERROR_MEMORY if not. */
gboolean rv__alloc_probe (gsize n_bytes, GError **error);

/* One buffer, as a row of a table: a planner adds up the bytes of all rows, and a runner allocates the buffers. */
typedef struct {
  void *at;         /* address of the pointer to the buffer, of any type; NULL: other code allocates the memory */
  gint64 bytes;     /* 0: no buffer; below 0: memory that other code frees */
  const char *what; /* static */
  int first, last;  /* first and last phase with the buffer */
} RvBuffer;

/* (transfer full): a table (GArray) with copies of @n rows, to which RvBuffer may be appended. Allocates no buffers.
 * Its g_array_unref() frees the buffers of all rows, too, and sets their pointers to NULL: the pointers must live
 * until then. Cannot fail. */
GArray *rv__buffers_new (const RvBuffer *rows, guint n);
/* Sum of RvBuffer.bytes in that phase from @first to @last that has the largest sum, also of rows whose `at` is NULL.
 * Negative ones are subtracted, and must last to the last phase. Bytes, 0 or more. Allocates nothing. Cannot fail. */
gsize rv__buffers_peak (const GArray *buffers, int first, int last);
/* Frees the buffers of rows that do not belong to @phase and sets their pointers to NULL. Allocates the missing buffers
 * of rows that do, zeroed; existing ones keep their contents. Skips rows without a pointer or bytes. After an error
 * the buffers allocated so far stay. */
gboolean rv__buffers_enter (GArray *buffers, int phase, GError **error);

/* Makes only the @n-th call of rv__alloc() from now fail, on any thread (1: the next; 0: none). For tests. */
void rv__alloc_fail_at (int n);

/* One buffer of a run: its size and lifetime. */
typedef struct {
  gsize bytes;
  int first, last; /* steps, both included */
  gsize offset;    /* out: from the start of the arena */
} RvArenaItem;

/* Sets RvArenaItem.offset, a multiple of RV_ALIGN_BYTES, so that items alive at the same step do not overlap. Allocates
 * nothing. Returns the arena's size in bytes. Cannot fail. */
gsize rv__arena_assign_offsets (RvArenaItem *items, int n_items);
/* Frees the NULL-terminated array @planes (nullable), by g_free(), and its planes, by rv__free(). */
void rv__free_planes (float **planes);
