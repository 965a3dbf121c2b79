"""What a browser loads: little, from here alone."""

import gzip
import re
from pathlib import Path

import hippodrome.dashboard.app
from tests.dashboard.asking import Asked
from tests.events.receiving import event
from tests.logs.writing import Writer

STATIC = Path(hippodrome.dashboard.app.__file__).parent / "static"
PAGE_MAX_BYTES = 100_000
NAMED = re.compile(r'(?:src|href)(?:="|: ")(/[^"#]+)"|from "\./([\w.]+)"')


def loaded(asked: Asked, page: str, **headers: str) -> dict[str, int]:
    """Every file that the page loads, and what it asks the API for at first, with its size."""
    found: dict[str, int] = {}
    waiting = [page]
    while waiting:
        path = waiting.pop()
        answer = asked.get(path, **headers)
        assert answer.status == 200, path
        found[path] = len(answer.body) + sum(len(name) + len(value) + 4 for name, value in answer.headers.items())
        if answer.headers["Content-Type"].startswith(("text/html", "text/javascript")):
            text = gzip.decompress(answer.body) if "Content-Encoding" in answer.headers else answer.body
            names = [whole or f"/static/{module}" for whole, module in NAMED.findall(text.decode())]
            waiting += [name for name in names if name not in found and "." in name]
    return found


def test_what_only_one_page_needs_is_loaded_there_alone(asked: Asked) -> None:
    others, own = loaded(asked, "/logs"), loaded(asked, "/static/events.js")
    timings = loaded(asked, "/static/timings.js")
    assert "/static/timings.js" not in others
    assert "/static/events.css" in own and "/static/events.css" not in others
    pages = {"/static/index.html", "/static/door.html"}
    assert {f"/static/{path.name}" for path in STATIC.iterdir()} <= (others | own | timings).keys() | pages


def test_the_events_page_weighs_less_than_100_kb(asked: Asked) -> None:
    for number in range(100):
        asked.post("/webhook/eventbridge", event(f"shop-{number}"))
    gzipped = {"Accept_Encoding": "gzip"}
    files = loaded(asked, "/events", **gzipped) | loaded(asked, "/static/events.js", **gzipped)
    asks = ["/api/events?count=1", "/api/events?&count=100", "/api/status"]
    told = [asked.get(path, **gzipped).body for path in asks]
    assert sum(files.values()) + sum(map(len, told)) < PAGE_MAX_BYTES, files


def test_what_is_compressed_is_the_same_content(asked: Asked) -> None:
    for path in ("/", "/static/app.js", "/api"):
        plain, small = asked.get(path), asked.get(path, Accept_Encoding="gzip, br")
        assert small.headers["Content-Encoding"] == "gzip" and "Content-Encoding" not in plain.headers
        assert plain.headers["Vary"] == small.headers["Vary"] == "Accept-Encoding"
        assert gzip.decompress(small.body) == plain.body and len(small.body) < len(plain.body)
    etag = asked.get("/static/app.js", Accept_Encoding="gzip").headers["Etag"]
    assert asked.get("/static/app.js", Accept_Encoding="gzip", If_None_Match=etag).status == 304
    assert "Content-Encoding" not in asked.get("/health", Accept_Encoding="gzip").headers, "it is tiny"
    with asked.stream(Accept_Encoding="gzip") as stream:
        assert stream.next("states")["is_whole"]


def test_a_page_load_weighs_less_than_100_kb(asked: Asked) -> None:
    with Writer(asked.layout, "api") as api:
        for number in range(500):
            api.write(f"INFO api: a line of the usual length, with its fields number={number} took_ms=12\n")
    files = loaded(asked, "/logs")
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
    for page in STATIC.glob("*.html"):
        assert not re.search(r"<style|style=|\son\w+=|<script(?![^>]*\ssrc=)", page.read_text(encoding="utf-8")), page
    for path in STATIC.glob("*.js"):
        assert not re.search(r"innerHTML\s*=[^=]|insertAdjacentHTML|document\.write|\beval\(", path.read_text()), (
            path.name
        )
