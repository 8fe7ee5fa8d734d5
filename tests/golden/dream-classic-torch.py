#!/usr/bin/env python3
"""dream-classic-torch.py > dream-classic-torch.txt -- the operations of `--preset classic` (classic.py) by PyTorch in
f64.

VGG19 with formula weights, pictures of 97 x 121 px. Lines, as formula.golden_line:
  bands, bands-global      a picture used as a gradient, its four bands evened out locally (8 px), and globally
  natural, own             the picture `style` as a gradient, its colours mixed by NATURAL, and by those of `lake`
  limit                    x - base of two pictures, limited to 0.35
  ease                     x - base of the two pictures, damped near black and white
  step                     the change of the picture by one step on conv2_1:1,conv3_1:0.5: layers whitened and balanced,
                           step 0.014, change limited to 0.03
  octave                   the change by an octave of five steps on conv1_1; dream-torch.py gives the reason for conv1_1
  largest                  the change by one step on the largest channel of conv3_1, smoothed by 2 positions, not
                           whitened
  loss NAME LOSS           loss of `step` and of `largest`
No jitter: its random numbers have a test of their own. Needs torch.
"""
import numpy as np
import torch
import torch.nn.functional as F

import formula
from classic import NATURAL, bands, blur, ease, hold, mix, norm, rms

ROWS, COLS, BIAS = 97, 121, 0.1
LAYERS = {'conv2_1': 1.0, 'conv3_1': 0.5}
MEAN, STD = (torch.tensor(v, dtype=torch.float64)[:, None, None] for v in ((.485, .456, .406), (.229, .224, .225)))
WEIGHTS = {k: torch.tensor(v.astype(np.float64)) for k, v in formula.vgg_weights('vgg19', bias=BIAS).items()}


def features(x):
    found, x = {}, ((x + 1) / 2 - MEAN) / STD
    for name, _, _ in formula.vgg_convs('vgg19'):
        found[name] = x = torch.relu(F.conv2d(x, WEIGHTS[name + '.weight'], WEIGHTS[name + '.bias'], padding=1))
        if name == max(LAYERS):
            return found
        block, index = map(int, name[4:].split('_'))
        if index == formula.VGG['vgg19'][block - 1]:
            x = F.max_pool2d(x, 2)


def largest(A):
    first, second = blur(A, 2).topk(2, 1).values[0]
    assert ((first - second) / first).min() > 1e-6  # no ties that f32 rounding would decide
    return first.mean()


def gradient(loss, x):
    x = x.detach().requires_grad_()
    value = loss(x)
    return torch.autograd.grad(value, x)[0], value.item()


def step(x, base, loss):
    g, value = gradient(loss, x)
    g = mix(bands(g), NATURAL @ NATURAL.T)
    return hold((x + 0.014 * g / rms(g)).clamp(-1, 1), base, 0.03), value


def load(name):
    return torch.tensor(formula.picture(name, ROWS, COLS) / 127.5 - 1).permute(2, 0, 1)[None]


def line(name, x):
    print(formula.golden_line(name, x[0].numpy()))


lake, style = load('lake'), load('style')
line('bands', bands(style))
line('bands-global', bands(style, local=0))
line('natural', mix(style, NATURAL @ NATURAL.T))
line('own', mix(style, torch.cov(lake[0].flatten(1))))
line('limit', hold(lake, style, 0.35) - style)
line('ease', ease(lake, style) - style)


def octave(name, layers, iterations):
    sd = {layer: features(lake)[layer][0].flatten(1).std(1, correction=0) for layer in layers}
    alone = {layer: gradient(lambda x: norm(features(x)[layer], sd[layer]), lake)[0] for layer in layers}
    weights = {layer: w / rms(alone[layer]) for layer, w in layers.items()}
    x = lake
    for _ in range(iterations):
        x, value = step(x, lake, lambda x: sum(w * norm(features(x)[layer], sd[layer]) for layer, w in weights.items()))
    line(name, ease(x, lake) - lake)
    return value


print('loss', 'step', f"{octave('step', LAYERS, 1):.9g}")
octave('octave', {'conv1_1': 1.0}, 5)

x, value = step(lake, lake, lambda x: largest(features(x)['conv3_1']))
print('loss', 'largest', f'{value:.9g}')
line('largest', ease(x, lake) - lake)
