"""Deployed cells: where their address is missing, and asking before real data is touched."""

import json
import os
import pty
import subprocess
from pathlib import Path

import pytest

from hippodrome.errors import ExitCode
from tests.cli.conftest import HD, Project
from tests.cli.terminal import read_all

SHOW = "cells: {prod: {url: 'https://cell.example.com'}, staging: {url: 'https://staging.example.com'}}"


@pytest.fixture
def shipped(project: Project) -> Project:
    """The packaged configuration, in a project that adds nothing."""
    (project.folder / "hippodrome.yaml").write_text("")
    return project


def test_a_cell_without_an_address_says_where_to_put_it(shipped: Project) -> None:
    for command in ("plan", "up"):
        done = (
            shipped.hd(command, "--cell", "staging", "--yes")
            if command == "up"
            else shipped.hd(command, "--cell", "staging")
        )
        assert done.returncode == ExitCode.CONFIGURATION
        assert "cells: {staging: {url: https://…}}" in done.stderr


def test_a_deployed_cell_takes_the_place_of_the_local_one(shipped: Project) -> None:
    (shipped.folder / "hippodrome.yaml").write_text(SHOW)
    told = json.loads(shipped.hd("plan", "--cell", "staging", "--json").stdout)["plan"]
    assert "fake_cell" not in [program["name"] for program in told["programs"]]
    assert told["aws"] == "account"
    environment = json.loads(shipped.hd("env", "controller", "--cell", "staging", "--json").stdout)
    assert environment["CONTROL_PLANE_URL_OVERRIDE"] == "https://staging.example.com"


def test_real_data_is_not_touched_by_a_script_that_has_not_said_so(shipped: Project) -> None:
    (shipped.folder / "hippodrome.yaml").write_text(SHOW)
    done = shipped.hd("up", "-d", "--cell", "prod")
    assert done.returncode == ExitCode.USAGE
    assert "https://cell.example.com" in done.stderr
    assert "--yes" in done.stderr
    assert shipped.hd("ps").returncode == ExitCode.NOT_RUNNING


def test_a_person_is_warned_in_red_and_asked(shipped: Project) -> None:
    (shipped.folder / "hippodrome.yaml").write_text(SHOW)
    said, status = _answer(shipped.folder, shipped.state, "n\n")
    assert "\x1b[31m" in said
    assert "REAL" in said
    assert status == ExitCode.INTERRUPTED
    assert shipped.hd("ps").returncode == ExitCode.NOT_RUNNING


def test_once_confirmed_it_goes_on(project: Project) -> None:
    port = project.server("api")
    text = json.loads((project.folder / "hippodrome.yaml").read_text())
    cell = {"url": "https://cell.example.com", "confirm": True}
    (project.folder / "hippodrome.yaml").write_text(json.dumps(text | {"cells": {"real": cell}}))
    done = project.hd("up", "-d", "--cell", "real", "--yes")
    assert done.returncode == 0, done.stderr
    assert "REAL" in done.stderr
    assert f":{port}" in done.stdout


def test_a_cell_that_was_kept_from_the_running_stack_says_so_when_it_can_be_no_longer(project: Project) -> None:
    project.server("api")
    whole = json.loads((project.folder / "hippodrome.yaml").read_text())

    def cells(**known: object) -> None:
        (project.folder / "hippodrome.yaml").write_text(json.dumps(whole | {"cells": known}))

    cells(staging={"url": "https://cell.example.com"}, local={"url": "http://localhost:1"})
    assert project.hd("up", "-d", "--cell", "staging").returncode == 0
    cells(staging={}, local={"url": "http://localhost:1"})
    nowhere = project.hd("up", "-d")
    assert nowhere.returncode == ExitCode.CONFIGURATION
    assert "cell `staging` has no address" in nowhere.stderr
    assert "The running stack uses it and no other was named: `--cell local`" in nowhere.stderr
    assert "running stack" not in project.hd("up", "-d", "--cell", "staging").stderr
    cells(local={"url": "http://localhost:1"})
    gone = project.hd("up", "-d")
    assert "running stack: there is no cell `staging` [unknown-cell]" in gone.stderr
    assert "`--cell NAME` takes one." in gone.stderr
    assert project.hd("up", "-d", "--cell", "local").returncode == 0


def _answer(folder: Path, state: Path, typed: str) -> tuple[str, int]:
    """What a terminal shows, and the exit status."""
    ours, theirs = pty.openpty()
    environ = {**os.environ, "XDG_STATE_HOME": str(state), "TERM": "xterm"}
    environ.pop("NO_COLOR", None)
    child = subprocess.Popen(
        [*HD, "up", "-d", "--cell", "prod"], cwd=folder, env=environ, stdin=theirs, stdout=theirs, stderr=theirs
    )
    os.close(theirs)
    os.write(ours, typed.encode())
    return read_all(ours), child.wait(timeout=60)
