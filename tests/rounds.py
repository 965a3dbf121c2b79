"""`--faults N` runs each test of faults N times; what cannot be run here is named at the end, and no pass."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest


def faketime() -> Path | None:
    """Debian's libfaketime, where it is installed."""
    return next(iter(sorted(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))), None)


HAS: Mapping[str, Callable[[], object]] = {"root": lambda: os.getuid() == 0, "libfaketime": faketime}
_NOT_RUN = pytest.StashKey[dict[str, str]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--faults", type=int, default=1, metavar="N", help="run each test of faults N times")


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_NOT_RUN] = {}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A round is a parameter that no test sees."""
    rounds = metafunc.config.getoption("--faults")
    if rounds > 1 and metafunc.definition.get_closest_marker("faults"):
        metafunc.fixturenames.append("faults_round")
        metafunc.parametrize("faults_round", range(rounds), ids=lambda number: f"round{number + 1}")


@pytest.fixture
def faults_round(request: pytest.FixtureRequest) -> int:
    """Counts from 0."""
    return int(getattr(request, "param", 0))


@pytest.hookimpl(trylast=True)  # after `-m` and `-k`: what was not asked for is not missed
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    missing = {item: lacks for item in items if (lacks := _lacks(item))}
    if missing:
        config.hook.pytest_deselected(items=list(missing))
        items[:] = [item for item in items if item not in missing]
        config.stash[_NOT_RUN].update({item.nodeid: lacks for item, lacks in missing.items()})


def _lacks(item: pytest.Item) -> str:
    return ", ".join(name for mark in item.iter_markers("needs") for name in mark.args if not HAS[name]())


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A worker of xdist hands its list to who prints."""
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["not_run"] = session.config.stash[_NOT_RUN]


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    node.config.stash[_NOT_RUN].update(getattr(node, "workeroutput", {}).get("not_run", {}))


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    if not_run := config.stash[_NOT_RUN]:
        terminalreporter.section("not run")
        for name, lacks in sorted(not_run.items()):
            terminalreporter.line(f"NOT RUN {name}: needs {lacks}")
