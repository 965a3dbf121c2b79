"""Plug-ins of the whole suite, and how far property tests go."""

import os
import shutil
import signal
import tempfile
from itertools import count
from pathlib import Path

import pytest
from hypothesis import settings

pytest_plugins = ["tests.browser", "tests.golden", "tests.rounds", "tests.sharing"]

# a shared machine stalls now and then, so that no example has a deadline
settings.register_profile("same", deadline=None, derandomize=True)
settings.register_profile("new", deadline=None)


REGISTRIES = Path(tempfile.mkdtemp(prefix="hd-registries-"))
NUMBERS = count()


@pytest.fixture(autouse=True)
def _registry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test is alone on its box: no port is registered there, and none of its own in the machine's registry."""
    monkeypatch.setenv("HIPPODROME_REGISTRY", str(REGISTRIES / str(next(NUMBERS))))


def pytest_unconfigure() -> None:
    shutil.rmtree(REGISTRIES, ignore_errors=True)


def pytest_configure(config: pytest.Config) -> None:
    """`tests/run` tries the same examples each time; `tests/run --all` looks for new ones."""
    # in a shell's background it is ignored, and would be by all that tests start and interrupt
    os.environ["HIPPODROME_REGISTRY"] = str(REGISTRIES / "all")  # for what is made before a test
    signal.signal(signal.SIGINT, signal.default_int_handler)
    settings.load_profile("same" if "not slow" in config.getoption("-m") else "new")
