"""What supervisord's process is: how it starts, and what it has in memory for as long as the stack runs."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from hippodrome.control import xmlrpc
from hippodrome.plan.model import Probe, Program
from hippodrome.supervision import start
from tests.stack import Stack, needs, running, service, task

MEASURE = "\n[rpcinterface:measure]\nsupervisor.rpcinterface_factory=tests.supervision.loaded:make\n"
OF_THE_TEST = {"tests", "tests.supervision", "tests.supervision.loaded"}
MAY_BE_LOADED = (
    "hippodrome.supervision",
    "hippodrome.plan.model",
    "hippodrome.plan.layout",
    "hippodrome.plan.conditions",
    "hippodrome.plan.use",
    "hippodrome.files",
    "hippodrome.errors",
    "hippodrome.listeners",
    "hippodrome.logs.stamps",
)
PACKAGES = {"hippodrome", "hippodrome.plan", "hippodrome.logs"}  # which are empty


@dataclass
class Measured(Stack):
    """A stack whose supervisord has one more plug-in."""

    def write(self, *programs: Program) -> None:
        super().write(*programs)
        with self.instance.layout.supervisord_conf.open("a") as conf:
            conf.write(MEASURE)

    @property
    def modules(self) -> set[str]:
        told = xmlrpc.call(self.instance.layout.socket, "measure.modules", (), timeout_s=30.0)
        assert isinstance(told, list)
        return set(map(str, told))


@pytest.fixture
def measured(tmp_path: Path) -> Iterator[Measured]:
    with running(Measured(tmp_path)) as made:
        yield made


def test_supervisord_s_process_loads_nothing_but_supervisor_the_standard_library_and_what_it_needs(
    measured: Measured,
) -> None:
    api = service("api", depends_on=needs("seed"))
    worker = service("worker", probe=Probe("exec", argv=("true",), interval_s=0.1))
    measured.start(task("seed"), api, worker)
    measured.wait_until_ready()
    measured.supervisor.restart(["api"], "")
    measured.apply(task("seed"), replace(api, environment={"NEW": "1"}), worker)
    measured.wait_until_ready()
    extra = {name for name in measured.modules - _bare() - OF_THE_TEST - PACKAGES if not _may_be_loaded(name)}
    assert extra == set()


def _may_be_loaded(name: str) -> bool:
    top = name.partition(".")[0]
    own = any(name == each or name.startswith(f"{each}.") for each in MAY_BE_LOADED)
    return own or top == "supervisor" or top in sys.stdlib_module_names


def _bare() -> set[str]:
    """What this Python loads before it does anything; a `.pth` file may bring things of its own."""
    told = subprocess.run(
        [sys.executable, "-I", "-c", "import sys; print(*sys.modules)"], capture_output=True, text=True, check=True
    )
    return set(told.stdout.split())


def test_without_a_word_it_ends_and_touches_nothing(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-I", start.__file__, str(tmp_path)], stdin=subprocess.DEVNULL, timeout=60)
    assert done.returncode == 0
    assert list(tmp_path.iterdir()) == []
