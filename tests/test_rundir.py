"""Where an instance's files are, who may change them, and what is read back."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from hippodrome.errors import ExitCode, UserError
from hippodrome.files import File
from hippodrome.plan.layout import Layout
from hippodrome.plan.model import Frozen, Plan
from hippodrome.rundir import (
    Instance,
    layout_of,
    locate,
    locked,
    new_record,
    prepare,
    read_plan,
    read_record,
    remove_all_but,
    write_generation,
    write_record,
)
from hippodrome.wait import Deadline

PLAN = Plan(project_root="/p", profile="core", cell="local", aws="moto", table_prefix="dev-", programs=())


@pytest.fixture
def instance(tmp_path: Path) -> Instance:
    made = locate(tmp_path / "project", {"XDG_STATE_HOME": str(tmp_path / "state")})
    prepare(made)
    return made


def test_two_checkouts_of_one_name_are_two_instances() -> None:
    environ = {"HOME": "/home/ada"}
    one, two = locate(Path("/a/shop"), environ), locate(Path("/b/shop"), environ)
    assert one.id.startswith("shop-")
    assert one.id != two.id
    assert one.layout.run_dir.parent == Path("/home/ada/.local/state/hippodrome")
    assert locate(Path("/a/shop"), environ) == one


@pytest.mark.parametrize("name", ["a b", "Ünï", "…", "-x-", "y" * 200])
def test_any_folder_name_gives_a_name_that_needs_no_quotes(name: str) -> None:
    found = locate(Path("/somewhere") / name, {"HOME": "/h"}).id
    assert all(character.isascii() and (character.isalnum() or character in "_-") for character in found)
    assert len(found) < 60


def test_a_long_path_has_its_socket_elsewhere_and_finds_it_again() -> None:
    deep = Path("/home/ada") / ("d" * 150)
    socket = locate(Path("/p"), {"XDG_STATE_HOME": str(deep)}).layout.socket
    assert len(os.fsencode(socket)) < 104
    run_dir = locate(Path("/p"), {"XDG_STATE_HOME": str(deep)}).layout.run_dir
    assert layout_of(run_dir).socket == socket


def test_the_run_directory_is_for_its_user_alone(instance: Instance) -> None:
    assert instance.layout.run_dir.stat().st_mode & 0o777 == 0o700
    instance.layout.run_dir.chmod(0o777)
    prepare(instance)
    assert instance.layout.run_dir.stat().st_mode & 0o777 == 0o700


def test_a_socket_folder_that_leads_elsewhere_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "sockets").symlink_to(tmp_path / "mine")
    layout = Layout(tmp_path / ("d" * 120), tmp_path / "sockets")
    with pytest.raises(UserError, match="foreign-folder") as caught:
        prepare(Instance("x", tmp_path, layout))
    assert caught.value.exit_code == ExitCode.CONFLICT


def test_what_was_settled_is_read_back(instance: Instance) -> None:
    record = new_record("abc", Frozen({"PATH": "/bin"}, "dev-main-"))
    write_record(instance.layout, record)
    assert read_record(instance.layout) == record
    assert record.python == sys.executable


def test_the_record_of_another_version_still_tells_whose_processes_are_left(instance: Instance) -> None:
    told = {"stack_id": "abc", "frozen": {"base": {}, "table_prefix": "x"}, "colour": "blue"}
    instance.layout.instance.write_text(json.dumps(told))
    found = read_record(instance.layout)
    assert found is not None
    assert found.stack_id == "abc"


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"stack_id": "x"}'])
def test_a_record_that_makes_no_sense_is_none(instance: Instance, text: str) -> None:
    instance.layout.instance.write_text(text)
    assert read_record(instance.layout) is None


def test_a_plan_is_read_back_and_one_of_another_format_is_none(instance: Instance) -> None:
    assert read_plan(instance.layout) is None
    write_generation(instance.layout, [File("plan.json", PLAN.to_json())])
    assert read_plan(instance.layout) == PLAN
    instance.layout.plan.write_text(PLAN.to_json().replace('"format": 1', '"format": 999'))
    assert read_plan(instance.layout) is None


def test_launchers_of_earlier_generations_go(instance: Instance) -> None:
    old, new = File("launch/a-1.sh", "old secret"), File("launch/a-2.sh", "new")
    write_generation(instance.layout, [old])
    write_generation(instance.layout, [new])
    remove_all_but(instance.layout, [new])
    assert [path.name for path in (instance.layout.run_dir / "launch").iterdir()] == ["a-2.sh"]


HOLD = """
import sys
from pathlib import Path
from hippodrome.rundir import locate, locked
from hippodrome.wait import Deadline
with locked(locate(Path(sys.argv[1]), {"XDG_STATE_HOME": sys.argv[2]}), Deadline(10)):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_whoever_waits_for_the_lock_is_told_for_whom(instance: Instance, tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLD, str(instance.project_root), str(tmp_path / "state")]
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    said: list[str] = []
    with subprocess.Popen(command, env=environ, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with (
            pytest.raises(UserError, match=f"another hd \\(pid {holder.pid}\\)") as caught,
            locked(instance, Deadline(0.1), said.append),
        ):
            pass
        assert caught.value.exit_code == ExitCode.CONFLICT
        assert said == [f"Waiting for another hd (pid {holder.pid}), which is changing this stack."]
        holder.communicate("")
    with locked(instance, Deadline(5)):
        pass
