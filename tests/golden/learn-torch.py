#!/usr/bin/env python3
"""learn-torch.py own|matched > learn-TARGET-torch.txt -- a style network trained by PyTorch, in f64.

Written from the description. Content targets are the photographs' features (own) or matches in the paintings (matched).
`matched` has 12 steps instead of 20: later, f32 rounding selects some other matches.

Three styles alternate; the last has two paintings. Photographs and paintings are pictures of formula.py. Losses use the
network ../../data/builtin.safetensors. Crops have 64 px, batches 2 pictures; steadiness is off; other settings have
their defaults. The learning rate is 5e-5: at a larger one, units whose sign differs between f32 and f64 make the runs
diverge. Order, crops and initial weights are Philox4x32-10 (Salmon, Moraes, Dror, Shaw 2011), as in src/base/random.c.
Lines: STEP LOSS CONTENT STYLE TV, for each batch before its step. Needs torch.
"""
import json
import math
import os
import struct
import sys

import numpy as np
import torch
from torch.nn import functional as F

import formula

BATCH, SIDE, RATE, SEED, WARM_UP = 2, 64, 5e-5, 0, 50
INIT, SHUFFLE, CROP = 20, 21, 22  # streams of random numbers
STYLES = [[('style', 60, 90)], [('content', 70, 80)], [('style', 60, 90), ('content', 70, 80)]]
PHOTOS = [('photo0', 72, 100), ('photo1', 72, 99), ('photo2', 72, 98)]
TV_WEIGHT = 1e-4
MATCHED = sys.argv[1] == 'matched'
STEPS = 12 if MATCHED else 20
CONTENT = ['conv3_1', 'conv3_2', 'conv3_3', 'conv4_1', 'conv4_2', 'conv4_3'] if MATCHED else ['conv4_2']
CONTENT_WEIGHT = 0.3333 if MATCHED else 0.6
BANK, PAINTED, OWN = 512, 0.25, 0.35
LOOKS = {'conv1_1': 1, 'conv2_1': 1, 'conv3_1': 1, 'conv4_1': 0.5, 'conv5_1': 0.25}
LAYERS = ([('down1', 3, 16, 9), ('down2', 16, 32, 3), ('down3', 32, 64, 3)] +
          [(f'block{b}.{half}', 64, 64, 3) for b in range(1, 6) for half in 'ab'] +
          [('up1', 64, 32, 3), ('up2', 32, 16, 3), ('out', 16, 3, 9)])
CHANNELS = sum(out for _, _, out, _ in LAYERS[:-1])


def philox(stream, index):
    mask = np.uint64(0xffffffff)
    index = np.asarray(index, np.uint64)
    k0, k1 = SEED & 0xffffffff, SEED >> 32
    c0, c1, c2, c3 = index & mask, index >> np.uint64(32), np.full_like(index, stream), np.zeros_like(index)
    for _ in range(10):
        p, q = np.uint64(0xD2511F53) * c0, np.uint64(0xCD9E8D57) * c2
        c0, c1, c2, c3 = ((q >> np.uint64(32)) ^ c1 ^ np.uint64(k0), q & mask,
                          (p >> np.uint64(32)) ^ c3 ^ np.uint64(k1), p & mask)
        k0, k1 = (k0 + 0x9E3779B9) & 0xffffffff, (k1 + 0xBB67AE85) & 0xffffffff
    return c0, c1, c2, c3


def uniform(stream, index):
    high, low, _, _ = philox(stream, index)
    return ((high << np.uint64(32) | low) >> np.uint64(11)).astype(np.float64) * 2.0 ** -53


def network():
    data = open(os.path.join(os.path.dirname(__file__), '../../data/builtin.safetensors'), 'rb').read()
    size, = struct.unpack('<Q', data[:8])
    header = json.loads(data[8:8 + size])

    def tensor(name):
        entry = header[name]
        a, b = entry['data_offsets']
        numbers = np.frombuffer(data[8 + size + a:8 + size + b], {'I8': np.int8, 'F32': np.float32}[entry['dtype']])
        return torch.tensor(numbers.reshape(entry['shape']).astype(np.float64))
    layers = []
    for block, n in enumerate((2, 2, 3, 3, 1)):
        for i in range(n):
            name = f'conv{block + 1}_{i + 1}'
            layers.append((name, tensor(name + '.weight') * tensor(name + '.weight_scale').view(-1, 1, 1, 1),
                           tensor(name + '.bias')))
        layers.append((None, None, None))
    return layers[:-1]


NETWORK = network()


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
    f = f.reshape(f.shape[1], -1)
    return f @ f.T / f.shape[1]


def joined(found):
    size = found['conv3_1'].shape[2:]
    return torch.cat([F.interpolate(found[n] / found[n].shape[1], size=size, mode='bilinear', align_corners=False)
                      for n in CONTENT], 1)[0].flatten(1).T


def bank(group):
    rows = [joined(features(picture(p))) for p in group]
    counts = [min(len(r), BANK // len(group)) for r in rows]
    return torch.cat([r[torch.arange(n) * len(r) // n] for r, n in zip(rows, counts)])


def targets(found, rows):
    if not MATCHED:
        return {n: found[n] for n in CONTENT}
    query, size, first, matches = joined(found), found['conv3_1'].shape[2:], 0, {}
    best = rows[(F.normalize(query - query.mean(0), dim=1) @ F.normalize(rows - rows.mean(0), dim=1).T).argmax(1)]
    for name in CONTENT:
        n = found[name].shape[1]
        t = (best[:, first:first + n] * n).T.reshape(1, n, *size)
        matches[name] = OWN * found[name] + (1 - OWN) * F.avg_pool2d(t, size[0] // found[name].shape[2])
        first += n
    return matches


def query(x, y):
    blurred = F.interpolate(F.avg_pool2d(y.detach() - x, 2), size=x.shape[2:], mode='bilinear', align_corners=False)
    return x + PAINTED * blurred if MATCHED else x


def picture(what):
    return torch.tensor(np.asarray(formula.picture(*what), np.float64).transpose(2, 0, 1)[None])


def paint(weights, bias, numbers, x):
    first = 0

    def conv(x, name, stride=1, bias=None):
        side = weights[name].shape[-1] // 2
        return F.conv2d(F.pad(x, (side,) * 4, mode='reflect'), weights[name], bias, stride=stride)

    def norm(x):
        nonlocal first
        c = x.shape[1]
        first += c
        return F.instance_norm(x, weight=numbers[0, first - c:first], bias=numbers[1, first - c:first], eps=1e-3)

    x = (x - 127.5) / 58
    for name, stride in ('down1', 1), ('down2', 2), ('down3', 2):
        x = F.relu(norm(conv(x, name, stride)))
    for b in range(1, 6):
        x = x + norm(conv(F.relu(norm(conv(x, f'block{b}.a'))), f'block{b}.b'))
    for name in 'up1', 'up2':
        x = F.relu(norm(conv(F.interpolate(x, scale_factor=2, mode='nearest'), name)))
    return 275 * torch.sigmoid(conv(x, 'out', bias=bias) / 2) - 10


def shuffled(epoch, n):
    order = list(range(n))
    for i in range(n - 1, 0, -1):
        j = int(uniform(SHUFFLE, (epoch << 36) + i) * (i + 1))
        order[i], order[j] = order[j], order[i]
    return order


def crop(photo, index):
    a, b, c, _ = (int(v) for v in philox(CROP, index))
    left, top = a % (photo.shape[3] - SIDE + 1), b % (photo.shape[2] - SIDE + 1)
    part = photo[:, :, top:top + SIDE, left:left + SIDE]
    return part.flip(3) if c & 1 else part


weights, index = {}, 0
for name, i, o, k in LAYERS:
    n = o * i * k * k
    numbers = math.sqrt(6 / ((i + o) * k * k)) * (2 * uniform(INIT, np.arange(index, index + n)) - 1)
    weights[name] = torch.tensor(numbers.astype(np.float32).astype(np.float64).reshape(o, i, k, k), requires_grad=True)
    index += n
bias = torch.zeros(3, dtype=torch.float64, requires_grad=True)
styles = [torch.stack([torch.ones(CHANNELS), torch.zeros(CHANNELS)]).double().requires_grad_() for _ in STYLES]
goals = [[{n: gram(f) for n, f in features(picture(p)).items() if n in LOOKS} for p in group] for group in STYLES]
banks = [bank(group) if MATCHED else None for group in STYLES]
photos = [picture(p) for p in PHOTOS]
shared = torch.optim.Adam([*weights.values(), bias])
own = [torch.optim.Adam([s]) for s in styles]
batches = -(-len(photos) // BATCH)

for step in range(STEPS):
    order, first = shuffled(step // batches, len(photos)), step % batches * BATCH
    x = torch.cat([crop(photos[order[(first + i) % len(photos)]], step * BATCH + i) for i in range(BATCH)])
    style = step % len(styles)
    y = paint(weights, bias, styles[style], x)
    content = looks = tv = 0
    for i in range(BATCH):
        wanted, found = targets(features(query(x[i:i + 1], y[i:i + 1])), banks[style]), features(y[i:i + 1])
        for name, t in wanted.items():
            content += CONTENT_WEIGHT * ((found[name] - t) ** 2).sum() / (t ** 2).sum() / BATCH
        for goal in goals[style]:
            for name, weight in LOOKS.items():
                g, s = gram(found[name]), goal[name]
                looks += weight * ((g - s) ** 2).sum() / (s ** 2).sum() / BATCH / len(goals[style])
        p = y[i]
        tv += TV_WEIGHT * (((p[:, 1:] - p[:, :-1]) ** 2).mean() + ((p[:, :, 1:] - p[:, :, :-1]) ** 2).mean()) / BATCH
    loss = content + looks + tv
    print(step + 1, *(f'{v.item():.9g}' for v in (loss, content, looks, tv)))
    factor = (step + 1) / WARM_UP
    for optimiser in shared, own[style]:
        optimiser.param_groups[0]['lr'] = RATE * factor
        optimiser.zero_grad()
    loss.backward()
    shared.step()
    own[style].step()
