"""The console's dev server: health, proxy, hot reload, its end."""

import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.services.console.conftest import DASHBOARD_URL
from tests.services.console.console import SOURCE, Console, group_lives, running
from tests.services.console.stubs import KEY, Stack
from tests.stack import free_port

TIMEOUT_S = 20


@pytest.fixture
def lonely(console_copy: Path) -> Iterator[Console]:
    """A console whose controller and cell are not there."""
    urls = {name: f"http://localhost:{free_port()}" for name in ("CONTROLLER_URL", "CELL_URL")}
    with running(console_copy, DASHBOARD_URL=DASHBOARD_URL, **urls) as started:
        yield started


def test_it_says_that_it_is_well(console: Console) -> None:
    answer = requests.get(f"{console.url}/health", timeout=TIMEOUT_S)
    assert answer.status_code == 200
    assert answer.json() == {"status": "ok", "service": "console", "version": "0.1.0"}


@pytest.mark.parametrize("path", ["/", "/indexes/products?view=add"])
def test_every_page_is_the_same_document(console: Console, path: str) -> None:
    page = requests.get(console.url + path, headers={"Accept": "text/html"}, timeout=TIMEOUT_S)
    assert page.status_code == 200
    assert '<div id="root">' in page.text
    assert f'<meta name="dashboard-url" content="{DASHBOARD_URL}">' in page.text


def test_a_request_reaches_the_service_that_its_path_names(console: Console, stack: Stack) -> None:
    key = {"x-api-key": KEY}
    created = requests.post(
        f"{console.url}/api/controller/api/v2/indexes/shoes", json={"model": "m"}, headers=key, timeout=TIMEOUT_S
    )
    counted = requests.get(f"{console.url}/api/cell/indexes/shoes/stats", headers=key, timeout=TIMEOUT_S)
    assert created.json() == {"acknowledged": True, "index": "shoes"}
    assert counted.json()["numberOfDocuments"] == 0
    assert [request.path for request in stack.seen] == ["/api/v2/indexes/shoes", "/indexes/shoes/stats"]


def test_an_error_of_a_service_comes_through_as_it_is(console: Console, stack: Stack) -> None:
    answer = requests.get(f"{console.url}/api/cell/indexes/none/stats", headers={"x-api-key": KEY}, timeout=TIMEOUT_S)
    assert answer.status_code == 404
    assert answer.json()["code"] == "index_not_found"


@pytest.mark.parametrize("sent", ["abc-1", None])
def test_a_request_id_is_passed_on_or_made(console: Console, stack: Stack, sent: str | None) -> None:
    headers = {"x-api-key": KEY, "traceparent": "00-1-2-01", **({"x-request-id": sent} if sent else {})}
    answer = requests.get(f"{console.url}/api/controller/api/v2/indexes", headers=headers, timeout=TIMEOUT_S)
    [request] = stack.seen
    assert answer.headers["x-request-id"] == request.headers["x-request-id"]
    assert request.headers["x-request-id"] == sent or re.fullmatch(r"[0-9a-f-]{36}", request.headers["x-request-id"])
    assert request.headers["traceparent"] == "00-1-2-01"


@pytest.mark.parametrize("service", ["controller", "cell"])
def test_a_service_that_is_away_is_named_in_json(lonely: Console, service: str) -> None:
    answer = requests.get(f"{lonely.url}/api/{service}/indexes", timeout=TIMEOUT_S)
    body = answer.json()
    assert answer.status_code == 502
    assert re.fullmatch(rf"The {service} does not answer on http://localhost:\d+\.", body["message"])
    assert (body["code"], body["type"], body["link"]) == (f"{service}_unreachable", "internal", DASHBOARD_URL)
    assert answer.headers["x-request-id"]


def test_a_service_that_stays_away_is_logged_once(lonely: Console) -> None:
    for _ in range(3):
        requests.get(f"{lonely.url}/api/cell/indexes", timeout=TIMEOUT_S)
    assert lonely.log.read_text().count("WARNING console: The cell does not answer on") == 1


def test_a_page_of_another_site_cannot_call_the_api(console: Console, stack: Stack) -> None:
    headers = {"Origin": "http://elsewhere.example", "x-api-key": KEY}
    answer = requests.post(
        f"{console.url}/api/cell/indexes/a/documents", data="[]", headers=headers, timeout=TIMEOUT_S
    )
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    assert stack.seen == []


def test_a_foreign_host_name_is_refused(console: Console) -> None:
    answer = requests.get(f"{console.url}/health", headers={"Host": "elsewhere.example"}, timeout=TIMEOUT_S)
    assert answer.status_code == 403


def test_an_edited_source_is_served_anew(console: Console) -> None:
    source = console.root / "src" / "pages" / "UnknownPage.tsx"
    url = f"{console.url}/src/pages/UnknownPage.tsx"
    assert "No such page" in requests.get(url, timeout=TIMEOUT_S).text
    source.write_text(source.read_text().replace("No such page", "Nowhere to be found"))
    deadline = time.monotonic() + TIMEOUT_S
    while "Nowhere to be found" not in requests.get(url, timeout=TIMEOUT_S).text:
        assert time.monotonic() < deadline, "the edit never came through"
        time.sleep(0.05)


def test_sigterm_ends_it_and_leaves_no_process(lonely: Console) -> None:
    lonely.process.send_signal(signal.SIGTERM)
    lonely.process.wait(TIMEOUT_S)
    assert not group_lives(lonely.process.pid)


def test_a_taken_port_ends_it_with_the_reason(console: Console) -> None:
    port = console.url.rpartition(":")[2]
    said = said_at_the_end(console.root, PORT=port)
    assert f"Port {port} is already in use" in said


@pytest.mark.parametrize(("name", "value"), [("PORT", "many"), ("CELL_URL", "localhost:9001")])
def test_a_wrong_setting_is_named(console_copy: Path, name: str, value: str) -> None:
    said = said_at_the_end(console_copy, **{name: value})
    assert f"{name} must be" in said
    assert f'not "{value}"' in said


def said_at_the_end(root: Path, **environment: str) -> str:
    """What a console that cannot start prints."""
    ended = subprocess.run(
        ["node", "node_modules/vite/bin/vite.js"],
        cwd=root,
        env={"PATH": os.environ["PATH"], **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ended.returncode != 0
    return ended.stdout + ended.stderr


def test_the_lock_names_no_host() -> None:
    assert "://" not in (SOURCE / "package-lock.json").read_text()


def test_the_types_fit(console_copy: Path) -> None:
    command = ["node", "node_modules/typescript/bin/tsc", "--noEmit"]
    done = subprocess.run(command, cwd=console_copy, capture_output=True, text=True, timeout=100)
    assert done.returncode == 0, done.stdout
