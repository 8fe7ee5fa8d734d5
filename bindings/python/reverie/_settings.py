"""Keyword arguments from the library's tables of options, and their help."""

from __future__ import annotations

import functools
import inspect
import json
import math
import os
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal, TypeVar

from ._library import encode, keyword, library, strings

F = TypeVar("F", bound=Callable[..., Any])
_TYPES = {"int": int, "real": float, "bool": bool}


@functools.cache
def job_kind(kind: str) -> dict[str, Any]:
    """Returns the description of jobs of this kind: `makes`, `settings`, `inputs` (job.h has the members)."""
    found: dict[str, Any] = json.loads(library.take_text(library.rv_job_kind_json(encode(kind))))
    return found


def of_job(kind: str) -> tuple[str, ...]:
    """Returns the kinds of settings of jobs of this kind. If two have an option of one name, the later one counts."""
    return tuple(reversed(job_kind(kind)["settings"]))


def kinds() -> list[str]:
    """Returns the kinds of settings: "style", "dream", ..., "picture", "state", "dreams"."""
    return strings(library.rv_settings_kinds())


@functools.cache
def table(kind: str) -> dict[str, Any]:
    """Returns the table of settings of this kind: `options` and `presets` (settings.h has the members)."""
    found: dict[str, Any] = json.loads(library.take_text(library.rv_settings_table_json(encode(kind))))
    return found


def options(*of_kinds: str) -> dict[str, dict[str, Any]]:
    """Returns the options of some kinds, by keyword argument."""
    return {keyword(option["name"]): option for kind in of_kinds for option in table(kind)["options"]}


def to_json(settings: Mapping[str, Any]) -> bytes:
    """Returns the JSON of keyword arguments, for the library."""
    return encode(json.dumps({option_name(name): plain(value) for name, value in settings.items()}))


def option_name(name: str) -> str:
    if not isinstance(name, str):
        raise TypeError(f"a setting's name is a str, not {type(name).__name__}")
    return name.rstrip("_").replace("_", "-")


def plain(value: Any) -> Any:
    """Converts a value for JSON: lists and maps to texts, "a,b" and "a:1,b:2", numpy's numbers to numbers. Consumes an
    iterator. Raises SettingError for a NUL."""
    if hasattr(value, "item") and not getattr(value, "shape", ()):
        value = value.item()
    if isinstance(value, (bytes, os.PathLike)):
        value = os.fsdecode(value)
    elif isinstance(value, Mapping):
        value = ",".join(f"{name}:{part}" for name, part in value.items())
    elif isinstance(value, Iterable) and not isinstance(value, str):
        value = ",".join(str(part) for part in value)
    elif value is None or isinstance(value, int) and -(1 << 63) <= value < 1 << 63 or (
            isinstance(value, float) and math.isfinite(value)):
        return value
    text = str(value)  # also of numbers that JSON cannot contain
    encode(text)
    return text


def from_json(text: str) -> dict[str, Any]:
    """Returns the settings in JSON of the library, by keyword argument."""
    return {keyword(name): value for name, value in json.loads(text).items()}


def to_text(value: Any) -> str:
    """Returns a value as a user would type it."""
    value = plain(value)
    return json.dumps(value) if isinstance(value, (bool, int, float)) else str(value)


def is_unicode(value: Any) -> bool:
    """Whether JSON can contain the value. File names of os.fsdecode() may have bytes that are not UTF-8."""
    return not any("\ud800" <= letter <= "\udfff" for letter in to_text(value))


def from_text(option: Mapping[str, Any], text: str) -> Any:
    """Converts the text of a user to the option's type. Returns None for an empty choice and for a number below its
    range: they are not set."""
    if option["type"] == "bool":
        return text in ("true", "yes", "1")
    if option["type"] not in _TYPES:
        return text if text or option["type"] == "text" else None
    value = _TYPES[option["type"]](text or 0)
    return value if value >= option["min"] else None


# ---- signatures and docstrings -------------------------------------------------------------------------------------


def annotation(option: Mapping[str, Any]) -> Any:
    """Returns the type of a keyword argument. None means the preset's value."""
    if option["type"] == "text":
        return str | os.PathLike[str] | Iterable[object] | None
    return (Literal[tuple(option["choices"])] if option["type"] == "choice" else _TYPES[option["type"]]) | None


def _default(option: Mapping[str, Any]) -> Any:
    return None if option.get("default") == "" else option.get("default")


def help_text(option: Mapping[str, Any]) -> str:
    """Returns the help of an option, in which quoted options have the names of keyword arguments."""
    return re.sub("'[a-z-]+'", lambda quoted: quoted[0].replace("-", "_"), option["help"])


def _describe(name: str, option: Mapping[str, Any]) -> str:
    line = f"    {name}: {help_text(option)}"
    if "choices" in option:
        line += f"; one of {', '.join(option['choices'])}"
    elif "min" in option and option["type"] != "bool":
        line += f"; {option['min']:g} to {option['max']:g}"
    if _default(option) is not None:
        line += f" [{option['default']}]"
    return line


def with_settings(*of_kinds: str) -> Callable[[F], F]:
    """Decorator: adds these options to the signature and the docstring, for **settings."""

    def decorate(function: F) -> F:
        found = options(*of_kinds)
        own = [p for p in inspect.signature(function).parameters.values() if p.kind is not p.VAR_KEYWORD]
        settings = [inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=_default(option),
                                      annotation=annotation(option))
                    for name, option in found.items() if name not in {p.name for p in own}]
        described: Any = function
        described.__signature__ = inspect.signature(function).replace(parameters=own + settings)
        lines = [_describe(name, option) for name, option in found.items()]
        function.__doc__ = "\n".join([inspect.cleandoc(function.__doc__ or ""), "", "Settings:", *lines])
        return function

    return decorate


def _inputs(kind: str) -> str:
    words = [row["name"] + (f" (one for each {row['mask_of']})" if "mask_of" in row and row["many"]
                            else " (any number)" if row["many"] else "") for row in job_kind(kind)["inputs"]]
    return f'    "{kind}": {", ".join(words)}'


def with_inputs(function: F) -> F:
    """Decorator: adds the roles of each kind of job to the docstring."""
    lines = [_inputs(kind) for kind in strings(library.rv_job_kinds())]
    function.__doc__ = "\n".join([inspect.cleandoc(function.__doc__ or ""), "", "Roles:", *lines])
    return function
