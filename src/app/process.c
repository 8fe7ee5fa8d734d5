/* process.c -- process-wide settings, and the description of a process in fault reports. */
#include <reverie/process.h>
#include "backend/backend.h"
#include "base/system.h"
#include "base/text.h"
#include "cluster/cluster.h"
#include "io/image/process.h"
#include "app/kernel-cache.h"
#include <reverie/networks.h>

gboolean
rv_process_start (int n_threads, GError **error)
{
  n_threads = n_threads > 0 ? n_threads : rv__system_cores ();
  rv__backend_init_process ();
  rv__system_use_threads (n_threads);
  return rv__vips_init_process (n_threads, error);
}

gboolean
rv_process_join (GError **error)
{
  rv__system_fill_standard ();
  return rv__cluster_init (error);
}

int
rv_process_rank (void)
{
  return rv__cluster_rank (rv__cluster_all ());
}

int
rv_process_size (void)
{
  return rv__cluster_size (rv__cluster_all ());
}

const char *
rv_process_host (int rank)
{
  return rv__cluster_host (rv__cluster_all (), CLAMP (rank, 0, rv_process_size () - 1));
}

gboolean
rv_process_leave (double patience_s)
{
  return rv__cluster_leave (patience_s);
}

void
rv_process_abort (int code)
{
  rv__cluster_abort (code);
}

gboolean
rv_process_choose_gpu (const char *gpu, GError **error)
{
  return rv__backend_find_gpu (NULL, gpu, error) != NULL;
}

char *
rv_process_describe (void)
{
  GString *text = g_string_new (NULL);
  int n;
  const RvBackendClass *const *backends = rv__backend_list (&n);
  g_autofree char *processor = rv__system_processor (), *memory = rv_text_bytes (rv__system_free_bytes ());
  g_autofree char *kernels = rv__kernel_cache_path (), *networks = rv_network_folder ();
  for (int i = 0; i < n; i++) {
    g_autofree char *details = backends[i]->describe ? backends[i]->describe () : g_strdup (backends[i]->summary);
    gboolean here = !backends[i]->probe || backends[i]->probe ();
    g_string_append_printf (text, "backend %s: %s%s\n", backends[i]->name, details,
                            here ? "" : " (not on this machine)");
    g_auto (GStrv) devices = backends[i]->device_lines ? backends[i]->device_lines () : NULL;
    for (char **line = devices; line && *line; line++)
      g_string_append_printf (text, "gpu %s\n", *line);
  }
  g_string_append_printf (text, "libraries: GLib %u.%u.%u, libvips %s\n", glib_major_version, glib_minor_version,
                          glib_micro_version, rv__vips_version ());
  g_string_append_printf (text, "processor: %s, %d core%s, %s of memory free\n", processor, rv__system_cores (),
                          rv__system_cores () == 1 ? "" : "s", memory);
  g_string_append_printf (text, "kernel choices: %s%s\n", kernels,
                          g_file_test (kernels, G_FILE_TEST_EXISTS) ? "" : " (none yet)");
  g_string_append_printf (text, "networks: %s\n", networks);
  return g_string_free (text, FALSE);
}
