"""Plug-ins of the whole suite, and how far property tests go."""

import pytest
from hypothesis import settings

pytest_plugins = ["tests.browser", "tests.golden"]

# a shared machine stalls now and then, so that no example has a deadline
settings.register_profile("same", deadline=None, derandomize=True)
settings.register_profile("new", deadline=None)


def pytest_configure(config: pytest.Config) -> None:
    """`tests/run` tries the same examples each time; `tests/run --all` looks for new ones."""
    settings.load_profile("same" if "not slow" in config.getoption("-m") else "new")
