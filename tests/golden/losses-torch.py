#!/usr/bin/env python3
"""losses-torch.py > losses-torch.txt -- every loss term's value and gradient by PyTorch's autograd, in f64.

VGG19 with formula weights and torchvision's input; the picture is optimised in mean-std space. Style is compared at five
layers, content at conv4_2; the style picture has another size. The picture is chosen so that f32's rounding switches no
ReLU and no pooling: such a switch changes the gradient, and two programs would differ. Each line has the value, then
the gradient with respect to the picture as formula.golden_line, named role/name. Needs torch.
"""
import numpy as np
import torch

import formula

ROWS, COLS, STYLE_ROWS, STYLE_COLS, BIAS = 49, 35, 60, 70, 0.1
PICTURE = 'picture2274'  # has the largest margin() of the first 2,300 pictures
LEAST_MARGIN = 10
MEAN, STD = np.array([.485, .456, .406]), np.array([.229, .224, .225])
STYLE_LAYERS, CONTENT_LAYER = [f'conv{b}_1' for b in range(1, 6)], 'conv4_2'

WEIGHTS = formula.vgg_weights('vgg19', bias=BIAS)


def space(name, rows, cols):
    picture = formula.picture(name, rows, cols) / 255
    return torch.tensor(((picture - MEAN) / STD).transpose(2, 0, 1)[None])


def features(x):
    found = {}
    for name, _, _ in formula.vgg_convs('vgg19'):
        w, b = (torch.tensor(WEIGHTS[f'{name}.{kind}'].astype(np.float64)) for kind in ('weight', 'bias'))
        x = torch.relu(torch.nn.functional.conv2d(x, w, b, padding=1))
        found[name] = x
        if name == STYLE_LAYERS[-1]:
            return found
        block, index = map(int, name[4:].split('_'))
        if index == formula.VGG['vgg19'][block - 1]:
            x = torch.nn.functional.max_pool2d(x, 2)


def margin(x):
    """Smallest distance of a ReLU or pooling up to conv5_1 from switching, in units of the layer's largest f32
    error."""
    exact, rounded, least = x, x.float(), float('inf')
    for name, _, _ in formula.vgg_convs('vgg19'):
        w, b = (torch.tensor(WEIGHTS[f'{name}.{kind}']) for kind in ('weight', 'bias'))
        exact = torch.nn.functional.conv2d(exact, w.double(), b.double(), padding=1)
        rounded = torch.nn.functional.conv2d(rounded, w, b, padding=1)
        error = (exact - rounded).abs().max()
        least = min(least, exact.abs().min() / error)
        if name == STYLE_LAYERS[-1]:
            return least.item()
        exact, rounded = torch.relu(exact), torch.relu(rounded)
        block, index = map(int, name[4:].split('_'))
        if index == formula.VGG['vgg19'][block - 1]:
            windows = torch.nn.functional.unfold(exact.transpose(0, 1), 2, stride=2)
            first, second = windows.topk(2, dim=1).values.unbind(1)
            least = min(least, (first - second)[first > 0].min() / error)
            exact, rounded = (torch.nn.functional.max_pool2d(v, 2) for v in (exact, rounded))


def flat(f):
    return f.reshape(f.shape[1], -1)


def gram(f):
    return flat(f) @ flat(f).T


def covariance(f):
    centred = flat(f) - flat(f).mean(1, keepdim=True)
    return centred @ centred.T / flat(f).shape[1]


def mean_var(f, s):
    def stats(t):
        mean = flat(t).mean(1)
        return mean, (((flat(t) - mean[:, None]) ** 2).mean(1) + 1e-8).sqrt()
    return sum(((a - b) ** 2).mean() for a, b in zip(stats(f), stats(s)))


def positions(f):
    return flat(f).shape[1]


STYLE = {
    'keras': lambda f, s: ((gram(f) - gram(s) * positions(f) / positions(s)) ** 2).sum()
             / (4 * 3 ** 2 * (ROWS * COLS) ** 2) / len(STYLE_LAYERS),
    'd2l': lambda f, s: ((gram(f) / flat(f).numel() - gram(s) / flat(s).numel()) ** 2).mean(),
    'gatys': lambda f, s: ((gram(f) - gram(s) * positions(f) / positions(s)) ** 2).sum()
             / (4 * f.shape[1] ** 2 * positions(f) ** 2),
    'relative': lambda f, s: ((gram(f) / positions(f) - gram(s) / positions(s)) ** 2).sum()
             / ((gram(s) / positions(s)) ** 2).sum(),
    'covariance': lambda f, s: ((covariance(f) - covariance(s)) ** 2).mean(),
    'mean-var': mean_var,
}
CONTENT = {
    'sum': lambda f, p: ((f - p) ** 2).sum(),
    'mean': lambda f, p: ((f - p) ** 2).mean(),
    'relative': lambda f, p: ((f - p) ** 2).sum() / (p ** 2).sum(),
}


def differences(x):
    return x[:, :, 1:] - x[:, :, :-1], x[..., 1:] - x[..., :-1]


def tv_keras(x):
    down, across = differences(x)
    return ((down[..., :-1] ** 2 + across[:, :, :-1] ** 2) ** 1.25).sum()


TV = {
    'keras': tv_keras,
    'd2l': lambda x: 0.5 * sum(d.abs().mean() for d in differences(x)),
    'squared': lambda x: sum((d ** 2).mean() for d in differences(x)),
}

assert margin(space(PICTURE, ROWS, COLS)) > LEAST_MARGIN
p, s = features(space('content', ROWS, COLS)), features(space('style', STYLE_ROWS, STYLE_COLS))


def golden(name, term):
    x = space(PICTURE, ROWS, COLS).requires_grad_()
    loss = term(x)
    loss.backward()
    print(f'{loss.item():.9g}', formula.golden_line(name, x.grad[0].numpy()))


for name, style in STYLE.items():
    golden('style/' + name, lambda x: sum(style(features(x)[l], s[l]) for l in STYLE_LAYERS))
for name, content in CONTENT.items():
    golden('content/' + name, lambda x: content(features(x)[CONTENT_LAYER], p[CONTENT_LAYER]))
for name, tv in TV.items():
    golden('tv/' + name, tv)
