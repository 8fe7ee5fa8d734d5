#!/usr/bin/env python3
"""peer-torch-dream.py THREADS -- one step of a dream on InceptionV3 at 600 x 800, in PyTorch: milliseconds.

torchvision's network in evaluation mode, weights without gradients, the better of the two memory formats, warmed up, the median
of 9. Run by bench/peers.sh.
"""
import statistics
import sys
import time

import torch
import torchvision

torch.set_num_threads(int(sys.argv[1]))
HEIGHT, WIDTH, WARM_UP, TIMED = 600, 800, 3, 9
WEIGHTS = {'Mixed_5d': 0.2, 'Mixed_6a': 3.0, 'Mixed_6b': 2.0, 'Mixed_6c': 1.5}
STEM = ('Conv2d_1a_3x3', 'Conv2d_2a_3x3', 'Conv2d_2b_3x3', 'maxpool1', 'Conv2d_3b_1x1', 'Conv2d_4a_3x3', 'maxpool2',
        'Mixed_5b', 'Mixed_5c', 'Mixed_5d', 'Mixed_6a', 'Mixed_6b', 'Mixed_6c')


def median_ms(memory_format):
    net = torchvision.models.inception_v3(weights=None, aux_logits=False, init_weights=False).eval()
    net = net.requires_grad_(False).to(memory_format=memory_format)
    x = (torch.rand(1, 3, HEIGHT, WIDTH) * 2 - 1).to(memory_format=memory_format)
    taken = []
    for k in range(WARM_UP + TIMED):
        began = time.perf_counter()
        x = x.detach().requires_grad_()
        y, loss = x, 0
        for name in STEM:
            y = getattr(net, name)(y)
            if name in WEIGHTS:
                loss = loss + WEIGHTS[name] * (y[:, :, 2:-2, 2:-2] ** 2).sum() / y.numel()
        g, = torch.autograd.grad(loss, x)
        x = x.detach() + 0.01 * g / g.pow(2).mean().sqrt().clamp(min=1e-8)
        if k >= WARM_UP:
            taken.append(1000 * (time.perf_counter() - began))
    return statistics.median(taken)


print(f'{min(median_ms(f) for f in (torch.contiguous_format, torch.channels_last)):.1f}')
