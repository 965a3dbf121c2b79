"""What `hd up` shows while a stack starts: a live table on a terminal, plain lines elsewhere, or JSON lines."""

import sys
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Protocol

import click

from hippodrome.cli.live import Live
from hippodrome.cli.output import (
    columns,
    duration,
    echo,
    print_event,
    service_style,
    shown_url,
    visible,
    width,
    wrapped,
)
from hippodrome.cli.table import table
from hippodrome.diagnose.report import Report
from hippodrome.diagnose.why import why
from hippodrome.errors import Problem
from hippodrome.plan.conditions import Snapshot, State
from hippodrome.plan.git import branch_of
from hippodrome.plan.model import Plan

if TYPE_CHECKING:
    from hippodrome.control.change import Change


class Screen(Protocol):
    """Where the story of a start is told."""

    def notice(self, text: str) -> None:
        """Something to know, one line."""

    def change(self, change: "Change") -> None:
        """What becomes of what runs."""

    def states(self, plan: Plan, snapshot: Snapshot) -> None:
        """How far every service is."""

    def failure(self, report: Report) -> None:
        """A service failed."""

    def problems(self, problems: Iterable[Problem]) -> None:
        """Mistakes that keep something from being done."""

    def ready(self, plan: Plan, seconds: float, open_url: str = "") -> None:
        """All that the profile requires is ready, `seconds` after the command began.

        `open_url`: the dashboard's address with the token.
        """

    def close(self) -> None:
        """The story is over; the terminal is as it was."""


def open_screen(*, as_json: bool) -> Screen:
    """The screen that suits where the output goes."""
    if as_json:
        return JsonScreen()
    return LiveScreen() if sys.stdout.isatty() else PlainScreen()


class PlainScreen:
    """A line for each change, for logs and pipes."""

    def __init__(self) -> None:
        self._seen: dict[str, State] = {}
        self._began = time.monotonic()

    def notice(self, text: str) -> None:
        echo(text)

    def change(self, change: "Change") -> None:
        from hippodrome.cli.changes import change_lines  # a first start changes nothing that runs

        for line in change_lines(change):
            self.notice(line)

    def states(self, plan: Plan, snapshot: Snapshot) -> None:
        for status in snapshot.statuses:
            if self._seen.get(status.name) != status.state:
                self._seen[status.name] = status.state
                passed = duration(time.monotonic() - self._began)
                echo(f"{passed:>7}  {status.name}: {why(plan, snapshot, status.name).sentence}")

    def failure(self, report: Report) -> None:
        for line in failure_lines(report):
            echo(line)

    def problems(self, problems: Iterable[Problem]) -> None:
        for problem in problems:
            self.notice(str(problem))

    def ready(self, plan: Plan, seconds: float, open_url: str = "") -> None:
        for line in ready_lines(plan, seconds):
            echo(line)

    def close(self) -> None:
        pass


class LiveScreen(PlainScreen):
    """A table that is drawn again in place."""

    def __init__(self) -> None:
        super().__init__()
        self._live = Live()
        self._live.open()

    def notice(self, text: str) -> None:
        self._live.say("\n".join(part for line in text.splitlines() for part in wrapped(line, width(), indent="  ")))

    def states(self, plan: Plan, snapshot: Snapshot) -> None:
        self._live.draw(table(plan, snapshot))

    def failure(self, report: Report) -> None:
        self._live.say("\n".join(failure_lines(report)))

    def ready(self, plan: Plan, seconds: float, open_url: str = "") -> None:
        self._live.leave()
        for line in ready_lines(plan, seconds, open_url):
            echo(line)

    def close(self) -> None:
        self._live.close()


class JsonScreen:
    """One JSON object a line, for scripts."""

    def __init__(self) -> None:
        self._seen: dict[str, State] = {}

    def notice(self, text: str) -> None:
        print_event({"event": "notice", "text": text})

    def change(self, change: "Change") -> None:
        from hippodrome.control.change import as_json

        print_event({"event": "change", **as_json(change)})

    def states(self, plan: Plan, snapshot: Snapshot) -> None:
        for status in snapshot.statuses:
            if self._seen.get(status.name) != status.state:
                self._seen[status.name] = status.state
                sentence = why(plan, snapshot, status.name).sentence
                print_event({"event": "state", "service": status.name, "state": status.state, "why": sentence})

    def failure(self, report: Report) -> None:
        print_event({"event": "failure", **vars(report)})

    def problems(self, problems: Iterable[Problem]) -> None:
        for problem in problems:
            where = str(problem.place) if problem.place else None
            print_event({"event": "problem", **vars(problem), "place": where})

    def ready(self, plan: Plan, seconds: float, open_url: str = "") -> None:
        urls = {program.name: shown_url(program.url) for program in plan.programs if program.url}
        branch = branch_of(plan.project_root)
        told = {"seconds": round(seconds, 3), "branch": branch, "urls": urls, "open_url": open_url}
        print_event({"event": "ready", **told})

    def close(self) -> None:
        pass


def failure_lines(report: Report) -> list[str]:
    """The whole of a failure, as a person reads it."""
    lines = [f"{click.style('✗', fg='red')} {click.style(report.program, bold=True)}: {report.sentence}"]
    lines += [f"  {click.style('│', dim=True)} {line}" for line in report.lines]
    if report.likely:
        lines.append(f"  {click.style('likely:', fg='yellow')} {report.likely}")
    if report.mend:
        lines.append(f"  {click.style('mend:', fg='cyan')} {report.mend}")
    return lines


def ready_lines(plan: Plan, seconds: float, open_url: str = "") -> list[str]:
    """That all is well, and where to look. `open_url` stands for the dashboard's address: never cut, and last."""
    told = [program for program in plan.programs if program.url]
    told.sort(key=lambda program: program.name == "dashboard")
    rows = [(service_style(p.name, p.name), shown_url(p.url), p.description) for p in told]
    head = f"{click.style('✓', fg='green')} {plan.profile} is healthy after {duration(seconds)}."
    branch = branch_of(plan.project_root)
    labelled = head.removesuffix(".") + f" (branch {branch})."
    if branch and visible(labelled) <= width():
        head = labelled
    lines = [f"  {row}" for row in columns(rows, limit=width() - 2)]
    if open_url:
        lines[-1] = lines[-1].partition(shown_url(told[-1].url))[0] + open_url
    return ["", head, *lines, ""]
