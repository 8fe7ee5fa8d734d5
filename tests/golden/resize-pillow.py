#!/usr/bin/env python3
"""resize-pillow.py > resize-pillow.txt -- a formula picture, 171 x 140 px, resized by Pillow: nearest, as by load_img
of Keras, and bilinear.

Each line has the filter, width, height, and the FNV-1a hash of the RGB bytes. Needs Pillow 12 or older: where the
height shrinks and the width grows, Pillow 13 resizes the height first, and some values differ by one grey level.
"""
import numpy as np
from PIL import Image

import formula

content = Image.fromarray(formula.picture('content', 140, 171))
for name, how in (('nearest', Image.NEAREST), ('bilinear', Image.BILINEAR)):
    for width, height in ((192, 128), (156, 128), (61, 83), (171, 70), (400, 140), (513, 389)):
        h = formula.hash_name(np.asarray(content.resize((width, height), how)).tobytes().decode('latin1'))
        print(name, width, height, f'{int(h):016x}')
