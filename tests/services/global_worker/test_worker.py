"""The worker as a service: health, errors, ids, KV, its cache, its end."""

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st

from hippodrome.supervision import family
from hippodrome.wait import Deadline, until
from tests.services.conftest import PATIENCE_S, Service, services_in
from tests.services.described import ask_all
from tests.services.global_worker.conftest import Shop, Worker, product

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
LOOPBACK = "0100007F"
LOCAL, REMOTE, STATE, INODE = 1, 2, 3, 9  # columns of /proc/net/tcp
FIELDS = ("q", "limit", "offset", "filter", "facets", "sortBy", "attributesToRetrieve", "userId", "other")


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Worker]:
    """A worker of one's own, neither it nor its cell running."""
    with services_in(tmp_path, "global_worker") as found:
        yield Worker(cell=found["fake_cell"], service=found["global_worker"])


def test_health_names_the_service_and_its_version(worker: Worker) -> None:
    told = worker.service.ask("GET", "/health").json()
    assert (told["status"], told["service"]) == ("ok", "global_worker")
    assert told["version"]


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nowhere", 404, "not_found"),
        ("GET", "/indexes/x/search", 405, "method_not_allowed"),
        ("POST", "/indexes/%zz/search", 400, "bad_request"),
        ("POST", "/indexes/x/search", 400, "bad_request"),  # an empty body
        ("GET", "/__local/kv/none", 404, "key_not_found"),
        ("PUT", "/__local/kv/" + "k" * 513, 400, "bad_request"),
    ],
)
def test_mistakes_are_answered_in_marqos_form(worker: Worker, method: str, path: str, status: int, code: str) -> None:
    answer = worker.service.ask(method, path)
    told = answer.json()
    assert (answer.status_code, told["code"], told["link"]) == (status, code, None)
    assert told["message"]
    assert told["type"] == "invalid_request"


@settings(max_examples=40, deadline=None)
@given(st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=4) | JSON)
def test_no_body_is_a_fault_of_the_workers_own(worker: Worker, body: Any) -> None:
    answer = worker.service.ask("POST", "/indexes/local-none/search", data=json.dumps(body))
    assert answer.status_code in (400, 404, 422), answer.text
    assert answer.json()["message"]


def test_it_describes_itself_and_no_request_is_its_fault(worker: Worker) -> None:
    asked = set(ask_all(worker.service.url, many=10))
    assert asked >= {"GET /health", "POST /indexes/{index}/search", "PUT /__local/kv/{key}"}


def test_the_cells_refusals_are_passed_on(lamps: Shop) -> None:
    answer = lamps.ask("search", q="x", filter="color:")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_argument")
    assert "Error parsing filter" in answer.json()["message"]
    missing = lamps.worker.service.ask("POST", "/indexes/local-none/search", json={"q": "x"})
    assert (missing.status_code, missing.json()["code"]) == (404, "index_not_found")


def test_the_cells_faults_are_passed_on(lamps: Shop) -> None:
    lamps.worker.cell.ask("POST", "/__fake/faults", json={"status": 503, "count": 1, "path": f"/indexes/{lamps.id}"})
    answer = lamps.ask("search", q="fault")
    assert (answer.status_code, bool(answer.json()["code"])) == (503, True)
    assert lamps.found("fault")


def test_request_id_and_trace_go_on_to_the_cell(lamps: Shop) -> None:
    headers = {
        "X-Request-Id": "one-of-mine",
        "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    }
    answer = lamps.worker.service.ask("POST", f"/indexes/{lamps.id}/search", json={"q": "id"}, headers=headers)
    assert answer.headers["x-request-id"] == "one-of-mine"
    for service in (lamps.worker.service, lamps.worker.cell):
        assert until(lambda: "request_id=one-of-mine" in service.log, Deadline(PATIENCE_S)), service.log  # noqa: B023
    assert (
        lamps.worker.service.ask("GET", "/health", headers={"X-Request-Id": "a b"}).headers["x-request-id"] != "a b"
    )


def test_the_same_question_is_answered_from_the_cache(lamps: Shop) -> None:
    body: dict[str, Any] = {"q": "cached", "limit": 3}
    asked = [{**body, "userId": "u1"}, {**body, "sessionId": "s"}, {"limit": 3, "q": "cached", "filter": None}]
    answers = [lamps.ask("search", **each) for each in asked]
    assert [answer.headers["x-cache"] for answer in answers] == ["MISS", "HIT", "HIT"]
    assert answers[0].json() == answers[1].json() == answers[2].json()
    assert lamps.ask("search", q="cached", limit=4).headers["x-cache"] == "MISS"


def test_a_change_of_rules_or_settings_is_seen_at_once(lamps: Shop) -> None:
    assert "a" in lamps.found("lamp")
    for n in range(20):
        lamps.rules({"type": "hide", "documentIds": ["abcdef"[n % 6]]})
        assert "abcdef"[n % 6] not in lamps.found("lamp")
    assert lamps.applied("lamp") == ["rule-1"]
    lamps.settings(defaultSort=[{"fieldName": "price", "order": "asc"}])
    assert lamps.found("lamp")[0] == "f"


def test_a_value_that_kept_its_version_is_seen_as_well(lamps: Shop) -> None:
    for hidden in ("a", "b"):
        rule = {"id": "r", "type": "hide", "documentIds": [hidden], "scope": {"kind": "global"}}
        lamps.worker.keep(f"merch:{lamps.id}", {"version": "same", "rules": [rule]})
        assert hidden not in lamps.found("lamp")


def test_new_products_are_found_when_the_cached_answer_is_old(lamps: Shop) -> None:
    assert "new" not in lamps.found("lamp")
    lamps.add(product("new", "a new lamp"))
    assert until(lambda: "new" in lamps.found("lamp"), Deadline(PATIENCE_S), pause_s=0.1)


def test_a_value_is_kept_read_and_deleted(worker: Worker) -> None:
    path = "/__local/kv/settings:local-kv%2Fodd"
    assert worker.service.ask("PUT", path, data=b"{ }").json() == {"key": "settings:local-kv/odd"}
    assert worker.service.ask("GET", path).text == "{ }"
    assert worker.service.ask("DELETE", path).json() == {"key": "settings:local-kv/odd", "deleted": True}
    assert worker.service.ask("GET", path).status_code == 404


def test_a_value_that_is_no_json_is_named(lamps: Shop) -> None:
    lamps.worker.service.ask("PUT", f"/__local/kv/settings:{lamps.id}", data=b"{")
    answer = lamps.ask("search", q="x")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    assert f"settings:{lamps.id}" in answer.json()["message"]


@pytest.mark.parametrize(("host", "status"), [("localhost", 404), ("127.0.0.1", 404), ("evil.example", 403)])
def test_kv_is_open_to_this_machine_alone(worker: Worker, host: str, status: int) -> None:
    for method in ("GET", "PUT", "DELETE"):
        expected = status if method == "GET" or status == 403 else 200
        headers = {"Host": f"{host}:{worker.service.program.port}"}
        answer = worker.service.ask(method, "/__local/kv/of-nobody", headers=headers, data=b"1")
        assert answer.status_code == expected, (method, answer.text)


@pytest.mark.slow
def test_it_keeps_its_values_and_leaves_no_process(own: Worker) -> None:
    own.service.start()
    own.keep("merch:local-x", {"rules": []})
    for signal_ in (signal.SIGTERM, signal.SIGINT):
        processes = processes_of(own.service)
        assert len(processes) == 2
        assert own.service.process
        own.service.process.send_signal(signal_)
        assert until(lambda: not alive(processes), Deadline(PATIENCE_S)), own.service.log  # noqa: B023
        own.service.restart()
        assert own.service.ask("GET", "/__local/kv/merch:local-x").json() == {"rules": []}


def test_all_of_it_is_one_process_group(own: Worker) -> None:
    """So that what a killed launcher leaves behind is found and ended with its group."""
    own.service.start()
    processes = processes_of(own.service)
    assert {os.getpgid(each) for each in processes} == {processes[0]}
    own.service.end(signal.SIGKILL)
    assert until(lambda: not alive(processes), Deadline(PATIENCE_S))


@pytest.mark.skipif(not family.HAS_PROC, reason="sockets of a process are read from /proc")
def test_it_is_reached_from_this_machine_alone(own: Worker) -> None:
    own.service.start()
    listening = {address for each in processes_of(own.service) for address in listening_of(each)}
    port = own.service.program.port
    assert (LOOPBACK, port) in listening
    assert {host for host, _ in listening} == {LOOPBACK}
    own.service.ask("GET", "/health")
    outside = {host for each in processes_of(own.service) for host, _ in addresses_of(each, REMOTE)}
    assert outside <= {LOOPBACK, "00000000"}


def test_without_a_cell_it_says_who_is_missing(own: Worker) -> None:
    own.service.start()
    answer = own.service.ask("POST", "/indexes/local-x/search", json={"q": "x"})
    assert (answer.status_code, answer.json()["code"]) == (503, "upstream_unavailable")
    assert own.cell.url in answer.json()["message"]


def test_a_probe_leaves_no_line_in_the_log(worker: Worker) -> None:
    url = f"{worker.service.url}/health"
    requests.get(url, headers={"User-Agent": "hippodrome-probe/1", "X-Request-Id": "a-probe"}, timeout=PATIENCE_S)
    requests.get(url, headers={"X-Request-Id": "a-person"}, timeout=PATIENCE_S)
    assert until(lambda: "request_id=a-person" in worker.service.log, Deadline(PATIENCE_S))
    assert "request_id=a-probe" not in worker.service.log


def processes_of(service: Service) -> list[int]:
    """The launcher first."""
    assert service.process
    return list(dict.fromkeys(family.members(service.process.pid)))


def alive(processes: list[int]) -> list[int]:
    return [each for each in processes if family.is_alive(each)]


def listening_of(process: int) -> set[tuple[str, int]]:
    return addresses_of(process, LOCAL, state="0A")


def addresses_of(process: int, column: int, *, state: str = "") -> set[tuple[str, int]]:
    """Hosts, as the kernel writes them, and ports of its sockets of TCP."""
    links = (str(each.readlink()) for each in Path(f"/proc/{process}/fd").iterdir())
    inodes = {link[len("socket:[") : -1] for link in links if link.startswith("socket:[")}
    lines = [
        line.split() for name in ("tcp", "tcp6") for line in Path("/proc/net", name).read_text().splitlines()[1:]
    ]
    rows = [row for row in lines if row[INODE] in inodes and state in row[STATE]]
    return {(host, int(port, 16)) for host, port in (row[column].split(":") for row in rows)}
