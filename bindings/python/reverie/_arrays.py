"""Arrays in and out of the library, by the buffer protocol: numpy and others."""

from __future__ import annotations

import array
import ctypes
import itertools
import math
import os
import weakref
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from ._library import DtypeError, FreeFunc, OutOfMemory, Shape, ShapeError, library

_F32 = 0  # RvType
_FULL_READ_ONLY = 0x11C  # PyBUF_FULL_RO


class _Buffer(ctypes.Structure):  # Py_buffer, of Python's stable interface
    _fields_ = [("buf", ctypes.c_void_p), ("obj", ctypes.c_void_p), ("len", ctypes.c_ssize_t),
                ("itemsize", ctypes.c_ssize_t), ("readonly", ctypes.c_int), ("ndim", ctypes.c_int),
                ("format", ctypes.c_char_p), ("shape", ctypes.c_void_p), ("strides", ctypes.c_void_p),
                ("suboffsets", ctypes.c_void_p), ("internal", ctypes.c_void_p)]


def _hold(view: memoryview[Any]) -> _Buffer:
    """Pins the memory of `view` until PyBuffer_Release(). ctypes itself only accepts writable memory."""
    buffer = _Buffer()
    ctypes.pythonapi.PyObject_GetBuffer(ctypes.py_object(view), ctypes.byref(buffer), _FULL_READ_ONLY)
    return buffer


@contextmanager
def address(view: memoryview[Any]) -> Iterator[int]:
    """Yields the address of the memory of `view`, for reading only."""
    buffer = _hold(view)
    try:
        yield buffer.buf
    finally:
        ctypes.pythonapi.PyBuffer_Release(ctypes.byref(buffer))


_held: dict[int, _Buffer] = {}  # key: id() of the buffer; tensors are freed on any thread


def _release(key: int) -> None:
    ctypes.pythonapi.PyBuffer_Release(ctypes.byref(_held.pop(key)))


_on_free = FreeFunc(_release)


def to_bytes(view: memoryview[Any]) -> int:
    """Returns GBytes over contiguous memory, without a copy."""
    buffer = _hold(view)
    _held[key := id(buffer)] = buffer
    return int(library.g_bytes_new_with_free_func(buffer.buf, view.nbytes, _on_free, key))


def to_tensor(view: memoryview[Any]) -> int:
    """Returns a tensor [1, ...] over contiguous f32, without a copy."""
    with address(view) as data:
        if data % view.itemsize:
            raise DtypeError(f"numbers of {view.itemsize} bytes must be aligned")
    data = to_bytes(view)
    try:
        shape = Shape(view.ndim + 1, (ctypes.c_int64 * 4)(1, *(view.shape or ())))
        return int(library.rv_tensor_new_from_bytes(_F32, shape, data))
    finally:
        library.g_bytes_unref(data)


def new_floats(*shape: int) -> tuple[Any, memoryview[float]]:
    """Returns an array for the library to fill, and a view of it. Raises ShapeError if it is empty, or OutOfMemory if
    it needs more than half of the machine's memory."""
    if min(shape) < 1:
        raise ShapeError(f"an array of {shape} is empty")
    try:
        if 4 * math.prod(shape) > os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2:
            raise MemoryError
        numbers = (ctypes.c_float * math.prod(shape))()
    except MemoryError:
        raise OutOfMemory(f"an array of {shape} is too large for the memory") from None
    return numbers, memoryview(numbers).cast("B").cast("f", shape)


def of_tensor(tensor: Any, first: int = 1) -> memoryview[float]:
    """Returns the numbers of a tensor of f32, read-only, without the first `first` sizes of its shape, which are 1.
    The view keeps the tensor alive."""
    shape = tuple(tensor.contents.shape.dim[first : tensor.contents.shape.n])
    numbers = (ctypes.c_float * math.prod(shape)).from_address(tensor.contents.data)
    weakref.finalize(numbers, library.rv_tensor_unref, library.rv_tensor_ref(tensor)).atexit = False
    return memoryview(numbers).cast("B").cast("f", shape).toreadonly()


def rows_of(values: Any, columns: int) -> tuple[bytes, int]:
    """Returns numbers from an array or a list of rows as (n, columns) of f32, and n.

    Raises ShapeError or DtypeError.
    """
    try:
        try:
            values = memoryview(values).tolist()
        except TypeError:
            values = list(values)
        if values and not isinstance(values[0], Iterable):
            values = [values]  # a single row
        rows = [list(row) for row in values]
        numbers = array.array("f", itertools.chain(*rows)).tobytes()
    except (TypeError, NotImplementedError, OverflowError) as error:
        raise DtypeError(f"rows are numbers, or an array of integers, f32 or f64 ({error})") from error
    if any(len(row) != columns for row in rows):
        raise ShapeError(f"each row needs {columns} numbers, not {sorted({len(row) for row in rows})}")
    return numbers, len(rows)


def bytes_of(values: Any, *shape: int) -> tuple[bytes, int]:
    """Returns bytes, or an array of (n, *shape) or `shape`, as (n, *shape), and n. Raises ShapeError or DtypeError."""
    try:
        view = memoryview(values)
    except TypeError:
        raise DtypeError(f"pixels are bytes or an array of bytes, not {type(values).__name__}") from None
    size = math.prod(shape)
    if view.format not in ("B", "<B", "@B"):
        raise DtypeError(f"pixels are bytes here, 0 to 255, not '{view.format}'")
    of = tuple(view.shape or ())
    if of[-3:] != shape and len(of) != 1 or len(of) > 4 or view.nbytes % size:
        raise ShapeError(f"pictures are (n, {', '.join(map(str, shape))}), not {of}")
    return view.tobytes(), view.nbytes // size
