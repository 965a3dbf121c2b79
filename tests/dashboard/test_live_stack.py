"""The dashboard as one service of a real stack, under a real supervisord."""

import http.client
import json
import os
import re
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from hippodrome.control.access import token_of
from hippodrome.plan.model import Probe, Program
from tests.browser import Tab
from tests.control.plans import program
from tests.control.stacks import Stack, close_stack, open_stack
from tests.stack import free_port

MAIN = Path(__file__).parents[2] / "hippodrome" / "dashboard" / "__main__.py"
API = """
import http.server
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers()
print("INFO api: here", flush=True)
http.server.HTTPServer(("127.0.0.1", {port}), Handler).serve_forever()
"""


class Live:
    """A stack of an API and the dashboard."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.port = free_port()
        stack.up(_api(free_port()), self._dashboard())
        stack.eventually(lambda: self.service("api")["state"] == "healthy")

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """The answer's document, or {} when nothing answers."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request(method, path, json.dumps(body), {"Content-Type": "application/json", **self._bearer})
            return json.loads(connection.getresponse().read())
        except OSError:
            return {}
        finally:
            connection.close()

    @property
    def link(self) -> str:
        """What lets a browser in."""
        return f"{self.url}/?token={token_of(self.stack.layout)}"

    @property
    def _bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {token_of(self.stack.layout)}"}

    def service(self, name: str) -> dict[str, Any]:
        services = self.ask("GET", "/api/status").get("services", [])
        return next((each for each in services if each["name"] == name), {"state": "", "pid": None})

    def _dashboard(self) -> Program:
        environment = {"PORT": str(self.port), "RUN_DIR": str(self.stack.layout.run_dir)}
        argv = (sys.executable, "-I", str(MAIN))
        return program("dashboard", argv=argv, environment=environment, ports={"http": self.port})


def _api(port: int) -> Program:
    probe = Probe("http", f"http://127.0.0.1:{port}/")
    return program("api", API.format(port=port), ports={"http": port}, probe=probe)


@pytest.fixture
def live(tmp_path: Path) -> Iterator[Live]:
    stack = open_stack(tmp_path)
    try:
        yield Live(stack)
    finally:
        close_stack(stack)


def test_what_the_buttons_do_is_done_and_shown(live: Live) -> None:
    first = live.service("api")["pid"]
    assert live.ask("POST", "/api/services/api/restart", {"reason": "new key"})["accepted"] == "restart"
    live.stack.eventually(lambda: live.service("api")["state"] == "healthy" and live.service("api")["pid"] != first)
    assert live.service("api")["restart_reason"] == "new key"
    live.stack.eventually(lambda: live.ask("GET", "/api/services/api")["events"][0]["state"] == "healthy")
    live.ask("POST", "/api/services/api/stop", {})
    live.stack.eventually(lambda: live.service("api")["state"] == "stopped")
    live.ask("POST", "/api/services/api/start", {})
    live.stack.eventually(lambda: live.service("api")["state"] == "healthy")


def test_a_crash_is_marked_in_the_log_where_it_happened(live: Live) -> None:
    first = live.service("api")["pid"]
    os.kill(first, signal.SIGKILL)
    live.stack.eventually(lambda: live.service("api")["pid"] not in {None, first})
    live.stack.eventually(lambda: live.stack.log_of("api").count("here") == 2)
    items = live.ask("GET", "/api/logs?services=api")["items"]
    assert [item[2] for item in items if len(item) == 6] == ["INFO api: here"] * 2
    second = max(index for index, item in enumerate(items) if len(item) == 6)
    assert "starting" in [item[2] for item in items[1:second] if len(item) == 5]


def test_it_comes_back_with_the_supervisord_that_the_warden_starts_again(live: Live) -> None:
    before = live.stack.supervisord
    os.kill(before, signal.SIGKILL)
    live.stack.eventually(lambda: live.ask("GET", "/api/status").get("stack", {}).get("pid") not in {None, before})
    live.stack.eventually(lambda: live.service("api")["state"] == "healthy")


@pytest.mark.browser
def test_a_person_restarts_a_service_and_sees_it_happen(live: Live, tab: Tab) -> None:
    page = tab.page
    page.goto(live.link)
    page.goto(f"{live.url}/services/api")
    first = live.service("api")["pid"]
    expect(page.get_by_text(f"pid {first}", exact=True)).to_be_visible()
    page.get_by_role("button", name="Restart").click()
    expect(page.locator(".line.mark").last).to_contain_text(re.compile("asked for on the dashboard"))
    expect(page.locator(".line:not(.mark):not([hidden])")).to_have_count(2)
    expect(page.locator(".facts .status")).to_have_text("healthy")
    expect(page.get_by_text(f"pid {first}", exact=True)).to_be_hidden()
