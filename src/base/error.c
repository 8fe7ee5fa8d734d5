/* error.c -- the error domain. */
#include <reverie/error.h>

GQuark
rv_error_quark (void)
{
  return g_quark_from_static_string ("reverie-error-quark");
}
