/* engine.c -- programs of a VAE: recorded from its layers, differentiated, and compiled for one batch size. */
#include "method/compute.h"
#include "base/error.h"
#include "graph/graph.h"
#include "method/vae/vae-internal.h"
#include <string.h>

/* A program that is being recorded. */
typedef struct {
  const RvVae *vae;
  RvProgram *program;
  RvParameterValues *trained; /* NULL: the parameters are constants */
  int label;                  /* value of the input `label`; -1: none */
} Recording;

/* Records the parameter "@layer.@kind", which must exist: a value that the host sets if parameters are trained, else a
 * constant. Returns its value; -1 after an error in r->program. */
static int
parameter (Recording *r, const char *layer, const char *kind)
{
  g_autofree char *name = g_strdup_printf ("%s.%s", layer, kind);
  if (r->trained)
    return rv__parameter_values_record (r->trained, r->program, name);
  int i = rv__parameters_index (r->vae->parameters, name);
  g_return_val_if_fail (i >= 0, -1);
  return rv__program_constant (r->program, rv__parameter (r->vae->parameters, (guint) i)->tensor);
}

/* Records the dense layer @layer on @x, [N, in]. Returns its value, [N, out]. */
static int
dense (Recording *r, int x, const char *layer)
{
  return rv__dense (r->program, x, parameter (r, layer, "weight"), parameter (r, layer, "bias"));
}

/* Records rv__vae_labelled_layer() of @side and returns its value. Its input is @x followed by the one-hot label, its
 * weights are [W V], and V is a separate parameter: [W V] [x; label] + b = (W x + b) + V label. Without labels: W x +
 * b. */
static int
labelled_dense (Recording *r, int x, const char *side)
{
  g_autofree char *layer = rv__vae_labelled_layer (r->vae, side), *label = g_strconcat (side, ".label", NULL);
  int y = dense (r, x, layer);
  return r->label < 0 ? y
                      : rv__add (r->program, y, rv__dense (r->program, r->label, parameter (r, label, "weight"), -1));
}

/* Padding `same` of a 3x3 kernel, for an input of @rows x @cols. */
static RvPad
pad_same (gint64 rows, gint64 cols, int stride)
{
  RvPad pad;
  pad.top = rv__pad_same (rows, 3, stride, &pad.bottom);
  pad.left = rv__pad_same (cols, 3, stride, &pad.right);
  return pad;
}

/* Records the 3x3 convolution @layer of stride 2 with `same` padding, and ReLU, on @x. Returns its value. */
static int
conv (Recording *r, int x, const char *layer)
{
  const RvShape *shape = rv__program_shape (r->program, x);
  RvPad pad = pad_same (shape->dim[2], shape->dim[3], 2);
  int weight = parameter (r, layer, "weight");
  return rv__relu (r->program, rv__conv2d (r->program, x, weight, parameter (r, layer, "bias"), 2, pad));
}

/* Records the 3x3 transposed convolution @layer, which multiplies the size of @x by @stride, without ReLU. Returns its
 * value. */
static int
transposed_conv (Recording *r, int x, const char *layer, int stride)
{
  const RvShape *shape = rv__program_shape (r->program, x);
  gint64 rows = shape->dim[2] * stride, cols = shape->dim[3] * stride;
  int weight = parameter (r, layer, "weight");
  int y = rv__transposed_conv2d (r->program, x, weight, stride, pad_same (rows, cols, stride), rows, cols);
  return rv__bias (r->program, y, parameter (r, layer, "bias"));
}

/* Records the encoder on @x, of pictures_shape(); sets *mu and *logvar, [batch, latent]. Errors: r->program->error. */
static void
record_encoder (Recording *r, int x, int *mu, int *logvar)
{
  const RvVaeSettings *s = r->vae->settings;
  gboolean convolutional = strcmp (s->architecture, "conv") == 0;
  gint64 batch = rv__program_shape (r->program, x)->dim[0];
  for (gint64 k = 0; k < s->depth; k++) {
    g_autofree char *layer = g_strdup_printf ("encoder.%s%" G_GINT64_FORMAT, convolutional ? "conv" : "dense", k);
    x = convolutional ? conv (r, x, layer)
                      : rv__relu (r->program, k == 0 ? labelled_dense (r, x, "encoder") : dense (r, x, layer));
  }
  if (convolutional) {
    RvShape flat = rv_shape (2, batch, rv_shape_count (rv__program_shape (r->program, x)) / batch);
    x = rv__relu (r->program, labelled_dense (r, rv__reshape (r->program, x, &flat), "encoder"));
  }
  *mu = dense (r, x, "encoder.mu");
  *logvar = rv__clamp_logvar (r->program, dense (r, x, "encoder.logvar"));
}

/* Shape of a batch of pictures: [N, C, H, W], or [N, C H W] for dense layers. */
static RvShape
pictures_shape (const RvVae *vae, gint64 batch)
{
  return strcmp (vae->settings->architecture, "mlp") == 0
           ? rv_shape (2, batch, rv__vae_pixels (vae))
           : rv_shape (4, batch, (gint64) vae->channels, (gint64) vae->height, (gint64) vae->width);
}

/* Records the decoder on @z, [batch, latent]. Returns the logits, of pictures_shape(). Errors: r->program->error. */
static int
record_decoder (Recording *r, int z)
{
  const RvVae *vae = r->vae;
  const RvVaeSettings *s = vae->settings;
  gint64 batch = rv__program_shape (r->program, z)->dim[0];
  if (strcmp (s->architecture, "mlp") == 0) {
    for (gint64 k = 0; k < s->depth; k++) {
      g_autofree char *layer = g_strdup_printf ("decoder.dense%" G_GINT64_FORMAT, k);
      z = rv__relu (r->program, k == 0 ? labelled_dense (r, z, "decoder") : dense (r, z, layer));
    }
    return dense (r, z, "decoder.logits");
  }
  RvShape small =
    rv_shape (4, batch, s->width << (s->depth - 1), (gint64) vae->height >> s->depth, (gint64) vae->width >> s->depth);
  int y = rv__reshape (r->program, rv__relu (r->program, labelled_dense (r, z, "decoder")), &small);
  for (gint64 k = s->depth - 1; k >= 0; k--) {
    g_autofree char *layer = g_strdup_printf ("decoder.conv%" G_GINT64_FORMAT, k);
    y = rv__relu (r->program, transposed_conv (r, y, layer, 2));
  }
  return transposed_conv (r, y, "decoder.logits", 1);
}

/* Records @x, [N, ...], with each row repeated @n times, and returns the value, [N n, ...]; returns @x if @n is 1 or @x
 * is -1. */
static int
repeat_rows (Recording *r, int x, int n)
{
  if (x < 0 || n == 1)
    return x;
  RvShape shape = *rv__program_shape (r->program, x);
  gint64 length = rv_shape_count (&shape) / shape.dim[0];
  RvShape rows = rv_shape (4, shape.dim[0], (gint64) 1, (gint64) 1, length);
  int repeated = rv__resize (r->program, rv__reshape (r->program, x, &rows), n, length, RV_RESIZE_NEAREST);
  shape.dim[0] *= n;
  return rv__reshape (r->program, repeated, &shape);
}

/* Records an input with the shape of @value and returns it; returns -1 for -1. */
static int
input_like (RvProgram *program, int value)
{
  return value < 0 ? -1 : rv__program_input (program, rv__program_shape (program, value));
}

/* Records the backward pass to the trained parameters. Sets grad_reconstruction, and grad_kl or, by importance samples,
 * grad_z and grad_logvar. */
static void
differentiate (RvProgram *program, RvVaeEngine *engine)
{
  gboolean by_importance = engine->kl < 0;
  engine->grad_reconstruction = input_like (program, engine->reconstruction);
  engine->grad_kl = input_like (program, engine->kl);
  engine->grad_z = input_like (program, by_importance ? engine->z : -1);
  engine->grad_logvar = input_like (program, by_importance ? engine->logvar : -1);
  const RvGradSeed seeds[] = { { engine->reconstruction, engine->grad_reconstruction },
                               { engine->kl, engine->grad_kl },
                               { engine->z, engine->grad_z },
                               { engine->logvar, engine->grad_logvar } };
  rv__parameter_values_differentiate (engine->trained, program, seeds, G_N_ELEMENTS (seeds));
}

RvProgram *
rv__vae_record (const RvVae *vae, RvVaePurpose purpose, gint64 batch, RvType type, RvVaeEngine *engine)
{
  RvProgram *program = rv__program_new (type);
  RvShape pictures = pictures_shape (vae, batch);
  gboolean encodes = purpose == RV_VAE_TRAIN || purpose == RV_VAE_SCORE || purpose == RV_VAE_ENCODE;
  gboolean samples = purpose == RV_VAE_TRAIN || purpose == RV_VAE_SCORE;
  int importance = purpose == RV_VAE_TRAIN ? rv__vae_importance_samples (vae->settings) : 0, n = MAX (importance, 1);
  RvShape latent = rv_shape (2, batch * n, vae->settings->latent);
  *engine = (RvVaeEngine){ NULL, batch, n, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, NULL, NULL };
  if (purpose == RV_VAE_TRAIN)
    engine->trained = rv__parameter_values_new (vae->parameters);
  RvShape label = rv_shape (2, batch, (gint64) (vae->labels ? g_strv_length (vae->labels) : 0));
  engine->label = vae->labels ? rv__program_input (program, &label) : -1;
  Recording r = { .vae = vae, .program = program, .trained = engine->trained, .label = engine->label };

  if (purpose != RV_VAE_DECODE)
    engine->x = rv__program_input (program, &pictures);
  if (encodes)
    record_encoder (&r, engine->x, &engine->mu, &engine->logvar);
  if (samples) {
    engine->eps = rv__program_input (program, &latent);
    int mu = repeat_rows (&r, engine->mu, n), logvar = repeat_rows (&r, engine->logvar, n);
    engine->z = rv__sampler (program, mu, logvar, engine->eps);
    r.label = repeat_rows (&r, engine->label, n);
    if (importance == 0)
      engine->kl = rv__kl (program, engine->mu, engine->logvar, purpose == RV_VAE_TRAIN ? vae->settings->free_bits : 0);
  } else if (!encodes) {
    engine->z = rv__program_input (program, &latent);
  }
  int logits = engine->z >= 0 ? record_decoder (&r, engine->z) : -1;
  if (purpose == RV_VAE_DECODE)
    engine->pixels = rv__sigmoid (program, logits);
  else if (logits >= 0) {
    int x = repeat_rows (&r, engine->x, n);
    engine->reconstruction = rv__vae_is_gaussian (vae) ? rv__squared_error (program, rv__sigmoid (program, logits), x)
                                                       : rv__bernoulli (program, logits, x);
  }

  const int outputs[] = { engine->reconstruction,
                          engine->kl,
                          engine->pixels,
                          encodes ? engine->mu : -1,
                          encodes ? engine->logvar : -1,
                          importance > 0 ? engine->z : -1 };
  for (guint i = 0; i < G_N_ELEMENTS (outputs); i++)
    rv__program_output (program, outputs[i]);
  program->n_forward = (int) program->calls->len;
  if (purpose == RV_VAE_TRAIN)
    differentiate (program, engine);
  return program;
}

/* Allocates engine->data, owned by @engine, and sets it to the host memory of inputs and outputs. Binds
 * engine->trained, if not NULL, which loads the parameters. */
static gboolean
map_values (RvVaeEngine *engine, GError **error)
{
  const int values[] = { engine->x,          engine->label,
                         engine->eps,        engine->mu < 0 || engine->grad_z >= 0 ? engine->z : -1,
                         engine->mu,         engine->logvar,
                         engine->pixels,     engine->reconstruction,
                         engine->kl,         engine->grad_reconstruction,
                         engine->grad_kl,    engine->grad_z,
                         engine->grad_logvar };
  engine->data = g_new0 (float *, engine->executable->program->values->len);
  for (guint i = 0; i < G_N_ELEMENTS (values); i++)
    if (values[i] >= 0 && !(engine->data[values[i]] = rv__executable_map (engine->executable, values[i], error)))
      return FALSE;
  return !engine->trained || rv__parameter_values_bind (engine->trained, engine->executable, error);
}

RvVaeEngine *
rv__vae_engine_new (const RvVae *vae, RvVaePurpose purpose, gint64 batch, GError **error)
{
  if (batch < 1)
    return rv__error_null (error, RV_ERROR_SHAPE, "there are no pictures; give at least one");
  g_autoptr (RvVaeEngine) engine = g_new0 (RvVaeEngine, 1);
  g_autoptr (RvProgram) program = rv__vae_record (vae, purpose, batch, RV_F32, engine);
  const RvBackendClass *backend = rv__compute_backend (vae->settings->backend, vae->settings->gpu, error);
  RvCompileSettings settings = { .n_threads = rv__compute_threads (vae->settings->threads) };
  engine->executable = backend ? rv__graph_compile (g_steal_pointer (&program), backend, &settings, error) : NULL;
  if (!engine->executable || !rv__executable_bind (engine->executable, error) || !map_values (engine, error))
    return NULL;
  return g_steal_pointer (&engine);
}

void
rv__vae_engine_free (RvVaeEngine *engine)
{
  if (!engine)
    return;
  rv__executable_free (engine->executable);
  rv__parameter_values_free (engine->trained);
  g_free (engine->data);
  g_free (engine);
}

RvVaeEngine *
rv__vae_engines_get (RvVaeEngines *engines, const RvVae *vae, RvVaePurpose purpose, gint64 batch, GError **error)
{
  RvVaeEngine **engine = &engines->engines[purpose];
  if (*engine && (*engine)->batch != batch)
    g_clear_pointer (engine, rv__vae_engine_free);
  if (!*engine)
    *engine = rv__vae_engine_new (vae, purpose, batch, error);
  return *engine;
}

void
rv__vae_engines_clear (RvVaeEngines *engines)
{
  for (int i = 0; i < RV_VAE_N_PURPOSES; i++)
    g_clear_pointer (&engines->engines[i], rv__vae_engine_free);
}

float *
rv__vae_engine_data (const RvVaeEngine *engine, int value)
{
  return engine->data[value];
}

void
rv__vae_engine_set_labels (const RvVae *vae, const RvVaeEngine *engine, const int *labels, gint64 n)
{
  gint64 n_labels = vae->labels ? g_strv_length (vae->labels) : 0;
  float *one_hot = n_labels > 0 ? rv__vae_engine_data (engine, engine->label) : NULL;
  if (one_hot)
    memset (one_hot, 0, (gsize) (engine->batch * n_labels) * sizeof (float));
  for (gint64 i = 0; one_hot && i < n; i++) {
    int label = labels ? labels[i] : vae->label;
    if (label >= 0)
      one_hot[i * n_labels + label] = 1;
  }
}

/* rv__executable_push() or rv__executable_pull(). */
typedef gboolean (*TransferFunc) (RvExecutable *executable, int value, GError **error);

/* Uploads or downloads by @func those of @n @values that exist. */
static gboolean
transfer (const RvVaeEngine *engine, TransferFunc func, const int *values, int n, GError **error)
{
  for (int i = 0; i < n; i++)
    if (values[i] >= 0 && !func (engine->executable, values[i], error))
      return FALSE;
  return TRUE;
}

gboolean
rv__vae_engine_forward (const RvVaeEngine *engine, GError **error)
{
  const int given[] = { engine->x, engine->label, engine->eps, engine->mu < 0 ? engine->z : -1 };
  const int outputs[] = { engine->mu,     engine->logvar,         engine->grad_z >= 0 ? engine->z : -1,
                          engine->pixels, engine->reconstruction, engine->kl };
  return transfer (engine, rv__executable_push, given, G_N_ELEMENTS (given), error) &&
         (!engine->trained || rv__parameter_values_push (engine->trained, error)) &&
         rv__executable_forward (engine->executable, error) &&
         transfer (engine, rv__executable_pull, outputs, G_N_ELEMENTS (outputs), error);
}

gboolean
rv__vae_engine_backward (const RvVaeEngine *engine, GError **error)
{
  const int given[] = { engine->grad_reconstruction, engine->grad_kl, engine->grad_z, engine->grad_logvar };
  return transfer (engine, rv__executable_push, given, G_N_ELEMENTS (given), error) &&
         rv__executable_backward (engine->executable, error) && rv__parameter_values_pull (engine->trained, error);
}
