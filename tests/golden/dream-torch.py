#!/usr/bin/env python3
"""dream-torch.py > dream-torch.txt -- dreams on VGG19 with formula weights, by PyTorch in f64, written from the description.

Picture 97 x 121 px, layers conv2_1:1,conv3_1:0.5 (later ones make f32 and f64 part by themselves). Lines:
  loss OCTAVE ITERATION LOSS    of a run of 3 octaves x 5 iterations, scale 1.4
  run ..., step ...             what that run, and one step at full size, added to the picture, as formula.golden_line
Needs torch.
"""
import numpy as np
import torch

import formula

ROWS, COLS, BIAS = 97, 121, 0.1
LAYERS = {'conv2_1': 1.0, 'conv3_1': 0.5}
MEAN, STD = (torch.tensor(v, dtype=torch.float64)[:, None, None] for v in ((.485, .456, .406), (.229, .224, .225)))
WEIGHTS = {k: torch.tensor(v.astype(np.float64)) for k, v in formula.vgg_weights('vgg19', bias=BIAS).items()}


def loss(x):
    total, x = 0, ((x + 1) / 2 - MEAN) / STD
    for name, _, _ in formula.vgg_convs('vgg19'):
        x = torch.relu(torch.nn.functional.conv2d(x, WEIGHTS[name + '.weight'], WEIGHTS[name + '.bias'], padding=1))
        if name in LAYERS:
            total = total + LAYERS[name] * (x[:, :, 2:-2, 2:-2] ** 2).sum() / x.numel()
        if name == max(LAYERS):
            return total
        block, index = map(int, name[4:].split('_'))
        if index == formula.VGG['vgg19'][block - 1]:
            x = torch.nn.functional.max_pool2d(x, 2)


def resize(x, shape):
    return torch.nn.functional.interpolate(x, shape, mode='bilinear', align_corners=False, antialias=False)


def ascent(x, iterations, step=0.01, said=None):
    for k in range(1, iterations + 1):
        x = x.detach().requires_grad_()
        value = loss(x)
        g, = torch.autograd.grad(value, x)
        x = x.detach() + step * g / max(g.pow(2).mean().sqrt().item(), 1e-8)
        if said is not None:
            print('loss', said, k, f'{value.item():.9g}')
    return x


original = torch.tensor(formula.picture('content', ROWS, COLS) / 127.5 - 1).permute(2, 0, 1)[None]
shapes = [(int(ROWS / 1.4 ** i), int(COLS / 1.4 ** i)) for i in (2, 1, 0)]
x = shrunk = resize(original, shapes[0])
for octave, shape in enumerate(shapes, 1):
    x = ascent(resize(x, shape), 5, said=octave)
    x = x + resize(original, shape) - resize(shrunk, shape)
    shrunk = resize(original, shape)
print(formula.golden_line('run', (x - original)[0].numpy()))
print(formula.golden_line('step', (ascent(original, 1) - original)[0].numpy()))
