#!/usr/bin/env python3
"""convert-faces.py face_detection_short_range.tflite data/faces.safetensors -- converts MediaPipe's BlazeFace (short
range; Bazarevsky et al. 2019; Apache-2.0, the MediaPipe Authors) to f16 tensors in the layout of src/method/faces.

The file is in the wheel of mediapipe 0.10.14, at mediapipe/modules/face_detection. Tensors are named by their position:
conv, then depthwise1 and pointwise1 to depthwise16 and pointwise16, then the heads score8, score16, box8, box16; each has
.weight [out, in / groups, rows, columns] and .bias [out]. Needs numpy and tflite.
"""
import json
import struct
import sys

import numpy as np
import tflite

source, target = sys.argv[1:]
model = tflite.Model.GetRootAsModel(open(source, 'rb').read(), 0)
graph = model.Subgraphs(0)
maker = {graph.Operators(i).Outputs(0): graph.Operators(i) for i in range(graph.OperatorsLength())}


def code(operator):
    return model.OperatorCodes(operator.OpcodeIndex()).BuiltinCode()


def constant(index):
    """The numbers of a tensor: f16, behind an op that dequantizes them."""
    index = maker[index].Inputs(0)
    tensor = graph.Tensors(index)
    assert tensor.Type() == tflite.TensorType.FLOAT16
    return model.Buffers(tensor.Buffer()).DataAsNumpy().view(np.float16).reshape(tensor.ShapeAsNumpy())


names = ['conv'] + [f'{kind}{i}' for i in range(1, 17) for kind in ('depthwise', 'pointwise')]
names += ['score8', 'score16', 'box8', 'box16']
tensors = {}
for i in range(graph.OperatorsLength()):
    operator = graph.Operators(i)
    if code(operator) in (tflite.BuiltinOperator.CONV_2D, tflite.BuiltinOperator.DEPTHWISE_CONV_2D):
        name = names.pop(0)
        weight = constant(operator.Inputs(1))
        is_depthwise = code(operator) == tflite.BuiltinOperator.DEPTHWISE_CONV_2D
        assert is_depthwise == name.startswith('depthwise')
        tensors[name + '.weight'] = weight.transpose((3, 0, 1, 2) if is_depthwise else (0, 3, 1, 2))
        tensors[name + '.bias'] = constant(operator.Inputs(2))
assert not names

header, data = {'__metadata__': {
    'name': 'BlazeFace, short range',
    'source': 'mediapipe 0.10.14, face_detection_short_range.tflite',
    'license': 'Apache-2.0; Copyright The MediaPipe Authors; converted by tools/convert-faces.py'}}, b''
for name, tensor in tensors.items():
    numbers = np.ascontiguousarray(tensor).tobytes()
    header[name] = {'dtype': 'F16', 'shape': list(tensor.shape), 'data_offsets': [len(data), len(data) + len(numbers)]}
    data += numbers
text = json.dumps(header, separators=(',', ':')).encode()
text += b' ' * (-len(text) % 8)
open(target, 'wb').write(struct.pack('<Q', len(text)) + text + data)
