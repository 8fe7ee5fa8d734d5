"""formula.py -- weights and pictures that are computed by formulas, the same as in tests/support/formula.c.

The number of (name, element), in -1..1, is SplitMix64's mixing of hash + (element + 1) * GOLDEN, where hash is the
FNV-1a hash of the name.
Weights are He-scaled, so that activations keep their size from layer to layer: gain * sqrt (6 / fan_in) * number.
"""
import math

import numpy as np

GOLDEN = np.uint64(0x9E3779B97F4A7C15)


def hash_name(name):
    h = 0xCBF29CE484222325
    for byte in name.encode("latin1"):
        h = ((h ^ byte) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    return np.uint64(h)


def mix(z):
    with np.errstate(over='ignore'):
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return z ^ (z >> np.uint64(31))


def bits(name, elements):
    with np.errstate(over='ignore'):
        return mix(hash_name(name) + (np.asarray(elements, np.uint64) + np.uint64(1)) * GOLDEN)


def numbers(name, count):
    """@count numbers in -1..1, multiples of 2^-23, which f32 stores exactly."""
    return (bits(name, np.arange(count)) >> np.uint64(40)).astype(np.float64) / 2 ** 23 - 1


VGG = {'vgg16': (2, 2, 3, 3, 3), 'vgg19': (2, 2, 4, 4, 4)}
CHANNELS = (64, 128, 256, 512, 512)


def vgg_convs(network):
    """Yields (name, input channels, output channels) of each convolution."""
    inputs = 3
    for block, n in enumerate(VGG[network]):
        for i in range(n):
            yield f'conv{block + 1}_{i + 1}', inputs, CHANNELS[block]
            inputs = CHANNELS[block]


def vgg_weights(network, gain=1.0, bias=1.0):
    """Weights by name, f32: kernels [out, in, rows, cols] and biases [out]. The biases are in -@bias..@bias."""
    weights = {}
    for name, inputs, outputs in vgg_convs(network):
        scale = np.float32(gain * math.sqrt(6 / (inputs * 9)))
        w = numbers(name + '.weight', outputs * inputs * 9).astype(np.float32) * scale
        weights[name + '.weight'] = w.reshape(outputs, inputs, 3, 3)
        weights[name + '.bias'] = numbers(name + '.bias', outputs).astype(np.float32) * np.float32(bias)
    return weights


def noise(name, cell, rows, cols):
    """8-bit value noise, computed in integers: random values every @cell px, interpolated bilinearly."""
    y, x = np.arange(rows), np.arange(cols)
    n = cols // cell + 2
    lattice = (bits(f'{name}/{cell}', np.arange((rows // cell + 2) * n)) >> np.uint64(56)).astype(np.int64).reshape(-1, n)
    fy, fx = (y % cell)[:, None], (x % cell)[None, :]
    iy, ix = (y // cell)[:, None], (x // cell)[None, :]
    total = ((cell - fy) * (cell - fx) * lattice[iy, ix] + (cell - fy) * fx * lattice[iy, ix + 1]
             + fy * (cell - fx) * lattice[iy + 1, ix] + fy * fx * lattice[iy + 1, ix + 1])
    return total // (cell * cell)


def picture(name, rows, cols):
    """RGB picture, uint8, [rows, cols, 3]: large shapes for the name `content`, fine shapes for any other name."""
    coarse, fine, share = (32, 4, 6) if name == 'content' else (8, 2, 3)
    planes = [(share * noise(f'{name}/{c}', coarse, rows, cols) + (8 - share) * noise(f'{name}/{c}', fine, rows, cols)) // 8
              for c in range(3)]
    return np.stack(planes, -1).astype(np.uint8)


def samples(name, count, n=200):
    """Indices of the @n elements, of @count, that a golden line contains."""
    return (bits('sample/' + name, np.arange(n)) % np.uint64(count)).astype(np.int64)


def golden_line(name, tensor):
    """Line of a golden file: name, number of elements, L2 norm, largest absolute value, 200 elements (samples())."""
    flat = np.asarray(tensor, np.float64).ravel()
    kept = flat[samples(name, flat.size)]
    return ' '.join([name, str(flat.size), f'{np.linalg.norm(flat):.9g}', f'{np.abs(flat).max():.7g}']
                    + [f'{v:.6g}' for v in kept])


def keras_weights(layer, name):
    """Weights of a Keras layer, in Keras's order of axes. Kernels are He-scaled; the statistics of a batch norm are not
    the default 0 and 1."""
    values = []
    for variable in layer.weights:
        kind = {'kernel': 'weight'}.get(variable.name, variable.name)
        shape = variable.shape
        n = numbers(f'{name}.{kind}', int(np.prod(shape)))
        if kind == 'weight':
            scale = np.float32(math.sqrt(6 / (shape[0] * shape[1] * shape[2])))
            w = n.astype(np.float32).reshape(shape[3], shape[2], shape[0], shape[1]) * scale
            values.append(w.transpose(2, 3, 1, 0))
            continue
        n = {'gamma': 1 + 0.3 * n, 'moving_variance': 1 + 0.5 * n}.get(kind, 0.2 * n)
        values.append(n.astype(np.float32))
    return values
