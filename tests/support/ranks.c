/* ranks.c -- runs several ranks of a cluster as threads of one process. */
#include "support/ranks.h"
#include "cluster/class.h"
#include <string.h>

/* Messages between ranks, GBytes: sent[from][to]. Sending never blocks. */
typedef struct {
  GAsyncQueue *sent[TEST_MOST_RANKS][TEST_MOST_RANKS];
} Post;

typedef struct {
  RvCluster cluster;
  TestRankFunc func;
  gpointer data;
} Rank;

static void
send (RvCluster *cluster, int to, const void *data, gsize bytes)
{
  Post *post = cluster->impl;
  if (bytes > 0)
    g_async_queue_push (post->sent[cluster->rank][to], g_bytes_new (data, bytes));
}

static void
receive (RvCluster *cluster, int from, void *data, gsize bytes)
{
  Post *post = cluster->impl;
  if (bytes == 0)
    return;
  g_autoptr (GBytes) came = g_async_queue_pop (post->sent[from][cluster->rank]);
  g_assert_cmpuint (g_bytes_get_size (came), ==, bytes);
  memcpy (data, g_bytes_get_data (came, NULL), bytes);
}

static gboolean
broadcast (RvCluster *cluster, void *data, gsize bytes, int from)
{
  for (int rank = 0; rank < cluster->size && cluster->rank == from; rank++)
    if (rank != from)
      send (cluster, rank, data, bytes);
  if (cluster->rank != from)
    receive (cluster, from, data, bytes);
  return TRUE;
}

static gboolean
exchange (RvCluster *cluster, const RvMessage *strips)
{
  for (int rank = 0; rank < cluster->size; rank++)
    if (rank != cluster->rank)
      send (cluster, rank, strips[rank].out, strips[rank].out_bytes);
  for (int rank = 0; rank < cluster->size; rank++)
    if (rank != cluster->rank)
      receive (cluster, rank, strips[rank].in, strips[rank].in_bytes);
  return TRUE;
}

static const RvClusterClass in_threads = { .name = "threads", .broadcast = broadcast, .all_to_all = exchange };

static gpointer
run (gpointer data)
{
  Rank *rank = data;
  rank->func (&rank->cluster, rank->data);
  return NULL;
}

void
test_ranks (int n_ranks, TestRankFunc func, gpointer data)
{
  Post post;
  Rank ranks[TEST_MOST_RANKS];
  GThread *threads[TEST_MOST_RANKS];
  g_assert_cmpint (n_ranks, <=, TEST_MOST_RANKS);
  for (int i = 0; i < n_ranks * n_ranks; i++)
    post.sent[i / n_ranks][i % n_ranks] = g_async_queue_new_full ((GDestroyNotify) g_bytes_unref);
  for (int i = 0; i < n_ranks; i++) {
    ranks[i] = (Rank){ { .class = &in_threads, .impl = &post, .rank = i, .size = n_ranks }, func, data };
    threads[i] = g_thread_new ("rank", run, &ranks[i]);
  }
  for (int i = 0; i < n_ranks; i++)
    g_thread_join (threads[i]);
  for (int i = 0; i < n_ranks * n_ranks; i++) {
    /* all messages were received */
    g_assert_cmpint (g_async_queue_length (post.sent[i / n_ranks][i % n_ranks]), ==, 0);
    g_async_queue_unref (post.sent[i / n_ranks][i % n_ranks]);
  }
}
