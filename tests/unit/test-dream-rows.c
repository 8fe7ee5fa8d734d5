/* test-dream-rows.c -- what a dream's step does to pictures of which each rank has its rows: the bits that one rank
 * alone has, for any number of ranks, more of them than there are rows included; and what travels is what a plan says.
 */
#include "method/dream/internal.h"
#include "support/ranks.h"
#include "support/support.h"
#include <string.h>

#define MOST (3 * 160 * 130)

static const int numbers_of_ranks[] = { 2, 3, 4, 7 };
static const int sizes[][2] = { { 121, 97 }, { 64, 64 }, { 33, 130 }, { 7, 31 }, { 160, 1 }, { 50, 65 } };

typedef gboolean (*Change) (const RvRows *rows, float *x, float *y, GError **error);

/* A picture before and after a change, as one rank has it. */
typedef struct {
  Change change;
  gsize (*bytes) (const RvRows *rows); /* that a plan says; NULL: none */
  int width, height;
  const double *speed;
  float *after;
} Changed;

static void
fill (float *x, int n, guint64 seed)
{
  for (int i = 0; i < n; i++)
    x[i] = (float) test_number (seed, (guint64) i);
}

/* Each rank begins with its own rows alone: what it has of others comes from them. */
static float *
own_of (const RvRows *rows, guint64 seed)
{
  g_autofree float *all = g_new (float, MOST);
  float *own = rv__rows_alloc (rows, 3, "a picture", NULL);
  fill (all, 3 * (int) rv__rows_plane (rows), seed);
  for (int c = 0; c < 3; c++) {
    RvSpan span = rv__rows_own (rows, c);
    memcpy (own + span.from, all + span.from, (gsize) (span.end - span.from) * sizeof (float));
  }
  return own;
}

static void
check_rank (RvCluster *cluster, gpointer data)
{
  const Changed *changed = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (RvRows) rows = rv__rows_new (cluster, changed->speed, changed->width, changed->height);
  float *x = own_of (rows, 1), *y = own_of (rows, 2);
  guint64 before = rv__cluster_bytes (cluster);
  g_assert_true (changed->change (rows, x, y, &error));
  g_assert_no_error (error);
  for (int c = 0; c < 3; c++) {
    RvSpan span = rv__rows_own (rows, c);
    g_assert_cmpmem (x + span.from, (gsize) (span.end - span.from) * sizeof (float), changed->after + span.from,
                     (gsize) (span.end - span.from) * sizeof (float));
  }
  if (changed->bytes && rv__cluster_rank (cluster) == 0)
    g_assert_cmpuint (rv__cluster_bytes (cluster) - before, >=, changed->bytes (rows));
  rv__free (x);
  rv__free (y);
}

static void
check (Change change, gsize (*bytes) (const RvRows *rows))
{
  static const double unlike[TEST_MOST_RANKS] = { 1, 5, 0.5, 2, 1, 9, 0.1, 1 };
  for (guint s = 0; s < G_N_ELEMENTS (sizes); s++) {
    Changed changed = { change, bytes, sizes[s][0], sizes[s][1], NULL, NULL };
    g_autoptr (RvRows) rows = rv__rows_new (rv__cluster_self (), NULL, changed.width, changed.height);
    float *y = own_of (rows, 2);
    changed.after = own_of (rows, 1);
    g_assert_true (change (rows, changed.after, y, NULL));
    for (guint n = 0; n < G_N_ELEMENTS (numbers_of_ranks); n++) {
      changed.speed = n % 2 == 0 ? NULL : unlike;
      test_ranks (numbers_of_ranks[n], check_rank, &changed);
    }
    rv__free (changed.after);
    rv__free (y);
  }
}

/* ---- what is changed --------------------------------------------------------------------------------------------- */

static gboolean
bands (const RvRows *rows, float *x, float *y, GError **error)
{
  g_autoptr (RvDreamBands) bands = rv__dream_bands_new (rows, 4, 8, error);
  return bands && rv__dream_bands (bands, x, error);
}

static gsize
bands_bytes (const RvRows *rows)
{
  return rv__dream_bands_bytes (rows, 4, 8);
}

static gboolean
many_bands (const RvRows *rows, float *x, float *y, GError **error)
{
  g_autoptr (RvDreamBands) bands = rv__dream_bands_new (rows, 16, 0, error);
  return bands && rv__dream_bands (bands, x, error);
}

static gboolean
smooth (const RvRows *rows, float *x, float *y, GError **error)
{
  return rv__dream_smooth (rows, x, 3, error);
}

static gsize
smooth_bytes (const RvRows *rows)
{
  return rv__dream_smooth_bytes (rows, 3);
}

static gboolean
limit (const RvRows *rows, float *x, float *y, GError **error)
{
  return rv__dream_limit (rows, x, y, 0.1, error);
}

/* A number of all of the picture. */
static gboolean
sizes_of (const RvRows *rows, float *x, float *y, GError **error)
{
  double rms, mean;
  if (!rv__rows_rms (rows, x, &rms, error) || !rv__rows_mean_abs (rows, x, &mean, error))
    return FALSE;
  for (int c = 0; c < 3; c++)
    for (gint64 i = rv__rows_own (rows, c).from; i < rv__rows_own (rows, c).end; i++)
      x[i] = (float) (i % 2 == 0 ? rms : mean);
  return TRUE;
}

/* There and back by a size that is no half of it. */
static gboolean
resize (const RvRows *rows, float *x, float *y, GError **error)
{
  g_autoptr (RvRows) other = rv__rows_new (rows->cluster, NULL, rows->width * 2 / 3 + 1, rows->height * 5 / 7 + 1);
  float *small = rv__rows_alloc (other, 3, "a picture", error);
  gboolean ok = small && rv__rows_resize (rows, x, other, RV_RESIZE_BICUBIC, small, error) &&
                rv__rows_resize (other, small, rows, RV_RESIZE_BILINEAR, x, error);
  rv__free (small);
  return ok;
}

/* The picture onto a canvas of which others have other parts, and back, at each of some shifts. */
static gboolean
place_at (const RvRows *rows, const RvDreamPlace *place, float *x, GError **error)
{
  RvHalo halo = { .unit = 4, .before = { 8, 8 }, .after = { 8, 12 } };
  int width = rows->width + place->margin, height = rows->height + place->margin, n = rv__cluster_size (rows->cluster);
  RvTiling *tiling = rv__tiling_new (height, width, &halo, 40);
  g_autofree int *first = g_new0 (int, n + 1);
  for (int rank = 0; rank <= n; rank++)
    first[rank] = rv__tiling_size (tiling) * rank / n;
  g_autoptr (RvParts) parts = rv__parts_of (rows->cluster, tiling, first, 3);
  float *canvas = rv__part_alloc (rv__parts_held (parts), rv__parts_count (parts), sizeof (float), "a canvas", error);
  gboolean ok = canvas && rv__dream_place (place, rows, x, parts, canvas, error) &&
                rv__dream_take (place, rows, parts, canvas, x, error);
  rv__tiling_free (tiling);
  rv__free (canvas);
  return ok;
}

static gboolean
place (const RvRows *rows, float *x, float *y, GError **error)
{
  static const RvDreamPlace places[] = { { 0, 3, -5 }, { 0, -40, 200 }, { 16, 4, 16 }, { 32, 0, 31 }, { 150, 70, 3 } };
  gboolean ok = TRUE;
  for (guint i = 0; ok && i < G_N_ELEMENTS (places); i++)
    ok = place_at (rows, &places[i], x, error);
  return ok;
}

/* The whole of it, on all ranks, and on the first alone. */
static void
put (gpointer user_data, int color, int from, int end, float *rows)
{
  memcpy ((float *) user_data + (color * 20 + from) * 30, rows, (gsize) ((end - from) * 30) * sizeof (float));
}

static gboolean
read_whole (const RvRows *rows, float *x, float *y, GError **error)
{
  g_autofree float *all = g_new0 (float, 3 * 20 * 30), *first = g_new0 (float, 3 * 20 * 30);
  if (!rv__rows_read (rows, x, 3, 30, 20, FALSE, put, all, error) ||
      !rv__rows_read (rows, x, 3, 30, 20, TRUE, rv__cluster_rank (rows->cluster) == 0 ? put : NULL, first, error))
    return FALSE;
  if (rv__cluster_rank (rows->cluster) == 0)
    g_assert_cmpmem (all, 3 * 20 * 30 * sizeof (float), first, 3 * 20 * 30 * sizeof (float));
  for (int c = 0; c < 3; c++)
    for (gint64 i = rv__rows_own (rows, c).from; i < rv__rows_own (rows, c).end; i++)
      x[i] = all[i % (3 * 20 * 30)];
  return TRUE;
}

static const struct {
  const char *name;
  Change change;
  gsize (*bytes) (const RvRows *rows);
} changes[] = {
  { "bands", bands, bands_bytes },    { "many-bands", many_bands, NULL },
  { "smooth", smooth, smooth_bytes }, { "limit", limit, rv__dream_limit_bytes },
  { "sums", sizes_of, NULL },         { "resize", resize, NULL },
  { "place", place, NULL },           { "read", read_whole, NULL },
};

static void
test_change (gconstpointer data)
{
  guint i = GPOINTER_TO_UINT (data);
  check (changes[i].change, changes[i].bytes);
}

/* What a plan says of the rows alone is what travels, to the byte. */
static void
test_bytes_of_rank (RvCluster *cluster, gpointer data)
{
  g_autoptr (RvRows) rows = rv__rows_new (cluster, NULL, 50, 65);
  float *x = own_of (rows, 1);
  guint64 before = rv__cluster_bytes (cluster);
  g_assert_true (rv__dream_smooth (rows, x, 3, NULL));
  if (rv__cluster_rank (cluster) == 0)
    g_assert_cmpuint (rv__cluster_bytes (cluster) - before, ==, rv__dream_smooth_bytes (rows, 3));
  rv__free (x);
}

static void
test_bytes (void)
{
  for (guint n = 0; n < G_N_ELEMENTS (numbers_of_ranks); n++)
    test_ranks (numbers_of_ranks[n], test_bytes_of_rank, NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (changes); i++) {
    g_autofree char *path = g_strconcat ("/dream-rows/", changes[i].name, NULL);
    g_test_add_data_func (path, GUINT_TO_POINTER (i), test_change);
  }
  g_test_add_func ("/dream-rows/bytes", test_bytes);
  return g_test_run ();
}
