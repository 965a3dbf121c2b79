"""Chromium for tests: one browser a run, a fresh profile a page, and no complaint left unseen."""

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Page, Request

CANDIDATES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
PATIENCE_MS = 20_000
LOCAL = {"127.0.0.1", "localhost"}

Scheme = Literal["light", "dark"]


@dataclass
class Tab:
    """A page, and what the browser said against it: script errors, console errors, foreign requests.

    A test that provokes a complaint takes it out of `complaints`; any that is left fails the test.
    """

    page: "Page"
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.set_default_timeout(PATIENCE_MS)
        self.page.on("pageerror", lambda error: self.complaints.append(f"script: {error}"))
        self.page.on("console", self._hear)
        self.page.on("request", self._look_at)

    def _hear(self, message: "ConsoleMessage") -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(f"console: {message.text}")

    def _look_at(self, request: "Request") -> None:
        url = urlsplit(request.url)
        if url.scheme in {"http", "https", "ws", "wss"} and url.hostname not in LOCAL:
            self.complaints.append(f"foreign request: {request.url}")


def find_chromium() -> str | None:
    """The one that the environment names, or the first of those that go by a well-known name."""
    return os.environ.get("CHROMIUM_PATH") or next(filter(None, map(shutil.which, CANDIDATES)), None)


OpenTab = Callable[..., Tab]


@pytest.fixture(scope="session")
def chromium() -> "Iterator[Browser]":
    path = find_chromium()
    if path is None:
        pytest.fail("no Chromium on this machine: install one, or leave these tests out with -m 'not browser'")
    # 0.13 s that runs without a browser test need not spend, nor need they have Playwright.
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture
def open_tab(chromium: "Browser") -> Iterator[OpenTab]:
    """Opens a tab with a profile of its own: `open_tab(scheme="dark", width=380, height=800)`."""
    tabs: list[Tab] = []

    def open_one(*, scheme: Scheme = "light", width: int = 1280, height: int = 900) -> Tab:
        context = chromium.new_context(
            color_scheme=scheme,
            viewport={"width": width, "height": height},
            permissions=["clipboard-read", "clipboard-write"],
        )
        tabs.append(Tab(context.new_page()))
        return tabs[-1]

    yield open_one
    for tab in tabs:
        tab.page.context.close()
    complaints = [complaint for tab in tabs for complaint in tab.complaints]
    assert complaints == []


@pytest.fixture
def tab(open_tab: OpenTab) -> Tab:
    return open_tab()


def open_for_edits(tab: Tab, url: str) -> None:
    """Opens a page of Vite's, and returns when edits would come to it: those before are not told to it."""
    with tab.page.expect_console_message(lambda message: "[vite] connected" in message.text):
        tab.page.goto(url)
