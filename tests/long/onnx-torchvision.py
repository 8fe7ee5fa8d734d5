#!/usr/bin/env python3
"""onnx-torchvision.py BUILD [WORD...] -- compares networks of torchvision with PyTorch: exported to ONNX by both
exporters, with seeded random weights. WORD: only networks whose name contains one.

Exports: "legacy", the older exporter with batch norms kept; "dynamo", the newer one; "plain", the newer one without its
optimiser. The layer is the output of the network. AlexNet and VGG have dense layers of one size: the last layer before
them. Prints differences, relative, L2: the layer in f32; the gradient of its mean square with respect to the picture in
f32 and f64; and PyTorch's own f32 gradient beside its f64. Needs torch, torchvision, onnx and onnxscript.

FAIL: the layer differs by more than 1e-4, the gradient by more than 1e-6 in f64, or by more than 1e-3 in f32.
- f32: rounding decides which of nearly equal numbers is a maximum, and whether a number near 0 passes a ReLU. One such
  decision changes the gradient by 1e-3 to 1e-2, in PyTorch as well, but on few pictures. A wrong formula differs on all
  pictures. If a picture exceeds a limit, the next of PICTURES is taken. The row has the least gradient differences of
  these pictures, and their number.
- f64 of "dynamo": the exporter folds batch norms into convolutions and rounds the weights to f32, so that the file has
  other weights than the network. The limit is 1e-5.
"""
import contextlib
import io
import os
import subprocess
import sys
import tempfile
import warnings

import numpy as np
import torch
import torchvision

NETWORKS = ("alexnet googlenet inception_v3 vgg16 vgg19 vgg16_bn squeezenet1_1 resnet18 resnet50 resnet101 "
            "resnext50_32x4d wide_resnet50_2 densenet121 mobilenet_v2 mobilenet_v3_large efficientnet_b0 "
            "regnet_y_400mf shufflenet_v2_x1_0 mnasnet1_0 convnext_tiny").split()
ROWS, COLS = 96, 80
LIMIT = {"layer": 1e-4, "f64": 1e-6, "f32": 1e-3}
PICTURES = range(2, 10)  # seeds
REFUSED = {("shufflenet_v2_x1_0", "plain"): "operator SplitToSequence"}  # not supported, and no exporter's default
EXPORTS = {  # settings of torch.onnx.export()
    "legacy": dict(dynamo=False, training=torch.onnx.TrainingMode.PRESERVE, do_constant_folding=False),
    "dynamo": dict(dynamo=True, external_data=False),
    "plain": dict(dynamo=True, external_data=False, optimize=False),
}


def make(name):
    """The network with statistics of batch norms measured on noise: with those of new layers, activations vanish."""
    torch.manual_seed(1)
    settings = {"aux_logits": False, "init_weights": True} if name in ("googlenet", "inception_v3") else {}
    net = torchvision.models.get_model(name, weights=None, **settings)
    for module in net.modules():
        if isinstance(module, torch.nn.modules.batchnorm._BatchNorm):
            module.momentum = 1
        if hasattr(module, "layer_scale"):
            torch.nn.init.constant_(module.layer_scale, 0.5)
    with torch.no_grad():
        net.train()(torch.randn(4, 3, 128, 128))
    return net.eval().requires_grad_(False)


def theirs(net, picture, dtype):
    x = picture.to(dtype, copy=True).requires_grad_()
    net = net.to(dtype)
    y = (net.features if "AlexNet" in repr(type(net)) or "VGG" in repr(type(net)) else net)(x)
    gradient = torch.autograd.grad(y.square().mean(), x)[0]
    net.float()
    return y.detach().numpy().ravel().astype(float), gradient.numpy().ravel().astype(float)


def ours(build, folder, kind):
    command = [os.path.join(build, "tests/net-gradient"), *(os.path.join(folder, name) for name in (
        "net.onnx", "picture", "out")), str(ROWS), str(COLS), kind]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(done.stderr.strip().rpartition("net.onnx: ")[2] or f"exit status {done.returncode}")
    numbers = np.fromfile(command[3])
    return numbers[:-3 * ROWS * COLS], numbers[-3 * ROWS * COLS:]


def relative(a, b):
    return float(np.linalg.norm(a - b) / np.linalg.norm(b)) if len(a) == len(b) else float("inf")


def export(net, folder, settings):
    with contextlib.redirect_stdout(io.StringIO()):
        torch.onnx.export(net, (torch.zeros(1, 3, 224, 224),), os.path.join(folder, "net.onnx"), verbose=False,
                          **settings)


def compare(build, net, folder, seed, references):
    """Differences by name, on one picture. references: PyTorch's layers and gradients by seed, filled here."""
    picture = torch.rand(1, 3, ROWS, COLS, generator=torch.Generator().manual_seed(seed))
    if seed not in references:
        references[seed] = theirs(net, picture, torch.float64), theirs(net, picture, torch.float32)
    wide, narrow = references[seed]
    picture.numpy().tofile(os.path.join(folder, "picture"))
    f32, f64 = ours(build, folder, "f32"), ours(build, folder, "f64")
    return {"layer": relative(f32[0], narrow[0]), "f32": relative(f32[1], wide[1]), "f64": relative(f64[1], wide[1]),
            "PyTorch": relative(narrow[1], wide[1])}


def check(build, net, kind, references):
    """A row of differences, and whether they are within the limits; None: the file is refused."""
    limits = LIMIT | ({"f64": 1e-5} if kind == "dynamo" else {})
    with tempfile.TemporaryDirectory() as folder:
        try:
            export(net, folder, EXPORTS[kind])
            least = {}
            for n_pictures, seed in enumerate(PICTURES, 1):
                found = compare(build, net, folder, seed, references)
                for key in ("f32", "f64"):  # the layer must be within its limit on every picture
                    found[key] = least[key] = min(found[key], least.get(key, found[key]))
                wrong = [key for key, limit in limits.items() if not found[key] <= limit]
                if not wrong or "layer" in wrong:
                    break
        except RuntimeError as error:
            return f"refused: {error}", None
    row = "  ".join(f"{key} {value:.1e}" for key, value in found.items())
    return row + (f"  picture {n_pictures}" if n_pictures > 1 else "") + ("  FAIL" if wrong else ""), not wrong


def main():
    build, words = sys.argv[1], sys.argv[2:]
    warnings.simplefilter("ignore")
    torch.set_num_threads(2)
    failed = 0
    for name in [name for name in NETWORKS if not words or any(word in name for word in words)]:
        net, references = make(name), {}
        for kind in EXPORTS:
            row, good = check(build, net, kind, references)
            failed += not (good or (good is None and REFUSED.get((name, kind), "\n") in row))
            print(f"{name:20}{kind:8}{row}", flush=True)
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
