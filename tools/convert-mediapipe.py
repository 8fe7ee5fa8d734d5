#!/usr/bin/env python3
"""convert-mediapipe.py faces|people MODEL.tflite OUT.safetensors -- converts a network of MediaPipe (Apache-2.0, the
MediaPipe Authors) to f16 tensors, [out, in / groups, rows, columns]. The files are in the wheel of mediapipe 0.10.14.

faces: mediapipe/modules/face_detection/face_detection_short_range.tflite, BlazeFace (Bazarevsky et al. 2019), to
data/faces.safetensors for src/method/faces. The metadata has the graph of src/io/weights/net-graph.h. Its layers score8,
box8, score16 and box16 are the heads, of 16 x 16 and of 8 x 8 positions.

people: mediapipe/modules/selfie_segmentation/selfie_segmentation.tflite, to data/people.safetensors for
src/method/masks/people.c. The metadata has the graph of src/io/weights/net-graph.h. Its last layer, "logits", has four
channels: the pixels of a square of 2 x 2, in reading order.

Needs numpy and tflite.
"""
import json
import struct
import sys

import numpy as np
import tflite

OPS = {number: name for name, number in vars(tflite.BuiltinOperator).items() if isinstance(number, int)}
CONVS = {'CONV_2D': tflite.Conv2DOptions, 'DEPTHWISE_CONV_2D': tflite.DepthwiseConv2DOptions}
BLAZEFACE_CHANNELS = [24, 28, 32, 36, 42, 48, 56, 64, 72, 80, 88, 96, 96, 96, 96, 96]
BLAZEFACE_HALVING, BLAZEFACE_FINE = (3, 6, 12), 11  # blocks with stride 2; block that the finer heads read
BLAZEFACE_NAMES = ['conv', *(f'{kind}{i}' for i in range(1, 17) for kind in ('depthwise', 'pointwise')),
                   'score8', 'score16', 'box8', 'box16']
MAX_WINDOW = 16  # side of a pooling in net-graph.h

kind, source, target = sys.argv[1:]
model = tflite.Model.GetRootAsModel(open(source, 'rb').read(), 0)
graph = model.Subgraphs(0)
operators = [graph.Operators(i) for i in range(graph.OperatorsLength())]
maker = {operator.Outputs(0): operator for operator in operators}
tensors = {}


def op_name(operator):
    code = model.OperatorCodes(operator.OpcodeIndex())
    return (code.CustomCode() or OPS[code.BuiltinCode()].encode()).decode()


def shape(index):
    return graph.Tensors(index).ShapeAsNumpy().tolist()


def constant(index):
    """Numbers of a tensor, f16: the input of the op that dequantizes them."""
    tensor = graph.Tensors(maker[index].Inputs(0))
    assert tensor.Type() == tflite.TensorType.FLOAT16
    return model.Buffers(tensor.Buffer()).DataAsNumpy().view(np.float16).reshape(tensor.ShapeAsNumpy())


def add_conv(operator, name):
    weight = constant(operator.Inputs(1))
    tensors[name + '.weight'] = weight.transpose((3, 0, 1, 2) if op_name(operator) == 'DEPTHWISE_CONV_2D' else (0, 3, 1, 2))
    tensors[name + '.bias'] = constant(operator.Inputs(2))


def convert_faces():
    convs = [operator for operator in operators if op_name(operator) in CONVS]
    for operator, name in zip(convs, BLAZEFACE_NAMES, strict=True):
        assert name.startswith('depthwise') == (op_name(operator) == 'DEPTHWISE_CONV_2D')
        add_conv(operator, name)
    return {'network': 'faces', 'graph': json.dumps({'nodes': faces_nodes()}, separators=(',', ':')),
            'preprocessing': 'rgb_0_255 minus 0,0,0 divided by 1', 'name': 'BlazeFace, short range'}


def faces_nodes():  # a 5 x 5 convolution, then blocks: y = relu (x + pointwise (depthwise 3 x 3 (x))); new channels of x are 0
    nodes = []

    def add(op, *inputs, **members):
        nodes.append({'op': op, 'in': list(inputs), **members})
        return len(nodes)

    def conv(x, params, **members):
        weight = tensors[params + '.weight']
        groups = weight.shape[0] if params.startswith('depthwise') else 1
        return add('conv', x, params=params, size=list(weight.shape), same=[1], bias=[1], groups=[groups],
                   **{'stride': [1, 1], **members})

    x, channels, taps = add('relu', conv(0, 'conv', stride=[2, 2])), BLAZEFACE_CHANNELS[0], []
    for i, after in enumerate(BLAZEFACE_CHANNELS, 1):
        stride, new = [2, 2] if i in BLAZEFACE_HALVING else [1, 1], after - channels
        y = conv(conv(x, f'depthwise{i}', stride=stride), f'pointwise{i}')
        if i in BLAZEFACE_HALVING:
            x = add('max_pool', x, window=[2, 2], stride=[2, 2])
        if new > 0:
            for kind in ('weight', 'bias'):
                tensors[f'zero{new}.{kind}'] = np.zeros(new, np.float16)
            x = add('concat', x, add('affine', add('slice', x, size=[0, new, 0, 0]), params=f'zero{new}'))
        x, channels = add('relu', add('add', x, y)), after
        taps += [x] if i in (BLAZEFACE_FINE, len(BLAZEFACE_CHANNELS)) else []
    for tap, side in zip(taps, (8, 16)):
        for head in (f'score{side}', f'box{side}'):
            conv(tap, head, name=head)
    return nodes


def convert_people():
    nodes, number = [], {graph.Inputs(0): 0}  # number of the node that makes each tensor

    def add(op, *inputs, **members):
        nodes.append({'op': op, 'in': list(inputs), **members})
        return len(nodes)

    def add_constant(name, channels, value):
        tensors.setdefault(f'{name}{channels}.weight', np.full(channels, value[0], np.float32))
        tensors.setdefault(f'{name}{channels}.bias', np.full(channels, value[1], np.float32))
        return f'{name}{channels}'

    def convert(operator, name):
        x, channels = number.get(operator.Inputs(0)), shape(operator.Outputs(0))[-1]
        if name in CONVS:
            options = CONVS[name]()
            options.Init(operator.BuiltinOptions().Bytes, operator.BuiltinOptions().Pos)
            assert options.FusedActivationFunction() == 0
            params = f'conv{sum(node["op"] == "conv" for node in nodes)}'
            add_conv(operator, params)
            size = list(tensors[params + '.weight'].shape)
            return add('conv', x, params=params, size=size, stride=[options.StrideH(), options.StrideW()], same=[1], bias=[1],
                       groups=[size[0] if name == 'DEPTHWISE_CONV_2D' else 1])
        if name == 'Convolution2DTransposeBias':  # 2 x 2 with stride 2
            tensors['logits.weight'] = constant(operator.Inputs(1)).reshape(4, -1)[:, :, None, None]
            tensors['logits.bias'] = constant(operator.Inputs(2)).repeat(4)
            return add('conv', x, params='logits', name='logits', size=[4, shape(operator.Inputs(0))[-1], 1, 1], stride=[1, 1],
                       bias=[1])
        if name == 'HARD_SWISH':  # x min (max (x / 6 + 0.5, 0), 1)
            slope = add('affine', x, params=add_constant('slope', channels, (1 / 6, 0.5)))
            return add('multiply', x, add('clip', slope, params=add_constant('one', channels, (1, 0))))
        if name == 'AVERAGE_POOL_2D':  # averages all positions
            side = shape(operator.Inputs(0))[1]
            while side > 1:
                window = min(side, MAX_WINDOW)
                x, side = add('average_pool', x, window=[window] * 2, stride=[window] * 2, same=[1]), side // window
            return x
        if name in ('ADD', 'MUL'):
            y = number[operator.Inputs(1)]
            if shape(operator.Inputs(1)) != shape(operator.Inputs(0)):
                y = add('resize', y, x)
            return add({'ADD': 'add', 'MUL': 'multiply'}[name], x, y)
        if name == 'RESIZE_BILINEAR':  # to the size of the last tensor with that height and width
            like = max(i for t, i in number.items() if shape(t)[1:3] == shape(operator.Outputs(0))[1:3])
            return add('resize', x, like)
        return add({'RELU': 'relu', 'LOGISTIC': 'sigmoid'}[name], x)

    for operator in operators[:-1]:  # without the last sigmoid
        if op_name(operator) != 'DEQUANTIZE':
            number[operator.Outputs(0)] = convert(operator, op_name(operator))
    return {'network': 'people', 'graph': json.dumps({'nodes': nodes}, separators=(',', ':')),
            'preprocessing': 'rgb_0_1 minus 0,0,0 divided by 1', 'name': 'selfie segmentation'}


metadata = {'faces': convert_faces, 'people': convert_people}[kind]()
header, data = {'__metadata__': {
    **metadata,
    'source': 'mediapipe 0.10.14, ' + source.split('/')[-1],
    'license': 'Apache-2.0; Copyright The MediaPipe Authors; converted by tools/convert-mediapipe.py'}}, b''
for name, tensor in tensors.items():
    numbers = np.ascontiguousarray(tensor).tobytes()
    header[name] = {'dtype': {'float16': 'F16', 'float32': 'F32'}[tensor.dtype.name], 'shape': list(tensor.shape),
                    'data_offsets': [len(data), len(data) + len(numbers)]}
    data += numbers
text = json.dumps(header, separators=(',', ':')).encode()
text += b' ' * (-len(text) % 8)
open(target, 'wb').write(struct.pack('<Q', len(text)) + text + data)
