#!/usr/bin/env python3
"""style-d2l.py > style-d2l.txt -- the d2l program's losses, by PyTorch in f32 and in f64, on formula pictures.

Written from the description of the program. VGG19 has torchvision's in-place ReLUs, so that stored features are after
ReLU, except those of the last layer, where the network ends. Pictures are resized to 192 x 128 px by Pillow. Lines:
  preset ITERATION F32 F64          the preset `d2l`
  mistake-... ITERATION F32 F64     the preset with one deliberate mistake
Needs torch, and Pillow 12 or older (for the reason in resize-pillow.py).
"""
import numpy as np
import torch
from PIL import Image

import formula

GAIN, BIAS = 1.0, 0.1
HEIGHT, WIDTH = 128, 192
MEAN, STD = torch.tensor([.485, .456, .406]), torch.tensor([.229, .224, .225])
STYLE_LAYERS, CONTENT_LAYERS = (0, 5, 10, 19, 28), (25,)
CONTENT_WEIGHT, STYLE_WEIGHT, TV_WEIGHT = 1, 1e3, 10


def network(dtype):
    layers, weights = [], formula.vgg_weights('vgg19', GAIN, BIAS)
    counts = formula.VGG['vgg19']
    for name, inputs, outputs in formula.vgg_convs('vgg19'):
        conv = torch.nn.Conv2d(inputs, outputs, 3, padding=1, dtype=dtype)
        conv.weight.data, conv.bias.data = (torch.tensor(weights[f'{name}.{k}']).to(dtype) for k in ('weight', 'bias'))
        layers += [conv, torch.nn.ReLU(inplace=True)]
        block, index = map(int, name[4:].split('_'))
        if index == counts[block - 1]:
            layers.append(torch.nn.MaxPool2d(2, 2))
    last = max(STYLE_LAYERS + CONTENT_LAYERS)
    return torch.nn.Sequential(*layers[:last + 1]).requires_grad_(False)


def preprocess(picture, dtype):
    x = torch.tensor(np.asarray(picture)).permute(2, 0, 1)[None].to(torch.float32) / 255
    return ((x - MEAN[:, None, None]) / STD[:, None, None]).to(dtype)


def extract(net, x):
    contents, styles = [], []
    for i, layer in enumerate(net):
        x = layer(x)
        if i in STYLE_LAYERS:
            styles.append(x)
        if i in CONTENT_LAYERS:
            contents.append(x)
    return contents, styles


def gram(x):
    channels, n = x.shape[1], x.numel() // x.shape[1]
    x = x.reshape(channels, n)
    return x @ x.T / (channels * n)


def run(dtype, steps, printed, milestones=True):
    net = network(dtype)
    content, style = (preprocess(p, dtype) for p in pictures)
    contents_y = [y.clone() for y in extract(net, content)[0]]
    styles_y = [gram(y) for y in extract(net, style)[1]]
    x = content.clone().requires_grad_()
    adam = torch.optim.Adam([x], lr=0.3)
    decay = torch.optim.lr_scheduler.StepLR(adam, 50, 0.8) if milestones else torch.optim.lr_scheduler.LambdaLR(
        adam, lambda k: 0.8 ** (k / 50))
    losses = {}
    for k in range(1, steps + 1):
        adam.zero_grad()
        contents, styles = extract(net, x)
        contents_l = [((a - b) ** 2).mean() * CONTENT_WEIGHT for a, b in zip(contents, contents_y)]
        styles_l = [((gram(a) - b) ** 2).mean() * STYLE_WEIGHT for a, b in zip(styles, styles_y)]
        tv = TV_WEIGHT * 0.5 * ((x[:, :, 1:] - x[:, :, :-1]).abs().mean() + (x[..., 1:] - x[..., :-1]).abs().mean())
        loss = sum(10 * styles_l + contents_l + [tv])
        loss.backward()
        adam.step()
        decay.step()
        if k in printed:
            losses[k] = loss.item()
    return losses


def both(name, steps, printed, **mistakes):
    f32, f64 = (run(dtype, steps, printed, **mistakes) for dtype in (torch.float32, torch.float64))
    for k in printed:
        print(name, k, f'{f32[k]:.9g} {f64[k]:.9g}', flush=True)


content = Image.fromarray(formula.picture('content', 140, 171))
style = Image.fromarray(formula.picture('style', 100, 90))
pictures = [p.resize((WIDTH, HEIGHT), Image.BILINEAR) for p in (content, style)]
both('preset', 100, (1, 10, 100))
both('mistake-smooth-decay', 100, (100,), milestones=False)
