/* support.h -- what several test programs share. */
#ifndef RV_TEST_SUPPORT_H
#define RV_TEST_SUPPORT_H

#include "backend/backend.h"
#include "graph/graph.h"
#include <reverie/image.h>
#include <reverie/settings.h>

/* A number in -1..1 for (stream, index): the same in every test, on every machine. */
double test_number (guint32 stream, guint64 index);

/* test_made_image: (transfer full): of such numbers, each five times, 0.5 to 254.5. */
RvImage *test_made_image (int width, int height, guint32 stream);

/* test_executable: plans and compiles @program (taken) on @backend (NULL: the reference), ready to run. */
RvExecutable *test_executable (RvProgram *program, const char *backend);

/* test_fill: sets a value to test_number (stream, 0 ..) * scale, in the program's type. */
void test_fill (RvExecutable *executable, int value, guint32 stream, double scale);

/* test_get: (transfer full): a value's elements as doubles. */
double *test_get (RvExecutable *executable, int value);

/* test_relative: ||a - b|| / ||b||. */
double test_relative (const double *a, const double *b, gint64 n);

/* test_constant: (transfer full): a tensor of test numbers times @scale. */
RvTensor *test_constant (RvType type, const RvShape *shape, guint32 stream, double scale);

#define assert_less(a, b)                                                                                              \
  G_STMT_START                                                                                                         \
    {                                                                                                                  \
      double a_ = (a), b_ = (b);                                                                                       \
      if (!(a_ < b_))                                                                                                  \
        g_error ("%s:%d: %s = %g is not below %s = %g", __FILE__, __LINE__, #a, a_, #b, b_);                           \
    }                                                                                                                  \
  G_STMT_END

/* test_settings_of: (transfer full): of @kind, as @preset (NULL: the default) has them. test_set: one, as typed. */
RvSettings *test_settings_of (const char *kind, const char *preset);
void test_set (RvSettings *settings, const char *name, const char *value);

/* test_own_dirs: caches, settings and networks of this program lie in a folder of its own below $TMPDIR, which cases.sh
 * removes. To be called first. GLib's G_TEST_OPTION_ISOLATE_DIRS does not free the names that it has made, which is a
 * leak. */
void test_own_dirs (void);

/* test_add_slow: adds @func as "/slow" and @path, and only where it is asked for (-m slow): what takes long and varies
 * a case that is always run. The suite 'long' runs those. */
void test_add_slow (const char *path, gconstpointer data, GTestDataFunc func);

/* test_golden_bytes: (transfer full): a file of tests/golden/FOLDER. */
GBytes *test_golden_bytes (const char *folder, const char *file);

/* test_wrong_bytes: a weights file with one byte wrong, anywhere, in four ways: an error or another content, never
 * both, never a crash. */
void test_wrong_bytes (GBytes *weights);

#endif
