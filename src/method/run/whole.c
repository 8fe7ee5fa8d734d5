/* whole.c -- what ranks hold parts of, as the first of them wants the whole. */
#include "method/run/whole.h"
#include "tensor/tensor-file.h"
#include <string.h>

gboolean
rv__whole_serve (const RvWhole *whole, const RvAsked *asked, GError **error)
{
  return rv__parts_bind (whole->parts, error) &&
         rv__parts_gather (whole->parts, whole->array, asked->from, asked->end, NULL, error);
}

gboolean
rv__whole_read (const RvWhole *whole, gint64 from, gint64 end, float *out, GError **error)
{
  RvAsked asked = { whole->which, from, end };
  if (!rv__parts_are_shared (whole->parts)) {
    memcpy (out, whole->array + from, (gsize) (end - from) * sizeof (float));
    return TRUE;
  }
  if (!rv__run_is_first (whole->run)) {
    g_set_error_literal (error, RV_ERROR, RV_ERROR_SETTING,
                         "several ranks share this picture, and the first alone sees the whole of it");
    return FALSE;
  }
  return rv__parts_bind (whole->parts, error) && /* before anybody is asked to send */
         rv__run_ask (whole->run, &asked, error) &&
         rv__parts_gather (whole->parts, whole->array, from, end, out, error);
}

static gboolean
read_bytes (gpointer user_data, gsize from, gsize size, void *to, GError **error)
{
  gint64 first = (gint64) (from / sizeof (float)), n = (gint64) (size / sizeof (float));
  return rv__whole_read (user_data, first, first + n, to, error);
}

RvTensor *
rv__whole_tensor (const RvWhole *whole, const RvShape *shape)
{
  if (rv__parts_are_shared (whole->parts))
    return rv__tensor_new_elsewhere (RV_F32, shape, read_bytes, g_memdup2 (whole, sizeof *whole), g_free);
  g_autoptr (GBytes) bytes = g_bytes_new_static (whole->array, (gsize) rv_shape_count (shape) * sizeof (float));
  return rv_tensor_new_from_bytes (RV_F32, shape, bytes, NULL);
}
