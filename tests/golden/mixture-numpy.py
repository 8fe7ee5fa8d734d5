#!/usr/bin/env python3
"""mixture-numpy.py > mixture-numpy.txt -- a mixture of three Gaussians, fitted by expectation maximisation in f64.

Written from Dempster, Laird, Rubin 1977. Data: vector i of 300, in four dimensions, belongs to cluster i % 3. Number j
of its vector is u_j + u_(j-1) / 2, and 2.5 more if j is the cluster; u are the formula numbers of "mixture". The clusters
are the start. As in scikit-learn, 1e-6 is added to each variance. Line 1: mean log-likelihood. Lines 2 to 4: weight and
mean of each component. Needs numpy.
"""
import numpy as np

import formula

N, D, K = 300, 4, 3
U = formula.numbers('mixture', N * (D + 1)).reshape(N, D + 1)
Z = (U[:, 1:] + U[:, :-1] / 2).astype(np.float32)
Z[np.arange(N), np.arange(N) % K] += np.float32(2.5)
Z = Z.astype(np.float64)

parts, before = np.eye(K)[np.arange(N) % K], -np.inf
while True:
    total = parts.sum(0)
    means = parts.T @ Z / total[:, None]
    logs = np.empty((N, K))
    for k in range(K):
        d = Z - means[k]
        covariance = (parts[:, k, None] * d).T @ d / total[k] + 1e-6 * np.eye(D)
        logs[:, k] = np.log(total[k] / N) - 0.5 * (D * np.log(2 * np.pi) + np.linalg.slogdet(covariance)[1] +
                                                   (d * np.linalg.solve(covariance, d.T).T).sum(1))
    log_p = np.logaddexp.reduce(logs, 1)
    parts = np.exp(logs - log_p[:, None])
    if log_p.mean() - before < 1e-13:
        break
    before = log_p.mean()
print(f'{log_p.mean():.9g}')
for k in range(K):
    print(' '.join(f'{v:.9g}' for v in (total[k] / N, *means[k])))
