/* tsan.c -- GLib's locks as ThreadSanitizer has to see them. libglib is not built with it and waits by futexes of its
 * own, so all that a lock protects would be called a race. A program's functions come before a library's of the same
 * name: these are called by our code, and by libvips for its own. */
#include <dlfcn.h>
#include <glib.h>

void __tsan_acquire (void *what); /* of its runtime: what happened before the release happened before this */
void __tsan_release (void *what);

/* The library's own function. Looked up each time: a variable to keep it in would be shared without a lock. */
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

/* What one thread hangs into a context is taken down by another, under GLib's own lock. */
guint
g_source_attach (GSource *source, GMainContext *context)
{
  __tsan_acquire (context);
  guint id = LIBRARY (g_source_attach) (source, context);
  __tsan_release (context);
  return id;
}

/* Both are macros as well, whose look before the call is an atomic read that ThreadSanitizer knows. */
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
