"""What the published client does with one data plane, recorded and asked again of another."""

import json
import signal
import stat
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest
import requests

from hippodrome.cli.main import main
from tests.cell.conftest import PATIENCE_S, recorder
from tests.services.client import Client, MarqoWebError
from tests.stack import free_port

SECRETS = {
    "key": "k3y-of-the-cell-itself",
    "token": "t0ken-of-a-caller",
    "cookie": "c00kie-of-a-session",
    "query": "qu3ry-parameter",
    "document": "d0cument-field",
    "model": "m0del-auth",
    "own": "0wn-header",
}


def drive(url: str, name: str) -> None:
    """What a team does with a cell, mistakes among it."""
    client = Client(url=url)
    client.create_index(name, model="hf/e5-base-v2")
    index = client.index(name)
    lamp = {"_id": "1", "title": "a red lamp", "price": 20}
    told = index.add_documents([lamp, {"title": "a blue vase"}, {"_id": "3", "title": []}], tensor_fields=["title"])
    index.get_document(told["items"][1]["_id"])
    index.search("lamp", search_method="HYBRID", filter_string="price:[1 TO *]")
    index.search("vase", show_highlights=False)
    index.recommend(["1"])
    with pytest.raises(MarqoWebError):
        index.get_document("nope")
    with pytest.raises(MarqoWebError):
        index.search("x", limit=-1)
    index.delete_documents(["1"])


@pytest.fixture(scope="module")
def recording(cells: tuple[str, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of the index `page`; the recorder was killed when the last answer had come."""
    file = tmp_path_factory.mktemp("recording") / "session.jsonl"
    with recorder(cells[0], file) as running:
        drive(running.url, "page")
        running.end(signal.SIGKILL)
    return file


def replay(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, Any]:
    """Exit status, and the JSON that is printed."""
    status = main(["cell", "replay", "--json", *map(str, arguments)])
    told = capsys.readouterr().out
    return status, json.loads(told) if told else None


def test_a_recorder_that_is_killed_has_written_all_that_was_answered(recording: Path) -> None:
    lines = [json.loads(line) for line in recording.read_text().splitlines()]
    last = lines[-1]["request"]
    assert (last["method"], last["path"]) == ("POST", "/indexes/page/documents/delete-batch")
    assert stat.S_IMODE(recording.stat().st_mode) == 0o600


def test_two_cells_that_answer_the_same_do_not_differ_and_one_that_differs_is_told(
    recording: Path, cells: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    status, told = replay(capsys, recording, "--to", cells[1], "--scores", "0.001")
    assert (status, told["differing"], told["skipped"], told["torn"]) == (0, 0, 0, None), told
    assert told["same"] == len(recording.read_text().splitlines())
    requests.delete(f"{cells[1]}/indexes/page", timeout=PATIENCE_S)
    requests.post(f"{cells[1]}/__fake/faults", json={"status": 503, "count": 1, "path": "/indexes/page/recommend"})
    status, told = replay(capsys, recording, "--to", cells[1])
    differing = [each for each in told["exchanges"] if each["differences"]]
    assert (status, [each["path"] for each in differing]) == (1, ["/indexes/page/recommend"])
    assert differing[0]["differences"][0] == {"path": "status", "recorded": "200", "answered": "503"}
    assert {"path": "code", "recorded": "missing", "answered": "'injected_fault'"} in differing[0]["differences"]


def test_what_differs_is_printed_with_its_path(
    recording: Path, cells: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = [line for line in recording.read_text().splitlines() if '"path":"/health"' in line or '"/"' in line]
    told = json.loads(lines[0])
    told["response"]["body"]["json"]["build"] = 7
    changed = tmp_path / "changed.jsonl"
    changed.write_text(json.dumps(told) + "\n" + '{"version":1,"at":"2026')
    assert main(["cell", "replay", str(changed), "--to", cells[1]]) == 1
    out, err = capsys.readouterr()
    assert "✗ line 1: GET /\n    build  number → missing\n" in out
    assert f"{changed}:2: this line was not written whole" in err
    assert main(["cell", "replay", str(changed), "--to", cells[1], "--ignore", "build"]) == 0


def test_no_secret_reaches_the_disk(cells: tuple[str, str], tmp_path: Path) -> None:
    with recorder(cells[0], tmp_path / "session.jsonl") as running:
        headers = {
            "x-api-key": SECRETS["key"],
            "Authorization": f"Bearer {SECRETS['token']}",
            "X-Own": SECRETS["own"],
        }
        index = f"{running.url}/indexes/secret"
        session = requests.Session()
        session.headers.update(headers)
        session.cookies["session"] = SECRETS["cookie"]
        session.post(index, json={}, timeout=PATIENCE_S)
        body = {
            "documents": [{"_id": "1", "title": f"has {SECRETS['key']}", "apiKey": SECRETS["document"]}],
            "modelAuth": {"hf": {"token": SECRETS["model"]}},
            "tensorFields": ["title"],
        }
        session.post(f"{index}/documents", params={"access_token": SECRETS["query"]}, json=body, timeout=PATIENCE_S)
        found = session.post(f"{index}/search", json={"q": SECRETS["token"]}, timeout=PATIENCE_S).json()["hits"]
        status, told = running.end()
    text = running.file.read_text()
    assert found[0]["apiKey"] == SECRETS["document"]  # what passes is whole
    assert (status, told["recorded"], told["changing"]) == (0, 3, 2)
    assert [name for name, secret in SECRETS.items() if secret in text] == []


class Odd(BaseHTTPRequestHandler):
    """A cell that answers in unusual ways."""

    protocol_version = "HTTP/1.1"
    has_first: ClassVar[threading.Event]

    def do_POST(self) -> None:
        size = int(self.headers["Content-Length"])
        self._answer(self.rfile.read(size), {"Content-Encoding": self.headers["Content-Encoding"]})

    def do_GET(self) -> None:
        if self.path == "/broken":
            self.send_response(200)
            self.send_header("Content-Length", "100")
            self.end_headers()
            self.wfile.write(b"half")
            self.close_connection = True
        elif self.path == "/slow":
            self.send_response(200)
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            self.wfile.write(b"5\r\nfirst\r\n")
            assert self.has_first.wait(PATIENCE_S)
            self.wfile.write(b"4\r\nlast\r\n0\r\n\r\n")
        else:
            self._answer(b"\xff\x00", {"X-Path": self.path, "X-Host": self.headers["Host"]}, 418)

    def _answer(self, body: bytes, headers: dict[str, str], status: int = 200) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def odd() -> Iterator[str]:
    Odd.has_first = threading.Event()
    server = ThreadingHTTPServer(("127.0.0.1", free_port()), Odd)
    threading.Thread(target=server.serve_forever).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_all_passes_as_it_is_and_what_breaks_off_breaks_off(odd: str, tmp_path: Path) -> None:
    import gzip

    packed = gzip.compress(json.dumps({"q": "lamp", "password": "hunter-two"}).encode())
    with recorder(odd, tmp_path / "session.jsonl") as running:
        answer = requests.post(f"{running.url}/a", packed, headers={"Content-Encoding": "gzip"}, timeout=PATIENCE_S)
        assert answer.json() == {"q": "lamp", "password": "hunter-two"}
        answer = requests.get(f"{running.url}/b%2Fc?d=%20e&d", timeout=PATIENCE_S)
        assert (answer.status_code, answer.content, answer.headers["X-Path"]) == (418, b"\xff\x00", "/b%2Fc?d=%20e&d")
        assert answer.headers["X-Host"] == odd.removeprefix("http://")
        with requests.get(f"{running.url}/slow", stream=True, timeout=PATIENCE_S) as streamed:
            parts = streamed.iter_content(None)
            assert next(parts) == b"first"  # before the cell says more
            Odd.has_first.set()
            assert list(parts) == [b"last"]
        with pytest.raises(requests.exceptions.ChunkedEncodingError):
            requests.get(f"{running.url}/broken", timeout=PATIENCE_S)
        _, told = running.end()
    assert (told["recorded"], told["broken"]) == (3, 1)
    bodies = [line["response"]["body"] for line in running.lines]
    assert bodies[0] == {"json": {"q": "lamp", "password": "********"}}
    assert bodies[1:] == [{"left_out": "it is not text", "bytes": 2}, {"text": "firstlast"}]


def test_a_cell_that_is_silent_or_elsewhere_is_told(recording: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cell", "replay", str(recording), "--to", f"http://localhost:{free_port()}"]) == 4
    assert "[cell-silent]" in capsys.readouterr().err
    assert main(["cell", "replay", str(recording), "--to", "https://cell.invalid"]) == 2
    assert "[cell-changes]" in capsys.readouterr().err
    assert main(["cell", "replay", str(recording), "--to", "cell.invalid"]) == 2
    assert main(["cell", "replay", str(recording), "--to", "https://cell.invalid", "--api-key", "NO_SUCH"]) == 2
    assert main(["cell", "replay", str(recording), "--to", "https://cell.invalid", "--reads-only"]) == 4


def test_what_reads_alone_can_be_asked_for(
    recording: Path, cells: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    _, told = replay(capsys, recording, "--to", cells[1], "--reads-only")
    assert {each["method"] for each in told["exchanges"] if each["skipped"]} == {"POST"}
    assert told["skipped"] == 3
