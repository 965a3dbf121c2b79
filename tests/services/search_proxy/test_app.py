"""Who may search, what is asked for their sake, and what they are told when that fails."""

import base64
import json
import signal
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import Any

import pytest
import requests

from hippodrome.wait import Deadline, until
from tests.services.conftest import PATIENCE_S, Service, services_in
from tests.services.described import ask_all
from tests.services.search_proxy.conftest import FOUND, KEY, Gateway
from tests.services.search_proxy.upstream import Said, running_upstream

NAMES = (f"name{n}" for n in count())  # of which nothing is remembered yet
SHOPPERS = 50
TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def in_base64(body: dict[str, Any]) -> str:
    return base64.b64encode(json.dumps(body).encode()).decode()


@pytest.mark.parametrize(
    "headers", [{"x-api-key": KEY}, {"Authorization": f"Bearer {KEY}"}, {"authorization": f"bearer {KEY}"}]
)
def test_a_search_with_a_key_is_answered_by_the_worker(gateway: Gateway, headers: dict[str, str]) -> None:
    name = next(NAMES)
    answer = gateway.ask("search", name, headers, q="lamp", limit=3, filter="color:red", facets={"fields": {}})
    assert (answer.status_code, answer.json()) == (200, FOUND)
    assert (answer.headers["x-cache"], answer.headers["x-hippodrome-rules"]) == ("MISS", "of-shop")
    assert gateway.resolved == [{"key": KEY, "index": name}]
    assert gateway.worker.last.path == "/indexes/local-shop/search"
    assert gateway.worker.last.body == {"q": "lamp", "limit": 3, "filter": "color:red", "facets": {"fields": {}}}


def test_the_id_of_an_index_is_enough_for_a_shopper(gateway: Gateway) -> None:
    assert gateway.ask("search", "my-shop", {"x-marqo-index-id": "local-my-shop"}, q="x").status_code == 200
    assert gateway.resolved == [{"indexId": "local-my-shop"}]


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({}, 401, "unauthorized"),
        ({"Authorization": "Bearer "}, 401, "unauthorized"),
        ({"Authorization": "Basic eDp5"}, 401, "unauthorized"),
        ({"x-marqo-index-id": "local-shop"}, 404, "index_not_found"),
        ({"x-marqo-index-id": "shop"}, 404, "index_not_found"),
    ],
)
def test_who_does_not_say_whose_index_it_is_is_refused(
    gateway: Gateway, headers: dict[str, str], status: int, code: str
) -> None:
    answer = gateway.ask("search", "op", headers, q="x")
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert not gateway.worker.asked


@pytest.mark.parametrize(("status", "code"), [(401, "unauthorized"), (403, "forbidden"), (404, "index_not_found")])
def test_what_the_back_office_refuses_is_refused(gateway: Gateway, status: int, code: str) -> None:
    told = {"message": "so", "code": code, "type": "invalid_request", "link": None}
    gateway.admin.answers["/internal/resolve"] = Said(told, status)
    answer = gateway.ask("search", next(NAMES), q="x")
    assert (answer.status_code, answer.json()) == (status, told)
    assert not gateway.worker.asked


def test_a_collection_is_shown_by_post_and_by_get(gateway: Gateway) -> None:
    body = {"collectionName": "summer", "limit": 2}
    assert gateway.ask("collections", **body).json() == FOUND
    path, headers = "/api/v1/indexes/shop/collections", {"x-api-key": KEY}
    answer = gateway.service.ask("GET", path, params={"body": in_base64(body)}, headers=headers)
    assert answer.json() == FOUND
    assert [asked.body for asked in gateway.worker.asked] == [body, body]


@pytest.mark.parametrize(
    ("text", "status", "said"),
    [
        ("no base64", 400, "base64"),
        (base64.b64encode(b"{").decode(), 400, "JSON"),
        (in_base64({}), 422, "collectionName"),
        (in_base64({"collectionName": "x", "limit": "many"}), 422, "limit"),
    ],
)
def test_a_get_that_cannot_be_read_is_refused(gateway: Gateway, text: str, status: int, said: str) -> None:
    path, headers = "/api/v1/indexes/shop/collections", {"x-api-key": KEY}
    answer = gateway.service.ask("GET", path, params={"body": text}, headers=headers)
    assert answer.status_code == status, answer.text
    assert said in answer.json()["message"]


def test_similar_products_come_from_the_worker(gateway: Gateway) -> None:
    assert gateway.ask("recommendations/similar", documentIds=["1"]).json() == FOUND
    assert gateway.worker.last.path == "/indexes/local-shop/recommendations/similar"


def test_suggestions_are_what_others_searched_for_then_titles(gateway: Gateway) -> None:
    said = {"suggestions": [{"suggestion": "lamp shade", "count": 3}, {"suggestion": "a lamp", "count": 1}]}
    gateway.admin.answers["/internal/suggestions"] = Said(said)
    more = [{"productTitle": title} for title in ("a lamp", "oak lamp", "brass lamp")]
    gateway.worker.answers["/indexes/local-shop/search"] = Said({**FOUND, "hits": [*more, {"_id": "untitled"}]})
    told = gateway.ask("recommendations/queries", q="lamp", limit=3).json()
    assert told == {"suggestions": [{"suggestion": each} for each in ("lamp shade", "a lamp", "oak lamp")]}
    assert gateway.admin.last.query == "indexId=local-shop&q=lamp&limit=3"
    gateway.worker.answers.clear()
    assert len(gateway.ask("recommendations/queries", q="lamp").json()["suggestions"]) == 2


def test_the_workers_refusals_are_passed_on(gateway: Gateway) -> None:
    told = {"message": "Error parsing filter", "code": "invalid_argument", "type": "invalid_request", "link": None}
    gateway.worker.answers["/indexes/local-shop/search"] = Said(told, 400)
    answer = gateway.ask("search", q="x", filter="(")
    assert (answer.status_code, answer.json()) == (400, told)


def test_request_id_and_trace_go_on_to_both(gateway: Gateway) -> None:
    headers = {"x-api-key": KEY, "X-Request-Id": "one-of-mine", "traceparent": TRACE}
    assert gateway.ask("search", next(NAMES), headers, q="x").headers["x-request-id"] == "one-of-mine"
    for upstream in (gateway.admin, gateway.worker):
        sent = upstream.last.headers
        assert (sent["x-request-id"], sent["traceparent"]) == ("one-of-mine", TRACE)


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        (b"{", 400, "JSON"),
        (b'{"q": NaN}', 422, "q"),
        (b'{"q": 1}', 422, "q"),
        (b'{"q": "\\ud800"}', 422, "q"),
        (b'{"q": "x", "facets": {"fields": 1e999}}', 422, "facets"),
        (b'{"limit": "ten"}', 422, "limit"),
        (b'{"query": "x"}', 422, "query"),
        (b"[]", 422, "body"),
    ],
)
def test_a_wrong_body_is_refused_with_the_field_named(gateway: Gateway, body: bytes, status: int, field: str) -> None:
    headers = {"x-api-key": KEY, "Content-Type": "application/json"}
    answer = gateway.service.ask("POST", "/api/v1/indexes/shop/search", data=body, headers=headers)
    told = answer.json()
    assert (answer.status_code, told["link"]) == (status, None), answer.text
    assert field in told["message"]
    assert not gateway.worker.asked


def test_a_name_is_resolved_once_a_second_however_many_ask(gateway: Gateway) -> None:
    name = next(NAMES)
    gateway.leads_to(("shop", 1.0))
    slow = gateway.admin.answers["/internal/resolve"]
    gateway.admin.answers["/internal/resolve"] = Said(slow.body, delay_s=0.3)
    began = time.monotonic()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: gateway.ask("search", name, q="x"), range(16)))
    took = time.monotonic() - began
    assert {answer.status_code for answer in answers} == {200}
    assert len(gateway.resolved) <= 1 + took


def test_a_name_that_leads_elsewhere_is_followed(gateway: Gateway) -> None:
    name = next(NAMES)
    gateway.leads_to(("blue", 1.0))
    assert gateway.ask("search", name, q="x").headers["x-hippodrome-rules"] == "of-blue"
    gateway.leads_to(("green", 1.0))
    led = until(
        lambda: gateway.ask("search", name, q="x").headers["x-hippodrome-rules"] == "of-green",
        Deadline(PATIENCE_S),
        pause_s=0.1,
    )
    assert led


def test_what_was_known_serves_while_the_back_office_is_away(gateway: Gateway) -> None:
    name = next(NAMES)
    assert gateway.ask("search", name, q="x").status_code == 200
    gateway.admin.answers["/internal/resolve"] = Said({"message": "away", "code": "internal"}, 503)
    tried = len(gateway.resolved)
    assert until(
        lambda: gateway.ask("search", name, q="x").status_code == 200 and len(gateway.resolved) > tried,
        Deadline(PATIENCE_S),
        pause_s=0.1,
    )
    assert gateway.ask("search", next(NAMES), q="x").status_code == 502


def test_shoppers_are_shared_out_by_weight_and_stay_where_they_are(gateway: Gateway) -> None:
    name = next(NAMES)
    gateway.leads_to(("blue", 3.0), ("green", 1.0), ("red", 0.0))

    def led(**who: str) -> str:
        return gateway.ask("search", name, q="x", **who).headers["x-hippodrome-rules"]

    with ThreadPoolExecutor(4) as pool:
        users = list(pool.map(lambda n: led(userId=f"u{n}"), range(SHOPPERS)))
        again = list(pool.map(lambda n: led(userId=f"u{n}", sessionId=f"s{n}"), range(SHOPPERS)))
        sessions = list(pool.map(lambda n: led(sessionId=f"u{n}"), range(SHOPPERS)))
        nobody = Counter(pool.map(lambda _: led(), range(SHOPPERS)))
    assert users == again == sessions
    assert 0.5 <= users.count("of-blue") / SHOPPERS < 1  # of a fair draw around 0.75
    assert set(nobody) == {"of-blue", "of-green"}


def test_a_worker_that_is_late_is_named(gateway: Gateway) -> None:
    gateway.worker.answers["/indexes/local-shop/search"] = Said(FOUND, delay_s=3.0)
    answer = gateway.ask("search", q="x")
    assert (answer.status_code, answer.json()["code"]) == (504, "upstream_timeout")
    assert "global_worker" in answer.json()["message"]


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        ("http://localhost:3000", True),
        ("http://shop.localhost:3000", True),
        ("http://127.0.0.1", True),
        ("https://evil.example", False),
        ("http://localhost.evil.example", False),
        ("null", False),
    ],
)
def test_pages_of_this_machine_may_search_and_no_others(gateway: Gateway, origin: str, allowed: bool) -> None:
    path = "/api/v1/indexes/shop/search"
    wish = {
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "x-marqo-index-id,content-type",
    }
    asked = gateway.service.ask("OPTIONS", path, headers={"Origin": origin, **wish})
    assert (asked.status_code == 200) == allowed
    answer = gateway.ask("search", "shop", {"Origin": origin, "x-marqo-index-id": "local-shop"}, q="x")
    assert (answer.headers.get("access-control-allow-origin") == origin) == allowed


def test_it_describes_itself_and_no_request_is_its_fault(gateway: Gateway) -> None:
    asked = set(ask_all(gateway.service.url, many=10))
    index = "/api/v1/indexes/{name}"
    assert asked >= {f"POST {index}/search", f"GET {index}/collections", f"POST {index}/recommendations/queries"}


class TestAlone:
    """Each with a gateway that was told otherwise."""

    @pytest.fixture
    def own(self, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
        with services_in(tmp_path_factory.mktemp("alone"), "search_proxy") as found:
            yield found["search_proxy"]

    @pytest.mark.parametrize("worker", ["", "http://127.0.0.1:9"])
    def test_without_a_worker_searches_say_what_mends_it(self, own: Service, worker: str) -> None:
        with running_upstream() as admin, running_upstream() as nobody:
            gateway = Gateway(own, admin, nobody)
            gateway.leads_to(("shop", 1.0))
            own.start(ADMIN_SERVER_URL=admin.url, GLOBAL_WORKER_URL=worker)
            answer = gateway.ask("search", q="x")
            assert (answer.status_code, answer.json()["code"]) == (503, "global_worker_missing")
            for said in ("hd start global_worker", "--without global_worker", "Node"):
                assert said in answer.json()["message"]
            admin.answers["/internal/suggestions"] = Said({"suggestions": [{"suggestion": "lamp", "count": 1}]})
            told = gateway.ask("recommendations/queries", q="la").json()
            assert told == {"suggestions": [{"suggestion": "lamp"}]}
            assert own.ask("GET", "/health").status_code == 200

    def test_without_a_back_office_it_is_named(self, own: Service) -> None:
        own.start(ADMIN_SERVER_URL="http://127.0.0.1:9")
        headers = {"x-api-key": KEY}
        answer = own.ask("POST", "/api/v1/indexes/shop/search", json={"q": "x"}, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (503, "upstream_unavailable")
        assert "admin_server" in answer.json()["message"]

    def test_who_asks_too_much_is_told_when_to_come_back_and_others_are_not(self, own: Service) -> None:
        with running_upstream() as admin, running_upstream() as worker:
            gateway = Gateway(own, admin, worker)
            own.start(ADMIN_SERVER_URL=admin.url, GLOBAL_WORKER_URL=worker.url, RATE_LIMIT_PER_S="0.1")
            gateway.leads_to(("shop", 1.0))
            answers = [gateway.ask("search", q="x") for _ in range(3)]
            assert [answer.status_code for answer in answers] == [200, 429, 429]
            assert answers[-1].json()["code"] == "too_many_requests"
            assert 1 <= int(answers[-1].headers["Retry-After"]) <= 10
            gateway.leads_to(("shop", 1.0), account="acme")
            assert gateway.ask("search", "other", q="x").status_code == 200

    def test_a_rate_that_lets_nobody_in_is_refused_at_the_start(self, own: Service) -> None:
        own.launch(RATE_LIMIT_PER_S="0")
        assert own.process
        assert own.process.wait(PATIENCE_S) != 0
        assert "RATE_LIMIT_PER_S must be above 0" in own.log

    def test_it_ends_within_its_time_with_a_search_under_way(self, own: Service) -> None:
        with running_upstream() as admin, running_upstream() as worker, ThreadPoolExecutor(1) as pool:
            gateway = Gateway(own, admin, worker)
            own.start(ADMIN_SERVER_URL=admin.url, GLOBAL_WORKER_URL=worker.url)
            gateway.leads_to(("shop", 1.0))
            worker.answers["/indexes/local-shop/search"] = Said(FOUND, delay_s=1.5)
            pending = pool.submit(gateway.ask, "search", q="x")
            assert until(lambda: worker.asked, Deadline(PATIENCE_S))
            own.end(signal.SIGTERM)
            assert pending.exception(PATIENCE_S) is None or isinstance(pending.exception(), requests.RequestException)
