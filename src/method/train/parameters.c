/* parameters.c -- trained parameters and their values in a program. */
#include "method/train/parameters.h"
#include <string.h>

/* ---- tensors ----------------------------------------------------------------------------------------------------- */

static void
clear_parameter (gpointer data)
{
  g_free (((RvParameter *) data)->name);
  rv_tensor_unref (((RvParameter *) data)->tensor);
}

RvParameters *
rv__parameters_new (void)
{
  RvParameters *parameters = g_array_new (FALSE, TRUE, sizeof (RvParameter));
  g_array_set_clear_func (parameters, clear_parameter);
  return parameters;
}

gboolean
rv__parameters_add (RvParameters *parameters, const char *name, const RvShape *shape, GError **error)
{
  RvParameter parameter = { .tensor = rv_tensor_new (RV_F32, shape, error) };
  if (!parameter.tensor)
    return FALSE;
  parameter.name = g_strdup (name);
  g_array_append_val (parameters, parameter);
  return TRUE;
}

RvParameter *
rv__parameter (const RvParameters *parameters, guint i)
{
  return &g_array_index (parameters, RvParameter, i);
}

int
rv__parameters_index (const RvParameters *parameters, const char *name)
{
  for (guint i = 0; i < parameters->len; i++)
    if (strcmp (rv__parameter (parameters, i)->name, name) == 0)
      return (int) i;
  return -1;
}

gboolean
rv__parameters_alike (const RvParameters *a, const RvParameters *b)
{
  gboolean alike = a->len == b->len;
  for (guint i = 0; alike && i < a->len; i++)
    alike = strcmp (rv__parameter (a, i)->name, rv__parameter (b, i)->name) == 0 &&
            rv_shape_equal (&rv__parameter (a, i)->tensor->shape, &rv__parameter (b, i)->tensor->shape);
  return alike;
}

/* ---- in a program ------------------------------------------------------------------------------------------------ */

RvParameterValues *
rv__parameter_values_new (const RvParameters *parameters)
{
  guint n = parameters->len;
  RvParameterValues *trained = g_new0 (RvParameterValues, 1);
  trained->parameters = parameters;
  trained->value = g_new (int, n + 1);
  trained->grad = g_new (int, n + 1);
  trained->at = g_new0 (float *, n + 1);
  trained->grad_at = g_new0 (float *, n + 1);
  for (guint i = 0; i < n; i++)
    trained->value[i] = trained->grad[i] = -1;
  return trained;
}

void
rv__parameter_values_free (RvParameterValues *trained)
{
  if (!trained)
    return;
  g_free (trained->value);
  g_free (trained->grad);
  g_free (trained->at);
  g_free (trained->grad_at);
  g_free (trained);
}

int
rv__parameter_values_record (RvParameterValues *trained, RvProgram *program, const char *name)
{
  int i = rv__parameters_index (trained->parameters, name);
  g_return_val_if_fail (i >= 0, -1);
  if (trained->value[i] < 0)
    trained->value[i] = rv__program_parameter (program, &rv__parameter (trained->parameters, (guint) i)->tensor->shape);
  return trained->value[i];
}

gboolean
rv__parameter_values_differentiate (RvParameterValues *trained, RvProgram *program, const RvGradSeed *seeds,
                                    int n_seeds)
{
  guint n = trained->parameters->len;
  int n_wrt = 0;
  g_autofree int *which = g_new (int, n + 1), *wrt = g_new (int, n + 1), *grad = g_new (int, n + 1);
  for (guint i = 0; i < n; i++)
    if (trained->value[i] >= 0) {
      which[n_wrt] = (int) i;
      wrt[n_wrt++] = trained->value[i];
    }
  gboolean ok = rv__graph_differentiate_all (program, seeds, n_seeds, wrt, n_wrt, grad);
  for (int k = 0; k < n_wrt; k++)
    trained->grad[which[k]] = grad[k];
  return ok;
}

/* Sets *at to the host memory of @value; leaves it if @value is -1. */
static gboolean
map (RvParameterValues *trained, int value, float **at, GError **error)
{
  return value < 0 || (*at = rv__executable_map (trained->executable, value, error));
}

gboolean
rv__parameter_values_bind (RvParameterValues *trained, RvExecutable *executable, GError **error)
{
  trained->executable = executable;
  for (guint i = 0; i < trained->parameters->len; i++) {
    trained->at[i] = rv__parameter (trained->parameters, i)->tensor->data;
    if (!map (trained, trained->value[i], &trained->at[i], error) ||
        !map (trained, trained->grad[i], &trained->grad_at[i], error))
      return FALSE;
  }
  rv__parameter_values_load (trained);
  return TRUE;
}

void
rv__parameter_values_load (RvParameterValues *trained)
{
  for (guint i = 0; i < trained->parameters->len; i++) {
    const RvTensor *tensor = rv__parameter (trained->parameters, i)->tensor;
    memmove (trained->at[i], tensor->data, rv_tensor_bytes (tensor));
  }
}

void
rv__parameter_values_store (const RvParameterValues *trained)
{
  for (guint i = 0; i < trained->parameters->len; i++) {
    RvTensor *tensor = rv__parameter (trained->parameters, i)->tensor;
    memmove (tensor->data, trained->at[i], rv_tensor_bytes (tensor));
  }
}

gboolean
rv__parameter_values_push (const RvParameterValues *trained, GError **error)
{
  gboolean ok = TRUE;
  for (guint i = 0; i < trained->parameters->len; i++)
    ok = ok && (trained->value[i] < 0 || rv__executable_push (trained->executable, trained->value[i], error));
  return ok;
}

gboolean
rv__parameter_values_pull (const RvParameterValues *trained, GError **error)
{
  gboolean ok = TRUE;
  for (guint i = 0; i < trained->parameters->len; i++)
    ok = ok && (trained->grad[i] < 0 || rv__executable_pull (trained->executable, trained->grad[i], error));
  return ok;
}
