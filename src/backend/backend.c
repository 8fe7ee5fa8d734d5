/* backend.c -- the table of backends; one op on a backend. */
#include "backend.h"
#include "backend/backend-list.h"
#include "base/error.h"
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
      g_autofree char *details = table[i]->describe ? table[i]->describe () : g_strdup (table[i]->summary);
      return rv__error_null (error, RV_ERROR_BACKEND, "the backend '%s' cannot run on this machine: %s", name, details);
    }
  }
  return rv__error_null (error, RV_ERROR_SETTING, "there is no backend '%s'", name);
}

const RvBackendClass *
rv__backend_find_gpu (const char *name, const char *gpu, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    if (table[i]->choose_device && (!name || strcmp (name, table[i]->name) == 0))
      return table[i]->choose_device (gpu, error) ? rv__backend_find (table[i]->name, error) : NULL;
  if (name)
    return rv__null (rv__error_setting (error, "gpu,backend", "'gpu' cannot be combined with 'backend' %s", name));
  return rv__error_null (error, RV_ERROR_BACKEND, "this build computes on no GPU");
}

void
rv__backend_init_process (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    if (table[i]->init_process)
      table[i]->init_process ();
}

void
rv__backend_use_cache (const char *folder)
{
  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    if (table[i]->use_cache)
      table[i]->use_cache (folder);
}

void
rv__backend_save_cache (const char *folder)
{
  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    if (table[i]->save_cache)
      table[i]->save_cache (folder);
}

gboolean
rv__backend_compute (const RvBackendClass *backend, const RvCompileSettings *settings, RvOpKind kind,
                     const RvOpAttrs *attrs, int n_in, const RvView *in, const RvView *out, GError **error)
{
  const RvOpClass *class = rv__op_class (kind, RV_F32);
  if (backend->memory->is_host) {
    class->run (attrs, n_in, in, out);
    return TRUE;
  }
  RvProgram *program = rv__program_new (RV_F32);
  int values[RV_OP_MAX_IN];
  for (int k = 0; k < n_in; k++)
    values[k] = rv__program_input (program, &in[k].shape);
  int y = rv__program_record (program, kind, attrs, n_in, values);
  rv__program_keep_all (program);
  g_autoptr (GError) failed = NULL;
  g_autoptr (RvExecutable) executable = rv__executable_new (backend, program, settings, &failed);
  gboolean ok = executable && rv__executable_bind (executable, &failed);
  for (int k = 0; ok && k < n_in; k++)
    ok = rv__executable_set (executable, values[k], in[k].data, &failed);
  ok = ok && rv__executable_step (executable, 0, &failed);
  for (int k = 0; ok && k <= class->has_second_out; k++)
    ok = !out[k].data || rv__executable_get (executable, y + k, out[k].data, &failed);
  if (!ok && !g_error_matches (failed, RV_ERROR, RV_ERROR_MEMORY))
    return rv__error_propagate (error, g_steal_pointer (&failed));
  if (!ok) /* the device's memory is full, mostly because another program is bound there */
    class->run (attrs, n_in, in, out);
  return TRUE;
}

double
rv__backend_step_work (const RvBackendClass *backend, const RvProgram *program, const RvOpCall *step)
{
  return backend->work ? backend->work (program, step) : rv__program_work (program, step);
}
