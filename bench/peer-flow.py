# peer-flow.py FOLDER -- OpenCV's DIS on the scenes of bench-flow: mean end-point error over visible pixels, and median
# milliseconds on one thread. pip install opencv-python-headless
import glob
import os
import sys
import time

import cv2
import numpy as np

RUNS = 7
PRESETS = {"medium": cv2.DISOPTICAL_FLOW_PRESET_MEDIUM, "fast": cv2.DISOPTICAL_FLOW_PRESET_FAST}

cv2.setNumThreads(1)
for file in sorted(glob.glob(os.path.join(sys.argv[1], "*-truth.flo")), key=os.path.getsize):
    name = os.path.basename(file)[: -len("-truth.flo")]
    first, second = (cv2.imread(file.replace("truth.flo", f"{which}.png"), cv2.IMREAD_GRAYSCALE) for which in ("from", "to"))
    truth = np.fromfile(file, "<f4", offset=12).reshape(*first.shape, 2)
    for preset, number in PRESETS.items():
        dis = cv2.DISOpticalFlow_create(number)
        ms = []
        for _ in range(RUNS):
            began = time.process_time()
            flow = dis.calc(first, second, None)
            ms.append(1e3 * (time.process_time() - began))
        error = np.hypot(*np.moveaxis(flow - truth, -1, 0))[truth[..., 0] < 1e9].mean()
        print(f"{name} opencv  {preset:7} {sorted(ms)[RUNS // 2]:7.1f} ms  {error:.3f} px")
