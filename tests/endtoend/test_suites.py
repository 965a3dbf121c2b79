"""Suites by name, what they are told of a stack, and that nothing of theirs can harm real data."""

import os
import socket
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from xml.etree import ElementTree

import pytest

from hippodrome.endtoend import suites
from hippodrome.endtoend.own_stack import kept_ports
from hippodrome.errors import UserError
from hippodrome.listeners import is_free
from hippodrome.shop.client import RealDataError, Shop
from tests.e2e.conftest import ROOT, Stack, settings_of
from tests.plain_pytest import AUTOLOAD, PLAIN
from tests.stack import free_port

PATIENCE_S = 60.0
SEVEN = (
    "ecom_aliasing",
    "ecom_analytics",
    "ecom_import_export",
    "ecom_onboarding",
    "ecom_onboarding_text",
    "index_forking",
    "shopify_onboarding",
)


def test_the_seven_suites_are_there() -> None:
    assert tuple(suites.suites()) == SEVEN


@pytest.mark.parametrize(
    "name", ["ecom_import_export", "import-export", "import_export", "ecom_import_export_test.py"]
)
def test_a_suite_goes_by_any_of_its_names(name: str) -> None:
    assert [path.name for path in suites.chosen([name])] == ["ecom_import_export_test.py"]


def test_a_word_that_one_suite_alone_has_names_it() -> None:
    named = [path.stem for path in suites.chosen(["forking", "text", "shopify", "onboarding"])]
    assert named == [
        "index_forking_test",
        "ecom_onboarding_text_test",
        "shopify_onboarding_test",
        "ecom_onboarding_test",
    ]
    with pytest.raises(UserError, match="no suite `ecom`"):
        suites.chosen(["ecom"])


def test_all_suites_are_run_when_none_is_named() -> None:
    assert len(suites.chosen([])) == len(SEVEN)


def test_a_suite_that_is_not_there_is_told_with_the_nearest() -> None:
    with pytest.raises(UserError, match="Did you mean `ecom_aliasing`"):
        suites.chosen(["aliasin"])


def test_what_is_set_wins_over_the_file(tmp_path: Path) -> None:
    (tmp_path / ".env.hippodrome").write_text("export A=1\nexport B=2\n")
    assert settings_of({"B": "3", "C": "4"}, tmp_path) == {"A": "1", "B": "3"}
    (tmp_path / ".env.staging").write_text("A=5\n")
    assert settings_of({"ENVIRONMENT": "staging"}, tmp_path) == {"A": "5"}
    with pytest.raises(FileNotFoundError, match="ENVIRONMENT names it"):
        settings_of({"ENVIRONMENT": "nowhere"}, tmp_path)


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_nothing_that_changes_data_is_ever_sent_to_prod(method: str) -> None:
    nobody = f"http://127.0.0.1:{free_port()}"
    stack = Stack("prod", nobody, nobody, nobody, "key", 42)
    with pytest.raises(RealDataError):
        stack.shop("key").admin(method, "/indexes/store")


def test_a_shop_of_real_data_can_be_read() -> None:
    nobody = f"http://127.0.0.1:{free_port()}"
    with pytest.raises(OSError, match="refused"):  # it was sent
        Shop(nobody, nobody, "key", is_data_real=True).admin("GET", "/indexes")


def told_by_pytest(**environ: str) -> str:
    """What a suite run on its own says, without having run a test."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *PLAIN, "-q", str(suites.suites()["index_forking"])],
        env={**os.environ, **AUTOLOAD, **environ},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
    )
    assert done.returncode == pytest.ExitCode.USAGE_ERROR, done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert "ERROR" not in done.stdout
    return done.stdout


def test_an_environment_without_a_file_is_one_line() -> None:
    assert ".env.nowhere is not there; ENVIRONMENT names it" in told_by_pytest(ENVIRONMENT="nowhere")


def test_a_stack_that_is_not_there_is_one_line_with_what_starts_it() -> None:
    nobody = f"http://127.0.0.1:{free_port()}"
    assert "`hd up -d --profile ecom` starts it" in told_by_pytest(ENVIRONMENT="hippodrome", ADMIN_SERVER_URL=nobody)


def test_a_stack_whose_cell_is_prod_is_asked_nothing_but_which_it_is() -> None:
    asked = list[str]()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(f"{self.command} {self.path}")
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b'{"stack": {"cell": "prod"}}')

        do_POST = do_PUT = do_PATCH = do_DELETE = do_GET  # noqa: N815 - names of http.server

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=[0.01], daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}"
        names = ("ADMIN_SERVER_URL", "SEARCH_PROXY_URL", "CONTROLLER_URL", "DASHBOARD_URL")
        said = told_by_pytest(ENVIRONMENT="hippodrome", **dict.fromkeys(names, url))
        server.shutdown()
    assert "The data of `prod` is real" in said
    assert asked == ["GET /health", "GET /api/status"]


def test_a_port_that_is_kept_is_given_to_nobody_but_a_server() -> None:
    with kept_ports(str(number) for number in range(50)) as ports:
        assert len(set(ports.values())) == 50
        assert all(is_free(port, "127.0.0.1") for port in ports.values())
        with socket.create_server(("127.0.0.1", ports["0"])):
            assert not is_free(ports["0"], "127.0.0.1")


def test_results_are_written_as_junit_xml_below_the_callers_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    more = ("-q", "-n", "0", "-k", "seven_suites", *suites.junit(Path("results.xml")))
    assert suites.run([Path(__file__)], more, {}) == 0
    results = ElementTree.parse(tmp_path / "results.xml").getroot()
    assert [case.get("name") for case in results.iter("testcase")] == ["test_the_seven_suites_are_there"]
