#!/usr/bin/env python3
"""gallery-torch.py > gallery-torch.txt -- the preset `gallery` at one scale by PyTorch, in f64, written from its
description (src/method/style/matching.c, src/method/objective/match.h, src/method/style/axes.h, src/loss/tv-palette.c).

Photograph, painting and the picture that the run starts from are formula.py's, 48 x 64 px; the network is
../../data/builtin.safetensors. No margin. `run`: 3 iterations; `finish`: 1 iteration, then 3 of the finish. Lines:
formula.golden_line, of the targets of each layer, the photograph's matches, all layers matched jointly or each alone, and of
the content loss of the start beside them; of the photograph's detail; of A A^T of the colour axes (A's columns have no sign of their own); of the
photograph in the painting's colours; of the results.
Needs torch.
"""
import json
import math
import os
import struct

import numpy as np
import torch
from torch.nn import functional as F

import formula

ROWS, COLS = 48, 64
CONTENT = ['conv3_1', 'conv3_2', 'conv3_3', 'conv4_1', 'conv4_2', 'conv4_3']
STYLE = {'conv1_1': 1, 'conv2_1': 1, 'conv3_1': 1, 'conv4_1': 0.5, 'conv5_1': 0.25}
STRENGTH, OWN = 0.5, 0.35
FLAT, DETAILED = 0.75, 1.25
CONTENT_WEIGHT, TV_WEIGHT, RATE, AVERAGE = 0.3333, 1e-5, 5, 0.95
SMALLEST_AXIS, LEAST_VARIANCE, TV_FLOOR = 0.02, 1, 0.001
FINISH_STYLE, FINISH_EVERY = 2, 5


def network():
    data = open(os.path.join(os.path.dirname(__file__), '../../data/builtin.safetensors'), 'rb').read()
    size, = struct.unpack('<Q', data[:8])
    header = json.loads(data[8:8 + size])

    def tensor(name):
        entry = header[name]
        a, b = entry['data_offsets']
        numbers = np.frombuffer(data[8 + size + a:8 + size + b], {'I8': np.int8, 'F32': np.float32}[entry['dtype']])
        return torch.tensor(numbers.reshape(entry['shape']).astype(np.float64))
    for block, n in enumerate((2, 2, 3, 3, 1)):
        for i in range(n):
            name = f'conv{block + 1}_{i + 1}'
            scale = tensor(name + '.weight_scale').view(-1, 1, 1, 1)
            yield name, tensor(name + '.weight') * scale, tensor(name + '.bias')
        yield None, None, None


NETWORK = list(network())[:-1]


def features(x):
    x, found = (x - torch.tensor([123.68, 116.779, 103.939], dtype=torch.float64).view(1, 3, 1, 1)) / 58, {}
    for k, (name, weight, bias) in enumerate(NETWORK):
        if name:
            x = F.relu(F.conv2d(F.pad(x, (1, 1, 1, 1), mode='replicate' if k == 0 else 'constant'), weight, bias))
            found[name] = x
        else:
            x = F.avg_pool2d(x, 2)
    return found


def gram(f):
    f = f.flatten(2)[0]
    return f @ f.T / f.shape[1]


def picture(name):
    return torch.tensor(np.asarray(formula.picture(name, ROWS, COLS), np.float64).transpose(2, 0, 1)[None])


def line(name, tensor):
    print(formula.golden_line(name, np.asarray(tensor.detach())))


def hypercolumns(found):
    size = found['conv3_1'].shape[2:]
    return torch.cat([F.interpolate(found[n] / found[n].shape[1], size=size, mode='bilinear', align_corners=False)
                      for n in CONTENT], 1)[0].flatten(1).T


def best(query, bank):
    return (F.normalize(query - query.mean(0), dim=1) @ F.normalize(bank - bank.mean(0), dim=1).T).argmax(1)


def detail(found):
    """0 where the features are near their mean, 1 where they are far from it; [1, 1, ROWS, COLS]."""
    h = hypercolumns(found)
    length = (h - h.mean(0)).norm(dim=1)
    t = ((length / length.mean() - FLAT) / (DETAILED - FLAT)).clamp(0, 1)
    d = (t * t * (3 - 2 * t)).view(1, 1, *found['conv3_1'].shape[2:])
    return F.interpolate(d, size=(ROWS, COLS), mode='bilinear', align_corners=False)


def at_centres(plane, size):
    """The pixel at the centre of each position."""
    rows, cols = ((2 * torch.arange(n) + 1) * whole // (2 * n) for n, whole in zip(size, (ROWS, COLS)))
    return plane[:, :, rows][..., cols]


def match(found, bank, jointly, own_part):
    """Targets by layer: a mean of `found` and of what the bank has where it is most like it."""
    targets = {}
    joint = best(hypercolumns(found), bank) if jointly else None
    first = 0
    for name in CONTENT:
        n = found[name].shape[1]
        own = bank[:, first:first + n] * n
        k = joint if jointly else best(found[name][0].flatten(1).T, own)
        size = found['conv3_1' if jointly else name].shape[2:]
        t = own[k].T.reshape(1, n, *size)
        covers = size[0] // found[name].shape[2]
        m = F.avg_pool2d(at_centres(own_part, size), covers)
        targets[name] = m * found[name] + (1 - m) * F.avg_pool2d(t, covers)
        first += n
    return targets


def content_loss(found, targets):
    return CONTENT_WEIGHT * sum(((found[n] - targets[n]) ** 2).sum() / (targets[n] ** 2).sum() for n in CONTENT)


def loss(x, targets, style_weight):
    found = features(x)
    styles = sum(w * ((gram(found[n]) - GRAMS[n]) ** 2).sum() / (GRAMS[n] ** 2).sum() for n, w in STYLE.items())
    tv = sum(torch.einsum('ci,cd,di->', d, TV_COSTS, d) / d.numel() for d in differences(x))
    return content_loss(found, targets) + style_weight * styles + TV_WEIGHT * tv


def differences(x):
    """Between vertical neighbours, and between horizontal ones: [3, pairs]."""
    return (x[:, :, 1:] - x[:, :, :-1])[0].flatten(1), (x[..., 1:] - x[..., :-1])[0].flatten(1)


def tv_costs(painting):
    s = sum(d @ d.T for d in differences(painting))
    return torch.linalg.inv(s / s.trace() + TV_FLOOR * torch.eye(3, dtype=torch.float64))


def axes(painting):
    detail = painting - F.avg_pool2d(F.pad(painting, (1,) * 4, mode='replicate'), 3, 1)
    d = detail[0].flatten(1) - detail[0].flatten(1).mean(1, keepdim=True)
    s, u = torch.linalg.eigh(d @ d.T / d.shape[1])
    length = s.clamp_min(0).sqrt()
    return u * (length / length.max()).clamp_min(SMALLEST_AXIS)


def recolored(photo, painting):
    p, s = photo[0].flatten(1), painting[0].flatten(1)

    def power(x, exponent, least):
        d = x - x.mean(1, keepdim=True)
        values, u = torch.linalg.eigh(d @ d.T / d.shape[1])
        return u @ torch.diag(values.clamp_min(least) ** exponent) @ u.T
    a = power(s, 0.5, 0) @ power(p, -0.5, LEAST_VARIANCE)
    return (a @ (p - p.mean(1, keepdim=True)) + s.mean(1, keepdim=True)).clamp(0, 255).view_as(photo)


def descend(x, steps, targets, style_weight, finish):
    z = torch.einsum('ij,njhw->nihw', torch.linalg.inv(AXES), x)
    m, v, average = torch.zeros_like(z), torch.zeros_like(z), torch.zeros_like(z)
    for k in range(1, steps + 1):
        if finish and (k - 1) % FINISH_EVERY == 0:
            targets = match(features(torch.einsum('ij,njhw->nihw', AXES, z)), BANK, False, MOST_OWN * DETAIL)
        z.requires_grad_(True)
        grad, = torch.autograd.grad(loss(torch.einsum('ij,njhw->nihw', AXES, z), targets, style_weight), z)
        z = z.detach()
        m, v = 0.9 * m + 0.1 * grad, 0.99 * v + 0.01 * grad ** 2
        z = z - RATE * (m / (1 - 0.9 ** k)) / ((v / (1 - 0.99 ** k)).sqrt() + 1e-8)
        average = AVERAGE * average + (1 - AVERAGE) * torch.einsum('ij,njhw->nihw', AXES, z)
    return (average / (1 - AVERAGE ** steps)).clamp(0, 255)


photo, painting, start = picture('content'), picture('style'), picture('start')
GRAMS = {n: gram(f) for n, f in features(painting).items() if n in STYLE}
BANK = hypercolumns(features(painting))
AXES = axes(painting)
TV_COSTS = tv_costs(painting)

colored = recolored(photo, painting)
half = F.interpolate(F.avg_pool2d(colored, 2), size=photo.shape[2:], mode='bilinear', align_corners=False)
DETAIL = detail(features(photo))
MOST_OWN = 1 - STRENGTH ** 3  # with detail; without: 0.7 (1 - 2 STRENGTH), here 0
a = STRENGTH * (1 - DETAIL)
query = a * (start + colored - half) + (1 - a) * colored  # min (1, 2 STRENGTH), here 1, of the photograph is recolored
TARGETS = match(features(query), BANK, True, MOST_OWN * DETAIL)
for jointly in True, False:
    targets = match(features(photo), BANK, jointly, torch.full((1, 1, ROWS, COLS), OWN, dtype=torch.float64))
    for name in CONTENT:
        line(f"{'jointly' if jointly else 'alone'}/{name}", targets[name])
    line(f"{'jointly' if jointly else 'alone'}/loss", content_loss(features(start), targets).view(1))
line('detail', DETAIL)
line('axes', AXES @ AXES.T)
line('recolored', colored)
line('run', descend(start, 3, TARGETS, 1, False))
result = descend(start, 1, TARGETS, 1, False)
line('finish-loss', loss(result, match(features(result), BANK, False, MOST_OWN * DETAIL), FINISH_STYLE).view(1))
line('finish', descend(result, 3, None, FINISH_STYLE, True))
