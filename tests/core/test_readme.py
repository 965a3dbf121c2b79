"""The README's commands, in its order, in a fresh copy of the checkout."""

import os
import re
import shlex
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.core.conftest import ROOT, SETUP_S, Core, made_in

README = (ROOT / "README.md").read_text(encoding="utf-8")
ENDLESS = {"./hd up": "Following the logs", "./hd logs -f controller": "controller"}  # until they have said this


def commands() -> list[str]:
    """Every line of a console block that begins with a prompt, without its comment."""
    blocks = re.findall(r"```console\n(.*?)```", README, re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines() if line.startswith("$ ")]
    return [shlex.join(shlex.split(line[2:], comments=True)) for line in lines]


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Core]:
    core = made_in(tmp_path)
    yield core
    core.hd("down", "--now")


@pytest.mark.timeout(600)
def test_every_command_of_the_readme_works_in_its_order(fresh: Core) -> None:
    told = commands()
    assert told[:2] == ["./hd up", "tests/run"]
    assert "./hd down" in told
    for command in told:
        if command == "tests/run":  # that is what runs here
            assert os.access(ROOT / command, os.X_OK)
        elif command in ENDLESS:
            _run_until(fresh, command, ENDLESS[command])
            if command == "./hd up":
                assert _run(fresh, "./hd ps").returncode == 4
                assert _run(fresh, "./hd up -d").returncode == 0
        else:
            done = _run(fresh, command)
            # on a test's machine other stacks may hold what doctor looks at
            assert done.returncode in ({0, 1} if "doctor" in command else {0}), (command, done.stdout, done.stderr)
    assert _run(fresh, "./hd ps").returncode == 4


def test_every_document_that_is_linked_is_there() -> None:
    for text, folder in [(README, ROOT), *((path.read_text(), path.parent) for path in (ROOT / "docs").glob("*.md"))]:
        for link in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", text):
            if not link.startswith("http"):
                assert (folder / link).exists(), link


def _run(core: Core, command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        shlex.split(command), cwd=core.folder, env=core.environ, text=True, capture_output=True, timeout=SETUP_S
    )


def _run_until(core: Core, command: str, wanted: str) -> None:
    child = subprocess.Popen(
        shlex.split(command),
        cwd=core.folder,
        env=core.environ,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    assert child.stdout is not None
    seen: list[str] = []
    for line in child.stdout:
        seen.append(line)
        if wanted in line:
            break
    else:
        raise AssertionError(f"{command} never said `{wanted}`: {''.join(seen)}")
    child.send_signal(signal.SIGINT)
    child.communicate(timeout=60)
