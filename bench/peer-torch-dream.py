#!/usr/bin/env python3
"""peer-torch-dream.py THREADS [production|classic [HEIGHT WIDTH]] -- milliseconds of one step of a dream on InceptionV3
in PyTorch. Default: production at 600 x 800.

production: plain gradient ascent of that preset, on its layers mixed2 to mixed5. classic: the step of that preset:
mixed5 and mixed6 by their lengths; the picture shifted on a mirrored canvas 32 px larger; four bands and colours of the
gradient; the contrast limit. It uses tests/golden/classic.py, which also makes the goldens of the tests.

Settings are the fastest of PyTorch: torchvision's network in evaluation mode, weights without gradients, the fastest
variant of peer_time.py. Prints the median of 9 steps after a warm-up. Run by bench/peers.sh and bench/gpu.sh.
"""
import pathlib
import random
import sys

import numpy as np
import torch
import torchvision
from peer_time import print_best

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / 'tests' / 'golden'))
from classic import NATURAL, bands, hold, mix, norm, rms  # noqa: E402

torch.set_num_threads(int(sys.argv[1]))
CLASSIC = sys.argv[2:3] == ['classic']
HEIGHT, WIDTH = [int(n) for n in sys.argv[3:5]] or (600, 800)
MARGIN = 32
WEIGHTS = {'Mixed_6c': 1.0, 'Mixed_6d': 1.0} if CLASSIC else {
    'Mixed_5d': 0.2, 'Mixed_6a': 3.0, 'Mixed_6b': 2.0, 'Mixed_6c': 1.5}
STEM = ('Conv2d_1a_3x3', 'Conv2d_2a_3x3', 'Conv2d_2b_3x3', 'maxpool1', 'Conv2d_3b_1x1', 'Conv2d_4a_3x3', 'maxpool2',
        'Mixed_5b', 'Mixed_5c', 'Mixed_5d', 'Mixed_6a', 'Mixed_6b', 'Mixed_6c', 'Mixed_6d')


def gradient(net, x, of_layer):
    x, loss = x.detach().requires_grad_(), 0
    y = x
    for name in STEM[:STEM.index(max(WEIGHTS)) + 1]:
        y = getattr(net, name)(y)
        if name in WEIGHTS:
            loss = loss + WEIGHTS[name] * of_layer(name, y)
    return torch.autograd.grad(loss, x)[0]


def squares(_, y):
    return (y[:, :, 2:-2, 2:-2] ** 2).sum() / y.numel()


def plain_step(net, x, _):
    g = gradient(net, x, squares)
    return x + 0.01 * g / rms(g).clamp(min=1e-8)


def mirrored(n, shift):
    i = (np.arange(n + MARGIN) - shift) % (2 * n - 2)
    return torch.tensor(np.where(i < n, i, 2 * n - 2 - i))


def classic_step(net, x, base):
    dy, dx = random.randint(0, MARGIN), random.randint(0, MARGIN)
    canvas = x[:, :, mirrored(HEIGHT, dy)][..., mirrored(WIDTH, dx)]
    g = gradient(net, canvas, lambda name, y: norm(y, torch.ones(y.shape[1])))[:, :, dy:dy + HEIGHT, dx:dx + WIDTH]
    g = mix(bands(g / rms(g)), NATURAL @ NATURAL.T)
    return hold((x + 0.014 * g / rms(g)).clamp(-1, 1), base, 0.35)


def make_step(memory_format):
    net = torchvision.models.inception_v3(weights=None, aux_logits=False, init_weights=False).eval()
    net = net.requires_grad_(False).to(memory_format=memory_format)
    x = base = (torch.rand(1, 3, HEIGHT, WIDTH) * 2 - 1).to(memory_format=memory_format)

    def step():
        nonlocal x
        x = (classic_step if CLASSIC else plain_step)(net, x, base)

    return step


print_best(make_step, warm_up=3, timed=9, may_graph=not CLASSIC)
