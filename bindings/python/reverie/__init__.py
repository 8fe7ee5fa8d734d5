"""Neural style transfer, DeepDream and variational autoencoders on a CPU: libreverie for Python.

>>> import reverie
>>> picture = reverie.style("photo.jpg", "painting.jpg", size=512, strength=70)
>>> picture.save("painted.png")

Settings are keyword arguments, checked by the library: help(reverie.style) lists them.
"""

from ._image import Picture
from ._job import Job, Plan, Report
from ._library import (BackendError, Cancelled, ElementError, Error, FileError, FormatError, NumberError, OutOfMemory,
                       SettingError, ShapeError)
from ._settings import kinds, table
from .methods import dream, style

__all__ = ["BackendError", "Cancelled", "ElementError", "Error", "FileError", "FormatError", "Job", "NumberError",
           "OutOfMemory", "Picture", "Plan", "Report", "SettingError", "ShapeError", "dream", "kinds", "style", "table"]
