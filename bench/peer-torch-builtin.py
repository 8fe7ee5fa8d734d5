#!/usr/bin/env python3
"""peer-torch-builtin.py THREADS -- one iteration of the preset gallery on a network of the built-in one's shape at 512 x 512 and
its margin, in PyTorch: milliseconds.

As fast as PyTorch goes: weights without gradients, targets computed once, the better of the two memory formats, warmed up,
the median of 15. Run by bench/peers.sh.
"""
import statistics
import sys
import time

import torch

torch.set_num_threads(int(sys.argv[1]))
SIDE, WARM_UP, TIMED = 528, 4, 15
BLOCKS = ((32, 32), (64, 64), (128, 128, 128), (256, 256, 256), (320,))
STYLE = {'1_1': 1, '2_1': 1, '3_1': 1, '4_1': 0.5, '5_1': 0.25}
CONTENT = '4_2'


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


def median_ms(memory_format):
    torch.manual_seed(1)
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

    with torch.no_grad():
        content = features(picture())[CONTENT].clone()
        styles = {n: gram(f) for n, f in features(picture()).items() if n in STYLE}
    x = picture().requires_grad_()
    adam = torch.optim.Adam([x], lr=5, betas=(0.9, 0.99), fused=True)
    average, taken = torch.zeros_like(x), []
    for k in range(WARM_UP + TIMED):
        began = time.perf_counter()
        adam.zero_grad()
        found = features(x)
        loss = 0.05 * ((found[CONTENT] - content) ** 2).sum() / (content ** 2).sum()
        for name, style in styles.items():
            loss = loss + STYLE[name] * ((gram(found[name]) - style) ** 2).sum() / (style ** 2).sum()
        loss = loss + 1e-4 * (((x[..., 1:, :] - x[..., :-1, :]) ** 2).mean() + ((x[..., 1:] - x[..., :-1]) ** 2).mean())
        loss.backward()
        adam.step()
        with torch.no_grad():
            x.clamp_(0, 255)
            average.mul_(0.98).add_(x, alpha=0.02)
        if k >= WARM_UP:
            taken.append(1000 * (time.perf_counter() - began))
    return statistics.median(taken)


print(f'{min(median_ms(f) for f in (torch.contiguous_format, torch.channels_last)):.1f}')
