/* backend.h -- what turns a planned program into something that runs.
 * Layer 3 (backend). May include: op, tensor, base.
 *
 * A backend compiles a whole program, so that it owns the layout between ops: it says how many bytes each value takes
 * in its layout and the scratch of each step; one arena is then placed for all of it, the same way for every backend,
 * and the peak is known before anything runs. Ops a backend lacks run as plain C.
 *
 * It owns the memory as well: a card's, or the host's. What is above gives it values and takes them, and never holds an
 * address of one, but for rv__executable_map(). */
#ifndef RV_BACKEND_H
#define RV_BACKEND_H

#include "base/alloc.h"
#include "op/program.h"
#include "base/sharing.h"
#include <gio/gio.h>
#include <reverie/kernels.h>

typedef struct _RvExecutable RvExecutable;

/* Where the values of a backend lie, and how they come and go. What fails is an error: RV_ERROR_MEMORY,
 * RV_ERROR_BACKEND. */
typedef struct {
  gboolean is_host; /* the host may read and write there: constants are used, and values mapped, where they lie */

  /* (transfer full): the address of @bytes of zeroes, aligned to RV_ALIGN_BYTES. Unless is_host the host may add
   * offsets to it, but not follow it. @what names them in the error's message. */
  void *(*alloc) (gsize bytes, const char *what, GError **error);
  void (*free) (void *address); /* NULL: nothing */

  /* Between @data, a value's elements on the host, row-major, and the value in the backend's layout; once bound. copy:
   * from one value to another of the same shape and layout. All have happened when they return. */
  gboolean (*upload) (RvExecutable *executable, int value, const void *data, GError **error);
  gboolean (*download) (RvExecutable *executable, int value, void *data, GError **error);
  gboolean (*copy) (RvExecutable *executable, int from, int to, GError **error);

  /* Waits until all steps that were started are done. NULL: run() waits for each. */
  gboolean (*synchronize) (RvExecutable *executable, GError **error);

  /* What could be allocated now, about. */
  gsize (*free_bytes) (void);
} RvMemoryClass;

extern const RvMemoryClass rv__host_memory;

typedef struct {
  const char *name, *summary;
  const RvMemoryClass *memory;

  /* Whether this machine can run it. NULL: always. */
  gboolean (*probe) (void);

  /* Whether run() can do that step. One that it cannot is done by plain C on the host, its operands downloaded and
   * uploaded. Ops that share bits or bytes (RvHolds) must be supported together. NULL: all. */
  gboolean (*supports) (const RvExecutable *executable, int step);

  /* What a step costs, in the same unit for all steps: by it is chosen which features are computed twice rather than
   * held. NULL: as the op says. */
  double (*work) (const RvProgram *program, const RvStep *step);

  /* Decides block and bytes of each value, scratch_bytes and packed_bytes; allocates nothing big. */
  gboolean (*compile) (RvExecutable *executable, GError **error);

  /* The arena lies at its addresses: packs weights, builds what run() needs. */
  gboolean (*bind) (RvExecutable *executable, GError **error);

  gboolean (*run) (RvExecutable *executable, int step, GError **error);

  /* Which code computes a step; NULL for a step that another one does. Static or the executable's. NULL: plain C. */
  const char *(*step_kernel) (const RvExecutable *executable, int step);

  /* Whether this processor has fast kernels of bf16. NULL: none has. */
  gboolean (*has_bf16) (void);

  /* (transfer full): the library and what it uses of this processor. NULL: the summary says it all. */
  char *(*describe) (void);

  /* Process-wide settings of the compute library, which only a program may touch. NULL: none. */
  void (*start_for_program) (void);
  void (*close) (RvExecutable *executable);
} RvBackendClass;

/* Whether convolutions may round what they read to bf16. */
typedef enum {
  RV_PRECISION_F32,  /* never */
  RV_PRECISION_AUTO, /* where that is faster */
  RV_PRECISION_BF16, /* wherever there is such a kernel */
  RV_PRECISION_FULL, /* never, and only kernels that round about as little as a plain sum */
} RvPrecision;

/* How a value lies in memory. */
typedef struct {
  int block;   /* channels per group; 1: plain rows. See RvView */
  gsize bytes; /* 0: it needs no memory of its own */
  void *data;  /* its address, after binding; not the host's to follow unless the memory is */
} RvPlace;

struct _RvExecutable {
  const RvBackendClass *backend;
  RvProgram *program; /* owned */
  RvPlace *place;     /* one for each value */
  int n_threads;
  RvKernelTable *kernels; /* which kernel was chosen where; shared with the caller */
  double tune_s;          /* as in RvCompileSettings, this and the next two */
  gboolean exact;
  RvPrecision precision;
  RvSharing *sharing;        /* of the cores, with other programs */
  GCancellable *cancellable; /* looked at before each step; NULL: nobody cancels */

  gsize scratch_bytes; /* the largest any step needs */
  gsize packed_bytes;  /* weights in the backend's layout */
  gsize arena_bytes;
  gsize constants_bytes; /* constants in the backend's memory; 0 where that is the host's */
  guint8 *arena, *scratch, *constants;
  void **mapped; /* a copy on the host for each value that was mapped, where it has to be one */
  void *own;     /* the backend's */
};

/* rv__backend_find: by name, or for NULL the first of the table that this machine can run (the reference always can).
 * NULL and RV_ERROR_SETTING for an unknown name, RV_ERROR_BACKEND when it cannot run here. Borrowed. */
const RvBackendClass *rv__backend_find (const char *name, GError **error);
const RvBackendClass *const *rv__backend_list (int *n_backends);

/* rv__backend_start_for_program: reverie's own process-wide settings of the compute libraries. */
void rv__backend_start_for_program (void);

typedef struct {
  int n_threads;          /* 1 or more */
  RvKernelTable *kernels; /* NULL: a table of its own, dropped afterwards */
  double tune_s;          /* seconds that measuring kernels may take; what is not measured is guessed */
  gboolean exact;         /* kernels are neither measured nor guessed: the choice is fixed */
  RvPrecision precision;
  GCancellable *cancellable; /* NULL: nobody cancels; held by reference */
} RvCompileSettings;

/* rv__executable_new: (transfer full): compiles @program (transfer full, also on error), which must be planned. Says
 * rv__executable_memory() but holds no big memory until rv__executable_bind(). */
RvExecutable *rv__executable_new (const RvBackendClass *backend, RvProgram *program, const RvCompileSettings *settings,
                                  GError **error);
void rv__executable_free (RvExecutable *executable);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RvExecutable, rv__executable_free)

/* rv__executable_set_cancellable: another one, or NULL, for the runs from now on; held by reference. */
void rv__executable_set_cancellable (RvExecutable *executable, GCancellable *cancellable);
/* rv__executable_is_cancelled: and RV_ERROR_CANCELLED: looked at before each step is compiled and before it is run. */
gboolean rv__executable_is_cancelled (const RvExecutable *executable, GError **error);

/* rv__executable_memory: bytes it holds once bound: arena, scratch, constants and packed weights. Can't fail. */
gsize rv__executable_memory (const RvExecutable *executable);
gboolean rv__executable_bind (RvExecutable *executable, GError **error);

/* rv__executable_set / _get: between the host's memory and a value in the backend's. @data holds the value's elements,
 * row-major, in the program's type. _copy: one value's content to another of the same shape. A value that the plan
 * dropped takes what it is set to and has nothing to get. RV_ERROR_BACKEND; never where the memory is the host's. */
gboolean rv__executable_set (RvExecutable *executable, int value, const void *data, GError **error);
gboolean rv__executable_get (RvExecutable *executable, int value, void *data, GError **error);
gboolean rv__executable_copy (RvExecutable *executable, int from, int to, GError **error);

/* rv__executable_map: (nullable): where the host may read and write a value's elements, row-major, between runs, for as
 * long as the executable lives: the value itself where it lies in plain rows in the host's memory, else a copy of its
 * own. After writing there, _push; before reading what a run computed, _pull. RV_ERROR_MEMORY, RV_ERROR_BACKEND. */
void *rv__executable_map (RvExecutable *executable, int value, GError **error);
gboolean rv__executable_push (RvExecutable *executable, int value, GError **error);
gboolean rv__executable_pull (RvExecutable *executable, int value, GError **error);

/* rv__executable_forward / _backward: run the steps before, and from, program->n_forward. Blocking; on the caller's
 * thread and n_threads - 1 others. */
gboolean rv__executable_forward (RvExecutable *executable, GError **error);
gboolean rv__executable_backward (RvExecutable *executable, GError **error);

/* rv__executable_step: runs one of them, on as many threads, and waits for it. */
gboolean rv__executable_step (RvExecutable *executable, int step, GError **error);

/* rv__backend_work: of one step, as the backend or else the op says. Can't fail. */
double rv__backend_work (const RvBackendClass *backend, const RvProgram *program, const RvStep *step);

/* For backends: the view of a value where it lies; a step's op as plain C on such views, in memory that the host can
 * reach; a value between layouts. */
RvView rv__executable_view (const RvExecutable *executable, int value);
void rv__executable_run_plain (RvExecutable *executable, int step);
void rv__reorder (const RvView *from, const RvView *to, gsize element_bytes);

#endif
