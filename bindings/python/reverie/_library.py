"""libreverie by ctypes: its location, its functions, its errors as exceptions."""

from __future__ import annotations

import ctypes
import operator
import os
import re
from ctypes import POINTER, c_char_p, c_double, c_int, c_int64, c_size_t, c_uint, c_void_p
from keyword import iskeyword
from typing import Any, Callable

SONAME = "libreverie.so.0"  # any library of this name works, whatever its minor version


# ---- errors --------------------------------------------------------------------------------------------------------


class Error(Exception):
    """An error of the library, with its message. `options`: the keyword arguments that it concerns."""

    options: tuple[str, ...] = ()


class SettingError(Error, ValueError):
    """An unknown setting, or a value out of its range."""


class FileError(Error, OSError):
    """A file that cannot be opened, read or written."""


class FormatError(Error, ValueError):
    """A damaged file, or a file of another format."""


class ShapeError(Error, ValueError):
    """Sizes that do not match, or a picture too small or too large."""


class DtypeError(Error, TypeError):
    """Numbers of the wrong type."""


class OutOfMemory(Error, MemoryError):
    """An allocation that failed, or that would exceed the memory."""


class NumberError(Error, ArithmeticError):
    """A loss or gradient that became NaN or infinite."""


class Cancelled(Error):
    """A run that was cancelled, or stopped before it had a result."""


class BackendError(Error, RuntimeError):
    """An error of a compute library."""


# In the order of RvError (error.h).
_ERRORS = (SettingError, FileError, FormatError, ShapeError, DtypeError, OutOfMemory, NumberError, Cancelled,
           BackendError)


# ---- structs (image.h, tensor.h, job.h, video.h, vae.h), as far as they are used -------------------------------------


class GError(ctypes.Structure):
    _fields_ = [("domain", ctypes.c_uint32), ("code", c_int), ("message", c_char_p)]


class Shape(ctypes.Structure):
    _fields_ = [("n", c_int), ("dim", c_int64 * 4)]


class Tensor(ctypes.Structure):
    _fields_ = [("type", c_int), ("shape", Shape), ("data", c_void_p)]


class Image(ctypes.Structure):
    _fields_ = [("width", c_int), ("height", c_int), ("rgb", POINTER(Tensor)), ("alpha", POINTER(Tensor))]


class SaveOptions(ctypes.Structure):
    _fields_ = [("quality", c_int), ("bits", c_int), ("dpi", c_double), ("truncate", c_int), ("recipe", c_char_p)]


class JobPlan(ctypes.Structure):
    _fields_ = [("width", c_int), ("height", c_int), ("peak_bytes", c_size_t), ("seconds", c_double),
                ("n_stages", c_int), ("n_tiles", c_int), ("work", c_double), ("compact", c_int), ("history", c_int),
                ("n_iterations", c_int64), ("backend", c_char_p)]


class JobReport(ctypes.Structure):
    _fields_ = [("type", c_int), ("iteration", c_int64), ("n_iterations", c_int64), ("stage", c_int),
                ("n_stages", c_int), ("width", c_int), ("height", c_int), ("loss", c_double),
                ("names", POINTER(c_char_p)), ("losses", POINTER(c_double)), ("seconds", c_double),
                ("done_01", c_double), ("picture", c_void_p), ("error", c_void_p), ("stopped", c_int),
                ("scale", c_double), ("stage_iteration", c_int64), ("n_stage_iterations", c_int64), ("frame", c_int),
                ("n_frames", c_int), ("channel", c_int64), ("n_left_out", c_int), ("n_partial_octaves", c_int),
                ("warping_error", c_double), ("source_error", c_double), ("label", c_char_p), ("note", c_char_p),
                ("validation_loss", c_double)]


class PtrArray(ctypes.Structure):  # GLib's GPtrArray
    _fields_ = [("pdata", POINTER(c_void_p)), ("len", c_uint)]


class VideoInfo(ctypes.Structure):
    _fields_ = [("width", c_int), ("height", c_int), ("rate_num", c_int), ("rate_den", c_int), ("n_frames", c_int64),
                ("duration_s", c_double), ("bits", c_int), ("sound", c_int), ("variable_rate", c_int), ("alpha", c_int)]


class VideoReadOptions(ctypes.Structure):
    _fields_ = [("from_s", c_double), ("to_s", c_double), ("every", c_int), ("width", c_int), ("height", c_int)]


class VideoWriteOptions(ctypes.Structure):
    _fields_ = [("codec", c_char_p), ("crf", c_int), ("sound_from", c_char_p), ("from_s", c_double),
                ("to_s", c_double), ("comment", c_char_p)]


FreeFunc = ctypes.CFUNCTYPE(None, c_void_p)
DoneFunc = ctypes.CFUNCTYPE(c_int, c_double, c_void_p)
JobFunc = ctypes.CFUNCTYPE(None, c_void_p, POINTER(JobReport), c_void_p)

# ---- functions -----------------------------------------------------------------------------------------------------

_ERROR = POINTER(POINTER(GError))  # the last argument of functions that can fail; raised as an exception, never passed
_STRINGS = POINTER(c_char_p)       # ends with NULL

_FUNCTIONS: dict[str, tuple[Any, list[Any]]] = {
    "g_free": (None, [c_void_p]),
    "g_error_free": (None, [c_void_p]),
    "g_strfreev": (None, [c_void_p]),
    "g_vfs_get_default": (c_void_p, []),
    "g_object_unref": (None, [c_void_p]),
    "g_ptr_array_unref": (None, [c_void_p]),
    "g_bytes_new_with_free_func": (c_void_p, [c_void_p, c_size_t, FreeFunc, c_void_p]),
    "g_bytes_unref": (None, [c_void_p]),
    "g_cancellable_new": (c_void_p, []),
    "g_cancellable_cancel": (None, [c_void_p]),
    "rv_error_quark": (ctypes.c_uint32, []),
    "rv_error_options": (_STRINGS, [c_void_p]),
    "rv_text_split_files": (_STRINGS, [c_char_p, _STRINGS]),
    "rv_settings_kinds": (_STRINGS, []),
    "rv_settings_find_option": (c_void_p, [c_char_p, c_char_p]),
    "rv_settings_table_json": (c_void_p, [c_char_p, _ERROR]),
    "rv_settings_new": (c_void_p, [c_char_p, _ERROR]),
    "rv_settings_set_json": (c_int, [c_void_p, c_char_p, _ERROR]),
    "rv_settings_to_json": (c_void_p, [c_void_p]),
    "rv_settings_free": (None, [c_void_p]),
    "rv_tensor_new_from_bytes": (c_void_p, [c_int, POINTER(Shape), c_void_p, _ERROR]),
    "rv_tensor_ref": (c_void_p, [c_void_p]),
    "rv_tensor_unref": (None, [c_void_p]),
    "rv_tensor_map_ref": (c_void_p, [c_void_p]),
    "rv_tensor_map_unref": (None, [c_void_p]),
    "rv_weights_load": (c_void_p, [c_char_p, c_int, c_char_p, _ERROR]),
    "rv_weights_save": (c_int, [c_void_p, c_char_p, c_int, _ERROR]),
    "rv_image_load": (c_void_p, [c_char_p, c_int, c_int, _ERROR]),
    "rv_image_load_bytes": (c_void_p, [c_void_p, c_int, c_int, _ERROR]),
    "rv_image_new_from_memory": (c_void_p, [c_void_p, c_int, c_int, c_int, c_int, c_size_t, _ERROR]),
    "rv_image_new_from_planes": (c_void_p, [c_void_p, c_void_p, _ERROR]),
    "rv_image_to_memory": (c_int, [c_void_p, c_void_p, c_int, c_int, c_size_t, _ERROR]),
    "rv_image_ref": (c_void_p, [c_void_p]),
    "rv_image_unref": (None, [c_void_p]),
    "rv_image_save_sized": (c_int, [c_void_p, c_char_p, POINTER(SaveOptions), c_size_t, _ERROR]),
    "rv_image_recipe": (c_void_p, [c_char_p, _ERROR]),
    "rv_job_kinds": (_STRINGS, []),
    "rv_job_kind_json": (c_void_p, [c_char_p]),
    "rv_job_new": (c_void_p, [c_char_p, _ERROR]),
    "rv_job_unref": (None, [c_void_p]),
    "rv_job_add_file": (c_int, [c_void_p, c_char_p, c_char_p, _ERROR]),
    "rv_job_add_picture": (c_int, [c_void_p, c_char_p, c_void_p, _ERROR]),
    "rv_job_change_files": (c_int, [c_void_p, c_char_p, _STRINGS, c_uint, _ERROR]),
    "rv_job_change_pictures": (c_int, [c_void_p, c_char_p, POINTER(c_void_p), c_uint, _ERROR]),
    "rv_job_set": (c_int, [c_void_p, c_char_p, c_char_p, _ERROR]),
    "rv_job_set_json": (c_int, [c_void_p, c_char_p, _ERROR]),
    "rv_job_get": (c_void_p, [c_void_p, c_char_p, _ERROR]),
    "rv_job_set_kernels": (None, [c_void_p, c_void_p]),
    "rv_job_check": (c_int, [c_void_p, c_int, _ERROR]),
    "rv_job_plan_sized": (c_int, [c_void_p, POINTER(JobPlan), c_size_t, _ERROR]),
    "rv_job_subscribe": (None, [c_void_p, c_double, JobFunc, c_void_p, c_void_p]),
    "rv_job_run": (c_int, [c_void_p, c_void_p, _ERROR]),
    "rv_job_stop": (None, [c_void_p]),
    "rv_job_pause": (None, [c_void_p]),
    "rv_job_resume": (None, [c_void_p]),
    "rv_job_status": (c_int, [c_void_p]),
    "rv_job_was_stopped": (c_int, [c_void_p]),
    "rv_job_result": (c_void_p, [c_void_p]),
    "rv_job_model": (c_void_p, [c_void_p]),
    "rv_job_recipe": (c_void_p, [c_void_p]),
    "rv_job_keep_snapshots": (None, [c_void_p, c_int64, c_double, c_uint, c_size_t]),
    "rv_job_snapshots": (POINTER(PtrArray), [c_void_p]),
    "rv_job_branch": (c_void_p, [c_void_p, c_void_p, _ERROR]),
    "rv_job_pick": (c_void_p, [c_void_p, c_char_p, _ERROR]),
    "rv_snapshot_ref": (c_void_p, [c_void_p]),
    "rv_snapshot_unref": (None, [c_void_p]),
    "rv_snapshot_iteration": (c_int64, [c_void_p]),
    "rv_snapshot_stage": (c_int, [c_void_p]),
    "rv_snapshot_seconds": (c_double, [c_void_p]),
    "rv_snapshot_done_01": (c_double, [c_void_p]),
    "rv_snapshot_picture": (c_void_p, [c_void_p]),
    "rv_mask_new": (c_void_p, [c_void_p, c_char_p, c_int, c_void_p, _ERROR]),
    "rv_flow_grey": (c_void_p, [c_void_p, _ERROR]),
    "rv_flow_estimate": (c_void_p, [c_void_p, c_void_p, c_void_p, c_void_p, c_void_p, c_void_p, _ERROR]),
    "rv_vae_new": (c_void_p, [c_void_p, c_int, c_int, c_int, _ERROR]),
    "rv_vae_free": (None, [c_void_p]),
    "rv_vae_from_map": (c_void_p, [c_void_p, _ERROR]),
    "rv_vae_to_map": (c_void_p, [c_void_p, _ERROR]),
    "rv_vae_settings": (c_void_p, [c_void_p]),
    "rv_vae_picture_size": (None, [c_void_p, POINTER(c_int), POINTER(c_int), POINTER(c_int)]),
    "rv_vae_encode": (c_int, [c_void_p, c_void_p, c_int64, c_void_p, c_void_p, _ERROR]),
    "rv_vae_decode": (c_int, [c_void_p, c_void_p, c_int64, c_void_p, _ERROR]),
    "rv_vae_sample_prior": (None, [c_void_p, c_int64, c_double, c_int64, c_void_p]),
    "rv_patches_train": (c_void_p, [_STRINGS, c_int, c_double, c_int64, c_int, DoneFunc, c_void_p, POINTER(_STRINGS),
                                    _ERROR]),
    "rv_scorer_new": (c_void_p, [c_void_p, c_int64, c_int, _ERROR]),
    "rv_scorer_free": (None, [c_void_p]),
    "rv_scorer_load_pictures": (POINTER(PtrArray), [c_void_p, c_char_p, c_int64, c_int64, POINTER(c_int64), _ERROR]),
    "rv_scorer_score": (c_int, [c_void_p, POINTER(c_void_p), c_int64, POINTER(c_double), POINTER(POINTER(Tensor)),
                                _ERROR]),
    "rv_scorer_threshold": (c_double, [c_void_p, c_double, POINTER(c_double), POINTER(c_int64), POINTER(c_double)]),
    "rv_style_net_from_map": (c_void_p, [c_void_p, _ERROR]),
    "rv_style_net_to_map": (c_void_p, [c_void_p, _ERROR]),
    "rv_style_net_free": (None, [c_void_p]),
    "rv_style_net_n_styles": (c_uint, [c_void_p]),
    "rv_style_net_style_name": (c_char_p, [c_void_p, c_uint]),
    "rv_style_net_paint": (c_void_p, [c_void_p, c_void_p, POINTER(c_double), c_int, _ERROR]),
    "rv_network_load": (c_void_p, [c_char_p, c_char_p, c_char_p, c_char_p, POINTER(c_void_p), _ERROR]),
    "rv_net_unref": (None, [c_void_p]),
    "rv_net_name": (c_char_p, [c_void_p]),
    "rv_net_layers": (_STRINGS, [c_char_p]),
    "rv_net_class_names": (_STRINGS, [c_void_p]),
    "rv_features": (c_void_p, [c_void_p, c_void_p, POINTER(c_char_p), c_int, c_void_p, _ERROR]),
    "rv_tensor_map_get_text": (c_char_p, [c_void_p, c_char_p]),
    "rv_tensor_map_get": (POINTER(Tensor), [c_void_p, c_char_p]),
    "rv_video_reader_new_sized": (c_void_p, [c_char_p, POINTER(VideoReadOptions), c_size_t, _ERROR]),
    "rv_video_reader_info": (POINTER(VideoInfo), [c_void_p]),
    "rv_video_reader_next": (c_void_p, [c_void_p, _ERROR]),
    "rv_video_reader_free": (None, [c_void_p]),
    "rv_video_writer_new_sized": (c_void_p, [c_char_p, POINTER(VideoInfo), c_size_t, POINTER(VideoWriteOptions),
                                            c_size_t, _ERROR]),
    "rv_video_writer_add": (c_int, [c_void_p, c_void_p, _ERROR]),
    "rv_video_writer_finish": (c_int, [c_void_p, _ERROR]),
    "rv_video_writer_free": (None, [c_void_p]),
    "rv_kernel_table_new": (c_void_p, []),
    "rv_kernel_table_unref": (None, [c_void_p]),
    "rv_kernel_cache_add": (None, [c_void_p]),
    "rv_kernel_cache_save": (None, [c_void_p]),
}


def strings(array: Any) -> list[str]:
    """Returns the strings of a NULL-terminated array, which the library owns."""
    found: list[str] = []
    while array and array[len(found)] is not None:
        found.append(array[len(found)].decode(errors="surrogateescape"))
    return found


class Handle:
    """An object of the library, which is freed with its Python object: it cannot be copied or pickled."""

    _pointer: int

    def __reduce__(self) -> Any:
        raise TypeError(f"a {type(self).__name__} cannot be copied or pickled")


def encode(text: str) -> bytes:
    """Encodes text for the library, whose strings end at a NUL. File names need not be UTF-8."""
    if not isinstance(text, str):
        raise SettingError(f"a text is needed, not {text!r}")
    data = text.encode(errors="surrogateescape")
    if b"\0" in data:
        raise SettingError(f"there is a NUL in {text!r}")
    return data


def encode_path(path: str | os.PathLike[str]) -> bytes:
    data = os.fsencode(path)
    if b"\0" in data:
        raise FileError(f"there is a NUL in the file name {path!r}")
    return data


def number(name: str, value: Any, convert: Callable[[Any], Any] = float, need: str = "a number") -> Any:
    """Converts the value of the keyword argument `name`. Raises SettingError if `convert` fails."""
    try:
        return convert(value)
    except (TypeError, ValueError, ArithmeticError):
        error = SettingError(f"'{name}' needs {need}, not {value!r}")
        error.options = (name,)
        raise error from None


def whole(name: str, value: Any, bits: int = 32) -> int:
    """Converts the value of the keyword argument `name` for a C integer of `bits` bits: ctypes drops the other bits.
    Raises SettingError."""

    def fit(given: Any) -> int:
        found = operator.index(given)
        found.to_bytes(bits // 8, "little", signed=True)  # raises OverflowError
        return found

    return int(number(name, value, fit, f"a whole number of less than {bits} bits"))


def keyword(name: str) -> str:
    """An option's name as a keyword argument: "style-weight" is style_weight, and "from" is from_."""
    name = name.replace("-", "_")
    return name + "_" if iskeyword(name) else name


_BUNDLE = os.path.join(os.path.dirname(__file__), "bundle")  # in a wheel: the library and all libraries that it needs
_ADVICE = ("install it, such as by Debian's package libreverie0, or name its file in the environment variable "
           "REVERIE_LIBRARY")


class Library:
    """The library's functions. Functions that may fail raise an exception instead of taking a GError."""

    def __init__(self, path: str):
        try:
            handle = ctypes.CDLL(path)
        except OSError as error:
            raise ImportError(f"libreverie cannot be loaded: {error} ({_ADVICE})") from None
        for name, (result, arguments) in _FUNCTIONS.items():
            try:
                function = getattr(handle, name)
            except AttributeError:
                raise ImportError(f"{path} is not the libreverie of this package's version: it has no "
                                  f"{name}() (install both of one version)") from None
            function.restype, function.argtypes = result, arguments
            setattr(self, name, self._raising(function) if arguments[-1:] == [_ERROR] else function)

    def __getattr__(self, name: str) -> Any:  # for type checkers: functions are attributes
        raise AttributeError(name)

    def _raising(self, function: Any) -> Callable[..., Any]:
        def call(*arguments: Any) -> Any:
            error = POINTER(GError)()
            try:
                result = function(*arguments, ctypes.byref(error))
            except ctypes.ArgumentError as wrong:
                raise TypeError(str(wrong)) from None
            if error:
                raise self._exception(error)
            return result

        return call

    def _exception(self, error: Any) -> Error:
        options = strings(self.rv_error_options(error))
        text = error.contents.message.decode(errors="replace")
        ours = error.contents.domain == self.rv_error_quark()
        kind = _ERRORS[error.contents.code] if ours and error.contents.code < len(_ERRORS) else Error
        self.g_error_free(error)
        for word in set(re.findall(r"'([a-z0-9-]+)'", text)):  # option names as Python spells them
            if word in options or self._is_option(word):
                text = text.replace(f"'{word}'", f"'{keyword(word)}'")
        exception = kind(text)
        exception.options = tuple(keyword(option) for option in options)
        return exception

    def _is_option(self, word: str) -> bool:
        return any(self.rv_settings_find_option(kind.encode(), word.encode())
                   for kind in strings(self.rv_settings_kinds()))

    def take_text(self, pointer: int) -> str:
        """Returns the text at `pointer` and frees it."""
        try:
            return ctypes.string_at(pointer).decode(errors="surrogateescape")
        finally:
            self.g_free(pointer)


def _load_bundle() -> Library:
    """Loads the library of the bundle, without modules of GIO: the system's modules need the system's GLib."""
    os.environ.setdefault("REVERIE_HELPER", os.path.join(_BUNDLE, "libexec", "reverie-hdf5"))
    if not os.path.exists("/etc/fonts/fonts.conf"):
        os.environ.setdefault("FONTCONFIG_FILE", os.path.join(_BUNDLE, "share", "fonts", "fonts.conf"))
    modules = os.environ.get("GIO_MODULE_DIR")
    os.environ["GIO_MODULE_DIR"] = os.path.join(_BUNDLE, "lib", "no-modules")
    try:
        loaded = Library(os.path.join(_BUNDLE, "lib", SONAME))
        loaded.g_vfs_get_default()  # searches for modules, once
    finally:
        del os.environ["GIO_MODULE_DIR"]  # programs that this process starts may load modules
        if modules is not None:
            os.environ["GIO_MODULE_DIR"] = modules
    return loaded


_path = os.environ.get("REVERIE_LIBRARY")
library = Library(_path or SONAME) if _path or not os.path.exists(_BUNDLE) else _load_bundle()
