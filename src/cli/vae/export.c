/* export.c -- reverie vae export MODEL -o PAGE.html: the decoder as a page for any browser, offline. */
#include "cmd-vae.h"

int
vae_export (const CommandLine *line, GError **error)
{
  g_autoptr (RvVae) vae = vae_check_output (line, error) ? vae_load (line, line->args[0], error) : NULL;
  if (!vae)
    return EXIT_FAILED;
  g_autofree char *name = g_path_get_basename (line->args[0]), *title = vae_sibling_path (name, "");
  g_autofree char *page = rv_vae_to_page (vae, title);
  if (!rv_file_write (line_text (line, "output"), page, line_is_on (line, "force"), error))
    return EXIT_FAILED;
  return vae_print_done (line, "open it in a browser");
}
