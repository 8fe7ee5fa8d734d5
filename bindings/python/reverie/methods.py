"""Functions that run a method in one call. Other keyword arguments are settings, from the library's tables;
make-stub.py makes a stub with all of them."""

import ctypes
import os
from collections.abc import Callable
from typing import Any

from . import _arrays
from ._image import Picture, Source
from ._job import Job, Report
from ._library import Tensor, encode, library, strings
from ._models import StyleNetwork, new_settings
from ._settings import of_job, options, plain, with_settings


def _add(job: Job, **inputs: Any) -> None:
    for role, sources in inputs.items():
        if sources is not None:
            job.add(role, *(sources if isinstance(sources, (list, tuple)) else [sources]))


def _style_networks(learned: Any) -> list[Source]:
    """Returns the files in `learned`, whose items are NAME or FILE[:STYLE][:WEIGHT]."""
    items = library.rv_text_split_files(encode(str(learned or "")), None)
    heads = ([item.rsplit(":", n)[0] for n in range(3)] for item in strings(items))
    found = [file for file in (next(filter(os.path.isfile, names), None) for names in heads) if file]
    library.g_strfreev(items)
    return found


@with_settings("style-learned", *of_job("style"))
def style(photo: Source, painting: Source | list[Source] | None = None, *,
          masks: list[Source] | None = None, init: Source | None = None, protect: Source | None = None,
          progress: Callable[[Report], object] | None = None, preview_every: float = 0,
          **settings: Any) -> Picture:
    """Paints a photograph in the style of a painting, or of several in a list, and returns the picture.

    `masks`: one for each painting, white where it is used. `protect`: white where the photograph stays. `init`: a value
    of the setting, or the picture to begin with. `learned`: styles to paint in, in one pass: names of built-in ones, or
    files of learn(). `painting` is then given only with "any", and settings of iterations have no effect. `progress` is
    called with a Report of each iteration. A Report has a picture every `preview_every` seconds; 0: never. With
    `output` the picture is also written to that file.

    Raises SettingError, FileError, FormatError, ShapeError or OutOfMemory, and any exception of `progress`.
    """
    if init is not None and not (isinstance(init, str) and init in options("style")["init"]["choices"]):
        settings["init"] = "picture"
    elif init is not None:
        settings["init"], init = init, None
    kind, learned = "style", plain(settings.pop("learned", None))
    if learned is not None:
        kind, settings["learned"] = "style-learned", learned
    job = Job(kind, progress=progress, preview_every=preview_every, **settings)
    _add(job, content=photo, style=painting, painter=_style_networks(learned), mask=masks, init=init, protect=protect)
    return job.wait()


@with_settings(*of_job("dream"))
def dream(picture: Source | list[Source] | None = None, *, mask: Source | None = None, guide: Source | None = None,
          style: Source | None = None, where: Source | list[Source] | None = None,
          progress: Callable[[Report], object] | None = None, preview_every: float = 0,
          **settings: Any) -> Picture:
    """Enhances in a picture what a network recognises (DeepDream), and returns the picture.

    `picture`: one picture, or a list of frames; none with `init="noise"`. `mask`: white where to dream. `guide`:
    picture whose features the dream grows toward. `style`: painting whose strokes the dream also gets. `where`:
    pictures that `toward` names. `progress`, `preview_every`, `output` and exceptions are those of style().
    """
    job = Job("dream", progress=progress, preview_every=preview_every, **settings)
    _add(job, picture=picture, mask=mask, guide=guide, style=style, where=where)
    return job.wait()


@with_settings("flow")
def flow(a: Source, b: Source, **settings: Any) -> "memoryview[float]":
    """Estimates the optical flow from `a` to `b`, two pictures of one size.

    Returns (2, height, width) of f32, in px: to the right, then downwards. The point at p in `a` is at p + flow in `b`.
    Raises ShapeError if the sizes differ.
    """
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


@with_settings(*of_job("learn"))
def learn(paintings: Source | list[Source], photos: Source | list[Source], *,
          painter: "str | os.PathLike[str] | None" = None, progress: Callable[[Report], object] | None = None,
          preview_every: float = 0, **settings: Any) -> StyleNetwork:
    """Trains a style network and returns it. It has one style for each painting, named after its file; with `as_one`,
    one style of all paintings, named `name`.

    `photos`: some hundreds of training photographs, or folders of them. `painter`: file of the style network to train
    further; default: the built-in one, in minutes. `from_scratch` trains all weights, in hours. `progress`,
    `preview_every`, `output` and exceptions are those of style().
    """
    job = Job("learn", progress=progress, preview_every=preview_every, **settings)
    _add(job, style=paintings, photo=photos, painter=painter)
    job.wait()
    model = job.model
    assert isinstance(model, StyleNetwork)
    return model
