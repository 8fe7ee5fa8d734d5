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

static gboolean
send (RvCluster *cluster, const void *data, gsize bytes, int to)
{
  Post *post = cluster->impl;
  g_async_queue_push (post->sent[cluster->rank][to], g_bytes_new (data, bytes));
  return TRUE;
}

static gboolean
receive (RvCluster *cluster, void *data, gsize bytes, int from)
{
  Post *post = cluster->impl;
  g_autoptr (GBytes) came = g_async_queue_pop (post->sent[from][cluster->rank]);
  g_assert_cmpuint (g_bytes_get_size (came), ==, bytes);
  if (bytes > 0)
    memcpy (data, g_bytes_get_data (came, NULL), bytes);
  return TRUE;
}

static gboolean
broadcast (RvCluster *cluster, void *data, gsize bytes, int from)
{
  for (int rank = 0; rank < cluster->size && cluster->rank == from; rank++)
    if (rank != from)
      send (cluster, data, bytes, rank);
  return cluster->rank == from || receive (cluster, data, bytes, from);
}

static const RvClusterClass in_threads = { .broadcast = broadcast, .send = send, .receive = receive };

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
