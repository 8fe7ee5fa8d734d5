/* backend.h -- backends: they compile a planned program and run it.
 * Layer 3 (backend). May include: op, tensor, base.
 *
 * A backend compiles a whole program, so that it decides the layout between op calls. It states the bytes of each value
 * in its layout and the scratch memory of each step. One arena is then planned in the same way for every backend, so
 * that the peak is known before anything runs. Ops that a backend lacks run as plain C.
 *
 * A backend also owns the memory: a GPU's or the host's. Its callers copy values in and out. They hold the address
 * of a value only if rv__executable_map() returned it. */
#pragma once

#include "base/alloc.h"
#include "op/program.h"
#include "base/wait-policy.h"
#include <gio/gio.h>
#include <reverie/kernels.h>

typedef struct _RvExecutable RvExecutable;

/* Memory of a backend: allocation, and copying of values. Functions fail with RV_ERROR_MEMORY or RV_ERROR_BACKEND.
 * Functions that wait for started steps also fail with RV_ERROR_CANCELLED. */
typedef struct {
  gboolean is_host; /* the host can access the memory: constants and mapped values are not copied */

  /* (transfer full): address of @bytes zeroed bytes, aligned to RV_ALIGN_BYTES. Unless is_host, the host may add
   * offsets to it but not dereference it. @what names the memory in the error message. */
  void *(*alloc) (gsize bytes, const char *what, GError **error);
  void (*free) (void *address); /* NULL is allowed */

  /* Copies @data, a value's elements on the host, row-major, to the bound value in the backend's layout. Bits and bytes
   * (RvElementKind) are copied in their order. Blocking. */
  gboolean (*upload) (RvExecutable *executable, int value, const void *data, GError **error);
  /* Copies the bound value to @data, all elements in the order of upload(). Blocking. */
  gboolean (*download) (RvExecutable *executable, int value, void *data, GError **error);
  /* Copies a value to another of the same shape and layout. Blocking. NULL: copied by way of the host. */
  gboolean (*copy) (RvExecutable *executable, int from, int to, GError **error);

  /* Waits until all started steps are done. NULL: run() is blocking. */
  gboolean (*synchronize) (RvExecutable *executable, GError **error);

  /* Estimate of the memory that could be allocated now. NULL if is_host: rv__system_free_bytes(). */
  gsize (*free_bytes) (void);
  /* Size of the largest block that alloc() can return, however much is free. NULL: no limit. */
  gsize (*max_block_bytes) (void);
} RvMemoryClass;

extern const RvMemoryClass rv__host_memory;

/* A backend. Functions other than run() may be NULL, as their comments say. */
typedef struct {
  const char *name, *summary;
  const RvMemoryClass *memory;

  /* Whether this machine can run the backend. NULL: always. */
  gboolean (*probe) (void);

  /* Whether run() supports the step. Other steps run as plain C on the host, which downloads and uploads their
   * operands. Ops that pass bits or bytes (RvElementKind) to each other must be supported together. NULL: all. */
  gboolean (*supports) (const RvExecutable *executable, int step);

  /* Cost of a step, in one unit for all steps, to choose features to recompute. NULL: the op's own estimate. */
  double (*work) (const RvProgram *program, const RvOpCall *step);

  /* Changes block and bytes of values from those of plain rows, and sets scratch_bytes and packed_bytes, 0 before.
   * Keeps its plan in backend_data. Allocates no large memory. NULL: plain rows, no scratch. RV_ERROR_TYPE if the
   * backend lacks the program's type; RV_ERROR_CANCELLED, RV_ERROR_MEMORY, RV_ERROR_BACKEND. */
  gboolean (*compile) (RvExecutable *executable, GError **error);

  /* Packs weights and prepares run(), once values have their addresses. NULL: nothing to prepare. RV_ERROR_MEMORY,
   * RV_ERROR_BACKEND. */
  gboolean (*bind) (RvExecutable *executable, GError **error);

  /* Runs one supported step; may return before it is done, see synchronize(). RV_ERROR_BACKEND, RV_ERROR_MEMORY,
   * RV_ERROR_CANCELLED. */
  gboolean (*run) (RvExecutable *executable, int step, GError **error);

  /* Name of the code that computes a step; NULL if another step computes it. Static, or owned by the executable. NULL
   * instead of the function: plain C. */
  const char *(*step_kernel) (const RvExecutable *executable, int step);

  /* Whether this processor has fast bf16 kernels. NULL: no. */
  gboolean (*has_bf16) (void);

  /* (transfer full): the library, and the instructions or the device that the backend uses; the reason why it cannot
   * run, if probe() is FALSE. NULL instead of the function: use `summary`. */
  char *(*describe) (void);

  /* (transfer full): a line "NUMBER: FACTS" for each device of this machine. NULL: no choice of devices. */
  char **(*device_lines) (void);
  /* Makes @device, a number or a part of a name, the device of the process. FALSE: RV_ERROR_SETTING about 'gpu' that
   * names the devices; RV_ERROR_BACKEND. NULL: no choice of devices. */
  gboolean (*choose_device) (const char *device, GError **error);

  /* (transfer full) (nullable): text that changes with the device of the process, its driver, and our code for it.
   * NULL: no device, one in software, or one that has failed. Does not open the device. NULL instead of the function:
   * the backend computes on the processor. A backend that has it also has probe(). */
  char *(*hardware) (void);

  /* Reads files of save_cache() in @folder when they are first needed. Errors are ignored. NULL: no files. */
  void (*use_cache) (const char *folder);
  /* Writes the files of use_cache() to @folder, if there is something new. NULL: no files. */
  void (*save_cache) (const char *folder);

  /* Compares each kernel with plain C, unless an earlier test of this process, or its stored result, was used already.
   * (transfer full) (nullable): names of the ops that differ, separated by commas; "" for none. Executables compiled
   * later do not support them. NULL and an error if the test cannot run. NULL instead of the function: no test. */
  char *(*selftest) (GError **error);

  /* (nullable): the reason why the device computes no more in this process, such as "the GPU was lost"; static.
   * NULL: the device computes. After a failure, executables move to the processor and compute their last results
   * again. NULL instead of the function: the backend never fails. Any thread. */
  const char *(*failure) (void);
  /* Sets failure() to @reason, static; a second reason is ignored. The function is NULL only where `failure` is. Any
   * thread. */
  void (*set_failure) (const char *reason);

  /* Process-wide settings of the compute library, which only a program may change. NULL: none. */
  void (*init_process) (void);
  /* Frees what compile() and bind() have made, also after their errors; backend_data may be NULL. NULL: nothing. */
  void (*close) (RvExecutable *executable);
} RvBackendClass;

/* Whether convolutions may round their inputs to bf16. */
typedef enum {
  RV_PRECISION_F32,  /* never */
  RV_PRECISION_AUTO, /* if that is faster */
  RV_PRECISION_BF16, /* if there is such a kernel */
  RV_PRECISION_FULL, /* never, and only kernels with about the rounding error of a plain sum */
} RvPrecision;

/* Layout of a value. */
typedef struct {
  int block;   /* channels per block; 1: plain rows. See RvView */
  gsize bytes; /* 0: no memory of its own */
  void *data;  /* address, after binding; the host may dereference it only if RvMemoryClass.is_host */
} RvValueLayout;

struct _RvExecutable {
  const RvBackendClass *backend;
  RvProgram *program;    /* owned */
  RvValueLayout *layout; /* one for each value */
  int n_threads;
  RvKernelTable *kernels; /* chosen kernels; shared with the caller */
  double tune_s;          /* see RvCompileSettings */
  gboolean exact;         /* see RvCompileSettings */
  RvPrecision precision;
  RvWaitPolicy *wait_policy; /* switches to sleeping threads while other programs use the cores */

  gsize scratch_bytes; /* maximum over all steps */
  gsize packed_bytes;  /* weights in the backend's layout */
  gsize arena_bytes;
  gsize constants_bytes; /* constants in the backend's memory; 0 in host memory */
  guint8 *arena, *scratch, *constants;
  void **copies;      /* host copies, by value: of mapped values and of all inputs in a device's memory; NULL: none */
  void *backend_data; /* private data of the backend */

  RvTensor **originals; /* by value: constants as they are before binding, to compile again; NULL: host memory */
  int n_done;           /* a move to another backend computes steps [0, n_done) again */
  int n_checks;         /* doubtful results of a device that were checked on the processor */
  gboolean is_lost;     /* a move to another backend has failed: the executable computes no more */
};

/* (nullable): the backend @name; for NULL the first of the table that runs on this machine, which never fails:
 * `reference` always does. Static. NULL and RV_ERROR_SETTING for an unknown name, RV_ERROR_BACKEND if it cannot run
 * here. */
const RvBackendClass *rv__backend_find (const char *name, GError **error);
/* Makes @gpu, a number or a part of a name, the GPU of the process. (nullable): the backend that computes on it;
 * static. @name: (nullable): the name of that backend; NULL: the first one with GPUs. NULL: RV_ERROR_SETTING if
 * @name computes on no GPU; RV_ERROR_BACKEND if no backend does. */
const RvBackendClass *rv__backend_find_gpu (const char *name, const char *gpu, GError **error);
/* All backends, preferred ones first, also those that cannot run here. Sets *n_backends, 1 or more. Static. Cannot
 * fail. */
const RvBackendClass *const *rv__backend_list (int *n_backends);

/* Applies the settings of all compute libraries to the whole process, such as oneDNN's cache switched off. For programs
 * only, not for the library. Cannot fail. */
void rv__backend_init_process (void);

/* Makes the backends read files that rv__backend_save_cache() has written to @folder, when they are first needed.
 * Errors are ignored. */
void rv__backend_use_cache (const char *folder);
/* Writes files to @folder, which exists, that spare later processes work, such as compiled shaders. Errors are
 * ignored. */
void rv__backend_save_cache (const char *folder);

/* Settings of rv__executable_new(). */
typedef struct {
  int n_threads;          /* 1 or more */
  RvKernelTable *kernels; /* NULL: a temporary table */
  double tune_s;          /* limit for measuring kernels, s; the remaining ones are guessed */
  gboolean exact;         /* kernels are neither measured nor guessed: a fixed choice */
  RvPrecision precision;
} RvCompileSettings;

/* The backend for large pictures: a GPU that computes convolutions in at most half the time of the processor, else
 * rv__backend_find (NULL). Measures unless settings->kernels has the result of an earlier run, and adds the result
 * there; takes seconds on a slow device. No GPU if settings->exact is set, with bf16, if the device is in software, has
 * less than 1 GiB of free memory, or cannot be measured. settings->kernels: not NULL. Never NULL; static. Once the
 * thread is cancelled, nothing is added. Any thread. */
const RvBackendClass *rv__backend_choose (const RvCompileSettings *settings);

/* (transfer full) (nullable): compiles @program (transfer full, also after an error), which must be planned. For a
 * device that has failed, compiles for the processor instead. May measure kernels for settings->tune_s, and adds them
 * to settings->kernels; a device adds its name. Buffers of the run are allocated only by rv__executable_bind(). */
RvExecutable *rv__executable_new (const RvBackendClass *backend, RvProgram *program, const RvCompileSettings *settings,
                                  GError **error);
/* Frees the executable, its program and all its memory, including mapped values; drops its reference to kernels. Does
 * nothing for NULL. */
void rv__executable_free (RvExecutable *executable);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RvExecutable, rv__executable_free)

/* Bytes of arena, scratch and packed weights in host memory, also before they are allocated; 0 if they are in a
 * device's memory. Constants in host memory and copies of mapped values are not counted. Cannot fail. */
gsize rv__executable_memory (const RvExecutable *executable);

#define RV_TOO_LARGE (G_MAXSIZE / 16) /* bytes; sums of a few do not overflow */

/* Bytes of arena, scratch, constants and packed weights in a device's memory; 0 in host memory. RV_TOO_LARGE if one
 * of the first three exceeds the device's largest block. Cannot fail. */
gsize rv__executable_device_memory (const RvExecutable *executable);
/* Makes a compiled executable ready to run; once. Reads constants from their files, allocates arena and scratch
 * (zeroed), and packs the weights; in host memory, frees their plain copies. If a device fails, binds on the processor
 * instead. After an error only rv__executable_free() may follow. */
gboolean rv__executable_bind (RvExecutable *executable, GError **error);

/* Whether the @n numbers @ours differ from @right by at most @tolerance, relative to @right, L2. FALSE for NaN. */
gboolean rv__are_near (const float *ours, const float *right, gsize n, double tolerance);

/* Copies @data to a value of a bound executable. @data: all elements, row-major, in the program's type. A value that
 * the plan dropped is ignored: TRUE. In host memory fails only in a fork (rv__system_check_threads()). A device's
 * executable keeps a copy of @data: this function and those below continue on the processor if the device fails. */
gboolean rv__executable_set (RvExecutable *executable, int value, const void *data, GError **error);
/* Copies a value of a bound executable to @data, all elements, row-major, in the program's type. A value that the
 * plan dropped leaves @data unchanged: TRUE. Results of a device that are not finite, or are 1024 zeros or more, are
 * computed again on the processor, at most three times. Cannot fail in host memory. */
gboolean rv__executable_get (RvExecutable *executable, int value, void *data, GError **error);
/* Copies value @from to value @to, of the same shape, in a bound executable; both must have memory (not checked).
 * Blocking. Cannot fail in host memory. On a device copies by way of the host. */
gboolean rv__executable_copy (RvExecutable *executable, int from, int to, GError **error);

/* (nullable): a value's elements for the host to read and write between runs, row-major. Owned by @executable, valid
 * until it is freed. The value itself if it is in plain rows in host memory; else a copy, which
 * rv__executable_push() and rv__executable_pull() transfer. The copy has the numbers of an earlier rv__executable_set()
 * on a device, else zeros at first. */
void *rv__executable_map (RvExecutable *executable, int value, GError **error);
/* Uploads a value of rv__executable_map() after the host has written it. Does nothing, and returns TRUE, if the value
 * is mapped without a copy, or the plan dropped it. */
gboolean rv__executable_push (RvExecutable *executable, int value, GError **error);
/* Downloads a value of rv__executable_map() before the host reads it. Does nothing, and returns TRUE, if the value is
 * mapped without a copy, or the plan dropped it. Cannot fail in host memory. */
gboolean rv__executable_pull (RvExecutable *executable, int value, GError **error);

/* Runs the steps before program->n_forward of a bound executable, on this thread and n_threads - 1 others.
 * Blocking, also on a device. If a device fails, moves the executable to the processor and computes all steps so
 * far there: no error. RV_ERROR_BACKEND if an earlier move has failed. Checks the thread's cancellable before each
 * step. After an error the outputs are undefined. */
gboolean rv__executable_forward (RvExecutable *executable, GError **error);
/* Runs the steps from program->n_forward on, after rv__executable_forward(), which has the same rules. */
gboolean rv__executable_backward (RvExecutable *executable, GError **error);

/* Runs step @step, from 0, of a bound executable, blocking. Threads, cancellable, and outputs after an error: as of
 * rv__executable_forward(). */
gboolean rv__executable_step (RvExecutable *executable, int step, GError **error);

/* Computes one call of an op of RV_F32 on @backend. Reads @in and writes those of @out that have data, in plain rows
 * in host memory. Runs as plain C if the backend's memory is the host's, which cannot fail, or if a device's memory
 * is full. Blocking. */
gboolean rv__backend_compute (const RvBackendClass *backend, const RvCompileSettings *settings, RvOpKind kind,
                              const RvOpAttrs *attrs, int n_in, const RvView *in, const RvView *out, GError **error);

/* Cost of one step, in a unit that is the same for all steps of @program: RvBackendClass.work, or rv__program_work() if
 * that is NULL. Cannot fail. */
double rv__backend_step_work (const RvBackendClass *backend, const RvProgram *program, const RvOpCall *step);

/* View of a bound value: shape, block and address. view.data is borrowed from @executable, in the backend's memory;
 * NULL: the plan dropped the value. */
RvView rv__executable_view (const RvExecutable *executable, int value);
/* Runs a step of a bound executable as plain C on the values in their layouts, which the op must support. The host must
 * be able to access the memory (RvMemoryClass.is_host). Blocking; ignores the cancellable. Cannot fail. */
void rv__executable_run_plain (RvExecutable *executable, int step);
/* Copies a value from layout @from to layout @to: plain rows or channel blocks, the same shape; 4-D with whole blocks
 * if the blocks differ. @element_bytes: bytes of an element. Memory must not overlap. Uses OpenMP threads. Cannot
 * fail. */
void rv__reorder (const RvView *from, const RvView *to, gsize element_bytes);
