/* ranks.h -- threads that are each a rank of a cluster: what several of them compute is tested in one process. */
#ifndef TEST_RANKS_H
#define TEST_RANKS_H

#include "cluster/cluster.h"

#define TEST_MOST_RANKS 8

/* test_ranks: @func on @n_ranks threads at once, each with a cluster of its own whose ranks are these; until all have
 * ended. */
typedef void (*TestRankFunc) (RvCluster *cluster, gpointer data);
void test_ranks (int n_ranks, TestRankFunc func, gpointer data);

#endif
