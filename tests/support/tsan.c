/* tsan.c -- makes GLib's locks visible to ThreadSanitizer. libglib is not instrumented and uses futexes:
 * ThreadSanitizer would report all data under a lock. Functions of a program take precedence over a library's: Reverie
 * and libvips call the functions of this file. */
#include <dlfcn.h>
#include <glib.h>

void __tsan_acquire (void *what); /* runtime of ThreadSanitizer: all code before the release ran before this call */
void __tsan_release (void *what);

/* GLib's own function. Looked up at each call: threads would share a cached pointer without a lock. */
#define LIBRARY(name) ((__typeof__ (&(name))) dlsym (RTLD_NEXT, #name))

void
g_mutex_lock (GMutex *mutex)
{
  LIBRARY (g_mutex_lock) (mutex);
  __tsan_acquire (mutex);
}

void
g_mutex_unlock (GMutex *mutex)
{
  __tsan_release (mutex);
  LIBRARY (g_mutex_unlock) (mutex);
}

void
g_cond_wait (GCond *cond, GMutex *mutex)
{
  __tsan_release (mutex);
  LIBRARY (g_cond_wait) (cond, mutex);
  __tsan_acquire (mutex);
}

gboolean
g_cond_wait_until (GCond *cond, GMutex *mutex, gint64 end_us)
{
  __tsan_release (mutex);
  gboolean signalled = LIBRARY (g_cond_wait_until) (cond, mutex, end_us);
  __tsan_acquire (mutex);
  return signalled;
}

/* The context itself; NULL: the default context. Stands for GLib's lock of the context, which ThreadSanitizer cannot
 * see: one thread attaches sources, another removes them. */
static GMainContext *
context_of (GMainContext *context)
{
  return context ? context : g_main_context_default ();
}

guint
g_source_attach (GSource *source, GMainContext *context)
{
  __tsan_acquire (context_of (context));
  guint id = LIBRARY (g_source_attach) (source, context);
  __tsan_release (context_of (context));
  return id;
}

/* (transfer container): file descriptors that the context polls, after g_main_context_prepare(). */
static GArray *
files_of (GMainContext *context, int priority, int *timeout_ms)
{
  GArray *files = g_array_new (FALSE, FALSE, sizeof (GPollFD));
  guint n = (guint) g_main_context_query (context, priority, timeout_ms, NULL, 0);
  g_array_set_size (files, n);
  guint n_now = (guint) g_main_context_query (context, priority, timeout_ms, (GPollFD *) files->data, (int) n);
  g_array_set_size (files, MIN (n, n_now));
  return files;
}

/* Iterates with GLib's public functions: prepare, query, check, dispatch. Dispatched sources were attached before the
 * check. */
gboolean
g_main_context_iteration (GMainContext *context, gboolean may_block)
{
  GMainContext *own = context_of (context);
  int priority, timeout_ms;
  if (!g_main_context_acquire (own))
    return FALSE;
  g_main_context_prepare (own, &priority);
  g_autoptr (GArray) files = files_of (own, priority, &timeout_ms);
  g_poll ((GPollFD *) files->data, files->len, may_block ? timeout_ms : 0);
  gboolean ready = g_main_context_check (own, priority, (GPollFD *) files->data, (int) files->len);
  __tsan_acquire (own);
  g_main_context_dispatch (own);
  __tsan_release (own);
  g_main_context_release (own);
  return ready;
}

/* GLib also has macros of these names, which the parentheses disable here. The macros read the location before the
 * call, atomically: ThreadSanitizer sees this read. */
gboolean (g_once_init_enter) (volatile void *location)
{
  gboolean enter = LIBRARY (g_once_init_enter) (location);
  if (!enter)
    __tsan_acquire ((void *) location);
  return enter;
}

void (g_once_init_leave) (volatile void *location, gsize result)
{
  __tsan_release ((void *) location);
  LIBRARY (g_once_init_leave) (location, result);
}
