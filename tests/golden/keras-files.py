#!/usr/bin/env python3
"""keras-files.py FOLDER -- writes one small weights file per layout by the real Keras, with formula weights.

  weights.h5            the layout of the published *_notop.h5
  split.h5              the same, `layer_names` in two parts, as Keras splits long lists
  model.h5              a whole model
  keras3.weights.h5     Keras 3
  unnamed.weights.h5    Keras 3 before it stored the layers' names: without the attribute `name`
  keras3.keras          Keras 3, a zip archive
  packed-config.keras   the same, with all members compressed but the weights

Keras numbers two layers itself, from 9 on; the network applies these two in reverse order. Needs keras, tensorflow-cpu
and h5py.
"""
import os
import shutil
import sys
import zipfile

os.environ.setdefault('TF_CPP_MIN_LOG_LEVEL', '3')
import h5py
import keras
import numpy as np
from keras.src.legacy.saving import legacy_h5_format

import formula


def weights(name, shape):
    return formula.numbers(name, int(np.prod(shape))).astype(np.float32).reshape(shape)


def set_formula(layer, name):
    """Sets weights whose formula has Reverie's names and order of axes, transposed to Keras's (rows, cols, in, out) and
    (in, out)."""
    values = []
    for variable in layer.weights:
        kind = {'kernel': 'weight'}.get(variable.name, variable.name)
        shape = variable.shape
        turned = (shape[-1], shape[-2], *shape[:-2]) if len(shape) > 1 else shape
        w = weights(f'{name}.{kind}', turned)
        values.append(w.transpose(*range(2, len(shape)), 1, 0) if len(shape) > 1 else w)
    layer.set_weights(values)


folder = sys.argv[1]
os.makedirs(folder, exist_ok=True)
for _ in range(9):
    keras.layers.Conv2D(1, 1)
first, second = keras.layers.Conv2D(3, 1), keras.layers.Conv2D(3, 1, use_bias=False)
layers = {
    'block1_conv1': keras.layers.Conv2D(4, 3, name='block1_conv1'),
    'block1_conv2': keras.layers.Conv2D(3, (1, 3), name='block1_conv2'),
    'conv2d_1': second,
    'conv2d_0': first,
    'batch_normalization_0': keras.layers.BatchNormalization(scale=False),
    'bn': keras.layers.BatchNormalization(name='bn'),
    'predictions': keras.layers.Dense(2, name='predictions'),
}
x = y = keras.Input((6, 7, 3))
for name, layer in layers.items():
    y = layer(y)
model = keras.Model(x, y)
for name, layer in layers.items():
    set_formula(layer, name)

path = lambda name: os.path.join(folder, name)
with h5py.File(path('weights.h5'), 'w') as f:
    legacy_h5_format.save_weights_to_hdf5_group(f, model)
shutil.copy(path('weights.h5'), path('split.h5'))
with h5py.File(path('split.h5'), 'r+') as f:
    names = f.attrs['layer_names']
    del f.attrs['layer_names']
    f.attrs['layer_names0'], f.attrs['layer_names1'] = names[:3], names[3:]
model.save(path('model.h5'))
model.save_weights(path('keras3.weights.h5'))
shutil.copy(path('keras3.weights.h5'), path('unnamed.weights.h5'))
with h5py.File(path('unnamed.weights.h5'), 'r+') as f:
    for layer in f['layers'].values():
        if 'vars' in layer:
            layer['vars'].attrs.pop('name', None)
model.save(path('keras3.keras'))
with zipfile.ZipFile(path('keras3.keras')) as whole, zipfile.ZipFile(path('packed-config.keras'), 'w') as archive:
    for name in whole.namelist():
        kind = zipfile.ZIP_STORED if name.endswith('.h5') else zipfile.ZIP_DEFLATED
        archive.writestr(zipfile.ZipInfo(name), whole.read(name), kind)


def hostile(name):
    """Creates a file with the layer `block1_conv1`. Returns the file and the layer's group; the caller adds the
    kernel."""
    f = h5py.File(path(name), 'w')
    f.attrs['layer_names'] = [b'block1_conv1']
    group = f.create_group('block1_conv1')
    group.attrs['weight_names'] = [b'kernel']
    return f, group


f, group = hostile('hostile-external.h5')  # the numbers of the kernel are in another file
group.create_dataset('kernel', (1, 1, 3, 4), 'f4', external=[('/etc/passwd', 0, 48)])
f.close()
f, group = hostile('hostile-link.h5')
group['kernel'] = h5py.ExternalLink('weights.h5', '/block1_conv1/block1_conv1/kernel')
f.close()
f, group = hostile('hostile-virtual.h5')
layout = h5py.VirtualLayout((1, 1, 3, 4), 'f4')
layout[...] = h5py.VirtualSource(path('weights.h5'), '/x', (1, 1, 3, 4))
group.create_virtual_dataset('kernel', layout)
f.close()
f, group = hostile('hostile-huge.h5')  # 4 TB, of which the file stores nothing
group.create_dataset('kernel', (1000, 1000, 1000, 1000), 'f4', chunks=(1, 1, 1, 1000))
f.close()
f, group = hostile('hostile-text.h5')
group.create_dataset('kernel', (1, 1, 3, 4), 'S4')
f.close()

# Layers with arrays of other types, as in Normalization, random generators and 3D convolutions.
OTHERS = {
    'conv2d': [np.ones((1, 1, 3, 4), 'f4'), np.ones(4, 'f4')],
    'normalization': [np.zeros(3, 'f4'), np.ones(3, 'f4'), np.int64(7)],
    'seed_generator': [np.zeros(2, 'u4')],
    'conv3d': [np.ones((1, 1, 1, 3, 4), 'f4'), np.ones(4, 'f4')],
}
with h5py.File(path('others.h5'), 'w') as f:
    f.attrs['layer_names'] = [layer.encode() for layer in OTHERS]
    for layer, arrays in OTHERS.items():
        group = f.create_group(layer)
        group.attrs['weight_names'] = [b'%d' % i for i in range(len(arrays))]
        for i, array in enumerate(arrays):
            group[str(i)] = array
with h5py.File(path('others.weights.h5'), 'w') as f:
    for layer, arrays in OTHERS.items():
        for i, array in enumerate(arrays):
            f[f'layers/{layer}/vars/{i}'] = array

# Small files, as seeds for the fuzzer: python3 keras-files.py FOLDER SEEDS
if len(sys.argv) > 2:
    folder = sys.argv[2]
    os.makedirs(folder, exist_ok=True)
    f, group = hostile('named.h5')
    group.create_dataset('kernel', data=np.ones((1, 1, 3, 2), 'f4'))
    f.close()
    with h5py.File(path('counted.h5'), 'w') as f:
        f['layers/conv2d/vars/0'] = np.ones((1, 1, 3, 2), 'f4')
        f['layers/conv2d/vars'].attrs['name'] = 'block1_conv1'
    with zipfile.ZipFile(path('stored.keras'), 'w') as archive:
        archive.write(path('counted.h5'), 'model.weights.h5')
