"""Probes find a service that is well to be well, and each fault of one that is not."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from hippodrome.hippothesis import probes
from hippodrome.plan.model import LeftOut, Origin, Plan, Probe
from tests.stack import free_port, plan_of, program

REFERENCE = Origin("reference", "/", "reference")
FAULTS = {
    "is not healthy": ("answers its health check", "answered 503"),
    "does not refuse": ("words its errors as all do", "answered 200, not 4xx"),
    "has a form of its own": ("words its errors as all do", "answered without code, type, link"),
    "answers with a page": ("words its errors as all do", "with what is not JSON"),
    "forgets the id": ("returns the request's id", "none came back"),
    "makes an id of its own": ("returns the request's id", "its-own came back"),
    "hands nothing on": ("hands the request's id on to controller", "is not in controller.log"),
}


@contextmanager
def serving(log: Path, fault: str) -> Iterator[str]:
    """A back office with one fault at most; `log` is of the control plane that it asks."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            sent = self.headers.get("X-Request-Id", "")
            if self.path == "/health":
                return self.answer(503 if fault == "is not healthy" else 200, "{}")
            if fault != "hands nothing on":
                with log.open("a") as lines:
                    lines.write(f"INFO http: GET /api/v2/whoami request_id={sent}\n")
            error = {"message": "no", "code": "unauthorized", "type": "invalid_request", "link": None}
            body = json.dumps({"message": "no"} if fault == "has a form of its own" else error)
            status = 200 if fault == "does not refuse" else 401
            return self.answer(status, "<html>" if fault == "answers with a page" else body)

        def answer(self, status: int, body: str) -> None:
            self.send_response(status)
            ids = {"forgets the id": None, "makes an id of its own": "its-own"}
            if name := ids.get(fault, self.headers.get("X-Request-Id")):
                self.send_header("X-Request-Id", name)
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=[0.01], daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def plan_with(url: str, well: str, origin: Origin = REFERENCE) -> Plan:
    office = program("admin_server", "x", url=url, probe=Probe("http", f"{url}/health"), origin=origin)
    return plan_of(office, program("controller", "x", url=well, origin=REFERENCE))


def wrong(plan: Plan, log: Path) -> dict[str, str]:
    logs: Callable[[str], Path] = {"controller": log}.__getitem__
    return {finding.what: finding.wrong for finding in probes.probe(plan, logs) if not finding.is_well}


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probes, "LOGGED_S", 0.2)


@pytest.fixture
def log(tmp_path: Path) -> Path:
    file = tmp_path / "controller.log"
    file.touch()
    return file


@pytest.fixture
def well(log: Path) -> Iterator[str]:
    with serving(log, "") as url:
        yield url


def test_a_service_without_fault_is_well(log: Path, well: str) -> None:
    assert wrong(plan_with(well, well), log) == {}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_found_and_nothing_else(log: Path, well: str, fault: str) -> None:
    what, why = FAULTS[fault]
    with serving(log, fault) as url:
        found = wrong(plan_with(url, well), log)
    assert list(found) == [what]
    assert why in found[what]


def test_who_is_away_is_named(log: Path, well: str) -> None:
    found = wrong(plan_with(f"http://127.0.0.1:{free_port()}", well), log)
    assert len(found) == 4
    assert all("does not answer" in why for why in found.values())


def test_a_component_of_ones_own_need_not_speak_as_the_reference_does(log: Path, well: str) -> None:
    with serving(log, "has a form of its own") as url:
        assert wrong(plan_with(url, well, Origin("path", "/", "./components/admin_server")), log) == {}


def shop_with(url: str, *missing: LeftOut) -> Plan:
    known = (*probes.SEARCHES_NEED, *probes.ON_MOTO)
    names = [name for name in known if name not in {each.name for each in missing}]
    there = (program(name, "x", url=url, probe=Probe("http", f"{url}/health")) for name in names)
    return replace(plan_of(*there), left_out=missing)


def test_searches_that_have_all_that_they_need_are_told_so(well: str) -> None:
    assert probes.searches(shop_with(well)).is_well


def test_one_finding_says_what_searches_lack_and_how_to_get_it(well: str) -> None:
    found = probes.searches(shop_with(well, LeftOut("global_worker", "", "left out by `--without`")))
    assert "searches need global_worker, which this stack does not have (left out by `--without`);" in found.wrong
    assert "`hd up global_worker` adds" in found.wrong


def test_a_stack_without_a_shop_is_told_the_profile(well: str) -> None:
    lost = (LeftOut(name, "", "not in profile `core`; it comes with `ecom`") for name in probes.SEARCHES_NEED)
    assert "`hd up --profile ecom` adds" in probes.searches(shop_with(well, *lost)).wrong


def test_searches_that_need_what_is_not_healthy_are_not_tried() -> None:
    found = probes.searches(shop_with(f"http://127.0.0.1:{free_port()}"))
    assert "global_worker, which is not healthy" in found.wrong
    assert "`hd ps admin_server" in found.wrong


def test_on_an_account_nothing_stands_for_it(well: str) -> None:
    lost = LeftOut("moto_events", "", "only runs with AWS `moto`")
    assert not probes.searches(shop_with(well, lost)).is_well
    assert probes.searches(replace(shop_with(well, lost), aws="account")).is_well


def test_the_dashboard_is_asked_as_the_reference_services_are(log: Path, well: str) -> None:
    with serving(log, "forgets the id") as url:
        board = program("dashboard", "x", url=url, origin=Origin("command", "/", "command"))
        assert list(wrong(plan_of(board), log)) == ["returns the request's id"]
