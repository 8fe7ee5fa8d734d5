/* conv-choose.c -- the choice of a convolution's kernel: cached, measured, guessed, or fixed. */
#include "base/cancel.h"
#include "base/alloc.h"
#include "base/system.h"
#include "conv.h"
#include "kernel-table.h"
#include <string.h>

#define TRIALS 2        /* timed runs of a candidate, after a warm-up run; the fastest counts */
#define TRIAL_FLOPS 4e9 /* approximate work of one timed run; limits its rows, but not below MIN_TRIAL_ROWS */
#define MIN_TRIAL_ROWS 32
#define HOPELESS 2 /* no timed run if the warm-up run took this many times the best candidate's time */

static const char *const directions[] = { "forward", "backward-data", "backward-weights" };

/* (transfer full): key of the convolution in the kernel table. Consists of oneDNN's version, instructions,
 * direction, channels, kernel, groups, dilation, stride, magnitude of the area, threads and precision. */
static char *
table_key (const RvExecutable *executable, const RvConvSpec *spec)
{
  static const char *const precisions[] = {
    [RV_PRECISION_F32] = "f32", [RV_PRECISION_AUTO] = "auto", [RV_PRECISION_BF16] = "bf16", [RV_PRECISION_FULL] = "full"
  };
  g_autofree char *version = rv__onednn_version ();
  gint64 area = spec->dst.dim[0] * spec->dst.dim[2] * spec->dst.dim[3];
  int log2_area = 0;
  g_autofree char *groups = spec->groups > 1 ? g_strdup_printf (" g%d", spec->groups) : g_strdup ("");
  gboolean dilated = spec->dilation[0] > 1 || spec->dilation[1] > 1;
  g_autofree char *dilation =
    dilated ? g_strdup_printf (" d%dx%d", (int) spec->dilation[0], (int) spec->dilation[1]) : g_strdup ("");
  const char *extra = rv__onednn_has_amx () ? "+AMX" : rv__onednn_has_bf16 () ? "+bf16" : "";
  while (area >> (log2_area + 1))
    log2_area++;
  return g_strdup_printf ("onednn%s %s%s %s %" G_GINT64_FORMAT "x%" G_GINT64_FORMAT " %" G_GINT64_FORMAT
                          "x%" G_GINT64_FORMAT "%s%s s%d area2^%d t%d %s",
                          version ? version : "-", rv__simd_best ()->registers, extra, directions[spec->direction],
                          spec->src.dim[1], spec->dst.dim[1], spec->weights.dim[2], spec->weights.dim[3], groups,
                          dilation, spec->stride[0], log2_area, executable->n_threads,
                          precisions[executable->precision]);
}

/* Runs the ReLU that nearly always follows (its gradient costs the same) on @output, unless the kernel can fuse it. */
static void
run_relu (const RvConv *conv, void *output)
{
  gboolean forward = conv->spec.direction == RV_CONV_FORWARD;
  RvView y = { output, forward ? conv->spec.dst : conv->spec.src, 1 }, out[] = { y, { NULL, y.shape, 1 } };
  if (!rv__conv_supports_post_op (conv, RV_POST_OP_RELU))
    rv__op_class (RV_OP_RELU, RV_F32)->run (NULL, 1, &y, out);
}

typedef struct {
  int n_threads;
  double (*clock_s) (void);
} Timing;

static double
wall_clock_s (void)
{
  return (double) g_get_monotonic_time () / G_USEC_PER_SEC;
}

/* Shortest time of TRIALS runs of @conv, s, after a warm-up run, on temporary zeroed buffers; unless backward-weights,
 * with run_relu(). -1, without an error: oneDNN failed, too little memory, or the warm-up took more than HOPELESS times
 * @best_s (-1: no best yet). Undefined once cancelled. */
static double
measure_s (const RvConvChooser *chooser, RvConv *conv, const Timing *timing, double best_s)
{
  const RvConvSpec *spec = &conv->spec;
  gboolean to_weights = spec->direction == RV_CONV_BACKWARD_WEIGHTS;
  gsize bytes[] = { (gsize) rv_shape_count (&spec->src) * sizeof (float),
                    (gsize) rv_shape_count (&spec->dst) * sizeof (float),
                    rv__conv_packed_bytes (conv),
                    rv__conv_scratch_bytes (conv),
                    (gsize) spec->weights.dim[0] * sizeof (float),
                    to_weights ? (gsize) rv_shape_count (&spec->weights) * sizeof (float) : 0 };
  void *memory[G_N_ELEMENTS (bytes)] = { NULL };
  gboolean ok = TRUE;
  for (guint i = 0; i < G_N_ELEMENTS (bytes); i++)
    ok &= (memory[i] = rv__alloc (bytes[i], "the measurement of kernels", NULL)) != NULL;

  RvConvArgs run = { .src = memory[0],
                     .dst = memory[1],
                     .packed = memory[2],
                     .weights = memory[5],
                     .bias = spec->bias ? memory[4] : NULL,
                     .cancellable = g_cancellable_get_current () };
  double best = -1;
  for (int i = 0; ok && i <= TRIALS && !rv__is_cancelled (); i++) {
    double began_s = timing->clock_s ();
    ok = rv__conv_run (conv, chooser->onednn, &run, memory[3]);
    if (ok && !to_weights)
      run_relu (conv, memory[spec->direction == RV_CONV_FORWARD]);
    double seconds = timing->clock_s () - began_s;
    if (i == 0 && best_s > 0 && seconds > HOPELESS * best_s)
      break;
    if (i > 0 && (best < 0 || seconds < best))
      best = seconds;
  }
  for (guint i = 0; i < G_N_ELEMENTS (memory); i++)
    rv__free (memory[i]);
  return ok ? best : -1;
}

/* Limits of the packed weights of oneDNN's Winograd, four times the plain ones. Each convolution has its own packed
 * weights: they must not exceed its activations by too much. */
#define TOO_BIG_WEIGHTS_BYTES (10u << 20)
#define TOO_BIG_WEIGHTS_RATIO 2
/* Limits of the scratch of oneDNN's Winograd: up to three times the picture, depending on the number of tiles. All
 * convolutions use the same scratch: it must not exceed the program's largest value by too much. */
#define TOO_BIG_SCRATCH_BYTES (64u << 20)
#define TOO_BIG_SCRATCH_RATIO 2

/* Whether a kernel of oneDNN's Winograd needs too much memory for its weights or its scratch. FALSE for other kinds. */
static gboolean
is_too_big (const RvConvChooser *chooser, const RvConv *conv)
{
  gint64 activations = rv_shape_count (&conv->spec.src) + rv_shape_count (&conv->spec.dst);
  gsize weights = rv__conv_packed_bytes (conv), scratch = rv__conv_scratch_bytes (conv);
  return conv->kind == RV_CONV_KERNEL_ONEDNN_WINOGRAD &&
         ((weights > TOO_BIG_WEIGHTS_BYTES && weights > TOO_BIG_WEIGHTS_RATIO * (gsize) activations * sizeof (float)) ||
          (scratch > TOO_BIG_SCRATCH_BYTES && scratch > TOO_BIG_SCRATCH_RATIO * chooser->largest_bytes));
}

/* (transfer full) (nullable): kernel @kind for @spec. NULL: it does not exist, rounds more than executable->precision
 * allows, needs too much memory, or is bf16 and the weights are @trained. */
static RvConv *
candidate_new (const RvConvChooser *chooser, const RvExecutable *executable, const RvConvSpec *spec,
               RvConvKernelKind kind, gboolean trained)
{
  if (kind == RV_CONV_KERNEL_BF16 && (executable->precision == RV_PRECISION_F32 || trained))
    return NULL;
  RvConv *conv = rv__conv_new (chooser->onednn, spec, kind, executable->n_threads);
  gboolean rounds =
    executable->precision == RV_PRECISION_FULL && conv && rv__conv_rounding (conv) > RV_CONV_FULL_ROUNDING;
  if (conv && (rounds || is_too_big (chooser, conv)))
    g_clear_pointer (&conv, rv__conv_free);
  return conv;
}

/* Copy of @spec with fewer rows, enough to measure the speed: all rows of a large picture would take seconds. */
static RvConvSpec
trial_spec (const RvConvSpec *spec)
{
  RvConvSpec trial = *spec;
  double flops = 2.0 * (double) rv_shape_count (&spec->dst) * (double) rv_shape_count (&spec->weights) /
                 (double) spec->weights.dim[0];
  gint64 rows = MAX ((gint64) ((double) spec->dst.dim[2] * TRIAL_FLOPS / flops), MIN_TRIAL_ROWS);
  gint64 left_out = MAX (spec->dst.dim[2] - rows, 0);
  trial.dst.dim[2] -= left_out;
  trial.src.dim[2] -= left_out * spec->stride[0];
  return trial;
}

/* Seconds of kernel @kind on @trial with timing->n_threads threads, as measure_s() with @best_s; also -1 if it does not
 * exist. Sets the number of threads meanwhile, because oneDNN plans for it. */
static double
measure_kind_s (const RvConvChooser *chooser, const RvConvSpec *trial, RvConvKernelKind kind, const Timing *timing,
                double best_s)
{
  int before = rv__system_use_threads (timing->n_threads);
  RvConv *conv = rv__conv_new (chooser->onednn, trial, kind, timing->n_threads);
  double seconds = conv ? measure_s (chooser, conv, timing, best_s) : -1;
  rv__conv_free (conv);
  rv__system_use_threads (before);
  return seconds;
}

/* (transfer full) (nullable): the fastest kernel for @spec, by timing->clock_s; NULL, without an error: none fits.
 * @trained: as in candidate_new(). *measured: (out): whether it was timed; FALSE once cancelled or if no kernel ran.
 * oneDNN's Winograd must be 10 % faster than others, because of its memory. bf16 must also be 10 % faster, because its
 * copies evict the data of other steps from the caches. */
static RvConv *
measure_all (const Timing *timing, const RvConvChooser *chooser, const RvExecutable *executable, const RvConvSpec *spec,
             gboolean trained, gboolean *measured)
{
  RvConv *best = NULL;
  const RvConvSpec trial = trial_spec (spec);
  double best_seconds = -1;
  for (int i = 0; i < RV_N_CONV_KERNELS && !(best && rv__is_cancelled ()); i++) {
    RvConvKernelKind kind = (RvConvKernelKind) i;
    RvConv *conv = candidate_new (chooser, executable, spec, kind, trained);
    double seconds = conv ? measure_kind_s (chooser, &trial, kind, timing, best_seconds) : -1;
    if (seconds > 0 && (kind == RV_CONV_KERNEL_ONEDNN_WINOGRAD || kind == RV_CONV_KERNEL_BF16))
      seconds /= 0.9;
    if (conv && (!best || (seconds > 0 && (best_seconds < 0 || seconds < best_seconds)))) {
      rv__conv_free (best);
      best = conv;
      best_seconds = seconds;
    } else {
      rv__conv_free (conv);
    }
  }
  /* If cancelled, the fastest kernel may not have run. */
  *measured = best_seconds > 0 && !rv__is_cancelled ();
  return best;
}

#define DISTURBED 0.05 /* waiting time for a core / time of all threads */

/* (transfer full) (nullable): the fastest kernel, measured and added to executable->kernels under @key; NULL, without
 * an error: none fits. While another program is busy, the wall clock favours kernels that distribute work dynamically,
 * which are slower on an idle machine. Then the CPU clock of one thread is used, if time allows. Otherwise, or once
 * cancelled, nothing is added. */
static RvConv *
measure_fastest (const RvConvChooser *chooser, RvExecutable *executable, const RvConvSpec *spec, gboolean trained,
                 const char *key)
{
  const Timing by_wall = { executable->n_threads, wall_clock_s }, by_one_thread = { 1, rv__system_thread_clock_s };
  gboolean measured;
  double began_s = wall_clock_s (), waited_s = chooser->waited_s ();
  RvConv *best = measure_all (&by_wall, chooser, executable, spec, trained, &measured);
  double passed_s = wall_clock_s () - began_s;
  gboolean disturbed = chooser->waited_s () - waited_s > DISTURBED * executable->n_threads * passed_s;
  gboolean again = measured && disturbed && g_get_monotonic_time () < chooser->tune_until_us;
  if (again) {
    rv__conv_free (best);
    best = measure_all (&by_one_thread, chooser, executable, spec, trained, &measured);
  }
  if (measured && (again || !disturbed))
    rv__kernel_table_add (executable->kernels, key, best->class->name);
  return best;
}

#define MANY_CHANNELS 128 /* strided: from this number of channels on, our F(4,2) is the fastest (bench/RESULTS.md) */
#define SOME_CHANNELS 32  /* strided, fewer: from here on F(7,2) if its tiles fit, with at most 8 lanes */

/* (transfer full) (nullable): the kernel that usually is the fastest, without measuring. Never bf16, whose copies
 * may cost more than it saves. NULL: that kernel does not fit; use rv__conv_choose_fixed(). */
static RvConv *
guess (const RvConvChooser *chooser, const RvExecutable *executable, const RvConvSpec *spec, gboolean trained)
{
  gint64 channels = MIN (spec->weights.dim[0], spec->weights.dim[1]);
  gboolean strided = rv__conv_spec_is_strided (spec);
  gint64 rows = spec->dst.dim[2], cols = spec->dst.dim[3];
  gboolean fits_sevens = /* the tiles of F(7,2) compute at most 10 % too much */
    10 * 49 * ((rows + 6) / 7) * ((cols + 6) / 7) <= 11 * rows * cols;
  RvConv *conv = NULL;
  if (!strided && spec->direction != RV_CONV_BACKWARD_WEIGHTS)
    conv = candidate_new (chooser, executable, spec, RV_CONV_KERNEL_THIN, trained);
  if (!conv && (!strided || channels >= MANY_CHANNELS))
    conv = candidate_new (chooser, executable, spec, RV_CONV_KERNEL_WINOGRAD, trained);
  else if (!conv && channels >= SOME_CHANNELS && rv__simd_best ()->lanes <= 8 && fits_sevens)
    conv = candidate_new (chooser, executable, spec, RV_CONV_KERNEL_WINOGRAD_LARGE, trained);
  return conv;
}

/* (transfer full) (nullable): the kernel @name of the table; NULL if it does not fit. For NULL or an unknown name
 * guess(). */
static RvConv *
conv_by_name (const RvConvChooser *chooser, const RvExecutable *executable, const RvConvSpec *spec, gboolean trained,
              const char *name)
{
  for (int k = 0; name && k < RV_N_CONV_KERNELS; k++)
    if (strcmp (name, rv__conv_class ((RvConvKernelKind) k)->name) == 0)
      return candidate_new (chooser, executable, spec, (RvConvKernelKind) k, trained);
  return guess (chooser, executable, spec, trained);
}

/* (transfer full) (nullable): the kernel in executable->kernels; else the fastest, measured if time is left; else
 * guess(). Records it as in use, or returns the kernel that another thread recorded. @trained: the weights change from
 * run to run, so never bf16. NULL, without an error: the chosen kernel does not fit; use rv__conv_choose_fixed(). */
static RvConv *
choose_unfixed (const RvConvChooser *chooser, RvExecutable *executable, const RvConvSpec *spec, gboolean trained)
{
  g_autofree char *key = table_key (executable, spec);
  const char *known = rv__kernel_table_lookup (executable->kernels, key);
  gboolean measured =
    !known && executable->tune_s > 0 && g_get_monotonic_time () < chooser->tune_until_us && !rv__is_cancelled ();
  RvConv *best = measured ? measure_fastest (chooser, executable, spec, trained, key)
                          : conv_by_name (chooser, executable, spec, trained, known);
  if (!best)
    return NULL;
  const char *first = rv__kernel_table_commit (executable->kernels, key, best->class->name);
  if (strcmp (first, best->class->name) == 0)
    return best;
  rv__conv_free (best); /* another thread has recorded another kernel meanwhile */
  return conv_by_name (chooser, executable, spec, trained, first);
}

#define LONG_SUM 4096 /* positions: from here on sums of outer products (wgrad) are the fastest with AVX2 */

/* The fixed order, from measurements (bench/RESULTS.md). Our kernels come before oneDNN's on copies, except if channels
 * do not fill a vector. For Gram matrices wgrad comes first: it computes half of the matrix. For weight gradients of
 * pictures oneDNN's direct kernel is the fastest; with AVX2 it pads a single channel to eight. */
RvConv *
rv__conv_choose_fixed (const RvConvChooser *chooser, RvExecutable *executable, const RvConvSpec *spec)
{
  enum { USUAL, RAGGED, TO_WEIGHTS, LONG_SUMS, OF_PICTURE, N_KINDS = 5 };
#define K(name) RV_CONV_KERNEL_##name
  static const RvConvKernelKind orders[][N_KINDS] = {
    [USUAL] = { K (THIN), K (DIRECT), K (GEMM), K (CHANNELS_LAST), K (PLAIN) },
    [RAGGED] = { K (THIN), K (DIRECT), K (PLAIN), K (CHANNELS_LAST), K (GEMM) },
    [TO_WEIGHTS] = { K (THIN), K (DIRECT), K (WGRAD), K (PLAIN), K (CHANNELS_LAST) },
    [LONG_SUMS] = { K (THIN), K (WGRAD), K (DIRECT), K (PLAIN), K (CHANNELS_LAST) },
    [OF_PICTURE] = { K (DIRECT), K (THIN), K (WGRAD), K (PLAIN), K (CHANNELS_LAST) },
  };
#undef K
  gboolean to_weights = spec->direction == RV_CONV_BACKWARD_WEIGHTS, avx2 = rv__simd_best ()->lanes == 8;
  gboolean of_picture = to_weights && spec->src_block == 1 && !(spec->src.dim[1] == 1 && avx2);
  gboolean long_sums = spec->gram || (avx2 && spec->dst.dim[0] * spec->dst.dim[2] * spec->dst.dim[3] >= LONG_SUM);
  gboolean ragged = spec->direction == RV_CONV_BACKWARD_DATA && spec->src_block == 1;
  const RvConvKernelKind *order = orders[of_picture   ? OF_PICTURE
                                         : to_weights ? (long_sums ? LONG_SUMS : TO_WEIGHTS)
                                         : ragged     ? RAGGED
                                                      : USUAL];
  RvConv *conv = NULL;
  for (guint i = 0; !conv && i < N_KINDS; i++)
    conv = candidate_new (chooser, executable, spec, order[i], TRUE);
  return conv;
}

RvConv *
rv__conv_choose (const RvConvChooser *chooser, RvExecutable *executable, const RvConvSpec *spec, gboolean trained)
{
  RvConv *conv = NULL;
  if (executable->precision == RV_PRECISION_BF16)
    conv = candidate_new (chooser, executable, spec, RV_CONV_KERNEL_BF16, trained);
  if (!conv && !executable->exact)
    conv = choose_unfixed (chooser, executable, spec, trained);
  if (!conv)
    conv = rv__conv_choose_fixed (chooser, executable, spec);
  g_autofree char *from = rv_shape_text (&spec->src), *to = rv_shape_text (&spec->dst);
  g_debug ("%s %s %s %s: %" G_GINT64_FORMAT "x%" G_GINT64_FORMAT " by %s", directions[spec->direction], from,
           spec->direction == RV_CONV_FORWARD ? "->" : "<-", to, spec->weights.dim[2], spec->weights.dim[3],
           conv ? conv->class->name : "plain C");
  return conv;
}
