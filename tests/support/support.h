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

/* (transfer full): an image of test_number() in 0.5..254.5. Five neighbouring values are equal. */
RvImage *test_made_image (int width, int height, guint32 stream);

/* (transfer full): plans, compiles and binds @program (transfer full) for @backend, a name. NULL: the reference. */
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

/* (transfer full): settings of @kind with @preset. @preset NULL: the default. */
RvSettings *test_settings_of (const char *kind, const char *preset);
/* Sets an option from text, without error. */
void test_set (RvSettings *settings, const char *name, const char *value);

/* Sets an option of @job from text, without error. */
void test_job_set (RvJob *job, const char *name, const char *value);
/* Runs @job, without error. Returns the result (transfer full). */
RvImage *test_job_result (RvJob *job);
/* Asserts that both maps have the same tensors, with the same bytes. */
void test_assert_same_tensors (const RvTensorMap *a, const RvTensorMap *b);
/* Whether this machine can run a backend. */
gboolean test_can_run (const RvBackendClass *backend);
/* Returns @func, a test whose data is the backend's name. If this machine cannot run @backend, returns a test that is
 * skipped; with REVERIE_REQUIRE_GPU=1 that test fails. */
GTestDataFunc test_or_skip (const RvBackendClass *backend, GTestDataFunc func);
/* Adds the test @path/NAME for each backend NAME, by test_or_skip(). */
void test_add_for_backends (const char *path, GTestDataFunc func);

/* Puts caches, settings and networks of this program into a folder below $TMPDIR, which cases.sh removes. Called first
 * in main(). G_TEST_OPTION_ISOLATE_DIRS of GLib would leak the names of its folders. */
void test_own_dirs (void);

/* Runs the tests, then deletes @folder and its files. @folder has no folders. Returns the result of g_test_run(). */
int test_run_and_delete (const char *folder);

/* Adds the test "/slow" and @path, for -m slow only (suite 'long'): a slow variant of a test that always runs. */
void test_add_slow (const char *path, gconstpointer data, GTestDataFunc func);

/* (transfer full): content of tests/golden/@folder/@file. */
GBytes *test_golden_bytes (const char *folder, const char *file);

/* Reads a weights file with one byte changed, for each byte and four changes; in a sanitized build, one of the changes
 * in turn. Asserts that the result is either an error or a map. */
void test_wrong_bytes (GBytes *weights);
/* Reads each truncation of a weights file. Asserts RV_ERROR_FORMAT and a message of one line; calls @check (nullable)
 * for truncations that can be read. Returns the number of these. */
int test_truncated_weights (GBytes *weights, void (*check) (const RvTensorMap *map));

/* Program of a network, and the values of its layers. */
typedef struct {
  RvProgram *program;
  GHashTable *values; /* layer -> value */
} TestLayers;

/* RvLayerFunc: adds the layer to the TestLayers @layers, as an output of its program. Returns FALSE. */
gboolean test_on_layer (const char *layer, int value, gpointer layers);

#endif
