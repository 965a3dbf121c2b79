"""The dashboard in a real browser: states live, a restart seen, logs filtered, by mouse and by keyboard."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser import OpenTab, Tab
from tests.dashboard.asking import Asked
from tests.dashboard.conftest import PLAN
from tests.logs.writing import Writer

pytestmark = pytest.mark.browser


def service(page: Page, name: str) -> Locator:
    return page.locator(f"tr[data-service={name}]")


def texts(page: Page) -> list[str]:
    return page.locator(".line:not([hidden]) > span").all_inner_texts()


def test_a_restart_is_asked_for_and_seen_to_happen(asked: Asked, tab: Tab) -> None:
    page = tab.page
    page.goto(asked.url)
    expect(page.get_by_text("All 3 services ready")).to_be_visible()
    expect(service(page, "api").locator(".status")).to_have_text("healthy")
    expect(service(page, "api").get_by_role("link", name=":9002")).to_have_attribute("href", "http://127.0.0.1:9002")
    page.get_by_role("button", name="Restart api").click()
    expect(service(page, "api").locator(".restarts")).to_contain_text("asked for on the dashboard")
    assert asked.supervisor.calls == [("restart", "api", "asked for on the dashboard")]


def test_the_block_of_ports_and_the_branch_of_now_are_chips(asked: Asked, tab: Tab, tmp_path: Path) -> None:
    moved = replace(PLAN, project_root=str(tmp_path), port_offset=100)
    asked.layout.plan.write_text(moved.to_json(), encoding="utf-8")
    asked.supervisor.run_plan(moved.digest)
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "HEAD").write_text("ref: refs/heads/topic\n")
    tab.page.goto(asked.url)
    chips = tab.page.get_by_label("Stack").locator("li")
    expect(chips.filter(has_text="ports")).to_have_text("ports+100")
    expect(chips.filter(has_text="branch")).to_have_text("branchtopic")
    (tmp_path / ".git" / "HEAD").write_text("ref: refs/heads/other\n")
    expect(chips.filter(has_text="branch")).to_have_text("branchother")


def test_stopping_what_others_need_is_asked_back(asked: Asked, tab: Tab) -> None:
    page = tab.page
    page.goto(asked.url)
    page.get_by_role("button", name="Stop cell").click()
    expect(page.get_by_role("dialog")).to_contain_text("This also stops api.")
    page.get_by_role("button", name="Cancel").click()
    assert asked.supervisor.calls == []
    page.get_by_role("button", name="Stop cell").click()
    page.get_by_role("button", name="Stop", exact=True).click()
    expect(service(page, "cell").locator(".status")).to_have_text("stopped")
    expect(page.get_by_role("button", name="Start cell")).to_be_visible()


def test_failures_stand_in_the_tab_and_say_why(asked: Asked, tab: Tab) -> None:
    page = tab.page
    page.goto(asked.url)
    expect(page).to_have_title(re.compile("^Services"))
    asked.supervisor.set("api", "failed", cause="daemonised")
    expect(page).to_have_title(re.compile(r"^\(1\) Services"))
    expect(page.locator("link[rel=icon]")).to_have_attribute("href", "/favicon.svg?failures=1")
    expect(page.locator("tr.why")).to_contain_text(["it went into the background"])
    expect(page.get_by_text("Not in this stack")).to_be_visible()
    expect(page.locator(".left-out li")).to_contain_text(["moto"])


def test_while_supervisord_is_gone_the_page_says_so_and_recovers(asked: Asked, tab: Tab) -> None:
    page = tab.page
    page.goto(asked.url)
    expect(page.get_by_text("All 3 services ready")).to_be_visible()
    asked.supervisor.go_away()
    expect(page.locator("#banner")).to_contain_text("supervisord does not answer")
    expect(page.locator("#connection")).to_have_text("Reconnecting")
    expect(service(page, "api")).to_be_visible()
    asked.supervisor.come_back()
    expect(page.locator("#banner")).to_be_hidden()
    expect(page.locator("#connection")).to_have_text("Live")


def test_logs_are_filtered_and_the_address_says_how(asked: Asked, tab: Tab) -> None:
    page = tab.page
    with Writer(asked.layout, "api") as api, Writer(asked.layout, "cell") as cell:
        api.write("INFO api: one\nERROR api: broken\n  more of it\n")
        cell.write("INFO cell: other\n")
        page.goto(f"{asked.url}/logs")
        expect(page.locator(".line:not([hidden])")).to_have_count(4)
        page.get_by_role("button", name="api", exact=True).click()
        expect(page.locator(".line:not([hidden])")).to_have_count(3)
        page.get_by_label("Level").select_option("error")
        expect(page.locator(".line:not([hidden])")).to_have_count(2)
        page.keyboard.press("Escape")
        page.get_by_placeholder("Filter lines").fill("BROKEN")
        expect(page.locator(".line mark")).to_have_text("broken")
        expect(page).to_have_url(f"{asked.url}/logs?services=api&text=BROKEN&level=error")
        api.write("ERROR api: broken again\nINFO api: broken, but well\n")
        expect(page.locator(".line:not([hidden])")).to_have_count(2)
        page.reload()
        expect(page.locator(".line:not([hidden])")).to_have_count(2)
        expect(page.get_by_placeholder("Filter lines")).to_have_value("BROKEN")


def test_paused_lines_wait_and_restarts_are_marked(asked: Asked, tab: Tab) -> None:
    page = tab.page
    with Writer(asked.layout, "api") as api:
        api.write("first\n", at=0)
        page.goto(f"{asked.url}/logs?services=api")
        expect(page.locator(".line:not([hidden])")).to_have_count(1)
        page.keyboard.press("p")
        asked.supervisor.event("api", "starting", reason="file changed: app.py")
        api.write("second\n")
        expect(page.locator(".pill")).to_contain_text("2 new lines")
        assert texts(page) == ["first"]
        page.get_by_role("button", name="Resume").click()
        expect(page.locator(".line.mark")).to_have_text(re.compile("restarted: file changed: app.py"))
        assert texts(page) == ["first", "restarted: file changed: app.py", "second"]


def test_a_million_lines_scroll_with_few_rows_and_earlier_always_loads(asked: Asked, tab: Tab) -> None:
    page = tab.page
    with Writer(asked.layout, "api", part_bytes=4_000_000) as api:
        for block in range(100):
            lines = "".join(f"line {block * 10_000 + number}\n" for number in range(10_000))
            api.write(lines, at=float(block))
    page.goto(f"{asked.url}/logs?services=api")
    expect(page.get_by_text("line 999999", exact=True)).to_be_visible()
    for _ in range(8):
        oldest = _oldest_loaded(page)
        page.evaluate("document.querySelector('.lines').scrollTop = 0")
        page.wait_for_function(
            "before => document.querySelector('.space').clientHeight > before", arg=oldest, timeout=20_000
        )
    assert page.locator(".line").count() < 150
    page.get_by_role("button", name="Newest").click()
    expect(page.get_by_text("line 999999", exact=True)).to_be_visible()


def _oldest_loaded(page: Page) -> int:
    height: int = page.evaluate("document.querySelector('.space').clientHeight")
    return height


@pytest.mark.slow
def test_lines_that_were_let_go_load_again_without_gap_or_repeat(asked: Asked, tab: Tab) -> None:
    page = tab.page
    with Writer(asked.layout, "api") as api, Writer(asked.layout, "cell") as cell:
        cell.write("cell spoke first\n", at=0)
        page.goto(f"{asked.url}/logs?services=api,cell")
        expect(page.get_by_text("cell spoke first")).to_be_visible()
        for block in range(20):
            lines = [f"line {block * 5000 + number}" for number in range(5000)]
            api.write("\n".join(lines) + "\n")
            expect(page.get_by_text(lines[-1], exact=True)).to_be_visible()
    seen = 99_999
    while seen > 0:
        page.evaluate("document.querySelector('.lines').scrollTop = 0")
        page.wait_for_function(
            "seen => parseInt(/line (\\d+)/.exec(document.querySelector('.layer').innerText)?.[1]) < seen", arg=seen
        )
        shown = [int(text.split()[1]) for text in texts(page) if text.startswith("line ")]
        assert shown == list(range(shown[0], shown[0] + len(shown)))
        seen = shown[0]
    page.evaluate("document.querySelector('.lines').scrollTop = 0")
    expect(page.get_by_text("cell spoke first")).to_be_visible()
    page.get_by_role("button", name="Newest").click()
    expect(page.get_by_text("line 99999", exact=True)).to_be_visible()


def test_a_line_opens_whole_by_keyboard(asked: Asked, tab: Tab) -> None:
    page = tab.page
    with Writer(asked.layout, "api") as api:
        api.write('plain\n{"level":"info","msg":"folded"}\n', at=1)
    page.goto(f"{asked.url}/logs?services=api")
    expect(page.locator(".line:not([hidden])")).to_have_count(2)
    page.locator(".lines").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".line-details pre")).to_have_text(re.compile(r'"msg": "folded"'))
    page.keyboard.press("ArrowUp")
    expect(page.locator(".line-details pre")).to_have_text("plain")
    page.keyboard.press("Escape")
    expect(page.locator(".line-details")).to_be_hidden()


def test_what_a_service_writes_is_never_markup(asked: Asked, tab: Tab) -> None:
    page = tab.page
    with Writer(asked.layout, "api") as api:
        api.write("<img src=x onerror=\"document.title='taken'\"> \x1b[31mred\x1b[0m\n", at=1)
    page.goto(f"{asked.url}/logs?services=api&text=img")
    expect(page.locator(".line .ansi-1")).to_have_text("red")
    assert page.locator(".line img").count() == 0


def test_a_services_page_shows_plan_environment_events_and_log(asked: Asked, open_tab: OpenTab) -> None:
    asked.supervisor.event("api", "starting", reason="new key")
    with Writer(asked.layout, "api") as api:
        api.write("from its log\n", at=1)
    page = open_tab(scheme="dark", width=390, height=844).page
    page.goto(asked.url)
    page.get_by_role("link", name="api", exact=True).click()
    expect(page).to_have_url(f"{asked.url}/services/api")
    expect(page.get_by_role("heading", name="api")).to_be_visible()
    expect(page.get_by_text("restarted: new key").first).to_be_visible()
    expect(page.get_by_text("API_TOKEN")).to_be_visible()
    expect(page.get_by_text("from its log")).to_be_visible()
    assert "not-to-be-seen" not in page.content()
    page.go_back()
    expect(page.get_by_text("All 3 services ready")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
