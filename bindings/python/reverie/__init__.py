"""Neural style transfer, DeepDream and variational autoencoders on a CPU: libreverie for Python.

>>> import reverie
>>> picture = reverie.style("photo.jpg", "painting.jpg", size=512, strength=70)
>>> picture.save("painted.png")

Settings are keyword arguments, checked by the library: help(reverie.style) lists them.
"""

from ._film import Film, FilmWriter
from ._image import Picture
from ._job import Job, Moment, Plan, Report
from ._library import (BackendError, Cancelled, ElementError, Error, FileError, FormatError, NumberError, OutOfMemory,
                       SettingError, ShapeError)
from ._models import VAE, Network, Painter
from ._settings import kinds, table
from .methods import dream, flow, learn, style

__all__ = ["BackendError", "Cancelled", "ElementError", "Error", "FileError", "Film", "FilmWriter", "FormatError",
           "Job", "Moment", "Network", "NumberError", "OutOfMemory", "Painter", "Picture", "Plan", "Report",
           "SettingError", "ShapeError", "VAE", "dream", "flow", "kinds", "learn", "style", "table"]
