#!/usr/bin/env python3
"""peer-torch.py THREADS [HEIGHT WIDTH] -- milliseconds of an iteration of the Keras program's loss on VGG19 in PyTorch.
Default: 400 x 533.

Settings are the fastest of PyTorch: weights without gradients, targets computed once, the fastest variant of
peer_time.py. Prints the median of 15 iterations after a warm-up. Run by bench/peers.sh and bench/gpu.sh.
"""
import sys

import torch
from peer_time import print_best

torch.set_num_threads(int(sys.argv[1]))
HEIGHT, WIDTH = [int(n) for n in sys.argv[2:4]] or (400, 533)
COUNTS, CHANNELS = (2, 2, 4, 4, 4), (64, 128, 256, 512, 512)
STYLE_LAYERS = ['1_1', '2_1', '3_1', '4_1', '5_1']
CONTENT_LAYER = '5_2'


def network():
    layers, inputs = [], 3
    for block, (count, channels) in enumerate(zip(COUNTS, CHANNELS)):
        for i in range(count):
            conv = torch.nn.Conv2d(inputs, channels, 3, padding=1)
            torch.nn.init.kaiming_uniform_(conv.weight, nonlinearity='relu')
            layers.append((f'{block + 1}_{i + 1}', conv))
            inputs = channels
            if f'{block + 1}_{i + 1}' == CONTENT_LAYER:
                return layers
        layers.append(('pool', None))


def make_step(memory_format):
    layers = network()
    for _, conv in layers:
        if conv:
            conv.requires_grad_(False).to(memory_format=memory_format)

    def features(x):
        found = {}
        for name, conv in layers:
            x = torch.relu_(conv(x)) if conv else torch.nn.functional.max_pool2d(x, 2)
            found[name] = x
        return found

    def gram(f):
        f = f.reshape(f.shape[1], -1)
        return f @ f.T

    def picture():
        return (torch.rand(1, 3, HEIGHT, WIDTH) * 255 - 115).to(memory_format=memory_format)

    with torch.no_grad():
        content = features(picture())[CONTENT_LAYER].clone()
        styles = [gram(f) for n, f in features(picture()).items() if n in STYLE_LAYERS]
    x = picture().requires_grad_()
    sgd = torch.optim.SGD([x], lr=1e-6)

    def step():
        sgd.zero_grad()
        found = features(x)
        loss = 2.5e-8 * ((found[CONTENT_LAYER] - content) ** 2).sum()
        for name, style in zip(STYLE_LAYERS, styles):
            loss = loss + 1e-6 / 5 * ((gram(found[name]) - style) ** 2).sum() / (36 * (HEIGHT * WIDTH) ** 2)
        a = (x[..., :-1, :-1] - x[..., 1:, :-1]) ** 2
        b = (x[..., :-1, :-1] - x[..., :-1, 1:]) ** 2
        loss = loss + 1e-6 * ((a + b) ** 1.25).sum()
        loss.backward()
        sgd.step()

    return step


print_best(make_step)
