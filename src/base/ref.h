/* ref.h -- reference counting. Layer 0 (base). */
#pragma once

#include <glib.h>

/* Defines the functions @ref and @unref. @ref adds a reference and returns its argument. @unref removes a reference and
 * calls @free_last after the last one; it does nothing for NULL. @Type has the member `gint ref_count`. */
#define RV_DEFINE_REF(Type, ref, unref, free_last)                                                                     \
  Type *ref (Type *counted)                                                                                            \
  {                                                                                                                    \
    g_atomic_int_inc (&counted->ref_count);                                                                            \
    return counted;                                                                                                    \
  }                                                                                                                    \
  void unref (Type *counted)                                                                                           \
  {                                                                                                                    \
    if (counted && g_atomic_int_dec_and_test (&counted->ref_count))                                                    \
      free_last (counted);                                                                                             \
  }
