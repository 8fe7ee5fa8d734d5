"""color-files.py FOLDER -- writes color-files: four colours in the formats of phones and cameras.

p3.heic has a profile of Display P3; p3.avif states Display P3 in its nclx box. hlg.heic and hlg.avif have 10 bits and
state HLG with BT.2020 primaries in their nclx boxes. Needs Pillow 11.3 or later, libvips' program `vips`, and ffmpeg
with libaom.
"""

import struct
import subprocess
import sys
import zlib
from pathlib import Path

from PIL import Image

SIDE = 64
# the sRGB colours (200, 40, 40), (40, 180, 60), (40, 60, 200) and (230, 200, 50) in Display P3
COLORS = [(184, 56, 49), (88, 177, 77), (44, 59, 192), (225, 201, 82)]
# the same colours in HLG, times 65535; white is at 203 cd/m2, the system gamma is 1.2 (ITU-R BT.2100)
HLG = [(40203, 16812, 11988), (26040, 39981, 18212), (16656, 16078, 46188), (45428, 43271, 18567)]
# primaries of Display P3, whose white is D65, adapted to D50 by Bradford's matrix
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


def save_png16(path: Path, colors: list[tuple[int, int, int]]) -> None:
    rows = [colors[2 * half : 2 * half + 2] for half in range(2)]
    lines = [b"\0" + b"".join(struct.pack(">3H", *color) * (SIDE // 2) for color in row) for row in rows for _ in range(SIDE // 2)]
    chunks = [(b"IHDR", struct.pack(">IIBBBBB", SIDE, SIDE, 16, 2, 0, 0, 0)), (b"iCCP", b"P3\0\0" + zlib.compress(profile()))]
    chunks += [(b"IDAT", zlib.compress(b"".join(lines))), (b"IEND", b"")]
    parts = [struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body)) for name, body in chunks]
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(parts))


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

deep = folder / "hlg.png"
save_png16(deep, HLG)
subprocess.run(["vips", "copy", deep, f"{folder / 'hlg.heic'}[Q=95,bitdepth=10]"], check=True)
data = (folder / "hlg.heic").read_bytes()
at = data.index(b"colrrICC")  # becomes an nclx box of the same size; libheif encodes with the matrix of BT.601
size = struct.unpack(">I", data[at - 4 : at])[0] - 4
nclx = b"colrnclx" + struct.pack(">HHHB", 9, 18, 6, 0x80)
(folder / "hlg.heic").write_bytes(data[:at] + nclx + bytes(size - len(nclx)) + data[at + size :])
chain = "zscale=matrix=bt2020nc:range=pc,format=yuv444p10le"
tags = ["-color_primaries", "bt2020", "-color_trc", "arib-std-b67", "-colorspace", "bt2020nc", "-color_range", "pc"]
codec = ["-c:v", "libaom-av1", "-crf", "5", "-still-picture", "1", "-f", "avif"]
subprocess.run(["ffmpeg", "-v", "error", "-y", "-i", deep, "-vf", chain, *tags, *codec, folder / "hlg.avif"], check=True)
deep.unlink()
