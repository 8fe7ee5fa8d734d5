"""Models in files: networks, variational autoencoders and style networks."""

from __future__ import annotations

import ctypes
import os
import weakref
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from ctypes import c_char_p
from typing import Any

from . import _arrays, _settings
from ._image import Picture, Source
from ._library import Handle, SettingError, encode, encode_path, library, number, strings, whole

_ALL = 0  # RvWeightsFilter


@contextmanager
def new_settings(kind: str, settings: Mapping[str, Any]) -> Iterator[int]:
    pointer = library.rv_settings_new(encode(kind))
    try:
        library.rv_settings_set_json(pointer, _settings.to_json(settings))
        yield pointer
    finally:
        library.rv_settings_free(pointer)


def _save(tensors: int, path: str | os.PathLike[str]) -> None:
    """Writes a safetensors file atomically."""
    try:
        library.rv_weights_save(tensors, encode_path(path), True)
    finally:
        library.rv_tensor_map_unref(tensors)


@contextmanager
def _file(path: str | os.PathLike[str]) -> Iterator[int]:
    tensors = library.rv_weights_load(encode_path(path), _ALL, None)
    try:
        yield tensors
    finally:
        library.rv_tensor_map_unref(tensors)


class Network(Handle):
    """A trained network with fixed weights. Several threads may share one.

    Network() is the built-in network. Network("vgg19") has the weights of the file `weights`, or of the file that
    `reverie network get` downloaded. An ONNX file has its own architecture. `preprocessing` is the input that a file's
    network was trained with: "imagenet", "caffe", "tf", "unit"; None: as the file says. `labels` is a text file with
    the name of each class on a line, for `words`. Raises SettingError, FileError or FormatError.
    """

    def __init__(self, name: str | os.PathLike[str] | None = None, weights: str | os.PathLike[str] | None = None,
                 preprocessing: str | None = None, labels: str | os.PathLike[str] | None = None):
        name = name or (None if weights else "builtin")
        self._pointer = library.rv_network_load(encode_path(name) if name else None,
                                                encode_path(weights) if weights else None,
                                                encode(preprocessing) if preprocessing else None,
                                                encode_path(labels) if labels else None, None)
        weakref.finalize(self, library.rv_net_unref, self._pointer).atexit = False

    def __repr__(self) -> str:
        return f"<reverie.Network {self.name}>"

    @property
    def name(self) -> str:
        """Name of the network, such as "vgg19"."""
        return str(library.rv_net_name(self._pointer).decode())

    @property
    def layers(self) -> list[str]:
        """Layers of the network, in order. A name means the output after ReLU; with ":pre", the output before."""
        return strings(library.rv_net_layers(library.rv_net_name(self._pointer)))

    @property
    def words(self) -> list[str]:
        """Names of the channels of the layer "class"; empty if they are unknown."""
        return strings(library.rv_net_class_names(self._pointer))

    def features(self, picture: Source, layers: Iterable[str], *, threads: int = 0) -> dict[str, memoryview[float]]:
        """Computes the activations of some layers for a picture, at its own size.

        `threads`: 0: one for each physical core. Returns arrays by layer: (channels, height, width) of f32. Raises
        SettingError for an unknown layer.
        """
        names = [encode(layer) for layer in ([layers] if isinstance(layers, str) else layers)]
        picture = Picture(picture)
        found = library.rv_features(self._pointer, picture._pointer, (c_char_p * (len(names) + 1))(*names),
                                    whole("threads", threads), None)
        try:
            return {name.decode(): _arrays.of_tensor(library.rv_tensor_map_get(found, name)) for name in names}
        finally:
            library.rv_tensor_map_unref(found)


class VAE(Handle):
    """A variational autoencoder: encodes pictures as latent numbers and decodes them. One thread at a time.

    VAE.load() reads a file that `reverie vae train` wrote. VAE(1, 28, 28, latent=2) is an untrained model of pictures
    of (channels, height, width).
    """

    def __init__(self, channels: int, height: int, width: int, /, **settings: Any):
        shape = whole("channels", channels), whole("height", height), whole("width", width)
        with new_settings("vae", settings) as asked:
            self._own(library.rv_vae_new(asked, *shape))

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> VAE:
        """Reads a model that `reverie vae train` or save() wrote. Raises FileError or FormatError."""
        with _file(path) as tensors:
            return cls._of_tensors(tensors)

    @classmethod
    def _of_tensors(cls, tensors: int) -> VAE:
        vae = cls.__new__(cls)
        vae._own(library.rv_vae_from_map(tensors))
        return vae

    def _own(self, pointer: int) -> None:
        self._pointer = pointer
        weakref.finalize(self, library.rv_vae_free, pointer).atexit = False

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes the model, for VAE.load() and the program. Raises FileError."""
        _save(library.rv_vae_to_map(self._pointer), path)

    @property
    def settings(self) -> dict[str, Any]:
        """Settings of the model."""
        return _settings.from_json(library.take_text(library.rv_settings_to_json(
            library.rv_vae_settings(self._pointer))))

    @property
    def shape(self) -> tuple[int, int, int]:
        """Shape of the model's pictures: (channels, height, width)."""
        sizes = [ctypes.c_int() for _ in range(3)]
        library.rv_vae_picture_size(self._pointer, *sizes)
        return sizes[0].value, sizes[1].value, sizes[2].value

    @property
    def latent(self) -> int:
        """Number of latent dimensions."""
        return int(self.settings["latent"])

    def encode(self, pixels: Any) -> tuple[memoryview[float], memoryview[float]]:
        """Encodes pictures: bytes, or an array of bytes (n, channels, height, width).

        Returns latent means and logarithms of variances, (n, latent) of f32 each. Raises ShapeError or DtypeError.
        """
        data, n = _arrays.bytes_of(pixels, *self.shape)
        (mu, mu_view), (logvar, logvar_view) = (_arrays.new_floats(n, self.latent) for _ in range(2))
        library.rv_vae_encode(self._pointer, data, n, mu, logvar)
        return mu_view, logvar_view

    def decode(self, z: Any) -> memoryview[float]:
        """Decodes latent numbers, (n, latent).

        Returns the means of the pixels, (n, channels, height, width) of f32, 0 to 1. Raises ShapeError or DtypeError.
        """
        data, n = _arrays.rows_of(z, self.latent)
        pixels, view = _arrays.new_floats(n, *self.shape)
        library.rv_vae_decode(self._pointer, data, n, pixels)
        return view

    def sample(self, n: int = 1, *, temperature: float = 1, seed: int = 0) -> memoryview[float]:
        """Draws latent numbers from the prior, with `temperature` times its standard deviation: (n, latent) of f32.

        Raises SettingError, ShapeError or OutOfMemory.
        """
        n, seed, temperature = whole("n", n, 64), whole("seed", seed, 64), number("temperature", temperature)
        if not 0 <= temperature <= 100:
            raise SettingError(f"'temperature' must lie between 0 and 100, not {temperature}")
        z, view = _arrays.new_floats(n, self.latent)
        library.rv_vae_sample_prior(self._pointer, n, temperature, seed, z)
        return view


class StyleNetwork(Handle):
    """A style network: paints any photograph in one pass. One thread at a time.

    StyleNetwork.load() reads a file that `reverie learn` wrote; learn() trains one.
    """

    _pointer: int

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> StyleNetwork:
        """Reads a style network that `reverie learn` or save() wrote. Raises FileError or FormatError."""
        with _file(path) as tensors:
            return cls._of_tensors(tensors)

    @classmethod
    def _of_tensors(cls, tensors: int) -> StyleNetwork:
        network = cls.__new__(cls)
        network._pointer = library.rv_style_net_from_map(tensors)
        weakref.finalize(network, library.rv_style_net_free, network._pointer).atexit = False
        return network

    def __init__(self) -> None:
        raise TypeError("style networks are loaded by StyleNetwork.load(), or learn()")

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes the style network, for StyleNetwork.load() and the program. Raises FileError."""
        _save(library.rv_style_net_to_map(self._pointer), path)

    @property
    def styles(self) -> list[str]:
        """Names of the styles."""
        n = library.rv_style_net_n_styles(self._pointer)
        return [library.rv_style_net_style_name(self._pointer, i).decode() for i in range(n)]

    def paint(self, photo: Source, style: str | Mapping[str, float] | None = None, *, threads: int = 0) -> Picture:
        """Paints `photo` in one pass and returns the picture.

        `style`: a name, or weights such as {"waves": 0.7, "glass": 0.3}; default: the first style. `threads`: 0: one
        for each physical core. Raises SettingError for an unknown style.
        """
        names = self.styles
        parts = style if isinstance(style, Mapping) else {style or names[0]: 1.0}
        for name in parts:
            if name not in names:
                raise SettingError(f"there is no style '{name}' (choose from: {', '.join(names)})")
        picture = Picture(photo)
        weights = (ctypes.c_double * len(names))(*(parts.get(name, 0) for name in names))
        return Picture._of_pointer(library.rv_style_net_paint(self._pointer, picture._pointer, weights,
                                                               whole("threads", threads)))
