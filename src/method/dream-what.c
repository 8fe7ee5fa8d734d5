/* dream-what.c -- what a network sees in a picture: its class map, averaged over positions, as probabilities. */
#include "base/system.h"
#include "dream-internal.h"
#include "objective.h"
#include <math.h>
#include <string.h>

#define SHORT_SIDE_PX 227 /* about what the networks with words were trained on */

static gboolean
on_layer (const char *layer, int value, gpointer user_data)
{
  gboolean found = strcmp (layer, "class") == 0;
  if (found)
    *(int *) user_data = value;
  return found;
}

/* The logit of each word: the class map's mean over positions, of a picture in 0..255. */
static double *
class_logits (const RvNet *net, const RvImage *image, int n_words, GError **error)
{
  RvShape shape = rv_shape (4, 1, 3, image->height, image->width);
  const RvBackendClass *backend = rv__backend_find (NULL, error);
  g_autoptr (RvProgram) program = rv__program_new (RV_F32);
  int x = rv__program_input (program, &shape), map = -1, mean = -1;
  if (!backend)
    return NULL;
  rv__net_record (net, &(RvNetVariant){ 0 }, program, x, &rv__rgb_0_255, on_layer, &map);
  if (map >= 0)
    rv__program_keep (program, mean = rv__channel_sum (program, map));
  if (program->error || map < 0) {
    g_set_error (error, RV_ERROR, RV_ERROR_SHAPE, "a picture of %d x %d px is too small for %s", image->width,
                 image->height, rv_net_name (net));
    return NULL;
  }
  const RvShape *map_shape = rv__program_shape (program, map);
  double positions = (double) (map_shape->dim[2] * map_shape->dim[3]);
  gint64 n = map_shape->dim[1];
  program->n_forward = (int) program->steps->len;
  RvCompileSettings settings = { .n_threads = rv__system_cores () };
  if (n != n_words || !rv__graph_plan (program, error)) {
    if (n != n_words)
      g_set_error (error, RV_ERROR, RV_ERROR_FORMAT, "the weights of %s name %d words for %d classes",
                   rv_net_name (net), n_words, (int) n);
    return NULL;
  }
  RvExecutable *executable = rv__executable_new (backend, g_steal_pointer (&program), &settings, error);
  g_autofree float *sums = g_new (float, n);
  gboolean ok = executable && rv__executable_bind (executable, error);
  if (ok) {
    rv__executable_set (executable, x, image->rgb->data);
    ok = rv__executable_forward (executable, error);
  }
  if (ok)
    rv__executable_get (executable, mean, sums);
  rv__executable_free (executable);
  double *means = ok ? g_new (double, n) : NULL;
  for (gint64 i = 0; ok && i < n; i++)
    means[i] = rv__net_logit (net, (guint) i, sums[i] / positions);
  return means;
}

gboolean
rv_dream_what (RvNet *net, const RvImage *image, RvWord *words, int n_words, GError **error)
{
  const char *const *names = rv_net_words (net);
  if (!names) {
    g_set_error (error, RV_ERROR, RV_ERROR_SETTING, "the network %s has no words for what it sees", rv_net_name (net));
    return FALSE;
  }
  int n = (int) g_strv_length ((char **) names), shorter = MIN (image->width, image->height);
  g_autoptr (RvImage) picture =
    rv_image_resize (image, MAX (image->width * SHORT_SIDE_PX / shorter, 1),
                     MAX (image->height * SHORT_SIDE_PX / shorter, 1), RV_IMAGE_RESIZE_BEST, error);
  g_autofree double *z = picture ? class_logits (net, picture, n, error) : NULL;
  if (!z)
    return FALSE;
  double largest = z[0], sum = 0;
  for (int i = 1; i < n; i++)
    largest = MAX (largest, z[i]);
  for (int i = 0; i < n; i++)
    sum += z[i] = exp (z[i] - largest);
  for (int w = 0; w < n_words; w++) { /* the likeliest of those left */
    int best = 0;
    for (int i = 1; i < n; i++)
      best = z[i] > z[best] ? i : best;
    words[w] = (RvWord){ names[best], MAX (z[best], 0) / sum };
    z[best] = -1;
  }
  return TRUE;
}
