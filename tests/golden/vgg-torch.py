#!/usr/bin/env python3
"""vgg-torch.py > vgg-torch.txt -- every convolution of VGG16 and VGG19 before its ReLU, by PyTorch in f64.

Weights are from formulas; the input is torchvision's: (0..1 less the mean) / std. Each line is as in vgg-keras.txt.
Needs torch.
"""
import numpy as np
import torch

import formula

ROWS, COLS, BIAS = 75, 53, 0.1
MEAN, STD = np.array([.485, .456, .406]), np.array([.229, .224, .225])

picture = formula.picture('content', ROWS, COLS)
for network, counts in formula.VGG.items():
    weights = formula.vgg_weights(network, bias=BIAS)
    x = torch.tensor(((picture / 255 - MEAN) / STD).transpose(2, 0, 1)[None])
    for name, _, _ in formula.vgg_convs(network):
        w, b = (torch.tensor(weights[f'{name}.{kind}'].astype(np.float64)) for kind in ('weight', 'bias'))
        y = torch.nn.functional.conv2d(x, w, b, padding=1)
        print(formula.golden_line(f'{network}/{name}:pre', y[0].numpy()))
        x = torch.relu(y)
        block, index = map(int, name[4:].split('_'))
        if index == counts[block - 1]:
            x = torch.nn.functional.max_pool2d(x, 2)
