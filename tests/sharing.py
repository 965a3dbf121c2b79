"""How the tests are shared out where several processes run them: a folder at a time, as they share fixtures."""

from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

LONGEST = {"core", "ecom"}  # folders


class ByFolder(LoadScopeScheduling):  # type: ignore[misc]
    """As xdist's `loadscope`, with the test's folder as its scope."""

    def _split_scope(self, nodeid: str) -> str:
        return nodeid.partition("::")[0].rpartition("/")[0]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByFolder:
    return ByFolder(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest begins first."""
    items.sort(key=lambda item: item.path.parent.name not in LONGEST)
