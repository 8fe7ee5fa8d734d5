"""Neural style transfer, DeepDream and variational autoencoders on a CPU: libreverie for Python.

>>> import reverie
>>> picture = reverie.style("photo.jpg", "painting.jpg", size=512, strength=70)
>>> picture.save("painted.png")

Settings are keyword arguments, checked by the library: help(reverie.style) lists them.
"""

__version__ = "0.1.0"

from ._image import Picture, mask
from ._job import Job, Plan, Report, Snapshot
from ._library import (BackendError, Cancelled, DtypeError, Error, FileError, FormatError, NumberError, OutOfMemory,
                       SettingError, ShapeError)
from ._models import VAE, Network, StyleNetwork
from ._scorer import Scorer
from ._settings import kinds, table
from ._video import VideoReader, VideoWriter
from .methods import dream, flow, learn, style

__all__ = ["BackendError", "Cancelled", "DtypeError", "Error", "FileError", "FormatError", "Job", "Network",
           "NumberError", "OutOfMemory", "Picture", "Plan", "Report", "Scorer", "SettingError", "ShapeError",
           "Snapshot", "StyleNetwork", "VAE", "VideoReader", "VideoWriter", "dream", "flow", "kinds", "learn", "mask",
           "style", "table"]
