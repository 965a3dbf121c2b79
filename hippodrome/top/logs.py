"""The logs beside the table: of one service or of all, what is there and then what comes."""

import re

from rich.text import Text
from textual.widgets import RichLog

from hippodrome.logs.follow import Follower
from hippodrome.logs.levels import plain
from hippodrome.logs.noise import quiet
from hippodrome.logs.read import Choice, Keep, Line, all_of, matching, window
from hippodrome.plan.layout import Layout

FIRST, MOST = 300, 5000  # lines
BUDGET_BYTES = 4 << 20  # read in search of lines that hold a text
LIMIT_BYTES = 128 * 1024  # of one log for one look: more than a person can follow


class LogPane(RichLog):
    """Shows what `open` was asked for; `look` adds what is new."""

    def __init__(self, layout: Layout) -> None:
        super().__init__(wrap=True, min_width=1, max_lines=MOST, id="log")
        self._layout = layout
        self._names: tuple[str, ...] = ()
        self._pattern: re.Pattern[str] | None = None
        self._keep: Keep = all_of()
        self._follower: Follower | None = None

    def open(self, names: tuple[str, ...], search: str) -> None:
        """Lines of these services that hold `search`, whatever its case."""
        self.clear()
        self._names = names
        self._pattern = re.compile(re.escape(search), re.IGNORECASE) if search else None
        self._keep = all_of(matching(self._pattern) if self._pattern else None, quiet(self._layout))
        past = window(self._layout, names, Choice(FIRST, keep=self._keep, budget_bytes=BUDGET_BYTES))
        logs = {name: self._layout.log(name) for name in names}
        self._follower = Follower(logs, past.ends, limit_bytes=LIMIT_BYTES)
        for line in past.lines:
            self._add(line)

    def look(self) -> None:
        """Adds what has come since."""
        if self._follower is None:
            return
        for line in self._follower.look().lines:
            if self._keep(line.program, plain(line.text)):
                self._add(line)

    def _add(self, line: Line) -> None:
        text = Text.from_ansi(line.text)
        if line.level == "error":
            text.stylize("red")
        if self._pattern:
            text.highlight_regex(self._pattern, "reverse")
        if len(self._names) > 1:
            text = Text(f"{line.program} ", style="bold") + text
        self.write(text)
