/* version.c -- reverie --version, and with --verbose what a report of a fault needs. */
#include "backend/backend.h"
#include "base/system.h"
#include "base/text.h"
#include "cli.h"
#include "io/image/program.h"
#include <stdio.h>

static void
print_backends (void)
{
  int n;
  const RvBackendClass *const *backends = rv__backend_list (&n);
  for (int i = 0; i < n; i++) {
    g_autofree char *details = backends[i]->describe ? backends[i]->describe () : g_strdup (backends[i]->summary);
    gboolean here = !backends[i]->probe || backends[i]->probe ();
    printf ("  backend %s: %s%s\n", backends[i]->name, details, here ? "" : " (not on this machine)");
  }
}

int
version_print (gboolean verbose)
{
  printf ("reverie %s\n", RV_VERSION);
  if (!verbose)
    return EXIT_DONE;
  g_autofree char *processor = rv__system_processor (), *memory = rv__text_megabytes (rv__system_free_bytes ());
  g_autofree char *kernels = rv_kernel_cache_path (), *networks = rv_network_folder ();
  print_backends ();
  printf ("  libraries: GLib %u.%u.%u, libvips %s\n", glib_major_version, glib_minor_version, glib_micro_version,
          rv__vips_version ());
  printf ("  processor: %s, %d cores, %s of memory free\n", processor, rv__system_cores (), memory);
  printf ("  kernel choices: %s%s\n", kernels, g_file_test (kernels, G_FILE_TEST_EXISTS) ? "" : " (none yet)");
  printf ("  networks: %s\n", networks);
  return EXIT_DONE;
}
