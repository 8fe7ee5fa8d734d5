#!/usr/bin/env python3
"""dream-keras.py > dream-keras.txt -- mixed0 .. mixed10 of Keras' own InceptionV3 and every block of its ResNet50, with
formula weights, on formula pictures of 75 x 75, 299 x 299 and 131 x 97 px (width x height).

InceptionV3's formula weights are numbered in the order of creation of its layers, so that a kernel in the wrong layer
changes the values. Each line is as in vgg-keras.txt and is named network/layer@height. The last line is the normalised
gradient of one step of the Keras dream (mixed2:0.2,mixed3:3,mixed4:2,mixed5:1.5), 131 x 97 px. Needs keras and
tensorflow-cpu.
"""
import os

os.environ.setdefault('TF_CPP_MIN_LOG_LEVEL', '3')
import keras
import numpy as np
import tensorflow as tf

import formula

SIZES = (75, 75), (299, 299), (97, 131)


def number(name):
    return int(name.rpartition('_')[2]) if name.rpartition('_')[2].isdigit() else 0


def inception():
    model = keras.applications.InceptionV3(weights=None, include_top=False)
    for stem in ('conv2d', 'batch_normalization'):
        layers = sorted((l for l in model.layers if l.name.startswith(stem)), key=lambda l: number(l.name))
        for i, layer in enumerate(layers):
            layer.set_weights(formula.keras_weights(layer, f'{stem}_{i}'))
    return model, [f'mixed{i}' for i in range(11)], lambda x: x / 127.5 - 1


def resnet():
    model = keras.applications.ResNet50(weights=None, include_top=False)
    for layer in model.layers:
        if layer.weights:
            layer.set_weights(formula.keras_weights(layer, layer.name))
    outs = [l.name for l in model.layers if l.name.endswith('_out')]
    return model, ['conv1_relu'] + outs, keras.applications.resnet50.preprocess_input


for network, make in (('inception_v3', inception), ('resnet50', resnet)):
    model, names, preprocess = make()
    taps = keras.Model(model.inputs, [model.get_layer(n).output for n in names])
    for rows, cols in SIZES:
        x = preprocess(formula.picture('content', rows, cols)[None].astype(np.float32))
        for name, y in zip(names, taps(x)):
            name = name.replace('conv1_relu', 'conv1_conv')
            print(formula.golden_line(f'{network}/{name}@{rows}', np.transpose(y[0], (2, 0, 1))))

model, _, preprocess = inception()
weights = {'mixed2': 0.2, 'mixed3': 3.0, 'mixed4': 2.0, 'mixed5': 1.5}
taps = keras.Model(model.inputs, [model.get_layer(n).output for n in weights])
x = tf.constant(preprocess(formula.picture('content', *SIZES[2])[None].astype(np.float32)))
with tf.GradientTape() as tape:
    tape.watch(x)
    loss = sum(w * tf.reduce_sum(a[:, 2:-2, 2:-2, :] ** 2) / tf.cast(tf.size(a), tf.float32)
               for w, a in zip(weights.values(), taps(x)))
gradient = tape.gradient(loss, x)
gradient /= tf.maximum(tf.sqrt(tf.reduce_mean(gradient ** 2)), 1e-8)
print(formula.golden_line('inception_v3/step', np.transpose(gradient[0], (2, 0, 1))))
