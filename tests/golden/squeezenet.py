#!/usr/bin/env python3
"""squeezenet.py WEIGHTS FOLDER > squeezenet.txt -- classes of labelled photographs by SqueezeNet v1.1, in numpy (f64
sums).

An independent forward pass of the same file: written from Iandola et al. 2016, not from our code. Each photograph is
resized to 256 px on the short side by nearest neighbour, source pixel floor((k + 0.5) * in / out). Its central 227 x
227 px are classified. Each line has: file, true class, top class, logit of the top class. Needs numpy and Pillow.
"""
import csv
import json
import struct
import sys

import numpy as np
from PIL import Image


def read(path):
    data = open(path, 'rb').read()
    n, = struct.unpack('<Q', data[:8])
    header = json.loads(data[8:8 + n])
    start = 8 + n
    return {name: np.frombuffer(data[start + e['data_offsets'][0]:start + e['data_offsets'][1]], '<f2')
            .reshape(e['shape']).astype(np.float64) for name, e in header.items() if name != '__metadata__'}


def conv(x, w, b, stride=1, pad=0):
    x = np.pad(x, ((0, 0), (pad, pad), (pad, pad)))
    o, _, u, v = w.shape
    rows, cols = (x.shape[1] - u) // stride + 1, (x.shape[2] - v) // stride + 1
    y = np.zeros((o, rows, cols))
    for i in range(u):
        for j in range(v):
            part = x[:, i:i + rows * stride:stride, j:j + cols * stride:stride][:, :rows, :cols]
            y += np.tensordot(w[:, :, i, j], part, 1)
    return y + b[:, None, None]


def pool(x):  # 3 x 3, stride 2, ceil
    h, w = x.shape[1:]
    rows, cols = -(-(h - 3) // 2) + 1, -(-(w - 3) // 2) + 1
    x = np.pad(x, ((0, 0), (0, 2), (0, 2)), constant_values=-np.inf)
    return np.max([x[:, i:i + 2 * rows:2, j:j + 2 * cols:2][:, :rows, :cols] for i in range(3) for j in range(3)], 0)


def relu(x):
    return np.maximum(x, 0)


def forward(weights, x):
    layer = lambda name, x, **k: conv(x, weights[name + '.weight'], weights[name + '.bias'], **k)
    x = pool(relu(layer('conv1', x, stride=2)))
    for k in range(2, 10):
        s = relu(layer(f'fire{k}.squeeze1x1', x))
        x = relu(np.concatenate([layer(f'fire{k}.expand1x1', s), layer(f'fire{k}.expand3x3', s, pad=1)]))
        if k in (3, 5):
            x = pool(x)
    return relu(layer('conv10', x)).mean((1, 2))


def photograph(path):
    pixels = np.asarray(Image.open(path).convert('RGB'))
    h, w = pixels.shape[:2]
    scale = 256 / min(h, w)
    rows, cols = round(h * scale), round(w * scale)
    pixels = pixels[np.floor((np.arange(rows) + 0.5) * h / rows).astype(int)]
    pixels = pixels[:, np.floor((np.arange(cols) + 0.5) * w / cols).astype(int)]
    top, left = (rows - 227) // 2, (cols - 227) // 2
    rgb = pixels[top:top + 227, left:left + 227].astype(np.float64).transpose(2, 0, 1)
    return rgb[::-1] - np.array([103.939, 116.779, 123.68])[:, None, None]


weights = read(sys.argv[1])
for row in csv.DictReader(open(sys.argv[2] + '/labels.csv')):
    logits = forward(weights, photograph(sys.argv[2] + '/' + row['file']))
    top = int(logits.argmax())
    print(row['file'], row['class_index'], top, '%.6f' % logits[top])
