/* embed.c -- embed PHOTO PAINTING OUT: style transfer from a program of your own, with progress and an early stop.
 *
 *   cc embed.c $(pkg-config --cflags --libs reverie) -o embed
 */
#include <reverie/reverie.h>
#include <stdio.h>
#include <stdlib.h>

static gboolean
on_progress (const RvStyleProgress *p, gpointer enough)
{
  printf ("\r%3.0f%%  loss %.4f ", 100 * p->done_01, p->loss);
  fflush (stdout);
  return p->seconds < *(double *) enough; /* FALSE stops the run, which then gives the picture reached */
}

static RvImage *
paint (const char *photo, const char *painting, GError **error)
{
  g_autoptr (RvNet) net = rv_net_new_builtin (error);
  g_autoptr (RvImage) content = net ? rv_image_load (photo, 384, 256, error) : NULL;
  g_autoptr (RvImage) style = content ? rv_image_load (painting, 384, 300, error) : NULL;
  g_autoptr (RvSettings) settings = style ? rv_settings_new ("style", error) : NULL;
  RvImage *result = NULL;
  double enough_s = 60;

  if (!settings || !rv_settings_set_real (settings, "strength", 60, error))
    return NULL;
  g_autoptr (RvStyle) run = rv_style_new (settings, net, content, &style, 1, NULL, error);
  if (run)
    rv_style_run (run, on_progress, &enough_s, &result, error);
  return result;
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  if (argc != 4) {
    fprintf (stderr, "usage: embed PHOTO PAINTING OUT\n");
    return 2;
  }
  g_autoptr (RvImage) picture = paint (argv[1], argv[2], &error);
  if (picture && rv_image_save (picture, argv[3], NULL, &error)) {
    printf ("\n%s\n", argv[3]);
    return EXIT_SUCCESS;
  }
  fprintf (stderr, "\nembed: %s\n", error->message);
  return EXIT_FAILURE;
}
