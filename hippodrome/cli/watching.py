"""`hd watch` at work: waits for a change of the configuration, compiles it, applies it, and waits again."""

from pathlib import Path

from hippodrome.cli.applying import apply_and_follow
from hippodrome.cli.changes import cause_of, choice_of_running, nothing_to_change
from hippodrome.cli.claiming import claimed
from hippodrome.cli.confirm import confirm_newly_real
from hippodrome.cli.layer_files import LayerFiles, LayerWatch
from hippodrome.cli.preflight import preflight
from hippodrome.cli.project import Compiled, Project, compiled
from hippodrome.cli.screen import Screen
from hippodrome.control.apply import Request
from hippodrome.control.change import foresee
from hippodrome.control.processes import warden_of
from hippodrome.errors import UserError
from hippodrome.rundir import read_plan

LOOK_MS = 1000  # between looks whether the stack is still there


class Watching:
    """Of one project, whose stack runs."""

    def __init__(self, project: Project, screen: Screen, timeout_s: float) -> None:
        self._project = project
        self._layout = project.instance.layout
        self._screen = screen
        self._timeout_s = timeout_s
        self._watch = LayerWatch(LayerFiles.of(project.root.path))

    def run(self) -> None:
        """Until the stack is gone."""
        self._begin()
        while warden_of(self._layout.warden_pid):
            if files := self._watch.next(LOOK_MS):
                self._apply(files)
        self._screen.notice("The stack was stopped.")

    def _begin(self) -> None:
        found = self._compile()
        shown = ", ".join(sorted(self._shown(file) for file in self._watch.files.files if file.exists()))
        more = " and conf/" if self._watch.files.folders else ""
        self._screen.notice(f"Watching {shown or 'the project folder'}{more}. Ctrl+C ends this; the stack goes on.")
        change = foresee(self._layout, found.plan) if found else None
        if change and not change.is_empty:
            self._screen.notice("What runs is not as configured already; the next change applies this too:")
            self._screen.change(change)

    def _apply(self, files: tuple[Path, ...]) -> None:
        shown = tuple(map(self._shown, files))
        self._screen.notice(f"{', '.join(shown)} changed.")
        found = self._compile()
        try:
            change = foresee(self._layout, found.plan) if found else None
            if found is None or change is None:
                return
            if change.is_same_plan:
                self._screen.notice(nothing_to_change(change))
                return
            self._screen.change(change)
            if running := read_plan(self._layout):
                confirm_newly_real(running, found.plan, is_confirmed=False, may_ask=False)
            for notice in filter(None, preflight(found.plan)):
                self._screen.notice(notice)
            found = claimed(self._project, choice_of_running(self._project), found)
            cause = cause_of(self._project, choice_of_running(self._project), shown)
            request = Request(plan=found.plan, frozen=found.frozen, may_restart=False, cause=cause)
            apply_and_follow(
                self._project.instance,
                request,
                self._screen,
                timeout_s=self._timeout_s,
                is_off=self._watch.has_news,
            )
        except UserError as error:
            self._screen.problems(error.problems)

    def _compile(self) -> Compiled | None:
        """None where there is a mistake, which is shown."""
        try:
            found = compiled(self._project, choice_of_running(self._project))
        except UserError as error:
            self._screen.problems(error.problems)
            return None
        self._watch.look_at(LayerFiles.of(self._project.root.path, found.config))
        return found

    def _shown(self, path: Path) -> str:
        root = self._project.root.path
        return str(path.relative_to(root)) if path.is_relative_to(root) else str(path)
