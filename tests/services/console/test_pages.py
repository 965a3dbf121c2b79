"""The console in a browser, used by keyboard as far as a person would."""

import re
import time
from collections.abc import Iterator
from typing import get_args

import pytest
from playwright.sync_api import Page, expect

from tests.browser import OpenTab, Scheme, Tab, open_for_edits
from tests.services.console.console import Console, running
from tests.services.console.stubs import KEY, Index, Stack
from tests.stack import free_port

pytestmark = pytest.mark.browser

WATCHER_REST_MS = 100  # Vite's watcher passes over a change within 50 ms of the one before
TENT = {"_id": "tent", "title": "Two nights tent", "description": "Stays dry in heavy rain", "price": 240}
CUP = {"_id": "cup", "title": "Enamel cup", "description": "For coffee by the fire", "price": 12}


@pytest.fixture
def camping(stack: Stack) -> Stack:
    """A stack with an index `camping` of two documents."""
    settings: dict[str, object] = {"model": "hf/e5-base-v2", "type": "unstructured"}
    stack.indexes["camping"] = Index(settings, {"tent": dict(TENT), "cup": dict(CUP)})
    return stack


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def background_of(page: Page) -> str:
    colour: str = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    return colour


def is_dark(colour: str) -> bool:
    return sum(int(part) for part in re.findall(r"\d+", colour)[:3]) < 3 * 128


@pytest.mark.parametrize("scheme", get_args(Scheme))
def test_an_index_is_made_filled_searched_and_deleted_by_keyboard(
    console: Console, stack: Stack, open_tab: OpenTab, scheme: Scheme
) -> None:
    page = open_tab(scheme=scheme).page
    page.goto(console.url)
    assert is_dark(background_of(page)) == (scheme == "dark")

    page.get_by_role("button", name="Create an empty index").press("Enter")
    expect(page.get_by_label("Name")).to_be_focused()
    page.keyboard.type("camping")
    press(page, "Enter")
    expect(page).to_have_url(f"{console.url}/indexes/camping?view=add")

    editor = page.get_by_label("Documents as JSON")
    editor.fill('[{"_id": "tent", "title": "Two nights tent"}, {"_id": "odd", "bad-name": "x"}]')
    editor.press("Control+Enter")
    expect(page.get_by_text("1 added, 1 refused")).to_be_visible()
    expect(page.get_by_text("bad-name: Field name must match")).to_be_visible()
    expect(page.get_by_text("1 document, 1 vector")).to_be_visible()

    page.get_by_role("link", name="Search", exact=True).press("Enter")
    press(page, "/")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.keyboard.type("tent")
    expect(page.get_by_role("heading", name="Two nights tent")).to_be_visible()
    expect(page).to_have_url(f"{console.url}/indexes/camping?q=tent")

    page.get_by_role("button", name="Delete", exact=True).press("Enter")
    page.keyboard.type("camping")
    press(page, "Enter")
    expect(page.get_by_text("Deleted camping")).to_be_visible()
    expect(page.get_by_role("heading", name="No index yet")).to_be_visible()
    assert stack.indexes == {}


def test_a_newcomer_gets_a_sample_that_answers(console: Console, stack: Stack, tab: Tab) -> None:
    tab.page.goto(console.url)
    tab.page.get_by_role("button", name="Create a sample index with six products").click()
    expect(tab.page.get_by_role("listitem").first).to_contain_text("Ridgeline rain jacket")
    assert len(stack.indexes["sample-products"].documents) == 6


def test_the_address_alone_brings_a_search_back(console: Console, camping: Stack, tab: Tab) -> None:
    tab.page.goto(f"{console.url}/indexes/camping?q=coffee&method=LEXICAL")
    expect(tab.page.get_by_role("searchbox")).to_have_value("coffee")
    expect(tab.page.get_by_role("radio", name="Words lexical")).to_be_checked()
    expect(tab.page.locator(".hit")).to_have_count(1)
    expect(tab.page.locator("mark")).to_have_text("coffee")
    expect(tab.page.get_by_text("3 ms in the cell")).to_be_visible()


def test_a_tensor_search_marks_what_the_cell_highlights(console: Console, camping: Stack, tab: Tab) -> None:
    tab.page.goto(f"{console.url}/indexes/camping?q=rain")
    best = tab.page.locator(".hit").first
    expect(best.locator("mark")).to_have_text("Stays dry in heavy rain")
    expect(best.locator(".score")).to_contain_text("0.600")


def test_back_leads_from_a_search_to_the_list(console: Console, camping: Stack, tab: Tab) -> None:
    tab.page.goto(console.url)
    tab.page.get_by_role("link", name="camping").click()
    tab.page.get_by_role("searchbox").press_sequentially("dry")
    expect(tab.page).to_have_url(re.compile("q=dry$"))
    tab.page.go_back()
    expect(tab.page.get_by_role("heading", name="Indexes")).to_be_visible()


def test_a_document_is_shown_by_its_id_and_deleted(console: Console, camping: Stack, tab: Tab) -> None:
    page = tab.page
    page.goto(f"{console.url}/indexes/camping?view=documents")
    expect(page.get_by_role("article")).to_have_count(2)
    page.get_by_label("Document id").fill("cup")
    press(page, "Enter")
    expect(page.get_by_role("article")).to_contain_text('"description": "For coffee by the fire"')
    page.get_by_role("button", name="Delete document cup").press("Enter")
    expect(page.get_by_role("button", name="Delete cup?")).to_be_focused()
    press(page, "Enter")
    expect(page.get_by_role("article")).to_have_count(1)
    expect(page.get_by_text("Deleted document cup")).to_be_visible()
    assert set(camping.indexes["camping"].documents) == {"tent"}


def test_a_name_that_is_taken_is_said_beside_the_name(console: Console, camping: Stack, tab: Tab) -> None:
    tab.page.goto(console.url)
    tab.page.get_by_role("button", name="Create index").click()
    name = tab.page.get_by_label("Name")
    name.fill("camping")
    name.press("Enter")
    expect(name).to_have_attribute("aria-invalid", "true")
    expect(name).to_have_accessible_description("Index camping already exists")
    tab.page.keyboard.press("Escape")
    expect(tab.page.get_by_role("dialog")).to_have_count(0)
    expect(tab.page.get_by_role("button", name="Create index")).to_be_focused()
    take_out(tab, "409")


def test_an_index_goes_only_when_its_name_is_typed(console: Console, camping: Stack, tab: Tab) -> None:
    tab.page.goto(console.url)
    tab.page.get_by_role("button", name="Delete camping").click()
    confirm = tab.page.get_by_role("button", name="Delete index")
    tab.page.keyboard.type("campin")
    expect(confirm).to_be_disabled()
    tab.page.keyboard.type("g")
    expect(confirm).to_be_enabled()
    tab.page.keyboard.press("Escape")
    assert "camping" in camping.indexes


def test_a_refused_key_can_be_mended_where_it_is_said(console: Console, camping: Stack, tab: Tab) -> None:
    page = tab.page
    page.add_init_script(
        "localStorage.getItem('hippodrome.apiKey') ?? localStorage.setItem('hippodrome.apiKey', 'old')"
    )
    page.goto(console.url)
    problem = page.get_by_role("alert")
    expect(problem).to_contain_text("The API key is missing or wrong")
    expect(problem).to_contain_text("unauthorized")
    assert camping.seen[-1].headers["x-request-id"] in problem.inner_text()
    problem.get_by_role("button", name="Check the API key").click()
    page.get_by_role("dialog").get_by_role("textbox").fill(KEY)
    press(page, "Enter")
    expect(page.get_by_role("link", name="camping")).to_be_visible()
    expect(problem).to_have_count(0)
    take_out(tab, "401")


def test_an_index_that_is_not_there_is_called_so(console: Console, camping: Stack, tab: Tab) -> None:
    tab.page.goto(f"{console.url}/indexes/campnig?q=rain")
    expect(tab.page.get_by_text("The controller knows no index of this name.")).to_be_visible()
    expect(tab.page.get_by_role("alert")).to_contain_text("index_not_found")
    take_out(tab, "404")


def test_the_theme_is_chosen_and_kept(console: Console, stack: Stack, tab: Tab) -> None:
    tab.page.goto(console.url)
    tab.page.get_by_role("button", name="Theme").press("Enter")
    tab.page.get_by_role("button", name="Theme: light").press("Enter")
    assert is_dark(background_of(tab.page))
    tab.page.reload()
    expect(tab.page.get_by_role("button", name="Theme: dark")).to_be_visible()
    assert is_dark(background_of(tab.page))


@pytest.mark.parametrize(
    "path",
    ["/", "/indexes/camping?q=rain", *(f"/indexes/camping?view={v}" for v in ("documents", "add", "settings"))],
)
def test_a_narrow_screen_needs_no_sideways_scrolling(
    console: Console, camping: Stack, open_tab: OpenTab, path: str
) -> None:
    page = open_tab(width=380, height=800).page
    page.goto(console.url + path)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert page.evaluate("document.documentElement.scrollWidth") <= 380


def test_an_edit_comes_to_the_open_page_without_a_reload(console: Console, stack: Stack, tab: Tab) -> None:
    open_for_edits(tab, console.url)
    expect(tab.page.get_by_role("heading", name="No index yet")).to_be_visible()
    tab.page.evaluate("window.sameDocument = true")
    source = console.root / "src" / "pages" / "indexes" / "NoIndexes.tsx"
    source.write_text(source.read_text().replace("No index yet", "Nothing here yet"))
    expect(tab.page.get_by_role("heading", name="Nothing here yet")).to_be_visible()
    assert tab.page.evaluate("window.sameDocument") is True
    tab.page.wait_for_timeout(WATCHER_REST_MS)
    source.write_text(source.read_text().replace("Nothing here yet", "No index yet"))
    expect(tab.page.get_by_role("heading", name="No index yet")).to_be_visible()


@pytest.mark.parametrize("gap_s", [0.0, 0.03, 0.04, 0.045, 0.2])
def test_an_edit_is_not_lost_by_an_editor_that_empties_the_file_first(
    console: Console, stack: Stack, tab: Tab, gap_s: float
) -> None:
    open_for_edits(tab, console.url)
    source = console.root / "src" / "pages" / "indexes" / "NoIndexes.tsx"
    before = source.read_text()
    try:
        with source.open("w") as saved:
            time.sleep(gap_s)  # what a busy machine puts between the two
            saved.write(before.replace("No index yet", "Saved in two steps"))
        expect(tab.page.get_by_role("heading", name="Saved in two steps")).to_be_visible()
    finally:
        tab.page.wait_for_timeout(WATCHER_REST_MS)
        source.write_text(before)
        expect(tab.page.get_by_role("heading", name="No index yet")).to_be_visible()


@pytest.fixture
def lonely(console: Console) -> Iterator[Console]:
    urls = {name: f"http://localhost:{free_port()}" for name in ("CONTROLLER_URL", "CELL_URL")}
    cache = str(console.root.with_suffix(".lonely-cache"))
    with running(console.root, DASHBOARD_URL="http://localhost:9000", VITE_CACHE_DIR=cache, **urls) as started:
        yield started


def test_a_controller_that_is_away_leads_to_the_dashboard(lonely: Console, tab: Tab) -> None:
    tab.page.goto(lonely.url)
    problem = tab.page.get_by_role("alert")
    expect(problem).to_contain_text("The controller does not answer on")
    expect(problem).to_contain_text("controller_unreachable")
    expect(problem.get_by_role("link", name="dashboard")).to_have_attribute("href", "http://localhost:9000")
    take_out(tab, "502")


def take_out(tab: Tab, status: str) -> None:
    """Chromium complains of every refused request; these were wanted. Closes the page, which may ask again."""
    tab.page.close()
    refused = [complaint for complaint in tab.complaints if f"status of {status}" in complaint]
    assert refused
    tab.complaints[:] = [complaint for complaint in tab.complaints if complaint not in refused]
