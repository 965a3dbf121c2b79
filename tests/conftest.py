"""Plug-ins of the whole suite, and how far property tests go."""

import signal

import pytest
from hypothesis import settings

pytest_plugins = ["tests.browser", "tests.golden", "tests.sharing"]

# a shared machine stalls now and then, so that no example has a deadline
settings.register_profile("same", deadline=None, derandomize=True)
settings.register_profile("new", deadline=None)


def pytest_configure(config: pytest.Config) -> None:
    """`tests/run` tries the same examples each time; `tests/run --all` looks for new ones."""
    # in a shell's background it is ignored, and would be by all that tests start and interrupt
    signal.signal(signal.SIGINT, signal.default_int_handler)
    settings.load_profile("same" if "not slow" in config.getoption("-m") else "new")
