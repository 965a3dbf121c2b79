"""The Events page in a real browser: what comes is seen live, understood, delivered again, and sent changed."""

import json
import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from hippodrome.dashboard.board import Board
from hippodrome.events.manner import Manner
from tests.browser import OpenTab, Tab
from tests.dashboard.asking import Asked
from tests.events.receiving import Service, event

pytestmark = pytest.mark.browser

MARKUP = "<img src=x onerror=\"document.title='taken'\">"


def send(board: Board, key: str = "shop", images: dict[str, Any] | None = None, **more: Any) -> None:
    body = event(key, **more)
    body["detail"].update(images or {})
    board.relay.accept(json.dumps(body).encode(), Manner())


def send_dead(board: Board, exporter: Service, key: str, **more: Any) -> None:
    exporter.status = 404
    send(board, key, **more)
    exporter.status = 200


def take_out(tab: Tab, complaint: str) -> None:
    tab.complaints[:] = [each for each in tab.complaints if complaint not in each]


def rows(page: Page) -> Locator:
    return page.locator("a.event")


def item(**attributes: Any) -> dict[str, Any]:
    return {"pk": {"S": "INDEX#shop"}, "sk": {"S": "SETTINGS"}, **attributes}


def nested(facet: str) -> dict[str, Any]:
    return {"M": {"facets": {"L": [{"S": facet}]}, "rows": {"N": "3"}}}


def test_what_comes_is_seen_without_loading_the_page_again(
    asked: Asked, board: Board, exporter: Service, tab: Tab
) -> None:
    page = tab.page
    page.goto(asked.url)
    page.get_by_role("link", name="Events", exact=True).click()
    expect(page.get_by_text("No event has come yet.")).to_be_visible()
    expect(page.locator(".event-side code")).to_contain_text("hd events send EcomIndexSettings.MODIFY")
    send(board, "first", id="e1")
    expect(rows(page)).to_have_count(1)
    expect(rows(page)).to_contain_text(f"ecom_settings_exporter:{exporter.port}")
    expect(rows(page).get_by_label("delivered")).to_be_visible()
    exporter.status = 500
    send(board, "second", id="e2")
    expect(rows(page).first.get_by_label("queued")).to_be_visible()
    exporter.status = 200
    expect(rows(page).first.get_by_label("delivered")).to_be_visible()
    send(board, "first", id="e1")
    expect(rows(page).last).to_contain_text("×2")
    expect(page.get_by_text("1 repeat came and was not delivered again.")).to_be_visible()


def test_where_one_reads_stays_while_others_come(asked: Asked, board: Board, exporter: Service, tab: Tab) -> None:
    page = tab.page
    for number in range(230):
        send(board, f"k{number}", id=f"e{number}", detail_type="Unknown.MODIFY")
    page.goto(f"{asked.url}/events")
    expect(rows(page)).to_have_count(100)
    # by the keyboard, as the way of a pointer there loads them already, and then the button may be gone
    page.get_by_role("button", name="Earlier events").press("Enter")
    expect(rows(page).nth(199)).to_be_attached()
    rows(page).last.scroll_into_view_if_needed()
    expect(rows(page)).to_have_count(230)
    read = page.locator('a.event[href="/events/e100"]')
    read.scroll_into_view_if_needed()
    read.focus()
    stood = read.bounding_box()
    send(board, "new", id="new")
    expect(page.locator(".pill")).to_contain_text("1 new event")
    stands = read.bounding_box()
    assert stood and stands and abs(stands["y"] - stood["y"]) < 1
    expect(read).to_be_focused()
    page.locator(".pill").click()
    expect(rows(page).first).to_be_in_viewport()
    expect(page.locator(".pill")).to_be_hidden()


def test_a_tab_that_was_out_of_sight_catches_up(asked: Asked, board: Board, exporter: Service, tab: Tab) -> None:
    page = tab.page
    page.clock.install()
    send(board, "one", id="e1")
    page.goto(f"{asked.url}/events/e1")
    expect(rows(page)).to_have_count(1)
    _turn_to(page, is_hidden=True)
    page.clock.fast_forward(60_000)
    send(board, "two", id="e2")
    board.relay.replay(1)
    _turn_to(page, is_hidden=False)
    expect(rows(page)).to_have_count(2)
    expect(page.locator(".attempts tbody tr")).to_have_count(2)


def _turn_to(page: Page, *, is_hidden: bool) -> None:
    script = """isHidden => {
        Object.defineProperty(document, "hidden", { configurable: true, get: () => isHidden });
        document.dispatchEvent(new Event("visibilitychange"));
    }"""
    page.evaluate(script, is_hidden)


def test_states_and_text_choose_and_the_address_says_so(
    asked: Asked, board: Board, exporter: Service, tab: Tab
) -> None:
    page = tab.page
    send(board, "one")
    send(board, "two", detail_type="Unknown.MODIFY")
    send_dead(board, exporter, "three")
    page.goto(f"{asked.url}/events")
    expect(rows(page)).to_have_count(3)
    states = page.get_by_role("group", name="State")
    expect(states.get_by_role("button")).to_have_text(["All3", "delivered1", "queued0", "dead1", "ignored1"])
    states.get_by_role("button", name="ignored").click()
    expect(rows(page)).to_have_count(1)
    expect(rows(page)).to_contain_text("no service takes it")
    states.get_by_role("button", name="All").click()
    page.keyboard.press("/")
    page.keyboard.type("index#THREE")
    expect(rows(page)).to_have_count(1)
    expect(page).to_have_url(f"{asked.url}/events?text=index%23THREE")
    send(board, "four")
    send(board, "three", id="again")
    expect(rows(page)).to_have_count(2)
    page.reload()
    expect(rows(page)).to_have_count(2)
    page.get_by_label("Filter events").fill("nothing is like this")
    expect(page.get_by_text("No event is like that.")).to_be_visible()
    page.get_by_role("button", name="Show all events").click()
    expect(rows(page)).to_have_count(5)


def test_one_event_says_where_it_went_what_changed_and_why(
    asked: Asked, board: Board, exporter: Service, tab: Tab
) -> None:
    page = tab.page
    old = item(hits={"N": "24"}, live={"BOOL": True}, search=nested("brand"))
    new = item(hits={"S": "24"}, search=nested("colour"))
    send(board, id="e1", images={"oldImage": old, "newImage": new})
    page.goto(f"{asked.url}/events")
    expect(rows(page)).to_have_count(1)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{asked.url}/events/e1")
    detail = page.get_by_role("region", name="EcomIndexSettings.MODIFY")
    expect(detail.get_by_role("link", name="ecom_settings_exporter")).to_have_attribute(
        "href", "/services/ecom_settings_exporter"
    )
    expect(detail.get_by_label("Response")).to_contain_text('"key": "settings:x"')
    expect(detail.locator(".attempts tbody tr")).to_have_count(1)
    changed = detail.get_by_role("table", name="What changed").locator("tbody tr")
    expect(changed).to_have_text(["hits24 (number)24 (text)", "livetrue–", "search.facets[0]brandcolour"])
    expect(detail.locator("summary")).to_have_text("3 attributes as before")
    clauses = detail.locator(".clause")
    expect(clauses.first).to_contain_text('[{"prefix":"EcomIndexSettings."}], and is "EcomIndexSettings.MODIFY"')
    expect(clauses.first.get_by_label("matches", exact=True)).to_be_visible()
    expect(clauses.last.get_by_label("does not match")).to_be_visible()
    detail.get_by_role("button", name="Copy the request").click()
    assert json.loads(page.evaluate("navigator.clipboard.readText()"))["detail"]["newImage"] == new
    page.keyboard.press("Escape")
    expect(detail).to_be_hidden()
    expect(page).to_have_url(f"{asked.url}/events")
    expect(rows(page)).to_be_focused()


@pytest.mark.parametrize(
    ("name", "image", "said", "row"),
    [
        ("INSERT", "newImage", "A new item.", "pk–INDEX#shop"),
        ("REMOVE", "oldImage", "The item is gone.", "pkINDEX#shop–"),
    ],
)
def test_items_that_come_and_go_are_told_as_that(
    name: str, image: str, said: str, row: str, asked: Asked, board: Board, exporter: Service, tab: Tab
) -> None:
    send(board, id="e1", detail_type=f"EcomIndexSettings.{name}", images={"eventName": name, image: item()})
    tab.page.goto(f"{asked.url}/events/e1")
    expect(tab.page.get_by_text(said)).to_be_visible()
    expect(tab.page.get_by_role("table", name="What changed").locator("tbody tr").first).to_have_text(row)


def test_a_dead_letter_is_replayed_and_the_list_changes(
    asked: Asked, board: Board, exporter: Service, tab: Tab
) -> None:
    page = tab.page
    for number in range(3):
        send_dead(board, exporter, f"k{number}", id=f"bad{number}")
    page.goto(asked.url)
    expect(page.get_by_role("link", name="Events 3 dead letters")).to_be_visible()
    page.goto(f"{asked.url}/events?state=dead")
    expect(rows(page)).to_have_count(3)
    rows(page).first.click()
    expect(page.locator(".sent-to .reason")).to_contain_text("answered 404")
    page.get_by_role("button", name="Replay", exact=True).click()
    expect(rows(page)).to_have_count(2)
    expect(page.locator(".event-facts .status")).to_have_text("delivered")
    expect(page.locator(".attempts tbody tr")).to_have_count(2)
    page.get_by_role("button", name="Replay all dead").click()
    expect(page.get_by_role("dialog")).to_contain_text("Replay 2 dead letters?")
    page.get_by_role("button", name="Replay", exact=True).last.click()
    expect(rows(page)).to_have_count(0)
    expect(page.get_by_text("No event is like that.")).to_be_visible()
    expect(page.get_by_role("button", name="Replay all dead")).to_be_hidden()
    expect(page.get_by_role("link", name="Events", exact=True)).to_be_visible()
    assert sorted(exporter.ids) == ["bad0", "bad1", "bad2"]


def test_an_event_is_edited_and_sent_as_a_new_one(asked: Asked, board: Board, exporter: Service, tab: Tab) -> None:
    page = tab.page
    send(board, "old", id="e1")
    page.goto(f"{asked.url}/events/e1")
    page.get_by_role("button", name="Edit and resend").click()
    area = page.locator("textarea")
    expect(area).to_be_focused()
    text = area.input_value()
    assert json.loads(text) == event("old"), "without its id"
    area.fill(text[:-2])
    expect(page.locator("#send-wrong")).to_contain_text("This is not JSON")
    page.get_by_role("button", name="Send", exact=True).click()
    area.fill(text.replace("INDEX#old", "INDEX#new"))
    expect(page.locator("#send-wrong")).to_be_hidden()
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator(".told")).to_contain_text(f"Delivered to localhost:{exporter.port}.")
    expect(rows(page)).to_have_count(2)
    page.get_by_role("link", name="Open the new event").click()
    expect(page.locator(".event-key")).to_have_text("INDEX#new/SETTINGS")
    expect(rows(page).first).to_have_attribute("aria-current", "true")
    assert len(exporter.taken) == 2


def test_what_a_webhook_refuses_is_said_beside_what_was_written(
    asked: Asked, board: Board, exporter: Service, tab: Tab
) -> None:
    page = tab.page
    send(board, id="e1")
    page.goto(f"{asked.url}/events/e1")
    page.get_by_role("button", name="Edit and resend").click()
    page.locator("textarea").fill("{}")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".told")).to_contain_text("Refused: `detail-type` must be a text")
    take_out(tab, "400 (BAD REQUEST)")


def test_what_an_event_carries_is_never_markup(asked: Asked, board: Board, exporter: Service, tab: Tab) -> None:
    page = tab.page
    images = {"newImage": item(**{MARKUP: {"S": MARKUP}, "constructor": {"M": {"__proto__": {"S": MARKUP}}}})}
    send(board, MARKUP, id=f"a/b {MARKUP}", images=images, detail_type=f"EcomIndexSettings.{MARKUP}")
    page.goto(f"{asked.url}/events")
    rows(page).click()
    expect(page.locator(".event-id code")).to_have_text(f"a/b {MARKUP}")
    expect(page.locator("#event-title")).to_have_text(f"EcomIndexSettings.{MARKUP}")
    expect(page.locator(".changes ins").last).to_contain_text("<img")
    assert page.locator("main img").count() == 0
    expect(page).to_have_title(re.compile("^Events"))
    page.reload()
    expect(page.locator(".event-id code")).to_have_text(f"a/b {MARKUP}")


def test_on_a_narrow_screen_an_event_has_the_page_to_itself(
    asked: Asked, board: Board, exporter: Service, open_tab: OpenTab
) -> None:
    for number in range(40):
        send(board, f"k{number}", id=f"e{number}")
    page = open_tab(scheme="dark", width=400, height=800).page
    page.goto(f"{asked.url}/events")
    row = page.locator('a.event[href="/events/e5"]')
    row.click()
    expect(page.get_by_role("heading", name="EcomIndexSettings.MODIFY")).to_be_focused()
    expect(row).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("button", name="All events").click()
    expect(row).to_be_focused()
    expect(row).to_be_in_viewport()
    page.go_back()
    expect(page.locator(".event-key")).to_have_text("INDEX#k5/SETTINGS")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_an_event_that_is_not_there_is_said_to_be_missing(
    asked: Asked, board: Board, exporter: Service, tab: Tab
) -> None:
    page = tab.page
    send(board, id="e1")
    page.goto(f"{asked.url}/events/nothing")
    expect(page.get_by_text("the record has no event nothing")).to_be_visible()
    rows(page).click()
    expect(page.locator(".event-id code")).to_have_text("e1")
    take_out(tab, "404 (NOT FOUND)")
