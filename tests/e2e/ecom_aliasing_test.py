"""One name before several indexes: switched, shared out by weight, written through, and not to be broken."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest

from hippodrome.shop.client import AnswerError, Shop
from hippodrome.wait import Deadline, until

USERS = 150
SWITCHES = 10
ORIGIN = {"attributesToRetrieve": ["from"]}
PATIENCE_S = 10.0  # the gateway remembers where a name leads for a second


@dataclass
class Shopper:
    """Searches an alias all the time, from a thread of its own."""

    shop: Shop
    answers: Counter[str] = field(default_factory=Counter)
    failures: list[Exception] = field(default_factory=list)
    has_left: threading.Event = field(default_factory=threading.Event)

    def browse(self) -> None:
        while not self.has_left.is_set():
            try:
                (hit,) = self.shop.search("live", "thing", limit=1, **ORIGIN)["hits"]
                self.answers[hit["from"]] += 1
            except Exception as error:
                self.failures.append(error)


@contextmanager
def shopping(shop: Shop) -> Iterator[Shopper]:
    shopper = Shopper(Shop(shop.admin_url, shop.search_url, shop.key))
    thread = threading.Thread(target=shopper.browse)
    thread.start()
    try:
        yield shopper
    finally:
        shopper.has_left.set()
        thread.join()


@pytest.fixture(scope="module", autouse=True)
def two_indexes(shop: Shop) -> None:
    for name in ("blue", "green"):
        shop.admin("POST", "/indexes", json={"name": name})
        shop.add(name, [{"_id": "1", "productTitle": "a thing", "from": name}])


def lead(shop: Shop, **weights: float) -> None:
    targets = [{"index": index, "weight": weight} for index, weight in weights.items()]
    shop.admin("PUT", "/aliases/live", json={"targets": targets})


def comes_from(shop: Shop, user: str = "someone") -> str:
    (hit,) = shop.search("live", "thing", limit=1, userId=user, **ORIGIN)["hits"]
    return str(hit["from"])


def led_to(shop: Shop, index: str) -> bool:
    return bool(until(lambda: comes_from(shop) == index, Deadline(PATIENCE_S), pause_s=0.05))


def test_a_switch_fails_no_search_while_shoppers_go_on(shop: Shop) -> None:
    lead(shop, blue=1)
    with shopping(shop) as shopper:
        for turn in range(SWITCHES):
            colour = "green" if turn % 2 == 0 else "blue"
            lead(shop, **{colour: 1})
            assert led_to(shop, colour)
    assert not shopper.failures
    assert set(shopper.answers) == {"blue", "green"}


def test_reads_are_shared_out_by_weight_and_stay_with_a_user(shop: Shop) -> None:
    lead(shop, blue=3, green=1)
    assert until(
        lambda: len({comes_from(shop, f"probe{number}") for number in range(20)}) == 2,
        Deadline(PATIENCE_S),
        pause_s=0.05,
    )
    first = [comes_from(shop, f"user{number}") for number in range(USERS)]
    again = [comes_from(shop, f"user{number}") for number in range(USERS)]
    assert first == again
    share = first.count("blue") / USERS
    assert 0.6 <= share <= 0.9  # four deviations of a fair draw of 150 around 0.75


def test_a_write_reaches_every_index_behind_the_name(shop: Shop) -> None:
    lead(shop, blue=1, green=1)
    shop.add("live", [{"_id": "2", "productTitle": "written through"}])
    for index in ("blue", "green"):
        asked = {"documentIds": ["2"]}
        (told,) = shop.admin("POST", f"/indexes/{index}/get-documents", json=asked)["results"]
        assert told["_found"]
    shop.delete("live", ["2"])


def test_an_index_in_use_cannot_be_deleted(shop: Shop) -> None:
    lead(shop, blue=1)
    with pytest.raises(AnswerError, match="live") as caught:
        shop.admin("DELETE", "/indexes/blue")
    assert caught.value.status == 409
    assert comes_from(shop)


def test_a_name_cannot_mean_two_things_nor_nothing(shop: Shop) -> None:
    with pytest.raises(AnswerError) as taken:
        shop.admin("PUT", "/aliases/blue", json={"targets": [{"index": "green", "weight": 1}]})
    assert taken.value.status == 409
    with pytest.raises(AnswerError) as missing:
        shop.admin("PUT", "/aliases/live", json={"targets": [{"index": "nowhere", "weight": 1}]})
    assert missing.value.status in (404, 422)
    with pytest.raises(AnswerError) as weightless:
        shop.admin("PUT", "/aliases/live", json={"targets": [{"index": "blue", "weight": 0}]})
    assert weightless.value.status == 422
