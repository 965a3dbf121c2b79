"""YAML text as plain values beside the places of all keys and values. Nothing is lost, nothing is guessed."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import yaml

from hippodrome.errors import Place, Problem

QUICK_LOADER: type = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml is not everywhere
NODES_MAX = 200_000  # an alias bomb is small text and huge values
DEPTH_MAX = 50
TOO_DEEP, FLATTEN = f"more than {DEPTH_MAX} values within each other", "Are all brackets closed?"
# What comes back as it was written, and no more: `on`, `yes`, `True`, `1:30`, `08` and `3.10` stay text.
SCALARS: tuple[tuple[re.Pattern[str], Callable[[str], Any]], ...] = (
    (re.compile(r"(?:~|null|Null|NULL|)\Z"), lambda _: None),
    (re.compile(r"true\Z"), lambda _: True),
    (re.compile(r"false\Z"), lambda _: False),
    (re.compile(r"(?:0|-?[1-9][0-9]{0,17})\Z"), int),
)
MERGE_KEY = "tag:yaml.org,2002:merge"
MERGE_TAGS = {"!reset": "reset", "!override": "override"}  # compose's own
STANDARD_TAG = re.compile(r"tag:yaml\.org,2002:(?:null|bool|int|float|str|seq|map|timestamp|merge|value)\Z")


@dataclass(frozen=True)
class Tagged:
    """A value that is marked for merging: `reset` drops what lies below, `override` replaces it."""

    how: str
    value: Any


@dataclass
class Document:
    """What a file says. `keys` and `values` give the place of each dotted path's key and value."""

    file: str
    value: dict[str, Any] = field(default_factory=dict)
    keys: dict[str, Place] = field(default_factory=dict)
    values: dict[str, Place] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def put(self, path: str, value: Any, place: Place) -> None:
        """Sets the value at a dotted path, for what is not read from a file. A value above it gives way."""
        *above, last = path.split(".")
        inside = self.value
        for depth, name in enumerate(above, 1):
            if not isinstance(inside.get(name), dict):
                inside[name] = {}
            inside = inside[name]
            self.keys.setdefault(".".join(above[:depth]), place)
        inside[last] = value
        self.keys[path] = self.values[path] = place


def read(path: Path, shown: str) -> Document:
    """The document in the file, called `shown` in its places; problems are in it, none is raised."""
    try:
        return parse(path.read_text(encoding="utf-8"), shown)
    except OSError as error:
        said, hint = error.strerror or str(error), "It must be a file that you may read."
    except UnicodeDecodeError as error:
        said, hint = f"byte {error.start + 1} is not UTF-8", "Save it as UTF-8 text."
    return Document(shown, problems=[Problem("unreadable-file", f"cannot be read: {said}", hint, Place(shown, 1))])


def parse(text: str, shown: str, loader: type = QUICK_LOADER) -> Document:
    """The document in the text. `loader`: the C one is 15 times as quick."""
    document = Document(shown)
    try:
        node = yaml.compose(text, Loader=loader)
    except (yaml.YAMLError, UnicodeEncodeError, RecursionError) as error:
        document.problems.append(_syntax_problem(error, text, shown))
        return document
    if node is not None and not (isinstance(node, yaml.ScalarNode) and _scalar(node) is None):
        _Builder(document).build_root(node)
    return document


def _syntax_hint(text: str, place: Place) -> str:
    line = text.split("\n")[place.line - 1] if place.line <= text.count("\n") + 1 else ""
    if line[: place.column - 1].endswith("$") and line[place.column - 1 : place.column] == "{":
        return 'Inside `{…}` and `[…]`, text with a reference needs quotes: `{command: "serve ${port}"}`.'
    return "Check indentation, quotes and brackets there."


def _syntax_problem(error: Exception, text: str, shown: str) -> Problem:
    if isinstance(error, yaml.MarkedYAMLError):
        mark = error.problem_mark or error.context_mark
        place = Place(shown, mark.line + 1, mark.column + 1) if mark else Place(shown, 1)
        said = " ".join(part for part in (error.context, error.problem) if part)
        return Problem("syntax", f"not YAML: {said}", _syntax_hint(text, place), place)
    if isinstance(error, RecursionError):  # of the loader that is not C
        return Problem("too-much", TOO_DEEP, FLATTEN, Place(shown, 1))
    found = yaml.reader.Reader.NON_PRINTABLE.search(text)
    before = text[: found.start() if found else 0].split("\n")
    said = f"not YAML: the character U+{ord(found[0]):04X} cannot stand in it" if found else f"not YAML: {error}"
    place = Place(shown, len(before), len(before[-1]) + 1)
    return Problem("syntax", said, 'Remove it, or write it as an escape in double quotes: `"\\x07"`.', place)


class _TooMuchError(Exception):
    """More values, or deeper ones, than any configuration has."""

    def __init__(self, node: yaml.Node, what: str, hint: str) -> None:
        super().__init__()
        self.node, self.what, self.hint = node, what, hint


class _Builder:
    """Turns composed nodes into values, noting places as it goes."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._built = 0
        self._open: list[int] = []  # nodes that are being built: an alias to one of them would never end

    def build_root(self, node: yaml.Node) -> None:
        if not isinstance(node, yaml.MappingNode):
            self._report(node, "wrong-type", "the file must hold a mapping", "Begin with `services:`.")
            return
        try:
            self._document.value = dict(self._members(node, ""))
        except _TooMuchError as error:
            self._report(error.node, "too-much", error.what, error.hint)

    def _build(self, node: yaml.Node, path: str) -> Any:
        self._document.values[path] = self._place(node)
        return self._within(node, partial(self._tagged, node, path))

    def _within(self, node: yaml.Node, build: Callable[[], Any]) -> Any:
        """What `build` makes of the node; None for one that is being built already."""
        self._built += 1
        if self._built > NODES_MAX:
            raise _TooMuchError(node, f"more than {NODES_MAX} values", "Do aliases multiply here?")
        if len(self._open) > DEPTH_MAX:
            raise _TooMuchError(node, TOO_DEEP, FLATTEN)
        if id(node) in self._open:
            self._report(node, "endless-alias", "an alias holds itself", "Write the value out.")
            return None
        self._open.append(id(node))
        value = build()
        self._open.pop()
        return value

    def _tagged(self, node: yaml.Node, path: str) -> Any:
        if how := MERGE_TAGS.get(node.tag):
            return Tagged(how, None if how == "reset" else self._plain(node, path))
        if not STANDARD_TAG.match(node.tag):
            tag = node.tag.replace("tag:yaml.org,2002:", "!!")
            self._report(node, "unknown-tag", f"the tag `{tag}` means nothing here", "Known: !reset, !override.")
            return None
        return self._plain(node, path)

    def _plain(self, node: yaml.Node, path: str) -> Any:
        if isinstance(node, yaml.MappingNode):
            return dict(self._members(node, path))
        if isinstance(node, yaml.SequenceNode):
            return [self._build(each, f"{path}.{index}") for index, each in enumerate(node.value)]
        return _scalar(node) if isinstance(node, yaml.ScalarNode) else None

    def _own(self, node: yaml.MappingNode, path: str) -> list[tuple[str, Any]]:
        return [*self._members(node, path)]

    def _members(self, node: yaml.MappingNode, path: str) -> Iterator[tuple[str, Any]]:
        """Merge keys first, so that the mapping's own win."""
        pairs = node.value
        seen: dict[str, Place] = {}
        for key, value in pairs:
            if key.tag == MERGE_KEY:
                yield from self._merged(value, path)
        for key, value in pairs:
            if not isinstance(key, yaml.ScalarNode):
                self._report(key, "wrong-type", "a key must be text", "Write a plain word.")
            elif key.tag != MERGE_KEY:
                yield self._member(key, value, path, seen)

    def _member(self, key: yaml.ScalarNode, value: yaml.Node, path: str, seen: dict[str, Place]) -> tuple[str, Any]:
        here = f"{path}.{key.value}" if path else str(key.value)
        place = self._place(key)
        if first := seen.get(key.value):
            said = f"`{key.value}` is set twice, first in line {first.line}"
            self._report(key, "duplicate-key", said, "Keep one of them.")
        seen.setdefault(key.value, place)
        self._document.keys[here] = place
        return key.value, self._build(value, here)

    def _merged(self, node: yaml.Node, path: str) -> Iterator[tuple[str, Any]]:
        nodes = reversed(node.value) if isinstance(node, yaml.SequenceNode) else [node]
        for each in nodes:
            if isinstance(each, yaml.MappingNode):
                yield from self._within(each, partial(self._own, each, path)) or ()
            else:
                self._report(each, "wrong-type", "`<<` takes a mapping", "Write `<<: *name`.")

    def _place(self, node: yaml.Node) -> Place:
        mark = node.start_mark
        return Place(self._document.file, mark.line + 1, mark.column + 1)  # marks count from 0

    def _report(self, node: yaml.Node, code: str, what: str, hint: str) -> None:
        self._document.problems.append(Problem(code, what, hint, self._place(node)))


def _scalar(node: yaml.ScalarNode) -> Any:
    if node.style in {"'", '"', "|", ">"}:
        return node.value
    for pattern, made in SCALARS:
        if pattern.match(node.value):
            return made(node.value)
    return node.value
