#!/usr/bin/env python3
"""style-keras.py > style-keras.txt -- the Keras program's losses, computed by the real Keras, on formula pictures.

Written from the description of the program: VGG19 gets content, style and picture as one batch in every iteration.
The content has 140 x 171 px (rows x columns), so that a height of 128 gives a width of 156. Lines: NAME ITERATION LOSS.
Names:
  preset            the preset `keras`
  decay10           the preset with 10 decay steps: after 100 updates the rate has fallen by a third
  mistake-...       the preset with one deliberate mistake; losses must differ from the correct ones by more than the
                    tolerance
Needs keras, tensorflow-cpu and Pillow.
"""
import os
import tempfile

os.environ.setdefault('TF_CPP_MIN_LOG_LEVEL', '3')
import keras
import numpy as np
import tensorflow as tf
from PIL import Image

import formula

GAIN, BIAS = 1.1, 10  # makes the loss fall by more than 30 % in 100 iterations
HEIGHT = 128
STYLE_LAYERS = [f'block{b}_conv1' for b in range(1, 6)]
CONTENT_LAYER = 'block5_conv2'
CONTENT_WEIGHT, STYLE_WEIGHT, TV_WEIGHT = 2.5e-8, 1e-6, 1e-6


def network(transpose_kernels=False):
    model = keras.applications.VGG19(weights=None, include_top=False)
    weights = formula.vgg_weights('vgg19', GAIN, BIAS)
    for name, _, _ in formula.vgg_convs('vgg19'):
        block, index = name[4:].split('_')
        axes = (3, 2, 1, 0) if transpose_kernels else (2, 3, 1, 0)
        model.get_layer(f'block{block}_conv{index}').set_weights(
            [weights[name + '.weight'].transpose(axes), weights[name + '.bias']])
    wanted = STYLE_LAYERS + [CONTENT_LAYER]
    return keras.Model(model.inputs, {name: model.get_layer(name).output for name in wanted})


def load(path, height, width, rgb=False):
    picture = keras.utils.img_to_array(keras.utils.load_img(path, target_size=(height, width)))[None]
    if rgb:  # the mistake: RGB instead of BGR
        return picture - np.array([123.68, 116.779, 103.939], np.float32)
    return keras.applications.vgg19.preprocess_input(picture)


def gram(x):
    features = tf.reshape(tf.transpose(x, (2, 0, 1)), (tf.shape(x)[2], -1))
    return features @ tf.transpose(features)


def run(name, content, style, steps, printed, decay_steps=100, staircase=False, tv_over_channels=False, **mistakes):
    with Image.open(content) as image:
        width = round(image.width * HEIGHT / image.height)
    base, reference = (load(p, HEIGHT, width, mistakes.get('rgb', False)) for p in (content, style))
    model = network(mistakes.get('transpose_kernels', False))
    x = tf.Variable(base)
    optimizer = keras.optimizers.SGD(keras.optimizers.schedules.ExponentialDecay(
        initial_learning_rate=100.0, decay_steps=decay_steps, decay_rate=0.96, staircase=staircase))

    @tf.function
    def loss_and_gradient():
        with tf.GradientTape() as tape:
            features = model(tf.concat([base, reference, x], 0))
            loss = CONTENT_WEIGHT * tf.reduce_sum((features[CONTENT_LAYER][2] - features[CONTENT_LAYER][0]) ** 2)
            for layer in STYLE_LAYERS:
                distance = tf.reduce_sum((gram(features[layer][1]) - gram(features[layer][2])) ** 2)
                loss += STYLE_WEIGHT / len(STYLE_LAYERS) * distance / (4.0 * 3 ** 2 * (HEIGHT * width) ** 2)
            a = (x[:, :-1, :-1] - x[:, 1:, :-1]) ** 2
            b = (x[:, :-1, :-1] - x[:, :-1, 1:]) ** 2
            if tv_over_channels:
                a, b = tf.reduce_sum(a, -1), tf.reduce_sum(b, -1)
            loss += TV_WEIGHT * tf.reduce_sum((a + b) ** 1.25)
        return loss, tape.gradient(loss, x)

    for k in range(1, steps + 1):
        loss, gradient = loss_and_gradient()
        optimizer.apply_gradients([(gradient, x)])
        if k in printed:
            print(name, k, f'{float(loss):.9g}', flush=True)


with tempfile.TemporaryDirectory() as folder:
    pictures = [os.path.join(folder, n + '.png') for n in ('content', 'style')]
    Image.fromarray(formula.picture('content', 140, 171)).save(pictures[0])
    Image.fromarray(formula.picture('style', 100, 90)).save(pictures[1])
    run('preset', *pictures, 100, (1, 10, 100))
    run('decay10', *pictures, 100, (100,), decay_steps=10)
    run('mistake-staircase', *pictures, 100, (100,), decay_steps=10, staircase=True)
    run('mistake-tv-over-channels', *pictures, 10, (1, 10), tv_over_channels=True)
    run('mistake-transposed-kernels', *pictures, 1, (1,), transpose_kernels=True)
    run('mistake-rgb', *pictures, 1, (1,), rgb=True)
