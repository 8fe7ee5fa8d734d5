#!/usr/bin/env python3
"""peer-torch-builtin.py THREADS [gallery1|gallery|start|finish [SIDE]] -- milliseconds of an iteration in PyTorch, at
512 x 512 px and the margin, on a network shaped like the built-in one. gallery1, the default, is that preset. gallery
has six content layers, compared with targets, and colour axes. finish is gallery with new targets every five
iterations: the nearest of 4,096 positions, for each layer. start is not an iteration but the start of a scale: the
features of painting and photograph, and the nearest of 4,096 positions, for all layers together.

Settings are the fastest of PyTorch: weights without gradients, targets computed once, the fastest variant of
peer_time.py. Prints the median of 15 iterations after a warm-up; for finish the mean. bench/peers.sh and
bench/gpu.sh run it.
"""
import statistics
import sys

import torch
from peer_time import DEVICE, print_best

torch.set_num_threads(int(sys.argv[1]))
SIDE = int(sys.argv[3]) + 16 if len(sys.argv) > 3 else 528
BLOCKS = ((32, 32), (64, 64), (128, 128, 128), (256, 256, 256), (320,))
STYLE = {'1_1': 1, '2_1': 1, '3_1': 1, '4_1': 0.5, '5_1': 0.25}
RECIPE = sys.argv[2] if len(sys.argv) > 2 else 'gallery1'
CONTENT = ('4_2',) if RECIPE == 'gallery1' else ('3_1', '3_2', '3_3', '4_1', '4_2', '4_3')
BANK, MATCHED_EVERY = 4096, 5


def network():
    layers, inputs = [], 3
    for block, widths in enumerate(BLOCKS):
        for i, channels in enumerate(widths):
            first = inputs == 3
            conv = torch.nn.Conv2d(inputs, channels, 3, padding=1, padding_mode='replicate' if first else 'zeros')
            torch.nn.init.kaiming_uniform_(conv.weight, nonlinearity='relu')
            layers.append((f'{block + 1}_{i + 1}', conv))
            inputs = channels
        layers.append(('pool', None))
    return layers[:-1]


def make_step(memory_format):
    layers = network()
    for _, conv in layers:
        if conv:
            conv.requires_grad_(False).to(memory_format=memory_format)

    def features(x):
        x, found = (x - 120) / 58, {}
        for name, conv in layers:
            x = torch.relu_(conv(x)) if conv else torch.nn.functional.avg_pool2d(x, 2)
            found[name] = x
        return found

    def gram(f):
        f = f.reshape(f.shape[1], -1)
        return f @ f.T / f.shape[1]

    def picture():
        return (torch.rand(1, 3, SIDE, SIDE) * 255).to(memory_format=memory_format)

    def vectors(f):
        f = f.reshape(f.shape[1], -1).T
        return torch.nn.functional.normalize(f - f.mean(0), dim=1)

    def matched(found):
        targets = {}
        for name in CONTENT:
            own = banks[name].reshape(banks[name].shape[1], -1)
            picked = torch.linspace(0, own.shape[1] - 1, min(BANK, own.shape[1])).long()
            nearest = (vectors(found[name]) @ vectors(banks[name])[picked].T).argmax(1)
            targets[name] = own[:, picked[nearest]].reshape(found[name].shape)
        return targets

    def joined(found):
        size = found[CONTENT[0]].shape[2:]
        return torch.cat([torch.nn.functional.interpolate(found[n] / found[n].shape[1], size=size, mode='bilinear')
                          for n in CONTENT], 1)

    @torch.no_grad()
    def start():
        query, bank = joined(features(photograph)), joined(features(painting))
        own = bank.reshape(bank.shape[1], -1)
        picked = torch.linspace(0, own.shape[1] - 1, min(BANK, own.shape[1])).long()
        nearest = (vectors(query) @ vectors(bank)[picked].T).argmax(1)
        return own[:, picked[nearest]]

    if RECIPE == 'start':
        photograph, painting = picture(), picture()
        return start

    with torch.no_grad():
        targets = {n: f.clone() for n, f in features(picture()).items() if n in CONTENT}
        banks = {n: f.clone() for n, f in features(picture()).items() if n in CONTENT}
        styles = {n: gram(f) for n, f in features(picture()).items() if n in STYLE}
    axes = torch.tensor([[0.6, -0.7, 0.05], [0.6, 0.1, -0.1], [0.5, 0.7, 0.06]])  # arbitrary axes
    weight = axes.view(3, 3, 1, 1)
    z = picture().requires_grad_()
    adam = torch.optim.Adam([z], lr=5, betas=(0.9, 0.99), fused=True, capturable=DEVICE == 'cuda')
    average, k = torch.zeros_like(z), -1

    def step():
        nonlocal k, targets
        k += 1
        adam.zero_grad()
        if RECIPE == 'finish' and k % MATCHED_EVERY == 0:
            with torch.no_grad():
                targets = matched(features(torch.nn.functional.conv2d(z, weight)))
        x = z if RECIPE == 'gallery1' else torch.nn.functional.conv2d(z, weight)
        found = features(x)
        loss = 0.05 * sum(((found[n] - t) ** 2).sum() / (t ** 2).sum() for n, t in targets.items())
        for name, style in styles.items():
            loss = loss + STYLE[name] * ((gram(found[name]) - style) ** 2).sum() / (style ** 2).sum()
        loss = loss + 1e-4 * (((x[..., 1:, :] - x[..., :-1, :]) ** 2).mean() + ((x[..., 1:] - x[..., :-1]) ** 2).mean())
        loss.backward()
        adam.step()
        with torch.no_grad():
            if RECIPE == 'gallery1':
                z.clamp_(0, 255)
                average.mul_(0.98).add_(z, alpha=0.02)
            else:
                average.mul_(0.95).add_(torch.nn.functional.conv2d(z, weight), alpha=0.05)

    return step


if RECIPE == 'finish':
    print_best(make_step, middle=statistics.mean, may_graph=False)
else:
    print_best(make_step)
