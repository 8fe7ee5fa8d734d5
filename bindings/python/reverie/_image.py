"""Pictures, from and to files and arrays."""

from __future__ import annotations

import ctypes
import functools
import importlib
import io
import json
import os
import tempfile
import weakref
from typing import Any

from . import _arrays
from ._library import (DtypeError, FormatError, Handle, Image, SaveOptions, ShapeError, encode, encode_path, library,
                       number, whole)

# Formats of the buffer protocol to RvPixelType (image.h).
_PIXEL_TYPES = {"B": 0, "H": 1, "f": 2}

Source = Any  # a path, the bytes of a file, a PIL picture, a Picture, or an array


class Picture(Handle):
    """A picture, in sRGB.

    numpy.asarray(picture) returns its pixels, (height, width, 3 or 4) bytes, without a copy.
    PIL.Image.fromarray(picture) works, and notebooks show it. A picture that a job made has `settings` and `recipe`.
    """

    #: Settings that the picture was made with, by keyword argument. None: unknown.
    settings: dict[str, Any] | None = None
    _recipe: str | None = None
    _truncate = False  # truncates to 8 bits when saved

    def __init__(self, source: Source):
        """Reads a path, the bytes of a file (bytes), a PIL picture, or an array by the buffer protocol.

        Arrays are (height, width) or (height, width, 1 to 4), of u8, u16 (0..65535) or f32 (0..1); alpha is not
        premultiplied. Raises FileError, FormatError, ShapeError or DtypeError.
        """
        self._own(_load(source))
        self._recipe = _recipe_of(source)

    @classmethod
    def from_planes(cls, planes: Any) -> Picture:
        """Returns a picture of `planes`, (3, height, width) of f32, 0..255, without a copy.

        The array must not change while the picture exists. All other arrays are copied once. Raises DtypeError or
        ShapeError.
        """
        view: memoryview[Any] = memoryview(planes)
        shape = tuple(view.shape or ())
        if view.format.lstrip("@=<") != "f":
            raise DtypeError(f"planes are f32, not '{view.format}' (of buffer protocols)")
        if len(shape) != 3 or shape[0] != 3 or 0 in shape or not view.c_contiguous:
            raise ShapeError(f"planes are (3, height, width), one after the other, not {shape}")
        tensor = _arrays.to_tensor(view)
        try:
            return cls._of_pointer(library.rv_image_new_from_planes(tensor, None))
        finally:
            library.rv_tensor_unref(tensor)

    @classmethod
    def _of_pointer(cls, pointer: int) -> Picture:
        """Takes over the reference."""
        picture = cls.__new__(cls)
        picture._own(pointer)
        return picture

    def _own(self, pointer: int) -> None:
        self._pointer = pointer
        self._image = ctypes.cast(pointer, ctypes.POINTER(Image)).contents
        weakref.finalize(self, library.rv_image_unref, pointer).atexit = False

    @property
    def width(self) -> int:
        """Width in px."""
        return int(self._image.width)

    @property
    def height(self) -> int:
        """Height in px."""
        return int(self._image.height)

    @property
    def recipe(self) -> dict[str, Any] | None:
        """Recipe from the file: the settings and inputs that the picture was made from. None: unknown."""
        return json.loads(self._recipe) if self._recipe is not None else None

    def __repr__(self) -> str:
        return f"<reverie.Picture {self.width} x {self.height} px>"

    # ---- arrays ------------------------------------------------------------------------------------------------------

    @property
    def planes(self) -> memoryview[float]:
        """Red, green and blue as computed: (3, height, width) of f32, nominally 0..255. Read-only, without a copy."""
        return _arrays.of_tensor(self._image.rgb)

    @functools.cached_property
    def pixels(self) -> memoryview:
        """Bytes as save() writes them: (height, width, 3), or 4 with transparency. Converted once."""
        if self._truncate:
            return Picture(self._repr_png_()).pixels
        channels = 4 if self._image.alpha else 3
        data = bytearray(self.width * self.height * channels)
        library.rv_image_to_memory(self._pointer, (ctypes.c_ubyte * len(data)).from_buffer(data), _PIXEL_TYPES["B"],
                                   channels, self.width * channels)
        return memoryview(data).cast("B", (self.height, self.width, channels))

    @property
    def __array_interface__(self) -> dict[str, Any]:
        pixels = self.pixels
        address = ctypes.addressof(ctypes.c_char.from_buffer(pixels))
        return {"version": 3, "typestr": "|u1", "shape": pixels.shape, "strides": pixels.strides,
                "data": (address, False)}

    def __buffer__(self, flags: int) -> memoryview:  # Python 3.12 and later
        return self.pixels

    def tobytes(self) -> bytes:
        """Returns a copy of `pixels`, row by row."""
        return self.pixels.tobytes()

    # ---- files -------------------------------------------------------------------------------------------------------

    def save(self, path: str | os.PathLike[str], *, quality: int = 0, bits: int = 0, dpi: float = 0) -> None:
        """Writes the picture and its recipe to a .png, .jpg, .webp or .tif file, completely or not at all.

        `quality`: of JPEG and WebP, 1..100; 0: 95. `bits`: of PNG and TIFF, 8 or 16; 0: 8. `dpi`: resolution stored in
        the file; 0: 72. Raises SettingError or FileError.
        """
        recipe = encode(self._recipe) if self._recipe is not None else None
        options = SaveOptions(whole("quality", quality), whole("bits", bits), number("dpi", dpi), self._truncate,
                              recipe)
        library.rv_image_save_sized(self._pointer, encode_path(path), options, ctypes.sizeof(options))

    def _repr_png_(self) -> bytes:
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "picture.png")
            self.save(path)
            with open(path, "rb") as file:
                return file.read()


def _recipe_of(source: Source) -> str | None:
    if isinstance(source, Picture):
        return source._recipe
    if not isinstance(source, (str, os.PathLike)):
        return None
    try:
        return library.take_text(library.rv_image_recipe(encode_path(source)))
    except FormatError:  # no recipe
        return None


def _load(source: Source) -> int:
    if isinstance(source, Picture):
        return int(library.rv_image_ref(source._pointer))
    if isinstance(source, (str, os.PathLike)):
        return int(library.rv_image_load(encode_path(source), 0, 0))
    if isinstance(source, (bytes, bytearray)):
        return _load_file(source)
    if hasattr(source, "getbands"):
        return _load_pillow(source)
    try:
        array = memoryview(source)
    except TypeError:
        if not hasattr(source, "__array__"):
            raise DtypeError("a picture is a path, the bytes of a file, a PIL picture or an array, not "
                               f"{type(source).__name__}") from None
        array = memoryview(source.__array__())
    return _load_array(array)


def _load_pillow(source: Any) -> int:
    """Loads a PIL picture as if from its file: upright, in sRGB by its profile. Mode "F" is 0..1, "I" is 0..65535."""
    if 0 in source.size:
        raise ShapeError("the picture is empty: {} x {} px".format(*source.size))
    picture = importlib.import_module("PIL.ImageOps").exif_transpose(source)
    profile = source.info.get("icc_profile")
    if picture.mode == "La":  # Pillow converts La only to LA
        picture = picture.convert("LA")
    if picture.mode == "I;16N":  # convert() of some versions of Pillow keeps only 8 bits
        frombytes = importlib.import_module("PIL.Image").frombytes
        picture = frombytes("I;16", picture.size, picture.tobytes(), "raw", "I;16N")
    if picture.mode in ("I", "I;16L"):
        picture = picture.convert("I").convert("I;16")
    elif picture.mode not in ("CMYK", "LAB", "F") and not picture.mode.startswith("I;16"):
        clear = (picture.mode[-1] in "Aa" or "transparency" in picture.info
                 or (picture.mode == "P" and picture.palette.mode[-1] == "A"))
        grey = profile and picture.mode in ("1", "L", "LA")
        picture = picture.convert(("LA" if clear else "L") if grey else "RGBA" if clear else "RGB")
        if not profile:
            shape = (picture.height, picture.width, 4 if clear else 3)
            return _load_array(memoryview(picture.tobytes()).cast("B", shape))
    file = io.BytesIO()
    picture.save(file, "TIFF", icc_profile=profile or b"", compression="raw")
    return _load_file(file.getvalue())


def _load_file(data: bytes | bytearray) -> int:
    file = _arrays.to_bytes(memoryview(data))
    try:
        return int(library.rv_image_load_bytes(file, 0, 0))
    finally:
        library.g_bytes_unref(file)


def _load_array(array: memoryview[Any]) -> int:
    kind = array.format.lstrip("@=<")
    if kind not in _PIXEL_TYPES:
        raise DtypeError(f"a picture's numbers are u8, u16 or f32, not '{array.format}' (of buffer protocols)")
    shape = tuple(array.shape or ())
    if len(shape) not in (2, 3) or 0 in shape or not 1 <= (*shape, 1)[2] <= 4:
        raise ShapeError(f"a picture is (height, width) or (height, width, 1 to 4), not {shape}")
    height, width, channels = (*shape, 1)[:3]
    pixel = channels * array.itemsize
    strides = tuple(array.strides or ())
    if strides[1:] != (pixel, array.itemsize)[: len(shape) - 1] or strides[0] < width * pixel:
        # Only whole rows in order are read in place.
        array, strides = memoryview(array.tobytes()), (width * pixel,)
    with _arrays.address(array) as data:
        return int(library.rv_image_new_from_memory(data, _PIXEL_TYPES[kind], width, height, channels,
                                                    strides[0]))


def mask(photo: Source, of: str = "faces", *, threads: int = 0) -> Picture:
    """Makes a mask of a part of a photograph: white there, black elsewhere, with soft edges; black if nothing is found.

    `of`: "faces", "people", "subject", "background" or "sky". `threads`: 0: one for each physical core.
    Raises SettingError, OutOfMemory, and the errors of Picture().
    """
    picture = Picture(photo)
    return Picture._of_pointer(library.rv_mask_new(picture._pointer, encode(of), whole("threads", threads), None))
