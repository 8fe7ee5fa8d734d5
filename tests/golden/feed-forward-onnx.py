#!/usr/bin/env python3
"""feed-forward-onnx.py FOLDER > feed-forward-onnx.txt -- writes style networks as small ONNX files to FOLDER, and
ONNX Runtime's pictures of one of them.

  candy.onnx    the layers of Johnson et al. 2016 with few channels: reflected borders, instance norm, a residual block,
                nearest x2, a transposed convolution. RGB 0..255 in and out
  relu.onnx     adds 10, 20 and 30 to the channels, and replaces negative numbers by 0
  twice.onnx    makes a picture of twice the size
  outputs.onnx  has a second output
  none.onnx     has no output
  channels.onnx   makes four channels

Golden lines: the picture of candy.onnx from the formula picture "content", / 255. Sizes that are no multiples of 4 are
continued by reflection, and the result is cropped. Needs numpy, onnx and onnxruntime.
"""
import os
import sys

import numpy as np
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

import formula

SIZES = (48, 64), (45, 61)  # rows, columns
WIDTHS = 6, 8, 10


class Network:
    """Nodes and weights, one layer after the other."""

    def __init__(self):
        self.nodes, self.weights, self.value = [], [], 'picture'

    def add(self, op, *inputs, **attributes):
        name = f'{op.lower()}{len(self.nodes)}'
        self.nodes.append(helper.make_node(op, [self.value, *inputs], [name], name, **attributes))
        self.value = name
        return name

    def constant(self, name, array):
        self.weights.append(numpy_helper.from_array(array, name))
        return name

    def kernel(self, shape, fan_in, gain):
        name = f'w{len(self.weights)}'
        numbers = formula.numbers(name, int(np.prod(shape))) * gain * np.sqrt(3 / fan_in)
        return self.constant(name, numbers.astype(np.float32).reshape(shape))

    def vector(self, n, middle, spread):
        name = f'v{len(self.weights)}'
        return self.constant(name, (middle + spread * formula.numbers(name, n)).astype(np.float32))

    def pad(self, side):
        pads = np.array([0, 0, side, side] * 2, np.int64)
        self.add('Pad', self.constant(f'pads{len(self.weights)}', pads), mode='reflect')

    def conv(self, inputs, outputs, side, stride=1, gain=1, bias=0):
        self.pad(side // 2)
        self.add('Conv', self.kernel((outputs, inputs, side, side), inputs * side * side, gain),
                 self.vector(outputs, bias, 1), kernel_shape=[side, side], strides=[stride, stride])

    def norm(self, n):
        self.add('InstanceNormalization', self.vector(n, 1, 0.5), self.vector(n, 0, 0.5), epsilon=1e-5)

    def save(self, folder, file, outputs=None, channels=3):
        shape = ['N', 3, 'rows', 'columns']
        names = [self.value] if outputs is None else outputs
        graph = helper.make_graph(self.nodes, 'g', [helper.make_tensor_value_info('picture', TensorProto.FLOAT, shape)],
                                  [helper.make_tensor_value_info(n, TensorProto.FLOAT, ['N', channels, None, None])
                                   for n in names], self.weights)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid('', 13)], producer_name='', ir_version=8)
        with open(os.path.join(folder, file), 'wb') as out:
            out.write(model.SerializeToString())


def candy():
    net = Network()
    a, b, c = WIDTHS
    for inputs, outputs, side, stride in ((3, a, 9, 1), (a, b, 3, 2), (b, c, 3, 2)):
        net.conv(inputs, outputs, side, stride)
        net.norm(outputs)
        net.add('Relu')
    before = net.value
    net.conv(c, c, 3)
    net.norm(c)
    net.add('Relu')
    net.conv(c, c, 3)
    net.norm(c)
    net.add('Add', before)
    net.add('Resize', '', net.constant('scales', np.array([1, 1, 2, 2], np.float32)), mode='nearest',
            coordinate_transformation_mode='asymmetric', nearest_mode='floor')
    net.conv(c, b, 3)
    net.norm(b)
    net.add('Relu')
    net.add('ConvTranspose', net.kernel((b, a, 3, 3), b * 9, 1), kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1],
            output_padding=[1, 1])
    net.norm(a)
    net.add('Relu')
    net.conv(a, 3, 9, gain=70, bias=128)
    return net


def one_conv(channels=3):
    net = Network()
    net.conv(3, channels, 3)
    return net


def golden(file):
    session = onnxruntime.InferenceSession(file, providers=['CPUExecutionProvider'])
    for rows, cols in SIZES:
        picture = formula.picture('content', rows, cols).astype(np.float32).transpose(2, 0, 1)
        x = np.pad(picture, ((0, 0), (0, -rows % 4), (0, -cols % 4)), 'reflect')[None]
        y = np.clip(session.run(None, {'picture': x})[0][0, :, :rows, :cols], 0, 255) / 255
        print(formula.golden_line(f'candy/{cols}x{rows}', y))


def main(folder):
    candy().save(folder, 'candy.onnx')
    golden(os.path.join(folder, 'candy.onnx'))
    relu = Network()
    identity = relu.constant('identity', np.eye(3, dtype=np.float32).reshape(3, 3, 1, 1))
    relu.add('Conv', identity, relu.constant('added', np.array([10, 20, 30], np.float32)))
    relu.add('Relu')
    relu.save(folder, 'relu.onnx')
    twice = one_conv()
    twice.add('Resize', '', twice.constant('scales', np.array([1, 1, 2, 2], np.float32)), mode='nearest',
              coordinate_transformation_mode='asymmetric', nearest_mode='floor')
    twice.save(folder, 'twice.onnx')
    outputs = one_conv()
    first = outputs.value
    outputs.add('Relu')
    outputs.save(folder, 'outputs.onnx', [first, outputs.value])
    one_conv().save(folder, 'none.onnx', [])
    one_conv(4).save(folder, 'channels.onnx', channels=4)


main(sys.argv[1])
