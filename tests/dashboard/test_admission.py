"""Who is let in: the token's holder; everybody else learns whether all is well, and how to get in."""

import http.server
import os
import re
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import expect

from hippodrome.control.access import link, read_token, token_of
from hippodrome.dashboard import admission
from hippodrome.dashboard.app import create_app
from hippodrome.dashboard.board import Board
from hippodrome.dashboard.status import API
from hippodrome.errors import UserError
from hippodrome.wait import Deadline, until
from tests.browser import OpenTab
from tests.dashboard.asking import Answer, Asked
from tests.dashboard.conftest import PLAN
from tests.events.receiving import event
from tests.logs.writing import layout_in

NONE = {"Authorization": ""}
STOP = "/api/services/api/stop"
OPEN = {"/health", "/openapi.json", "/api/status", "/webhook/eventbridge"}
SHUT = [
    (method, path.replace("NAME", "api").replace("ID", "x"))
    for method, _, path in (call.partition(" ") for call in API)
    if path not in OPEN
]


def cookie_of(answer: Answer) -> str:
    return answer.headers["Set-Cookie"].partition(";")[0]


@pytest.mark.parametrize("said", ["", "Bearer wrong", "Bearer ", "Basic dG9rZW46", "Bearer \xfc"])
def test_without_the_token_nothing_is_read_or_changed(asked: Asked, said: str) -> None:
    for method, path in SHUT:
        headers = {"Authorization": said, "Content_Type": "application/json"}
        answer = asked.ask(method, path, headers, "{}" if method == "POST" else None)
        assert (answer.status, answer.json["code"]) == (401, "no-token"), path
        assert answer.headers["Www-Authenticate"].startswith("Bearer")
    assert asked.supervisor.calls == []


@pytest.mark.parametrize(
    "path", ["/health", "/api", "/openapi.json", "/api/status", "/favicon.svg", "/static/app.js"]
)
def test_reads_for_health_stay_open(asked: Asked, path: str) -> None:
    assert asked.get(path, **NONE).status == 200


def test_everybody_may_know_whether_all_is_well_and_with_which_data(asked: Asked) -> None:
    answer = asked.get("/api/status", **NONE)
    assert answer.json == {
        "sees": "health",
        "stack": {"profile": "core", "cell": "local", "is_stopping": False},
        "failures": 0,
        "services": [
            {"name": "cell", "state": "healthy", "is_failure": False},
            {"name": "api", "state": "healthy", "is_failure": False},
            {"name": "worker", "state": "running", "is_failure": False},
        ],
    }


@pytest.mark.parametrize("path", ["/", "/logs?text=x", "/services/api", "/events/1"])
def test_a_page_without_the_token_says_how_to_get_in(asked: Asked, path: str) -> None:
    answer = asked.get(path, **NONE)
    assert (answer.status, answer.headers["Cache-Control"]) == (401, "no-store")
    assert b"hd open" in answer.body and b"app.js" not in answer.body


def test_the_link_sets_a_cookie_that_no_script_reads_and_goes_to_the_clean_address(asked: Asked) -> None:
    token = token_of(asked.layout)
    answer = asked.get(f"/logs?services=api&token={token}&text=a%26b", **NONE)
    assert (answer.status, answer.headers["Location"]) == (303, "/logs?services=api&text=a%26b")
    assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= set(answer.headers["Set-Cookie"].split("; "))
    cookie = cookie_of(answer)
    assert asked.get("/api/logs", Cookie=cookie, **NONE).status == 200
    assert asked.post(STOP, {}, Cookie=cookie, **NONE).status == 202


@pytest.mark.parametrize("said", ["", "wrong", "%00", "%FF"])
def test_a_link_with_another_token_lets_nobody_in(asked: Asked, said: str) -> None:
    answer = asked.get(f"/?token={said}", **NONE)
    assert answer.status == 401 and "Set-Cookie" not in answer.headers
    assert asked.get(f"/?token={said}").status == 401, "not even who has the right one otherwise"


@pytest.mark.parametrize(
    "headers", [{"Origin": "http://localhost:9008"}, {"Sec_Fetch_Site": "same-site"}, {"Host": "evil.example"}]
)
def test_a_cookie_that_a_foreign_page_rides_on_changes_nothing(asked: Asked, headers: dict[str, str]) -> None:
    cookie = cookie_of(asked.get(asked.link.removeprefix(asked.url), **NONE))
    assert asked.post(STOP, {}, Cookie=cookie, **NONE, **headers).status == 403
    assert asked.supervisor.calls == []


def test_where_a_foreign_link_leads_here_the_page_asks_again_with_its_cookie(asked: Asked) -> None:
    """Browsers keep a strict cookie back on the way from another site."""
    answer = asked.get("/logs", Sec_Fetch_Site="cross-site", Sec_Fetch_Mode="navigate", **NONE)
    assert answer.status == 200 and b'http-equiv="refresh"' in answer.body and b"script" not in answer.body
    assert asked.get("/logs", Sec_Fetch_Site="same-origin", Sec_Fetch_Mode="navigate", **NONE).status == 401


def test_a_ticket_lets_one_browser_in_once_and_soon(asked: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    made = asked.post("/api/ticket", {})
    ticket = made.json["ticket"]
    assert made.status == 201 and ticket not in asked.link
    assert asked.get("/api/logs", Authorization=f"Bearer {ticket}").status == 401
    assert asked.get(f"/?token={ticket}", **NONE).status == 303
    assert asked.get(f"/?token={ticket}", **NONE).status == 401
    monkeypatch.setattr(admission, "TICKET_S", 0.0)
    late = asked.post("/api/ticket", {}).json["ticket"]
    assert asked.get(f"/?token={late}", **NONE).status == 401


def test_events_come_in_without_a_token_from_this_machine_alone(asked: Asked, board: Board) -> None:
    assert asked.post("/webhook/eventbridge", event("shop"), **NONE).status == 200
    client = create_app(board).test_client()
    here = dict.fromkeys(("127.0.0.1", "::1", "::ffff:127.0.0.1"), 200)
    for address, status in (here | dict.fromkeys(("192.0.2.7", ""), 401)).items():
        answer = client.post("/webhook/eventbridge", json=event("shop"), environ_base={"REMOTE_ADDR": address})
        assert answer.status_code == status, address


def test_a_stack_that_is_configured_open_shows_all_and_changes_nothing(asked: Asked) -> None:
    opened = replace(PLAN, public="read")
    asked.layout.plan.write_text(opened.to_json(), encoding="utf-8")
    asked.supervisor.run_plan(opened.digest)
    assert until(lambda: asked.get("/api/logs", **NONE).status == 200, Deadline(20))
    assert asked.get("/api/services/api", **NONE).status == 200
    assert asked.get("/api/status", **NONE).json["sees"] == "all"
    assert b"app.js" in asked.get("/", **NONE).body
    assert asked.post(STOP, {}, **NONE).status == 401
    assert asked.supervisor.calls == []


def test_the_token_is_made_once_for_its_user_alone(tmp_path: Path) -> None:
    layout = layout_in(tmp_path)
    assert read_token(layout) is None
    made: list[str] = []
    threads = [threading.Thread(target=lambda: made.append(token_of(layout))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(made)) == 1 and len(made) == 8
    assert layout.token.stat().st_mode & 0o777 == 0o600
    assert re.fullmatch(r"[\w-]{22}", made[0])
    assert [path.name for path in layout.run_dir.iterdir()] == ["token"]
    assert link(None, made[0]) == ""


def test_a_token_that_others_could_have_put_there_is_refused(tmp_path: Path) -> None:
    layout = layout_in(tmp_path)
    theirs = tmp_path / "theirs"
    theirs.write_text("known-to-all")
    theirs.chmod(0o600)
    layout.token.symlink_to(theirs)
    with pytest.raises(UserError, match="unsafe-token"):
        token_of(layout)
    layout.token.unlink()
    token_of(layout)
    layout.token.chmod(0o644)
    with pytest.raises(UserError, match="unsafe-token"):
        token_of(layout)
    layout.token.chmod(0o600)
    if os.getuid() == 0:
        os.chown(layout.token, 65534, -1)
        with pytest.raises(UserError, match="unsafe-token"):
            token_of(layout)


ATTACK = """<!doctype html><title>evil</title><script>
const at = "http://localhost:%d";
const tries = [
  fetch(at + "/api/services/api/stop", {method: "POST", mode: "no-cors", credentials: "include", body: "{}"}),
  fetch(at + "/api/services/api/stop", {method: "POST", credentials: "include", body: "{}",
    headers: {"Content-Type": "application/json"}}),
  fetch(at + "/api/logs", {credentials: "include"}).then((answer) => answer.text()).then((text) => { throw text; }),
];
Promise.allSettled(tries).then((ends) => { document.title = ends.map((end) => end.status).join(" "); });
</script>"""


@pytest.mark.browser
@pytest.mark.parametrize("name", ["127.0.0.1", "localhost"])  # another site, and another port of the same
def test_a_page_of_somebody_else_gets_nothing_out_of_a_browser_that_is_in(
    asked: Asked, open_tab: OpenTab, name: str
) -> None:
    page_of_theirs = (ATTACK % asked.port).encode()

    class Theirs(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(page_of_theirs)

        def log_message(self, *_: object) -> None: ...

    tab = open_tab()
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Theirs) as server:
        threading.Thread(target=server.serve_forever, args=[0.01], daemon=True).start()
        tab.page.goto(f"http://{name}:{server.server_port}/")
        expect(tab.page).to_have_title("rejected rejected rejected")
        server.shutdown()
    assert asked.supervisor.calls == []
    tab.complaints.clear()


@pytest.mark.browser
def test_a_newcomers_click_on_the_link_works_and_the_token_leaves_the_address(
    asked: Asked, open_tab: OpenTab
) -> None:
    tab = open_tab()
    page = tab.page
    page.context.clear_cookies()
    page.goto(asked.url)
    tab.complaints.clear()  # that it was refused
    expect(page.get_by_role("heading")).to_have_text("This browser has no key yet")
    page.goto(asked.link)
    expect(page.get_by_text("All 3 services ready")).to_be_visible()
    expect(page).to_have_url(f"{asked.url}/")
    assert page.evaluate("document.cookie") == ""


@pytest.mark.browser
def test_a_link_on_another_site_leads_in_all_the_same(asked: Asked, open_tab: OpenTab) -> None:
    tab = open_tab()
    page = tab.page
    page.context.clear_cookies()
    page.goto(f"http://127.0.0.1:{asked.port}/")  # to the browser another site
    tab.complaints.clear()
    page.evaluate(f"location.href = {asked.link!r}")
    expect(page.get_by_text("All 3 services ready")).to_be_visible()


@pytest.mark.browser
def test_a_page_whose_token_is_no_longer_good_says_how_to_get_in(asked: Asked, open_tab: OpenTab) -> None:
    tab = open_tab()
    tab.page.goto(asked.url)
    expect(tab.page.get_by_text("All 3 services ready")).to_be_visible()
    tab.page.context.clear_cookies()
    tab.page.evaluate("fetch('/api/logs')")
    tab.page.get_by_role("link", name="Logs", exact=True).click()
    expect(tab.page.get_by_role("heading")).to_have_text("This browser has no key yet")
    tab.complaints.clear()
