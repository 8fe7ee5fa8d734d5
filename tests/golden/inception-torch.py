#!/usr/bin/env python3
"""inception-torch.py > inception-torch.txt -- mixed0 .. mixed10 of torchvision's own InceptionV3 with formula weights under
its own names, on the formula picture of 131 x 97 px (width x height).

Each line is as in vgg-keras.txt and is named network/layer@height. The input is in -1..1, as for the published weights.
Needs torch and torchvision.
"""
import math

import numpy as np
import torch
import torchvision

import formula

ROWS, COLS = 97, 131
BLOCKS = '5b', '5c', '5d', '6a', '6b', '6c', '6d', '6e', '7a', '7b', '7c'

model = torchvision.models.inception_v3(weights=None, init_weights=False, aux_logits=False, transform_input=False).eval()
state = model.state_dict()
for name, tensor in state.items():
    if not tensor.dtype.is_floating_point or name.startswith('fc.'):
        continue
    n = formula.numbers(name, tensor.numel())
    if tensor.dim() == 4:
        values = n.astype(np.float32) * np.float32(math.sqrt(6 / tensor[0].numel()))
    elif name.endswith('.bn.weight'):
        values = 1 + 0.3 * n
    elif name.endswith('.running_var'):
        values = 1 + 0.5 * n
    else:
        values = 0.2 * n
    tensor.copy_(torch.tensor(np.asarray(values, np.float32)).reshape(tensor.shape))

taps = {}
for i, block in enumerate(BLOCKS):
    getattr(model, 'Mixed_' + block).register_forward_hook(lambda m, x, y, i=i: taps.__setitem__(i, y))
x = torch.tensor(formula.picture('content', ROWS, COLS)).permute(2, 0, 1)[None].float() / 127.5 - 1
with torch.no_grad():
    model.double()(x.double())
for i, y in sorted(taps.items()):
    print(formula.golden_line(f'inception_v3/mixed{i}@{ROWS}', y[0].numpy()))
