#!/usr/bin/env python3
"""inception-order.py -- prints, for each convolution of InceptionV3 in the order of creation, its index among the
convolutions of model.layers.

The result is the table by_depth in src/net/inception-v3.c. Batch norms have the same order. Needs keras and
tensorflow-cpu.
"""
import os

os.environ.setdefault('TF_CPP_MIN_LOG_LEVEL', '3')
import keras


def ranks(model, stem):
    names = [layer.name for layer in model.layers if layer.name.startswith(stem)]
    number = lambda name: int(name.rpartition('_')[2]) if name != stem else 0
    return [names.index(name) for name in sorted(names, key=number)]


model = keras.applications.InceptionV3(weights=None, include_top=False)
convs, norms = ranks(model, 'conv2d'), ranks(model, 'batch_normalization')
assert convs == norms
print(', '.join(map(str, convs)))
