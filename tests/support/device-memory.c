/* device-memory.c -- a test backend whose memory is inaccessible to the host, like a GPU's. The memory is mapped
 * separately, and protected except inside calls of the backend. Code above the backend that reads or writes it crashes.
 * Computes with the processor's fastest backend, but lacks some ops. Built into the library with -Ddevice-memory=true,
 * as its first backend. */
#include "backend/backend.h"
#include "base/system.h"
#include <sys/mman.h>
#include <unistd.h>

/* ---- memory ------------------------------------------------------------------------------------------------------ */

/* Header of a mapping, in an accessible page before it. */
typedef struct {
  gsize bytes; /* size of the mapping, whole pages */
  gboolean open;
} Head;

static gsize
page_bytes (void)
{
  return (gsize) sysconf (_SC_PAGESIZE);
}

static Head *
head_of (void *address)
{
  return (Head *) (void *) ((guint8 *) address - page_bytes ());
}

static void *
far_alloc (gsize bytes, const char *what, GError **error)
{
  gsize page = page_bytes (), whole = (bytes / page + 1) * page;
  guint8 *base =
    whole < bytes ? MAP_FAILED : mmap (NULL, page + whole, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (base == MAP_FAILED) {
    g_set_error (error, RV_ERROR, RV_ERROR_MEMORY, "out of memory: %s needs %" G_GSIZE_FORMAT " bytes", what, bytes);
    return NULL;
  }
  *(Head *) (void *) base = (Head){ .bytes = whole };
  mprotect (base + page, whole, PROT_NONE);
  return base + page;
}

static void
far_free (void *address)
{
  if (address)
    munmap (head_of (address), page_bytes () + head_of (address)->bytes);
}

static void
open_mapping (void *address, gboolean open)
{
  Head *head = address ? head_of (address) : NULL;
  if (!head || head->open == open)
    return;
  mprotect (address, head->bytes, open ? PROT_READ | PROT_WRITE : PROT_NONE);
  head->open = open;
}

static void
open_memory (RvExecutable *executable, gboolean open)
{
  open_mapping (executable->arena, open);
  open_mapping (executable->scratch, open);
  open_mapping (executable->constants, open);
}

static gboolean
far_upload (RvExecutable *executable, int value, const void *data, GError **error)
{
  open_memory (executable, TRUE);
  gboolean ok = rv__host_memory.upload (executable, value, data, error);
  open_memory (executable, FALSE);
  return ok;
}

static gboolean
far_download (RvExecutable *executable, int value, void *data, GError **error)
{
  open_memory (executable, TRUE);
  gboolean ok = rv__host_memory.download (executable, value, data, error);
  open_memory (executable, FALSE);
  return ok;
}

static gboolean
far_synchronize (RvExecutable *executable, GError **error)
{
  open_memory (executable, FALSE);
  return TRUE;
}

static const RvMemoryClass far_memory = {
  .alloc = far_alloc,
  .free = far_free,
  .upload = far_upload,
  .download = far_download,
  .synchronize = far_synchronize,
  .free_bytes = rv__system_free_bytes,
};

/* ---- computation ------------------------------------------------------------------------------------------------- */

/* Backend that computes: the second of the list. The first one is this test backend. */
static const RvBackendClass *
near (void)
{
  int n;
  return rv__backend_list (&n)[1];
}

static gboolean
far_supports (const RvExecutable *executable, int step)
{
  switch (rv__program_call (executable->program, step)->kind) {
  case RV_OP_RESIZE:
  case RV_OP_BEST_MATCH:
  case RV_OP_TOTAL_VARIATION:
  case RV_OP_TOTAL_VARIATION_BACKWARD:
    return FALSE;
  default:
    return TRUE;
  }
}

static gboolean
far_compile (RvExecutable *executable, GError **error)
{
  return !near ()->compile || near ()->compile (executable, error);
}

static gboolean
far_bind (RvExecutable *executable, GError **error)
{
  open_memory (executable, TRUE);
  gboolean ok = !near ()->bind || near ()->bind (executable, error);
  open_memory (executable, FALSE);
  return ok;
}

/* The memory stays open until far_synchronize(). */
static gboolean
far_run (RvExecutable *executable, int step, GError **error)
{
  open_memory (executable, TRUE);
  return near ()->run (executable, step, error);
}

static void
far_close (RvExecutable *executable)
{
  if (near ()->close)
    near ()->close (executable);
}

static gboolean
far_has_bf16 (void)
{
  return near ()->has_bf16 && near ()->has_bf16 ();
}

static char *
far_describe (void)
{
  return near ()->describe ? near ()->describe () : g_strdup (near ()->summary);
}

const RvBackendClass rv__backend_far = {
  .name = "far",
  .summary = "for tests: memory that the host may not touch",
  .memory = &far_memory,
  .supports = far_supports,
  .compile = far_compile,
  .bind = far_bind,
  .run = far_run,
  .has_bf16 = far_has_bf16,
  .describe = far_describe,
  .close = far_close,
};
