"""Optical flow between two pictures."""

from __future__ import annotations

import ctypes
from typing import Any

from . import _arrays
from ._image import Picture, Source
from ._library import Tensor, library
from ._models import new_settings


def estimate(a: Source, b: Source, settings: dict[str, Any]) -> memoryview[float]:
    pictures = [Picture(a), Picture(b)]
    tensors: list[int] = []
    try:
        with new_settings("flow", settings) as pointer:
            for picture in pictures:
                tensors.append(library.rv_flow_grey(picture._pointer))
            tensors.append(library.rv_flow_estimate(*tensors, None, pointer, None, None))
        numbers, view = _arrays.new_floats(2, pictures[0].height, pictures[0].width)
        ctypes.memmove(numbers, ctypes.cast(tensors[2], ctypes.POINTER(Tensor)).contents.data, ctypes.sizeof(numbers))
        return view
    finally:
        for tensor in tensors:
            library.rv_tensor_unref(tensor)
