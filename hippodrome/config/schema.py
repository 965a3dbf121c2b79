"""Holding values against the model: one walk over the dataclasses that finds every mistake and brings one form."""

import collections.abc
import re
import shlex
import types
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from functools import cache
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from hippodrome.config import model
from hippodrome.config.forms import CONTAINER_KEYS, FORMS
from hippodrome.config.reader import Document, Tagged
from hippodrome.errors import Place, Problem, nearest

DURATION = re.compile(
    r"(?:(?P<h>\d+(?:\.\d+)?)h)?(?:(?P<m>\d+(?:\.\d+)?)m(?!s))?(?:(?P<s>\d+(?:\.\d+)?)s)?"
    r"(?:(?P<ms>\d+(?:\.\d+)?)ms)?(?:\d+us)?\Z"
)
UNITS_S = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*\Z")
NAMED = {
    ("Settings", "services"),
    ("Settings", "profiles"),
    ("Settings", "cells"),
    ("Profile", "services"),
    ("Cell", "services"),
}
PARTIAL = {("Profile", "services"), ("Cell", "services")}  # changes to services, in the form of `services`


@cache
def hints(section: type) -> dict[str, Any]:
    """The type of each key of a section."""
    return get_type_hints(section, include_extras=True)


@cache
def keys(section: type) -> dict[str, "Field[Any]"]:
    """The keys of a section."""
    return {each.name: each for each in fields(section)}


@dataclass
class Checked:
    """A document's values in one form, without what is wrong with them."""

    value: dict[str, Any]
    problems: list[Problem]
    warnings: list[str]


def check(document: Document) -> Checked:
    """Every mistake of one file; what is not mistaken is kept."""
    walk = _Walk(document)
    return Checked(walk.section(model.Settings, document.value, ""), walk.problems, walk.warnings)


class _Walk:
    def __init__(self, document: Document) -> None:
        self._document = document
        self.problems = list(document.problems)
        self.warnings: list[str] = []

    def section(self, kind: type, value: Any, path: str) -> dict[str, Any]:
        """The known keys of a mapping, each checked."""
        if not isinstance(value, dict):
            self._wrong(path, "must be a mapping", f"Keys: {', '.join(keys(kind))}.")
            return {}
        return {
            name: self._member(kind, name, each, f"{path}.{name}".lstrip("."))
            for name, each in value.items()
            if self._is_known(kind, name, f"{path}.{name}".lstrip("."))
        }

    def _is_known(self, kind: type, name: str, path: str) -> bool:
        if name in keys(kind):
            return True
        if name in CONTAINER_KEYS.get(kind.__name__, ()):
            self.warnings.append(
                f"{self._key_place(path)}: `{name}` means nothing without a container; it is ignored."
            )
        elif not name.startswith("x-"):
            self.problems.append(
                Problem("unknown-key", f"unknown key `{name}`", nearest(name, keys(kind)), self._key_place(path))
            )
        return False

    def _member(self, kind: type, name: str, value: Any, path: str) -> Any:
        if isinstance(value, Tagged):
            return value if value.how == "reset" else Tagged(value.how, self._member(kind, name, value.value, path))
        if value is None:  # nothing is said: what lies below goes
            return Tagged("reset", None)
        if form := FORMS.get((kind.__name__, name)):
            value = form(value, path, self._wrong)
        if (kind.__name__, name) in PARTIAL:
            return self._named(value, path, lambda each, at: self.section(model.Service, each, at))
        if (kind.__name__, name) in NAMED:
            section = get_args(hints(kind)[name])[1]
            return self._named(value, path, lambda each, at: self.section(section, each, at))
        return self.value(hints(kind)[name], value, path)

    def _named(self, value: Any, path: str, each: Callable[[Any, str], Any]) -> dict[str, Any]:
        if not isinstance(value, dict):
            self._wrong(path, "must be a mapping of names", "Write a name, a colon, and its keys below.")
            return {}
        found = {}
        for name, one in value.items():
            at = f"{path}.{name}"
            if not NAME.match(name):
                hint = "Use letters, digits, `_` and `-`, beginning with a letter."
                self.problems.append(Problem("bad-name", f"`{name}` cannot be a name", hint, self._key_place(at)))
            elif isinstance(one, Tagged) or one is None:
                found[name] = one or Tagged("reset", None)
            else:
                found[name] = each(one, at)
        return found

    def value(self, kind: Any, value: Any, path: str) -> Any:
        """A value of this type, or its nearest likeness after a problem was noted."""
        if isinstance(value, Tagged):
            return Tagged(value.how, self.value(kind, value.value, path))
        origin, arguments = get_origin(kind), get_args(kind)
        if kind == model.Command:
            return self._command(value, path)
        if origin in (Union, types.UnionType):
            return (
                None if value is None else self.value(next(a for a in arguments if a is not type(None)), value, path)
            )
        if is_dataclass(kind):
            return self.section(kind, value, path)  # type: ignore[arg-type]
        if origin is tuple:
            return self._list(arguments[0], value, path)
        if origin is collections.abc.Mapping:
            return self._mapping(arguments[1], value, path)
        if origin is Literal:
            return self._word(arguments, value, path)
        return value if kind is Any else self._scalar(kind, value, path)

    def _list(self, kind: Any, value: Any, path: str) -> list[Any]:
        if not isinstance(value, list):
            if kind is str and isinstance(value, str):
                return [value]
            self._wrong(path, "must be a list", "Write `[one, two]`, or a line with `- ` for each.")
            return []
        found = (self._item(kind, each, f"{path}.{index}") for index, each in enumerate(value))
        return [each for each in found if each is not None]

    def _item(self, kind: Any, value: Any, path: str) -> Any:
        """None for one that lacks what it must have, which no other layer can add to an item of a list."""
        known = len(self.problems)
        found = self.value(kind, value, path)
        missing = missing_keys(kind, found) if is_dataclass(kind) and isinstance(found, dict) else []
        if missing and len(self.problems) == known:
            self._wrong(path, f"must say `{missing[0]}`", f"Write `{missing[0]}: …` there.")
        return None if missing else found

    def _mapping(self, kind: Any, value: Any, path: str) -> dict[str, Any]:
        if not isinstance(value, dict):
            self._wrong(path, "must be a mapping", "Write `name: value`.")
            return {}
        return {name: self.value(kind, each, f"{path}.{name}") for name, each in value.items()}

    def _command(self, value: Any, path: str) -> Any:
        if isinstance(value, list) and value:
            return [self._scalar(str, each, f"{path}.{index}") for index, each in enumerate(value)]
        if not isinstance(value, str) or not value.strip():
            self._wrong(path, "must be a command", 'Write `python app.py`, or `["python", "app.py"]`.')
            return ["true"]
        try:
            shlex.split(value)
        except ValueError as error:
            self._wrong(path, f"cannot be split as a shell splits it: {error}", "Close the quote, or write a list.")
            return ["true"]
        return value  # split once it is known whether a shell reads it

    def _word(self, words: tuple[Any, ...], value: Any, path: str) -> Any:
        if value in words:
            return value
        self._wrong(path, f"must be one of {', '.join(words)}, and is `{value}`", nearest(str(value), words))
        return words[0]

    def _scalar(self, kind: Any, value: Any, path: str) -> Any:
        read, what, hint = SCALARS[kind]
        found = read(value)
        if found is None:
            self._wrong(path, what, hint)
            return EMPTY.get(kind, "")
        return found

    def _wrong(self, path: str, what: str, hint: str) -> None:
        *_, above, last = ("", "", *path.split("."))
        name = f"an item of `{above}`" if last.isdigit() else f"`{last}`"
        place = self._document.values.get(path) or self._key_place(path)
        self.problems.append(Problem("wrong-type", f"{name} {what}", hint, place))

    def _key_place(self, path: str) -> Place | None:
        return self._document.keys.get(path) or self._document.values.get(path)


def seconds(value: Any) -> float | None:
    """Seconds of `1m30s`, `500ms`, or a plain number; None for what is no duration."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value) if value >= 0 else None
    found = DURATION.match(value) if isinstance(value, str) and value else None
    if not found:
        return None
    return sum(float(found[unit] or 0) * size for unit, size in UNITS_S.items())


def _text(value: Any) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, str | int | float) else None


def _port(value: Any) -> int | None:
    number = int(value) if isinstance(value, str) and value.isdigit() else value
    return number if isinstance(number, int) and not isinstance(number, bool) and 1 <= number <= 65535 else None


def _number(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _pattern(value: Any) -> str | None:
    try:
        re.compile(value)
    except (re.error, TypeError):
        return None
    return str(value)


SCALARS: Mapping[Any, tuple[Callable[[Any], Any], str, str]] = {
    str: (_text, "must be text", "Write one value, quoted if it has special characters."),
    bool: (
        lambda value: value if isinstance(value, bool) else None,
        "must be true or false",
        "Write `true` or `false`.",
    ),
    int: (_number, "must be a whole number", "Write `3`."),
    model.Seconds: (seconds, "must be a duration", "Write `5s`, `1m30s`, `500ms`, or seconds as a number."),
    model.PortNumber: (_port, "must be a number from 1 to 65535", "Write `port: 8000`."),
    model.Regex: (
        _pattern,
        "must be a regular expression",
        "Brackets and other special characters are escaped with a backslash.",
    ),
}
EMPTY: Mapping[Any, Any] = {bool: False, int: 0, model.Seconds: 0.0, model.PortNumber: 1}


def build(section: type, value: Mapping[str, Any]) -> Any:
    """The dataclass of a section from merged values of one form."""
    is_shell = section is model.Service and value.get("shell", False)
    found = {name: _built(hints(section)[name], each) for name, each in value.items() if name in keys(section)}
    if is_shell and isinstance(value.get("command"), str):
        found["command"] = (value["command"],)
    return section(**found)


def _built(kind: Any, value: Any) -> Any:
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        return None if value is None else _built(next(a for a in arguments if a is not type(None)), value)
    if is_dataclass(kind):
        return build(kind, value)  # type: ignore[arg-type]
    if kind == model.Command:
        return tuple(shlex.split(value)) if isinstance(value, str) else tuple(str(each) for each in value)
    if origin is tuple:
        return tuple(_built(arguments[0], each) for each in value)
    if origin is collections.abc.Mapping:
        return {name: _built(arguments[1], each) for name, each in value.items()}
    return value


def missing_keys(section: Any, value: Mapping[str, Any]) -> list[str]:
    """Keys that the section must have and this value lacks."""
    return [
        name
        for name, each in keys(section).items()
        if each.default is MISSING and each.default_factory is MISSING and name not in value
    ]
