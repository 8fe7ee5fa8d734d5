/* host-memory.c -- memory class of backends that compute on the processor: host memory. */
#include "backend.h"
#include "tensor/type.h"
#include <string.h>

/* ---- between layouts --------------------------------------------------------------------------------------------- */

/* Copies channel @plane, counted over all pictures, from @from to @to, the same shape in another layout. */
static void
reorder_plane (const RvView *from, const RvView *to, gsize element_bytes, gint64 plane)
{
  gint64 C = from->shape.dim[1], P = from->shape.dim[2] * from->shape.dim[3];
  gint64 n = plane / C, c = plane % C, a = from->block, b = to->block;
  const guint8 *src = (const guint8 *) from->data + (gsize) ((n * C + c / a * a) * P + c % a) * element_bytes;
  guint8 *dst = (guint8 *) to->data + (gsize) ((n * C + c / b * b) * P + c % b) * element_bytes;

  if (element_bytes == 4)
    for (gint64 p = 0; p < P; p++)
      ((guint32 *) (void *) dst)[p * b] = ((const guint32 *) (const void *) src)[p * a];
  else
    for (gint64 p = 0; p < P; p++)
      memcpy (dst + (gsize) (p * b) * element_bytes, src + (gsize) (p * a) * element_bytes, element_bytes);
}

void
rv__reorder (const RvView *from, const RvView *to, gsize element_bytes)
{
  if (from->block == to->block) {
    memcpy (to->data, from->data, (gsize) rv_shape_count (&from->shape) * element_bytes);
    return;
  }
  gint64 planes = from->shape.dim[0] * from->shape.dim[1];
#pragma omp parallel for schedule(static)
  for (gint64 plane = 0; plane < planes; plane++)
    reorder_plane (from, to, element_bytes, plane);
}

/* ---- the memory -------------------------------------------------------------------------------------------------- */

/* Copies the elements of @value from @from to @to, the same shape in another layout. Bits or bytes that an op saves for
 * its backward pass are in the layout's order, and are copied without reordering. */
static void
copy_elements (const RvExecutable *executable, int value, const RvView *from, const RvView *to)
{
  if (rv__program_value (executable->program, value)->holds == RV_ELEMENT_REAL)
    rv__reorder (from, to, rv__type_bytes (executable->program->type));
  else
    memcpy (to->data, from->data, rv__program_value_bytes (executable->program, value));
}

/* RvMemoryClass.upload: converts plain rows to the value's layout. Cannot fail. */
static gboolean
host_upload (RvExecutable *executable, int value, const void *data, GError **error)
{
  RvView to = rv__executable_view (executable, value), from = { (void *) data, to.shape, 1 };
  copy_elements (executable, value, &from, &to);
  return TRUE;
}

/* RvMemoryClass.download: converts the value's layout to plain rows. Cannot fail. */
static gboolean
host_download (RvExecutable *executable, int value, void *data, GError **error)
{
  RvView from = rv__executable_view (executable, value), to = { data, from.shape, 1 };
  copy_elements (executable, value, &from, &to);
  return TRUE;
}

/* RvMemoryClass.copy. Cannot fail. */
static gboolean
host_copy (RvExecutable *executable, int from, int to, GError **error)
{
  RvView a = rv__executable_view (executable, from), b = rv__executable_view (executable, to);
  copy_elements (executable, from, &a, &b);
  return TRUE;
}

const RvMemoryClass rv__host_memory = {
  .is_host = TRUE,
  .alloc = rv__alloc,
  .free = rv__free,
  .upload = host_upload,
  .download = host_download,
  .copy = host_copy,
};
