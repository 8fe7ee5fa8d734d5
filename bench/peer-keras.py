#!/usr/bin/env python3
"""peer-keras.py THREADS -- milliseconds of an iteration of the original Keras program, at 400 x 533; median of 9.

Content, style and picture go through VGG19 as one batch, in every iteration. Run by bench/peers.sh.
"""
import os
import statistics
import sys
import time

os.environ['TF_CPP_MIN_LOG_LEVEL'] = '3'
import keras
import tensorflow as tf

tf.config.threading.set_intra_op_parallelism_threads(int(sys.argv[1]))
HEIGHT, WIDTH, WARM_UP, TIMED = 400, 533, 3, 9
STYLE_LAYERS, CONTENT_LAYER = [f'block{b}_conv1' for b in range(1, 6)], 'block5_conv2'

vgg = keras.applications.VGG19(weights=None, include_top=False)
model = keras.Model(vgg.inputs, {layer.name: layer.output for layer in vgg.layers})
base, style = (tf.random.uniform((1, HEIGHT, WIDTH, 3), -115, 140) for _ in range(2))
x = tf.Variable(base)
optimizer = keras.optimizers.SGD(1e-6)


def gram(f):
    f = tf.reshape(tf.transpose(f, (2, 0, 1)), (tf.shape(f)[2], -1))
    return f @ tf.transpose(f)


@tf.function
def loss_and_gradient():
    with tf.GradientTape() as tape:
        features = model(tf.concat([base, style, x], 0))
        loss = 2.5e-8 * tf.reduce_sum((features[CONTENT_LAYER][2] - features[CONTENT_LAYER][0]) ** 2)
        for layer in STYLE_LAYERS:
            distance = tf.reduce_sum((gram(features[layer][1]) - gram(features[layer][2])) ** 2)
            loss += 1e-6 / 5 * distance / (4.0 * 3 ** 2 * (HEIGHT * WIDTH) ** 2)
        a = (x[:, :-1, :-1] - x[:, 1:, :-1]) ** 2
        b = (x[:, :-1, :-1] - x[:, :-1, 1:]) ** 2
        loss += 1e-6 * tf.reduce_sum((a + b) ** 1.25)
    return loss, tape.gradient(loss, x)


taken = []
for k in range(WARM_UP + TIMED):
    began = time.perf_counter()
    loss, gradient = loss_and_gradient()
    optimizer.apply_gradients([(gradient, x)])
    float(loss)
    if k >= WARM_UP:
        taken.append(1000 * (time.perf_counter() - began))
print(f'{statistics.median(taken):.1f}')
