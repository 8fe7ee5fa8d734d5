/* export.c -- reverie vae export MODEL -o PAGE.html: the decoder as a page for any browser, offline. */
#include "cmd-vae.h"

int
vae_export (const CommandLine *line, GError **error)
{
  const VaeOptions *own = line->own;
  if (own->output && !g_str_has_suffix (own->output, ".html")) {
    g_set_error_literal (error, RV_ERROR, RV_ERROR_SETTING, "a page is written as .html: -o PAGE.html");
    return EXIT_FAILED;
  }
  g_autoptr (RvVae) vae = vae_check_output (line, error) ? vae_load (line, line->args[0], error) : NULL;
  if (!vae)
    return EXIT_FAILED;
  g_autofree char *name = g_path_get_basename (line->args[0]), *title = vae_sibling_path (name, "");
  g_autofree char *page = rv_vae_to_page (vae, title);
  if (!rv_file_write (own->output, page, own->force, error))
    return EXIT_FAILED;
  return vae_print_done (line, "open it in a browser");
}
