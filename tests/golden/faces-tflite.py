#!/usr/bin/env python3
"""faces-tflite.py face_detection_short_range.tflite > faces-tflite.txt -- outputs of MediaPipe's BlazeFace, run by
LiteRT's interpreter, for two pictures of 128 x 128 px: the formula picture "content", and a drawn face.

Lines as in vgg-keras.txt: content/scores, content/boxes, drawn/scores, drawn/boxes, [896] and [896, 16]. The line
"face" has the best score of the drawn face, 0..1; the box as left, top, right, bottom; and six points x, y. Box and
points are in sides of the picture. Both are means, weighted by score, over boxes with a score of 0.5 or more whose
intersection over union with the best box is above 0.3. Needs numpy and ai-edge-litert.
"""
import sys

import numpy as np
from ai_edge_litert.interpreter import Interpreter

import formula

SIDE = 128
# x, y and half axes in px, then red, green and blue: the ellipses of test_draw_face() in tests/unit/test-faces.c
ELLIPSES = [(64, 66, 40, 52, 90, 60, 40), (64, 70, 34, 44, 224, 178, 148), (50, 60, 8, 4, 250, 250, 250), (78, 60, 8, 4, 250, 250, 250),
            (50, 60, 4, 4, 50, 30, 20), (78, 60, 4, 4, 50, 30, 20), (50, 51, 10, 2, 80, 50, 30), (78, 51, 10, 2, 80, 50, 30),
            (64, 78, 5, 3, 180, 120, 100), (64, 92, 13, 4, 170, 70, 70)]


def drawn_face():
    rgb = np.full((SIDE, SIDE, 3), 200, np.uint8)
    y, x = np.mgrid[:SIDE, :SIDE]
    for cx, cy, a, b, *color in ELLIPSES:
        rgb[((x - cx) * b) ** 2 + ((y - cy) * a) ** 2 <= (a * b) ** 2] = color
    return rgb


interpreter = Interpreter(sys.argv[1], num_threads=1)
interpreter.allocate_tensors()
source, = interpreter.get_input_details()
outputs = {tuple(d['shape'])[-1]: d['index'] for d in interpreter.get_output_details()}
for name, rgb in ('content', formula.picture('content', SIDE, SIDE)), ('drawn', drawn_face()):
    interpreter.set_tensor(source['index'], (rgb.astype(np.float32) / np.float32(127.5) - 1)[None])
    interpreter.invoke()
    scores, boxes = interpreter.get_tensor(outputs[1])[0, :, 0], interpreter.get_tensor(outputs[16])[0]
    print(formula.golden_line(name + '/scores', scores))
    print(formula.golden_line(name + '/boxes', boxes))

centers = np.concatenate([[((i + 0.5) / n, (k + 0.5) / n) for k in range(n) for i in range(n) for _ in range(anchors)]
                          for n, anchors in ((16, 2), (8, 6))])
scores = 1 / (1 + np.exp(-np.clip(scores.astype(float), -100, 100)))
points = boxes.astype(float).reshape(896, 8, 2) / SIDE
points[:, [0, 2, 3, 4, 5, 6, 7]] += centers[:, None]
corners = np.concatenate([points[:, 0] - points[:, 1] / 2, points[:, 0] + points[:, 1] / 2], 1)
best = scores.argmax()
low, high = np.maximum(corners[:, :2], corners[best, :2]), np.minimum(corners[:, 2:], corners[best, 2:])
both = np.maximum(high - low, 0).prod(1)
areas = points[:, 1].prod(1)
keep = (scores >= 0.5) & (both > 0.3 * (areas + areas[best] - both))
face = (np.concatenate([corners, points[:, 2:].reshape(896, 12)], 1)[keep] * scores[keep, None]).sum(0) / scores[keep].sum()
print('face', f'{scores[best]:.6g}', *(f'{v:.6g}' for v in face))
