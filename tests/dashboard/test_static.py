"""What a browser loads: little, from here alone."""

import re
from pathlib import Path

import hippodrome.dashboard.app
from tests.dashboard.asking import Asked
from tests.logs.writing import Writer

STATIC = Path(hippodrome.dashboard.app.__file__).parent / "static"
PAGE_MAX_BYTES = 100_000
NAMED = re.compile(r'(?:src|href)="(/[^"#]+)"|from "\./([\w.]+)"')


def loaded(asked: Asked, page: str) -> dict[str, int]:
    """Every file that the page loads, and what it asks the API for at first, with its size."""
    found: dict[str, int] = {}
    waiting = [page]
    while waiting:
        path = waiting.pop()
        answer = asked.get(path)
        assert answer.status == 200, path
        found[path] = len(answer.body) + sum(len(name) + len(value) + 4 for name, value in answer.headers.items())
        if answer.headers["Content-Type"].startswith(("text/html", "text/javascript")):
            names = [whole or f"/static/{module}" for whole, module in NAMED.findall(answer.body.decode())]
            waiting += [name for name in names if name not in found and "." in name]
    return found


def test_a_page_load_weighs_less_than_100_kb(asked: Asked) -> None:
    with Writer(asked.layout, "api") as api:
        for number in range(500):
            api.write(f"INFO api: a line of the usual length, with its fields number={number} took_ms=12\n")
    files = loaded(asked, "/logs")
    assert {f"/static/{path.name}" for path in STATIC.iterdir()} <= files.keys() | {"/static/index.html"}
    first = re.search(r"const FIRST = (\d+);", (STATIC / "logpane.js").read_text(encoding="utf-8"))
    assert first
    lines = asked.get(f"/api/logs?count={first[1]}").body
    states = asked.get("/api/status").body
    assert sum(files.values()) + len(lines) + len(states) < PAGE_MAX_BYTES, files


def test_nothing_names_a_foreign_address() -> None:
    allowed = {"http://www.w3.org/2000/svg"}  # a namespace, never fetched
    for path in STATIC.iterdir():
        named = set(re.findall(r"(?:https?:)?//[a-z0-9.-]+\.[a-z]{2,}[^\s\"'`)]*", path.read_text(encoding="utf-8")))
        assert named <= allowed, path.name


def test_markup_has_no_inline_script_or_style() -> None:
    markup = (STATIC / "index.html").read_text(encoding="utf-8")
    assert not re.search(r"<style|style=|\son\w+=|<script(?![^>]*\ssrc=)", markup)
    for path in STATIC.glob("*.js"):
        assert not re.search(r"innerHTML\s*=[^=]|insertAdjacentHTML|document\.write|\beval\(", path.read_text()), (
            path.name
        )
