"""The e-commerce profile, started by `hd` from a copy of this checkout, on ports that the system hands out."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from hippodrome.shop.client import Shop
from tests.core.conftest import SETUP_S, Core, copy_checkout, listening
from tests.stack import free_port

PATIENCE_S = 120.0


def ecom_in(base: Path) -> Core:
    """A copy with ports of its own, and the suites in it; not started."""
    core = Core(copy_checkout(base / "checkout"), base / "state", {name: free_port() for name in listening()})
    core.configure(profile="ecom")
    return core


def started(core: Core, *more: str) -> Core:
    up = core.hd("up", "-d", "--timeout", str(SETUP_S), *more)
    assert up.returncode == 0, up.stdout + up.stderr
    return core


def shop_of(core: Core) -> Shop:
    """Of the seeded account."""
    return Shop(core.url("admin_server"), core.url("search_proxy"), "local-admin-key")


@pytest.fixture(scope="package")
def ecom(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Core]:
    """The running profile; a test that changes it leaves it running."""
    core = ecom_in(tmp_path_factory.mktemp("ecom"))
    try:
        yield started(core)
    finally:
        core.hd("down", "--now")


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Core]:
    """One's own, not started."""
    core = ecom_in(tmp_path)
    yield core
    core.hd("down", "--now")
