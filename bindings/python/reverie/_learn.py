"""Learning styles: a painter is taught on a thread of its own, while the caller's hears how it goes."""

from __future__ import annotations

import ctypes
import dataclasses
import os
import queue
import threading
import weakref
from collections.abc import Callable, Sequence
from typing import Any

from ._image import Picture, Source
from ._library import LearningFunc, LearningProgress, encode, encode_path, library, strings
from ._models import Painter, new_settings

_BEST = 0  # RvImageResize


@dataclasses.dataclass(frozen=True)
class Lesson:
    """A step of learning."""

    iteration: int  #: 1 ...
    iterations: int
    loss: float  #: of the batch, before the step
    losses: dict[str, float]  #: of which it is the sum
    seconds: float
    done: float  #: 0 to 1


class Learning:
    """A painter that learns. Its thread holds it, too: whoever was interrupted twice leaves it to its last step."""

    def __init__(self, network: str | None, weights: str | os.PathLike[str] | None, start: Painter | None,
                 settings: dict[str, Any]):
        name = network or (None if weights else "builtin")
        net = library.rv_network_load(encode(name) if name else None, encode_path(weights) if weights else None,
                                      None)
        try:
            with new_settings("learn", settings) as asked:
                self._pointer = library.rv_learning_new(asked, net, start._pointer if start else None)
        finally:
            library.rv_net_unref(net)
        weakref.finalize(self, library.rv_learning_free, self._pointer).atexit = False
        self._stop = False
        self._error: BaseException | None = None

    def add_style(self, name: str, licence: str | None, paintings: Sequence[Source]) -> None:
        pictures = [Picture(painting) for painting in paintings]
        pointers = (ctypes.c_void_p * len(pictures))(*(picture._pointer for picture in pictures))
        library.rv_learning_add_style(self._pointer, encode(name), encode(licence) if licence else None, pointers,
                                      len(pictures))

    def add_photo(self, photo: Source) -> None:
        """Brought to the size that photographs are best given at."""
        picture = Picture(photo)
        scale = library.rv_learning_photo_px(self._pointer) / min(picture.width, picture.height)
        small = Picture._of_pointer(library.rv_image_resize(picture._pointer, round(picture.width * scale),
                                                            round(picture.height * scale), _BEST))
        library.rv_learning_add_photo(self._pointer, small._pointer)

    def run(self, progress: Callable[[Lesson], object] | None) -> Painter:
        lessons: queue.SimpleQueue[Lesson | None] = queue.SimpleQueue()
        thread = threading.Thread(target=self._learn, args=(lessons, progress is not None), name="reverie learn")
        try:
            thread.start()
            while (lesson := lessons.get()) is not None:
                if progress:
                    progress(lesson)
        finally:
            self._stop = True
            if thread.ident is not None:  # else it never began
                thread.join()
        if self._error:
            raise self._error
        return Painter._of_pointer(library.rv_learning_painter(self._pointer))

    def _learn(self, lessons: queue.SimpleQueue[Lesson | None], listens: bool) -> None:
        """On a thread of its own."""
        names = strings(library.rv_learning_losses(self._pointer))

        def on_step(pointer: Any, data: Any) -> bool:
            step: LearningProgress = pointer.contents
            if listens:
                losses = dict(zip(names, step.losses[: len(names)]))
                lessons.put(Lesson(step.iteration, step.n_iterations, step.loss, losses, step.seconds, step.done_01))
            return not self._stop

        try:
            library.rv_learning_run(self._pointer, LearningFunc(on_step), None)
        except BaseException as error:
            self._error = error
        finally:
            lessons.put(None)
