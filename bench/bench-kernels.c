/* bench-kernels.c -- bench-kernels [PATTERN [THREADS]]: GFLOP/s of every kernel for some convolutions of the networks,
 * forward and both backward passes. Each figure is the best of several rounds, in which kernels alternate.
 *
 * One thread is measured by its processor time. Several threads are measured by wall time. Before that, each thread
 * writes its range of the input. ONEDNN_MAX_CPU_ISA limits the instructions. PATTERN: substring of a line's name,
 * "backward-data 288". */
#include "backend/conv.h"
#include "base/system.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TURNS 9

static int n_threads = 1;

static const struct {
  int in, out, rows, cols, kernel, stride, pad, n; /* pad -1: 0 before, 1 after */
} convs[] = {
  { 3, 32, 299, 299, 3, 2, 0, 1 },    { 3, 64, 200, 266, 3, 1, 1, 1 },    { 3, 64, 224, 224, 7, 2, 3, 1 },
  { 32, 32, 264, 264, 3, 1, 1, 1 },   { 64, 64, 200, 266, 3, 1, 1, 1 },   { 256, 256, 50, 66, 3, 1, 1, 1 },
  { 96, 96, 47, 36, 3, 2, 0, 1 },     { 288, 384, 47, 36, 3, 2, 0, 1 },   { 512, 512, 25, 33, 3, 1, 1, 1 },
  { 64, 256, 56, 56, 1, 1, 0, 1 },    { 1024, 256, 14, 14, 1, 1, 0, 1 },  { 1, 32, 28, 28, 4, 2, 1, 128 },
  { 1, 32, 28, 28, 3, 1, 1, 128 },    { 32, 64, 14, 14, 4, 2, 1, 128 },   { 24, 40, 60, 60, 5, 1, 2, 1 },
  { 16, 3, 392, 520, 9, 1, 0, 1 },    { 32, 32, 528, 528, 3, 1, 1, 1 },   { 32, 32, 315, 415, 3, 1, 0, 1 },
  { 96, 96, 76, 101, 3, 1, 1, 1 },    { 128, 128, 132, 132, 3, 1, 1, 1 }, { 192, 192, 37, 50, 3, 1, 1, 1 },
  { 256, 128, 100, 132, 3, 1, 1, 1 }, { 48, 64, 76, 101, 5, 1, 2, 1 },    { 288, 384, 76, 101, 3, 2, 0, 1 },
  { 32, 64, 28, 28, 3, 2, -1, 128 },  { 64, 64, 14, 14, 3, 2, -1, 128 },  { 32, 64, 14, 14, 3, 2, -1, 128 },
};

static const char *const directions[] = { "forward", "backward-data", "backward-weights" };

typedef struct {
  RvConv *conv;
  void *memory[6];
  double best_s;
} Candidate;

/* Creates the kernel and its buffers, which are zero, and packs the weights. conv stays NULL if the kernel cannot run
 * @spec. */
static void
open_candidate (Candidate *candidate, RvOnednn *onednn, const RvConvSpec *spec, RvConvKernelKind kind)
{
  RvConv *conv = candidate->conv = rv__conv_new (onednn, spec, kind, n_threads);
  candidate->best_s = G_MAXDOUBLE;
  if (!conv)
    return;
  const gsize bytes[] = { (gsize) rv_shape_count (&spec->src) * 4,
                          (gsize) rv_shape_count (&spec->dst) * 4,
                          (gsize) rv_shape_count (&spec->weights) * 4,
                          rv__conv_packed_bytes (conv),
                          rv__conv_scratch_bytes (conv),
                          4096 };
  for (int i = 0; i < 6; i++)
    candidate->memory[i] = rv__alloc (bytes[i], "a trial", NULL);
  if (spec->direction != RV_CONV_BACKWARD_WEIGHTS)
    rv__conv_pack (conv, onednn, candidate->memory[2], TRUE, candidate->memory[3], NULL);
}

static double
clock_s (void)
{
  return n_threads == 1 ? rv__system_thread_clock_s () : (double) g_get_monotonic_time () / G_USEC_PER_SEC;
}

static void
write_all (float *x, gint64 n)
{
#pragma omp parallel for schedule(static)
  for (gint64 i = 0; i < n; i++)
    x[i] += 1;
}

/* Runs the kernel once and lowers best_s to its time. */
static void
run_candidate (Candidate *candidate, RvOnednn *onednn)
{
  void **memory = candidate->memory;
  const RvConvSpec *spec = &candidate->conv->spec;
  RvConvArgs run = { .src = memory[0], .dst = memory[1], .packed = memory[3], .weights = memory[2] };
  if (n_threads > 1 && spec->direction != RV_CONV_BACKWARD_DATA)
    write_all (memory[0], rv_shape_count (&spec->src));
  if (n_threads > 1 && spec->direction != RV_CONV_FORWARD)
    write_all (memory[1], rv_shape_count (&spec->dst));
  double began_s = clock_s ();
  rv__conv_run (candidate->conv, onednn, &run, memory[4]);
  candidate->best_s = MIN (candidate->best_s, clock_s () - began_s);
}

static void
close_candidate (Candidate *candidate)
{
  for (int i = 0; candidate->conv && i < 6; i++)
    rv__free (candidate->memory[i]);
  rv__conv_free (candidate->conv);
}

/* Prints the line @name: GFLOP/s of each kernel that can run @spec. */
static void
compare (RvOnednn *onednn, const RvConvSpec *spec, const char *name)
{
  Candidate candidates[RV_N_CONV_KERNELS] = { 0 };
  double work = 2.0 * (double) rv_shape_count (&spec->dst) * (double) rv_shape_count (&spec->weights) /
                (double) spec->weights.dim[0];
  for (int kind = 0; kind < RV_N_CONV_KERNELS; kind++)
    open_candidate (&candidates[kind], onednn, spec, (RvConvKernelKind) kind);
  for (int turn = 0; turn < TURNS; turn++)
    for (int kind = 0; kind < RV_N_CONV_KERNELS; kind++)
      if (candidates[kind].conv)
        run_candidate (&candidates[kind], onednn);
  printf ("%-44s", name);
  for (int kind = 0; kind < RV_N_CONV_KERNELS; kind++) {
    if (candidates[kind].conv)
      printf (" %s %.1f", rv__conv_class ((RvConvKernelKind) kind)->name, work / candidates[kind].best_s / 1e9);
    close_candidate (&candidates[kind]);
  }
  printf ("\n");
}

int
main (int argc, char **argv)
{
  RvOnednn *onednn = rv__onednn_open ();
  int block = rv__simd_best ()->lanes;
  n_threads = argc > 2 ? MAX (atoi (argv[2]), 1) : 1;
  rv__system_use_threads (n_threads);
  for (int direction = RV_CONV_FORWARD; direction <= RV_CONV_BACKWARD_WEIGHTS; direction++)
    for (guint i = 0; i < G_N_ELEMENTS (convs); i++) {
      int before = MAX (convs[i].pad, 0), after = ABS (convs[i].pad);
      int rows = (convs[i].rows + before + after - convs[i].kernel) / convs[i].stride + 1;
      int cols = (convs[i].cols + before + after - convs[i].kernel) / convs[i].stride + 1;
      RvConvSpec spec = { .direction = (RvConvDirection) direction,
                          .src = rv_shape (4, convs[i].n, convs[i].in, convs[i].rows, convs[i].cols),
                          .dst = rv_shape (4, convs[i].n, convs[i].out, rows, cols),
                          .weights = rv_shape (4, convs[i].out, convs[i].in, convs[i].kernel, convs[i].kernel),
                          .stride = { convs[i].stride, convs[i].stride },
                          .dilation = { 1, 1 },
                          .pad = { .top = before, .bottom = after, .left = before, .right = after },
                          .src_block = convs[i].in % block ? 1 : block,
                          .dst_block = convs[i].out % block ? 1 : block };
      g_autofree char *name =
        g_strdup_printf ("%s %d-%d %dx%d k%d s%d n%d", directions[direction], convs[i].in, convs[i].out, convs[i].rows,
                         convs[i].cols, convs[i].kernel, convs[i].stride, convs[i].n);
      if (argc < 2 || strstr (name, argv[1]))
        compare (onednn, &spec, name);
    }
  rv__onednn_close (onednn);
  return EXIT_SUCCESS;
}
