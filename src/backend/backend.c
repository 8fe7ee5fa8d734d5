/* backend.c -- the table of backends, and what all of them share: the arena, moving values in and out, running. */
#include "backend.h"
#include "backend/backend-list.h"
#include "base/system.h"
#include "tensor/tensor-file.h"
#include <string.h>

#define X(name) extern const RvBackendClass rv__backend_##name;
RV_BACKEND_ROWS (X)
#undef X

static const RvBackendClass *const table[] = {
#define X(name) &rv__backend_##name,
  RV_BACKEND_ROWS (X)
#undef X
};

const RvBackendClass *const *
rv__backend_list (int *n_backends)
{
  *n_backends = G_N_ELEMENTS (table);
  return table;
}

const RvBackendClass *
rv__backend_find (const char *name, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (table); i++) {
    gboolean here = !table[i]->probe || table[i]->probe ();
    if (!name && here)
      return table[i];
    if (name && strcmp (name, table[i]->name) == 0) {
      if (here)
        return table[i];
      g_set_error (error, RV_ERROR, RV_ERROR_BACKEND, "the backend '%s' cannot run on this machine", name);
      return NULL;
    }
  }
  g_set_error (error, RV_ERROR, RV_ERROR_SETTING, "there is no backend '%s'", name);
  return NULL;
}

void
rv__backend_start_for_program (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    if (table[i]->start_for_program)
      table[i]->start_for_program ();
}

/* ---- compiling --------------------------------------------------------------------------------------------------- */

static gsize
place_arena (RvExecutable *executable, RvArenaItem *items)
{
  int n_values = (int) executable->program->values->len;
  for (int v = 0; v < n_values; v++) {
    const RvValue *value = rv__program_value (executable->program, v);
    gboolean own = value->storage == v && value->role != RV_VALUE_CONSTANT && value->first <= value->last;
    items[v] =
      (RvArenaItem){ .bytes = own ? executable->place[v].bytes : 0, .first = value->first, .last = value->last };
  }
  return rv__arena_place (items, n_values);
}

RvExecutable *
rv__executable_new (const RvBackendClass *backend, RvProgram *program, const RvCompileSettings *settings,
                    GError **error)
{
  g_autoptr (RvExecutable) executable = g_new0 (RvExecutable, 1);
  g_autofree RvArenaItem *items = g_new0 (RvArenaItem, program->values->len + 1);
  int n_values = (int) program->values->len;

  executable->backend = backend;
  executable->program = program;
  executable->n_threads = MAX (settings->n_threads, 1);
  executable->kernels = settings->kernels ? rv_kernel_table_ref (settings->kernels) : rv_kernel_table_new ();
  executable->tune_s = settings->tune_s;
  executable->exact = settings->exact;
  executable->precision = settings->precision;
  executable->place = g_new0 (RvPlace, n_values + 1);
  for (int v = 0; v < n_values; v++)
    executable->place[v] = (RvPlace){ .block = 1, .bytes = rv__program_value_bytes (program, v) };

  int before = rv__system_use_threads (executable->n_threads); /* kernels are planned for as many */
  gboolean ok = !backend->compile || backend->compile (executable, error);
  rv__system_use_threads (before);
  if (!ok)
    return NULL;
  executable->arena_bytes = place_arena (executable, items);
  return g_steal_pointer (&executable);
}

void
rv__executable_free (RvExecutable *executable)
{
  if (!executable)
    return;
  if (executable->backend->close)
    executable->backend->close (executable);
  rv__free (executable->arena);
  rv__free (executable->scratch);
  g_free (executable->place);
  rv_kernel_table_unref (executable->kernels);
  rv__program_free (executable->program);
  g_free (executable);
}

gsize
rv__executable_memory (const RvExecutable *executable)
{
  return executable->arena_bytes + executable->scratch_bytes + executable->packed_bytes;
}

/* Constants that lie in a file are read now; a backend lets go of those it packs. */
static gboolean
read_constants (RvExecutable *executable, GError **error)
{
  for (guint v = 0; v < executable->program->values->len; v++) {
    RvValue *value = rv__program_value (executable->program, (int) v);
    if (value->role != RV_VALUE_CONSTANT)
      continue;
    RvTensor *own = rv__tensor_read (value->constant, error);
    if (!own)
      return FALSE;
    rv_tensor_unref ((RvTensor *) value->constant);
    value->constant = own;
  }
  return TRUE;
}

gboolean
rv__executable_bind (RvExecutable *executable, GError **error)
{
  int n_values = (int) executable->program->values->len;
  g_autofree RvArenaItem *items = g_new0 (RvArenaItem, n_values + 1);

  place_arena (executable, items);
  if (!read_constants (executable, error) ||
      !(executable->arena = rv__alloc (executable->arena_bytes, "the activations", error)) ||
      !(executable->scratch = rv__alloc (executable->scratch_bytes, "the kernels' scratch", error)))
    return FALSE;
  for (int v = 0; v < n_values; v++) {
    const RvValue *value = rv__program_value (executable->program, v);
    if (value->role == RV_VALUE_CONSTANT)
      executable->place[v].data = value->constant->data;
    else if (value->first <= value->last && executable->place[v].bytes > 0)
      executable->place[v].data = executable->arena + items[value->storage].offset;
  }
  int before = rv__system_use_threads (executable->n_threads);
  gboolean ok = !executable->backend->bind || executable->backend->bind (executable, error);
  rv__system_use_threads (before);
  return ok;
}

/* ---- moving values ----------------------------------------------------------------------------------------------- */

RvView
rv__executable_view (const RvExecutable *executable, int value)
{
  return (RvView){ executable->place[value].data, *rv__program_shape (executable->program, value),
                   executable->place[value].block };
}

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

void
rv__executable_set (RvExecutable *executable, int value, const void *data)
{
  RvView to = rv__executable_view (executable, value), from = { (void *) data, to.shape, 1 };
  if (to.data)
    rv__reorder (&from, &to, rv_type_bytes (executable->program->type));
}

void
rv__executable_get (const RvExecutable *executable, int value, void *data)
{
  RvView from = rv__executable_view (executable, value), to = { data, from.shape, 1 };
  rv__reorder (&from, &to, rv_type_bytes (executable->program->type));
}

void
rv__executable_copy (RvExecutable *executable, int from, int to)
{
  RvView a = rv__executable_view (executable, from), b = rv__executable_view (executable, to);
  rv__reorder (&a, &b, rv_type_bytes (executable->program->type));
}

/* ---- running ----------------------------------------------------------------------------------------------------- */

void
rv__executable_run_plain (RvExecutable *executable, int step)
{
  const RvStep *s = rv__program_step (executable->program, step);
  RvView in[RV_OP_MAX_IN], out[RV_OP_MAX_OUT];

  for (int k = 0; k < s->n_in; k++)
    in[k] = rv__executable_view (executable, s->in[k]);
  for (int k = 0; k < s->n_out; k++)
    out[k] = rv__executable_view (executable, s->out[k]);
  rv__op_class (s->kind, executable->program->type)->run (&s->attrs, s->n_in, in, out);
}

static gboolean
run_steps (RvExecutable *executable, int first, int last, GError **error)
{
  gboolean ok = TRUE;
  int before = rv__system_use_threads (executable->n_threads);
  for (int step = first; ok && step < last; step++)
    ok = executable->backend->run (executable, step, error);
  rv__system_use_threads (before);
  return ok;
}

gboolean
rv__executable_forward (RvExecutable *executable, GError **error)
{
  return run_steps (executable, 0, executable->program->n_forward, error);
}

gboolean
rv__executable_backward (RvExecutable *executable, GError **error)
{
  return run_steps (executable, executable->program->n_forward, (int) executable->program->steps->len, error);
}
