"""Videos as sequences of pictures. The programs ffmpeg and ffprobe read and write them."""

from __future__ import annotations

import ctypes
import os
import threading
import weakref
from collections.abc import Iterator
from fractions import Fraction

from ._image import Picture, Source
from ._library import (Handle, SettingError, VideoInfo, VideoReadOptions, VideoWriteOptions, encode, encode_path,
                       library, number, whole)


class VideoReader(Handle):
    """Reads the frames of a video, in order, once: for picture in VideoReader("clip.mp4", to=3): ...

    Several threads may share one; each frame goes to one of them.
    """

    def __init__(self, path: str | os.PathLike[str], *, from_: float = 0, to: float = 0, every: int = 1,
                 width: int = 0, height: int = 0):
        """Opens a video. Raises FileError or FormatError.

        `from_`, `to`: seconds; `to=0`: the end. `every`: use every `every`-th frame. `width`, `height`: px, both or
        neither.
        """
        part = VideoReadOptions(from_, to, whole("every", every), whole("width", width), whole("height", height))
        self._pointer = library.rv_video_reader_new_sized(encode_path(path), part, ctypes.sizeof(part))
        self._close = weakref.finalize(self, library.rv_video_reader_free, self._pointer)
        self._close.atexit = False
        self._lock = threading.Lock()
        info = library.rv_video_reader_info(self._pointer).contents
        self.width: int = info.width
        self.height: int = info.height
        self.rate = Fraction(info.rate_num, info.rate_den)  #: frames per second
        self.frames: int = info.n_frames  #: an estimate if the header has no number

    def __iter__(self) -> Iterator[Picture]:
        return self

    def __next__(self) -> Picture:
        with self._lock:
            frame = library.rv_video_reader_next(self._pointer) if self._close.alive else None
        if not frame:
            raise StopIteration
        return Picture._of_pointer(frame)

    def close(self) -> None:
        """Ends reading."""
        with self._lock:
            self._close()


class VideoWriter(Handle):
    """Writes a video. The file exists only after `with` has ended without an exception. Several threads may add frames.

    with VideoWriter("painted.mp4", rate=25) as video: video.add(picture)
    """

    def __init__(self, path: str | os.PathLike[str], *, rate: float | Fraction, crf: int = 0, codec: str | None = None,
                 sound_from: str | os.PathLike[str] | None = None):
        """Creates a video.

        `rate`: frames per second. `crf`: 1..63, lower is better and larger; 0: the codec's default. `codec`: as ffmpeg
        names it. `sound_from`: the video whose sound is copied. Raises SettingError.
        """
        self._path = encode_path(path)
        self._rate: Fraction = number("rate", rate, Fraction).limit_denominator(100000)
        whole("rate", self._rate.numerator)
        self._settings = VideoWriteOptions(encode(codec) if codec else None, whole("crf", crf),
                                      encode_path(sound_from) if sound_from else None)
        self._close: weakref.finalize[..., VideoWriter] | None = None
        self._ended = False
        self._lock = threading.Lock()

    def add(self, frame: Source) -> None:
        """Appends a frame. The first frame sets the size of the video. Raises ShapeError for another size."""
        picture = Picture(frame)
        with self._lock:
            self._check()
            if self._close is None:
                self._begin(picture)
            library.rv_video_writer_add(self._pointer, picture._pointer)

    def _begin(self, first: Picture) -> None:
        info = VideoInfo(first.width, first.height, self._rate.numerator, self._rate.denominator, bits=8)
        self._pointer = library.rv_video_writer_new_sized(self._path, info, ctypes.sizeof(info), self._settings,
                                                         ctypes.sizeof(self._settings))
        # The finalizer also runs at exit: it deletes the temporary file.
        self._close = weakref.finalize(self, library.rv_video_writer_free, self._pointer)

    def _check(self) -> None:
        if self._ended:
            raise SettingError("the video is finished: use a new VideoWriter")

    def __enter__(self) -> VideoWriter:
        self._check()
        return self

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        with self._lock:
            self._ended = True
            if self._close is None:
                return
            try:
                if kind is None:
                    library.rv_video_writer_finish(self._pointer)
            finally:
                self._close()
