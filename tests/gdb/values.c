/* values.c -- program of test-gdb.sh: makes one value of each type that tools/gdb-reverie.py prints. */
#include "op/program.h"

void stop_here (const RvTensor *tensor, const RvTensor *half, const RvProgram *program, const GError *error);

/* Breakpoint of test-gdb.sh. */
__attribute__ ((noinline)) void
stop_here (const RvTensor *tensor, const RvTensor *half, const RvProgram *program, const GError *error)
{
  __asm__ volatile("" ::"r"(tensor), "r"(half), "r"(program), "r"(error) : "memory");
}

int
main (void)
{
  RvShape shape = rv_shape (2, 2, 5);
  g_autoptr (RvTensor) tensor = rv_tensor_new (RV_F32, &shape, NULL);
  if (!tensor)
    return 1;
  for (int i = 0; i < 10; i++)
    ((float *) tensor->data)[i] = (float) i + 0.5f;
  g_autoptr (RvTensor) half = rv_tensor_to_f16 (tensor, NULL);
  g_autoptr (RvProgram) program = rv__program_new (RV_F32);
  int in = rv__program_input (program, &shape);
  int out = rv__program_record (program, RV_OP_ADD, NULL, 2, (const int[]){ in, in });
  g_autoptr (GError) error = g_error_new (RV_ERROR, RV_ERROR_SHAPE, "the inputs do not fit");
  stop_here (tensor, half, program, error);
  return rv__program_value (program, out)->role == RV_VALUE_COMPUTED && rv__program_call (program, 0)->n_in == 2 ? 0
                                                                                                                 : 1;
}
