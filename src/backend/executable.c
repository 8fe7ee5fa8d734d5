/* executable.c -- a program compiled for a backend: arena, copying values, running. If a device fails, its
 * executables move to the processor, compute the same again from copies of their inputs, and continue. */
#include "backend/kernel-table.h"
#include "backend.h"
#include "base/cancel.h"
#include "base/error.h"
#include "base/system.h"
#include "tensor/tensor-file.h"
#include <math.h>
#include <string.h>

#define MAX_CHECKS 3                       /* maximum checks of doubtful results per executable */
#define MIN_ZEROS 1024                     /* numbers; smaller values may be all zero: sums often are */
#define MAX_DIFFERENCE 1e-2                /* relative, L2: ReLUs near 0 flip */
#define LIBRARIES_BYTES ((gsize) 48 << 20) /* code of oneDNN and of the system; 35 MB measured */

/* ---- compiling --------------------------------------------------------------------------------------------------- */

/* Sets items[v].offset of each value v; values without memory of their own get 0 bytes. Returns the arena's bytes. */
static gsize
assign_arena_offsets (RvExecutable *executable, RvArenaItem *items)
{
  int n_values = (int) executable->program->values->len;
  for (int v = 0; v < n_values; v++) {
    const RvValue *value = rv__program_value (executable->program, v);
    gboolean own = value->storage == v && value->role != RV_VALUE_CONSTANT && value->first <= value->last;
    items[v] =
      (RvArenaItem){ .bytes = own ? executable->layout[v].bytes : 0, .first = value->first, .last = value->last };
  }
  return rv__arena_assign_offsets (items, n_values);
}

static gboolean
is_read (const RvValue *value)
{
  return value->last >= 0;
}

/* Sets layout.data of the constants. In host memory they stay in their tensors. Otherwise copies those that a step
 * reads to one new buffer, executable->constants, and releases their tensors. */
static gboolean
bind_constants (RvExecutable *executable, GError **error)
{
  const RvMemoryClass *memory = executable->backend->memory;
  gsize offset = 0;
  if (executable->constants_bytes > 0 &&
      !(executable->constants = memory->alloc (executable->constants_bytes, "the network's weights", error)))
    return FALSE;
  for (int v = 0; v < (int) executable->program->values->len; v++) {
    const RvValue *value = rv__program_value (executable->program, v);
    if (value->role != RV_VALUE_CONSTANT)
      continue;
    if (memory->is_host) {
      executable->layout[v].data = value->constant->data;
    } else if (is_read (value)) {
      executable->layout[v].data = executable->constants + offset;
      offset += rv__aligned (executable->layout[v].bytes);
      if (!memory->upload (executable, v, value->constant->data, error))
        return FALSE;
      rv__program_release_constant (executable->program, v);
    }
  }
  return TRUE;
}

/* Checks that enough address space is left: else libgomp would end the program, and oneDNN would crash. */
static gboolean
check_library_memory (const RvExecutable *executable, GError **error)
{
  return rv__alloc_probe (LIBRARIES_BYTES + (gsize) executable->n_threads * RV_STACK_BYTES, error);
}

/* Compiles the executable for @backend, in which it has no memory yet. */
static gboolean
compile_for (RvExecutable *executable, const RvBackendClass *backend, GError **error)
{
  int n_values = (int) executable->program->values->len;
  g_autofree RvArenaItem *items = g_new0 (RvArenaItem, n_values + 1);
  executable->backend = backend;
  for (int v = 0; v < n_values; v++)
    executable->layout[v] = (RvValueLayout){ .block = 1, .bytes = rv__program_value_bytes (executable->program, v) };
  int before = rv__system_use_threads (executable->n_threads); /* kernels are planned for this number */
  gboolean ok = rv__system_check_threads (error) && rv__check_cancelled (error) &&
                check_library_memory (executable, error) && (!backend->compile || backend->compile (executable, error));
  rv__system_use_threads (before);
  if (!ok)
    return FALSE;
  executable->arena_bytes = assign_arena_offsets (executable, items);
  executable->constants_bytes = 0;
  for (int v = 0; v < n_values && !backend->memory->is_host; v++) {
    const RvValue *value = rv__program_value (executable->program, v);
    if (value->role == RV_VALUE_CONSTANT && is_read (value))
      executable->constants_bytes += rv__aligned (executable->layout[v].bytes);
  }
  return TRUE;
}

/* Frees all that the backend has made or allocated for the executable. Sets its addresses to NULL, and scratch_bytes
 * and packed_bytes to 0. Addresses in `layout` stay, invalid, until compile_for(). */
static void
release_backend (RvExecutable *executable)
{
  const RvMemoryClass *memory = executable->backend->memory;
  if (executable->backend->close)
    executable->backend->close (executable);
  memory->free (executable->arena);
  memory->free (executable->scratch);
  memory->free (executable->constants);
  executable->arena = executable->scratch = executable->constants = NULL;
  executable->scratch_bytes = executable->packed_bytes = 0;
  executable->backend_data = NULL;
}

/* Whether the executable's backend is a device that has failed. */
static gboolean
has_failed (const RvExecutable *executable)
{
  return executable->backend->failure && executable->backend->failure ();
}

RvExecutable *
rv__executable_new (const RvBackendClass *backend, RvProgram *program, const RvCompileSettings *settings,
                    GError **error)
{
  g_autoptr (RvExecutable) executable = g_new0 (RvExecutable, 1);
  g_autoptr (GError) failed = NULL;
  int n_values = (int) program->values->len;

  executable->backend = backend;
  executable->program = program;
  executable->n_threads = MAX (settings->n_threads, 1);
  executable->wait_policy = rv__wait_policy_new (executable->n_threads);
  executable->kernels = settings->kernels ? rv__kernel_table_ref (settings->kernels) : rv_kernel_table_new ();
  executable->tune_s = settings->tune_s;
  executable->exact = settings->exact;
  executable->precision = settings->precision;
  executable->layout = g_new0 (RvValueLayout, n_values + 1);
  executable->copies = g_new0 (void *, n_values + 1);
  if (!backend->memory->is_host)
    executable->originals = g_new0 (RvTensor *, n_values + 1);
  for (int v = 0; executable->originals && v < n_values; v++) {
    const RvTensor *constant = rv__program_value (program, v)->constant;
    executable->originals[v] = constant ? rv_tensor_ref ((RvTensor *) constant) : NULL;
  }

  if (!has_failed (executable) && compile_for (executable, backend, &failed))
    return g_steal_pointer (&executable);
  if (!has_failed (executable))
    return rv__null (rv__error_propagate (error, g_steal_pointer (&failed)));
  release_backend (executable);
  return compile_for (executable, rv__backend_find (NULL, NULL), error) ? g_steal_pointer (&executable) : NULL;
}

void
rv__executable_free (RvExecutable *executable)
{
  if (!executable)
    return;
  release_backend (executable);
  for (guint v = 0; v < executable->program->values->len; v++) {
    rv__free (executable->copies[v]);
    if (executable->originals)
      rv_tensor_unref (executable->originals[v]);
  }
  g_free (executable->copies);
  g_free (executable->originals);
  g_free (executable->layout);
  rv_kernel_table_unref (executable->kernels);
  rv__wait_policy_free (executable->wait_policy);
  rv__program_free (executable->program);
  g_free (executable);
}

/* Bytes in the backend's memory. */
static gsize
backend_memory (const RvExecutable *executable)
{
  return executable->arena_bytes + executable->scratch_bytes + executable->constants_bytes + executable->packed_bytes;
}

gsize
rv__executable_memory (const RvExecutable *executable)
{
  return executable->backend->memory->is_host ? backend_memory (executable) : 0;
}

gsize
rv__executable_device_memory (const RvExecutable *executable)
{
  const RvMemoryClass *memory = executable->backend->memory;
  gsize largest = MAX (MAX (executable->arena_bytes, executable->scratch_bytes), executable->constants_bytes);
  if (memory->is_host)
    return 0;
  return memory->max_block_bytes && largest > memory->max_block_bytes () ? RV_TOO_LARGE : backend_memory (executable);
}

/* Replaces constants that map a file by copies in memory. After an error, copies made before stay. */
static gboolean
read_constants (RvExecutable *executable, GError **error)
{
  for (guint v = 0; v < executable->program->values->len; v++) {
    RvValue *value = rv__program_value (executable->program, (int) v);
    if (value->role != RV_VALUE_CONSTANT)
      continue;
    RvTensor *own = rv__tensor_read (value->constant, error);
    if (!own)
      return FALSE;
    rv_tensor_unref ((RvTensor *) value->constant);
    value->constant = own;
  }
  return TRUE;
}

/* Reads constants, allocates memory, sets addresses, and binds the present backend; no move to the processor.
 * After an error what is allocated stays, for rv__executable_free(). */
static gboolean
bind_here (RvExecutable *executable, GError **error)
{
  int n_values = (int) executable->program->values->len;
  g_autofree RvArenaItem *items = g_new0 (RvArenaItem, n_values + 1);

  const RvMemoryClass *memory = executable->backend->memory;
  assign_arena_offsets (executable, items);
  if (!read_constants (executable, error) ||
      !(executable->arena = memory->alloc (executable->arena_bytes, "the activations", error)) ||
      !(executable->scratch = memory->alloc (executable->scratch_bytes, "the kernels' scratch", error)))
    return FALSE;
  for (int v = 0; v < n_values; v++) {
    const RvValue *value = rv__program_value (executable->program, v);
    if (value->role != RV_VALUE_CONSTANT && value->first <= value->last && executable->layout[v].bytes > 0)
      executable->layout[v].data = executable->arena + items[value->storage].offset;
  }
  if (!bind_constants (executable, error))
    return FALSE;
  int before = rv__system_use_threads (executable->n_threads);
  gboolean ok = check_library_memory (executable, error) &&
                (!executable->backend->bind || executable->backend->bind (executable, error));
  rv__system_use_threads (before);
  return ok;
}

/* ---- running steps ----------------------------------------------------------------------------------------------- */

RvView
rv__executable_view (const RvExecutable *executable, int value)
{
  return (RvView){ executable->layout[value].data, *rv__program_shape (executable->program, value),
                   executable->layout[value].block };
}

/* Whether @value has an address, its own or a shared one; constants have one. FALSE before rv__executable_bind(), and
 * for values that no step uses. */
static gboolean
has_memory (const RvExecutable *executable, int value)
{
  return executable->layout[value].data != NULL;
}

/* Copies @data to a value in the backend's memory; TRUE at once for a value without memory. */
static gboolean
upload (RvExecutable *executable, int value, const void *data, GError **error)
{
  return !has_memory (executable, value) ||
         (rv__system_check_threads (error) && executable->backend->memory->upload (executable, value, data, error));
}

/* Copies all elements of @value from the backend's memory to @data, which the caller owns; blocking. TRUE, with @data
 * unchanged, if the plan gave @value no memory. */
static gboolean
download (RvExecutable *executable, int value, void *data, GError **error)
{
  return !has_memory (executable, value) || executable->backend->memory->download (executable, value, data, error);
}

void
rv__executable_run_plain (RvExecutable *executable, int step)
{
  const RvOpCall *s = rv__program_call (executable->program, step);
  RvView in[RV_OP_MAX_IN], out[RV_OP_MAX_OUT];

  for (int k = 0; k < s->n_in; k++)
    in[k] = rv__executable_view (executable, s->in[k]);
  for (int k = 0; k < s->n_out; k++)
    out[k] = rv__executable_view (executable, s->out[k]);
  rv__op_class (s->kind, executable->program->type)->run (&s->attrs, s->n_in, in, out);
}

typedef struct {
  RvView in[RV_OP_MAX_IN], out[RV_OP_MAX_OUT];
} Operands;

static void
operands_clear (Operands *operands)
{
  for (int k = 0; k < RV_OP_MAX_IN; k++)
    rv__free (operands->in[k].data);
  for (int k = 0; k < RV_OP_MAX_OUT; k++)
    rv__free (operands->out[k].data);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Operands, operands_clear)

/* Sets *@view to zeroed host memory for a value, in plain rows; free view->data with rv__free(). */
static gboolean
host_view_new (const RvExecutable *executable, int value, RvView *view, GError **error)
{
  void *data = rv__alloc (rv__program_value_bytes (executable->program, value), "a value", error);
  *view = (RvView){ data, *rv__program_shape (executable->program, value), 1 };
  return data != NULL;
}

/* Runs step @step, which the backend lacks, as plain C on the host. Downloads its inputs to temporary copies, and
 * uploads the outputs that the plan did not drop. Blocking. A download first runs the started steps, which can be
 * cancelled. */
static gboolean
run_on_host (RvExecutable *executable, int step, GError **error)
{
  const RvOpCall *s = rv__program_call (executable->program, step);
  g_auto (Operands) operands = { 0 };
  for (int k = 0; k < s->n_in; k++)
    if (!host_view_new (executable, s->in[k], &operands.in[k], error) ||
        !download (executable, s->in[k], operands.in[k].data, error))
      return FALSE;
  for (int k = 0; k < s->n_out; k++)
    if (has_memory (executable, s->out[k]) && !host_view_new (executable, s->out[k], &operands.out[k], error))
      return FALSE;
  rv__op_class (s->kind, executable->program->type)->run (&s->attrs, s->n_in, operands.in, operands.out);
  for (int k = 0; k < s->n_out; k++)
    if (!upload (executable, s->out[k], operands.out[k].data, error))
      return FALSE;
  return TRUE;
}

/* Runs steps @first .. @last - 1, and waits for the device. Checks the thread's cancellable before each step. */
static gboolean
run_steps (RvExecutable *executable, int first, int last, GError **error)
{
  gboolean ok = rv__system_check_threads (error);
  int before = rv__system_use_threads (executable->n_threads);
  for (int step = first; ok && step < last; step++) {
    const RvBackendClass *backend = executable->backend;
    gboolean has_step = !backend->supports || backend->supports (executable, step);
    ok = rv__check_cancelled (error) &&
         (has_step ? backend->run (executable, step, error) : run_on_host (executable, step, error));
    rv__wait_policy_update (executable->wait_policy, g_get_monotonic_time ());
  }
  if (ok && executable->backend->memory->synchronize)
    ok = executable->backend->memory->synchronize (executable, error);
  rv__system_use_threads (before);
  return ok;
}

/* ---- a device that fails ----------------------------------------------------------------------------------------- */

/* Moves an executable that was first compiled for a device, and is bound or whose binding failed, to @backend: compiles
 * it again, uploads its inputs, and computes the results that the caller may still read. RV_ERROR_CANCELLED before the
 * move changes nothing. Other errors leave it lost (is_lost); a later move may succeed. */
static gboolean
move (RvExecutable *executable, const RvBackendClass *backend, GError **error)
{
  if (!rv__check_cancelled (error))
    return FALSE;
  executable->is_lost = TRUE;
  release_backend (executable);
  for (guint v = 0; v < executable->program->values->len; v++) {
    RvValue *value = rv__program_value (executable->program, (int) v);
    rv__program_release_constant (executable->program, (int) v);
    value->constant = executable->originals[v] ? rv_tensor_ref (executable->originals[v]) : NULL;
  }
  if (!compile_for (executable, backend, error) || !bind_here (executable, error))
    return FALSE;
  for (guint v = 0; v < executable->program->values->len; v++) {
    RvValueRole role = rv__program_value (executable->program, (int) v)->role;
    if ((role == RV_VALUE_INPUT || role == RV_VALUE_PARAMETER) && executable->copies[v] &&
        !upload (executable, (int) v, executable->copies[v], error))
      return FALSE;
  }
  executable->is_lost = !run_steps (executable, 0, executable->n_done, error);
  return !executable->is_lost;
}

/* FALSE and RV_ERROR_BACKEND for an executable whose numbers were lost by a failed move() to another backend. */
static gboolean
check_lost (const RvExecutable *executable, GError **error)
{
  return !executable->is_lost ||
         rv__error_set (error, RV_ERROR_BACKEND, "the GPU failed, and the processor could not go on");
}

/* Handles the error *@failed (nullable) of a call. If the device has failed, returns the result of a move() to the
 * processor; *@failed stays the caller's. Otherwise returns FALSE, and @error takes over *@failed. */
static gboolean
recover (RvExecutable *executable, GError **failed, GError **error)
{
  if (has_failed (executable))
    return move (executable, rv__backend_find (NULL, NULL), error);
  return rv__error_propagate (error, g_steal_pointer (failed));
}

gboolean
rv__are_near (const float *ours, const float *right, gsize n, double tolerance)
{
  double difference = 0, size = 0;
  for (gsize i = 0; i < n; i++) {
    difference += ((double) ours[i] - (double) right[i]) * ((double) ours[i] - (double) right[i]);
    size += (double) right[i] * (double) right[i];
  }
  return sqrt (difference) <= tolerance * sqrt (size);
}

static gboolean
are_finite (const float *numbers, gsize n)
{
  gboolean finite = TRUE;
  for (gsize i = 0; i < n; i++)
    finite &= isfinite (numbers[i]) != 0;
  return finite;
}

/* Whether the device may have failed: value number @value is computed, and @data, its downloaded numbers, has one that
 * is not finite, or MIN_ZEROS or more that are all zero. FALSE for bits, bytes and a value without memory, after
 * MAX_CHECKS checks, and for backends without set_failure(). */
static gboolean
is_doubtful (const RvExecutable *executable, int value, const float *data)
{
  const RvValue *v = rv__program_value (executable->program, value);
  gboolean is_zero = TRUE;
  gsize n = (gsize) rv_shape_count (&v->shape);
  if (!executable->backend->set_failure || executable->n_checks == MAX_CHECKS || v->role != RV_VALUE_COMPUTED ||
      v->holds != RV_ELEMENT_REAL || !has_memory (executable, value))
    return FALSE;
  for (gsize i = 0; i < n; i++)
    is_zero &= data[i] == 0;
  return !are_finite (data, n) || (is_zero && n >= MIN_ZEROS);
}

/* Computes a value again on the processor, and sets @data, the device's numbers, to the processor's. If both agree, or
 * the processor's are not finite, moves back to the device; if that fails, the processor continues. Otherwise sets the
 * device's failure. If memory is short for a copy or for the processor, @data and the device stay: TRUE. */
static gboolean
confirm (RvExecutable *executable, int value, float *data, GError **error)
{
  const RvBackendClass *device = executable->backend, *processor = rv__backend_find (NULL, NULL);
  gsize n = (gsize) rv_shape_count (rv__program_shape (executable->program, value));
  g_autoptr (guint8) memory = rv__alloc (n * sizeof *data, "a value", NULL);
  float *ours = (float *) (void *) memory;
  executable->n_checks++;
  if (!ours)
    return TRUE;
  memcpy (ours, data, n * sizeof *data);
  if (!move (executable, processor, NULL))
    return move (executable, device, error);
  if (!download (executable, value, data, error))
    return FALSE;
  if (rv__are_near (ours, data, n, MAX_DIFFERENCE) || !are_finite (data, n))
    return move (executable, device, NULL) || move (executable, processor, error);
  device->set_failure ("the GPU computes wrong numbers");
  return TRUE;
}

gboolean
rv__executable_bind (RvExecutable *executable, GError **error)
{
  g_autoptr (GError) failed = NULL;
  return bind_here (executable, &failed) || recover (executable, &failed, error);
}

/* ---- moving values ----------------------------------------------------------------------------------------------- */

/* (nullable): the copy of a value on the host, zeroed by the first call; owned by @executable. */
static void *
require_copy (RvExecutable *executable, int value, GError **error)
{
  if (!executable->copies[value])
    executable->copies[value] = rv__alloc (rv__program_value_bytes (executable->program, value), "a value", error);
  return executable->copies[value];
}

gboolean
rv__executable_set (RvExecutable *executable, int value, const void *data, GError **error)
{
  g_autoptr (GError) failed = NULL;
  if (has_memory (executable, value) && executable->originals && data != executable->copies[value]) {
    void *copy = require_copy (executable, value, error);
    if (!copy)
      return FALSE;
    memcpy (copy, data, rv__program_value_bytes (executable->program, value));
  }
  return upload (executable, value, data, &failed) || recover (executable, &failed, error);
}

gboolean
rv__executable_get (RvExecutable *executable, int value, void *data, GError **error)
{
  g_autoptr (GError) failed = NULL;
  gboolean done =
    check_lost (executable, &failed) && !has_failed (executable) && download (executable, value, data, &failed);
  if (!done && !(recover (executable, &failed, error) && download (executable, value, data, error)))
    return FALSE;
  return !is_doubtful (executable, value, data) || confirm (executable, value, data, error);
}

gboolean
rv__executable_copy (RvExecutable *executable, int from, int to, GError **error)
{
  if (executable->backend->memory->copy)
    return executable->backend->memory->copy (executable, from, to, error);
  void *numbers = rv__alloc (rv__program_value_bytes (executable->program, from), "a value", error);
  gboolean ok = numbers && rv__executable_get (executable, from, numbers, error) &&
                rv__executable_set (executable, to, numbers, error);
  rv__free (numbers);
  return ok;
}

/* Whether a value is mapped without a copy. */
static gboolean
is_mapped_in_place (const RvExecutable *executable, int value)
{
  return !executable->originals && executable->layout[value].block <= 1 && has_memory (executable, value);
}

void *
rv__executable_map (RvExecutable *executable, int value, GError **error)
{
  if (is_mapped_in_place (executable, value))
    return executable->layout[value].data;
  return require_copy (executable, value, error);
}

gboolean
rv__executable_push (RvExecutable *executable, int value, GError **error)
{
  return is_mapped_in_place (executable, value) ||
         rv__executable_set (executable, value, executable->copies[value], error);
}

gboolean
rv__executable_pull (RvExecutable *executable, int value, GError **error)
{
  return is_mapped_in_place (executable, value) ||
         rv__executable_get (executable, value, executable->copies[value], error);
}

/* ---- running ----------------------------------------------------------------------------------------------------- */

/* Runs steps @first .. @last - 1. If the device fails, runs steps 0 .. @last - 1 on the processor instead. */
static gboolean
compute (RvExecutable *executable, int first, int last, GError **error)
{
  g_autoptr (GError) failed = NULL;
  executable->n_done = last;
  return (check_lost (executable, &failed) && !has_failed (executable) &&
          run_steps (executable, first, last, &failed)) ||
         recover (executable, &failed, error);
}

gboolean
rv__executable_step (RvExecutable *executable, int step, GError **error)
{
  return compute (executable, step, step + 1, error);
}

gboolean
rv__executable_forward (RvExecutable *executable, GError **error)
{
  return compute (executable, 0, executable->program->n_forward, error);
}

gboolean
rv__executable_backward (RvExecutable *executable, GError **error)
{
  return compute (executable, executable->program->n_forward, (int) executable->program->calls->len, error);
}
