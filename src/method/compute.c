/* compute.c -- settings for computing that methods share. */
#include "method/compute.h"
#include "base/cancel.h"
#include "base/error.h"
#include "base/option.h"
#include "base/system.h"
#include <reverie/error.h>
#include <string.h>

#define NO_LIMIT_S 1e6
#define AUTO "auto"

const char *const *
rv__compute_precisions (void)
{
  /* in the order of RvPrecision */
  static const char *const names[] = { "f32", "auto", "bf16", "full", NULL };
  return names;
}

const char *const *
rv__compute_backends (void)
{
  static const char **names;
  static gsize once;
  if (g_once_init_enter (&once)) {
    int n;
    const RvBackendClass *const *backends = rv__backend_list (&n);
    names = g_new0 (const char *, n + 2);
    names[0] = AUTO;
    for (int i = 0; i < n; i++)
      names[i + 1] = backends[i]->name;
    g_once_init_leave (&once, 1);
  }
  return names;
}

const RvBackendClass *
rv__compute_backend (const char *name, const char *gpu, GError **error)
{
  if (g_strcmp0 (name, AUTO) == 0)
    name = NULL;
  return gpu && *gpu ? rv__backend_find_gpu (name, gpu, error) : rv__backend_find (name, error);
}

gboolean
rv__compute_is_auto (const RvComputeSettings *settings)
{
  return (!settings->backend || strcmp (settings->backend, AUTO) == 0) && (!settings->gpu || !*settings->gpu);
}

/* Value of the setting `precision`; RV_PRECISION_F32 for NULL and unknown texts. */
static RvPrecision
precision (const RvComputeSettings *settings)
{
  return (RvPrecision) rv__choice (rv__compute_precisions (), settings->precision);
}

gboolean
rv__stop_requested (const RvStopRequest *stop_request, GError **error)
{
  if (!rv__is_cancelled () && (!stop_request->func || !stop_request->func (stop_request->user_data)))
    return FALSE;
  rv__error_set (error, RV_ERROR_CANCELLED, "stopped before there was a picture");
  return TRUE;
}

int
rv__compute_threads (gint64 n_threads)
{
  return n_threads > 0 ? (int) MIN (n_threads, RV_COMPUTE_MAX_THREADS) : rv__system_cores ();
}

gboolean
rv__compute_check (const RvComputeSettings *settings, const RvBackendClass *backend, GError **error)
{
  return (precision (settings) != RV_PRECISION_BF16 || (backend->has_bf16 && backend->has_bf16 ())) ||
         rv__error_with_options (error, RV_ERROR_BACKEND, "precision",
                                 "this processor has no fast bf16; set 'precision' to auto");
}

RvCompileSettings
rv__compute_compile (const RvComputeSettings *settings)
{
  return (RvCompileSettings){ .n_threads = rv__compute_threads (settings->threads),
                              .tune_s = settings->tune ? NO_LIMIT_S : 0,
                              .exact = settings->exact,
                              .precision = precision (settings) };
}
