"""The dashboard as a process of its own, before and without a supervisord."""

import http.client
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from hippodrome.control.access import token_of
from hippodrome.dashboard.run import layout_from
from hippodrome.rundir import layout_of
from hippodrome.wait import Deadline, until
from tests.dashboard.conftest import PLAN

MAIN = Path(__file__).parents[2] / "hippodrome" / "dashboard" / "__main__.py"


@pytest.fixture(params=["-I", "-B"])  # isolated, as it is declared, and by path as people try it
def process(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[subprocess.Popen[str]]:
    (tmp_path / "plan.json").write_text(PLAN.to_json(), encoding="utf-8")
    environment = {"PATH": os.environ["PATH"], "RUN_DIR": str(tmp_path), "PORT": "0", "HOST": "127.0.0.1"}
    command = [sys.executable, request.param, str(MAIN)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment, cwd="/") as started:
        yield started
        if started.poll() is None:
            started.kill()


def connect(process: subprocess.Popen[str]) -> http.client.HTTPConnection:
    assert process.stdout is not None
    port = process.stdout.readline().rpartition(":")[2]
    return http.client.HTTPConnection("127.0.0.1", int(port), timeout=20)


def bearer(run_dir: Path) -> dict[str, str]:
    return {"Authorization": f"Bearer {token_of(layout_of(run_dir))}"}


def test_it_runs_by_path_from_any_folder_and_shows_the_plan(process: subprocess.Popen[str], tmp_path: Path) -> None:
    connection = connect(process)
    connection.request("GET", "/api/status", headers=bearer(tmp_path))
    told = connection.getresponse().read().decode()
    assert '"name":"worker"' in told
    assert '"state":"unknown"' in told
    connection.close()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_soon_and_well_while_a_stream_is_open(
    process: subprocess.Popen[str], tmp_path: Path, number: signal.Signals
) -> None:
    connection = connect(process)
    connection.request("GET", "/api/stream?services=", headers=bearer(tmp_path))
    answer = connection.getresponse()
    assert until(lambda: answer.readline().startswith(b"data: "), Deadline(20))
    process.send_signal(number)
    assert process.wait(timeout=20) == 0
    connection.close()


def test_a_socket_outside_a_long_run_directory_is_found(tmp_path: Path) -> None:
    long = tmp_path / ("x" * 120)
    layout = layout_from({"RUN_DIR": str(long), "SUPERVISOR_SERVER_URL": f"unix://{tmp_path}/0123456789ab.sock"})
    assert layout.socket.parent == tmp_path
    assert layout_from({"RUN_DIR": str(tmp_path)}).run_dir == tmp_path
