/* program.c -- records op calls. */
#include "program.h"

#define MAX_NUMBERS ((guint64) 1 << 48) /* of a value: sums of some of them, and bytes, do not exceed 64 bits */

RvProgram *
rv__program_new (RvType type)
{
  RvProgram *program = g_new0 (RvProgram, 1);
  program->type = type;
  program->values = g_array_new (FALSE, TRUE, sizeof (RvValue));
  program->calls = g_array_new (FALSE, TRUE, sizeof (RvOpCall));
  return program;
}

void
rv__program_free (RvProgram *program)
{
  if (!program)
    return;
  for (guint i = 0; i < program->values->len; i++)
    rv_tensor_unref ((RvTensor *) g_array_index (program->values, RvValue, i).constant);
  g_array_unref (program->values);
  g_array_unref (program->calls);
  g_clear_error (&program->error);
  g_free (program);
}

RvProgram *
rv__program_copy (const RvProgram *program)
{
  RvProgram *copy = rv__program_new (program->type);
  g_array_append_vals (copy->values, program->values->data, program->values->len);
  g_array_append_vals (copy->calls, program->calls->data, program->calls->len);
  for (guint i = 0; i < copy->values->len; i++) {
    const RvTensor *constant = g_array_index (copy->values, RvValue, i).constant;
    if (constant)
      rv_tensor_ref ((RvTensor *) constant);
  }
  copy->n_forward = program->n_forward;
  copy->error = program->error ? g_error_copy (program->error) : NULL;
  return copy;
}

/* Appends @value, in memory of its own. Returns its number, from 0. Pointers to values become invalid. Cannot fail. */
static int
add_value (RvProgram *program, RvValue value)
{
  value.storage = (int) program->values->len;
  g_array_append_val (program->values, value);
  return value.storage;
}

int
rv__program_input (RvProgram *program, const RvShape *shape)
{
  if (program->error)
    return -1;
  return add_value (program, (RvValue){ .role = RV_VALUE_INPUT, .shape = *shape });
}

int
rv__program_parameter (RvProgram *program, const RvShape *shape)
{
  int value = rv__program_input (program, shape);
  if (value >= 0)
    rv__program_value (program, value)->role = RV_VALUE_PARAMETER;
  return value;
}

int
rv__program_constant (RvProgram *program, RvTensor *tensor)
{
  if (program->error)
    return -1;
  if (tensor->type != program->type) {
    program->error = g_error_new (RV_ERROR, RV_ERROR_TYPE, "a constant of type %s in a program of type %s",
                                  rv_type_name (tensor->type), rv_type_name (program->type));
    return -1;
  }
  return add_value (program,
                    (RvValue){ .role = RV_VALUE_CONSTANT, .shape = tensor->shape, .constant = rv_tensor_ref (tensor) });
}

RvValue *
rv__program_value (const RvProgram *program, int value)
{
  return &g_array_index (program->values, RvValue, value);
}

const RvShape *
rv__program_shape (const RvProgram *program, int value)
{
  static const RvShape nothing;
  return value < 0 ? &nothing : &rv__program_value (program, value)->shape;
}

const RvOpCall *
rv__program_call (const RvProgram *program, int step)
{
  return &g_array_index (program->calls, RvOpCall, step);
}

void
rv__program_output (RvProgram *program, int value)
{
  if (value >= 0)
    rv__program_value (program, value)->is_output = TRUE;
}

void
rv__program_forward_output (RvProgram *program, int value)
{
  if (value >= 0)
    rv__program_value (program, value)->is_forward_output = TRUE;
}

void
rv__program_keep_all (RvProgram *program)
{
  for (int v = 0; v < (int) program->values->len; v++) {
    RvValue *value = rv__program_value (program, v);
    value->first = 0, value->last = (int) program->calls->len, value->storage = v;
  }
}

int
rv__program_record (RvProgram *program, RvOpKind kind, const RvOpAttrs *attrs, int n_in, const int *in)
{
  const RvOpClass *op = rv__op_class (kind, program->type);
  RvOpCall step = { .kind = kind, .n_out = 1 + op->has_second_out };
  RvShape shape_in[RV_OP_MAX_IN], shape_out[RV_OP_MAX_OUT];

  if (program->error)
    return -1;
  while (n_in > 0 && in[n_in - 1] < 0)
    n_in--;
  g_return_val_if_fail (n_in >= op->n_in && n_in <= MAX (op->n_in, op->max_in), -1);

  step.n_in = n_in;
  for (int i = 0; i < n_in; i++) {
    g_return_val_if_fail (in[i] >= 0, -1);
    step.in[i] = in[i];
    shape_in[i] = *rv__program_shape (program, in[i]);
  }
  if (attrs)
    step.attrs = *attrs;
  shape_out[0] = shape_out[1] = shape_in[0];
  if (op->shape && !op->shape (&step.attrs, n_in, shape_in, shape_out, &program->error))
    return -1;
  for (int i = 0; i < step.n_out; i++)
    if ((guint64) rv_shape_count (&shape_out[i]) > MAX_NUMBERS) { /* -1: above 64 bits */
      program->error = g_error_new (RV_ERROR, RV_ERROR_SHAPE, "%s: the result is too large", rv__op_name (kind));
      return -1;
    }
  for (int i = 0; i < step.n_out; i++)
    step.out[i] =
      add_value (program, (RvValue){ .role = RV_VALUE_COMPUTED, .holds = op->holds[i], .shape = shape_out[i] });
  g_array_append_val (program->calls, step);
  return step.out[0];
}

double
rv__program_work (const RvProgram *program, const RvOpCall *step)
{
  RvShape in[RV_OP_MAX_IN], out[RV_OP_MAX_OUT];
  for (int k = 0; k < step->n_in; k++)
    in[k] = *rv__program_shape (program, step->in[k]);
  for (int k = 0; k < step->n_out; k++)
    out[k] = *rv__program_shape (program, step->out[k]);
  const RvOpClass *op = rv__op_class (step->kind, program->type);
  return op->work ? op->work (&step->attrs, in, out) : (double) MAX (rv_shape_count (&in[0]), rv_shape_count (&out[0]));
}

gsize
rv__program_value_bytes (const RvProgram *program, int value)
{
  const RvValue *v = rv__program_value (program, value);
  return rv__element_bytes (v->holds, program->type, rv_shape_count (&v->shape));
}

void
rv__program_release_constant (RvProgram *program, int value)
{
  RvValue *v = rv__program_value (program, value);
  rv_tensor_unref ((RvTensor *) v->constant);
  v->constant = NULL;
}
