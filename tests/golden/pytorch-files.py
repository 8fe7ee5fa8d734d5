"""pytorch-files.py FOLDER -- writes small weights files by the real PyTorch, and hostile files; numbers are from
formula.py.

The files are committed: tests/golden/pytorch-files. Needs torch and numpy.
"""
import collections
import os
import pickle
import sys
import zipfile

import torch

import formula

SHAPES = collections.OrderedDict([
    ('features.0.weight', (4, 3, 3, 3)), ('features.0.bias', (4,)), ('bn.weight', (4,)), ('bn.running_mean', (4,)),
    ('classifier.1.weight', (2, 3)), ('classifier.1.bias', (2,)), ('scalar', ()),
])


def tensor(name, shape, dtype=torch.float32):
    count = 1
    for size in shape:
        count *= size
    return torch.tensor(formula.numbers(name, count), dtype=dtype).reshape(shape)


def plain():
    state = collections.OrderedDict((name, tensor(name, shape)) for name, shape in SHAPES.items())
    state['bn.num_batches_tracked'] = torch.tensor(7)  # integers are not weights
    state['half'] = tensor('half', (5,), torch.float16)
    state['bfloat'] = tensor('bfloat', (5,), torch.bfloat16)
    state['double'] = tensor('double', (3, 2), torch.float64)
    state['turned'] = tensor('turned', (2, 3, 2, 4)).permute(3, 1, 0, 2)  # not in row-major order
    state['part'] = tensor('whole', (10,))[3:7]  # a view of a larger storage
    return state


class Run:
    def __init__(self, function, *args):
        self.call = function, args

    def __reduce__(self):
        return self.call


def rewrite(source, target, change, compression=zipfile.ZIP_STORED):
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, 'w', compression) as new:
        for name in old.namelist():
            data = old.read(name)
            new.writestr(name, change(data) if name.endswith('data.pkl') else data)


def rewrite_as_zip64(source, target):
    """Writes sizes and offsets in 64 bits, as in archives of more than 4 GB."""
    limit, zipfile.ZIP64_LIMIT = zipfile.ZIP64_LIMIT, 0
    rewrite(source, target, lambda data: data)
    zipfile.ZIP64_LIMIT = limit
    with open(target, 'r+b') as file:
        file.seek(-14, os.SEEK_END)
        file.write(b'\xff' * 12)  # number of members, size and offset of the directory: see the 64-bit record


def main(folder):
    def path(name):
        return os.path.join(folder, name)

    torch.manual_seed(0)
    torch.save(plain(), path('zip.pth'))
    rewrite_as_zip64(path('zip.pth'), path('zip64.pth'))
    torch.save(plain(), path('protocol5.pth'), pickle_protocol=5)
    torch.save(plain(), path('legacy.pth'), _use_new_zipfile_serialization=False)
    parameters = {name: torch.nn.Parameter(tensor(name, shape)) for name, shape in SHAPES.items()}
    torch.save(parameters, path('parameters.pth'))
    inner = collections.OrderedDict(('module.' + name, tensor(name, shape)) for name, shape in SHAPES.items())
    torch.save({'epoch': 3, 'loss': 0.5, 'done': False, 'note': None, 'state_dict': inner,
                'optimizer': {'lr': 1e-3, 'state': {0: {'step': torch.tensor(4.0)}}, 'names': ['a', 'b']}},
               path('checkpoint.pth'))

    torch.save({'a': Run(os.system, 'touch hostile')}, path('hostile-system.pth'))
    torch.save({'a': Run(eval, '1')}, path('hostile-eval.pth'), pickle_protocol=4)
    torch.save({'a': Run(os.system, 'touch hostile')}, path('hostile-legacy.pth'), _use_new_zipfile_serialization=False)
    torch.save(torch.nn.Linear(2, 2), path('hostile-model.pth'))
    torch.save({'a': torch.zeros(1).expand(1000000, 1000000)}, path('hostile-expanded.pth'))
    torch.save({'a': torch._neg_view(torch.ones(2))}, path('hostile-negated.pth'))
    for kind in 'complex64', 'int64', 'bool', 'uint16', 'complex32':
        torch.save({'a': torch.zeros(2).to(getattr(torch, kind))}, path(f'hostile-{kind}.pth'))
    torch.save({'a': torch.zeros(4, 5)}, path('small.pth'))
    torch.jit.script(torch.nn.ReLU()).save(path('hostile-script.pth'))
    names = torch.zeros(1)  # 10^5 names of 500 bytes
    for _ in range(5):
        names = {str(i) + 'n' * 99: names for i in range(10)}
    torch.save(names, path('hostile-names.pth'))
    rewrite(path('small.pth'), path('hostile-outside.pth'), lambda data: data.replace(b'K\x04K\x05', b'K\xc8K\x05'))
    rewrite(path('small.pth'), path('hostile-packed.pth'), lambda data: data, zipfile.ZIP_DEFLATED)
    os.remove(path('small.pth'))


if __name__ == '__main__':
    main(sys.argv[1])
