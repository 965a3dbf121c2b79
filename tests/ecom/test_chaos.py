"""The onboarding of a shop while each service in turn is killed: what was taken is found at the end."""

import contextlib
import os
import signal
from collections.abc import Iterator
from functools import partial
from itertools import islice

import pytest
import requests

from hippodrome.shop.client import AnswerError, Shop
from hippodrome.shop.products import documents
from hippodrome.wait import Deadline, until
from tests.core.conftest import Core
from tests.ecom.conftest import shop_of, started

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
BATCH = 20
PATIENCE_S = 120.0
NOT_KILLED = {"watcher"}  # no service of the shop, and nothing says when it is back


def kill(core: Core, name: str) -> int:
    pid = int(core.statuses()[name]["pid"])
    os.kill(pid, signal.SIGKILL)
    return pid


def taken(shop: Shop, batch: list[dict[str, object]]) -> bool:
    """Whether the shop has said that it takes the batch."""
    try:
        shop.admin("POST", "/indexes/store/documents", json={"documents": batch})
    except (AnswerError, requests.RequestException):
        return False
    return True


def batches() -> Iterator[list[dict[str, object]]]:
    made = documents(2000)
    while batch := list(islice(made, BATCH)):
        yield batch


def test_what_was_taken_is_found_whoever_was_killed_meanwhile(own: Core) -> None:
    own.variables["HIPPODROME_ECOM_INGEST_STORE"] = "postgres"  # the other store forgets when it is killed
    started(own)
    shop = shop_of(own)
    shop.admin("POST", "/indexes", json={"name": "store", "settings": {"collapse": False}})
    accepted, rest = set[str](), batches()
    for victim in sorted(set(own.statuses()) - NOT_KILLED):
        pid = kill(own, victim)
        for batch in islice(rest, 3):
            if until(partial(taken, shop, batch), Deadline(PATIENCE_S), pause_s=0.1):
                accepted |= {str(each["_id"]) for each in batch}
        assert until(partial(_is_back, own, victim, pid), Deadline(PATIENCE_S), pause_s=0.1), own.hd("ps").stdout
    assert accepted
    missing = set[str]()

    def all_found() -> bool:
        missing.clear()
        with contextlib.suppress(AnswerError, requests.RequestException):
            missing.update(accepted - set(shop.found("store", "", limit=1000)))
            return not missing
        return False

    assert until(all_found, Deadline(PATIENCE_S), pause_s=0.2), sorted(missing)


def _is_back(core: Core, name: str, pid: int) -> bool:
    status = core.statuses().get(name, {})
    return status.get("state") == "healthy" and status.get("pid") != pid
