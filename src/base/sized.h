/* sized.h -- public structs of the size that a program was built with (rule: include/reverie/reverie.h).
 * Layer 0 (base). */
#pragma once

#include <glib.h>
#include <string.h>

/* Copies the bytes that both structs have, the smaller of @to_bytes and @from_bytes, and sets the rest of @to to 0.
 * @from NULL: all 0. */
static inline void
rv__sized_copy (gpointer to, gsize to_bytes, gconstpointer from, gsize from_bytes)
{
  gsize both = from ? MIN (to_bytes, from_bytes) : 0;
  if (both > 0)
    memcpy (to, from, both);
  memset ((char *) to + both, 0, to_bytes - both);
}
