/* ranks.h -- runs several ranks of a cluster as threads of one process. */
#ifndef TEST_RANKS_H
#define TEST_RANKS_H

#include "cluster/cluster.h"

#define TEST_MOST_RANKS 8

/* Code of one rank. */
typedef void (*TestRankFunc) (RvCluster *cluster, gpointer data);
/* Runs @func on @n_ranks threads, each a rank of one cluster. Returns when all threads have ended. */
void test_ranks (int n_ranks, TestRankFunc func, gpointer data);

#endif
