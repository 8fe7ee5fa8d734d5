"""Detection of unusual pictures."""

from __future__ import annotations

import os
import tempfile
import threading
import warnings
import weakref
from ctypes import POINTER, byref, c_char_p, c_double, c_int64, c_void_p
from typing import Any

from . import _arrays
from ._image import Picture, Source
from ._job import Job, Report
from ._library import (DoneFunc, Error, FileError, Handle, SettingError, ShapeError, Tensor, encode_path, library,
                       number, strings, whole)
from ._models import _file
from ._settings import plain

_PATCHES = {"size": 256, "coreset": 0.1, "seed": 0}  # settings of patches, with their defaults

Pictures = Any  # the path of a folder, or a list of Source


class Scorer(Handle):
    """Finds unusual pictures after it has seen usual ones, with methods of scikit-learn's outlier detectors.

    `kind`: "patches" finds defects in photographs of parts and materials; "vae" pictures that are unusual as a whole.
    `false_alarms`: fraction of the usual pictures that may be called unusual. `settings`: of patches `size` (256),
    `coreset` (0.1) and `seed`; of a VAE those of Job("vae-train"). X is a folder, or a list of what Picture() reads.
    """

    _tensors = _pointer = 0
    _close: tuple[Any, ...] = ()

    def __init__(self, kind: str = "patches", *, false_alarms: float = 0.01, threads: int = 0, **settings: Any):
        if kind not in ("patches", "vae"):
            raise SettingError(f"a kind of scorer is 'patches' or 'vae', not {kind!r}")
        self.kind, self.threads = kind, whole("threads", threads)
        self.false_alarms = number("false_alarms", false_alarms)
        if not 0 <= self.false_alarms < 1:
            raise SettingError(f"'false_alarms' is a fraction from 0 to below 1, not {false_alarms}")
        self.settings = _check(kind, {name: plain(value) for name, value in settings.items() if value is not None})
        self._lock = threading.Lock()

    def fit(self, X: Pictures, y: object = None) -> Scorer:
        """Learns from usual pictures. Warns of files that are no pictures."""
        with tempfile.TemporaryDirectory() as folder:
            files = [_as_file(picture, os.path.join(folder, f"{i:06}.png")) for i, picture in enumerate(_list(X))]
            self._own(self._train_patches(files) if self.kind == "patches"
                      else self._train_vae(files, folder))
        return self

    def _train_patches(self, files: list[str]) -> int:
        left_out = POINTER(c_char_p)()
        names = (c_char_p * (len(files) + 1))(*map(encode_path, files))
        done = DoneFunc(lambda done_01, data: 1)  # runs Python code regularly, so that Ctrl-C ends the training
        try:
            settings = map((_PATCHES | self.settings).get, _PATCHES)
            tensors = library.rv_patches_train(names, *settings, self.threads, done, None, byref(left_out))
            self._warn([f"left out: {text}" for text in strings(left_out)], tensors)
        finally:
            library.g_strfreev(left_out)
        return int(tensors)

    def _train_vae(self, files: list[str], folder: str) -> int:
        links = {os.path.join(folder, f"{i:06}"): file for i, file in enumerate(files) if not file.startswith(folder)}
        for link, file in links.items():
            os.symlink(os.path.abspath(file), link)
        notes: list[str] = []

        def note(report: Report) -> None:
            if report.note:
                notes.append(report.note)

        job = Job("vae-train", progress=note, threads=self.threads, **self.settings)
        try:
            job.add("data", folder).wait()
        except Error:
            for text in notes:  # which files were left out
                warnings.warn(_with_names(text, links))
            raise
        notes = [_with_names(text, links) for text in notes]
        tensors = int(library.rv_job_model(job._pointer))
        self._warn(notes, tensors)
        return tensors

    def _warn(self, texts: list[str], tensors: int) -> None:
        """Warns. If warnings are errors, drops the reference to `tensors`."""
        try:
            for text in texts:
                warnings.warn(text)
        except BaseException:
            library.rv_tensor_map_unref(tensors)
            raise

    def _own(self, tensors: int) -> None:
        """Takes over the reference, and frees the previous model."""
        free_tensors = weakref.finalize(self, library.rv_tensor_map_unref, tensors)
        pointer = library.rv_scorer_new(tensors, self.settings.get("seed", 0), self.threads)
        with self._lock:
            before, self._close = self._close, (weakref.finalize(self, library.rv_scorer_free, pointer), free_tensors)
            for finalizer in self._close:
                finalizer.atexit = False
            self._tensors, self._pointer = tensors, pointer
            for finalizer in before:
                finalizer()

    @classmethod
    def load(cls, path: str | os.PathLike[str], **options: Any) -> Scorer:
        """Reads a model that save() or `reverie vae train` wrote. Raises FileError or FormatError."""
        scorer = cls(**options)
        with _file(path) as tensors:
            is_patches = library.rv_tensor_map_get_text(tensors, b"format") == b"reverie-patches"
            scorer.kind = "patches" if is_patches else "vae"
            scorer._own(library.rv_tensor_map_ref(tensors))
        return scorer

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes the model, for load() and `reverie vae score`. Raises FileError."""
        with self._lock:
            library.rv_weights_save(self._fitted() and self._tensors, encode_path(path), True)

    def score_samples(self, X: Pictures) -> list[float]:
        """Scores pictures: higher for more usual ones. Returns minus the scores of `reverie vae score`."""
        return [-self._score(picture)[0] for picture in _list(X)]

    def decision_function(self, X: Pictures) -> list[float]:
        """Returns score_samples() plus `threshold`: below 0 for unusual pictures."""
        threshold = self.threshold
        return [score + threshold for score in self.score_samples(X)]

    def predict(self, X: Pictures) -> list[int]:
        """Returns 1 for usual pictures and -1 for unusual ones."""
        return [1 if score >= 0 else -1 for score in self.decision_function(X)]

    def maps(self, X: Pictures) -> list[memoryview[float]]:
        """Returns maps (height, width) of f32, larger at more unusual positions. Patches: unusual above `threshold`."""
        return [self._score(picture, with_map=True)[1] for picture in _list(X)]

    @property
    def threshold(self) -> float:
        """Minus the score_samples() below which pictures are unusual, from pictures that were not trained on."""
        n = c_int64()
        with self._lock:
            threshold = library.rv_scorer_threshold(self._fitted(), self.false_alarms, None, byref(n), None)
        if not n.value:
            raise SettingError("training held no pictures back for a threshold; give more pictures")
        return float(threshold)

    def _fitted(self) -> int:
        """Returns the model. The caller holds the lock."""
        if not self._pointer:
            raise SettingError("the scorer has no model; call fit(), or Scorer.load()")
        return self._pointer

    def _score(self, source: Source, with_map: bool = False) -> tuple[float, Any]:
        n, score, tensor = c_int64(1), c_double(), POINTER(Tensor)()
        with self._lock:
            if isinstance(source, (str, os.PathLike)):  # large files shrink while they are read
                pictures = library.rv_scorer_load_pictures(self._fitted(), encode_path(source), 0, 1, byref(n))
                picture = Picture._of_pointer(library.rv_image_ref(pictures.contents.pdata[0]))
                library.g_ptr_array_unref(pictures)
            else:
                picture = Picture(source)
            if n.value != 1:
                raise ShapeError(f"{source} has {n.value} pictures; give them as arrays")
            library.rv_scorer_score(self._fitted(), c_void_p(picture._pointer), 1, score, tensor if with_map else None)
        numbers = _arrays.of_tensor(tensor, 0) if with_map else None
        library.rv_tensor_unref(tensor)
        return score.value, numbers


def _with_names(text: str, links: dict[str, str]) -> str:
    """Replaces the names of links in the text by those of their files."""
    for link, file in links.items():
        text = text.replace(link, file)
    return text


def _check(kind: str, settings: dict[str, Any]) -> dict[str, Any]:
    """Returns the settings, with the seed of a VAE. Raises SettingError."""
    if kind == "vae":
        return settings | {"seed": Job("vae-train", **settings).get("seed")}
    for name in settings.keys() - _PATCHES:
        raise SettingError(f"there is no option '{name}' of patches (choose from: {', '.join(_PATCHES)})")
    return {name: number(name, value) if name == "coreset" else whole(name, value, 64 if name == "seed" else 32)
            for name, value in settings.items()}


def _as_file(picture: Source, path: str) -> str:
    """Returns the path of the picture, which is saved to `path` if it is no file."""
    if isinstance(picture, (str, os.PathLike)):
        return os.fsdecode(picture)
    Picture(picture).save(path)
    return path


def _list(pictures: Pictures) -> list[Source]:
    if not isinstance(pictures, (str, os.PathLike)):
        return list(pictures)
    try:
        names = sorted(os.listdir(pictures))
    except OSError as error:
        raise FileError(f"cannot read the folder {os.fsdecode(pictures)}: {error.strerror}") from error
    return [os.path.join(pictures, name) for name in names if not name.startswith(".")]
