"""The console under test, before a stack of stubs."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.services.console.console import Console, copy_to, running
from tests.services.console.stubs import Stack, running_stack

DASHBOARD_URL = "http://localhost:9000"


@pytest.fixture(scope="session")
def console_copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_to(tmp_path_factory.mktemp("console") / "console")


@pytest.fixture(scope="session")
def shared_stack() -> Iterator[Stack]:
    with running_stack() as stack:
        yield stack


@pytest.fixture(scope="session")
def console(console_copy: Path, shared_stack: Stack) -> Iterator[Console]:
    urls = {"CONTROLLER_URL": shared_stack.controller_url, "CELL_URL": shared_stack.cell_url}
    with running(console_copy, DASHBOARD_URL=DASHBOARD_URL, **urls) as started:
        yield started


@pytest.fixture
def stack(shared_stack: Stack) -> Stack:
    """The stack behind `console`, empty."""
    shared_stack.indexes.clear()
    shared_stack.seen.clear()
    return shared_stack
