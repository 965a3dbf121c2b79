"""The console's shop in a browser, on the running profile: what merchants and shoppers do there."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import requests
from playwright.sync_api import Locator, Page, expect

from hippodrome.shop.client import Shop
from hippodrome.shop.filling import SETTINGS, fill
from hippodrome.wait import Deadline, until
from tests.browser import Tab
from tests.core.conftest import Core
from tests.ecom.conftest import PATIENCE_S, shop_of

pytestmark = pytest.mark.browser

INDEX = "window"
PASSWORD = "Local-Passw0rd!"


@dataclass
class Window:
    """A filled shop, and the console at it."""

    core: Core
    shop: Shop

    def url(self, path: str) -> str:
        return self.core.url("console", path)

    def rules(self) -> list[dict[str, Any]]:
        told: list[dict[str, Any]] = self.shop.admin("GET", f"/indexes/{INDEX}/rules")["rules"]
        return told

    def comes(self, question: Callable[[], bool]) -> bool:
        return bool(until(question, Deadline(PATIENCE_S), pause_s=0.05))


@pytest.fixture(scope="module")
def filled(ecom: Core) -> Iterator[Window]:
    shop = shop_of(ecom)
    fill(shop, INDEX, products=60, seed=7, say=lambda _: None)
    yield Window(ecom, shop)
    shop.admin("DELETE", f"/indexes/{INDEX}")


@pytest.fixture
def window(filled: Window) -> Iterator[Window]:
    """As it was filled: without rules, with the settings of the beginning."""
    yield filled
    for rule in filled.rules():
        filled.shop.admin("DELETE", f"/indexes/{INDEX}/rules/{rule['id']}")
    filled.shop.admin("PUT", f"/indexes/{INDEX}/settings", json=SETTINGS)


def shelf(page: Page) -> Locator:
    return page.locator(".shelf article")


def titles(page: Page) -> list[str]:
    return [str(each.get_attribute("aria-label")) for each in shelf(page).all()]


def sign_in(page: Page, window: Window, email: str, password: str) -> None:
    page.goto(window.url("/sign-in"))
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(password)
    page.keyboard.press("Enter")


def test_who_signs_in_needs_no_key_and_signing_out_ends_it(window: Window, tab: Tab) -> None:
    page = tab.page
    sign_in(page, window, "local@example.com", "wrong")
    expect(page.get_by_text("Incorrect username or password.")).to_be_visible()
    tab.complaints.clear()  # the browser reports the 400

    sign_in(page, window, "local@example.com", PASSWORD)
    expect(page.get_by_role("button", name="local@example.com")).to_be_visible()
    page.evaluate("localStorage.setItem('hippodrome.apiKey', 'nobody')")
    with page.expect_request("**/api/v1/indexes") as asked:
        page.get_by_role("link", name="Shop", exact=True).click()
    assert asked.value.headers["authorization"].startswith("Bearer ey")
    assert "x-api-key" not in asked.value.headers
    expect(page.get_by_role("link", name=INDEX)).to_be_visible()

    kept = json.loads(page.evaluate("localStorage.getItem('hippodrome.session')"))
    page.get_by_role("button", name="local@example.com").click()
    expect(page.get_by_role("link", name="Sign in")).to_be_visible()
    renewed = cognito(
        window, "InitiateAuth", AuthFlow="REFRESH_TOKEN_AUTH", AuthParameters={"REFRESH_TOKEN": kept["refreshToken"]}
    )
    assert renewed.json()["__type"] == "NotAuthorizedException"
    tab.complaints.clear()  # the refused key of nobody


def test_a_session_is_renewed_when_its_token_is_refused(window: Window, tab: Tab) -> None:
    page = tab.page
    sign_in(page, window, "local@example.com", PASSWORD)
    expect(page.get_by_role("button", name="local@example.com")).to_be_visible()
    page.evaluate("""() => {
        const session = JSON.parse(localStorage.getItem('hippodrome.session'));
        const [head, claims] = session.idToken.split('.');
        localStorage.setItem('hippodrome.session', JSON.stringify({ ...session, idToken: `${head}.${claims}.AAAA` }));
    }""")
    page.goto(window.url("/shop"))
    expect(page.get_by_role("link", name=INDEX)).to_be_visible()
    expect(page.get_by_role("button", name="local@example.com")).to_be_visible()
    tab.complaints.clear()  # the 401 before


def test_a_user_whom_an_administrator_made_chooses_a_password_first(window: Window, tab: Tab) -> None:
    page, email = tab.page, "merchant@example.com"
    made = cognito(
        window,
        "AdminCreateUser",
        UserPoolId="us-east-1_local",
        Username=email,
        TemporaryPassword="First-Passw0rd!",
        UserAttributes=[{"Name": "email", "Value": email}, {"Name": "custom:account", "Value": "local"}],
    )
    assert made.ok, made.text
    try:
        sign_in(page, window, email, "First-Passw0rd!")
        page.get_by_label("New password").fill("Second-Passw0rd!")
        page.keyboard.press("Enter")
        expect(page.get_by_role("button", name=email)).to_be_visible()
    finally:
        cognito(window, "AdminDeleteUser", UserPoolId="us-east-1_local", Username=email)


def cognito(window: Window, operation: str, **body: Any) -> requests.Response:
    target = f"AWSCognitoIdentityProviderService.{operation}"
    client = {} if operation.startswith("Admin") else {"ClientId": "local-client"}
    return requests.post(
        window.core.url("fake_cognito", "/"), json=client | body, headers={"X-Amz-Target": target}, timeout=PATIENCE_S
    )


def test_a_shopper_narrows_down_and_sorts_and_the_address_keeps_it(window: Window, tab: Tab) -> None:
    page = tab.page
    page.goto(window.url(f"/shop/{INDEX}"))
    expect(page.get_by_role("status").filter(has_text="products")).to_have_text("60 products")
    pictures = page.locator(".shelf img")
    expect(pictures.first).to_be_visible()
    assert all(page.evaluate("[...document.querySelectorAll('.shelf img')].map((img) => img.naturalWidth)"))

    facets = page.get_by_label("Facets")
    black = facets.locator("label").filter(has_text=re.compile("^black"))
    black.click()
    facets.locator("label").filter(has_text="up to 50").click()
    page.get_by_label("Order").select_option("Cheapest first")
    filtered = "color:(black) AND price:[* TO 50]"
    wanted = window.shop.search(
        INDEX, "", filter=filtered, limit=24, sortBy={"fields": [{"fieldName": "price", "order": "asc"}]}
    )
    assert wanted["totalHits"]
    expect(page.get_by_role("status").filter(has_text="product")).to_have_text(
        re.compile(rf"^{wanted['totalHits']} products?$")
    )
    expect(page.locator(".shelf strong")).to_have_text([f"{hit['price']:,.2f}" for hit in wanted["hits"]])

    page.reload()
    expect(black.locator("input")).to_be_checked()
    expect(page.locator(".shelf strong")).to_have_text([f"{hit['price']:,.2f}" for hit in wanted["hits"]])
    page.get_by_label("Collection").select_option("shoes")
    shoes = window.shop.shopper(INDEX, "collections", {"collectionName": "shoes", "limit": 24})["totalHits"]
    expect(page.get_by_role("status").filter(has_text="product")).to_have_text(f"{shoes} products")


def test_a_product_is_dragged_to_its_place_and_stays_for_that_query_alone(window: Window, tab: Tab) -> None:
    page = tab.page
    page.goto(window.url(f"/shop/{INDEX}"))
    page.get_by_role("searchbox").fill("lamp")
    expect(page).to_have_url(re.compile(r"\?q=lamp"))
    expect(shelf(page).nth(5)).to_be_visible()
    page.get_by_label("Arrange by hand").check()
    before = window.shop.found(INDEX, "lamp", limit=24)
    page.locator(".shelf > li").nth(4).drag_to(page.locator(".shelf > li").nth(0))

    pinned = [before[4], *before[:4], *before[5:]]
    assert window.comes(lambda: window.shop.found(INDEX, "lamp", limit=24) == pinned)
    expect(page.get_by_role("button", name="Order of lamp")).to_be_visible()  # a rule that acted
    expect(page.locator(".pinned")).to_have_count(1)

    page.locator(".shelf > li").nth(0).get_by_role("button", name=re.compile("back$")).press("Enter")
    moved = [before[0], before[4], *before[1:4], *before[5:]]
    assert window.comes(lambda: window.shop.found(INDEX, "lamp", limit=24) == moved)
    assert window.shop.search(INDEX, "a lamp")["hits"][1]["_id"] != before[4]
    (rule,) = window.rules()
    assert (rule["scope"], rule["pins"]) == (
        {"kind": "query", "value": "lamp", "match": "exact"},
        [{"id": before[4], "position": 2}],
    )

    page.locator(".shelf > li").nth(1).get_by_role("button", name="Unpin").click()
    assert window.comes(lambda: window.rules() == [])
    expect(page.locator(".pinned")).to_have_count(0)
    expect(page.get_by_text("Rules that acted")).to_have_count(0)


def test_two_pins_never_want_one_place(window: Window, tab: Tab) -> None:
    page = tab.page
    page.goto(window.url(f"/shop/{INDEX}?q=lamp"))
    page.get_by_label("Arrange by hand").check()
    before = window.shop.found(INDEX, "lamp", limit=24)
    for at in (3, 4):  # the second takes the place of the first
        page.locator(".shelf > li").nth(at).drag_to(page.locator(".shelf > li").nth(0))
        expect(page.locator(".pinned")).to_have_count(at - 2)
    assert window.comes(lambda: window.shop.found(INDEX, "lamp", limit=3) == [before[4], before[3], before[0]])


def test_without_words_and_while_narrowed_down_there_are_no_places(window: Window, tab: Tab) -> None:
    page = tab.page
    page.goto(window.url(f"/shop/{INDEX}"))
    expect(page.get_by_label("Arrange by hand")).to_be_disabled()
    page.goto(window.url(f"/shop/{INDEX}?q=lamp&choice=color:red"))
    expect(page.get_by_label("Arrange by hand")).to_be_disabled()


def test_a_rule_is_made_acts_is_switched_off_and_deleted(window: Window, tab: Tab) -> None:
    page = tab.page
    hidden = window.shop.search(INDEX, "sofa", limit=1)["hits"][0]
    page.goto(window.url(f"/shop/{INDEX}?view=rules"))
    expect(page.get_by_text("No rules yet")).to_be_visible()
    page.get_by_role("button", name="New rule").click()
    page.get_by_label("Name").fill("Sold out")
    page.get_by_role("radio", name="Hide").check()
    page.get_by_label("Products by filter").fill("price:[")
    page.get_by_role("radio", name="Every search").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("The rule was not saved")).to_be_visible()  # with the data plane's words
    tab.complaints.clear()  # the browser reports the 422
    page.get_by_label("Products by filter").fill("")
    page.get_by_label("Products by id").fill(hidden["_id"])
    page.get_by_role("button", name="Save").click()
    row = page.get_by_role("row").filter(has_text="Sold out")
    expect(row).to_contain_text("every search")

    def is_seen() -> bool:
        return hidden["_id"] in window.shop.found(INDEX, "sofa", limit=60)

    assert window.comes(lambda: not is_seen())
    page.get_by_label("Sold out is on").click()
    assert window.comes(is_seen)
    expect(page.get_by_label("Sold out is on")).not_to_be_checked()
    page.get_by_role("button", name="Delete rule Sold out").click()
    expect(page.get_by_text("No rules yet")).to_be_visible()
    assert window.comes(lambda: window.rules() == [])


def test_a_redirect_is_told_to_who_looks_as_a_shopper(window: Window, tab: Tab) -> None:
    page = tab.page
    scope = {"kind": "query", "value": "returns", "match": "exact"}
    body = {"name": "Returns", "type": "redirect", "scope": scope, "url": "/pages/returns"}
    window.shop.admin("POST", f"/indexes/{INDEX}/rules", json=body)
    assert window.comes(lambda: window.shop.search(INDEX, "returns").get("redirect") == "/pages/returns")
    page.goto(window.url(f"/shop/{INDEX}?q=returns"))
    expect(page.get_by_text("A storefront sends the shopper to /pages/returns")).to_be_visible()
    page.get_by_role("button", name="Returns").click()
    expect(page.get_by_label("To", exact=True)).to_have_value("/pages/returns")


def test_settings_are_edited_as_texts_and_seen_by_the_next_search(window: Window, tab: Tab) -> None:
    page = tab.page
    page.goto(window.url(f"/shop/{INDEX}?view=settings"))
    facets = page.get_by_label("Facets")
    facets.fill("color string")
    page.get_by_role("button", name="Save settings").click()
    expect(page.get_by_text("“color string”: each line has a field")).to_be_visible()
    facets.fill('material {"type": "string"}')
    page.get_by_label("Redirects").fill("returns => /pages/returns")
    page.get_by_role("button", name="Save settings").click()
    expect(page.get_by_text("Saved: the next searches follow")).to_be_visible()
    assert window.comes(lambda: list(window.shop.search(INDEX, "lamp")["facets"]) == ["material"])
    told = window.shop.admin("GET", f"/indexes/{INDEX}/settings")
    assert told["redirects"] == [{"query": "returns", "url": "/pages/returns"}]
    assert told["synonyms"] == SETTINGS["synonyms"]


def test_a_variant_is_changed_in_the_catalogue_and_its_job_is_listed(window: Window, tab: Tab) -> None:
    page = tab.page
    page.goto(window.url(f"/shop/{INDEX}?view=catalogue"))
    expect(page.get_by_role("status").filter(has_text="products")).to_have_text("60 products")
    page.get_by_label("Words").fill("sofa")
    page.keyboard.press("Enter")
    first = shelf(page).first
    expect(first).to_have_accessible_name(re.compile("sofa"))
    first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Change").first.click()
    editor = dialog.get_by_label(re.compile("as JSON$"))
    variant = json.loads(editor.input_value())
    editor.fill("{")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.get_by_text("This is no JSON")).to_be_visible()
    editor.fill(json.dumps(variant | {"price": 1234.5}))
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.get_by_text("1,234.50")).to_be_visible()
    found = window.shop.admin("POST", f"/indexes/{INDEX}/get-documents", json={"documentIds": [variant["_id"]]})
    assert found["results"][0]["price"] == 1234.5
    assert found["results"][0]["variantImageUrl"] == variant["variantImageUrl"]

    page.keyboard.press("Escape")
    page.get_by_role("link", name="Jobs").click()
    latest = page.get_by_role("row").nth(1)
    expect(latest).to_contain_text("upsert")
    expect(latest).to_contain_text("succeeded")
    expect(latest).to_contain_text("1 of 1")


def test_a_key_is_shown_once_opens_doors_and_is_taken_back(window: Window, tab: Tab) -> None:
    page = tab.page
    page.goto(window.url("/keys"))
    page.get_by_role("button", name="New key").click()
    page.get_by_label("Name").fill("storefront")
    page.get_by_role("button", name="Make it").click()
    key = page.get_by_role("dialog").locator("pre").inner_text()
    search_url = window.core.url("admin_server", "/api/v1/indexes")
    assert requests.get(search_url, headers={"x-api-key": key}, timeout=PATIENCE_S).ok
    page.get_by_role("button", name="Done").click()
    expect(page.get_by_role("row").filter(has_text="storefront")).to_contain_text("read")
    assert key not in page.content()
    page.get_by_role("button", name="Take back storefront").click()
    expect(page.get_by_text("Took back storefront")).to_be_visible()
    refused = lambda: requests.get(search_url, headers={"x-api-key": key}, timeout=PATIENCE_S).status_code == 401  # noqa: E731
    assert window.comes(refused)  # the back office remembers a key for some seconds


def test_no_page_scrolls_sideways(window: Window, tab: Tab) -> None:
    page = tab.page
    views = (f"/shop/{INDEX}{query}" for query in ("?q=lamp", "?view=rules", "?view=catalogue", "?view=settings"))
    for path in ("/shop", *views, "/jobs", "/keys", "/sign-in"):
        page.goto(window.url(path))
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        expect(page.get_by_role("status", name=re.compile("^Loading"))).to_have_count(0)
        for width in (380, 800, 1280):
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path
