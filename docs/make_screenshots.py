"""Makes the pictures in docs/images from the core profile: `.venv-tests/bin/python docs/make_screenshots.py`.

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
    hd("up", "-d").check_returncode()
    services = json.loads(hd("ps", "--json").stdout)["services"]
    urls = {each["name"]: each["url"] for each in services}
    IMAGES.mkdir(exist_ok=True)
    try:
        with sync_playwright() as playwright:
            path = os.environ.get("CHROMIUM_PATH") or shutil.which("chromium")
            browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
            console(_open(browser, urls["console"]))
            dashboard(_open(browser, urls["dashboard"]))
            logs(_open(browser, f"{urls['dashboard']}/logs", scheme="dark"))
            browser.close()
    finally:
        if not was_running:
            hd("down")


def console(page: Page) -> None:
    """A search in the sample index, which is made when it is not there."""
    sample = page.get_by_role("button", name="Create a sample index with six products")
    expect(sample.or_(page.get_by_role("table"))).to_be_visible()
    if sample.is_visible():
        sample.click()
    else:
        page.get_by_role("table").get_by_role("link").first.click()
    page.get_by_role("searchbox").fill("waterproof jacket for a rainy hike")
    expect(page.get_by_role("listitem").first).to_be_visible()
    for notice in page.get_by_role("button", name="Dismiss").all():
        notice.click()
    page.wait_for_load_state("networkidle")
    page.screenshot(path=IMAGES / "console.png")


def dashboard(page: Page) -> None:
    expect(page.get_by_text("services ready")).to_be_visible()
    expect(page.locator("tr[data-service=console]")).to_contain_text("%")  # CPU needs a second look
    page.screenshot(path=IMAGES / "dashboard.png")


def logs(page: Page) -> None:
    expect(page.locator(".line:not([hidden])").first).to_be_visible()
    page.screenshot(path=IMAGES / "logs.png")


def _open(browser: Browser, url: str, *, scheme: str = "light") -> Page:
    page = browser.new_context(color_scheme=scheme, viewport=SIZE).new_page()  # type: ignore[arg-type]
    page.goto(url)
    return page


if __name__ == "__main__":
    main()
