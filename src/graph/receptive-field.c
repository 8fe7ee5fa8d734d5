/* receptive-field.c -- receptive fields, from the picture to each value.
 *
 * Position p of a value depends, along an axis, on the input's positions p * jump - before .. p * jump + after. Each op
 * declares how its positions depend on those of its inputs (RvLocality, RvOpWindow). Through a window, before +=
 * w.before jump / up, after += w.after jump / up, jump *= down / up. If branches meet, the larger values count. */
#include "graph.h"

gint64
rv__common_multiple (gint64 a, gint64 b)
{
  gint64 divisor = a, multiple = 0;
  for (gint64 rest, other = b; other > 0; divisor = other, other = rest)
    rest = divisor % other;
  return divisor > 0 && __builtin_mul_overflow (a / divisor, b, &multiple) ? G_MAXINT64 : multiple;
}

/* Union of the receptive fields of the inputs of @step, with the first untileable_op among them. @fields: by number of
 * value. Inputs that do not depend on the picture are ignored; if all are ignored, jump is 0. */
static RvReceptiveField
merge_inputs (const RvOpCall *step, const RvReceptiveField *fields)
{
  RvReceptiveField merged = { .unit = { 1, 1 } };
  for (int k = 0; k < step->n_in; k++) {
    const RvReceptiveField *in = &fields[step->in[k]];
    if (!merged.untileable_op)
      merged.untileable_op = in->untileable_op;
    for (int axis = 0; axis < 2 && in->jump[0] > 0; axis++) {
      merged.before[axis] = MAX (merged.before[axis], in->before[axis]);
      merged.after[axis] = MAX (merged.after[axis], in->after[axis]);
      merged.jump[axis] = in->jump[axis];
      merged.unit[axis] = rv__common_multiple (merged.unit[axis], in->unit[axis]);
    }
  }
  return merged;
}

/* Extends @field by @window along @axis. FALSE: positions of the op's output would lie between pixels of the picture;
 * or the unit would be above RV_MAX_UNIT. */
static gboolean
through_window (RvReceptiveField *field, int axis, const RvOpWindow *window)
{
  if (field->jump[axis] % window->up) /* positions between pixels */
    return FALSE;
  gint64 part = field->jump[axis] / window->up;
  field->before[axis] += window->before * part;
  field->after[axis] += window->after * part;
  field->jump[axis] = part * window->down;
  field->unit[axis] = rv__common_multiple (field->unit[axis], field->jump[axis]);
  return field->unit[axis] <= RV_MAX_UNIT;
}

/* Receptive field of the outputs of @step, from those of its inputs. @fields: by number of value. Sets untileable_op to
 * the name of an op that is neither pointwise nor has a fixed window, or exceeds RV_MAX_UNIT, and jump to 0. Cannot
 * fail. */
static RvReceptiveField
through_step (const RvProgram *program, const RvOpCall *step, const RvReceptiveField *fields)
{
  const RvOpClass *op = rv__op_class (step->kind, program->type);
  RvReceptiveField field = merge_inputs (step, fields);
  gboolean known = (op->locality == RV_LOCALITY_POINTWISE || op->locality == RV_LOCALITY_WINDOW) &&
                   MAX (field.unit[0], field.unit[1]) <= RV_MAX_UNIT;
  RvShape in[RV_OP_MAX_IN];
  RvOpWindow window;

  if (field.jump[0] == 0) /* independent of the picture, or without positions */
    return field;
  for (int k = 0; k < step->n_in; k++)
    in[k] = *rv__program_shape (program, step->in[k]);
  for (int axis = 0; axis < 2 && op->locality == RV_LOCALITY_WINDOW; axis++)
    known = known && op->window (&step->attrs, in, axis, &window) && through_window (&field, axis, &window);
  return known ? field : (RvReceptiveField){ .unit = { 1, 1 }, .untileable_op = rv__op_name (step->kind) };
}

RvReceptiveField *
rv__graph_receptive_fields (const RvProgram *program, int from)
{
  RvReceptiveField *fields = g_new0 (RvReceptiveField, program->values->len + 1);
  fields[from] = (RvReceptiveField){ .jump = { 1, 1 }, .unit = { 1, 1 } };
  for (guint i = 0; i < program->calls->len; i++) {
    const RvOpCall *step = rv__program_call (program, (int) i);
    RvReceptiveField field = through_step (program, step, fields);
    for (int k = 0; k < step->n_out; k++)
      fields[step->out[k]] = field;
  }
  return fields;
}
