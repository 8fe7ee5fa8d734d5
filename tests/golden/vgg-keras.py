#!/usr/bin/env python3
"""vgg-keras.py > vgg-keras.txt -- every layer of Keras' own VGG16 and VGG19 with formula weights, on a formula picture.

Layers after ReLU, and poolings, are [C, H, W]. Each line has: network/layer, number of elements, L2 norm, largest
absolute value, 200 elements (at the indices of formula.samples). Needs keras and tensorflow-cpu.
"""
import os

os.environ.setdefault('TF_CPP_MIN_LOG_LEVEL', '3')
import keras
import numpy as np
import formula

ROWS, COLS, BIAS = 75, 53, 10

picture = formula.picture('content', ROWS, COLS)
for network, make in (('vgg16', keras.applications.VGG16), ('vgg19', keras.applications.VGG19)):
    model = make(weights=None, include_top=False, input_shape=(ROWS, COLS, 3))
    weights = formula.vgg_weights(network, bias=BIAS)
    for name, _, _ in formula.vgg_convs(network):
        block, index = name[4:].split('_')
        kernel = weights[name + '.weight'].transpose(2, 3, 1, 0)
        model.get_layer(f'block{block}_conv{index}').set_weights([kernel, weights[name + '.bias']])
    x = keras.applications.vgg19.preprocess_input(picture[None].astype(np.float32))
    outputs = keras.Model(model.inputs, [layer.output for layer in model.layers[1:]])(x)
    for layer, y in zip(model.layers[1:], outputs):
        print(formula.golden_line(f'{network}/{layer.name}', np.transpose(y[0], (2, 0, 1))))
