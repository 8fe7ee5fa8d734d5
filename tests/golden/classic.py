"""classic.py -- the operations of `--preset classic` by PyTorch, written from docs/dream.md.

Pictures x and base are [1, 3, H, W] in -1..1; gradients g have the same shape. dream-classic-torch.py uses this file in
f64, bench/peer-torch-dream.py in f32.
"""
import numpy as np
import torch
import torch.nn.functional as F

NATURAL = torch.tensor([[.26, .09, .02], [.27, 0, -.05], [.27, -.09, .03]], dtype=torch.float64)


def blur(x, sigma):
    """Blurs each plane with a Gaussian cut off at 4 sigmas. Beyond the edge the plane is mirrored, its edge
    included."""
    radius = max(int(np.ceil(4 * sigma)), 1)
    k = torch.exp(-.5 * (torch.arange(-radius, radius + 1, dtype=x.dtype) / sigma) ** 2)
    k = k / k.sum()

    def mirror(n):
        i = np.arange(-radius, n + radius) % (2 * n)
        return torch.tensor(np.where(i < n, i, 2 * n - 1 - i))
    planes = x.reshape(-1, 1, *x.shape[-2:])
    planes = F.conv2d(planes[..., mirror(x.shape[-1])], k[None, None, None, :])
    planes = F.conv2d(planes[..., mirror(x.shape[-2]), :], k[None, None, :, None])
    return planes.reshape(x.shape)


def rms(x):
    return x.pow(2).mean().sqrt()


def resize(x, shape):
    return F.interpolate(x, shape, mode='bilinear', align_corners=False, antialias=False)


def even(band, local):
    """Divides a band by its local RMS (Gaussian of @local px) plus 0.3 of its global RMS, then scales it to RMS 1.
    If @local is 0, only the scaling is done."""
    if local > 0:
        band = band / (blur(band.pow(2).mean(1, keepdim=True), local).sqrt() + 0.3 * rms(band))
    return band / rms(band)


def bands(g, n=4, local=8):
    """Splits a gradient into @n octaves of frequency, makes them equally strong by even(), and adds them up again."""
    if n == 1:
        return even(g, local)
    half = resize(blur(g, 1), ((g.shape[2] + 1) // 2, (g.shape[3] + 1) // 2))
    return even(g - resize(half, g.shape[2:]), local) + resize(bands(half, n - 1, local), g.shape[2:])


def mix(g, C):
    """Mixes the colour channels of a gradient by I / 2 + 1.5 C / trace (C), where C is a covariance of colours."""
    A = (torch.eye(3, dtype=torch.float64) / 2 + C / C.trace() * 1.5).to(g.dtype)
    return torch.einsum('ij,bjhw->bihw', A, g)


def hold(x, base, limit):
    """Limits x - @base: its local RMS (Gaussian of 16 px) becomes at most @limit."""
    d = x - base
    s = blur(d.pow(2).mean(1, keepdim=True), 16).sqrt()
    return base + d * torch.where(s > limit, limit / s, 1)


def ease(x, base):
    """Damps x near black and white: 0.7 of the way from @base to -1 or 1 is linear, the rest approaches the end
    exponentially."""
    way = torch.where(x > base, 1 - base, -1 - base)
    t = torch.nan_to_num((x - base) / way)
    return base + way * torch.where(t > 0.7, 0.7 + 0.3 * (1 - torch.exp(-(t - 0.7) / 0.3)), t)


def norm(A, sd):
    """Mean over the positions of the length of a layer's activations, each channel divided by its standard
    deviation."""
    n = (A / (sd + 0.1 * sd.mean())[None, :, None, None]).pow(2).sum(1)
    return (n + 0.05 * n.mean()).sqrt().mean()
