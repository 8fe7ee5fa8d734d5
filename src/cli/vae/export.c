/* export.c -- reverie vae export MODEL -o PAGE.html: the decoder as a page for any browser, offline. */
#include "cmd-vae.h"

int
vae_export (VaeJob *job, GError **error)
{
  g_autoptr (RvVae) vae = vae_check_output (job, error) ? vae_load (job, job->args[0], error) : NULL;
  if (!vae)
    return EXIT_FAILED;
  g_autofree char *name = g_path_get_basename (job->args[0]), *title = vae_sibling_path (name, "");
  g_autofree char *page = rv_vae_to_page (vae, title);
  if (!rv_file_write (job->own.output, page, job->own.force, error))
    return EXIT_FAILED;
  return vae_print_done (job, "open it in a browser");
}
