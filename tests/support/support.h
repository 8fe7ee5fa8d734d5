/* support.h -- shared by test programs. */
#ifndef RV_TEST_SUPPORT_H
#define RV_TEST_SUPPORT_H

#include "backend/backend.h"
#include "graph/graph.h"
#include <reverie/image.h>
#include <reverie/job.h>
#include <reverie/settings.h>

/* A number in -1..1 for (stream, index), the same on every machine. */
double test_number (guint32 stream, guint64 index);

/* (transfer full): an image of such numbers, each five times, 0.5 to 254.5. */
RvImage *test_made_image (int width, int height, guint32 stream);

/* Plans and compiles @program (taken) on @backend (NULL: the reference). */
RvExecutable *test_executable (RvProgram *program, const char *backend);

/* Sets a value to test_number (stream, 0 ..) * scale, in the program's type. */
void test_fill (RvExecutable *executable, int value, guint32 stream, double scale);

/* (transfer full): elements of a value as doubles. */
double *test_get (RvExecutable *executable, int value);

/* ||a - b|| / ||b||. */
double test_relative (const double *a, const double *b, gint64 n);

/* (transfer full): a tensor of test_number() times @scale. */
RvTensor *test_constant (RvType type, const RvShape *shape, guint32 stream, double scale);

#define assert_less(a, b)                                                                                              \
  G_STMT_START                                                                                                         \
    {                                                                                                                  \
      double a_ = (a), b_ = (b);                                                                                       \
      if (!(a_ < b_))                                                                                                  \
        g_error ("%s:%d: %s = %g is not below %s = %g", __FILE__, __LINE__, #a, a_, #b, b_);                           \
    }                                                                                                                  \
  G_STMT_END

/* (transfer full): settings of @kind with @preset. NULL: the default. */
RvSettings *test_settings_of (const char *kind, const char *preset);
/* Sets an option from text, without error. */
void test_set (RvSettings *settings, const char *name, const char *value);

/* Sets an option of @job from text, without error. */
void test_job_set (RvJob *job, const char *name, const char *value);
/* (transfer full): the result of @job, which is run, without error. */
RvImage *test_job_result (RvJob *job);
/* Asserts that both maps have the same tensors, with the same bytes. */
void test_assert_same_tensors (const RvTensorMap *a, const RvTensorMap *b);
/* Whether this machine can run a backend. */
gboolean test_can_run (const RvBackendClass *backend);
/* Returns @func, a test with the backend's name as data. If this machine lacks the backend: a skip, or with
 * REVERIE_REQUIRE_GPU=1 a failure. */
GTestDataFunc test_or_skip (const RvBackendClass *backend, GTestDataFunc func);
/* Adds the test @path/NAME for each backend by test_or_skip(). */
void test_add_for_backends (const char *path, GTestDataFunc func);

/* Puts caches, settings and networks of this program into a folder below $TMPDIR, which cases.sh removes. Call first.
 * GLib's G_TEST_OPTION_ISOLATE_DIRS would leak its names. */
void test_own_dirs (void);

/* Returns g_test_run(). Then deletes @folder and its files; it has no folders. */
int test_run_and_delete (const char *folder);

/* Adds the test "/slow" and @path, for -m slow only (suite 'long'): a slow variation of a test that always runs. */
void test_add_slow (const char *path, gconstpointer data, GTestDataFunc func);

/* (transfer full): a file of tests/golden/FOLDER. */
GBytes *test_golden_bytes (const char *folder, const char *file);

/* Reads a weights file with one byte changed, at each position, in four ways: the result is an error or other content,
 * never both, never a crash. */
void test_wrong_bytes (GBytes *weights);
/* Reads each truncation of a weights file, and asserts RV_ERROR_FORMAT in one line, or calls @check (nullable). Returns
 * the number of those that can be read. */
int test_truncated_weights (GBytes *weights, void (*check) (const RvTensorMap *map));

/* Values of a network's layers. */
typedef struct {
  RvProgram *program;
  GHashTable *values; /* layer -> value */
} TestLayers;

/* RvLayerFunc: adds the layer to the TestLayers @layers, as an output of its program. Returns FALSE. */
gboolean test_on_layer (const char *layer, int value, gpointer layers);

#endif
