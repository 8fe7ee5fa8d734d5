#!/usr/bin/env python3
"""teach-styles.py PAINTER START PAINTINGS PHOTOS OUT SECONDS -- trains the styles of a style network again, with
PyTorch on a GPU.

PAINTER is a style network of learn-painter.sh. Its styles look like tinted photographs, because its content loss
compares the picture with the photograph's own features. In this script, the content loss compares the picture with
matches among the painting's features, as the preset `gallery` does:

  q <- a (l(y) + x - l(x)) + (1 - a) x     x: a photograph's crop; y: the network's picture of it; l: half the size, enlarged
  T <- OWN F(x) + (1 - OWN) the most similar position of the painting, for each position of q (src/method/objective/match.h)
  L = style + 0.5 style at half size + 2 |F - T|^2 / |T|^2 + 1e-4 tv + TONE |t(y) - t(x)|^2, t: light and dark in squares of
      8 x 8 pixels; on a quarter of the batches 30 steadiness; from half-way also, for the ten layers from conv1_1 to
      conv4_3, the mean of 1 - cos to the nearest feature

A style network trained with this loss alone loses faces and the photograph's light. Therefore OUT is a mixture: weights
and styles are (1 - MIX) PAINTER + MIX trained. Training begins at START.

The built-in styles were made in three steps:
  1. START = PAINTER, OWN = TONE = 0, MIX = 0.65; 595 s of an H100, 10,600 steps of 24 crops
  2. START = OUT of step 1, OWN, TONE and MIX as below; 480 s of an H200 that two other runs shared, 2,500 steps
  3. delaunay-portrait, hokusai-wave, mondrian-tree, monet-water-lilies, picabia-udnie and turner-shipwreck, which had
     lost the photograph's colours, again with the convolutions of step 2: reverie learn ... --from OUT --content-target
     own --content-weight 0.4 --style-scale 1.35 --time 25m --threads 1

Needs torch, numpy, pillow.
"""
import glob
import json
import math
import os
import struct
import sys
import time

import numpy as np
import torch
from PIL import Image
from torch.nn import functional as F

DEVICE = 'cuda' if torch.cuda.is_available() else 'cpu'
TYPE = torch.bfloat16 if DEVICE == 'cuda' else torch.float32
HERE = os.path.dirname(os.path.abspath(__file__))
GRAM = {'conv1_1': 1, 'conv2_1': 1, 'conv3_1': 1, 'conv4_1': 0.5, 'conv5_1': 0.25}
MATCHED = ['conv3_1', 'conv3_2', 'conv3_3', 'conv4_1', 'conv4_2', 'conv4_3']
NEAREST = ['conv1_1', 'conv1_2', 'conv2_1', 'conv2_2', *MATCHED]
LAYERS = ([('down1', 3, 16, 9), ('down2', 16, 32, 3), ('down3', 32, 64, 3)] +
          [(f'block{b}.{half}', 64, 64, 3) for b in range(1, 6) for half in 'ab'] +
          [('up1', 64, 32, 3), ('up2', 32, 16, 3), ('out', 16, 3, 9)])
SIDE, PER_STYLE, BANK, SAMPLES, HELD_BACK = 256, 2, 8192, 4096, 12
PAINTING_PX = SIDE * 4 / 3 * 1.125 * 1.35
RATE, STYLE_RATE, WARM_UP, EMA = 1e-3, 2e-3, 50, 0.998
QUERY, TARGET, HALF_SIZE, TV, STEADINESS, NEAREST_WEIGHT, LATE_STYLE = 0.5, 2, 0.5, 1e-4, 30, 1, 1.5
OWN, TONE, MIX = 0.2, 1, 0.7
NEAREST_FROM, QUANTISED_FROM = 0.5, 0.7  # fractions of the training time


def load(path):
    data = open(path, 'rb').read()
    size, = struct.unpack('<Q', data[:8])
    header = json.loads(data[8:8 + size])
    types = {'I8': np.int8, 'U8': np.uint8, 'F32': np.float32}

    def tensor(entry):
        a, b = entry['data_offsets']
        return np.frombuffer(data[8 + size + a:8 + size + b], types[entry['dtype']]).reshape(entry['shape'])
    metadata = header.pop('__metadata__', {})
    return {name: tensor(entry) for name, entry in header.items()}, metadata


def weight(tensors, name):
    scale = tensors[name + '.weight_scale'].reshape(-1, 1, 1, 1)
    return torch.tensor(tensors[name + '.weight'].astype(np.float32) * scale, device=DEVICE)


def save(path, painter, weights, bias, styles, names):
    tensors, metadata = painter
    made = dict(tensors)
    for name, *_ in LAYERS:
        w = weights[name].detach().float().cpu().numpy()
        scale = np.abs(w).max((1, 2, 3)) / 127
        scale[scale == 0] = 1
        made[name + '.weight_scale'] = scale.astype(np.float32)
        made[name + '.weight'] = np.clip(np.rint(w / scale.reshape(-1, 1, 1, 1)), -127, 127).astype(np.int8)
    made['out.bias'] = bias.detach().float().cpu().numpy()
    for name, style in zip(names, styles):
        made['style.' + name] = style.detach().float().cpu().numpy()
    types, header, at = {'float32': 'F32', 'int8': 'I8', 'uint8': 'U8'}, {'__metadata__': metadata}, 0
    order = sorted(made, key=lambda name: -made[name].dtype.itemsize)
    for name in order:
        header[name] = {'dtype': types[str(made[name].dtype)], 'shape': list(made[name].shape),
                        'data_offsets': [at, at + made[name].nbytes]}
        at += made[name].nbytes
    text = json.dumps(header, separators=(',', ':')).encode()
    text += b' ' * (-len(text) % 8)
    with open(path, 'wb') as file:
        file.write(struct.pack('<Q', len(text)) + text + b''.join(made[name].tobytes() for name in order))


# ---- networks


def builtin_network():
    tensors, _ = load(HERE + '/../data/builtin.safetensors')
    for block, n in enumerate((2, 2, 3, 3, 1)):
        for i in range(n):
            name = f'conv{block + 1}_{i + 1}'
            w = weight(tensors, name).to(TYPE).contiguous(memory_format=torch.channels_last)
            yield name, w, torch.tensor(tensors[name + '.bias'], device=DEVICE, dtype=TYPE)
        yield None, None, None


def features(x, last='conv5_1'):
    x, found = (x - torch.tensor([123.68, 116.779, 103.939], device=DEVICE).view(1, 3, 1, 1)) / 58, {}
    x = x.to(TYPE).contiguous(memory_format=torch.channels_last)
    for k, (name, w, b) in enumerate(NETWORK):
        if name is None:
            x = F.avg_pool2d(x, 2)
            continue
        x = F.relu(F.conv2d(F.pad(x, (1,) * 4, mode='replicate'), w, b) if k == 0 else F.conv2d(x, w, b, padding=1))
        found[name] = x
        if name == last:
            break
    return found


def norm(x, scale, shift):
    variance, mean = torch.var_mean(x.float(), (2, 3), correction=0, keepdim=True)
    return ((x.float() - mean) * torch.rsqrt(variance + 1e-3) * scale + shift).to(x.dtype)


if DEVICE == 'cuda':
    norm = torch.compile(norm, dynamic=False)


def paint(weights, bias, numbers, x):
    first = 0

    def conv(x, name, stride=1, bias=None):
        k = weights[name].shape[-1] // 2
        return F.conv2d(F.pad(x, (k,) * 4, mode='reflect'), weights[name].to(TYPE), bias, stride=stride)

    def normed(x):
        nonlocal first
        c = x.shape[1]
        first += c
        return norm(x, numbers[:, 0, first - c:first, None, None], numbers[:, 1, first - c:first, None, None])
    x = ((x - 127.5) / 58).to(TYPE).contiguous(memory_format=torch.channels_last)
    for name, stride in ('down1', 1), ('down2', 2), ('down3', 2):
        x = F.relu(normed(conv(x, name, stride)))
    for b in range(1, 6):
        x = x + normed(conv(F.relu(normed(conv(x, f'block{b}.a'))), f'block{b}.b'))
    for name in 'up1', 'up2':
        x = F.relu(normed(conv(F.interpolate(x, scale_factor=2, mode='nearest'), name)))
    return 275 * torch.sigmoid(conv(x, 'out', bias=bias.to(TYPE)).float() / 2) - 10


def quantised(w):
    """Returns w rounded as in the file. The gradient passes to w unchanged."""
    scale = w.detach().abs().amax((1, 2, 3), keepdim=True).clamp_min(1e-12) / 127
    return w + ((w / scale).round() * scale - w).detach()


# ---- photographs


def read(path, longest=None):
    image = Image.open(path).convert('RGB')
    if longest and max(image.size) > longest:
        factor = longest / max(image.size)
        image = image.resize((round(image.width * factor), round(image.height * factor)), Image.LANCZOS)
    return torch.tensor(np.asarray(image).copy(), device=DEVICE).permute(2, 0, 1)


def crops(photos, n, rng):
    for _ in range(n):
        photo, side = photos[rng.integers(len(photos))], SIDE
        if rng.random() < 0.5:
            side = round(SIDE / (1 + rng.random()))
        y, x = (rng.integers(photo.shape[k] - side + 1) for k in (1, 2))
        crop = photo[None, :, y:y + side, x:x + side].float()
        if side != SIDE:
            crop = F.interpolate(crop, size=(SIDE, SIDE), mode='bilinear', align_corners=False)
        yield crop.flip(3) if rng.random() < 0.5 else crop


def grain(n, deviation=7.0):
    """Grain of n pictures, as in src/method/style-net/grain.c."""
    taps = torch.exp(-torch.arange(-9, 10, device=DEVICE) ** 2 / 18.0)
    taps = taps / taps.sum()
    noise = torch.rand(n, 1, SIDE + 18, SIDE + 18, device=DEVICE) * 2 - 1
    noise = F.conv2d(F.conv2d(noise, taps.view(1, 1, 1, -1)), taps.view(1, 1, -1, 1))
    return noise * (deviation / ((1 / 3) ** 0.5 * (taps ** 2).sum()))


def motion(n):
    """Random motion fields, [n, 2, SIDE, SIDE], px, as in src/method/style-net/photos.c."""
    control = 8 * torch.randn(n, 2, 5, 5, device=DEVICE) + 10 * (2 * torch.rand(n, 2, 1, 1, device=DEVICE) - 1)
    return F.interpolate(control, size=(SIDE, SIDE), mode='bilinear', align_corners=True)


def warp(x, field):
    at = torch.arange(SIDE, device=DEVICE)
    y, x_ = torch.meshgrid(at, at, indexing='ij')
    u, v = x_ + field[:, 0], y + field[:, 1]
    inside = (u >= 0) & (u <= SIDE - 1) & (v >= 0) & (v <= SIDE - 1)
    grid = torch.stack([u, v], -1) / (SIDE - 1) * 2 - 1
    return F.grid_sample(x, grid, align_corners=True, padding_mode='border'), inside[:, None]


# ---- losses


def gram(f):
    f = f.flatten(2).float()
    return f @ f.transpose(1, 2) / f.shape[2]


def relative(x, target):
    axes = tuple(range(1, x.dim()))
    return (((x.float() - target) ** 2).sum(axes) / (target ** 2).sum(axes)).mean()


def style_loss(found, grams):
    return sum(w * relative(gram(found[n]), grams[n]) for n, w in GRAM.items())


def hypercolumns(found):
    size = found['conv3_1'].shape[2:]
    parts = [F.interpolate(found[n].float() / found[n].shape[1], size=size, mode='bilinear', align_corners=False) for n in MATCHED]
    return torch.cat(parts, 1).flatten(2).transpose(1, 2)


def directions(rows):
    return F.normalize(rows - rows.mean(1, keepdim=True), dim=2)


def best(query, bank):
    """The rows of bank [styles, rows, channels] most similar to those of query [pictures, rows, channels]."""
    flat = directions(query).reshape(len(bank), -1, query.shape[2]).to(TYPE)
    index = torch.bmm(flat, directions(bank).to(TYPE).transpose(1, 2)).argmax(2)
    return torch.gather(bank, 1, index[..., None].expand(-1, -1, bank.shape[2])).view(query.shape)


def tones(x):
    """Light and dark in squares of 8 x 8 pixels, in standard deviations."""
    luma = F.avg_pool2d((x * torch.tensor([0.299, 0.587, 0.114], device=DEVICE).view(1, 3, 1, 1)).sum(1, keepdim=True), 8)
    variance, mean = torch.var_mean(luma, (1, 2, 3), correction=0, keepdim=True)
    return (luma - mean) / (variance.sqrt() + 8)


def halved(x):
    return F.interpolate(F.avg_pool2d(x, 2), size=x.shape[2:], mode='bilinear', align_corners=False)


@torch.no_grad()
def targets(x, y, bank):
    own = features(x, 'conv4_3')
    query = QUERY * (halved(y) + x - halved(x)) + (1 - QUERY) * x
    found = features(query, 'conv4_3')
    matches, first = best(hypercolumns(found), bank).transpose(1, 2), 0
    for name in MATCHED:
        n, side = found[name].shape[1:3]
        t = matches[:, first:first + n].reshape(len(x), n, SIDE // 4, SIDE // 4) * n
        yield name, OWN * own[name].float() + (1 - OWN) * F.avg_pool2d(t, SIDE // 4 // side)
        first += n


def nearest_loss(found, samples, rng):
    loss = 0
    for name in NEAREST:
        stride = max(1, found[name].shape[3] // 64)
        y, x = rng.integers(stride), rng.integers(stride)
        rows = found[name][:, :, y::stride, x::stride].flatten(2).transpose(1, 2).float()
        with torch.no_grad():
            bank = torch.stack([s[name][torch.randint(len(s[name]), (SAMPLES,), device=DEVICE)] for s in samples])
            want = best(rows, directions(bank))
        loss = loss + (1 - (directions(rows) * want).sum(2)).mean()
    return loss


def main(painter_path, start_path, paintings, photographs, out, seconds):
    painter, start = load(painter_path), load(start_path)
    names = painter[1]['styles'].split(',')
    old, begun = ({**{name: weight(tensors, name) for name, *_ in LAYERS},
                   'bias': torch.tensor(tensors['out.bias'], device=DEVICE),
                   'styles': torch.stack([torch.tensor(tensors['style.' + name], device=DEVICE) for name in names])}
                  for tensors, _ in (painter, start))
    now = {name: value.clone().requires_grad_() for name, value in begun.items()}
    mean = {name: value.clone() for name, value in begun.items()}
    shared = [value for name, value in now.items() if name != 'styles']
    optimiser = torch.optim.Adam([{'params': shared, 'lr': RATE}, {'params': [now['styles']], 'lr': STYLE_RATE}])
    rates = [group['lr'] for group in optimiser.param_groups]

    grams, half_grams, banks, samples = [], [], [], []
    for name in names:
        picture = read(f'{paintings}/{name}.jpg', PAINTING_PX)[None].float()
        with torch.no_grad():
            grams.append({n: gram(f) for n, f in features(picture).items() if n in GRAM})
            half_grams.append({n: gram(f) for n, f in features(F.avg_pool2d(picture, 2)).items() if n in GRAM})
            rotated = [features(torch.rot90(picture, k, (2, 3)), 'conv4_3') for k in range(4)]
            rows = torch.cat([hypercolumns(f)[0] for f in rotated])
            banks.append(rows[torch.randint(len(rows), (BANK,), device=DEVICE)])
            samples.append({n: torch.cat([f[n][0].flatten(1).T.float() for f in rotated]) for n in NEAREST})
    banks = torch.stack(banks)
    grams, half_grams = ({n: torch.cat([g[n] for g in all_]).repeat_interleave(PER_STYLE, 0) for n in GRAM} for all_ in (grams, half_grams))

    files = sorted(glob.glob(photographs + '/*'))[:-HELD_BACK]
    photos = [p for p in map(read, files) if min(p.shape[1:]) >= SIDE]
    rng, n = np.random.default_rng(0), PER_STYLE * len(names)
    style = torch.arange(len(names), device=DEVICE).repeat_interleave(PER_STYLE)
    began, step = time.time(), 0
    while (part := (time.time() - began) / seconds) < 1:
        for group, rate in zip(optimiser.param_groups, rates):
            group['lr'] = rate * min(1, (step + 1) / WARM_UP) * (0.03 + 0.97 * 0.5 * (1 + math.cos(math.pi * part)))
        x, seen = torch.cat(list(crops(photos, n, rng))), grain(n)
        steady = step % 4 == 3
        if steady:  # picture 2 i + 1 is picture 2 i, moved
            field = motion(n // 2)
            x[1::2], _ = warp(x[::2].clone(), field)
            x[1::2] += 2 * torch.randn_like(x[1::2])
            seen[1::2], _ = warp(seen[::2].clone(), field)
        weights = {name: quantised(now[name]) if part > QUANTISED_FROM else now[name] for name, *_ in LAYERS}
        y = paint(weights, now['bias'], now['styles'][style], x + seen)
        found = features(y)
        looks = style_loss(found, grams) + HALF_SIZE * style_loss(features(F.avg_pool2d(y, 2)), half_grams)
        content = sum(relative(found[name], t) for name, t in targets(x, y.detach(), banks)) / len(MATCHED)
        tv = ((y[:, :, 1:] - y[:, :, :-1]) ** 2).mean() + ((y[..., 1:] - y[..., :-1]) ** 2).mean()
        late = part > NEAREST_FROM
        tone = ((tones(y) - tones(x)) ** 2).mean()
        loss = (LATE_STYLE if late else 1) * looks + TARGET * content + TV * tv + TONE * tone
        if late:
            loss = loss + NEAREST_WEIGHT * nearest_loss(found, samples, rng)
        if steady:
            moved, inside = warp(y[::2], field)
            loss = loss + STEADINESS * (((moved - y[1::2]) / 255) ** 2 * inside).mean()
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
        step += 1
        with torch.no_grad():
            for name, value in mean.items():
                value.lerp_(now[name], 1 - min(EMA, (step + 1) / (step + 10)))
        if step % 100 == 0:
            print(step, f'{time.time() - began:.0f} s', *(f'{v.item():.4g}' for v in (loss, looks, content, tv, tone)), flush=True)
    mixed = {name: (1 - MIX) * old[name] + MIX * mean[name] for name in old}
    save(out, painter, mixed, mixed['bias'], mixed['styles'], names)


if len(sys.argv) != 7:
    sys.exit(__doc__)
torch.manual_seed(0)
NETWORK = list(builtin_network())[:-1]
main(*sys.argv[1:6], float(sys.argv[6]))
