#!/usr/bin/env python3
"""googlenet-torch.py > googlenet-torch.txt -- layers of Caffe's bvlc_googlenet with formula weights, on the formula
picture of 131 x 97 px (width x height), by PyTorch's own convolutions, poolings and local response normalisation in f64.

Written from Szegedy et al. 2014, table 1, not from our code. Each line is as in vgg-keras.txt and is named
network/layer@height. Needs torch.
"""
import math

import numpy as np
import torch
from torch.nn import functional as F

import formula

ROWS, COLS = 97, 131
# name: 1x1, 3x3 reduce, 3x3, 5x5 reduce, 5x5, pool proj
MODULES = {'3a': (64, 96, 128, 16, 32, 32), '3b': (128, 128, 192, 32, 96, 64), '4a': (192, 96, 208, 16, 48, 64),
           '4b': (160, 112, 224, 24, 64, 64), '4c': (128, 128, 256, 24, 64, 64), '4d': (112, 144, 288, 32, 64, 64),
           '4e': (256, 160, 320, 32, 128, 128), '5a': (256, 160, 320, 32, 128, 128), '5b': (384, 192, 384, 48, 128, 128)}


def conv(x, name, channels, kernel, stride=1):
    shape = channels, x.shape[1], kernel, kernel
    weight = formula.numbers(name + '.weight', math.prod(shape)).astype(np.float32) * np.float32(math.sqrt(6 / math.prod(shape[1:])))
    bias = (0.2 * formula.numbers(name + '.bias', channels)).astype(np.float32)
    return F.relu(F.conv2d(x, torch.tensor(weight).double().reshape(shape), torch.tensor(bias).double(), stride, kernel // 2))


def pool(x):
    return F.max_pool2d(x, 3, 2, ceil_mode=True)


def norm(x):
    return F.local_response_norm(x, 5, 1e-4, 0.75, 1)


def show(layer, x):
    print(formula.golden_line(f'googlenet/{layer}@{ROWS}', x[0].numpy()))
    return x


rgb = torch.tensor(formula.picture('content', ROWS, COLS)).permute(2, 0, 1)[None].double()
x = rgb.flip(1) - torch.tensor([103.939, 116.779, 123.68], dtype=torch.float64).reshape(1, 3, 1, 1)
x = show('conv1/7x7_s2', conv(x, 'conv1.7x7_s2', 64, 7, 2))
x = show('pool1/norm1', norm(pool(x)))
x = conv(x, 'conv2.3x3_reduce', 64, 1)
x = pool(show('conv2/norm2', norm(conv(x, 'conv2.3x3', 192, 3))))
for module, (c1, r3, c3, r5, c5, proj) in MODULES.items():
    name = 'inception_' + module
    x = torch.cat([conv(x, name + '.1x1', c1, 1),
                   conv(conv(x, name + '.3x3_reduce', r3, 1), name + '.3x3', c3, 3),
                   conv(conv(x, name + '.5x5_reduce', r5, 1), name + '.5x5', c5, 5),
                   conv(F.max_pool2d(x, 3, 1, 1), name + '.pool_proj', proj, 1)], 1)
    show(name + '/output', x)
    if module in ('3b', '4e'):
        x = pool(x)
