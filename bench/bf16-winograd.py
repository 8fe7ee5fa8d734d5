#!/usr/bin/env python3
"""bf16-winograd.py -- measures whether Winograd's F(2,3) stays within 1 % in bf16. Prints the RMS error of a 3 x 3
convolution, relative to the RMS of its result, with exact sums: direct, of operands rounded to bf16; by F(2,3), of
transformed operands rounded to bf16; the same from inputs rounded to bf16. Inputs: normal; rectified; rectified with
similar neighbours, as in features. Needs numpy.
"""
import numpy as np

OUT, TILES = 32, 64
B = np.array([[1, 0, -1, 0], [0, 1, 1, 0], [0, -1, 1, 0], [0, 1, 0, -1]], float)  # B' (Lavin and Gray 2015)
G = np.array([[1, 0, 0], [.5, .5, .5], [.5, -.5, .5], [0, 0, 1]])
A = np.array([[1, 1, 1, 0], [0, 1, -1, -1]], float)  # A'
random = np.random.default_rng(1)


def bf16(x):
    bits = np.asarray(x, np.float32).view(np.uint32)
    return ((bits + ((bits >> 16) & 1) + 0x7fff) & 0xffff0000).view(np.float32).astype(float)


def direct(d, g):
    return sum(np.einsum('tcab,kc->tkab', d[:, :, i:i + 2, j:j + 2], g[:, :, i, j]) for i in range(3) for j in range(3))


def winograd(d, g):
    V = bf16(np.einsum('ij,tcjk,lk->tcil', B, d, B))
    U = bf16(np.einsum('ij,kcjl,ml->kcim', G, g, G))
    return np.einsum('ai,tkil,bl->tkab', A, np.einsum('tcil,kcil->tkil', V, U), A)


def tiles(kind, channels):
    d = random.standard_normal((TILES, channels, 4, 4))
    if kind == 'alike':
        d = np.maximum(random.standard_normal((TILES, channels, 1, 1)), 0) + 0.3 * d
    return d if kind == 'normal' else np.maximum(d, 0)


for kind in 'normal', 'rectified', 'alike':
    for channels in 64, 256:
        d = tiles(kind, channels)
        g = random.standard_normal((OUT, channels, 3, 3)) * np.sqrt(2 / (9 * channels))
        exact = direct(d, g)
        error = [100 * np.sqrt(((y - exact) ** 2).mean() / (exact ** 2).mean())
                 for y in (direct(bf16(d), bf16(g)), winograd(d, g), winograd(bf16(d), g))]
        print('%-9s %3d channels: direct %.2f %%, F(2,3) %.2f %%, of inputs in bf16 %.2f %%' % (kind, channels, *error))
