#!/usr/bin/env python3
"""judge.py REVERIE CACHE --photos PATH... --paintings PATH... --squeezenet FILE [OPTIONS] -- compares pictures of
`reverie style`.

Paints P photographs after Q paintings by each recipe. Prints Markdown tables: means over the pairs, their 95 %
confidence intervals (bootstrap), and the mean differences from the first recipe. Pictures in CACHE are not painted
again. Figures come from SqueezeNet v1.1, which no recipe uses: the network whose loss was minimised would favour its
own results. Needs numpy, scipy and Pillow.
"""
import argparse
import functools
import json
import math
import pathlib
import struct
import subprocess

import numpy as np
from PIL import Image
from scipy.spatial import cKDTree

# Options of each recipe. {learned} stands for the built-in style learned from the painting; paintings without one are
# skipped.
RECIPES = {
    'gallery1': ['--preset', 'gallery1'],
    'gallery': [],
    'nnst': ['--preset', 'nnst'],
    'learned': ['--learned', '{learned}'],
}
# Name, digits and heading of each figure.
FIGURES = (
    ('palette', 3, 'colours off the palette'),
    ('grain', 2, 'chroma grain'),
    ('across', 2, 'grain across the palette'),
    ('contrast', 2, 'fine contrast'),
    ('gram', 3, 'Gram distance'),
    ('moments', 3, 'mean and deviation'),
    ('content', 2, 'content distance'),
)
LEAST_GRAIN = 0.001  # OkLab; less is invisible, and black-and-white paintings have none
N_RESAMPLES = 10000


class SqueezeNet:
    """Outputs of conv1 and of the fire modules of SqueezeNet v1.1, as [channels, positions]."""
    MEAN_BGR = np.array([103.939, 116.779, 123.68], np.float32)
    POOLED = ('fire2', 'fire4', 'fire6')  # modules with a pooled input

    def __init__(self, path):
        raw = pathlib.Path(path).read_bytes()
        end = 8 + struct.unpack('<Q', raw[:8])[0]
        header = json.loads(raw[8:end])
        self.weights = {}
        for name, tensor in header.items():
            if name != '__metadata__':
                first, last = tensor['data_offsets']
                values = np.frombuffer(raw[end + first:end + last], {'F16': '<f2', 'F32': '<f4'}[tensor['dtype']])
                self.weights[name] = values.astype(np.float32).reshape(tensor['shape'])

    def conv(self, x, name, stride=1, padding=0):
        weights, bias = self.weights[name + '.weight'], self.weights[name + '.bias']
        k = weights.shape[2]
        x = np.pad(x, ((0, 0), (padding, padding), (padding, padding)))
        x = np.lib.stride_tricks.sliding_window_view(x, (k, k), axis=(1, 2))[:, ::stride, ::stride]
        return np.maximum(np.tensordot(weights, x, ((1, 2, 3), (0, 3, 4))) + bias[:, None, None], 0)

    def features(self, rgb):
        x = self.conv((rgb[..., ::-1] - self.MEAN_BGR).transpose(2, 0, 1), 'conv1', stride=2)
        layers = [x]
        for fire in (f'fire{i}' for i in range(2, 10)):
            if fire in self.POOLED:
                x = np.lib.stride_tricks.sliding_window_view(x, (3, 3), axis=(1, 2))[:, ::2, ::2].max((3, 4))
            x = self.conv(x, fire + '.squeeze1x1')
            x = np.concatenate([self.conv(x, fire + '.expand1x1'), self.conv(x, fire + '.expand3x3', padding=1)])
            layers.append(x)
        return [layer.reshape(len(layer), -1) for layer in layers]


def oklab(rgb):
    """OkLab (Ottosson 2020) of sRGB values 0..255."""
    x = rgb / 255
    x = np.where(x <= 0.04045, x / 12.92, ((x + 0.055) / 1.055) ** 2.4)
    lms = np.cbrt(x @ np.array([[0.4122214708, 0.5363325363, 0.0514459929], [0.2119034982, 0.6806995451, 0.1073969566],
                                [0.0883024619, 0.2817188376, 0.6299787005]], np.float32).T)
    return lms @ np.array([[0.2104542553, 0.7936177850, -0.0040720468], [1.9779984951, -2.4285922050, 0.4505937099],
                           [0.0259040371, 0.7827717662, -0.8086757660]], np.float32).T


def mean_3x3(x):
    return np.lib.stride_tricks.sliding_window_view(np.pad(x, ((1, 1), (1, 1), (0, 0)), 'edge'), (3, 3), axis=(0, 1)).mean((3, 4))


def load(path, size):
    """The picture as float RGB. @size: longest side, or (width, height), px."""
    with Image.open(path) as image:
        if isinstance(size, int):
            size = tuple(max(1, round(size * side / max(image.size))) for side in image.size)
        return np.asarray(image.convert('RGB').resize(size, Image.Resampling.LANCZOS), np.float32)


def relative(x, target):
    return float(((x - target) ** 2).sum() / (target ** 2).sum())


def deviation(details):
    """Standard deviation of details [pixels] or [pixels, axes], whose mean is 0."""
    return float(np.sqrt((details ** 2).sum() / len(details)))


def moments(features):
    return np.concatenate([features.mean(1), features.std(1)])


def details(rgb):
    """Returns the 3 x 3 mean of the picture in OkLab, and the details [pixels, 3]: the picture less that mean."""
    lab = oklab(rgb)
    smooth = mean_3x3(lab)
    return smooth, (lab - smooth).reshape(-1, 3)


@functools.lru_cache(None)
def judged_painting(net, path, size):
    rgb = load(path, size)
    smooth, detail = details(rgb)
    # direction of least variance of the painting's chroma detail
    axis = np.linalg.eigh(np.cov(detail[:, 1:].T))[1][:, 0]
    features = net.features(rgb)
    grams = [f @ f.T / f.shape[1] for f in features]
    return cKDTree(smooth.reshape(-1, 3)), detail, axis, grams, [moments(f) for f in features]


@functools.lru_cache(None)
def photo_features(net, path, size):
    return net.features(load(path, size))


def judge(net, picture, photo, painting, size):
    """Figures of one picture, in FIGURES' order."""
    with Image.open(picture) as image:
        width_height = image.size
    rgb = load(picture, width_height)
    palette, own, axis, grams, own_moments = judged_painting(net, painting, size)
    smooth, detail = details(rgb)
    distances, _ = palette.query(smooth[::2, ::2].reshape(-1, 3))
    features = net.features(rgb)
    of_photo = photo_features(net, photo, width_height)
    return (
        100 * distances.mean(),
        deviation(detail[:, 1:]) / max(deviation(own[:, 1:]), LEAST_GRAIN),
        deviation(detail[:, 1:] @ axis) / max(deviation(own[:, 1:] @ axis), LEAST_GRAIN),
        deviation(detail[:, 0]) / deviation(own[:, 0]),
        np.mean([relative(f @ f.T / f.shape[1], gram) for f, gram in zip(features, grams)]),
        np.mean([relative(moments(f), m) for f, m in zip(features, own_moments)]),
        np.mean([relative(f, p) for f, p in zip(features, of_photo)]),
    )


def pictures(paths, n):
    """At most @n of the pictures in files and folders, evenly spread over their names."""
    found = []
    for path in map(pathlib.Path, paths):
        files = sorted(path.iterdir()) if path.is_dir() else [path]
        found += [file for file in files if file.suffix.lower() in ('.jpg', '.jpeg', '.png', '.webp')]
    n = min(n, len(found))
    return [found[i * len(found) // n] for i in range(n)]


def balanced_pairs(photos, paintings, n):
    """@n pairs in which the photographs, and the paintings, occur equally often, or once more."""
    cycle = math.lcm(len(photos), len(paintings))
    n = min(n or len(photos) * len(paintings), len(photos) * len(paintings))
    return [(photos[k % len(photos)], paintings[(k + k // cycle) % len(paintings)]) for k in range(n)]


def paint(args, recipe, pair, learned):
    """Paints the picture of the pair, unless CACHE has it. Returns the path. None: no learned style of the painting."""
    photo, painting = pair
    options = RECIPES[recipe]
    if '{learned}' in options and painting.stem not in learned:
        return None
    picture = pathlib.Path(args.cache) / f'{recipe}-{args.size}' / f'{photo.stem}-{painting.stem}.png'
    if not picture.exists():
        picture.parent.mkdir(parents=True, exist_ok=True)
        inputs = [photo] if '{learned}' in options else [photo, painting]
        options = [option.replace('{learned}', painting.stem) for option in options]
        subprocess.run([args.reverie, 'style', *inputs, '-o', picture, '--size', str(args.size), '--quiet', *options], check=True)
    return picture


def mean_and_interval(values, digits):
    """The mean over the pairs and its 95 % confidence interval."""
    draws = np.random.default_rng(1).integers(len(values), size=(N_RESAMPLES, len(values)))
    low, high = np.percentile(values[draws].mean(1), (2.5, 97.5))
    return f'{values.mean():.{digits}f} ({low:.{digits}f} to {high:.{digits}f})'


def print_table(columns):
    """One row for each figure. @columns: heading and figures [pairs, figures] of each."""
    print('| | ' + ' | '.join(heading for heading, _ in columns) + ' |\n|---|' + '---|' * len(columns))
    for i, (_, digits, title) in enumerate(FIGURES):
        cells = [mean_and_interval(figures[:, i], digits) for _, figures in columns]
        print(f'| {title} | ' + ' | '.join(cells) + ' |')
    print()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('reverie')
    parser.add_argument('cache')
    parser.add_argument('--photos', nargs='+', required=True, help='photographs, or folders of them')
    parser.add_argument('--paintings', nargs='+', required=True, help='paintings, or folders of them')
    parser.add_argument('--squeezenet', required=True, help='weights of SqueezeNet v1.1, safetensors')
    parser.add_argument('--recipes', default='gallery1,gallery', help=f'comma-separated: {", ".join(RECIPES)} [gallery1,gallery]')
    parser.add_argument('-p', type=int, default=12, help='number of photographs [12]')
    parser.add_argument('-q', type=int, default=12, help='number of paintings [12]')
    parser.add_argument('--pairs', type=int, help='number of pairs, balanced [all]')
    parser.add_argument('--size', type=int, default=512, help='longest side [512]')
    parser.add_argument('--each', action='store_true', help='also print the figures of each picture')
    args = parser.parse_args()
    net = SqueezeNet(args.squeezenet)
    listed = subprocess.run([args.reverie, 'learn', '--list'], check=True, capture_output=True, text=True).stdout
    learned = [line.split()[0] for line in listed.splitlines() if line]
    pairs = balanced_pairs(pictures(args.photos, args.p), pictures(args.paintings, args.q), args.pairs)
    judged = {}
    for recipe in args.recipes.split(','):
        judged[recipe] = {}
        for pair in pairs:
            picture = paint(args, recipe, pair, learned)
            if picture:
                figures = judged[recipe][pair] = judge(net, picture, *pair, args.size)
                if args.each:
                    print(recipe, pair[0].stem, pair[1].stem, *(f'{x:.4f}' for x in figures), flush=True)
    first, *others = judged
    print_table([(f'{recipe}, {len(of)} pairs', np.array(list(of.values()))) for recipe, of in judged.items()])
    if others:
        both = {recipe: [pair for pair in pairs if pair in judged[recipe] and pair in judged[first]] for recipe in others}
        print_table([(f'{recipe} - {first}, {len(both[recipe])} pairs',
                      np.array([np.subtract(judged[recipe][pair], judged[first][pair]) for pair in both[recipe]])) for recipe in others])


if __name__ == '__main__':
    main()
