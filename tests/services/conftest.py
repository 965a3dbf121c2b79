"""The reference services as `hd` runs them: command, folder, environment and set-up come from the compiled plan."""

import os
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests

from hippodrome.bootstrap import steps
from hippodrome.config.load import Request, load
from hippodrome.control.secret_values import read_secrets
from hippodrome.plan.choose import Selection
from hippodrome.plan.compile import compile_plan
from hippodrome.plan.layout import Cache
from hippodrome.plan.model import Plan, Program
from hippodrome.plan.surroundings import survey
from hippodrome.rundir import layout_of
from hippodrome.wait import Deadline, until
from tests.stack import free_port

PATIENCE_S = 60.0


@dataclass
class Service:
    """One program of a plan. `environment` is all that its process gets."""

    program: Program
    environment: Mapping[str, str]
    log_path: Path
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def url(self) -> str:
        return self.program.url

    @property
    def data_dir(self) -> Path:
        return Path(self.environment["DATA_DIR"])

    @property
    def log(self) -> str:
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""

    def launch(self, **more: str) -> None:
        """Starts the process; does not wait for it. `more` are environment variables."""
        with self.log_path.open("ab") as log:
            self.process = subprocess.Popen(
                self.program.argv,
                cwd=self.program.directory,
                env={**self.environment, **more},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def start(self, **more: str) -> "Service":
        """Returns when the health check of the plan passes."""
        self.launch(**more)
        healthy = until(self.is_healthy, Deadline(PATIENCE_S), pause_s=0.02)
        assert healthy, f"{self.program.name} never became healthy:\n{self.log}"
        return self

    def is_healthy(self) -> bool:
        assert self.process and self.process.poll() is None, f"{self.program.name} has ended:\n{self.log}"
        try:
            return requests.get(self.program.probe.target, timeout=5).ok
        except requests.RequestException:
            return False

    def end(self, signal_: signal.Signals = signal.SIGTERM) -> int:
        """Sends the signal and waits. Returns the exit status; nothing to do when it does not run."""
        if self.process is None:
            return 0
        if self.process.poll() is None:
            self.process.send_signal(signal_)
        try:
            return self.process.wait(PATIENCE_S)
        finally:
            end_group(self.process.pid)
            self.process = None

    def restart(self, signal_: signal.Signals = signal.SIGTERM) -> "Service":
        self.end(signal_)
        return self.start()

    def ask(self, method: str, path: str, **more: Any) -> requests.Response:
        """The answer to one request. `more` is for `requests`: json, data, headers, params."""
        return requests.request(method, self.url + path, timeout=PATIENCE_S, **more)


def end_group(group: int) -> None:
    """Ends what a process has left in its group."""
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        return


@dataclass(frozen=True)
class Pair:
    """A cell and the controller before it, of one plan."""

    cell: Service
    controller: Service


def plan_in(folder: Path, *only: str, profile: str = "core", **more: str) -> Plan:
    """What `hd up ONLY…` would run in this project, on ports of the system's choice. `more` are variables."""
    environ = {**environment(), **more}
    known = load(Request(folder, environ, profile=profile, cell="local")).settings.services
    ports = {f"services.{name}.port": free_port() for name, service in known.items() if service.port}
    config = load(Request(folder, environ, profile=profile, cell="local", overrides=ports))
    here = survey(config, layout_of(folder / "run"), Cache.of(environ), environ=environ)
    return compile_plan(config, here, Selection(only=only))


def environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(("HIPPODROME", "XDG_STATE"))}


@contextmanager
def services_in(folder: Path, *only: str, profile: str = "ecom", **more: str) -> Iterator[dict[str, Service]]:
    """These services and what they need, in the order in which they start; none is started, afterwards none runs.

    Their set-up is done, from the cache that `hd` uses.
    """
    folder.mkdir(parents=True, exist_ok=True)
    plan = plan_in(folder, *only, profile=profile, **more)
    set_up(plan, folder)
    secrets = secrets_of(plan, more)
    found = {
        program.name: Service(
            program,
            {**environment(), **program.environment, **secrets.get(program.name, {})},
            folder / f"{program.name}.log",
        )
        for program in plan.programs
        if program.port
    }
    try:
        yield found
    finally:
        for service in reversed(found.values()):
            service.end(signal.SIGKILL)


def secrets_of(plan: Plan, more: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """By program: what the plan lacks, as a URL with a password in it. `more` are variables of the caller."""
    with pytest.MonkeyPatch.context() as caller:
        for name, value in more.items():
            caller.setenv(name, value)
        read = read_secrets(plan)
    return {program: {name: value.reveal() for name, value in each.items()} for program, each in read.items()}


def set_up(plan: Plan, folder: Path) -> None:
    """Makes what is missing of Python environments and npm packages; the logs go into the folder."""
    assert not steps.run(steps.pending(plan), lambda _: None, lambda name: folder / f"{name}.log")


@contextmanager
def pair_in(folder: Path) -> Iterator[Pair]:
    """Neither of them started; afterwards neither runs."""
    with services_in(folder, "controller", profile="core") as found:
        yield Pair(found["fake_cell"], found["controller"])


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[Pair]:
    """One's own, not started."""
    with pair_in(tmp_path) as made:
        yield made


@pytest.fixture(scope="session")
def shared_pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """One for all tests that leave it as it is; not started."""
    with pair_in(tmp_path_factory.mktemp("services")) as made:
        yield made


@pytest.fixture(scope="session")
def cell(shared_pair: Pair) -> Service:
    """A cell that all share: each test has indexes of its own."""
    return shared_pair.cell.start()


@pytest.fixture
def own_cell(pair: Pair) -> Service:
    return pair.cell.start()
