"""A stack for each test here; those of one module share a supervisord, which takes most of a start's time."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from hippodrome.control.rpc import is_running
from hippodrome.plan.model import Program
from tests.stack import Stack, running


@dataclass
class Shared(Stack):
    """Its supervisord is started when there is none, and takes on other programs when there is one."""

    def start(self, *programs: Program) -> None:
        if is_running(self.instance.layout):
            self.apply(*programs)
        else:
            super().start(*programs)

    def clear(self) -> None:
        """Nothing of a test's programs is left, nor of what was written about them."""
        layout = self.instance.layout
        if is_running(layout):
            assert self.apply().statuses == ()
        layout.events.unlink(missing_ok=True)
        for log in layout.logs.iterdir():
            log.unlink()
        assert not self.complaints, layout.supervisord_log.read_text()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shared]:
    with running(Shared(tmp_path_factory.mktemp("stack"))) as made:
        yield made


@pytest.fixture
def stack(shared: Shared) -> Iterator[Stack]:
    yield shared
    shared.clear()
