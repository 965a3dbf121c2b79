"""Plug-ins of the whole suite, and how far property tests go."""

import signal

import pytest
from hypothesis import settings

pytest_plugins = ["tests.browser", "tests.golden"]

LONGEST = {"core", "ecom"}  # folders

# a shared machine stalls now and then, so that no example has a deadline
settings.register_profile("same", deadline=None, derandomize=True)
settings.register_profile("new", deadline=None)


def pytest_configure(config: pytest.Config) -> None:
    """`tests/run` tries the same examples each time; `tests/run --all` looks for new ones."""
    # in a shell's background it is ignored, and would be by all that tests start and interrupt
    signal.signal(signal.SIGINT, signal.default_int_handler)
    settings.load_profile("same" if "not slow" in config.getoption("-m") else "new")


@pytest.hookimpl(tryfirst=True)  # before xdist looks for the marks
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What shares fixtures runs in one process, where several are at work; what takes longest begins first."""
    items.sort(key=lambda item: item.path.parent.name not in LONGEST)
    for item in items:
        item.add_marker(pytest.mark.xdist_group(item.path.parent.as_posix()))
