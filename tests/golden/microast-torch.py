#!/usr/bin/env python3
"""microast-torch.py CODE WEIGHTS > microast-torch.txt -- results of MicroAST's own code (PyTorch) for pictures of
formula.py.

CODE is a checkout of https://github.com/EndyWon/MicroAST (Wang et al. 2023; MIT); net_microAST.py and function.py are
imported unchanged. WEIGHTS is the folder of the published weights. Lines: formula.golden_line of the painted pictures
[3, rows, cols], colours 0..1. A picture larger than the photograph is cropped to its size. Needs torch.
"""
import os
import sys

import torch

import formula

sys.path.insert(0, sys.argv[1])
import net_microAST as net  # noqa: E402


def part(model, name):
    path = next(f for f in os.listdir(sys.argv[2]) if f.startswith(name))
    model.load_state_dict(torch.load(os.path.join(sys.argv[2], path), map_location='cpu'))
    return model.eval()


def picture(name, rows, cols):
    return torch.tensor(formula.picture(name, rows, cols) / 255, dtype=torch.float32).permute(2, 0, 1)[None]


network = net.TestNet(part(net.Encoder(), 'content_encoder'), part(net.Encoder(), 'style_encoder'),
                      part(net.Modulator(), 'modulator'), part(net.Decoder(), 'decoder'))
for name, rows, cols in (('whole', 64, 80), ('odd', 61, 79)):
    with torch.no_grad():
        y = network(picture('content', rows, cols), picture('style', 56, 72))[0, :, :rows, :cols]
    print(formula.golden_line(name, y.clamp(0, 1).numpy()))
