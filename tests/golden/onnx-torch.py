#!/usr/bin/env python3
"""onnx-torch.py FOLDER > onnx-torch.txt -- writes small ONNX files to FOLDER, and PyTorch's values for some of them.

  small.onnx    network with formula weights, exported by PyTorch: batch norm after convolutions and before one, groups,
                poolings in ceil mode, averages that count padding, ReLU6, hard swish, a sum, a product, a
                concatenation, and a dense layer after the mean over positions
  blocks.onnx   another such network: dilation, squeeze and excitation, split and shuffled channels, a nonlinear
                classifier
  next14.onnx   a block of ConvNeXt with norms over channels, layer scale and GELU in small nodes, as before opset 17; the
                other activations
  next20.onnx   the same network with the operators LayerNormalization and Gelu of opset 20
  pictures.onnx   a network that makes a picture: reflected borders, instance norm, transposed convolutions, resizing
  outside.onnx  blocks.onnx with its weights in another file
  resnet.pth, googlenet.safetensors   state dicts of torchvision's modules with few channels
  casts.onnx, half.onnx, keras.onnx, large-window.onnx, nodes.onnx, numbers.onnx, renamed.onnx, shapes.onnx, slice.onnx,
  three.onnx    valid files, written node by node
  others        files that are each invalid in one way
Golden lines: FILE/LAYER has the values of a layer, FILE/LAYER.gradient the gradient of their mean square with respect
to the picture. The picture is the formula picture of 41 x 37 px (width x height), in f64. Needs torch, torchvision and onnx.
"""
import json
import os
import sys
import warnings

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper
from torch import nn
from torch.nn import functional as F
from torchvision.models import resnet
from torchvision.models.feature_extraction import create_feature_extractor
from torchvision.models.googlenet import BasicConv2d, GoogLeNet, Inception

import formula

ROWS, COLS = 37, 41
MEAN, STD = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]


class Small(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(3, 8, 5, 2, 2, bias=False), nn.BatchNorm2d(8)
        self.conv2, self.bn2 = nn.Conv2d(8, 8, 3, 1, 1, groups=8), nn.BatchNorm2d(8)
        self.bn3, self.conv3 = nn.BatchNorm2d(8), nn.Conv2d(8, 12, 3, 1, (1, 0), groups=2)
        self.conv4 = nn.Conv2d(12, 12, (1, 3), 1, (0, 1))
        self.conv5 = nn.Conv2d(12, 6, 1)
        self.dense = nn.Linear(18, 5)

    def forward(self, x):
        stem = F.max_pool2d(F.relu(self.bn1(self.conv1(x))), 3, 2, ceil_mode=True)
        depth = stem + F.relu6(self.bn2(self.conv2(stem)))
        mixed = F.hardswish(self.conv3(F.relu(self.bn3(depth))))
        gated = self.conv4(mixed)
        gated = gated * torch.sigmoid(gated)
        pooled = F.avg_pool2d(mixed, 3, 1, 1, count_include_pad=True)
        features = torch.cat([gated, F.relu(self.conv5(pooled))], 1)
        logits = self.dense(F.dropout(torch.flatten(F.adaptive_avg_pool2d(features, 1), 1), 0.5, self.training))
        return stem, mixed, features, logits


class Blocks(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 8, 3, 2, (2, 3), (2, 3))
        self.conv2 = nn.Conv2d(8, 8, 3, 1, 2, 2, groups=8)
        self.squeeze, self.excite = nn.Conv2d(8, 4, 1), nn.Conv2d(4, 8, 1)
        self.dense1, self.dense2 = nn.Linear(8, 6), nn.Linear(6, 5)

    def forward(self, x):
        x = self.conv2(F.silu(self.conv1(x)))
        factors = F.hardsigmoid(self.excite(F.relu(self.squeeze(F.adaptive_avg_pool2d(x, 1)))))
        gated = factors * x
        first, second = torch.split(gated, [2, 6], 1)
        both = torch.cat([first * 2, F.relu(second)], 1)
        shuffled = both.reshape(1, 2, 4, *x.shape[2:]).transpose(1, 2).reshape(x.shape)
        mean = torch.flatten(F.adaptive_avg_pool2d(shuffled, 1), 1)
        return gated, shuffled, self.dense2(F.hardswish(self.dense1(mean)))


class Next(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem, self.norm1 = nn.Conv2d(3, 8, 4, 4), nn.LayerNorm(8, 1e-6)
        self.deep, self.norm2 = nn.Conv2d(8, 8, 7, 1, 3, groups=8), nn.LayerNorm(8, 1e-3)
        self.dense1, self.dense2 = nn.Linear(8, 20), nn.Linear(20, 8, bias=False)
        self.layer_scale = nn.Parameter(torch.zeros(8, 1, 1))
        self.prelu, self.norm3, self.dense3 = nn.PReLU(8), nn.LayerNorm(8), nn.Linear(8, 5)

    def forward(self, x):
        stem = self.norm1(self.stem(x).permute(0, 2, 3, 1)).permute(0, 3, 1, 2)
        hidden = self.dense1(self.norm2(self.deep(stem).permute(0, 2, 3, 1)))
        block = stem + self.layer_scale * self.dense2(F.gelu(hidden)).permute(0, 3, 1, 2)
        mixed = F.elu(self.prelu(block), 0.7) + 0.1 * block ** 2 - torch.tanh(F.selu(F.leaky_relu(block, 0.2)))
        mixed = mixed + F.gelu(block, approximate='tanh')
        mean = F.adaptive_avg_pool2d(mixed, 1).permute(0, 2, 3, 1)
        return block, mixed, self.dense3(torch.flatten(self.norm3(mean).permute(0, 3, 1, 2), 1))


class Pictures(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1, self.norm1 = nn.Conv2d(3, 8, 3, 2, 1), nn.InstanceNorm2d(8, affine=True)
        self.conv2 = nn.Conv2d(8, 8, 3, 2)
        self.up1, self.up2 = nn.ConvTranspose2d(8, 8, 3, 2, 1, 1, groups=2), nn.ConvTranspose2d(8, 6, (2, 3), (2, 1), (0, 1))
        self.conv3 = nn.Conv2d(14, 3, 1)

    def forward(self, x):
        fine = F.relu(self.norm1(self.conv1(x)))
        coarse = self.conv2(F.pad(fine, (1, 1, 1, 1), mode='reflect'))
        up = F.relu(self.up2(self.up1(coarse)))
        wide = F.interpolate(up, scale_factor=(1, 1.5), mode='bilinear')
        nearest = F.interpolate(F.relu(coarse), scale_factor=2)
        both = F.interpolate(wide, size=nearest.shape[2:], mode='bilinear', align_corners=True)
        return coarse, wide, self.conv3(torch.cat([nearest, both], 1))


def with_formula_weights(net):
    net.eval()
    for name, value in list(net.named_parameters()) + list(net.named_buffers()):
        if not value.dtype.is_floating_point:
            continue
        n = formula.numbers(name, value.numel())
        fan_in = np.prod(value.shape[1:]) if value.dim() > 1 else 1
        kind = name.rsplit('.', 1)[-1]
        n = n * np.sqrt(6 / fan_in) if value.dim() > 1 else 1 + 0.5 * n if kind == 'running_var' else \
            1 + 0.3 * n if kind == 'weight' else 0.2 * n
        value.data = torch.tensor(n.astype(np.float32)).reshape(value.shape)
    return net


def save(folder, name, nodes, constants=(), inputs=None, outputs=('y',), opset=13):
    picture = helper.make_tensor_value_info('x', TensorProto.FLOAT, ['N', 3, None, None])
    graph = helper.make_graph(nodes, 'g', inputs or [picture], [helper.make_empty_tensor_value_info(o) for o in outputs],
                              constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid('', opset)], producer_name='')
    with open(os.path.join(folder, name + '.onnx'), 'wb') as file:
        file.write(model.SerializeToString())


def wrong(folder):
    node = helper.make_node
    weight = helper.make_tensor('w', TensorProto.FLOAT, [2, 3, 1, 1], [0.5] * 6)
    conv = node('Conv', ['x', 'w'], ['c'], name='conv')
    relu = node('Relu', ['c'], ['y'], name='relu')
    save(folder, 'cycle', [node('Add', ['x', 'y'], ['c'], name='sum'), relu])
    save(folder, 'missing', [node('Relu', ['nowhere'], ['y'], name='relu')])
    save(folder, 'duplicate', [conv, node('Relu', ['c'], ['c'], name='relu')], [weight])
    save(folder, 'operator', [conv, node('Det', ['c'], ['y'], name='det1')], [weight])
    # a sequence of the positions, a mean over channels that no norm follows, a power of 4
    shape = helper.make_tensor('s', TensorProto.INT64, [3], [1, 2, -1])
    save(folder, 'sequence', [conv, node('Reshape', ['c', 's'], ['r'], name='flat'), node('Tanh', ['r'], ['t']),
                              node('Transpose', ['t'], ['y'], perm=[0, 2, 1])], [weight, shape])
    save(folder, 'mean', [conv, node('ReduceMean', ['c'], ['m'], axes=[1]), node('Tanh', ['m'], ['y'], name='tanh')], [weight])
    four = helper.make_tensor('f', TensorProto.FLOAT, [], [4])
    save(folder, 'power', [conv, node('Pow', ['c', 'f'], ['y'], name='pow')], [weight, four])
    save(folder, 'behind', [conv, node('Softmax', ['c'], ['s'], axis=1), node('Conv', ['s', 'v'], ['y'], name='conv2')],
         [weight, helper.make_tensor('v', TensorProto.FLOAT, [2, 2, 1, 1], [0.5] * 4)])
    last = node('Transpose', ['c'], ['t'], perm=[0, 2, 3, 1])
    save(folder, 'last', [conv, last, node('MaxPool', ['t'], ['y'], name='pool', kernel_shape=[2, 2])], [weight])
    save(folder, 'domain', [conv, node('Relu', ['c'], ['y'], name='relu', domain='com.example')], [weight])
    save(folder, 'shape', [conv, relu], [helper.make_tensor('w', TensorProto.FLOAT, [2, 4, 1, 1], [0.5] * 8)])
    save(folder, 'stride', [node('Conv', ['x', 'w'], ['c'], name='conv', strides=[0, 1]), relu], [weight])
    scales = helper.make_tensor('s', TensorProto.FLOAT, [4], [1, 1, 1.5, 2])
    save(folder, 'nearest', [conv, node('Resize', ['c', '', 's'], ['y'], name='resize')], [weight, scales])
    odd = helper.make_tensor('s', TensorProto.FLOAT, [4], [1, 1, 2 ** 0.5, 2])
    save(folder, 'scales', [conv, node('Resize', ['c', '', 's'], ['y'], name='resize', mode='linear')], [weight, odd])
    up = helper.make_tensor('u', TensorProto.FLOAT, [2, 1, 1, 1], [0.5] * 2)
    save(folder, 'extent', [conv, node('ConvTranspose', ['c', 'u'], ['y'], name='up', output_shape=[9, 9])], [weight, up])
    number = helper.make_tensor('v', TensorProto.FLOAT, [], [2])
    save(folder, 'axes', [node('Unsqueeze', ['v'], ['u'], name='unsqueeze', axes=[0, 0]), conv, relu], [weight, number])
    by = helper.make_tensor('by', TensorProto.INT64, [8], [0, 0, 1, 1] * 2)
    large = helper.make_tensor('l', TensorProto.FLOAT, [], [1e9])
    save(folder, 'pad', [conv, node('Pad', ['c', 'by', 'l'], ['y'], name='pad')], [weight, by, large])
    # the convolution has two names; a limit that no value reaches
    norm = [helper.make_tensor(name, TensorProto.FLOAT, [2], [value] * 2) for name, value in zip('gbmv', (100, 7, 0, 1))]
    save(folder, 'renamed', [conv, node('Identity', ['c'], ['d']), node('BatchNormalization', ['d', *'gbmv'], ['n']),
                             node('Clip', ['n', '', 'l'], ['k']), node('Add', ['c', 'k'], ['y'])], [weight, large, *norm])
    save(folder, 'linear', [conv], [weight], outputs=('c',))
    save(folder, 'whole', [conv, node('Cast', ['c'], ['y'], name='cast', to=TensorProto.INT64)], [weight])
    inner = helper.make_graph([relu], 'inner', [], [])
    save(folder, 'subgraph', [conv, node('If', ['c'], ['y'], name='if', then_branch=inner)], [weight])
    outside = TensorProto(name='w', data_type=TensorProto.FLOAT, dims=[2, 3, 1, 1], data_location=TensorProto.EXTERNAL)
    save(folder, 'external', [conv, relu], [outside])
    two = [helper.make_tensor_value_info(n, TensorProto.FLOAT, [1, 3, 8, 8]) for n in 'xz']
    save(folder, 'inputs', [conv, relu], [weight], two)
    save(folder, 'grey', [conv, relu], [weight], [helper.make_tensor_value_info('x', TensorProto.FLOAT, [1, 1, 8, 8])])
    # two convolutions of three channels share one weight: BGR would have to reorder it for the first only
    three = helper.make_tensor('w', TensorProto.FLOAT, [3, 3, 1, 1], [0.5] * 9)
    save(folder, 'three', [conv, node('Conv', ['c', 'w'], ['d'], name='conv2'), node('Relu', ['d'], ['y'], name='relu')], [three])
    # the last layer needs a picture of 224 px
    seven = helper.make_tensor('v', TensorProto.FLOAT, [1, 2, 7, 7], [0.5] * 98)
    save(folder, 'large-window', [node('Conv', ['x', 'w'], ['c'], name='conv', strides=[32, 32]),
                                  node('Conv', ['c', 'v'], ['y'], name='conv2')], [weight, seven])
    # axes from the end, an exponent that is a whole number
    cut = [helper.make_tensor(name, TensorProto.INT64, [1], [value]) for name, value in zip('sea', (0, 1, -3))]
    save(folder, 'slice', [conv, node('Slice', ['c', 's', 'e', 'a'], ['d'], name='slice'),
                           node('Pow', ['d', 'two'], ['y'], name='pow')],
         [weight, helper.make_tensor('two', TensorProto.INT64, [], [2]), *cut])
    # a constant of 3 * 2^34 numbers in few bytes
    sizes = helper.make_tensor('s', TensorProto.INT64, [4], [1 << 20, 3, 128, 128])
    fill = node('ConstantOfShape', ['s'], ['w'], name='fill', value=helper.make_tensor('v', TensorProto.FLOAT, [1], [1]))
    save(folder, 'large', [fill, conv, relu], [sizes])
    # valid: local response normalisation with a bias, paddings, names with colons, a constant as a node
    save(folder, 'nodes', [
        node('Constant', [], ['w'], name='const', value=weight),
        node('Pad', ['x', 'by'], ['p'], name='pad'),
        node('Conv', ['p', 'w'], ['conv:0'], name='conv', auto_pad='SAME_LOWER', strides=[2, 2]),
        node('LRN', ['conv:0'], ['norm'], name='lrn', size=3, alpha=0.5, beta=0.75, bias=2.0),
        node('Sub', ['norm', 'two'], ['less'], name='sub'),
        node('Clip', ['less', 'low', 'high'], ['y'], name='clip'),
        node('Flatten', ['y'], ['flat'], name='flatten'),
        node('Gemm', ['flat', 'g'], ['out'], name='dense'),
    ], [helper.make_tensor('by', TensorProto.INT64, [8], [0, 0, 1, 0, 0, 0, 0, 2]),
        helper.make_tensor('two', TensorProto.FLOAT, [2, 1, 1], [0.25, -0.5]),
        helper.make_tensor('low', TensorProto.FLOAT, [], [-0.25]), helper.make_tensor('high', TensorProto.FLOAT, [], [0.5]),
        helper.make_tensor('g', TensorProto.FLOAT, [2, 1], [1, 1])], outputs=('out',))


def numbers(folder):
    """Writes numbers.onnx: layers with numbers that most exporters leave at their defaults. The padding [1, 2, 0, 1] is
    computed as by PyTorch's older exporter. The last window of the pooling in ceil mode would begin in the padding."""
    node = helper.make_node
    tensor = helper.make_tensor

    def ints(name, *values):
        return tensor(name, TensorProto.INT64, [len(values)], values)
    save(folder, 'numbers', [
        node('ConstantOfShape', ['n_zeros'], ['zeros'], value=ints('v', 0)),
        node('Concat', ['ends', 'zeros'], ['list'], axis=0),
        node('Reshape', ['list', 'pairs'], ['by_axis']),
        node('Slice', ['by_axis', 'start', 'end', 'axis', 'start'], ['reversed']),
        node('Transpose', ['reversed'], ['by_end'], perm=[1, 0]),
        node('Reshape', ['by_end', 'start'], ['flat_by']),
        node('Cast', ['flat_by'], ['by'], to=TensorProto.INT64),
        node('Clip', ['x', '', 'high'], ['clipped']),
        node('Sub', ['x', 'clipped'], ['rest']),
        node('Pad', ['rest', 'by', 'half', 'axes'], ['padded']),
        node('AveragePool', ['padded'], ['pooled'], kernel_shape=[3, 3], strides=[3, 3], pads=[1, 1, 1, 1], ceil_mode=1,
             count_include_pad=1),
        node('GlobalAveragePool', ['pooled'], ['mean']),
        node('Flatten', ['mean'], ['flat']),
        node('Reshape', ['one', 'to'], ['bias']),
        node('Transpose', ['g'], ['transposed'], perm=[1, 0]),
        node('Gemm', ['flat', 'transposed', 'bias'], ['logits'], alpha=0.5, beta=2.0, transB=1),
    ], [tensor('high', TensorProto.FLOAT, [], [0.75]), tensor('half', TensorProto.FLOAT, [], [0.5]),
        ints('n_zeros', 1), ints('ends', 2, 1, 1), ints('pairs', 2, 2), ints('start', -1), ints('end', -2**63 + 1),
        ints('axis', 0), ints('axes', 2, -1), ints('to', 1, -1),
        tensor('g', TensorProto.FLOAT, [3, 4], [0.25 * i for i in range(12)]),
        tensor('one', TensorProto.FLOAT, [1], [1])], outputs=('logits',), opset=18)


def numbers_reference(x):
    """The layers `pooled` and `logits` of numbers.onnx."""
    pooled = F.avg_pool2d(F.pad(x - torch.clamp(x, max=0.75), (2, 1, 1, 0), value=0.5), 3, 3, 1, ceil_mode=True)
    g = 0.25 * torch.arange(12).double().reshape(3, 4)
    return pooled, 0.5 * pooled.mean((2, 3)) @ g + 2


def casts(folder):
    """Writes casts.onnx: weights in half floats, casts of layers, and numbers of the type of a layer or a constant,
    one of them expanded, as by PyTorch's newer exporter without its optimiser. The first node is the last of the file,
    as after onnxruntime's conversion to half floats."""
    node = helper.make_node
    weight = onnx.numpy_helper.from_array(np.arange(6, dtype=np.float16).reshape(2, 3, 1, 1) / 8 - 0.25, 'w')
    save(folder, 'casts', [
        node('Conv', ['half', 'w'], ['c']),
        node('CastLike', ['three', 'c'], ['factor']),
        node('CastLike', ['three', 'w'], ['one_summand']),
        node('Shape', ['w'], ['channels'], end=1),
        node('Expand', ['channels', 'one'], ['size']),
        node('Concat', ['size', 'one', 'one'], ['sizes'], axis=0),
        node('Expand', ['one_summand', 'sizes'], ['summand']),
        node('Mul', ['c', 'factor'], ['m']),
        node('CastLike', ['m', 'w'], ['like']),
        node('Add', ['like', 'summand'], ['s']),
        node('Cast', ['s'], ['last'], to=TensorProto.FLOAT),
        node('Relu', ['last'], ['y']),
        node('Cast', ['x'], ['half'], to=TensorProto.FLOAT16),
    ], [weight, helper.make_tensor('three', TensorProto.INT64, [], [3]),
        helper.make_tensor('one', TensorProto.INT64, [1], [1])], opset=15)


def casts_reference(x):
    """The layer `y` of casts.onnx."""
    return F.relu(3 * F.conv2d(x, torch.arange(6).double().reshape(2, 3, 1, 1) / 8 - 0.25) + 3)


def halves(folder):
    """Writes half.onnx: weights in both types of half floats, in int32_data."""
    node = helper.make_node
    save(folder, 'half', [
        node('Conv', ['x', 'w'], ['c']),
        node('Cast', ['c'], ['b'], to=TensorProto.BFLOAT16),
        node('Add', ['b', 'summand'], ['y']),
    ], [helper.make_tensor('w', TensorProto.FLOAT16, [2, 3, 1, 1], [i / 2 - 1 for i in range(6)]),
        helper.make_tensor('summand', TensorProto.BFLOAT16, [2, 1, 1], [0.5, -1.5])])


def halves_reference(x):
    """The layer `y` of half.onnx."""
    weight = torch.arange(6).double().reshape(2, 3, 1, 1) / 2 - 1
    return F.conv2d(x, weight) + torch.tensor([0.5, -1.5]).double().reshape(2, 1, 1)


def keras(folder):
    """Writes keras.onnx: a network as tf2onnx writes those of Keras. The channels of the picture are last, the file
    normalises the picture, and the classifier is a MatMul, an Add and a Softmax."""
    node = helper.make_node
    inputs = [helper.make_tensor_value_info('x', TensorProto.FLOAT, ['N', None, None, 3])]
    constants = [helper.make_tensor(name, TensorProto.FLOAT, shape, keras_numbers(shape)) for name, shape in (
        ('mean', (3,)), ('w', (2, 3, 1, 1)), ('v', (2, 4)), ('b', (4,)))]
    constants.append(helper.make_tensor('scale', TensorProto.FLOAT, [], [0.5]))
    save(folder, 'keras', [
        node('Mul', ['x', 'scale'], ['scaled']),
        node('Sub', ['scaled', 'mean'], ['centred']),
        node('Transpose', ['centred'], ['first'], perm=[0, 3, 1, 2]),
        node('Conv', ['first', 'w'], ['model/conv:0'], auto_pad='SAME_UPPER', strides=[2, 2]),
        node('Relu', ['model/conv:0'], ['y']),
        node('Transpose', ['y'], ['last'], perm=[0, 2, 3, 1]),
        node('ReduceMean', ['last'], ['average'], axes=[1, 2], keepdims=0),
        node('MatMul', ['average', 'v'], ['product']),
        node('Add', ['product', 'b'], ['logits']),
        node('Softmax', ['logits'], ['probabilities']),
    ], constants, inputs, outputs=('probabilities',))


def keras_numbers(shape):
    """Numbers of a tensor of keras.onnx."""
    return [0.25 * (i % 5) - 0.375 for i in range(int(np.prod(shape)))]


def keras_reference(x):
    """The layers `y` and `logits` of keras.onnx."""
    mean, w, v, b = (torch.tensor(keras_numbers(shape)).double().reshape(shape)
                     for shape in ((1, 3, 1, 1), (2, 3, 1, 1), (2, 4), (4,)))
    y = F.relu(F.conv2d(0.5 * x - mean, w, stride=2))
    return y, y.mean((2, 3)) @ v + b


def sizes(folder):
    """Writes sizes.onnx: a network for pictures of one size. Resize has the size of another layer, then one that is a
    multiple of its input's."""
    node = helper.make_node

    def numbers(name, values):
        return helper.make_tensor(name, TensorProto.INT64, [len(values)], values)
    save(folder, 'sizes', [
        node('Conv', ['x', 'w'], ['c'], strides=[2, 2]),
        node('Pad', ['c', 'by'], ['p']),
        node('MaxPool', ['p'], ['m'], kernel_shape=[2, 2], strides=[2, 2]),
        node('ConvTranspose', ['m', 'v'], ['t']),
        node('Resize', ['t', '', '', 'as_c'], ['r'], mode='linear'),
        node('Add', ['c', 'r'], ['a']),
        node('Resize', ['a', '', '', 'larger'], ['y'], mode='linear'),
    ], [helper.make_tensor('w', TensorProto.FLOAT, [2, 3, 1, 1], [0.5] * 6),
        helper.make_tensor('v', TensorProto.FLOAT, [2, 2, 2, 2], [0.5] * 16),
        numbers('by', [0, 0, 0, 0, 0, 0, 1, 0]), numbers('as_c', [1, 2, 4, 6]), numbers('larger', [1, 2, 6, 9])],
        [helper.make_tensor_value_info('x', TensorProto.FLOAT, [1, 3, 8, 12])])


def shapes(folder):
    """Writes shapes.onnx: sizes computed by nodes, and every kind of layer that reads sizes. The file is small, for
    fuzzing."""
    node = helper.make_node

    def numbers(name, values, kind=TensorProto.INT64):
        return helper.make_tensor(name, kind, [len(values)], values)
    weight = helper.make_tensor('w', TensorProto.FLOAT, [4, 3, 1, 1], [0.5] * 12)
    save(folder, 'shapes', [
        node('Conv', ['x', 'w'], ['c'], dilations=[2, 1]),
        node('GlobalAveragePool', ['c'], ['m']),
        node('HardSigmoid', ['m'], ['f']),
        node('Mul', ['c', 'f'], ['g']),
        node('Shape', ['g'], ['s']),
        node('Gather', ['s', 'one'], ['n']),
        node('Div', ['n', 'two'], ['h']),
        node('Slice', ['g', 'zero', 'h', 'one'], ['a']),
        node('Split', ['g'], ['b1', 'b2'], axis=1),
        node('Concat', ['a', 'b2'], ['j'], axis=1),
        node('Slice', ['s', 'two', 'four'], ['rest']),
        node('Concat', ['one', 'two', 'h', 'rest'], ['five'], axis=0),
        node('Reshape', ['j', 'five'], ['r']),
        node('Transpose', ['r'], ['t'], perm=[0, 2, 1, 3, 4]),
        node('Reshape', ['t', 's'], ['y']),
    ], [weight, numbers('zero', [0]), numbers('one', [1]), numbers('two', [2]), numbers('four', [4])])


def nodes_reference(x):
    """The network of nodes.onnx."""
    x = F.pad(x, (0, 2, 1, 0))
    x = F.conv2d(x, torch.full((2, 3, 1, 1), 0.5).double(), stride=2)
    s = torch.cat([torch.zeros_like(x[:, :1]), x ** 2, torch.zeros_like(x[:, :1])], 1)
    x = x * (2 + 0.5 / 3 * (s[:, :-2] + s[:, 1:-1] + s[:, 2:])) ** -0.75
    return torch.clamp(x - torch.tensor([0.25, -0.5]).double().reshape(1, 2, 1, 1), -0.25, 0.5)


def export(net, file, layers, opset=14, folds=False):
    torch.onnx.export(net, torch.zeros(1, 3, 64, 64), file, dynamo=False, opset_version=opset, output_names=layers,
                      training=torch.onnx.TrainingMode.PRESERVE, do_constant_folding=folds, verbose=False)
    model = onnx.load(file)
    for n in model.graph.node:
        n.ClearField('doc_string')
    onnx.save(model, file)


def print_golden(name, layers, of_gradient, compute):
    """Prints golden lines of @layers, the outputs of @compute, and of the gradient of the layer @of_gradient."""
    rgb = torch.tensor(formula.picture('content', ROWS, COLS)).permute(2, 0, 1)[None].double()
    rgb.requires_grad_(True)
    x = (rgb / 255 - torch.tensor(MEAN).double().reshape(1, 3, 1, 1)) / torch.tensor(STD).double().reshape(1, 3, 1, 1)
    values = compute(x)
    for layer, value in zip(layers, values):
        print(formula.golden_line(f'{name}/{layer}', value[0].detach().numpy()))
        if layer == of_gradient:
            (value ** 2).mean().backward()
            print(formula.golden_line(f'{name}/{layer}.gradient', rgb.grad[0].numpy()))


def small_resnet():
    net = resnet.ResNet(resnet.Bottleneck, [1, 1, 1, 1], num_classes=5)
    net.conv1, net.bn1, net.fc = nn.Conv2d(3, 6, 7, 2, 3, bias=False), nn.BatchNorm2d(6), nn.Linear(8, 5)
    for i in range(1, 5):
        down = nn.Sequential(nn.Conv2d(6 if i == 1 else 8, 8, 1, min(i, 2), bias=False), nn.BatchNorm2d(8))
        block = resnet.Bottleneck(6 if i == 1 else 8, 2, min(i, 2), down, groups=2)
        setattr(net, f'layer{i}', nn.Sequential(block, resnet.Bottleneck(8, 2, groups=2)) if i == 2 else nn.Sequential(block))
    return net


def small_googlenet():
    net = GoogLeNet(num_classes=5, aux_logits=False, transform_input=True, init_weights=False)
    net.conv1, net.conv2 = BasicConv2d(3, 4, kernel_size=7, stride=2, padding=3), BasicConv2d(4, 3, kernel_size=1)
    net.conv3, net.fc = BasicConv2d(3, 4, kernel_size=3, padding=1), nn.Linear(6, 5)
    for i, module in enumerate('3a 3b 4a 4b 4c 4d 4e 5a 5b'.split()):
        setattr(net, 'inception' + module, Inception(4 if i == 0 else 6, 2, 2, 2, 1, 1, 1))
    return net


def save_safetensors(net, file):
    header, data = {}, b''
    for name, value in net.state_dict().items():
        numbers = value.numpy().tobytes()
        header[name] = {'dtype': 'F32' if value.dtype.is_floating_point else 'I64', 'shape': list(value.shape),
                        'data_offsets': [len(data), len(data) + len(numbers)]}
        data += numbers
    text = json.dumps(header).encode()
    with open(file, 'wb') as out:
        out.write(len(text).to_bytes(8, 'little') + text + data)


def state_dicts(folder):
    nets = {'resnet': (small_resnet(), ['relu', 'layer1.0.relu_2', 'layer2.1.relu_2', 'layer4.0.relu_2', 'fc']),
            'googlenet': (small_googlenet(), ['maxpool1', 'inception3b.cat', 'inception4e.cat', 'inception5b.cat', 'fc'])}
    for name, (net, layers) in nets.items():
        net = with_formula_weights(net)
        if name == 'resnet':
            torch.save(net.state_dict(), os.path.join(folder, 'resnet.pth'), _use_new_zipfile_serialization=False)
        else:
            save_safetensors(net, os.path.join(folder, 'googlenet.safetensors'))
        extractor = create_feature_extractor(net.double(), layers)
        print_golden(name, layers, layers[-2], lambda x, extractor=extractor: extractor(x).values())


def main(folder):
    warnings.filterwarnings('ignore')
    wrong(folder)
    numbers(folder)
    casts(folder)
    halves(folder)
    keras(folder)
    shapes(folder)
    sizes(folder)
    for name, net, layers, of_gradient in (('small', Small(), ['stem', 'mixed', 'features', 'logits'], 'features'),
                                           ('blocks', Blocks(), ['gated', 'shuffled', 'classes'], 'classes'),
                                           ('pictures', Pictures(), ['coarse', 'wide', 'picture'], 'picture')):
        net = with_formula_weights(net)
        export(net, os.path.join(folder, name + '.onnx'), layers, folds=name == 'pictures')
        print_golden(name, layers, of_gradient, net.double())
    for opset in (14, 20):
        layers, net = ['block', 'mixed', 'logits'], with_formula_weights(Next())
        export(net, os.path.join(folder, f'next{opset}.onnx'), layers, opset, folds=True)
        print_golden(f'next{opset}', layers, 'mixed', net.double())
    open(os.path.join(folder, 'outside.data'), 'wb').close()  # empties the file: onnx.save() appends to it
    onnx.save(onnx.load(os.path.join(folder, 'blocks.onnx')), os.path.join(folder, 'outside.onnx'),
              save_as_external_data=True, location='outside.data', size_threshold=0)
    print_golden('nodes', ['y'], None, lambda x: [nodes_reference(x)])
    print_golden('numbers', ['pooled', 'logits'], 'pooled', numbers_reference)
    print_golden('keras', ['y', 'logits'], 'y', keras_reference)
    print_golden('casts', ['y'], 'y', lambda x: [casts_reference(x)])
    print_golden('half', ['y'], 'y', lambda x: [halves_reference(x)])
    state_dicts(folder)


main(sys.argv[1])
