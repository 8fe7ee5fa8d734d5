/* open.c -- loads the MPI module, only if the environment shows a launcher: a single process needs no MPI. */
#include "base/error.h"
#include "base/system.h"
#include "cluster/class.h"
#include <gmodule.h>
#include <string.h>

/* Environment variables of launchers; the first that is set counts. Slurm and newer launchers set PMIX_RANK for MPI
 * libraries with PMIx, such as Open MPI, and PMI_RANK for others, such as MPICH. */
static const struct {
  const char *variable, *module;
} launchers[] = {
  { "OMPI_COMM_WORLD_SIZE", "libreverie-mpi.so" },
  { "PMIX_RANK", "libreverie-mpi.so" },
  { "PMI_RANK", "libreverie-mpich.so" },
};

gboolean
rv__cluster_open (const RvClusterClass **class, GError **error)
{
  guint i = 0;
  *class = NULL;
  while (i < G_N_ELEMENTS (launchers) && !g_getenv (launchers[i].variable))
    i++;
  if (i == G_N_ELEMENTS (launchers))
    return TRUE;
  g_autofree char *path = rv__system_find_file ("REVERIE_CLUSTER", RV_MODULE_DIR, "../cluster", launchers[i].module);
  gpointer symbol = NULL;
  GModule *module = g_module_open (path, G_MODULE_BIND_LAZY); /* MPI's plug-ins need its symbols */
  if (!module || !g_module_symbol (module, RV_CLUSTER_SYMBOL, &symbol))
    return rv__error_set (
      error, RV_ERROR_BACKEND,
      "%s is set: a launcher has started this program, but Reverie's MPI module cannot be opened: %s; install "
      "the package reverie-mpi",
      launchers[i].variable, g_module_error ());
  *class = ((RvClusterModule) symbol) ();
  return strcmp ((*class)->version, RV_VERSION) == 0 ||
         rv__error_set (error, RV_ERROR_BACKEND,
                        "%s is of Reverie %s, and this program of Reverie %s; install the same version of both", path,
                        (*class)->version, RV_VERSION);
}
