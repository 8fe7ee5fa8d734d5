#!/usr/bin/env python3
"""fourier-torch.py > fourier-torch.txt -- the picture of a spectrum and the gradient of the spectrum, by torch.fft in
f64.

Written from docs/dream.md. Pictures have 97 x 121 px in -1..1. Lines, as formula.golden_line:
  picture   the picture of the spectrum formula.numbers ('spectrum')
  gradient  the gradient of sum (picture * formula.numbers ('wanted')) with respect to the spectrum
Needs torch.
"""
import torch

import formula

ROWS, COLS = 97, 121
M = torch.tensor([[.26, .09, .02], [.27, 0, -.05], [.27, -.09, .03]], dtype=torch.float64)


def hartley(x):
    """Hartley transform along each of the last two axes: real minus imaginary part of the Fourier transform."""
    for axis in (-2, -1):
        F = torch.fft.fft(x, dim=axis, norm='ortho')
        x = F.real - F.imag
    return x


def picture(s):
    f = torch.hypot(torch.fft.fftfreq(ROWS, dtype=torch.float64)[:, None], torch.fft.fftfreq(COLS, dtype=torch.float64))
    z = hartley(s / (4 * f.clamp(min=1 / max(ROWS, COLS))))
    return 2 * torch.sigmoid(torch.einsum('ij,jhw->ihw', M / M.norm(dim=0).max(), z)) - 1


def numbers(name):
    return torch.tensor(formula.numbers(name, 3 * ROWS * COLS)).reshape(3, ROWS, COLS)


s = numbers('spectrum').requires_grad_()
x = picture(s)
print(formula.golden_line('picture', x.detach().numpy()))
print(formula.golden_line('gradient', torch.autograd.grad((x * numbers('wanted')).sum(), s)[0].numpy()))
