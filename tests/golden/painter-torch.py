#!/usr/bin/env python3
"""painter-torch.py > painter-torch.txt -- the style network by PyTorch, in f64, written from the description in
src/method/style-net/style-net.h.

With formula numbers n: weights are Glorot's limit times n, the bias is 0.1 n, scales are 1 + 0.5 n ("style.scale"),
shifts 0.5 n ("style.shift"), pictures 127.5 + 127.5 n ("x"). `even` is two pictures of 24 x 36 px. `odd` is one picture
of 21 x 27 px, whose sides are not divisible by 2. Lines, as formula.golden_line: SIZE/y is the output y; the others are
gradients of sum (y * n ("seed")) with respect to the parameters. Needs torch.
"""
import math

import torch
from torch.nn import functional as F

import formula

LAYERS = ([('down1', 3, 16, 9), ('down2', 16, 32, 3), ('down3', 32, 64, 3)] +
          [(f'block{b}.{half}', 64, 64, 3) for b in range(1, 6) for half in 'ab'] +
          [('up1', 64, 32, 3), ('up2', 32, 16, 3), ('out', 16, 3, 9)])
CHANNELS = sum(out for _, _, out, _ in LAYERS[:-1])


def number(name, *shape):
    return torch.tensor(formula.numbers(name, math.prod(shape)), dtype=torch.float64).view(*shape)


def line(name, tensor):
    print(formula.golden_line(name, tensor.detach().numpy()))


def paint(size, n, rows, cols):
    weights = {name: (math.sqrt(6 / ((i + o) * k * k)) * number(f'{name}.weight', o, i, k, k)).float().double().requires_grad_()
               for name, i, o, k in LAYERS}
    bias = (0.1 * number('out.bias', 3)).float().double().requires_grad_()
    scale = (1 + 0.5 * number('style.scale', CHANNELS)).float().double().requires_grad_()
    shift = (0.5 * number('style.shift', CHANNELS)).float().double().requires_grad_()
    first = 0

    def conv(x, name, stride=1, bias=None):
        side = weights[name].shape[-1] // 2
        return F.conv2d(F.pad(x, (side,) * 4, mode='reflect'), weights[name], bias, stride=stride)

    def norm(x):
        nonlocal first
        c = x.shape[1]
        y = F.instance_norm(x, weight=scale[first:first + c], bias=shift[first:first + c], eps=1e-3)
        first += c
        return y

    picture = (127.5 + 127.5 * number('x', n, 3, rows, cols)).float().double()
    x = (picture - 127.5) / 58
    sizes = []
    for name, stride in ('down1', 1), ('down2', 2), ('down3', 2):
        x = F.relu(norm(conv(x, name, stride)))
        sizes.append(x.shape[2:])
    for b in range(1, 6):
        x = x + norm(conv(F.relu(norm(conv(x, f'block{b}.a'))), f'block{b}.b'))
    for name, like in ('up1', sizes[1]), ('up2', sizes[0]):
        x = F.relu(norm(conv(F.interpolate(x, size=tuple(like), mode='nearest'), name)))
    y = 275 * torch.sigmoid(conv(x, 'out', bias=bias) / 2) - 10
    (y * number('seed', *y.shape)).sum().backward()
    line(f'{size}/y', y)
    for name in weights:
        line(f'{size}/{name}.weight', weights[name].grad)
    line(f'{size}/out.bias', bias.grad)
    line(f'{size}/scale', scale.grad)
    line(f'{size}/shift', shift.grad)


paint('even', 2, 24, 36)
paint('odd', 1, 21, 27)
