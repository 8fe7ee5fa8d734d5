/* features.c -- activations of a network's layers for one picture. */
#include "features.h"
#include "base/cancel.h"
#include "base/error.h"
#include <string.h>

typedef struct {
  const char *const *layers;
  int n_layers, n_seen;
  int *values; /* values of the layers; -1: not recorded */
} Search;

/* RvLayerFunc; @user_data: a Search. Stores @value for @layer if the search has this layer and @value is not -1.
 * Returns TRUE once all its layers have values: the recording ends; else FALSE. */
static gboolean
on_layer (const char *layer, int value, gpointer user_data)
{
  Search *search = user_data;
  for (int i = 0; i < search->n_layers; i++)
    if (value >= 0 && strcmp (search->layers[i], layer) == 0) {
      search->n_seen += search->values[i] < 0;
      search->values[i] = value;
    }
  return search->n_seen == search->n_layers;
}

RvFeaturesEngine *
rv__features_engine_new (const RvNet *net, const RvComputeSettings *compute, int height, int width,
                         const RvPixelSpace *space, const char *const *layers, int n_layers, GError **error)
{
  RvShape shape = rv_shape (4, 1, 3, height, width);
  RvCompileSettings settings = { .n_threads = rv__compute_threads (compute->threads), .exact = compute->exact };
  const RvBackendClass *backend = rv__compute_backend (compute->backend, compute->gpu, error);
  g_autoptr (RvProgram) program = rv__program_new (RV_F32);
  g_autoptr (RvFeaturesEngine) engine = g_malloc0 (sizeof *engine + (gsize) n_layers * sizeof *engine->values);
  engine->n_layers = n_layers;
  engine->x = rv__program_input (program, &shape);
  for (int i = 0; i < n_layers; i++)
    engine->values[i] = -1;
  Search search = { .layers = layers, .n_layers = n_layers, .values = engine->values };
  rv__net_record (net, &(RvNetVariant){ 0 }, program, engine->x, space, on_layer, &search);
  if (g_error_matches (program->error, RV_ERROR, RV_ERROR_SHAPE))
    g_clear_error (&program->error); /* the picture is too small for the later layers */
  for (int i = 0; i < n_layers; i++)
    if (engine->values[i] >= 0)
      rv__program_output (program, engine->values[i]);
  program->n_forward = (int) program->calls->len;
  engine->executable = backend ? rv__graph_compile (g_steal_pointer (&program), backend, &settings, error) : NULL;
  if (!engine->executable || !rv__executable_bind (engine->executable, error))
    return NULL;
  return g_steal_pointer (&engine);
}

void
rv__features_engine_free (RvFeaturesEngine *engine)
{
  if (engine)
    rv__executable_free (engine->executable);
  g_free (engine);
}

gboolean
rv__features_engine_run (const RvFeaturesEngine *engine, const float *picture, RvTensor **features, GError **error)
{
  RvExecutable *executable = engine->executable;
  gboolean ok =
    rv__executable_set (executable, engine->x, picture, error) && rv__executable_forward (executable, error);
  memset (features, 0, (gsize) engine->n_layers * sizeof *features);
  for (int i = 0; ok && i < engine->n_layers; i++)
    if (engine->values[i] >= 0) {
      features[i] = rv_tensor_new (RV_F32, rv__program_shape (executable->program, engine->values[i]), error);
      ok = features[i] && rv__executable_get (executable, engine->values[i], features[i]->data, error);
    }
  for (int i = 0; !ok && i < engine->n_layers; i++)
    g_clear_pointer (&features[i], rv_tensor_unref);
  return ok;
}

gboolean
rv__features (const RvNet *net, const RvComputeSettings *compute, const RvImage *picture, const char *const *layers,
              int n_layers, RvTensor **features, GError **error)
{
  memset (features, 0, (gsize) n_layers * sizeof *features);
  g_autoptr (RvFeaturesEngine) engine =
    rv__features_engine_new (net, compute, picture->height, picture->width, &rv__rgb_0_255, layers, n_layers, error);
  return engine && rv__features_engine_run (engine, picture->rgb->data, features, error);
}

RvTensorMap *
rv_features (const RvNet *net, const RvImage *picture, const char *const *layers, int n_threads,
             GCancellable *cancellable, GError **error)
{
  RvComputeSettings compute = { .threads = n_threads };
  g_autoptr (GStrvBuilder) own_names = g_strv_builder_new ();
  for (int i = 0; layers[i]; i++) {
    g_autofree char *name = rv__net_layer (rv_net_name (net), layers[i], error);
    if (!name)
      return NULL;
    g_strv_builder_add (own_names, name);
  }
  g_auto (GStrv) names = g_strv_builder_end (own_names);
  int n = (int) g_strv_length (names);
  g_autofree RvTensor **features = g_new0 (RvTensor *, n + 1);
  g_autoptr (RvTensorMap) found = rv_tensor_map_new ();

  if (n == 0)
    rv__error_set (error, RV_ERROR_SETTING, "no layers are given; name at least one");
  rv__cancellable_push (cancellable);
  gboolean ok = n > 0 && rv__features (net, &compute, picture, (const char *const *) names, n, features, error);
  rv__cancellable_pop (cancellable);
  if (!ok)
    return NULL;
  const char *missing = NULL;
  for (int i = 0; i < n; i++) {
    if (features[i])
      rv_tensor_map_set (found, layers[i], features[i]);
    else
      missing = layers[i];
    rv_tensor_unref (features[i]);
  }
  if (missing)
    return rv__error_null (error, RV_ERROR_SHAPE, "a picture of %d x %d px is too small for the layer %s of %s",
                           picture->width, picture->height, missing, rv_net_name (net));
  return g_steal_pointer (&found);
}
