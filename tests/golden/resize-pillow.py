#!/usr/bin/env python3
"""resize-pillow.py > resize-pillow.txt -- a formula picture, 171 x 140 px, resized by Pillow: nearest, as Keras' load_img
does it, and bilinear. A line: how, width, height, the FNV-1a hash of the RGB bytes. Needs Pillow, 12 at
most: 13 begins with the height where that shrinks and the width grows, which differs by a grey level here and there.
"""
import numpy as np
from PIL import Image

import formula

content = Image.fromarray(formula.picture('content', 140, 171))
for name, how in (('nearest', Image.NEAREST), ('bilinear', Image.BILINEAR)):
    for width, height in ((192, 128), (156, 128), (61, 83), (171, 70), (400, 140), (513, 389)):
        h = formula.hash_name(np.asarray(content.resize((width, height), how)).tobytes().decode('latin1'))
        print(name, width, height, f'{int(h):016x}')
