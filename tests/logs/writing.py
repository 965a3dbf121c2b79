"""A program's log written as supervisord writes it: its own rotating handler, stamped after each write."""

import time
from pathlib import Path

from supervisor.loggers import LevelsByName, LogRecord, RotatingFileHandler

from hippodrome.logs.stamps import Stamper
from hippodrome.plan.layout import Layout

START = 1_700_000_000.0


class Writer:
    """Use it as a context manager: the handler's file wants closing."""

    def __init__(self, layout: Layout, program: str, *, part_bytes: int = 20_000_000) -> None:
        layout.logs.mkdir(exist_ok=True)
        self._handler = RotatingFileHandler(str(layout.log(program)), "a", part_bytes, 3)
        self._handler.setFormat("%(message)s")
        self._stamper = Stamper(layout.log(program))

    def __enter__(self) -> "Writer":
        return self

    def __exit__(self, *_: object) -> None:
        self._handler.close()
        self._stamper.close()

    def write(self, text: str | bytes, at: float | None = None) -> None:
        """`at` is seconds after START; now, when it is not said."""
        written = text.encode() if isinstance(text, str) else text
        moment = time.time() if at is None else START + at
        self._handler.emit(LogRecord(LevelsByName.INFO, written))
        self._stamper.wrote(len(written), moment)


def layout_in(folder: Path) -> Layout:
    return Layout(run_dir=folder, socket_folder=folder)
