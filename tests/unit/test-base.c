/* test-base.c -- base: options, random numbers, the arena, buffers, texts, names of sibling files, minifloats,
 * allocation, samples, blurs. */
#include "base/alloc.h"
#include "base/blur.h"
#include "base/mirror.h"
#include "base/minifloat.h"
#include "base/random.h"
#include "base/sample.h"
#include "base/system.h"
#include "base/text.h"
#include "io/atomic-file.h"
#include "support/support.h"
#include <glib/gstdio.h>
#include <math.h>
#include "base/option.h"
#include <string.h>
#include <unistd.h>

typedef struct {
  gint64 count;
  double rate;
  gboolean on;
  char *kind, *text;
} Settings;

static const char *const *
kinds (void)
{
  static const char *const names[] = { "round", "square", NULL };
  return names;
}

static const RvOption table[] = {
  { "count", 'c', RV_OPTION_INT, offsetof (Settings, count), "3", 1, 10, .help = "" },
  { "rate", 0, RV_OPTION_REAL, offsetof (Settings, rate), "0.5", 0, 1, .help = "" },
  { "on", 0, RV_OPTION_BOOL, offsetof (Settings, on), "yes", .help = "" },
  { "kind", 0, RV_OPTION_CHOICE, offsetof (Settings, kind), "round", .help = "", .choices = kinds },
  { "text", 0, RV_OPTION_TEXT, offsetof (Settings, text), .help = "" },
  { NULL },
};

static void
test_options (void)
{
  Settings s = { 0 };
  rv__option_defaults (table, &s);
  g_assert_cmpint (s.count, ==, 3);
  g_assert_cmpfloat (s.rate, ==, 0.5);
  g_assert_true (s.on);
  g_assert_cmpstr (s.kind, ==, "round");
  g_assert_null (s.text);
  g_assert_true (rv__option_set (table, &s, "text", "a,b", NULL));
  g_assert_true (rv__option_set (table, &s, "text", s.text, NULL)); /* a pointer into the settings themselves */
  g_assert_cmpstr (s.text, ==, "a,b");
  for (const RvOption *option = table; option->name; option++) { /* printing and reading gives the same value */
    g_autofree char *value = rv__option_get (table, &s, option->name);
    g_assert_true (rv__option_set (table, &s, option->name, value, NULL));
    g_autofree char *again = rv__option_get (table, &s, option->name);
    g_assert_cmpstr (value, ==, again);
  }
  rv__option_clear (table, &s);
}

static void
test_options_refused (void)
{
  static const char *const wrong[][3] = {
    { "count", "0", "between" },    { "count", "11", "between" }, { "count", "2.5", "whole" },
    { "count", "", "number" },      { "rate", "nan", "number" },  { "rate", "inf", "number" },
    { "rate", "-1", "between" },    { "rate", "0,5", "number" },  { "kind", "squar", "'square'" },
    { "on", "maybe", "yes or no" }, { "cout", "1", "'count'" },
  };
  Settings s = { 0 };
  rv__option_defaults (table, &s);
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++) {
    g_autoptr (GError) error = NULL;
    g_assert_false (rv__option_set (table, &s, wrong[i][0], wrong[i][1], &error));
    g_assert_error (error, rv_error_quark (), RV_ERROR_SETTING);
    g_assert_nonnull (strstr (error->message, wrong[i][2]));
  }
  g_assert_cmpint (s.count, ==, 3);
  g_assert_cmpfloat (s.rate, ==, 0.5);
  rv__option_clear (table, &s);
}

/* rv__random_bits() gives the known answer of Random123 for philox4x32-10, counter and key zero. Normal numbers have
 * mean 0 and variance 1; uniform numbers have mean 0.5. */
static void
test_random (void)
{
  guint32 bits[4];
  rv__random_bits (0, 0, 0, bits);
  g_assert_cmphex (bits[0], ==, 0x6627e8d5);
  g_assert_cmphex (bits[1], ==, 0xe169c58d);
  g_assert_cmphex (bits[2], ==, 0xbc57ac4c);
  g_assert_cmphex (bits[3], ==, 0x9b00dbd8);

  double mean = 0, square = 0, uniform = 0;
  const int n = 100000;
  for (int i = 0; i < n; i++) {
    double z = rv__random_normal (7, 1, (guint64) i), u = rv__random_uniform_01 (7, 2, (guint64) i);
    g_assert_true (u >= 0 && u < 1);
    mean += z / n, square += z * z / n, uniform += u / n;
  }
  assert_less (fabs (mean), 0.02);
  assert_less (fabs (square - 1), 0.02);
  assert_less (fabs (uniform - 0.5), 0.005);
}

static void
test_arena (void)
{
  RvArenaItem items[40];
  for (int round = 0; round < 50; round++) {
    gsize sum = 0, alive_most = 0;
    for (int i = 0; i < 40; i++) {
      guint32 r[4];
      rv__random_bits (3, (guint32) round, (guint64) i, r);
      items[i] = (RvArenaItem){ .bytes = r[0] % 5000, .first = (int) (r[1] % 30) };
      items[i].last = items[i].first + (int) (r[2] % 8);
      sum += items[i].bytes + RV_ALIGN_BYTES;
    }
    gsize size = rv__arena_assign_offsets (items, 40);
    for (int i = 0; i < 40; i++) {
      g_assert_cmpuint (items[i].offset % RV_ALIGN_BYTES, ==, 0);
      g_assert_cmpuint (items[i].offset + items[i].bytes, <=, size);
      for (int j = 0; j < i; j++) {
        gboolean together = items[i].first <= items[j].last && items[j].first <= items[i].last;
        gboolean overlap =
          items[i].offset < items[j].offset + items[j].bytes && items[j].offset < items[i].offset + items[i].bytes;
        g_assert_false (together && overlap && items[i].bytes && items[j].bytes);
      }
    }
    for (int step = 0; step < 40; step++) {
      gsize alive = 0;
      for (int i = 0; i < 40; i++)
        alive += items[i].first <= step && step <= items[i].last ? items[i].bytes : 0;
      alive_most = MAX (alive_most, alive);
    }
    g_assert_cmpuint (size, >=, alive_most);
    g_assert_cmpuint (size, <, sum);
    g_assert_cmpuint (size, <, alive_most * 14 / 10); /* near the peak of live bytes */
  }
}

/* Buffers exist only in their phases. The peak is that of the largest phase. */
static void
test_buffers (void)
{
  float *early = NULL, *late = NULL;
  double *always = NULL;
  void *never = &never; /* not set by the table: 0 bytes */
  g_autoptr (GError) error = NULL;
  const RvBuffer rows[] = {
    { &early, 4000, "early", 0, 1 }, { &always, 100, "always", 0, 2 }, { &late, 3000, "late", 2, 2 },
    { &never, 0, "never", 0, 2 },    { NULL, 500, "another's", 2, 2 }, { NULL, -200, "given back", 1, 2 },
  };
  GArray *buffers = rv__buffers_new (rows, G_N_ELEMENTS (rows));
  g_assert_cmpuint (rv__buffers_peak (buffers, 0, G_MAXINT), ==, 4100);
  const RvBuffer more = { NULL, 1000, "more", 2, 2 };
  g_array_append_val (buffers, more);
  g_assert_cmpuint (rv__buffers_peak (buffers, 0, G_MAXINT), ==, 4400);
  g_assert_cmpuint (rv__buffers_peak (buffers, 1, 1), ==, 3900);
  g_assert_cmpuint (rv__buffers_peak (buffers, 3, 9), ==, 0);
  g_assert_true (rv__buffers_enter (buffers, 0, &error) && early && always && !late);
  always[0] = 1;
  g_assert_true (rv__buffers_enter (buffers, 2, &error) && !early && late && always[0] == 1);
  rv__alloc_fail_at (1);
  g_assert_false (rv__buffers_enter (buffers, 0, &error) || early);
  g_assert_error (error, RV_ERROR, RV_ERROR_MEMORY);
  g_array_unref (buffers);
  g_assert_true (!always && !late && never == &never);
}

static void
test_text (void)
{
  static const char *const names[] = { "conv1_1", "conv4_2", "class", NULL };
  g_assert_cmpstr (rv_text_nearest ("conv4_3", names), ==, "conv4_2");
  g_assert_cmpstr (rv_text_nearest ("clas", names), ==, "class");
  g_assert_null (rv_text_nearest ("zzz", names));
  static const char *const options[] = { "steer", "style-strength", "strength", "size", NULL };
  g_assert_cmpstr (rv_text_nearest ("stren", options), ==, "strength"); /* "steer" is nearer */
  g_assert_cmpstr (rv_text_nearest ("STR", options), ==, "strength");
  g_assert_null (rv_text_nearest ("si", options));
  g_autofree char *a = rv_text_seconds (0.44), *b = rv_text_seconds (100), *c = rv_text_seconds (7500),
                  *most = rv_text_seconds (1e300);
  g_assert_cmpstr (a, ==, "0.4 s");
  g_assert_cmpstr (b, ==, "1 min 40 s");
  g_assert_cmpstr (c, ==, "2 h 05 min");
  g_assert_cmpstr (most, ==, "596523 h 14 min");
  g_autofree char *d = rv_text_bytes (412000000), *e = rv_text_bytes (3100000000), *f = rv_text_bytes (10);
  g_assert_cmpstr (d, ==, "412 MB");
  g_assert_cmpstr (e, ==, "3.1 GB");
  g_assert_cmpstr (f, ==, "10 bytes");
}

/* Splits lists whose items may be file names with commas and colons. `files`: names of existing files. */
static void
test_split_files (void)
{
  static const char *const files[] = { "in/a,b.st", "in/c:d,e", ",", "f,g,h.png", "k\\,l", "in/\xfc,.png", NULL };
  static const struct {
    const char *text;
    const char *items[5];
  } rows[] = {
    { "", { NULL } },
    { "x", { "x" } },
    { "x,y:2", { "x", "y:2" } },
    { "x,,y", { "x", "", "y" } },
    { "a,b.st", { "a,b.st" } },
    { "x,a,b.st:style:0.5,y", { "x", "a,b.st:style:0.5", "y" } },
    { "word:2:a,b.st,a,b.st", { "word:2:a,b.st", "a,b.st" } },
    { "c:d,e:1,x", { "c:d,e:1", "x" } },
    { "a,b.stx", { "a", "b.stx" } },
    { "f,g,h.png,f,g", { "f,g,h.png", "f", "g" } },
    { "x\\,y,z", { "x,y", "z" } },
    { "x\\,y\\,z:1,u", { "x,y,z:1", "u" } },
    { "k\\,l:1,k", { "k\\,l:1", "k" } },
    { "\xef\xbf\xbd,.png:3,x", { "\xef\xbf\xbd,.png:3", "x" } }, /* in recipes: a name that is not UTF-8 */
    { "x\\", { "x\\" } },
  };
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_auto (GStrv) items = rv_text_split_files (rows[i].text, files);
    g_assert_true (g_strv_equal ((const char *const *) items, rows[i].items));
  }
  static const char *const whole[] = { "a,b", ",", "a\\,b", "plain", NULL };
  for (int i = 0; whole[i]; i++) {
    g_autofree char *escaped = rv_text_escape_commas (whole[i]), *list = g_strconcat ("x,", escaped, ",y", NULL);
    g_auto (GStrv) items = rv_text_split_files (list, (const char *[]){ NULL });
    g_assert_cmpuint (g_strv_length (items), ==, 3);
    g_assert_cmpstr (items[1], ==, whole[i]);
  }
  g_autofree char *many = g_strnfill (100000, ','); /* lookups are fast */
  g_auto (GStrv) items = rv_text_split_files (many, NULL);
  g_assert_cmpuint (g_strv_length (items), ==, 100001);
  g_autofree char *colons = g_strnfill (100000, ':'), *two = g_strconcat ("x", colons, ",x", colons, NULL);
  g_auto (GStrv) both = rv_text_split_files (two, NULL);
  g_assert_cmpuint (g_strv_length (both), ==, 2);
  g_assert_null (rv_text_nearest (colons, (const char *const[]){ "style", NULL }));
}

/* Names of sibling files have at most 255 bytes, are cut between characters, and differ for different files. */
static void
test_file_beside (void)
{
  g_autofree char *latin = g_strnfill (255, 'a'), *other = g_strnfill (255, 'a');
  g_autoptr (GString) greek = g_string_new (NULL);
  other[254] = 'b';
  while (greek->len < 254)
    g_string_append (greek, "\u03c9");
  const char *const names[] = { "a.png", "b/c.png", latin, other, greek->str };
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    for (int n = 1; n < 30; n++) {
      g_autofree char *suffix = g_strnfill ((gsize) n, '.'), *beside = rv__file_sibling (names[i], suffix),
                      *base = g_path_get_basename (beside), *plain = g_strconcat (names[i], suffix, NULL);
      gboolean fits = strlen (names[i]) + (gsize) n <= 255;
      g_assert_cmpuint (strlen (base), <=, 255);
      g_assert_true (g_utf8_validate (base, -1, NULL));
      g_assert_true (g_str_has_suffix (base, suffix));
      g_assert_cmpint (strcmp (beside, plain) == 0, ==, fits);
    }
  g_autofree char *one = rv__file_sibling (latin, ".part-01234567"), *two = rv__file_sibling (other, ".part-01234567"),
                  *one_base = g_path_get_basename (one);
  g_assert_cmpstr (one, !=, two);
  g_assert_true (rv__atomic_file_is_partial (one_base, latin));
  g_assert_false (rv__atomic_file_is_partial (one_base, other));
}

/* A file is written also where fsync() is not supported: fsync() of a pipe fails with EINVAL. */
static void
test_no_fsync (void)
{
  g_autofree char *folder = g_dir_make_tmp ("reverie-XXXXXX", NULL), *path = g_build_filename (folder, "a.png", NULL);
  g_autoptr (GError) error = NULL;
  RvAtomicFile file;
  int ends[2];
  g_assert_true (rv__atomic_file_open (&file, path, FALSE, NULL));
  g_assert_cmpint (pipe (ends), ==, 0);
  g_assert_cmpint (close (ends[0]) + close (file.fd), ==, 0);
  file.fd = ends[1];
  g_assert_true (rv__atomic_file_commit (&file, &error));
  g_assert_no_error (error);
  g_assert_cmpint (g_remove (path), ==, 0);
  g_assert_cmpint (g_rmdir (folder), ==, 0);
}

/* Minifloats: 11 significant bits, ties to even, underflow and overflow, infinity and NaN. */
static void
test_minifloat (void)
{
  static const float pairs[][2] = {
    { 0, 0 },           { 1, 1 },     { -3, -3 },        { 2048, 2048 },      { 2049, 2048 },       { 2051, 2052 },
    { 0.001f, 0.001f }, { 1e-4f, 0 }, { 1e9f, 1048064 }, { -1e9f, -1048064 }, { INFINITY, 1048064 }
  };
  guint16 packed;
  float back, nan = NAN;
  for (guint i = 0; i < G_N_ELEMENTS (pairs); i++) {
    rv__minifloat_encode (pairs[i], &packed, 1);
    rv__minifloat_decode (&packed, &back, 1);
    g_assert_cmpfloat (fabsf (back - pairs[i][1]), <=, fabsf (pairs[i][1]) / 2048);
  }
  rv__minifloat_encode (&nan, &packed, 1);
  rv__minifloat_decode (&packed, &back, 1);
  g_assert_true (isnan (back));
  for (int i = 0; i < 1000; i++) {
    float value = (float) (test_number (9, (guint64) i) * pow (2, i % 30 - 9));
    rv__minifloat_encode (&value, &packed, 1);
    rv__minifloat_decode (&packed, &back, 1);
    g_assert_cmpfloat (fabsf (back - value), <=, fmaxf (fabsf (value) / 2048, 0x1p-10f));
  }
}

static void
test_durations (void)
{
  static const char *const wrong[] = { "", "soon", "m", "3 m", "-1", "0", "1d", "3mm", "nan", "1e99" };
  double seconds = 0;
  g_assert_true (rv__text_parse_seconds ("90", &seconds) && seconds == 90);
  g_assert_true (rv__text_parse_seconds ("90s", &seconds) && seconds == 90);
  g_assert_true (rv__text_parse_seconds ("1.5m", &seconds) && seconds == 90);
  g_assert_true (rv__text_parse_seconds ("2h", &seconds) && seconds == 7200);
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    g_assert_false (rv__text_parse_seconds (wrong[i], &seconds));
}

static void
test_alloc (void)
{
  g_autoptr (GError) error = NULL;
  static const gsize sizes[] = { 0, 1, 100, 1 << 20, (1 << 20) + 1, 5 << 20 };
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++) {
    guint8 *memory = rv__alloc (sizes[i], "a test", NULL);
    g_assert_cmpuint ((gsize) memory % RV_ALIGN_BYTES, ==, 0);
    for (gsize k = 0; k < sizes[i]; k++)
      g_assert_cmpint (memory[k], ==, 0);
    rv__free (memory);
  }
  g_assert_null (rv__alloc (G_MAXSSIZE, "the impossible", &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_MEMORY);
  g_assert_nonnull (strstr (error->message, "the impossible"));
  rv__alloc_fail_at (1);
  g_assert_null (rv__alloc (10, "a test", NULL));
  void *next = rv__alloc (10, "a test", NULL);
  g_assert_nonnull (next);
  rv__free (next);
}

static void
test_mirrors (void)
{
  static const int about_last[] = { 1, 2, 3, 2, 1, 0, 1, 2, 3, 2, 1, 0, 1 },
                   about_edge[] = { 2, 3, 3, 2, 1, 0, 0, 1, 2, 3, 3, 2, 1 };
  for (int i = -7; i < 6; i++) {
    if (i >= -5)
      g_assert_cmpint (rv__mirror_about_last (i, 4), ==, about_last[i + 5]);
    if (i >= -6)
      g_assert_cmpint (rv__mirror_about_edge (i, 4), ==, about_edge[i + 6]);
    g_assert_cmpint (rv__mirror_about_last (i, 1), ==, 0);
    g_assert_cmpint (rv__mirror_about_edge (i, 1), ==, 0);
  }
}

static void
test_samples (void)
{
  static const struct {
    float value;
    int byte;
  } bytes[] = { { 0, 0 },       { 0.49f, 0 },      { 0.5f, 1 },      { 254.6f, 255 }, { 255, 255 },
                { 1e30f, 255 }, { INFINITY, 255 }, { -INFINITY, 0 }, { -0.6f, 0 },    { NAN, 0 } };
  for (guint i = 0; i < G_N_ELEMENTS (bytes); i++)
    g_assert_cmpint (rv__byte (bytes[i].value), ==, bytes[i].byte);
  g_assert_cmpint (rv__sample (65535, 65535, 0.5f), ==, 65535);
  g_assert_cmpint (rv__sample (254.9f, 255, 0), ==, 254);
}

/* rv_shape() takes sizes of any integer type, and sizes above 32 bits. */
static void
test_shapes (void)
{
  gint64 large = G_GINT64_CONSTANT (5000000000);
  short small = 3;
  RvShape shape = rv_shape (3, small, large, 7);
  g_assert_cmpint (shape.n, ==, 3);
  g_assert_cmpint (shape.dim[0], ==, 3);
  g_assert_cmpint (shape.dim[1], ==, large);
  g_assert_cmpint (shape.dim[2], ==, 7);
  g_assert_cmpint (shape.dim[3], ==, 0);
}

/* ---- blurs ------------------------------------------------------------------------------------------------------- */

#define BLUR_PLANES 2
#define BLUR_ROWS 90
#define BLUR_COLUMNS 110

/* Blurs @n_lines lines of one plane along an axis: a truncated Gaussian, as the expected value. */
static void
blur_along (const double *from, double *to, int n, int n_lines, int step, int line_step, double sigma)
{
  int reach = MAX ((int) ceil (4 * sigma), 1);
  double sum = 0;
  for (int k = -reach; k <= reach; k++)
    sum += exp (-0.5 * k * k / (sigma * sigma));
  for (int line = 0; line < n_lines; line++)
    for (int i = 0; i < n; i++) {
      double made = 0;
      for (int k = -reach; k <= reach; k++)
        made +=
          exp (-0.5 * k * k / (sigma * sigma)) / sum * from[line * line_step + rv__mirror_about_edge (i + k, n) * step];
      to[line * line_step + i * step] = made;
    }
}

/* A blur agrees with blur_along() for deviations from a fraction of a pixel to three times the plane. In place, and
 * with several threads, it gives the same bytes. */
static void
test_blur (void)
{
  enum { PLANE = BLUR_ROWS * BLUR_COLUMNS, ALL = BLUR_PLANES * PLANE };
  static const double sigmas[] = { 0.2, 1, 6, 40, 300 };
  g_autofree double *x = g_new (double, ALL), *across = g_new (double, ALL), *right = g_new (double, ALL);
  g_autofree double *one = g_new (double, ALL), *more = g_new (double, ALL);
  for (int i = 0; i < ALL; i++)
    x[i] = test_number (1, (guint64) i);
  for (guint s = 0; s < G_N_ELEMENTS (sigmas); s++) {
    for (int p = 0; p < BLUR_PLANES; p++) {
      blur_along (x + p * PLANE, across + p * PLANE, BLUR_COLUMNS, BLUR_ROWS, 1, BLUR_COLUMNS, sigmas[s]);
      blur_along (across + p * PLANE, right + p * PLANE, BLUR_ROWS, BLUR_COLUMNS, BLUR_COLUMNS, 1, sigmas[s]);
    }
    int before = rv__system_use_threads (1);
    g_assert_true (rv__blur_f64 (x, one, BLUR_PLANES, BLUR_COLUMNS, BLUR_ROWS, sigmas[s], NULL));
    assert_less (test_relative (one, right, ALL), 1e-12);
    for (int n_threads = 2; n_threads <= 9; n_threads += 7) {
      rv__system_use_threads (n_threads);
      memcpy (more, x, ALL * sizeof (double));
      g_assert_true (rv__blur_f64 (more, more, BLUR_PLANES, BLUR_COLUMNS, BLUR_ROWS, sigmas[s], NULL));
      g_assert_cmpmem (more, ALL * sizeof (double), one, ALL * sizeof (double));
    }
    rv__system_use_threads (before);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/base/options", test_options);
  g_test_add_func ("/base/options-refused", test_options_refused);
  g_test_add_func ("/base/random", test_random);
  g_test_add_func ("/base/arena", test_arena);
  g_test_add_func ("/base/buffers", test_buffers);
  g_test_add_func ("/base/text", test_text);
  g_test_add_func ("/base/split-files", test_split_files);
  g_test_add_func ("/base/file-beside", test_file_beside);
  g_test_add_func ("/base/no-fsync", test_no_fsync);
  g_test_add_func ("/base/alloc", test_alloc);
  g_test_add_func ("/base/packed16", test_minifloat);
  g_test_add_func ("/base/durations", test_durations);
  g_test_add_func ("/base/mirrors", test_mirrors);
  g_test_add_func ("/base/samples", test_samples);
  g_test_add_func ("/base/blur", test_blur);
  g_test_add_func ("/base/shapes", test_shapes);
  return g_test_run ();
}
