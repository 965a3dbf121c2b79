"""The watcher's process: restarts programs whose files change. Run by path; `RUN_DIR` is in its environment."""

import os
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

PACKAGE_ROOT = str(Path(__file__).resolve().parent.parent.parent)
if PACKAGE_ROOT not in sys.path:
    sys.path.insert(0, PACKAGE_ROOT)

from watchfiles import Change  # noqa: E402  the path must be right first
from watchfiles._rust_notify import RustNotify  # noqa: E402

from hippodrome.control.rpc import Supervisor  # noqa: E402
from hippodrome.control.watched import concerned, files_below, folders  # noqa: E402
from hippodrome.errors import UserError  # noqa: E402
from hippodrome.plan.layout import Layout  # noqa: E402
from hippodrome.plan.model import Plan  # noqa: E402
from hippodrome.rundir import layout_of, read_plan  # noqa: E402

QUIET_MS = 100  # after which a change is complete; looking this often takes 0.06 % of a core
AT_MOST_MS = 1600  # for which changes are gathered, as when a branch is checked out
LET_BE = frozenset({"stopped", "stopping"})  # by hand, or about to run the new code anyway

Changes = set[tuple[int, str]]


class Watcher:
    """Watches what the instance's plan says, as long as it is the plan."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._plan: Plan | None = None
        self._folders: frozenset[str] = frozenset()
        self._told = ""
        self._notify = self._look()

    def run(self) -> None:
        """For ever."""
        while True:
            changes = self._next()
            if self._is_outdated_by(changes):
                changes = self._look_again(changes)
            if self._plan and (found := concerned(self._plan, _files(changes))):
                self._restart(self._plan, found)

    def _look(self) -> RustNotify:
        """Folder by folder: a watch of whole trees would spend one of the system's few on each in node_modules."""
        self._plan = read_plan(self._layout)
        self._folders = folders(self._plan) if self._plan else frozenset()
        names = sorted(program.name for program in self._plan.programs if program.watched) if self._plan else []
        notify = RustNotify([*self._folders, str(self._layout.run_dir)], False, False, 0, False, True)
        self._tell(f"INFO watcher: watching {len(self._folders)} folders of {', '.join(names) or 'nothing'}")
        return notify

    def _next(self) -> Changes:
        found = self._notify.watch(AT_MOST_MS, QUIET_MS, 0, None)
        if isinstance(found, str):  # a signal whose handler did not end us
            return set()
        return found

    def _look_again(self, changes: Changes) -> Changes:
        """What happened up to the moment at which the new watch began is in the answer."""
        before, self._notify = self._notify, self._look()
        late = before.watch(1, 1, 1, None)
        before.close()
        return changes if isinstance(late, str) else changes | late

    def _is_outdated_by(self, changes: Changes) -> bool:
        return any(
            path == str(self._layout.plan)
            or (kind == Change.deleted and path in self._folders)
            or (kind == Change.added and Path(path).is_dir())
            for kind, path in changes
        )

    def _tell(self, text: str) -> None:
        """Each new look that finds the same is no news."""
        if text != self._told:
            self._told = text
            _say(text)

    def _restart(self, plan: Plan, found: Mapping[str, tuple[str, ...]]) -> None:
        supervisor = Supervisor(self._layout)
        try:
            statuses = supervisor.status().statuses
            states = {status.name: status.state for status in statuses if status.cause != "by-hand"}
            for reason, names in _by_reason(plan, found).items():
                if running := [name for name in names if states.get(name, "stopped") not in LET_BE]:
                    _say(f"INFO watcher: restarting {', '.join(running)}: {reason}")
                    supervisor.restart(running, reason)
        except UserError as error:  # as while the plan is being exchanged; the next change is another chance
            _say(f"WARNING watcher: {error}")


def _files(changes: Changes) -> Iterable[str]:
    """A new folder stands for the files in it; any other event of a folder is about its attributes."""
    for kind, path in changes:
        if not Path(path).is_dir():
            yield path
        elif kind == Change.added:
            yield from files_below(path)


def _by_reason(plan: Plan, found: Mapping[str, tuple[str, ...]]) -> dict[str, list[str]]:
    reasons: dict[str, list[str]] = {}
    for name, files in found.items():
        more = f" and {len(files) - 1} more" if len(files) > 1 else ""
        shown = files[0].removeprefix(f"{plan.project_root}/")
        reasons.setdefault(f"file changed: {shown}{more}", []).append(name)
    return reasons


def _say(line: str) -> None:
    print(line, flush=True)


def main() -> None:
    """Watches until it is ended."""
    try:
        Watcher(layout_of(Path(os.environ["RUN_DIR"]))).run()
    except OSError as error:  # the system's limit, for one
        raise SystemExit(f"ERROR watcher: cannot watch: {error}. Raise fs.inotify.max_user_watches?") from error


if __name__ == "__main__":
    main()
