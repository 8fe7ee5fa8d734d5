"""make-stub.py OUT -- writes the stub of reverie.methods, with all settings, for type checkers and editors."""

import inspect
import sys

from reverie import methods

HEAD = '''"""Made by make-stub.py of the library's tables."""

import collections.abc
import os
import typing
from typing import Any, Literal, Optional

import reverie._image
import reverie._job
import reverie._models
from reverie._image import Source

'''


def main() -> None:
    with open(sys.argv[1], "w", encoding="utf-8") as stub:
        stub.write(HEAD)
        for name, function in vars(methods).items():
            if hasattr(function, "__signature__"):
                stub.write(f"\ndef {name}{inspect.signature(function)}:\n    {function.__doc__!r}\n")


if __name__ == "__main__":
    main()
