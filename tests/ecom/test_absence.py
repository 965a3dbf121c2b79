"""What is missing is said, and the rest goes on."""

import json
from collections.abc import Iterator

import pytest

from hippodrome.shop.client import AnswerError
from hippodrome.shop.products import documents
from tests.core.conftest import SETUP_S, Core
from tests.ecom.conftest import shop_of


@pytest.fixture
def without_worker(ecom: Core) -> Iterator[str]:
    """What `hd` says while it leaves the worker out; afterwards it is there."""
    up = ecom.hd("up", "-d", "--timeout", str(SETUP_S), "--without", "global_worker")
    try:
        assert up.returncode == 0, up.stdout + up.stderr
        yield up.stdout + up.stderr
    finally:
        assert ecom.hd("up", "-d").returncode == 0


@pytest.mark.slow
def test_without_the_worker_all_but_search_goes_on(ecom: Core, without_worker: str) -> None:
    assert "global_worker is left out by `--without`." in without_worker
    statuses = ecom.statuses()
    assert "global_worker" not in statuses
    assert {statuses[name]["state"] for name in ecom.ports if name in statuses} == {"healthy"}
    assert {"ecom_settings_exporter", "merchandising_exporter"} <= set(statuses)
    shop = shop_of(ecom)
    shop.admin("POST", "/indexes", json={"name": "store"})
    shop.add("store", documents(5))
    shop.admin("PATCH", "/indexes/store/settings", json={"collapse": False})
    with pytest.raises(AnswerError, match="global_worker") as caught:
        shop.search("store", "lamp")
    assert (caught.value.status, caught.value.code) == (503, "global_worker_missing")
    assert "global_worker" in ecom.hd("plan").stdout
    findings = json.loads(ecom.hd("probe", "--full", "--json").stdout)
    (lack,) = (each for each in findings if not each["is_well"])
    assert (lack["service"], lack["script"]) == ("search", "")
    assert "`hd up global_worker` adds what is missing" in lack["wrong"]
    assert ecom.hd("up", "-d", "global_worker").returncode == 0
    assert shop.search("store", "lamp")["hits"]
    shop.admin("DELETE", "/indexes/store")
