"""Two real data planes, and the recorder as a person runs it."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests

from hippodrome.wait import Deadline, until
from tests.cli.conftest import HD, ROOT
from tests.stack import free_port

PATIENCE_S = 30.0


@dataclass
class Recorder:
    """`hd cell record`, running."""

    url: str
    file: Path
    process: "subprocess.Popen[str]"

    def end(self, number: signal.Signals = signal.SIGINT) -> tuple[int, dict[str, Any]]:
        """Exit status, and what it says at its end."""
        self.process.send_signal(number)
        told, _ = self.process.communicate(timeout=PATIENCE_S)
        return self.process.returncode, json.loads(told.splitlines()[-1]) if told else {}

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.file.read_text().splitlines()]


@contextmanager
def recorder(to: str, file: Path) -> Iterator[Recorder]:
    """Answers when it is given."""
    home = {"XDG_STATE_HOME": str(file.parent / "state"), "HIPPODROME_REGISTRY": str(file.parent / "registry")}
    command = [*HD, "cell", "record", "--to", to, "--json", str(file)]
    process = subprocess.Popen(
        command, cwd=file.parent, env={**os.environ, **home}, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout
        yield Recorder(json.loads(process.stdout.readline())["url"], file, process)
    finally:
        process.kill()
        process.communicate()


@contextmanager
def cell_in(folder: Path) -> Iterator[str]:
    """The address of one that answers."""
    port = free_port()
    environment = {**os.environ, "PORT": str(port), "DATA_DIR": str(folder), "LOG_LEVEL": "warning"}
    command = [sys.executable, "-m", "hippodrome.services.fake_cell"]
    process = subprocess.Popen(command, cwd=ROOT, env=environment)
    try:
        assert until(lambda: _answers(port), Deadline(PATIENCE_S), pause_s=0.02)
        yield f"http://localhost:{port}"
    finally:
        process.kill()
        process.wait()


def _answers(port: int) -> bool:
    try:
        return requests.get(f"http://localhost:{port}/health", timeout=5).ok
    except requests.RequestException:
        return False


@pytest.fixture(scope="session")
def cells(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """Two of the same version; each test has indexes of its own in them."""
    folder = tmp_path_factory.mktemp("cells")
    with cell_in(folder / "one") as one, cell_in(folder / "two") as two:
        yield one, two
