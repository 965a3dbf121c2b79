"""What is found in a program's way before it is started."""

import os
import socket
from pathlib import Path

from hippodrome.supervision.preflight import obstacle
from tests.stack import program


def test_nothing_is_in_the_way_of_a_command_on_path() -> None:
    assert obstacle(program("api", "true"), {"PATH": os.defpath}) is None


def test_a_missing_folder_and_a_missing_command_are_named(tmp_path: Path) -> None:
    gone = str(tmp_path / "gone")
    assert obstacle(program("api", "true", directory=gone), os.environ) == ("folder-missing", {"folder": gone})
    assert obstacle(program("api", "no-such"), os.environ) == ("command-missing", {"command": "no-such"})


def test_a_file_without_the_right_to_run_is_told_from_one_that_is_not_there(tmp_path: Path) -> None:
    script = tmp_path / "script"
    script.write_text("")
    assert obstacle(program("api", str(script)), os.environ) == ("not-executable", {"command": str(script)})


def test_the_command_is_looked_for_where_the_program_will_look(tmp_path: Path) -> None:
    tool = tmp_path / "tool"
    tool.write_text("#!/bin/sh\n")
    tool.chmod(0o755)
    assert obstacle(program("api", "tool", environment={"PATH": str(tmp_path)}), {"PATH": "/nowhere"}) is None
    assert obstacle(program("api", "./tool", directory=str(tmp_path)), {}) is None


def test_a_folder_of_path_that_cannot_be_looked_into_is_passed_over() -> None:
    no_folder = "x" * 300  # for which `stat` fails, as it does below a folder that may not be entered
    assert obstacle(program("api", "true"), {"PATH": f"{no_folder}:{os.defpath}"}) is None


def test_a_port_that_is_held_names_its_holder() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        found = obstacle(program("api", "true", ports={"http": port}), os.environ)
    assert found is not None
    assert found[0] == "port-taken"
    assert (found[1]["port"], found[1]["pid"]) == (port, os.getpid())
