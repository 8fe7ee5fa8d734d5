"""The library's tables of options: what keyword arguments there are, and what is said of them."""

import functools
import inspect
import json
import math
import os
from collections.abc import Iterable, Mapping
from typing import Any, Literal

from ._library import encode, keyword, library, strings

_TYPES = {"int": int, "real": float, "bool": bool}


def kinds() -> "list[str]":
    """Of settings: "style", "dream", ..., "picture", "state"."""
    return strings(library.rv_settings_kinds())


@functools.cache
def table(kind: str) -> "dict[str, Any]":
    """All that a form for settings of this kind needs: `options` and `presets` (settings.h has the members)."""
    return json.loads(library.take_text(library.rv_settings_table_json(encode(kind))))


def options(*of_kinds: str) -> "dict[str, dict[str, Any]]":
    """The options of some kinds by keyword argument."""
    return {keyword(option["name"]): option for kind in of_kinds for option in table(kind)["options"]}


def to_json(settings: "Mapping[str, Any]") -> bytes:
    """Keyword arguments as the library takes them."""
    return encode(json.dumps({option_name(name): plain(value) for name, value in settings.items()}))


def option_name(name: str) -> str:
    return name.rstrip("_").replace("_", "-")


def plain(value: Any) -> Any:
    """A value as JSON has it: lists and maps are texts, "a,b" and "a:1,b:2"; numpy's numbers are numbers."""
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)  # which JSON has not
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if isinstance(value, Mapping):
        return ",".join(f"{name}:{part}" for name, part in value.items())
    if isinstance(value, Iterable):
        return ",".join(str(part) for part in value)
    return str(value)


def to_text(value: Any) -> str:
    """A value as a user would type it."""
    value = plain(value)
    return json.dumps(value) if isinstance(value, (bool, int, float)) else str(value)


def from_text(option: "Mapping[str, Any]", text: str) -> Any:
    """A value of the option's type, of what a user would type."""
    if option["type"] == "bool":
        return text in ("true", "yes", "1")
    return _TYPES.get(option["type"], str)(text or 0) if option["type"] in _TYPES else text


# ---- signatures and docstrings -------------------------------------------------------------------------------------


def annotation(option: "Mapping[str, Any]") -> Any:
    if option["type"] == "choice":
        return Literal[tuple(option["choices"])]
    return _TYPES.get(option["type"], str)


def _describe(name: str, option: "Mapping[str, Any]") -> str:
    line = f"    {name}: {option['help']}"
    if "choices" in option:
        line += f"; one of {', '.join(option['choices'])}"
    elif "min" in option and option["type"] != "bool":
        line += f"; {option['min']:g} to {option['max']:g}"
    if option.get("default", "") != "":
        line += f" [{option['default']}]"
    return line


def with_settings(*of_kinds: str) -> Any:
    """A decorator: the function's **settings are these options, in its signature and in its docstring."""

    def decorate(function: Any) -> Any:
        found = options(*of_kinds)
        own = [p for p in inspect.signature(function).parameters.values() if p.kind is not p.VAR_KEYWORD]
        settings = [inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=option.get("default"),
                                      annotation=annotation(option))
                    for name, option in found.items() if name not in {p.name for p in own}]
        function.__signature__ = inspect.signature(function).replace(parameters=own + settings)
        lines = [_describe(name, option) for name, option in found.items()]
        function.__doc__ = "\n".join([inspect.cleandoc(function.__doc__ or ""), "", "Settings:", *lines])
        return function

    return decorate
