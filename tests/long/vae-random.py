#!/usr/bin/env python3
"""vae-random.py REVERIE [RUNS] [SEED] -- runs reverie vae train with random settings on twelve unusual data sets. Each
run ends with a model of finite numbers, or with an error message. Needs only Python's standard library. Prints TAP."""
import array, json, math, os, random, re, struct, subprocess, sys, tempfile, zlib

reverie = os.path.realpath(sys.argv[1])
n_runs = int(sys.argv[2]) if len(sys.argv) > 2 else 500
seed = int(sys.argv[3]) if len(sys.argv) > 3 else 1
here = tempfile.TemporaryDirectory()
os.chdir(here.name)
rng = random.Random(7)


def png(name, width, height, channels, row):
    """Writes a PNG. row(y) returns the bytes of row y."""
    def chunk(kind, data):
        return struct.pack('>I', len(data)) + kind + data + struct.pack('>I', zlib.crc32(kind + data))
    head = struct.pack('>IIBBBBB', width, height, 8, 2 if channels == 3 else 0, 0, 0, 0)
    data = zlib.compress(b''.join(b'\0' + row(y) for y in range(height)), 1)
    with open(name, 'wb') as file:
        file.write(b'\x89PNG\r\n\x1a\n' + chunk(b'IHDR', head) + chunk(b'IDAT', data) + chunk(b'IEND', b''))


def float_tiff(name, side, low, high):
    """Writes a grey TIFF of floats."""
    data = array.array('f', [rng.uniform(low, high) for _ in range(side * side)]).tobytes()
    tags = [(256, 4, side), (257, 4, side), (258, 3, 32), (259, 3, 1), (262, 3, 1), (273, 4, 8), (277, 3, 1),
            (278, 4, side), (279, 4, len(data)), (339, 3, 3)]
    with open(name, 'wb') as file:
        file.write(struct.pack('<2sHI', b'II', 42, 8 + len(data)) + data + struct.pack('<H', len(tags)))
        for tag, kind, value in tags:
            file.write(struct.pack('<HHII', tag, kind, 1, value))
        file.write(struct.pack('<I', 0))


def noise(width, channels):
    return lambda y: bytes(rng.randrange(256) for _ in range(width * channels))


def shade(width, channels, k):
    return lambda y: bytes((x * k + y * 3 + 40 * c) % 256 for x in range(width) for c in range(channels))


def flat(width, channels, value):
    return lambda y: bytes([value] * width * channels)


def many(folder, n, width, height, channels, row_of):
    os.makedirs(folder, exist_ok=True)
    for i in range(n):
        png(f'{folder}/p{i:02}.png', width, height, channels, row_of(i))


many('black', 9, 40, 40, 3, lambda i: flat(40, 3, 0))
many('white', 9, 40, 40, 3, lambda i: flat(40, 3, 255))
many('one', 1, 40, 40, 3, lambda i: shade(40, 3, 2))
os.makedirs('floats')
for k in range(6):
    float_tiff(f'floats/f{k}.tif', 32, *((-3, 40) if k < 3 else (0, 1)))
many('twelve', 12, 128, 128, 3, lambda i: shade(128, 3, i + 1))
many('duplicates', 20, 32, 32, 3, lambda i: shade(32, 3, 1 + i // 10))
many('mixed', 8, 40, 30, 1, lambda i: shade(40, 1, i + 1))
for k in range(8):
    png(f'mixed/c{k}.png', 30, 40, 3, shade(30, 3, k + 1))
many('flat', 8, 300, 1, 3, lambda i: shade(300, 3, i + 1))
many('broken', 6, 40, 40, 3, lambda i: shade(40, 3, i + 1))
open('broken/.hidden.png', 'wb').write(b'x')
open('broken/empty.png', 'wb').close()
open('broken/text.jpg', 'w').write('no picture')
open('broken/cut.png', 'wb').write(open('broken/p00.png', 'rb').read()[:60])
os.makedirs('broken/folder')
many('sizes', 3, 1, 1, 3, lambda i: flat(1, 3, 90 * i))
png('sizes/huge.png', 5000, 4000, 1, shade(5000, 1, 1))
png('sizes/long.png', 20000, 2, 1, shade(20000, 1, 1))
many('noise', 12, 33, 33, 3, lambda i: noise(33, 3))
many('two', 2, 40, 40, 3, lambda i: shade(40, 3, i + 1))
sets = ['black', 'white', 'one', 'floats', 'twelve', 'duplicates', 'mixed', 'flat', 'broken', 'sizes', 'noise', 'two']


def settings(rng):
    """Random options of a training, as arguments."""
    log = lambda low, high: f'{math.exp(rng.uniform(math.log(low), math.log(high))):.4g}'
    options = {'architecture': rng.choice(['conv', 'mlp']), 'latent': rng.choice([1, 2, 8, 33]),
               'width': rng.choice([1, 4, 16]), 'depth': rng.choice([1, 2, 3]), 'dense': rng.choice([1, 16]),
               'likelihood': rng.choice(['bernoulli', 'gaussian']), 'sigma': rng.choice(['learned', log(1e-4, 10)]),
               'binarize': rng.choice(['none', 'static', 'dynamic']), 'beta': rng.choice(['0', '1', log(1e-3, 1e6)]),
               'kl-warmup': rng.choice([0, 0.5, 2]), 'free-bits': rng.choice([0, 0.1, 5]),
               'objective': rng.choice(['elbo', 'iwae:1', 'iwae:4']), 'prior': rng.choice(['normal', 'gmm:1', 'gmm:9']),
               'epochs': rng.choice([1, 3, 8]), 'batch': rng.choice([1, 3, 128]), 'micro-batches': rng.choice([1, 2]),
               'learning-rate': log(1e-5, 10), 'validation': rng.choice([0, 0.1, 0.5]), 'seed': rng.randrange(99),
               'size': rng.choice([28, 32, 48, 64]), 'channels': rng.choice([1, 3])}
    chosen = {name: value for name, value in options.items() if rng.random() < 0.6}
    chosen['width'] = options['width']
    chosen['epochs'] = options['epochs']
    if 'iwae' in chosen.get('objective', ''):
        for name in ('beta', 'kl-warmup', 'free-bits'):  # refused together
            chosen.pop(name, None)
    return [part for name, value in chosen.items() for part in (f'--{name}', str(value))] + \
        rng.choice([[], ['--kl-cycles']])


def run(*args):
    return subprocess.run([reverie, 'vae', *args], capture_output=True, text=True, timeout=300)


def numbers(file):
    """Yields name and numbers of each tensor of a safetensors file."""
    data = open(file, 'rb').read()
    size = struct.unpack('<Q', data[:8])[0]
    for name, entry in json.loads(data[8:8 + size]).items():
        if name != '__metadata__':
            first, last = entry['data_offsets']
            yield name, array.array('f', data[8 + size + first:8 + size + last])


def fault(data, options):
    """Runs a training, and info and sample of its model. Returns a description of the fault (None: no fault), and the
    kind of result."""
    done = run('train', data, '-o', 'm.safetensors', '-f', '-q', *options)
    said = done.stderr.strip()
    if done.returncode in (1, 2):
        good = said.startswith('reverie: ') and re.search('[a-z]{3} [a-z]', said) and 'GLib' not in said
        return (None if good else 'no error in words: ' + said), 'refused: ' + said.splitlines()[-1][:70]
    if done.returncode != 0:
        return f'exit code {done.returncode}: {said[-300:]}', 'crash'
    for name, tensor in numbers('m.safetensors'):
        if not all(map(math.isfinite, tensor)):
            return f'{name} is not finite', 'not finite'
    info = run('info', 'm.safetensors')
    if info.returncode != 0 or re.search(r'\b-?(nan|inf)\b', info.stdout, re.I):
        return 'info: ' + info.stdout[-300:] + info.stderr, 'not finite'
    drawn = run('sample', 'm.safetensors', '-o', 's.png', '-n', '4', '-f', '-q')
    return (drawn.stderr if drawn.returncode else None), 'trained'


kinds = {}
for k in range(n_runs):
    own = random.Random(seed * 100003 + k)
    data, options = sets[k % len(sets)], settings(own)
    try:
        wrong, kind = fault(data, options)
    except subprocess.TimeoutExpired:
        wrong, kind = 'more than 300 s', 'slow'
    kinds[kind] = kinds.get(kind, 0) + 1
    print(f"{'not ok' if wrong else 'ok'} {k + 1} {data} {' '.join(options)}", flush=True)
    if wrong:
        print('# ' + wrong.replace('\n', '\n# '), flush=True)
for kind, n in sorted(kinds.items()):
    print(f'# {n} {kind}')
left_out = run('train', 'broken', '-o', 'b.safetensors', '-f', '-q', '--width', '4', '-e', '1').stderr
named = all(left_out.count(name) == 1 for name in ('empty.png', 'text.jpg', 'cut.png')) and '.hidden' not in left_out
print(f"{'ok' if named else 'not ok'} {n_runs + 1} what was left out is named once")
if not named:
    print('# ' + left_out.replace('\n', '\n# '))
print(f'1..{n_runs + 1}')
