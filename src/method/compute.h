/* compute.h -- settings for computing that methods share, and their translation for backends. Layer 6 (method). */
#pragma once

#include "backend/backend.h"
#include "base/option.h"
#include <reverie/error.h>

#define RV_COMPUTE_MAX_THREADS 1024

/* Names of the backends of this build: "auto", then all others, the fastest of the processor first, runnable here or
 * not. NULL-terminated; static. Any thread. Cannot fail. */
const char *const *rv__compute_backends (void);

/* Names of precisions, in the order of RvPrecision. NULL-terminated; static.
 *
 *   f32    never bf16
 *   auto   convolutions read bf16 operands (8 bits of mantissa; sums stay f32) if that is measured as faster
 *   bf16   always bf16
 *   full   never bf16, and only kernels that round about as little as plain sums */
const char *const *rv__compute_precisions (void);

/* Settings for computing, a part of a method's settings. */
typedef struct {
  gint64 threads;     /* see rv__compute_threads() */
  char *memory;       /* "2G", "800M"; NULL: four fifths of the free memory */
  gint64 tile_px;     /* longest side of a tile; 0: as the memory requires */
  char *precision;    /* see rv__compute_precisions() */
  gboolean tune;      /* measure all kernels, without a time limit */
  gboolean exact;     /* choose no kernel by measurement */
  gboolean fast_sums; /* add the sums of ranks in any order */
  char *backend;      /* see rv__compute_backends() */
  char *gpu;          /* number or a part of the name; NULL: the best */
} RvComputeSettings;

#define RV_COMPUTE_OPTION_ROW(Settings, field, name, letter, type, ...)                                                \
  {                                                                                                                    \
    name, letter, type, offsetof (Settings, compute.field), __VA_ARGS__                                                \
  }

#define RV_COMPUTE_GPU_HELP                                                                                            \
  "compute on this GPU, by backend vulkan: its number or a part of its name, as 'reverie selftest' lists them"

/* Rows of an option table; @S, a struct of settings, has a member called compute. */
#define RV_COMPUTE_OPTION_ROWS(S)                                                                                      \
  RV_COMPUTE_OPTION_ROW (S, backend, "backend", 0, RV_OPTION_CHOICE, "auto", .unit = "NAME",                           \
                         .help = "backend that computes; auto: the processor, or in style and dream a GPU that is "    \
                                 "measured to be faster",                                                              \
                         .choices = rv__compute_backends, .group = "computing"),                                       \
    RV_COMPUTE_OPTION_ROW (S, gpu, "gpu", 0, RV_OPTION_TEXT, .unit = "NUMBER|NAME", .help = RV_COMPUTE_GPU_HELP),      \
    RV_COMPUTE_OPTION_ROW (S, threads, "threads", 't', RV_OPTION_INT, "0", 0, RV_COMPUTE_MAX_THREADS, .unit = "COUNT", \
                           .help = "threads to compute with; 0: one for each physical core"),                          \
    RV_COMPUTE_OPTION_ROW (                                                                                            \
      S, memory, "memory", 0, RV_OPTION_TEXT, .unit = "SIZE", .check = rv__option_check_bytes,                         \
      .help = "use no more memory than this: 800M, 2G; without a unit, bytes; style and dream compute larger "         \
              "pictures in tiles, with the same result [four fifths of the free memory]"),                             \
    RV_COMPUTE_OPTION_ROW (S, tile_px, "tile", 0, RV_OPTION_INT, "0", 0, 1e6, .unit = "PX",                            \
                           .help = "style, dream: compute in tiles of this side; 0: only if 'memory' requires it"),    \
    RV_COMPUTE_OPTION_ROW (                                                                                            \
      S, precision, "precision", 0, RV_OPTION_CHOICE, "auto", .unit = "NAME",                                          \
      .help = "precision of convolutions; auto: bf16 where the processor has it and it is faster; full: f32 with "     \
              "small rounding errors",                                                                                 \
      .choices = rv__compute_precisions),                                                                              \
    RV_COMPUTE_OPTION_ROW (S, tune, "tune", 0, RV_OPTION_BOOL, "no",                                                   \
                           .help = "measure all kernels first, however short the run; later runs reuse the result"),   \
    RV_COMPUTE_OPTION_ROW (                                                                                            \
      S, fast_sums, "fast-sums", 0, RV_OPTION_BOOL, "no",                                                              \
      .help = "several machines: add their sums in any order; the last digits then depend on their number"),           \
    RV_COMPUTE_OPTION_ROW (S, exact, "exact", 0, RV_OPTION_BOOL, "no",                                                 \
                           .help = "a fixed choice of kernels: the same bytes for the same threads and processor")

/* Callback that stops a run. */
typedef struct {
  RvStopFunc func; /* NULL: none */
  gpointer user_data;
} RvStopRequest;

/* TRUE with RV_ERROR_CANCELLED if the run must stop: the thread's cancellable is cancelled, or stop_request->func,
 * called only otherwise, returns TRUE. FALSE, without an error: the run continues. */
gboolean rv__stop_requested (const RvStopRequest *stop_request, GError **error);

/* Number of threads to compute with: @n_threads, at most RV_COMPUTE_MAX_THREADS; 0 or less: one for each physical
 * core. */
int rv__compute_threads (gint64 n_threads);

/* (nullable): the backend @name of rv__compute_backends(); NULL or "auto": the fastest one of the processor, which
 * cannot fail. @gpu: (nullable): unless "", calls rv__backend_find_gpu() instead. Borrowed; static. */
const RvBackendClass *rv__compute_backend (const char *name, const char *gpu, GError **error);

/* Whether no backend and no GPU is named, so that a method may call rv__backend_choose(). Cannot fail. */
gboolean rv__compute_is_auto (const RvComputeSettings *settings);

/* Checks that @backend has fast bf16 here if 'precision' is bf16; else does nothing. FALSE: RV_ERROR_BACKEND. */
gboolean rv__compute_check (const RvComputeSettings *settings, const RvBackendClass *backend, GError **error);

/* Settings for compilation, by value: threads, 'exact', precision; no kernel table, and no time for measuring kernels
 * unless 'tune' is set. Cannot fail. */
RvCompileSettings rv__compute_compile (const RvComputeSettings *settings);
