"""peer_time.py -- times PyTorch for the other scripts of this folder: on the processor, or with PEER_DEVICE=cuda on an
NVIDIA card."""
import contextlib
import os
import statistics
import time

import torch

DEVICE = os.environ.get('PEER_DEVICE', 'cpu')
torch.set_default_device(DEVICE)
FORMATS = {'contiguous': torch.contiguous_format, 'channels_last': torch.channels_last}
PRECISIONS = ('f32', 'TF32', 'bf16') if DEVICE == 'cuda' else ('f32',)


def now():
    """Waits for all work on the card. Returns the time in seconds."""
    if DEVICE == 'cuda':
        torch.cuda.synchronize()
    return time.perf_counter()


def precision(name):
    """Selects f32, TF32, or bf16 where autocast allows it. Returns the context to compute in."""
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = name != 'f32'
    torch.backends.cudnn.benchmark = True
    return torch.autocast(DEVICE, torch.bfloat16, cache_enabled=False) if name == 'bf16' else contextlib.nullcontext()


def graphed(step):
    """Returns the step as a CUDA graph, which launches all kernels of the step at once."""
    stream = torch.cuda.Stream()
    with torch.cuda.stream(stream):
        for _ in range(3):
            step()
    torch.cuda.synchronize()
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        step()
    return graph.replay


def times_ms(step, warm_up, timed):
    taken = []
    for k in range(warm_up + timed):
        began = now()
        step()
        if k >= warm_up:
            taken.append(1000 * (now() - began))
    return taken


def print_best(make_step, warm_up=4, timed=15, middle=statistics.median, may_graph=True):
    """Prints the milliseconds of a step in the fastest variant; on a card also the name of the variant, and the
    milliseconds of the fastest one in f32. make_step(memory_format) returns the step. may_graph: each step launches the same kernels."""
    found = []
    for name in PRECISIONS:
        for layout, memory_format in FORMATS.items():
            for graph in (False, True) if DEVICE == 'cuda' and may_graph else (False,):
                try:
                    with precision(name):
                        torch.manual_seed(1)
                        step = make_step(memory_format)
                        ms = middle(times_ms(graphed(step) if graph else step, warm_up, timed))
                except RuntimeError as error:
                    if DEVICE == 'cpu':
                        raise
                    found.append((float('inf'), str(error).split('\n')[0]))
                    continue
                found.append((ms, f'{name}, {layout}' + (', graph' if graph else '')))
                if DEVICE == 'cuda':
                    del step
                    torch.cuda.empty_cache()
    ms, way = min(found)
    if ms == float('inf'):
        raise SystemExit(way)
    f32_ms = min(found_ms for found_ms, found_way in found if found_way.startswith('f32') or found_ms == float('inf'))
    print(f'{ms:.1f}' if DEVICE == 'cpu' else f'{ms:.3f} {way}; in f32 {f32_ms:.3f}')
