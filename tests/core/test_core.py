"""What a newcomer does first: the core profile in a browser, on the command line, and in an editor."""

import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest
import requests
from playwright.sync_api import expect

from hippodrome.wait import Deadline, until
from tests.browser import Tab, open_for_edits
from tests.cli.terminal import read_all
from tests.core.conftest import PATIENCE_S, SERVICES, Core


def test_every_service_answers_where_the_list_says(core: Core) -> None:
    statuses = core.statuses()
    for name in SERVICES:
        assert statuses[name]["state"] == "healthy"
        assert core.ask(name, "/health").ok


def test_an_index_made_by_the_control_plane_is_in_the_data_plane(core: Core) -> None:
    made = core.ask("controller", "/api/v2/indexes/by-api", "POST", json={})
    assert made.ok, made.text
    assert "by-api" in core.ask("fake_cell", "/indexes").text
    assert core.ask("controller", "/api/v2/indexes/by-api", "DELETE").ok
    assert "by-api" not in core.ask("fake_cell", "/indexes").text


@pytest.mark.browser
def test_an_index_is_made_and_found_in_the_console_and_a_restart_is_seen(core: Core, tab: Tab) -> None:
    page = tab.page
    page.goto(core.url("console"))
    page.get_by_role("button", name="Create a sample index with six products").click()
    expect(page.get_by_role("listitem").first).to_contain_text("rain jacket")
    page.goto(core.url("console"))
    made = page.get_by_role("main").get_by_role("link").first.inner_text()
    assert made in core.ask("fake_cell", "/indexes").text

    before = core.statuses()["fake_cell"]["pid"]
    page.goto(core.url("dashboard", f"/?token={core.token}"))
    row = page.locator("tr[data-service=fake_cell]")
    expect(row.locator(".status")).to_have_text("healthy")
    page.get_by_role("button", name="Restart fake_cell").click()
    expect(row.locator(".restarts")).to_contain_text("asked for on the dashboard")
    expect(row.locator(".status")).to_have_text("healthy")
    after = core.statuses()["fake_cell"]
    assert after["pid"] != before
    assert made in core.ask("fake_cell", "/indexes").text  # data outlives a restart
    assert core.ask("controller", f"/api/v2/indexes/{made}", "DELETE").ok


def test_the_link_lets_in_and_the_browsers_command_line_has_only_a_ticket(core: Core, tmp_path: Path) -> None:
    link = core.hd("open", "--print").stdout.strip()
    assert link == core.url("dashboard", f"/?token={core.token}")
    assert core.hd("open", "--token").stdout.strip() == core.token
    assert core.hd("open", "console", "--print").stdout.strip() == core.url("console")
    assert requests.get(core.url("dashboard", "/api/logs"), timeout=PATIENCE_S).status_code == 401
    with requests.Session() as browser:
        assert browser.get(link, timeout=PATIENCE_S).url == core.url("dashboard", "/")
        assert browser.get(core.url("dashboard", "/api/logs"), timeout=PATIENCE_S).ok

    opened = tmp_path / "opened"
    script = tmp_path / "browser"
    script.write_text(f'#!/bin/sh\nprintf %s "$1" > {opened}\n')
    script.chmod(0o700)
    core.variables["BROWSER"] = f"{script} %s"
    try:
        said = core.hd("open").stdout
    finally:
        del core.variables["BROWSER"]
    assert said.strip() == core.url("dashboard")
    ticket = opened.read_text()
    assert core.token not in ticket
    with requests.Session() as browser:
        assert browser.get(ticket, timeout=PATIENCE_S).ok
    assert requests.get(ticket, timeout=PATIENCE_S).status_code == 401, "it works once"


def test_the_token_is_told_to_a_terminal_and_to_who_asks_for_it_alone(core: Core) -> None:
    plain = core.hd("up", "-d")
    assert core.token not in plain.stdout + plain.stderr
    ready = json.loads(core.hd("up", "-d", "--json").stdout.splitlines()[-1])
    assert ready["urls"]["dashboard"] == core.url("dashboard")
    assert ready["open_url"] == core.url("dashboard", f"/?token={core.token}")
    assert core.token in on_a_terminal(core, "up", "-d")
    assert core.token not in core.hd("ps", "--json").stdout + core.hd("logs", "dashboard").stdout


def on_a_terminal(core: Core, *arguments: str) -> str:
    """What `hd` shows there, at its end."""
    ours, its = pty.openpty()
    command = [sys.executable, "-I", str(core.folder / "hippodrome" / "cli" / "__main__.py"), *arguments]
    with subprocess.Popen(command, cwd=core.folder, env=core.environ, stdin=its, stdout=its, stderr=its) as child:
        os.close(its)
        shown = read_all(ours)
        assert child.wait(PATIENCE_S) == 0
    return shown


def test_a_second_up_changes_nothing(core: Core) -> None:
    before = {name: status["pid"] for name, status in core.statuses().items()}
    again = core.hd("up", "-d")
    assert again.returncode == 0, again.stderr
    assert {name: status["pid"] for name, status in core.statuses().items()} == before


RELOADS = [
    (
        "fake_cell",
        "/",
        "hippodrome/services/fake_cell/cell.py",
        'VERSION = "2.26.0"',
        'VERSION = "2.26.99"',
        "2.26.99",
    ),
    (
        "controller",
        "/health",
        "hippodrome/services/controller/indexes/health.py",
        '"ok"',
        '"fine"',
        "fine",
    ),
    ("dashboard", "/health", "hippodrome/dashboard/status.py", '"ok"', '"fine"', "fine"),
]


@pytest.mark.parametrize(
    ("service", "path", "file", "old", "new", "wanted"),
    [pytest.param(*each, id=each[0], marks=pytest.mark.slow if each[0] == "dashboard" else ()) for each in RELOADS],
)
def test_a_saved_source_file_is_what_answers(
    core: Core, service: str, path: str, file: str, old: str, new: str, wanted: str
) -> None:
    before = core.statuses()[service]["pid"]
    core.edit(file, old, new)
    try:
        assert core.answers_with(service, path, wanted)
        assert core.hd("wait", service).returncode == 0
        after = core.statuses()[service]
        assert after["pid"] != before
        assert "file" in after["restart_reason"]
    finally:
        core.edit(file, new, old)
        until(lambda: core.statuses()[service]["pid"] != after["pid"], Deadline(PATIENCE_S))
        core.hd("wait")


@pytest.mark.browser
def test_the_console_shows_an_edit_without_loading_the_page_again(core: Core, tab: Tab) -> None:
    page, file = tab.page, "hippodrome/services/console/src/pages/indexes/IndexesPage.tsx"
    open_for_edits(tab, core.url("console"))
    page.evaluate("window.isTheSamePage = true")
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_have_text("Indexes")
    core.edit(file, "<h1>Indexes</h1>", "<h1>Edited</h1>")
    try:
        expect(heading).to_have_text("Edited")
        assert page.evaluate("window.isTheSamePage")
    finally:
        page.wait_for_timeout(100)  # Vite's watcher passes over a change within 50 ms of the one before
        core.edit(file, "<h1>Edited</h1>", "<h1>Indexes</h1>")
        expect(heading).to_have_text("Indexes")


def test_logs_of_all_services_come_in_the_order_in_which_they_were_written(core: Core) -> None:
    told = [json.loads(line) for line in core.hd("logs", "--json", "-n", "500").stdout.splitlines()]
    assert {each["program"] for each in told} >= {"fake_cell", "controller", "console"}
    times = [each["at"] for each in told if each["at"] is not None]
    assert times == sorted(times)
    assert not [each for each in told if re.search("hippodrome-probe", each["text"])]


@pytest.mark.slow
def test_a_second_stack_of_the_same_checkout_runs_beside_the_first_and_speaks_to_its_own(core: Core) -> None:
    before = core.statuses()
    try:
        done = core.hd("up", "-d", "--name", "second", "--timeout", str(PATIENCE_S))
        assert done.returncode == 0, done.stdout + done.stderr
        told = json.loads(core.hd("ps", "--json", "--name", "second").stdout)
        ports = {each["name"]: each["ports"]["main"] for each in told["services"] if each["ports"]}
        assert not set(ports.values()) & set(core.ports.values())
        controller = json.loads(core.hd("env", "controller", "--json", "--name", "second").stdout)
        assert controller["CONTROL_PLANE_URL_OVERRIDE"] == f"http://127.0.0.1:{ports['fake_cell']}"
        console = core.hd("env", "console", "--name", "second").stdout
        assert f"CONTROLLER_URL=http://127.0.0.1:{ports['controller']}\n" in console
        for name in SERVICES:
            assert requests.get(f"http://localhost:{ports[name]}/health", timeout=PATIENCE_S).ok
    finally:
        core.hd("down", "--now", "--name", "second")
    after = core.statuses()
    assert {name: each["pid"] for name, each in after.items()} == {name: each["pid"] for name, each in before.items()}
