"""The profile with a deployed cell: none of its own runs, and every service asks that one with its key."""

import http.client
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from hippodrome.errors import ExitCode
from hippodrome.wait import Deadline, until
from tests.core.conftest import PATIENCE_S, Core
from tests.ecom.conftest import shop_of, started
from tests.services.conftest import services_in

KEY = "of-the-deployed-cell"
REFUSAL = b'{"message": "who are you?", "code": "unauthorized", "type": "invalid_request"}'
PASSED_ON = {"content-type", "x-request-id"}


@dataclass
class Gate:
    """Before a data plane: who comes without the key is refused and noted."""

    cell_url: str
    refused: list[str] = field(default_factory=list)
    served: list[str] = field(default_factory=list)

    def handler(gate) -> type[BaseHTTPRequestHandler]:  # noqa: N805 - `self` is the handler's
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                if self.headers.get("x-api-key") == KEY:
                    self.pass_on(body)
                else:
                    gate.refused.append(f"{self.command} {self.path}")
                    self.send(401, REFUSAL)

            def pass_on(self, body: bytes) -> None:
                gate.served.append(f"{self.command} {self.path}")
                cell = http.client.HTTPConnection(urlsplit(gate.cell_url).netloc, timeout=PATIENCE_S)
                kept = {name: value for name, value in self.headers.items() if name.lower() in PASSED_ON}
                cell.request(self.command, self.path, body, kept)
                told = cell.getresponse()
                self.send(told.status, told.read())
                cell.close()

            def send(self, status: int, body: bytes) -> None:
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST = do_PATCH = do_DELETE = answer  # noqa: N815 - names of http.server

            def log_message(self, *_: object) -> None: ...

        return Handler


@contextmanager
def deployed(gate: Gate) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), gate.handler())
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_deployed_cell_is_asked_with_its_key_which_nothing_shows(own: Core, tmp_path: Path) -> None:
    kept = tmp_path / "key"
    kept.write_text(KEY)
    with services_in(tmp_path / "cell", "fake_cell") as made:
        made["fake_cell"].start()
        gate = Gate(made["fake_cell"].url)
        with deployed(gate) as url:
            cells = {"staging": {"url": url, "api_key": ["cat", str(kept)]}, "prod": {"url": url}}
            own.configure(profile="ecom", cells=cells)
            started(own, "--cell", "staging", "--aws", "moto")
            assert "fake_cell" not in own.statuses()
            seeded = own.hd("seed", "--products", "5")
            assert seeded.returncode == 0, seeded.stdout + seeded.stderr
            assert until(lambda: shop_of(own).search("shop", "")["totalHits"] == 5, Deadline(PATIENCE_S))
            assert own.ask("console", "/api/cell/indexes/local-shop/stats").status_code == 200
            assert own.ask("controller", "/api/v2/indexes").json()["results"][0]["docs.count"] != "0"
            assert gate.served
            assert gate.refused == []

            environment = own.hd("env", "admin_server").stdout
            assert "CELL_API_KEY" in environment
            shown = environment + own.hd("plan", "--json").stdout + own.ask("console", "/").text
            shown += "".join(own.ask("dashboard", f"/api/services/{name}").text for name in own.statuses())
            assert KEY not in shown
            own.hd("down")

            refused = own.hd("up", "-d", "--cell", "prod", "--aws", "moto")  # nobody is there to say yes
            assert refused.returncode != 0
            assert "prod" in refused.stderr
            assert own.hd("ps").returncode == ExitCode.NOT_RUNNING
