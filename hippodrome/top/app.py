"""The terminal view of a running stack: services, what they use, their logs, and keys to steer them."""

import asyncio
import os
import signal
import sys
import webbrowser
from collections.abc import Callable, Mapping
from typing import ClassVar

from rich.text import Text
from textual import work
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widgets import DataTable, Footer, Input, Static

from hippodrome.control.rpc import Supervisor
from hippodrome.dashboard.feed import Feed, pids
from hippodrome.dashboard.rows import Row, rows
from hippodrome.dashboard.usage import Meter
from hippodrome.errors import UserError
from hippodrome.plan.layout import Layout
from hippodrome.top.asking import Asking
from hippodrome.top.logs import LogPane
from hippodrome.top.rows import HEADS, cells, chosen, dependents, summary, widths

LOOK_S, USE_S = 0.2, 2.0
REASON = "asked for in hd top"
ENDED = "The stack has ended; `hd up` brings it back, q quits."
GONE = "supervisord does not answer; what you see was so before."
ASKS = {"filter": "Services that hold…", "search": "Log lines that hold…"}


class Top(App[None]):
    """Goes on whatever becomes of the stack; ends when it is told to."""

    TITLE = "hd top"
    ENABLE_COMMAND_PALETTE = False
    CSS = """
    #head { height: 1; padding: 0 1; background: $panel; }
    #table { width: auto; max-width: 60%; height: 1fr; }
    #log { width: 1fr; height: 1fr; padding: 0 0 0 1; scrollbar-size-vertical: 1; }
    #why { height: 2; padding: 0 1; }
    #ask { display: none; height: 1; border: none; padding: 0 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("s", "start", "Start"),
        Binding("x", "stop", "Stop"),
        Binding("r", "restart", "Restart"),
        Binding("o", "open", "Open"),
        # with priority, so that the focus has moved before the next key is looked at
        Binding("f", "ask('filter')", "Filter", priority=True),
        Binding("slash", "ask('search')", "Search", key_display="/", priority=True),
        Binding("a", "all", "All logs"),
        Binding("escape", "clear", "Clear", show=False),
        Binding("q", "quit", "Quit"),
        Binding("ctrl+c", "quit", show=False, priority=True),
    ]

    def __init__(self, layout: Layout, title: str, link: Callable[[], str]) -> None:
        """`link`: asks for the dashboard's, which lets a browser in."""
        super().__init__()
        self._link = link
        self._layout, self._title = layout, title
        self._supervisor = Supervisor(layout)
        self._feed, self._meter = Feed(self._supervisor, layout), Meter()
        self._version = -1
        self._rows: tuple[Row, ...] = ()
        self._shown: tuple[str, ...] = ()
        self._room: tuple[int, ...] = ()
        self._filter, self._search, self._asks = "", "", "filter"
        self._selected, self._opened = "", ("", "", False)
        self._has_all = False

    def compose(self) -> ComposeResult:
        yield Static(id="head")
        table: DataTable[Text] = DataTable(id="table", cursor_type="row", cell_padding=0)
        yield Horizontal(table, LogPane(self._layout))
        yield Static(id="why", markup=False)
        yield Input(id="ask", compact=True)
        yield Footer(compact=True, show_command_palette=False)

    def on_mount(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, self.exit)
        self._feed.start()
        self._table.focus()
        self.set_interval(LOOK_S, self._look)
        self.set_interval(USE_S, self._draw)

    def on_unmount(self) -> None:
        self._feed.close()

    def on_resize(self) -> None:
        self._draw()

    @property
    def _table(self) -> DataTable[Text]:
        return self.query_one("#table", DataTable)

    @property
    def _pane(self) -> LogPane:
        return self.query_one(LogPane)

    @property
    def _row(self) -> Row | None:
        return next((row for row in self._rows if row.name == self._selected), None)

    # what is shown

    def _look(self) -> None:
        """What has happened since the last look."""
        if self._feed.known.version != self._version:
            self._draw()
        self._open_log()
        self._pane.look()

    def _draw(self) -> None:
        known = self._feed.known
        self._version, self._rows = known.version, rows(known)
        head = Text(f"{self._title}  ") + summary(self._rows, self._problem())
        self.query_one("#head", Static).update(head)
        self._draw_table()
        self._draw_why()

    def _problem(self) -> str:
        known = self._feed.known
        if not known.problem or known.version == 0:
            return ""
        return GONE if self._layout.warden_pid.exists() else ENDED

    def _draw_table(self) -> None:
        table, uses = self._table, self._meter.read(pids(self._feed.known))
        wanted, room = chosen(self._rows, self._filter), widths(self.size.width)
        names = tuple(row.name for row in wanted)
        if (names, room) != (self._shown, self._room):
            self._remake(wanted, room)
        for row in wanted:
            for head, cell in zip(HEADS, cells(row, uses.get(row.name), room), strict=True):
                if table.get_cell(row.name, head) != cell:
                    table.update_cell(row.name, head, cell)

    def _remake(self, wanted: list[Row], room: tuple[int, ...]) -> None:
        table, selected = self._table, self._selected
        table.clear(columns=True)
        for head, wide in zip(HEADS, room, strict=True):
            table.add_column(Text(head, justify="left" if head in HEADS[:2] else "right"), width=wide, key=head)
        for row in wanted:
            table.add_row(*cells(row, None, room), key=row.name)
        self._shown, self._room = tuple(row.name for row in wanted), room
        if selected in self._shown:
            table.move_cursor(row=self._shown.index(selected))
        else:
            self._selected = self._shown[0] if self._shown else ""

    def _draw_why(self) -> None:
        row = self._row
        told = f"{row.name}: {row.sentence}. {row.mend}".rstrip() if row else "No service is like that."
        self.query_one("#why", Static).update(told)

    def _open_log(self) -> None:
        wanted = ("" if self._has_all else self._selected, self._search, self._has_all)
        if wanted != self._opened and (self._selected or self._has_all):
            self._opened = wanted
            names = tuple(row.name for row in self._rows) if self._has_all else (self._selected,)
            self._pane.open(names, self._search)

    # what is asked for

    def on_data_table_row_highlighted(self, event: DataTable.RowHighlighted) -> None:
        if event.row_key.value in self._shown:
            self._selected = event.row_key.value or ""
            self._draw_why()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """While something is written or asked back, letters are no keys."""
        is_busy = len(self.screen_stack) > 1 or self.query_one("#ask", Input).display
        return action != "ask" or not is_busy

    def action_ask(self, what: str) -> None:
        """Opens the line in which a filter or a search is written."""
        self._asks = what
        ask = self.query_one("#ask", Input)
        ask.placeholder = ASKS[what]
        ask.value = self._filter if what == "filter" else self._search
        ask.display = True
        self.set_focus(ask)  # now, not soon: what is typed next belongs here

    def on_input_changed(self, event: Input.Changed) -> None:
        if self._asks == "filter":
            self._filter = event.value
        else:
            self._search = event.value
        self._draw()

    def on_input_submitted(self) -> None:
        self.query_one("#ask", Input).display = False
        self.set_focus(self._table)

    def action_clear(self) -> None:
        """No filter, no search."""
        self._filter = self._search = ""
        self.on_input_submitted()
        self._draw()

    def action_all(self) -> None:
        """The logs of all services, or again of the one that is chosen."""
        self._has_all = not self._has_all

    def action_start(self) -> None:
        self._steer("start", self._selected)

    def action_restart(self) -> None:
        self._steer("restart", self._selected)

    def action_stop(self) -> None:
        name, lost = self._selected, dependents(self._rows, self._selected)
        if not lost:
            self._steer("stop", name)
            return

        def answered(is_yes: bool | None) -> None:
            if is_yes:
                self._steer("stop", name)

        self.push_screen(Asking(f"Stop {name}? This also stops {', '.join(lost)}."), answered)

    @work(thread=True)
    def _steer(self, action: str, name: str) -> None:
        if not name:
            return
        try:
            if action == "restart":
                self._supervisor.restart([name], REASON)
            elif action == "start":
                self._supervisor.start([name])
            else:
                self._supervisor.stop([name])
        except UserError as error:
            self.call_from_thread(self.notify, error.problems[0].what, severity="error", markup=False)

    def action_open(self) -> None:
        """In the browser, where there is one; the address is shown in any case."""
        row = self._row
        url = row.url.replace("//127.0.0.1:", "//localhost:") if row else ""
        self.notify(url or "It has no address.", markup=False)
        if row and url and has_screen(os.environ):
            self._browse(url, is_dashboard=row.name == "dashboard")

    @work(thread=True)
    def _browse(self, url: str, *, is_dashboard: bool) -> None:
        try:
            webbrowser.open(self._link() if is_dashboard else url)
        except UserError as error:
            self.call_from_thread(self.notify, error.problems[0].what, severity="error", markup=False)


def has_screen(environ: Mapping[str, str]) -> bool:
    """Whether a browser opens in a window: one that runs in this terminal would draw over us."""
    is_remote = bool(environ.get("SSH_CONNECTION")) and not environ.get("DISPLAY")
    return not is_remote and (sys.platform == "darwin" or any(environ.get(n) for n in ("DISPLAY", "WAYLAND_DISPLAY")))
