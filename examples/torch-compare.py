#!/usr/bin/env python3
"""torch-compare.py PHOTO PAINTING [VGG19.pth] -- compares features and losses of libreverie and PyTorch on the same
pictures.

Runs ten iterations of the program in "Dive into Deep Learning" (the preset `d2l`), in PyTorch and in libreverie. The
first losses are those of the same picture. Later pictures differ, because Adam's first steps are hardly more than
the signs of the gradient. VGG19.pth: torchvision's file vgg19-*.pth; without it, both get the same random weights. Ends
with an error if features, or the first losses, differ in the first four digits. Needs torch, Pillow and numpy.
"""
import os
import sys
import tempfile

import numpy
import reverie
import torch
from PIL import Image

HEIGHT, WIDTH, ITERATIONS = 300, 450, 10
MEAN, STD = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])
# Layer indices of torchvision. conv1_1 to 4_1 are after ReLU, which works in place. The network ends before the ReLU of
# 5_1.
STYLE_LAYERS = {0: "conv1_1", 5: "conv2_1", 10: "conv3_1", 19: "conv4_1", 28: "conv5_1:pre"}
CONTENT_LAYERS = {25: "conv4_4"}


def vgg19():
    """Returns the layers of torchvision.models.vgg19().features, without gradients."""
    layers, inputs = [], 3
    for channels, convolutions in ((64, 2), (128, 2), (256, 4), (512, 4), (512, 4)):
        for _ in range(convolutions):
            layers += [torch.nn.Conv2d(inputs, channels, 3, padding=1), torch.nn.ReLU(inplace=True)]
            inputs = channels
        layers.append(torch.nn.MaxPool2d(2, 2))
    return torch.nn.Sequential(*layers).requires_grad_(False)


def preprocess(picture):
    x = torch.tensor(numpy.asarray(picture)).permute(2, 0, 1) / 255
    return ((x - MEAN[:, None, None]) / STD[:, None, None])[None]


def features(net, x):
    found = {}
    for number, layer in enumerate(net[: max(STYLE_LAYERS) + 1]):
        x = layer(x)
        found[number] = x
    return found


def gram(x):
    x = x.reshape(x.shape[1], -1)
    return x @ x.T / x.numel()


def losses_of_torch(net, photo, painting):
    content, style = features(net, preprocess(photo)), features(net, preprocess(painting))
    x = preprocess(photo).requires_grad_()
    adam = torch.optim.Adam([x], lr=0.3)
    for _ in range(ITERATIONS):
        adam.zero_grad()
        found = features(net, x)
        loss = sum(((found[k] - content[k]) ** 2).mean() for k in CONTENT_LAYERS)
        loss = loss + sum(1e4 * ((gram(found[k]) - gram(style[k])) ** 2).mean() for k in STYLE_LAYERS)
        loss = loss + 5 * ((x[:, :, 1:] - x[:, :, :-1]).abs().mean() + (x[..., 1:] - x[..., :-1]).abs().mean())
        loss.backward()
        adam.step()
        yield loss.item()


def losses_of_reverie(weights, photo, painting):
    reports = []
    reverie.style(photo, painting, preset="d2l", weights=weights, iterations=ITERATIONS, progress=reports.append)
    return [report.loss for report in reports]


def difference(ours, theirs):
    return numpy.abs(numpy.asarray(ours) - numpy.asarray(theirs)).max() / numpy.abs(numpy.asarray(theirs)).max()


def main(photo, painting, weights=None):
    photo, painting = (Image.open(path).convert("RGB").resize((WIDTH, HEIGHT)) for path in (photo, painting))
    net = vgg19()
    with tempfile.TemporaryDirectory() as folder:
        if weights is None:
            torch.manual_seed(1)
            for layer in (layer for layer in net if isinstance(layer, torch.nn.Conv2d)):
                torch.nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
            weights = os.path.join(folder, "vgg19.pth")
            torch.save({f"features.{name}": value for name, value in net.state_dict().items()}, weights)
        else:
            net.load_state_dict({name[9:]: value for name, value in torch.load(weights, weights_only=True).items()
                                 if name.startswith("features.")})

        print("features, largest difference over largest value:")
        layers = STYLE_LAYERS | CONTENT_LAYERS
        ours, theirs = reverie.Network("vgg19", weights).features(photo, layers.values()), features(net, preprocess(photo))
        differences = []
        for number, layer in layers.items():
            differences.append(difference(ours[layer], theirs[number][0]))
            print(f"  {layer:12} {tuple(theirs[number].shape[1:])!s:16} {differences[-1]:.1e}")

        print("losses:      reverie       torch  difference")
        for k, (a, b) in enumerate(zip(losses_of_reverie(weights, photo, painting), losses_of_torch(net, photo, painting)), 1):
            print(f"  {k:3} {a:14.8g} {b:11.8g}  {abs(a - b) / b:.1e}")
            differences += [abs(a - b) / b] if k == 1 else []
    if not max(differences) < 5e-5:
        sys.exit(f"the two differ by {max(differences):.1e}, where four digits ought to be the same")


if __name__ == "__main__":
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    main(*sys.argv[1:])
