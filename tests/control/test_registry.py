"""The folder that all users of a box share: what is written there, what is read, and what is not believed."""

import json
import os
import signal
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from hippodrome.control import registry as module
from hippodrome.control.blocks import decide
from hippodrome.control.processes import look_up
from hippodrome.control.registry import Entry, Found, Registry, boot_id
from hippodrome.errors import ExitCode, UserError

NOBODY = 65534
needs_root = pytest.mark.skipif(os.getuid() != 0, reason="needs root, to be two users")


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    return Registry(tmp_path / "registry")


def entry(folder: Path, number: int = 1, **facts: object) -> Entry:
    """Of an instance whose folders are there."""
    folder.mkdir(exist_ok=True)
    made = Entry(id=f"shop-{number}", project_root=str(folder), run_dir=str(folder), ports={"api": 9000 + number})
    return replace(made, **facts)  # type: ignore[arg-type]


def put(registry: Registry, made: Entry) -> Found:
    with registry.locked() as writer:
        writer.put(made)
    found = registry.own(made.id)
    assert found is not None
    return found


def give_away(registry: Registry, found: Found) -> Found:
    """The same file, of another user."""
    os.chown(registry.folder / found.file, NOBODY, NOBODY)
    (theirs,) = (each for each in registry.look() if each.file == found.file)
    return theirs


def test_the_file_of_the_box_names_the_folder_and_the_variable_wins(tmp_path: Path) -> None:
    environ = {"XDG_CONFIG_DIRS": str(tmp_path / "box"), "XDG_CONFIG_HOME": str(tmp_path / "user")}
    assert Registry.of(environ).folder == Path(module.FOLDER)
    file = tmp_path / "box" / "hippodrome" / "hippodrome.yaml"
    file.parent.mkdir(parents=True)
    file.write_text("idle_stop: 8h\nregistry: /srv/hippodrome\n")
    assert Registry.of(environ).folder == Path("/srv/hippodrome")
    assert Registry.of({**environ, "HIPPODROME_REGISTRY": "/mine"}).folder == Path("/mine")
    for useless in ("registry: here\n", "registry: [\n", "# registry\n"):
        file.write_text(useless)
        assert Registry.of(environ).folder == Path(module.FOLDER)


def test_what_is_registered_is_read_back_and_others_may_read_it(registry: Registry, tmp_path: Path) -> None:
    made = entry(tmp_path / "shop", branch="main", port_offset=100, warden=(7, 8), started_at=1.5)
    before = os.umask(0o077)
    try:
        found = put(registry, made)
    finally:
        os.umask(before)
    assert found.entry == made
    assert stat.S_IMODE(registry.folder.stat().st_mode) == 0o1777
    assert stat.S_IMODE((registry.folder / found.file).stat().st_mode) == 0o644


def test_a_registry_that_is_not_there_has_nobody(registry: Registry) -> None:
    assert registry.look() == ()
    assert not registry.folder.exists()


def test_an_instance_has_one_entry_and_what_a_crash_left_goes(registry: Registry, tmp_path: Path) -> None:
    put(registry, entry(tmp_path / "shop"))
    (registry.folder / f".{os.getuid()}-dead.new").write_text("{")
    put(registry, entry(tmp_path / "shop", port_offset=100))
    (file,) = registry.folder.iterdir()
    assert json.loads(file.read_text())["port_offset"] == 100


GOOD = {
    "format": 1,
    **dict.fromkeys(("id", "name", "project_root", "run_dir", "branch", "profile", "boot"), ""),
    "port_offset": 0,
    "ports": {"api": 9000},
    "main_port": 0,
    "warden": [0, 0],
    "started_at": 0,
}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "[" * 100_000,
        json.dumps({**GOOD, "ports": {"api": 70_000}}),
        json.dumps({**GOOD, "ports": {"api": "9000; rm"}}),
        json.dumps({**GOOD, "ports": [9000]}),
        json.dumps({**GOOD, "port_offset": "0"}),
        json.dumps({**GOOD, "warden": [1]}),
        json.dumps({**GOOD, "started_at": "now"}),
        json.dumps({**GOOD, "started_at": float("nan")}),
        json.dumps({**GOOD, "started_at": 10**400}),
        json.dumps({**GOOD, "main_port": -1}),
        json.dumps({**GOOD, "branch": ["main"]}),
        json.dumps(GOOD) + " " * (1 << 20),
    ],
    ids=lambda text: text[:20],
)
def test_text_that_makes_no_sense_is_no_entry(registry: Registry, tmp_path: Path, text: str) -> None:
    put(registry, entry(tmp_path / "shop"))
    (registry.folder / "0-good.json").write_text(json.dumps(GOOD))
    (registry.folder / "0-odd.json").write_text(text)
    assert sorted(each.file for each in registry.look() if "shop" not in each.file) == ["0-good.json"]


@pytest.mark.faults
@pytest.mark.parametrize(
    ("told", "ports"),
    [
        ({**GOOD, "format": 99, "branch": {"name": "main"}, "of_later": 1}, {9000}),
        ({"format": 99, "ports": {"api": 9000, "web": {"number": 9001}}}, {9000}),
        ({key: value for key, value in GOOD.items() if key not in ("format", "main_port")}, {9000}),
        ({"format": 99, "ports": {"web": {"number": 9001}}}, None),
    ],
)
def test_an_entry_of_another_version_keeps_the_ports_that_can_be_read(
    registry: Registry, tmp_path: Path, told: dict[str, object], ports: set[int] | None
) -> None:
    registry.folder.mkdir()
    (registry.folder / "0-other.json").write_text(json.dumps(told))
    found = registry.look()
    assert [set(each.entry.ports.values()) for each in found] == ([ports] if ports else [])
    assert not any(each.is_own or each.is_stale for each in found)  # nothing of it is used or removed
    assert decide([9000], None, found).port_offset == (100 if ports else 0)


def test_an_own_entry_of_another_version_is_used_as_far_as_it_is_known(registry: Registry, tmp_path: Path) -> None:
    made = entry(tmp_path / "shop", branch="main", port_offset=100)
    file = registry.folder / put(registry, made).file
    told = json.loads(file.read_text())
    assert told["format"] == 1
    file.write_text(json.dumps({**told, "format": 2, "warden": {"pid": 1}}))
    found = registry.own(made.id)
    assert found
    assert found.entry == made
    assert put(registry, replace(made, branch="other")).entry.branch == "other"
    assert len(list(registry.folder.iterdir())) == 1


def test_links_pipes_and_folders_are_not_followed(registry: Registry, tmp_path: Path) -> None:
    put(registry, entry(tmp_path / "shop"))
    (tmp_path / "elsewhere.json").write_text(json.dumps(GOOD))
    (registry.folder / "0-link.json").symlink_to(tmp_path / "elsewhere.json")
    os.mkfifo(registry.folder / "0-pipe.json")
    (registry.folder / "0-folder.json").mkdir()
    assert len(registry.look()) == 1


def test_a_folder_that_leads_elsewhere_is_refused_and_nothing_is_written_there(tmp_path: Path) -> None:
    (tmp_path / "target").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "target")
    with pytest.raises(UserError, match="registry-unusable") as caught, Registry(tmp_path / "link").locked():
        pass
    assert caught.value.exit_code == ExitCode.CONFLICT
    assert list((tmp_path / "target").iterdir()) == []
    assert Registry(tmp_path / "link").look() == ()


def test_something_in_the_place_of_an_entry_does_not_keep_its_owner_out(registry: Registry, tmp_path: Path) -> None:
    registry.folder.mkdir()
    (registry.folder / f"{os.getuid()}-shop-1.json").mkdir()
    assert put(registry, entry(tmp_path / "shop")).entry.id == "shop-1"
    assert put(registry, entry(tmp_path / "shop", port_offset=200)).entry.port_offset == 200
    assert len(registry.look()) == 1


HOLD = """
import sys
from pathlib import Path
from hippodrome.control.registry import Registry
with Registry(Path(sys.argv[1])).locked():
    print("held", flush=True)
    sys.stdin.read()
"""


def test_the_lock_is_waited_for_and_goes_with_its_holder(
    registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LOCK_S", 0.1)
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", HOLD, str(registry.folder)]
    with subprocess.Popen(command, env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(UserError, match="registry-busy"), registry.locked():
            pass
        holder.send_signal(signal.SIGKILL)
        holder.wait()
    assert put(registry, entry(tmp_path / "shop")).entry.id == "shop-1"


def test_an_instance_whose_folders_are_gone_is_stale(registry: Registry, tmp_path: Path) -> None:
    found = put(registry, entry(tmp_path / "shop"))
    assert not found.is_stale
    (tmp_path / "shop").rmdir()
    assert replace(found).is_stale


def test_one_that_did_not_run_for_long_is_stale(
    registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = put(registry, entry(tmp_path / "shop"))
    os.utime(registry.folder / found.file, (1, 1))
    monkeypatch.setattr(module, "_booted_at", lambda: 1.0)
    (old,) = registry.look()
    assert old.is_stale
    monkeypatch.undo()  # a box that was off for long, or a stack that ran until then: it is not held against them
    assert not replace(old).is_stale


@needs_root
def test_texts_of_other_users_cannot_steer_a_terminal(registry: Registry, tmp_path: Path) -> None:
    odd = entry(tmp_path / "shop", branch="main\x1b[2J\n", ports={"api\x07": 9001}, profile="x" * 5000)
    theirs = give_away(registry, put(registry, odd))
    assert theirs.owner != "root"
    assert (theirs.entry.branch, list(theirs.entry.ports)) == ("main[2J", ["api"])
    assert len(theirs.entry.profile) == 200


@needs_root
def test_another_users_stack_runs_while_its_warden_does(registry: Registry, tmp_path: Path) -> None:
    sleeping = ["sleep", "3600"]
    with (
        subprocess.Popen(sleeping, user=NOBODY, group=NOBODY, extra_groups=[]) as warden,
        subprocess.Popen(sleeping) as of_somebody_else,
    ):
        try:
            runs = []
            for process in (warden, of_somebody_else):
                found = look_up(process.pid)
                assert found is not None
                made = entry(tmp_path / "shop", warden=(found.pid, found.started), boot=boot_id())
                runs.append(give_away(registry, put(registry, made)).is_running)
                runs.append(give_away(registry, put(registry, replace(made, boot="another"))).is_running)
                runs.append(give_away(registry, put(registry, replace(made, warden=(found.pid, 1)))).is_running)
            assert runs == [True, False, False, False, False, False]
        finally:
            warden.kill()
            of_somebody_else.kill()
