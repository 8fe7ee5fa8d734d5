#!/usr/bin/env python3
"""ops-torch.py > ops-torch.txt -- ops of style networks by PyTorch, in f64: reflected convolutions, instance norms and
nearest up-sampling, in a chain.

Each line is formula.golden_line of a layer, or of the gradient with respect to the picture or a parameter. The loss is
the dot product of the last layer and numbers of a formula. Needs torch.
"""
import numpy as np
import torch
from torch.nn import functional as F

import formula

ROWS, COLS, EPSILON = 22, 27, 1e-5
CONVS = {'first': (16, 3, 9), 'down': (32, 16, 3), 'up': (16, 32, 3)}  # out, in, side


def parameter(name, shape, offset=0.0):
    numbers = offset + 0.3 * formula.numbers(name, int(np.prod(shape)))
    return torch.tensor(numbers.reshape(shape)).requires_grad_()


def layer(name, x, stride=1):
    out, inputs, side = CONVS[name]
    weight, bias = parameter(f'{name}.weight', (out, inputs, side, side)), parameter(f'{name}.bias', (out,))
    scale, shift = parameter(f'{name}.scale', (out,), 1), parameter(f'{name}.shift', (out,))
    for kind, value in (('weight', weight), ('bias', bias), ('scale', scale), ('shift', shift)):
        parameters[f'{name}.{kind}'] = value
    x = F.conv2d(F.pad(x, (side // 2,) * 4, mode='reflect'), weight, bias, stride=stride)
    layers[f'{name}.conv'] = x
    layers[f'{name}.norm'] = x = F.instance_norm(x, weight=scale, bias=shift, eps=EPSILON)
    return x


parameters, layers = {}, {}
x = torch.tensor(formula.numbers('x', 2 * 3 * ROWS * COLS).reshape(2, 3, ROWS, COLS)).requires_grad_()
y = torch.relu(layer('first', x))
y = torch.relu(layer('down', y, stride=2))
y = layer('up', F.interpolate(y, scale_factor=2, mode='nearest'))
(y * torch.tensor(formula.numbers('direction', y.numel()).reshape(y.shape))).sum().backward()
for name, value in layers.items():
    print(formula.golden_line(name, value.detach().numpy()))
print(formula.golden_line('grad/x', x.grad.numpy()))
for name, value in parameters.items():
    # A bias before a norm changes nothing: its gradient is rounding.
    if not name.endswith('.bias'):
        print(formula.golden_line('grad/' + name, value.grad.numpy()))
