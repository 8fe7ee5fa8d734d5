/* compute.h -- how style transfer and dreams compute: a part of their settings, and what a backend is told of it.
 * Layer 6 (method). */
#ifndef RV_COMPUTE_INTERNAL_H
#define RV_COMPUTE_INTERNAL_H

#include "backend/backend.h"
#include "base/option.h"
#include <reverie/error.h>

#define RV_COMPUTE_MAX_THREADS 1024

/* Names of what this build can compute with: "auto", the first of the others that this machine can run, then these, the
 * fastest first. NULL-terminated; static. */
const char *const *rv__compute_backends (void);

/* Names of precisions. "auto": convolutions read their operands in bf16 (8 bits of mantissa; sums stay f32) where the
 * processor has it and measuring finds it faster; "f32": never; "bf16": always; "full": never, and only kernels that
 * round about as little as plain sums. NULL-terminated; static. */
const char *const *rv__compute_precisions (void);

/* Part of a run's settings. */
typedef struct {
  gint64 threads;     /* 0: one for each physical core */
  char *memory;       /* "2G", "800M"; NULL: four fifths of what is free */
  gint64 tile_px;     /* longest side of what is computed at once; 0: as memory asks for */
  char *precision;    /* of rv__compute_precisions() */
  gboolean tune;      /* measure every kernel, however long it takes */
  gboolean exact;     /* no kernel is chosen by measuring */
  gboolean fast_sums; /* of several ranks: added up as they come */
  char *backend;      /* of rv__compute_backends() */
} RvComputeSettings;

/* Its rows of an option table; @Settings has one called compute. */
#define RV_COMPUTE_OPTION_ROWS(Settings)                                                                               \
  { "backend",                                                                                                         \
    0,                                                                                                                 \
    RV_OPTION_CHOICE,                                                                                                  \
    offsetof (Settings, compute.backend),                                                                              \
    "auto",                                                                                                            \
    .unit = "NAME",                                                                                                    \
    .help = "backend that computes; auto: the fastest that this machine can run",                                      \
    .choices = rv__compute_backends,                                                                                   \
    .group = "computing" },                                                                                            \
    { "threads",                                                                                                       \
      't',                                                                                                             \
      RV_OPTION_INT,                                                                                                   \
      offsetof (Settings, compute.threads),                                                                            \
      "0",                                                                                                             \
      0,                                                                                                               \
      RV_COMPUTE_MAX_THREADS,                                                                                          \
      .unit = "COUNT",                                                                                                 \
      .help = "threads to compute with; 0: one for each physical core" },                                              \
    { "memory",                                                                                                        \
      0,                                                                                                               \
      RV_OPTION_TEXT,                                                                                                  \
      offsetof (Settings, compute.memory),                                                                             \
      .unit = "SIZE",                                                                                                  \
      .help = "take no more than this: 800M, 2G; larger pictures are computed in tiles, with the same result [four "   \
              "fifths of what is free]" },                                                                             \
    { "tile",                                                                                                          \
      0,                                                                                                               \
      RV_OPTION_INT,                                                                                                   \
      offsetof (Settings, compute.tile_px),                                                                            \
      "0",                                                                                                             \
      0,                                                                                                               \
      1e6,                                                                                                             \
      .unit = "PX",                                                                                                    \
      .help = "compute in tiles of this side; 0: only if 'memory' asks for it" },                                      \
    { "precision",                                                                                                     \
      0,                                                                                                               \
      RV_OPTION_CHOICE,                                                                                                \
      offsetof (Settings, compute.precision),                                                                          \
      "auto",                                                                                                          \
      .unit = "NAME",                                                                                                  \
      .help = "precision of convolutions; auto: bf16 where the processor has it and it is faster; full: f32 by "       \
              "kernels that round little",                                                                             \
      .choices = rv__compute_precisions },                                                                             \
    { "tune",         0,                                                                                               \
      RV_OPTION_BOOL, offsetof (Settings, compute.tune),                                                               \
      "no",           .help = "measure all kernels first, however short the run; later runs remember" },               \
    { "fast-sums",                                                                                                     \
      0,                                                                                                               \
      RV_OPTION_BOOL,                                                                                                  \
      offsetof (Settings, compute.fast_sums),                                                                          \
      "no",                                                                                                            \
      .help = "several machines: add their sums in any order; the last digits then depend on how many "                \
              "they are" },                                                                                            \
  {                                                                                                                    \
    "exact", 0, RV_OPTION_BOOL, offsetof (Settings, compute.exact), "no",                                              \
      .help = "a fixed choice of kernels: the same bytes for the same threads and processor"                           \
  }

/* Who asks for a run to stop. */
typedef struct {
  RvStopFunc func; /* NULL: nobody */
  gpointer user_data;
  GCancellable *cancellable; /* NULL: nobody; looked at within evaluations as well */
} RvStopRequest;

/* rv__stop_requested: TRUE and RV_ERROR_CANCELLED when it is to stop. */
gboolean rv__stop_requested (const RvStopRequest *wanted, GError **error);

int rv__compute_threads (const RvComputeSettings *settings);

/* rv__compute_backend: borrowed: the one that the settings name; _named: of rv__compute_backends(), NULL is "auto".
 * RV_ERROR_BACKEND when it cannot run here. */
const RvBackendClass *rv__compute_backend (const RvComputeSettings *settings, GError **error);
const RvBackendClass *rv__compute_backend_named (const char *name, GError **error);

/* rv__compute_check: RV_ERROR_BACKEND when @backend has no bf16 here and it is asked for. */
gboolean rv__compute_check (const RvComputeSettings *settings, const RvBackendClass *backend, GError **error);

/* rv__compute_compile: what to compile with; kernels may be measured for @tune_s seconds unless the settings differ. */
RvCompileSettings rv__compute_compile (const RvComputeSettings *settings, RvKernelTable *kernels, double tune_s);

#endif
