"""The page of start-up times, and the card that says why, in the API and in a real browser."""

import time

import pytest
from playwright.sync_api import expect

from hippodrome.diagnose.timings import Run, Step, keep
from tests.browser import Tab
from tests.dashboard.asking import Asked
from tests.logs.writing import Writer


def run(at: float, npm_s: float) -> Run:
    steps = (
        Step("compile", "compile", (), 0.0, 0.2, is_critical=True),
        Step("npm ci (console)", "set-up", ("console",), 0.2, 0.2 + npm_s, is_critical=True),
        Step("cell: spawn", "spawn", ("cell",), 0.2 + npm_s, 0.21 + npm_s),
    )
    return Run(at, 0.21 + npm_s, "core", is_well=True, is_first=True, steps=steps)


def test_runs_come_newest_first_with_what_differs_from_the_one_before(asked: Asked) -> None:
    assert asked.get("/api/timings").json == {"runs": []}
    keep(asked.layout, run(1000.0, 1.0))
    keep(asked.layout, run(2000.0, 4.1))
    newest, oldest = asked.get("/api/timings").json["runs"]
    assert (newest["began_at"], oldest["began_at"]) == (2000.0, 1000.0)
    assert [(each["name"], round(each["seconds"], 1)) for each in newest["differences"]] == [
        ("npm ci (console)", 3.1)
    ]
    assert oldest["differences"] is None


@pytest.mark.browser
def test_the_waterfall_is_drawn_and_another_run_can_be_chosen(asked: Asked, tab: Tab) -> None:
    keep(asked.layout, run(1000.0, 1.0))
    keep(asked.layout, run(2000.0, 4.1))
    page = tab.page
    page.goto(asked.url)
    page.get_by_role("link", name="Start-up").click()
    expect(page.get_by_role("heading", name="Start-up")).to_be_visible()
    expect(page.get_by_text("core in 4.31 s", exact=True)).to_be_visible()
    expect(page.locator(".waterfall tbody tr")).to_have_count(3)
    expect(page.locator("tr[data-step='npm ci (console)']")).to_contain_text("4.10 s")
    expect(page.locator("tr.critical")).to_have_count(2)
    expect(page.locator(".slower")).to_have_text("+3.10 s npm ci (console)")
    widths = page.eval_on_selector_all(".bar rect", "all => all.map(each => each.getBoundingClientRect().width)")
    assert widths[1] > 10 * widths[0] > 0
    page.get_by_label("Start of").select_option("1")
    expect(page.get_by_text("core in 1.21 s", exact=True)).to_be_visible()
    expect(page.locator(".differences")).to_have_count(0)


@pytest.mark.browser
def test_before_any_start_the_page_says_how_there_will_be_one(asked: Asked, tab: Tab) -> None:
    tab.page.goto(f"{asked.url}/timings")
    expect(tab.page.get_by_text("hd up records every one")).to_be_visible()


@pytest.mark.browser
def test_a_services_page_says_all_that_hd_why_says(asked: Asked, tab: Tab) -> None:
    asked.supervisor.event("api", "healthy")
    asked.supervisor.event("api", "starting", reason="file changed: app.py")
    asked.supervisor.event("api", "failed", cause="crashed")
    asked.supervisor.set("api", "failed", cause="crashed")
    with Writer(asked.layout, "api") as api:
        api.write("ERROR api: no key\n", at=time.time())
        page = tab.page
        page.goto(f"{asked.url}/services/api")
        card = page.locator(".why-card")
        expect(card).to_contain_text("ERROR api: no key")
        expect(card).to_contain_text("9002 (http): ")
        expect(card).to_contain_text("✓ cell healthy; it is healthy")
        expect(card).to_contain_text("Since it was well")
        expect(card).to_contain_text("restarted: file changed: app.py")
        expect(card).to_contain_text("hd logs api -n 50")


def test_the_api_says_why_of_a_service_that_is_well_too(asked: Asked) -> None:
    told = asked.get("/api/services/cell").json["why"]
    assert (told["service"], told["state"], told["next"]) == (
        "cell",
        "healthy",
        "`hd logs -f cell` shows what it does.",
    )
