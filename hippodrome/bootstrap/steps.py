"""The set-up that a plan needs: found, made in parallel, each thing once, with progress and a log."""

import os
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from hippodrome.bootstrap import cache, node, npm, venv
from hippodrome.bootstrap.environ import declared_for, tool_environment
from hippodrome.bootstrap.tools import Running, ToolError, Tools
from hippodrome.plan.layout import Cache
from hippodrome.plan.model import Plan, SetupStep
from hippodrome.plan.withheld import completed, spelled

WORDS = {"venv": "Python packages", "npm": "npm packages", "node": "Node", "command": "set-up"}

TOOLS = {"venv": "pip install", "npm": "npm ci", "node": "pip install node"}


@dataclass(frozen=True)
class Job:
    """One thing to make, and the programs that need it. `path` comes first on the PATH while it is made.

    `declared`: what its tools have of the first program's environment.
    """

    step: SetupStep
    programs: tuple[str, ...]
    path: str = ""
    after: str = ""  # product of the job that must be done first
    declared: Mapping[str, str] = field(default_factory=dict, repr=False, compare=False)

    @property
    def label(self) -> str:
        """As people read it: `controller: Python packages`."""
        return f"{', '.join(self.programs)}: {WORDS[self.step.kind]}"

    @property
    def tool(self) -> str:
        """What makes it: `npm ci (console)`."""
        return (
            f"{TOOLS.get(self.step.kind) or ' '.join(map(spelled, self.step.argv[:2]))} ({', '.join(self.programs)})"
        )


@dataclass(frozen=True)
class Progress:
    """How far a job is; `text` is what it does now. `seconds` since it began."""

    job: Job
    state: Literal["started", "going", "done", "failed"]
    text: str = ""
    seconds: float = 0.0


@dataclass(frozen=True)
class Failure:
    """A job that failed: what is so, the tool's last lines, and what to do."""

    kind: str
    programs: tuple[str, ...]
    cause: str
    lines: tuple[str, ...]
    mend: str


Report = Callable[[Progress], None]
LogOf = Callable[[str], Path]


def pending(plan: Plan) -> tuple[Job, ...]:
    """What is missing or was made from other inputs, each product once."""
    jobs: dict[str, Job] = {}
    for program in plan.programs:
        fetched = next((step.product for step in program.setup if step.kind == "node"), "")
        for step in program.setup:
            known = jobs.get(step.product)
            names = (*known.programs, program.name) if known else (program.name,)
            is_after = fetched if step.kind != "node" else ""
            if not _is_there(step):
                declared = known.declared if known else declared_for(program, step.kind)
                jobs[step.product] = Job(step, names, f"{fetched}/bin" if is_after else "", is_after, declared)
    return tuple(jobs.values())


def use(plan: Plan) -> None:
    """Notes that what the programs share with others is used now, and what hd itself runs in."""
    for step in (step for program in plan.programs for step in program.setup):
        if step.is_shared or step.is_cloned:
            cache.use(store_of(step) or Path(step.product))
    own = Path(sys.prefix)
    cache.use(own)
    with suppress(OSError):
        if own.is_symlink():  # made by a version that noted none
            cache.note_link(own, own.readlink())


def store_of(step: SetupStep) -> Path | None:
    """What the cache has for the step's product to be cloned from; None where it is made in its own place."""
    if not step.is_cloned:
        return None
    here = Cache.of(os.environ)
    return here.venv(step.key) if step.kind == "venv" else here.node_modules(step.key)


def _is_there(step: SetupStep) -> bool:
    """In place, what somebody made by other means is used as it is: it has no mark of ours."""
    product = Path(step.product)
    if step.is_shared or step.kind not in {"venv", "npm"} or (product / cache.MARK).exists():
        return cache.is_complete(product, step.key)
    return product.is_dir() and not cache.is_half_made(product)


def run(jobs: Iterable[Job], report: Report, log_of: LogOf) -> tuple[Failure, ...]:
    """Makes all, those that need another after it. Ctrl+C ends the tools. The failures are in no fixed order."""
    from concurrent.futures import ThreadPoolExecutor  # most starts find everything made

    failures: dict[str, Failure] = {}
    running = Running()
    first, rest = _parted(jobs)
    with ThreadPoolExecutor(max_workers=4) as pool:
        try:
            for batch in (first, rest):
                waiting = [job for job in batch if job.after not in failures]
                for job in batch:
                    if blocked := failures.get(job.after):
                        failures[job.step.product] = _because_of(blocked, job)
                made = pool.map(lambda job: (job, _make(job, report, log_of, running)), waiting)
                failures |= {job.step.product: failure for job, failure in made if failure}
        except BaseException:
            running.stop()
            raise
    return tuple(failures.values())


def _parted(jobs: Iterable[Job]) -> tuple[list[Job], list[Job]]:
    jobs = list(jobs)
    awaited = {job.after for job in jobs}
    return [j for j in jobs if j.step.product in awaited], [j for j in jobs if j.step.product not in awaited]


def _because_of(failure: Failure, job: Job) -> Failure:
    return Failure(failure.kind, job.programs, failure.cause, failure.lines, failure.mend)


def _make(job: Job, report: Report, log_of: LogOf, running: Running) -> Failure | None:
    began = time.monotonic()

    def tell(state: Literal["started", "going", "done", "failed"], text: str = "") -> None:
        report(Progress(job, state, text, time.monotonic() - began))

    tell("started")
    log = log_of(job.programs[0])
    log.parent.mkdir(parents=True, exist_ok=True)
    try:
        tools = Tools(log=log, environ=tool_environment(os.environ, job.declared, job.path), running=running)
        MAKERS[job.step.kind](job.step, tools, lambda text: tell("going", text))
    except (ToolError, OSError) as error:
        tell("failed", str(error).splitlines()[0])
        return _failure(job, error, log)
    tell("done")
    return None


def _failure(job: Job, error: ToolError | OSError, log: Path) -> Failure:
    what, lines = (error.what, error.lines) if isinstance(error, ToolError) else (str(error), ())
    again = f"`hd setup {job.programs[0]}` tries again; all of its output is in {log}."
    mends = {
        "venv": f"Does pip reach its index here? {again}",
        "npm": f"Does npm reach its registry here? {again}",
        "node": "Install Node 22, or let pip reach its index.",
        "command": again,
    }
    return Failure(job.step.kind, job.programs, what, lines, mends[job.step.kind])


def _make_venv(step: SetupStep, tools: Tools, say: Callable[[str], None]) -> None:
    product, wanted, store = Path(step.product), Path(step.folder, step.inputs[0]), store_of(step)
    place = store or product
    cache.ensure(place, step.key, lambda: venv.make_venv(place, wanted, sys.executable, say, tools))
    if store:
        cache.clone(store, product, step.key, lambda staging: venv.move_scripts(staging, store, product))


def _make_npm(step: SetupStep, tools: Tools, _say: Callable[[str], None]) -> None:
    product = Path(step.product)
    if store := store_of(step):
        npm.make_shared(store, product.parent, step.key, tools)
    else:
        npm.make_in_place(product.parent, step.key, tools)


def _make_node(step: SetupStep, tools: Tools, _say: Callable[[str], None]) -> None:
    product = Path(step.product)
    cache.ensure(product, step.key, lambda: node.make_node(product, step.key, sys.executable, tools))


def _run_command(step: SetupStep, tools: Tools, _say: Callable[[str], None]) -> None:
    product = Path(step.product)

    def make() -> None:
        tools.run(_whole(step.argv), folder=Path(step.folder))
        product.mkdir()

    cache.ensure(product, step.key, make)


def _whole(argv: tuple[str, ...]) -> tuple[str, ...]:
    try:
        return tuple(completed(word, os.environ) for word in argv)
    except LookupError as error:
        raise ToolError(str(error.args[0])) from error


MAKERS: dict[str, Callable[[SetupStep, Tools, Callable[[str], None]], None]] = {
    "venv": _make_venv,
    "npm": _make_npm,
    "node": _make_node,
    "command": _run_command,
}
