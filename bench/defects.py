#!/usr/bin/env python3
"""defects.py REVERIE PICTURES [OUT] -- measures the detection of defects. Makes sets of textures and parts from
photographs, with six kinds of defects at four sizes. Prints the area under the ROC curve (AUROC) of whole pictures for
three methods: `reverie vae train --kind patches`; a plain VAE; scikit-learn's nearest neighbours on the same features
without a coreset. PICTURES: folders of pictures, and pictures, separated by colons; each picture gives one set. Needs
numpy, Pillow, scikit-learn, and the package reverie (bindings/python). Without scikit-learn or reverie, the column of
scikit-learn is nan. OUT keeps the sets."""
import csv, os, subprocess, sys, tempfile
import numpy as np
from PIL import Image, ImageDraw, ImageFilter

SIDE = 256                      # px of a picture
SIZES = [13, 21, 32, 51]        # px of a defect
N_TRAIN, N_USUAL, N_EACH = 30, 20, 2


def usual(photo, is_texture, rng):
    """Returns a usual picture. Texture: a random crop from its middle. Part: all of it, with the jitter of a camera."""
    side = min(photo.size)
    if is_texture:
        crop = int(side * rng.uniform(0.34, 0.36))
        x, y = np.array(photo.size) // 2 - side // 4 + rng.integers(0, side // 2 - crop, 2)
        picture = photo.crop((x, y, x + crop, y + crop))
    else:
        x, y = (photo.width - side) / 2 + rng.uniform(-0.01, 0.01) * side, (photo.height - side) / 2
        picture = photo.rotate(rng.uniform(-1.5, 1.5), Image.BICUBIC).crop((x + side * .05, y + side * .05, x + side * .95,
                                                                           y + side * .95))
    values = np.asarray(picture.resize((SIDE, SIDE), Image.LANCZOS), float) * rng.uniform(0.95, 1.05)
    return Image.fromarray(np.clip(values + rng.normal(0, 2, values.shape), 0, 255).astype(np.uint8))


def place(picture, size, rng):
    """Returns the top left corner of the square with the most contrast, of eight random ones. A plain area would show
    no blur."""
    grey = np.asarray(picture.convert('L'), float)
    corners = rng.integers(4, SIDE - size - 4, (8, 2))
    return max(corners, key=lambda c: grey[c[1]:c[1] + size, c[0]:c[0] + size].std())


def damage(picture, kind, size, rng):
    """Returns a copy of the picture with a defect of about size px."""
    x, y = map(int, place(picture, size, rng))
    box, picture = (x, y, x + size, y + size), picture.copy()
    mask = Image.new('L', (SIDE, SIDE))
    ImageDraw.Draw(mask).ellipse(box, fill=255)
    soft = mask.filter(ImageFilter.GaussianBlur(size / 12))
    local = np.asarray(picture.crop(box), float).mean()
    tone = 40 if local > 128 else 215
    if kind == 'scratch':
        angle, middle = rng.uniform(0, np.pi), np.array([x, y]) + size / 2
        ends = [tuple(middle + s * size * np.array([np.cos(angle), np.sin(angle)])) for s in (-1, 1)]
        ImageDraw.Draw(picture).line(ends, (tone,) * 3, max(size // 12, 1))
    elif kind == 'spot':
        picture.paste((tone, tone, tone), (0, 0), soft.point(lambda v: v * 0.7))
    elif kind == 'missing':
        picture.paste(tuple(map(int, np.asarray(picture).reshape(-1, 3).mean(0))), (0, 0), mask)
    elif kind == 'shift':
        d = size // 2 if x + size + size // 2 < SIDE else -(size // 2)
        picture.paste(picture.crop((x + d, y, x + d + size, y + size)), (x, y))
    elif kind == 'blur':
        picture.paste(picture.filter(ImageFilter.GaussianBlur(max(size / 8, 2))), (0, 0), soft)
    elif kind == 'color':
        r, g, b = picture.split()
        other = np.asarray(Image.merge('RGB', (b, r, g)), float) * 0.8 + np.array([60, 0, 30])
        picture.paste(Image.fromarray(np.clip(other, 0, 255).astype(np.uint8)), (0, 0), soft)
    return picture


KINDS = ['scratch', 'spot', 'missing', 'shift', 'blur', 'color']


def make(photo, is_texture, folder, rng):
    """Writes a set: train/, and test/ with names KIND-SIZE-N.png."""
    for part in ('train', 'test'):
        os.makedirs(f'{folder}/{part}', exist_ok=True)
    for i in range(N_TRAIN):
        usual(photo, is_texture, rng).save(f'{folder}/train/{i:03}.png')
    for i in range(N_USUAL):
        usual(photo, is_texture, rng).save(f'{folder}/test/usual-0-{i:02}.png')
    for kind in KINDS:
        for size in SIZES:
            for i in range(N_EACH):
                picture = damage(usual(photo, is_texture, rng), kind, size, rng)
                picture.save(f'{folder}/test/{kind}-{size}-{i}.png')


def auroc(scores, names, kind=None, size=None):
    """Fraction of the pairs (defect, usual picture) in which the defect has the higher score; ties count half."""
    good = np.array([s for s, n in zip(scores, names) if n.startswith('usual')])
    bad = np.array([s for s, n in zip(scores, names) if not n.startswith('usual') and
                    (kind is None or n.startswith(kind + '-')) and (size is None or n.split('-')[1] == str(size))])
    return ((bad[:, None] > good).mean() + (bad[:, None] == good).mean() / 2)


def scores_of(reverie, folder, train, *options):
    """Trains a model with `options`. Returns its scores of the test pictures, and their file names."""
    run = lambda *args: subprocess.run([reverie, 'vae', *args, '-f', '-q'], check=True, stderr=subprocess.DEVNULL)
    if train:
        run('train', f'{folder}/train', '-o', f'{folder}/{train}.safetensors', *options)
    extra = ['--sheet', f'{folder}/sheet-{train}.png', '--map', f'{folder}/maps-{train}/{{name}}.png']
    run('score', f'{folder}/{train}.safetensors', f'{folder}/test', '-o', f'{folder}/{train}.csv', *extra)
    rows = list(csv.DictReader(open(f'{folder}/{train}.csv')))
    return [float(row['score']) for row in rows], [os.path.basename(row['file']) for row in rows]


def neighbours(folder, names):
    """Scores by scikit-learn: distance of the farthest position from its nearest neighbour; None: not installed."""
    try:
        import reverie
        from sklearn.neighbors import NearestNeighbors
    except ImportError:
        return None
    net = reverie.Network()

    def features(file):
        found = net.features(file, ['conv3_3', 'conv4_3'])
        fine, coarse = (np.asarray(values).reshape(values.shape[-3:]) for values in found.values())
        rows, cols = coarse.shape[1:]
        fine = fine[:, :2 * rows, :2 * cols].reshape(len(fine), rows, 2, cols, 2).mean((2, 4))
        both = np.concatenate([fine, coarse])
        sums, count = np.zeros_like(both), np.zeros(both.shape[1:])
        for dy in (-1, 0, 1):
            for dx in (-1, 0, 1):
                to = np.s_[max(dy, 0):rows + min(dy, 0), max(dx, 0):cols + min(dx, 0)]
                at = np.s_[max(-dy, 0):rows + min(-dy, 0), max(-dx, 0):cols + min(-dx, 0)]
                sums[:, to[0], to[1]] += both[:, at[0], at[1]]
                count[to] += 1
        return (sums / count).reshape(len(both), -1).T
    train = sorted(os.listdir(f'{folder}/train'))
    bank = np.concatenate([features(f'{folder}/train/{n}') for i, n in enumerate(train) if i % 5 != 4])
    index = NearestNeighbors(n_neighbors=1, algorithm='brute').fit(bank)
    return [index.kneighbors(features(f'{folder}/test/{n}'))[0].max() for n in names]


def main():
    reverie = os.path.realpath(sys.argv[1])
    out = sys.argv[3] if len(sys.argv) > 3 else tempfile.mkdtemp()
    files = [os.path.join(f, n) for f in sys.argv[2].split(':') if os.path.isdir(f) for n in sorted(os.listdir(f))] + \
            [f for f in sys.argv[2].split(':') if os.path.isfile(f)]
    means = []
    print(f"{'set':24}{'patches':>9}{'VAE':>9}{'sklearn':>9}   patches by kind ({', '.join(KINDS)}); by size {SIZES}")
    for k, file in enumerate(files):
        name = os.path.splitext(os.path.basename(file))[0][-22:]
        folder, rng = f'{out}/{name}', np.random.default_rng(k)
        is_texture = 'paintings' in file or 'texture' in file
        photo = Image.open(file).convert('RGB')
        make(photo, is_texture, folder, rng)
        patches, names = scores_of(reverie, folder, 'patches', '--kind', 'patches')
        vae, _ = scores_of(reverie, folder, 'vae', '--size', '64', '--latent', '32', '--epochs', '80', '--likelihood',
                           'gaussian', '--sigma', '0.1', '--batch', '9', '--save-every', '80')
        peer = neighbours(folder, names)
        row = [auroc(patches, names), auroc(vae, names), auroc(peer, names) if peer else np.nan]
        means.append(row)
        kinds = ' '.join(f'{auroc(patches, names, kind):.2f}' for kind in KINDS)
        sizes = ' '.join(f'{auroc(patches, names, None, size):.2f}' for size in SIZES)
        print(f'{name:24}' + ''.join(f'{v:9.3f}' for v in row) + f'   {kinds}; {sizes}', flush=True)
    print(f"{'mean':24}" + ''.join(f'{v:9.3f}' for v in np.mean(means, 0)))


main()
