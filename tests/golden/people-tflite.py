#!/usr/bin/env python3
"""people-tflite.py selfie_segmentation.tflite > people-tflite.txt -- the output of MediaPipe's selfie segmentation, run by
LiteRT's interpreter.

The picture has 256 x 256 px: grey 128, and in a disc of radius 80 px the formula picture "content" at half brightness.
The line is as in vgg-keras.txt, its name "disc": the output, 0..1, [256, 256]. Needs numpy and ai-edge-litert.
"""
import sys

import numpy as np
from ai_edge_litert.interpreter import Interpreter

import formula

SIDE = 256
interpreter = Interpreter(sys.argv[1], num_threads=1)
interpreter.allocate_tensors()
source, = interpreter.get_input_details()
output, = interpreter.get_output_details()
y, x = np.mgrid[:SIDE, :SIDE] - SIDE // 2
rgb = np.where((x * x + y * y < 80 * 80)[..., None], formula.picture('content', SIDE, SIDE) // 2, 128)
interpreter.set_tensor(source['index'], (rgb.astype(np.float32) / np.float32(255))[None])
interpreter.invoke()
print(formula.golden_line('disc', interpreter.get_tensor(output['index']).astype(float).ravel()))
