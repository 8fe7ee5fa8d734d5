#!/usr/bin/env python3
"""dream-torch.py > dream-torch.txt -- dreams on VGG19 with formula weights, by PyTorch in f64, written from the description.

The picture has 97 x 121 px, the layers are conv2_1:1,conv3_1:0.5. On deeper layers, results of f32 and f64 diverge by
rounding alone. Lines, those with ... as formula.golden_line:
  loss OCTAVE ITERATION LOSS    losses of a run of 3 octaves x 5 iterations, scale 1.4, on conv1_1: the square of a ReLU
                                has no kink. On deeper layers, f32's rounding switches one unit near its kink in one of
                                15 gradients, and the rest of the run differs by per cents
  run ...                       the change of the picture by this run
  step ...                      the change by one step at full size; this step and the following start from `lake`
  guided LOSS, guided-step ...  one guided step; the guide is a picture of the same size
  styled-step ...               one step with a style: step * (g / rms (g) - 0.7 h / rms (h)), h the gradient of
                                sum over convB_1 of ||G - S||^2 / ||S||^2, G = F F^T / N, B = 1 to 5
Needs torch.
"""
import numpy as np
import torch

import formula

ROWS, COLS, BIAS = 97, 121, 0.1
LAYERS, OF_RUN = {'conv2_1': 1.0, 'conv3_1': 0.5}, {'conv1_1': 1.0}
MEAN, STD = (torch.tensor(v, dtype=torch.float64)[:, None, None] for v in ((.485, .456, .406), (.229, .224, .225)))
WEIGHTS = {k: torch.tensor(v.astype(np.float64)) for k, v in formula.vgg_weights('vgg19', bias=BIAS).items()}


def features(x, last):
    """The layers' activations up to @last, by name."""
    found, x = {}, ((x + 1) / 2 - MEAN) / STD
    for name, _, _ in formula.vgg_convs('vgg19'):
        found[name] = x = torch.relu(torch.nn.functional.conv2d(
            x, WEIGHTS[name + '.weight'], WEIGHTS[name + '.bias'], padding=1))
        if name == last:
            return found
        block, index = map(int, name[4:].split('_'))
        if index == formula.VGG['vgg19'][block - 1]:
            x = torch.nn.functional.max_pool2d(x, 2)


def loss(x, layers=LAYERS):
    found = features(x, max(layers))
    return sum(w * (found[name][:, :, 2:-2, 2:-2] ** 2).sum() / found[name].numel() for name, w in layers.items())


def guided_loss(x, guide):
    found, total = features(x, max(LAYERS)), 0
    for name, w in LAYERS.items():
        inner, g = found[name][0, :, 2:-2, 2:-2].flatten(1), guide[name][0].flatten(1)
        agreement = inner.detach().T @ g
        best, (first, second) = agreement.argmax(1), agreement.topk(2, 1).values.T
        assert ((first - second) / first).min() > 1e-5  # no ties that f32 rounding would decide
        total = total + w * (inner * g[:, best]).sum() / found[name].numel()
    return total


def gram(f):
    f = f[0].flatten(1)
    return f @ f.T / f.shape[1]


def style_loss(x, grams):
    found = features(x, 'conv5_1')
    return sum((gram(found[name]) - s).pow(2).sum() / s.pow(2).sum() for name, s in grams.items())


def direction(loss, x):
    """The gradient divided by its root mean square, and the loss."""
    x = x.detach().requires_grad_()
    value = loss(x)
    g, = torch.autograd.grad(value, x)
    return g / max(g.pow(2).mean().sqrt().item(), 1e-8), value.item()


def resize(x, shape):
    return torch.nn.functional.interpolate(x, shape, mode='bilinear', align_corners=False, antialias=False)


def ascent(x, iterations, step=0.01, layers=LAYERS, said=None):
    for k in range(1, iterations + 1):
        g, value = direction(lambda x: loss(x, layers), x)
        x = x + step * g
        if said is not None:
            print('loss', said, k, f'{value:.9g}')
    return x


def load(name):
    return torch.tensor(formula.picture(name, ROWS, COLS) / 127.5 - 1).permute(2, 0, 1)[None]


original = load('content')
shapes = [(int(ROWS / 1.4 ** i), int(COLS / 1.4 ** i)) for i in (2, 1, 0)]
x = shrunk = resize(original, shapes[0])
for octave, shape in enumerate(shapes, 1):
    x = ascent(resize(x, shape), 5, layers=OF_RUN, said=octave)
    x = x + resize(original, shape) - resize(shrunk, shape)
    shrunk = resize(original, shape)
print(formula.golden_line('run', (x - original)[0].numpy()))

original = load('lake')  # f32 rounding switches no ReLU and no maximum here: plain C and oneDNN agree to 2e-6
print(formula.golden_line('step', (ascent(original, 1) - original)[0].numpy()))

other = load('style')
guide = features(load('macaw'), max(LAYERS))
g, value = direction(lambda x: guided_loss(x, guide), original)
print('guided', f'{value:.9g}')
print(formula.golden_line('guided-step', (0.01 * g)[0].numpy()))
grams = {f'conv{b}_1': gram(f) for b in range(1, 6) for f in [features(other, 'conv5_1')[f'conv{b}_1']]}
g, h = direction(loss, original)[0], direction(lambda x: style_loss(x, grams), original)[0]
print(formula.golden_line('styled-step', (0.01 * (g - 0.7 * h))[0].numpy()))
