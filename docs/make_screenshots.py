"""Makes the pictures in docs/images from the e-commerce profile: `.venv-tests/bin/python docs/make_screenshots.py`.

A stack that runs already is used and goes on; else one is started, and stopped afterwards.
"""

import json
import os
import shutil
import subprocess
from pathlib import Path

from playwright.sync_api import Browser, Page, expect, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs" / "images"
SIZE = {"width": 1200, "height": 720}


def hd(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([ROOT / "hd", *arguments], cwd=ROOT, text=True, capture_output=True)


def main() -> None:
    was_running = hd("ps").returncode == 0
    hd("up", "-d", "--profile", "ecom").check_returncode()
    hd("seed").check_returncode()
    services = json.loads(hd("ps", "--json").stdout)["services"]
    urls = {each["name"]: each["url"] for each in services}
    token = hd("open", "--token").stdout.strip()
    IMAGES.mkdir(exist_ok=True)
    try:
        with sync_playwright() as playwright:
            path = os.environ.get("CHROMIUM_PATH") or shutil.which("chromium")
            browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
            console(_open(browser, urls["console"]))
            shop(_open(browser, f"{urls['console']}/shop/shop?q=warm+sweater"))
            dashboard(_open(browser, f"{urls['dashboard']}/?token={token}"))
            logs(_open(browser, f"{urls['dashboard']}/logs?token={token}", scheme="dark"))
            events(_open(browser, f"{urls['dashboard']}/events?token={token}"))
            browser.close()
    finally:
        if not was_running:
            hd("down")


def console(page: Page) -> None:
    """A search in the first index."""
    page.get_by_role("table").get_by_role("link").first.click()
    page.get_by_role("searchbox").fill("waterproof jacket for a rainy hike")
    expect(page.get_by_role("listitem").first).to_be_visible()
    page.wait_for_load_state("networkidle")
    page.screenshot(path=IMAGES / "console.png")


def shop(page: Page) -> None:
    """What shoppers see, with the third product pinned to the first place; it is set free again."""
    page.get_by_label("Arrange by hand").check()
    shelf = page.locator(".shelf > li")
    shelf.nth(2).drag_to(shelf.nth(0))
    expect(page.get_by_text("Rules that acted")).to_be_visible()
    page.mouse.move(0, 0)
    page.wait_for_load_state("networkidle")
    page.screenshot(path=IMAGES / "shop.png")
    shelf.nth(0).get_by_role("button", name="Unpin").click()
    expect(page.get_by_text("Rules that acted")).to_have_count(0)


def dashboard(page: Page) -> None:
    expect(page.get_by_text("services ready")).to_be_visible()
    expect(page.locator("tr[data-service=console]")).to_contain_text("%")  # CPU needs a second look
    page.screenshot(path=IMAGES / "dashboard.png")


def logs(page: Page) -> None:
    expect(page.locator(".line:not([hidden])").first).to_be_visible()
    page.screenshot(path=IMAGES / "logs.png")


def events(page: Page) -> None:
    """The newest, with what changed."""
    page.get_by_text("EcomIndexSettings.").first.click()
    expect(page.get_by_text("Changes")).to_be_visible()
    page.screenshot(path=IMAGES / "events.png")


def _open(browser: Browser, url: str, *, scheme: str = "light") -> Page:
    page = browser.new_context(color_scheme=scheme, viewport=SIZE).new_page()  # type: ignore[arg-type]
    page.goto(url)
    return page


if __name__ == "__main__":
    main()
