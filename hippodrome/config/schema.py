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
from hippodrome.config.forms import CONTAINER_KEYS, FORMS, port_number, secrets_among
from hippodrome.config.reader import Document, Tagged
from hippodrome.errors import Place, Problem, nearest

UNITS_S = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001, "us": 0.000001}
NUMBER = r"[0-9]+(?:\.[0-9]+)?"
DURATION = re.compile("(?=.)" + "".join(rf"(?:(?P<{unit}>{NUMBER}){unit}(?![a-z]))?" for unit in UNITS_S) + r"\Z")
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*\Z")
NAMED = {
    ("Settings", "services"),
    ("Settings", "profiles"),
    ("Settings", "cells"),
    ("Profile", "services"),
    ("Cell", "services"),
    ("Events", "routes"),
}
WRONG: Any = object()  # in place of a value that was reported: the model's own default is no second mistake
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
    """A document's values in one form, without what is wrong with them. `wrong`: paths of what is."""

    value: dict[str, Any]
    problems: list[Problem]
    warnings: list[str]
    wrong: set[str]


def check(document: Document) -> Checked:
    """Every mistake of one file; what is not mistaken is kept."""
    walk = _Walk(document)
    return Checked(walk.section(model.Settings, document.value, ""), walk.problems, walk.warnings, walk.wrong)


class _Walk:
    def __init__(self, document: Document) -> None:
        self._document = document
        self.problems = list(document.problems)
        self.warnings: list[str] = []
        self.wrong: set[str] = set()
        self._for_shell: set[str] = set()  # paths of commands that are not split into words

    def section(self, kind: type, value: Any, path: str) -> dict[str, Any]:
        """The known keys of a mapping, each checked."""
        if not isinstance(value, dict):
            self._wrong(path, "must be a mapping", f"Keys: {', '.join(keys(kind))}.")
            return {}
        if kind is model.Service and (apart := secrets_among(value.get("environment"))):
            value = self._secrets_apart(value, apart, path)
        if value.get("shell") is True:
            self._for_shell.add(f"{path}.command")
        found = {
            name: self._member(kind, name, each, f"{path}.{name}".lstrip("."))
            for name, each in value.items()
            if self._is_known(kind, name, f"{path}.{name}".lstrip("."))
        }
        return {name: each for name, each in found.items() if each is not WRONG}

    def _secrets_apart(self, service: dict[str, Any], apart: dict[str, Any], path: str) -> dict[str, Any]:
        """The service with these variables below `secrets`, and their places."""
        rest = {name: each for name, each in service["environment"].items() if str(name) not in apart}
        below, places = service.get("secrets"), self._document
        for known in (places.keys, places.values):
            for name in apart:
                before, after = f"{path}.environment.{name}.secret", f"{path}.secrets.{name}"
                inside = [at for at in known if at == before or at.startswith(f"{before}.")]
                known.update({after + at.removeprefix(before): known[at] for at in inside})
        if below is not None and not isinstance(below, dict):
            return {**service, "environment": rest}  # that is told as the mistake it is
        return {**service, "environment": rest, "secrets": {**apart, **(below or {})}}

    def _is_known(self, kind: type, name: str, path: str) -> bool:
        if name in keys(kind):
            return True
        if name in CONTAINER_KEYS.get(kind.__name__, ()):
            self.warnings.append(
                f"{self._key_place(path)}: `{name}` means nothing without a container; it is ignored."
            )
        elif not name.startswith("x-"):
            self._report(path, "unknown-key", f"unknown key `{name}`", nearest(name, keys(kind)))
        return False

    def _member(self, kind: type, name: str, value: Any, path: str) -> Any:
        if isinstance(value, Tagged):
            return value if value.how == "reset" else Tagged(value.how, self._member(kind, name, value.value, path))
        if value is None:  # nothing is said: what lies below goes
            return Tagged("reset", None)
        if form := FORMS.get((kind.__name__, name)):
            value = form(value, path, self._wrong)
        if (kind.__name__, name) in NAMED:
            section = model.Service if (kind.__name__, name) in PARTIAL else get_args(hints(kind)[name])[1]
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
                self._report(at, "bad-name", f"`{name}` cannot be a name", hint)
            elif isinstance(one, Tagged) or one is None:
                found[name] = one or Tagged("reset", None)
            else:
                found[name] = each(one, at)
        return found

    def value(self, kind: Any, value: Any, path: str) -> Any:
        """A value of this type, or its nearest likeness after a problem was noted."""
        if isinstance(value, Tagged):
            inner = None if value.how == "reset" else self.value(kind, value.value, path)
            return WRONG if inner is WRONG else Tagged(value.how, inner)
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
        return [each for each in found if each is not WRONG]

    def _item(self, kind: Any, value: Any, path: str) -> Any:
        """WRONG for one with a mistake in it, or without what it must have: no other layer can mend an item."""
        if isinstance(value, Tagged):
            self._wrong(path, "cannot be marked by itself", f"Mark the whole list: `!{value.how} […]`.")
            return WRONG
        known = len(self.problems)
        found = self.value(kind, value, path)
        if is_dataclass(kind) and len(self.problems) == known and (missing := missing_keys(kind, found)):
            self._wrong(path, f"must say `{missing[0]}`", f"Write `{missing[0]}: …` there.")
        return found if len(self.problems) == known else WRONG

    def _mapping(self, kind: Any, value: Any, path: str) -> dict[str, Any]:
        if not isinstance(value, dict):
            self._wrong(path, "must be a mapping", "Write `name: value`.")
            return {}
        found = {name: self._entry(kind, each, f"{path}.{name}") for name, each in value.items()}
        return {name: each for name, each in found.items() if each is not WRONG}

    def _entry(self, kind: Any, value: Any, path: str) -> Any:
        is_reset = value is None and type(None) not in get_args(kind)
        return Tagged("reset", None) if is_reset else self.value(kind, value, path)

    def _command(self, value: Any, path: str) -> Any:
        if isinstance(value, list) and value:
            words = [self._scalar(str, each, f"{path}.{index}") for index, each in enumerate(value)]
            return NOTHING if WRONG in words else words
        if not isinstance(value, str) or not value.strip():
            self._wrong(path, "must be a command", 'Write `python app.py`, or `["python", "app.py"]`.')
            return NOTHING
        if path not in self._for_shell and (said := _cannot_split(value)):
            self._wrong(path, f"cannot be split as a shell splits it: {said}", "Close the quote, or write a list.")
            return NOTHING
        return value  # split once it is known whether a shell reads it

    def _word(self, words: tuple[Any, ...], value: Any, path: str) -> Any:
        if value in words:
            return value
        said = f", and is `{value}`" if isinstance(value, str | int) else ""
        self._wrong(
            path, f"must be one of {', '.join(words)}{said}", nearest(str(value), words) if said else "Write one."
        )
        return WRONG

    def _scalar(self, kind: Any, value: Any, path: str) -> Any:
        read, what, hint = SCALARS[kind]
        found = read(value)
        if found is None:
            self._wrong(path, what, hint)
            return LIKENESS.get(kind, WRONG)
        return found

    def _wrong(self, path: str, what: str, hint: str) -> None:
        *_, above, last = ("", "", *path.split("."))
        name = f"an item of `{above}`" if last.isdigit() else f"`{last}`"
        self._report(path, "wrong-type", f"{name} {what}", hint, self._document.values.get(path))

    def _report(self, path: str, code: str, what: str, hint: str, place: Place | None = None) -> None:
        self.wrong.add(path)
        self.problems.append(Problem(code, what, hint, place or self._key_place(path)))

    def _key_place(self, path: str) -> Place | None:
        """Or that of the nearest thing above it, where a form of compose's has been spread out."""
        while path:
            if found := self._document.keys.get(path) or self._document.values.get(path):
                return found
            path = path.rpartition(".")[0]
        return None


def seconds(value: Any) -> float | None:
    """Seconds of `1m30s`, `500ms`, or a plain number; None for what is no duration."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    if re.fullmatch(NUMBER, str(value)):
        return float(value)
    found = DURATION.match(str(value))
    return sum(float(found[unit] or 0) * size for unit, size in UNITS_S.items()) if found else None


def _span(value: Any) -> float | None:
    return seconds(value) or None


def _cannot_split(command: str) -> str:
    """Why a shell would not read it; empty when it would."""
    try:
        shlex.split(command)
    except ValueError as error:
        return str(error)
    return ""


def _truth(value: Any) -> bool | None:
    if isinstance(value, str):
        return {"true": True, "false": False}.get(value.lower())
    return value if isinstance(value, bool) else None


def _text(value: Any) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, str | int | float) else None


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 1 else None


def _pattern(value: Any) -> str | None:
    try:
        re.compile(value)
    except (re.error, TypeError):
        return None
    return str(value)


SCALARS: Mapping[Any, tuple[Callable[[Any], Any], str, str]] = {
    str: (_text, "must be text", "Write one value, quoted if it has special characters."),
    bool: (_truth, "must be true or false", "Write `true` or `false`."),
    int: (_count, "must be a whole number from 1", "Write `3`."),
    model.Span: (_span, "must be a duration above zero", "Write `5s`, `1m30s`, `500ms`, or seconds as a number."),
    model.Seconds: (seconds, "must be a duration", "Write `5s`, `1m30s`, `500ms`, or seconds as a number."),
    model.PortNumber: (port_number, "must be a number from 1 to 65535", "Write `port: 8000`."),
    model.Regex: (
        _pattern,
        "must be a regular expression",
        "Brackets and other special characters are escaped with a backslash.",
    ),
}
# In place of what others refer to, so that a mistake is not followed by theirs.
LIKENESS: Mapping[Any, Any] = {model.PortNumber: 1}
NOTHING = ["true"]


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
        return _words(value)
    if origin is tuple:
        return tuple(_built(arguments[0], each) for each in value)
    if origin is collections.abc.Mapping:
        return {name: _built(arguments[1], each) for name, each in value.items()}
    return value


def _words(command: str | list[str]) -> tuple[str, ...]:
    """What cannot be split, since a later layer took the shell away, stays one word."""
    if isinstance(command, str):
        return (command,) if _cannot_split(command) else tuple(shlex.split(command))
    return tuple(command)


def missing_keys(section: Any, value: Mapping[str, Any]) -> list[str]:
    """Keys that the section must have and this value lacks."""
    return [
        name
        for name, each in keys(section).items()
        if each.default is MISSING and each.default_factory is MISSING and name not in value
    ]
