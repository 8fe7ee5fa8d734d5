/* test-cluster.c -- communication between ranks. `make test` runs this program on one rank;
 * tests/machines/test-machines.sh runs it on several. */
#include "cluster/cluster.h"
#include "support/support.h"
#include <string.h>

static int
rank_of (void)
{
  return rv__cluster_rank (rv__cluster_all ());
}

static int
size_of (void)
{
  return rv__cluster_size (rv__cluster_all ());
}

static void
test_broadcast (void)
{
  GError *error = NULL;
  for (int from = 0; from < size_of (); from++) {
    int value = rank_of () == from ? 100 + from : 0;
    g_assert_true (rv__cluster_broadcast (rv__cluster_all (), &value, sizeof value, from, &error));
    g_assert_no_error (error);
    g_assert_cmpint (value, ==, 100 + from);
  }
  guint64 least = (guint64) (7 + rank_of ());
  g_assert_true (rv__cluster_all_reduce_min (rv__cluster_all (), &least, &error));
  g_assert_cmpuint (least, ==, 7);
  g_assert_true (rv__cluster_barrier (rv__cluster_all (), &error));
}

/* Each rank sends as many bytes as its number. */
static void
test_gather (void)
{
  GError *error = NULL;
  g_autoptr (GPtrArray) all = NULL;
  guint8 mine[64];
  memset (mine, rank_of (), sizeof mine);
  g_assert_true (rv__cluster_gather (rv__cluster_all (), mine, (gsize) rank_of (), &all, &error));
  g_assert_no_error (error);
  g_assert_true ((all != NULL) == (rank_of () == 0));
  for (guint rank = 0; all && rank < all->len; rank++) {
    gsize bytes;
    const guint8 *data = g_bytes_get_data (all->pdata[rank], &bytes);
    g_assert_cmpuint (bytes, ==, rank);
    for (gsize i = 0; i < bytes; i++)
      g_assert_cmpuint (data[i], ==, rank);
  }
}

/* If rank 0 has no memory for all, no rank waits for it. */
static void
test_gather_too_much (void)
{
  GError *error = NULL;
  g_autoptr (GPtrArray) all = NULL;
  if (size_of () == 1)
    return;
  g_assert_false (rv__cluster_gather (rv__cluster_all (), "", rank_of () > 0 ? G_MAXSSIZE / 2 : 0, &all, &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_MEMORY);
  g_assert_null (all);
  g_clear_error (&error);
}

/* A ring: each rank sends to the next one, of its own size. Some messages are larger than MPI's eager limit. */
static void
test_send (void)
{
  GError *error = NULL;
  int size = size_of (), me = rank_of (), before = (me + size - 1) % size;
  gsize n_out = (gsize) (me + 1) * 100000, n_in = (gsize) (before + 1) * 100000;
  g_autofree guint8 *out = g_malloc (n_out), *in = g_malloc0 (n_in);
  memset (out, 1 + me, n_out);
  for (int turn = 0; turn < 2 && size > 1; turn++) {
    if (turn == (me > 0)) /* rank 0 sends first */
      g_assert_true (rv__cluster_send (rv__cluster_all (), out, n_out, (me + 1) % size, &error));
    else
      g_assert_true (rv__cluster_receive (rv__cluster_all (), in, n_in, before, &error));
    g_assert_no_error (error);
  }
  for (gsize i = 0; i < n_in && size > 1; i++)
    g_assert_cmpuint (in[i], ==, 1 + before);
}

/* Number @i of part @part. A sum depends on the order, because 1e16 rounds small numbers away until -1e16 is added. */
static double
number_of (int part, int i)
{
  static const double numbers[] = { 1e16, 3, -1e16, 0.7, 1e-3 };
  return numbers[(part + i) % (int) G_N_ELEMENTS (numbers)] * (1 + 0.1 * part);
}

#define N_NUMBERS 5
#define N_PARTS 11

/* (transfer full): a sum of N_PARTS vectors of N_NUMBERS, over all ranks. *first: (transfer full): first part of each
 * rank, then N_PARTS. @single: parts travel as floats. */
static RvAllReduce *
new_sum (int **first, gboolean single)
{
  GError *error = NULL;
  int size = size_of ();
  *first = g_new0 (int, size + 1);
  for (int rank = 0; rank <= size; rank++)
    (*first)[rank] = N_PARTS * rank / size;
  RvAllReduce *sum = rv__all_reduce_new (rv__cluster_all (), *first, N_NUMBERS, single, &error);
  g_assert_no_error (error);
  return sum;
}

/* Checks that the sum has the bytes of a sum in the order of the parts, and checks the traffic. @single: numbers are
 * floats, whose sum is a double. @everywhere: all ranks get the result, else only rank 0. */
static void
check_sum (gboolean single, gboolean everywhere)
{
  GError *error = NULL;
  g_autofree int *first = NULL;
  g_autoptr (RvAllReduce) sum = new_sum (&first, single);
  for (int again = 0; again < 2; again++) {
    double total[N_NUMBERS] = { 0 }, nothing[N_NUMBERS] = { 0 }, wanted[N_NUMBERS] = { 0 };
    guint64 before = rv__cluster_bytes (rv__cluster_all ());
    for (int part = 0; part < N_PARTS; part++) {
      double numbers[N_NUMBERS];
      for (int i = 0; i < N_NUMBERS; i++) {
        numbers[i] = single ? (double) (float) number_of (part, i + again) : number_of (part, i + again);
        wanted[i] += numbers[i];
      }
      if (part >= first[rank_of ()] && part < first[rank_of () + 1])
        rv__all_reduce_add (sum, numbers);
    }
    g_assert_true ((everywhere ? rv__all_reduce_finish : rv__all_reduce_finish_on_root) (sum, total, &error));
    g_assert_cmpmem (total, sizeof total, everywhere || rank_of () == 0 ? wanted : nothing, sizeof wanted);
    if (rank_of () == 0)
      g_assert_cmpuint (rv__cluster_bytes (rv__cluster_all ()) - before, ==,
                        rv__all_reduce_traffic (rv__cluster_all (), first, N_NUMBERS, single) +
                          (everywhere && size_of () > 1 ? sizeof total : 0));
  }
}

static void
test_sum (void)
{
  for (int single = 0; single < 2; single++)
    for (int everywhere = 0; everywhere < 2; everywhere++)
      check_sum (single, everywhere);
}

/* An unordered sum is right within rounding errors, and equal on all ranks. */
static void
test_fast_sum (void)
{
  GError *error = NULL;
  g_autofree int *first = NULL;
  g_autoptr (RvAllReduce) sum = new_sum (&first, FALSE);
  rv__all_reduce_set_unordered (sum);
  for (int again = 0; again < 2; again++) {
    double total[N_NUMBERS], told[N_NUMBERS];
    for (int part = first[rank_of ()]; part < first[rank_of () + 1]; part++) {
      double numbers[N_NUMBERS];
      for (int i = 0; i < N_NUMBERS; i++)
        numbers[i] = 1 + 0.1 * part + i;
      rv__all_reduce_add (sum, numbers);
    }
    g_assert_true (rv__all_reduce_finish (sum, total, &error));
    for (int i = 0; i < N_NUMBERS; i++)
      g_assert_cmpfloat_with_epsilon (total[i], N_PARTS * (1 + i) + 0.1 * 55, 1e-12);
    memcpy (told, total, sizeof told);
    g_assert_true (rv__cluster_broadcast (rv__cluster_all (), told, sizeof told, 0, &error));
    g_assert_cmpmem (told, sizeof told, total, sizeof total);
  }
}

/* Each item goes to one rank, in two rounds; some ranks begin the second before others end the first. */
static void
test_items (void)
{
  GError *error = NULL;
  guint8 got[23] = { 0 };
  for (int round = 0; round < 2; round++)
    for (gint64 item = 0; item >= 0;) {
      g_assert_true (rv__cluster_next_item (rv__cluster_all (), sizeof got, &item, &error));
      g_assert_no_error (error);
      g_assert_cmpint (item, <, sizeof got);
      if (item >= 0)
        got[item]++;
    }
  g_autoptr (GPtrArray) all = NULL;
  g_assert_true (rv__cluster_gather (rv__cluster_all (), got, sizeof got, &all, &error));
  for (gsize item = 0; all && item < sizeof got; item++) {
    int times = 0;
    for (guint rank = 0; rank < all->len; rank++)
      times += ((const guint8 *) g_bytes_get_data (all->pdata[rank], NULL))[item];
    g_assert_cmpint (times, ==, 2);
  }
}

static void
test_deal (void)
{
  g_assert_true (rv__cluster_current () == rv__cluster_all ());
  rv__cluster_set_independent (TRUE);
  g_assert_cmpint (rv__cluster_size (rv__cluster_current ()), ==, 1);
  rv__cluster_set_independent (FALSE);
  g_assert_true (rv__cluster_current () == rv__cluster_all ());
}

int
main (int argc, char **argv)
{
  GError *error = NULL;
  g_test_init (&argc, &argv, NULL);
  if (!rv__cluster_init (&error))
    g_error ("%s", error->message);
  g_test_add_func ("/cluster/broadcast", test_broadcast);
  g_test_add_func ("/cluster/gather", test_gather);
  g_test_add_func ("/cluster/gather-too-much", test_gather_too_much);
  g_test_add_func ("/cluster/send", test_send);
  g_test_add_func ("/cluster/sum", test_sum);
  g_test_add_func ("/cluster/fast-sum", test_fast_sum);
  g_test_add_func ("/cluster/items", test_items);
  g_test_add_func ("/cluster/deal", test_deal);
  int code = g_test_run ();
  g_assert_true (rv__cluster_leave (0));
  return code;
}
