#!/usr/bin/env python3
"""peer-torch-painter.py THREADS apply WIDTH HEIGHT | train -- milliseconds of a style network in PyTorch, in the
fastest variant of peer_time.py.

apply: time of one picture, the median of nine after two warm-up runs. train: time of a step of `reverie learn
--from-scratch` at its defaults, batch 4 of 256 px. A step has both passes of the style network, the loss of `gallery`
on a network shaped like the built-in one, Adam, and the mean of the weights. Every fourth step also compares shifted
photographs. Weights are random, which does not change the time.
"""
import sys

import torch
from peer_time import DEVICE, print_best
from torch import nn
from torch.nn import functional as F

torch.set_num_threads(int(sys.argv[1]))
torch.manual_seed(0)
STYLE = {'1_1': 1, '2_1': 1, '3_1': 1, '4_1': 0.5, '5_1': 0.25}
CONTENT = '4_2'


class Norm(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.scale, self.shift = nn.Parameter(torch.ones(channels)), nn.Parameter(torch.zeros(channels))

    def forward(self, x):
        return F.instance_norm(x, weight=self.scale, bias=self.shift, eps=1e-3)


def conv(inputs, outputs, kernel, stride=1, bias=False):
    return nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, padding_mode='reflect', bias=bias)


def down(inputs, outputs, kernel, stride=1):
    return nn.Sequential(conv(inputs, outputs, kernel, stride), Norm(outputs), nn.ReLU(inplace=True))


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(conv(64, 64, 3), Norm(64), nn.ReLU(inplace=True), conv(64, 64, 3), Norm(64))

    def forward(self, x):
        return x + self.body(x)


class Painter(nn.Module):
    """Style network, as in src/method/style-net/style-net.h."""

    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(
            down(3, 16, 9), down(16, 32, 3, 2), down(32, 64, 3, 2), *(Block() for _ in range(5)),
            nn.Upsample(scale_factor=2), down(64, 32, 3), nn.Upsample(scale_factor=2), down(32, 16, 3), conv(16, 3, 9, bias=True))

    def forward(self, x):
        return 275 * torch.sigmoid(self.layers((x - 127.5) / 58) / 2) - 10


class Network(nn.Module):
    """A frozen network shaped like the built-in one, as in bench/peer-torch-builtin.py."""

    def __init__(self, memory_format):
        super().__init__()
        self.layers, inputs = [], 3
        for block, widths in enumerate(((32, 32), (64, 64), (128, 128, 128), (256, 256, 256), (320,))):
            for i, channels in enumerate(widths):
                layer = nn.Conv2d(inputs, channels, 3, padding=1, padding_mode='zeros' if block or i else 'replicate')
                self.layers.append((f'{block + 1}_{i + 1}', layer.requires_grad_(False).to(memory_format=memory_format)))
                inputs = channels
            self.layers.append(('pool', None))

    def forward(self, x):
        x, found = (x - 120) / 58, {}
        for name, layer in self.layers[:-1]:
            x = F.relu(layer(x), inplace=True) if layer else F.avg_pool2d(x, 2)
            found[name] = x
        return found


def gram(f):
    flat = f.flatten(2)
    return flat @ flat.transpose(1, 2) / flat.shape[2]


def make_step(memory_format):
    painter = Painter().to(memory_format=memory_format)
    if sys.argv[2] == 'apply':
        picture = (255 * torch.rand(1, 3, int(sys.argv[4]), int(sys.argv[3]))).to(memory_format=memory_format)
        painter.requires_grad_(False)
        return lambda: painter(picture)
    network = Network(memory_format)
    photos = (255 * torch.rand(4, 3, 256, 256)).to(memory_format=memory_format)
    with torch.no_grad():
        goals = {name: gram(f).mean(0) for name, f in network(photos.roll(1, 3)).items() if name in STYLE}
    adam = torch.optim.Adam(painter.parameters(), lr=1e-3, fused=True, capturable=DEVICE == 'cuda')
    means = [p.detach().clone() for p in painter.parameters()]
    step = 0

    def learn():
        nonlocal step
        step += 1
        y = painter(photos)
        with torch.no_grad():
            wanted = network(photos)[CONTENT]
        seen = network(y)
        loss = 0.6 * ((seen[CONTENT] - wanted) ** 2).sum() / (wanted ** 2).sum()
        for name, goal in goals.items():
            loss = loss + STYLE[name] * ((gram(seen[name]) - goal) ** 2).sum() / (4 * (goal ** 2).sum())
        loss = loss + 1e-4 * (((y[:, :, 1:] - y[:, :, :-1]) ** 2).mean() + ((y[..., 1:] - y[..., :-1]) ** 2).mean())
        if step % 4 == 0:
            loss = loss + 30 * ((y[1::2] - y[::2].roll(3, 2)) ** 2).mean() / 255 ** 2
        adam.zero_grad()
        loss.backward()
        adam.step()
        with torch.no_grad():
            torch._foreach_lerp_(means, list(painter.parameters()), 0.01)

    return learn


print_best(make_step, warm_up=2, timed=9, may_graph=sys.argv[2] == 'apply')
