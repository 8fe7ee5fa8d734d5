"""color-files.py FOLDER -- makes color-files: four colours in Display P3's numbers, as telephones write them.

p3.heic says so by a profile, p3.avif by its nclx box. Needs Pillow 11.3 or later, and libvips' program `vips`.
"""

import struct
import subprocess
import sys
from pathlib import Path

from PIL import Image

SIDE = 64
# sRGB's (200, 40, 40), (40, 180, 60), (40, 60, 200) and (230, 200, 50)
COLORS = [(184, 56, 49), (88, 177, 77), (44, 59, 192), (225, 201, 82)]
# Display P3's primaries with a white of D65, adapted to D50 by Bradford's matrix
PRIMARIES = [(0.51512, 0.24120, -0.00105), (0.29198, 0.69225, 0.04189), (0.15710, 0.06657, 0.78407)]
D50 = (0.9642, 1, 0.8249)


def xyz(*values: float) -> bytes:
    return b"".join(struct.pack(">i", round(value * 65536)) for value in values)


def tag(kind: bytes, body: bytes) -> bytes:
    return kind + bytes(4) + body


def profile() -> bytes:
    levels = [level / 255 for level in range(256)]
    light = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in levels]
    curve = tag(b"curv", struct.pack(">I256H", 256, *(round(65535 * v) for v in light)))
    tags = [(b"desc", tag(b"desc", struct.pack(">I", 3) + b"P3\0" + bytes(79))), (b"wtpt", tag(b"XYZ ", xyz(*D50)))]
    tags += [(name, tag(b"XYZ ", xyz(*color))) for name, color in zip((b"rXYZ", b"gXYZ", b"bXYZ"), PRIMARIES)]
    tags += [(name, curve) for name in (b"rTRC", b"gTRC", b"bTRC")]
    start = 132 + 12 * len(tags)
    table, data = b"", b""
    for name, body in tags:
        table += name + struct.pack(">II", start + len(data), len(body))
        data += body + bytes(-len(body) % 4)
    head = struct.pack(">I4xI4s4s4s12x4s28x", start + len(data), 0x02400000, b"mntr", b"RGB ", b"XYZ ", b"acsp") + xyz(*D50)
    return head + bytes(128 - len(head)) + struct.pack(">I", len(tags)) + table + data


folder = Path(sys.argv[1])
card = Image.new("RGB", (SIDE, SIDE))
for i, color in enumerate(COLORS):
    card.paste(color, (i % 2 * SIDE // 2, i // 2 * SIDE // 2, SIDE, SIDE))
card.save(folder / "p3.png", icc_profile=profile())
subprocess.run(["vips", "copy", folder / "p3.png", f"{folder / 'p3.heic'}[Q=90]"], check=True)
(folder / "p3.png").unlink()
card.save(folder / "p3.avif", quality=95)
data = (folder / "p3.avif").read_bytes()
assert data.count(b"nclx\0\1\0\x0d") == 1  # sRGB's primaries and curve
(folder / "p3.avif").write_bytes(data.replace(b"nclx\0\1", b"nclx\0\x0c"))
