/* client.c -- a program built before an option was added: public headers and the shared library only. Prints what it
 * got; test-abi.sh runs it on the library that it was built with and on one with an option more. */
#include <reverie/reverie.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SIDE_PX 40

static gboolean
on_progress (const RvStyleProgress *progress, gpointer data)
{
  printf ("iteration %d of %d: loss %.9g\n", (int) progress->iteration, (int) progress->n_iterations, progress->loss);
  return TRUE;
}

/* (transfer full) (nullable): a gradient, of @period px. */
static RvImage *
picture (int period, GError **error)
{
  RvImage *image = rv_image_new (SIDE_PX, SIDE_PX, error);
  for (int i = 0; image && i < 3 * SIDE_PX * SIDE_PX; i++)
    ((float *) image->rgb->data)[i] = (float) (i % period * 255) / (float) period;
  return image;
}

/* (transfer full) (nullable): every way to set something, none of which knows where it lies. */
static RvSettings *
settings_of (GError **error)
{
  RvSettings *settings = rv_settings_new ("style", error);
  if (settings && rv_settings_set_int (settings, "iterations", 2, error) &&
      rv_settings_set_real (settings, "strength", 60, error) && rv_settings_set_bool (settings, "exact", TRUE, error) &&
      rv_settings_set_text (settings, "precision", "f32", error) && rv_settings_set (settings, "threads", "1", error) &&
      rv_settings_set_json (settings, "{\"climb-from\": 0, \"seed\": 3}", error))
    return settings;
  rv_settings_free (settings);
  return NULL;
}

/* A library that knows a longer plan does not write beyond this program's. */
static gboolean
plan (RvStyle *style, GError **error)
{
  struct {
    RvStylePlan plan;
    char behind[1024];
  } own;
  memset (&own, 0x55, sizeof own);
  if (!rv_style_plan (style, &own.plan, error))
    return FALSE;
  for (gsize i = 0; i < sizeof own.behind; i++)
    if (own.behind[i] != 0x55) {
      printf ("byte %d behind the plan was written\n", (int) i);
      break;
    }
  printf ("%d scale, %d iterations on %s\n", own.plan.n_scales, (int) own.plan.n_iterations, own.plan.backend);
  return TRUE;
}

static gboolean
run (GError **error)
{
  RvImage *result = NULL;
  g_autoptr (RvSettings) settings = settings_of (error);
  g_autoptr (RvNet) net = settings ? rv_net_new_builtin (error) : NULL;
  g_autoptr (RvImage) content = net ? picture (97, error) : NULL, style = content ? picture (31, error) : NULL;
  g_autoptr (RvStyle) run = style ? rv_style_new (settings, net, content, &style, 1, NULL, error) : NULL;
  if (!run || !plan (run, error) || !rv_style_run (run, on_progress, NULL, &result, error))
    return FALSE;
  g_autofree char *changes = rv_settings_changes_to_json (settings);
  g_autofree char *sum =
    g_compute_checksum_for_data (G_CHECKSUM_SHA256, result->rgb->data, rv_tensor_bytes (result->rgb));
  printf ("%s\n%s\n", changes, sum);
  rv_image_unref (result);
  return TRUE;
}

/* The table goes to standard error: of the two libraries it is another. */
int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  for (guint i = 0; i < rv_settings_n_options ("style"); i++)
    fprintf (stderr, "%s\n", rv_option_name (rv_settings_option ("style", i)));
  if (run (&error))
    return EXIT_SUCCESS;
  fprintf (stderr, "client: %s\n", error->message);
  return EXIT_FAILURE;
}
