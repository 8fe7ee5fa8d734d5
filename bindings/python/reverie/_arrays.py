"""Numbers in and out of the library, by the buffer protocol: numpy's arrays or anybody's."""

from __future__ import annotations

import array
import ctypes
import itertools
import math
import weakref
from collections.abc import Iterable
from typing import Any

from ._library import ElementError, ShapeError, library


def new_floats(*shape: int) -> tuple[Any, memoryview[float]]:
    """An array for the library to fill, and how it is looked at."""
    numbers = (ctypes.c_float * math.prod(shape))()
    return numbers, memoryview(numbers).cast("B").cast("f", shape)


def of_tensor(tensor: Any) -> memoryview[float]:
    """The numbers of a tensor [1, ...] of f32, which lives as long as they are looked at. Not to be written."""
    shape = tuple(tensor.contents.shape.dim[1 : tensor.contents.shape.n])
    numbers = (ctypes.c_float * math.prod(shape)).from_address(tensor.contents.data)
    weakref.finalize(numbers, library.rv_tensor_unref, library.rv_tensor_ref(tensor)).atexit = False
    return memoryview(numbers).cast("B").cast("f", shape).toreadonly()


def rows_of(values: Any, columns: int) -> tuple[bytes, int]:
    """Numbers as (n, columns) of f32, from any such array or from a list of rows; how many."""
    try:
        values = memoryview(values).tolist()
    except TypeError:
        values = list(values)
    if values and not isinstance(values[0], Iterable):
        values = [values]  # one row alone
    rows = [list(row) for row in values]
    if any(len(row) != columns for row in rows):
        raise ShapeError(f"each row wants {columns} numbers, not {sorted({len(row) for row in rows})}")
    return array.array("f", itertools.chain(*rows)).tobytes(), len(rows)


def bytes_of(values: Any, *shape: int) -> tuple[bytes, int]:
    """Bytes as (n, *shape); how many."""
    view = memoryview(values)
    size = math.prod(shape)
    if view.format not in ("B", "<B", "@B"):
        raise ElementError(f"pixels are bytes here, 0 to 255, not '{view.format}'")
    if view.nbytes % size:
        raise ShapeError(f"pictures are (n, {', '.join(map(str, shape))}), not {view.shape}")
    return view.tobytes(), view.nbytes // size
