"""Lines of several logs merged in the order in which they were written, read from the end in blocks."""

import heapq
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field

from hippodrome.logs.captured import BLOCK, Captured, Cursor, RawLine
from hippodrome.logs.levels import Level, continues, is_at_least, level_of, plain
from hippodrome.plan.layout import Layout

HELD_BACK = 500  # lines of one traceback that wait for the line which says their level

Keep = Callable[[str, str], bool]  # of a program's name and a plain line


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a program's log, with its colours. `at` is Unix seconds; `generation` names the part of the log."""

    program: str
    at: float
    text: str
    offset: int
    generation: int
    level: Level | None = None


@dataclass(frozen=True)
class Window:
    """Lines in time order. The next older ones end at `starts`; `ends` is where to follow from."""

    lines: tuple[Line, ...]
    starts: Mapping[str, Cursor]
    ends: Mapping[str, Cursor]
    has_more: bool


@dataclass(frozen=True)
class Choice:
    """Which lines. `budget_bytes` bounds the reading for one window; None reads on until `count` are found.

    A line that says no level counts as info, and what continues a line has its level.
    """

    count: int = 500
    since: float | None = None
    keep: Keep | None = None
    at_least: Level | None = None
    budget_bytes: int | None = None


def tail(
    layout: Layout,
    programs: Sequence[str],
    count: int,
    *,
    since: float | None = None,
    keep: Keep | None = None,
) -> list[Line]:
    """The newest `count` lines of these programs, oldest first: read at or after `since`, and accepted by `keep`."""
    return list(window(layout, programs, Choice(count, since, keep)).lines)


def matching(pattern: re.Pattern[str]) -> Keep:
    """Lines that hold a match, whatever their colours."""
    return lambda _program, text: pattern.search(text) is not None


def all_of(*tests: Keep | None) -> Keep:
    """Lines that every one of these keeps; None keeps all."""
    given = [test for test in tests if test]
    return lambda program, text: all(test(program, text) for test in given)


def window(
    layout: Layout, programs: Sequence[str], choice: Choice, before: Mapping[str, Cursor] | None = None
) -> Window:
    """The newest lines, or the newest of those that end at `before`. A log that is not there has none."""
    with ExitStack() as held:
        sources = [
            _Source(name, held.enter_context(Captured(layout.log(name))), choice, (before or {}).get(name))
            for name in programs
        ]
        return _collect(sources, choice)


@dataclass
class _Source:
    """One program's part of a window. `position` is how far back its lines are in the window, or known not to be."""

    program: str
    log: Captured
    choice: Choice
    before: Cursor | None
    position: int = field(init=False)
    end: int = field(init=False)
    floor: int = field(init=False)

    def __post_init__(self) -> None:
        end = self.log.size if self.before is None else self.log.position(self.before) or 0
        self.position = self.end = end
        self.floor = 0 if self.choice.since is None else min(end, self.log.position_since(self.choice.since))

    def __iter__(self) -> "Iterator[_Item]":
        """Newest first: every line that is kept, and an item without one for each block that was read."""
        held: list[RawLine] = []
        read_to = self.end
        for raw in self.log.lines_before(self.end):
            if raw.start < self.floor:
                break
            held.append(raw)
            if _is_headless(raw.text) and len(held) < HELD_BACK:
                continue
            yield from self._kept(held)
            held = []
            if read_to - raw.start >= BLOCK:
                read_to = raw.start
                yield _Item(-self.log.time_at(raw.start), self, raw.start, None)
        yield from self._kept(held)
        if read_to > self.floor:
            yield _Item(-self.log.time_at(self.floor), self, self.floor, None)

    def _kept(self, held: list[RawLine]) -> "Iterator[_Item]":
        """`held` is newest first, its last the line that the others continue."""
        for raw in held:
            text = _text(raw.text)
            if not self.choice.keep or self.choice.keep(self.program, plain(text)):
                level = level_of(plain(text)) or level_of(plain(_text(held[-1].text)))
                if is_at_least(level, self.choice.at_least):
                    line = self._line(raw, text, level)
                    yield _Item(-line.at, self, raw.start, line)

    def _line(self, raw: RawLine, text: str, level: Level | None) -> Line:
        generation, offset = self.log.cursor(raw.start)
        return Line(self.program, self.log.time_at(raw.start), text, offset, generation, level)


@dataclass(frozen=True, slots=True)
class _Item:
    minus_at: float
    source: _Source
    position: int
    line: Line | None


def _collect(sources: Sequence[_Source], choice: Choice) -> Window:
    found: list[Line] = []
    budget = choice.budget_bytes
    ends = {source.program: source.log.cursor(source.end) for source in sources}
    for item in heapq.merge(*sources, key=lambda item: item.minus_at):
        if len(found) >= choice.count or (budget is not None and budget <= 0):
            break
        if item.line:
            found.append(item.line)
        elif budget is not None:
            budget -= BLOCK
        item.source.position = item.position
    return Window(
        lines=tuple(reversed(found)),
        starts={source.program: source.log.cursor(source.position) for source in sources},
        ends=ends,
        has_more=any(source.position > source.floor for source in sources),
    )


def _is_headless(text: bytes) -> bool:
    return text[:1] in b" \t}" and continues(plain(text.decode("utf-8", "replace")))


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "replace").removesuffix("\r")
