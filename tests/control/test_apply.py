"""Bringing an instance to a plan."""

import json
import os
import resource
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from hippodrome.control import apply, daemon, stop
from hippodrome.control.delta import Delta
from hippodrome.control.processes import warden_of
from hippodrome.errors import ExitCode, UserError
from hippodrome.files import File
from hippodrome.plan.model import Frozen, Plan
from hippodrome.rundir import Instance, locked, new_record, prepare, read_record, write_generation, write_record
from hippodrome.wait import Deadline, until
from tests.control.plans import plan, program
from tests.control.stacks import BASE, Stack, close_stack, open_stack

TELL = "import json, os, time; print(json.dumps(dict(os.environ)), flush=True); time.sleep(999)"


def test_a_start_says_what_it_started(stack: Stack) -> None:
    applied = stack.up(program("a"), program("b"))
    assert applied.has_started
    assert applied.delta == Delta(add=("a", "b"))
    assert stack.said == []


def test_supervisord_that_was_started_early_is_the_one_that_runs(stack: Stack) -> None:
    launch = daemon.prelaunch(stack.instance)
    stack.up(program("a"), launch=launch)
    record = read_record(stack.layout)
    assert record is not None
    assert record.stack_id == launch.stack_id


def test_one_that_was_started_early_and_is_not_wanted_leaves_nothing(stack: Stack) -> None:
    launch = daemon.prelaunch(stack.instance)
    write_record(stack.layout, new_record(launch.stack_id, Frozen(BASE, "dev-")))  # so that its processes are found
    stack.eventually(lambda: stack.marked)
    launch.cancel()
    launch.cancel()
    stack.eventually(lambda: not stack.marked)
    assert not stack.layout.warden_pid.exists()


def test_a_service_gets_the_base_what_it_declares_and_no_more(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(sys.path))
    monkeypatch.setenv("LEAKS", "yes")
    stack.up(program("tell", TELL, environment={"GREETING": 'a "quoted" % ; # text\nof two lines'}))
    stack.eventually(lambda: stack.log_of("tell"))
    got = json.loads(stack.log_of("tell"))
    assert got["GREETING"] == 'a "quoted" % ; # text\nof two lines'
    assert BASE.items() <= got.items()
    known = {*BASE, "GREETING", "HD_STACK_ID", "LC_CTYPE", "PWD"}  # LC_CTYPE is python's own doing
    assert {name for name in got if name not in known and not name.startswith("SUPERVISOR_")} == set()


def test_the_same_again_touches_nothing(stack: Stack) -> None:
    programs = (program("a"), program("b"))
    stack.up(*programs)
    before, daemon_pid = stack.pids, stack.supervisord
    files = {path: path.stat().st_mtime_ns for path in stack.layout.run_dir.glob("*.*") if path.suffix != ".log"}
    applied = stack.up(*programs)
    assert applied.delta == Delta(keep=("a", "b"))
    assert not applied.has_started
    assert (stack.pids, stack.supervisord) == (before, daemon_pid)
    assert {path: path.stat().st_mtime_ns for path in files} == files


def test_only_what_changed_is_restarted_added_or_removed(stack: Stack) -> None:
    stack.up(program("kept"), program("changed", TELL, environment={"A": "1"}), program("gone"))
    before = stack.pids
    applied = stack.up(program("kept"), program("changed", TELL, environment={"A": "2"}), program("new"))
    assert applied.delta == Delta(add=("new",), remove=("gone",), change=("changed",), keep=("kept",))
    after = stack.pids
    assert after["kept"] == before["kept"]
    assert after["changed"] != before["changed"]
    assert set(after) == {"kept", "changed", "new"}
    stack.eventually(lambda: '"A": "2"' in stack.log_of("changed"))


def test_a_changed_secret_restarts_what_has_it_and_is_nowhere_to_be_read(stack: Stack, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("hush-one")
    command = (sys.executable, "-c", f"print(open({str(secret)!r}).read())")
    programs = (program("kept"), program("tell", TELL, secrets={"TOKEN": command}))
    stack.up(*programs)
    before = stack.pids
    secret.write_text("hush-two\nlines")
    assert stack.up(*programs).delta.change == ("tell",)
    assert stack.pids["kept"] == before["kept"]
    stack.eventually(lambda: "hush-two" in stack.log_of("tell"))
    assert b"hush" not in stack.layout.plan.read_bytes()
    for path in stack.layout.run_dir.rglob("*"):
        if path.is_file() and b"hush" in path.read_bytes() and path.parent != stack.layout.logs:
            assert path.stat().st_mode & 0o077 == 0
            assert b"hush-one" not in path.read_bytes()


def test_what_is_only_shown_changes_the_plan_and_no_process(stack: Stack) -> None:
    stack.up(program("a"))
    before = stack.pids
    applied = stack.up(program("a", description="something else"))
    assert applied.delta == Delta(keep=("a",))
    assert stack.pids == before
    assert stack.supervisor.status().plan_digest == applied.plan.digest


def test_a_configuration_that_supervisord_refuses_changes_nothing(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    stack.up(program("a"))
    before, conf = stack.pids, stack.layout.supervisord_conf.read_text()
    monkeypatch.setattr(apply, "rendered", _spoilt)
    with pytest.raises(UserError, match="CANT_REREAD"):
        stack.up(program("a", TELL), program("b"))
    assert stack.layout.supervisord_conf.read_text() == conf
    assert stack.pids == before
    monkeypatch.undo()
    assert stack.up(program("a"), program("b")).delta == Delta(add=("b",), keep=("a",))


RENDERED = apply.rendered


def _spoilt(instance: Instance, made: Plan, secrets: Mapping[str, Mapping[str, str]] | None = None) -> list[File]:
    files = RENDERED(instance, made, secrets)
    return [replace(file, text=file.text.replace("startsecs=", "startsecs=soon")) for file in files]


def test_a_supervisord_that_refuses_to_start_says_why(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apply, "rendered", _spoilt)
    with pytest.raises(UserError, match=r"startsecs|soon") as caught:
        stack.up(program("a"))
    assert "supervisord-refused" in str(caught.value)
    monkeypatch.undo()
    stack.up(program("a"))


def test_a_stale_socket_and_pid_files_are_in_nobody_s_way(stack: Stack) -> None:
    prepare(stack.instance)
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(stack.layout.socket))
    stack.layout.supervisord_pid.write_text("1\n")
    stack.layout.warden_pid.write_text("1 1\n")
    assert stack.up(program("a")).has_started


@pytest.mark.faults
def test_two_at_once_make_one_stack(stack: Stack) -> None:
    code = (
        "import sys; from pathlib import Path; from tests.control.stacks import open_stack;"
        "from tests.control.plans import program; from hippodrome.control import daemon;"
        "stack = open_stack(Path(sys.argv[1])); launch = daemon.prelaunch(stack.instance);"
        "print(stack.up(program('a'), program('b'), launch=launch).has_started)"
    )
    command = [sys.executable, "-c", code, str(stack.instance.project_root.parent)]
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    children = [subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    said = sorted(child.communicate(timeout=60)[0].strip() for child in children)
    assert said == ["False", "False", "True"]
    assert len(stack.pids) == 2
    stack.eventually(lambda: len(stack.marked) == 4)


def test_a_start_waits_for_a_stack_that_is_just_ending(stack: Stack) -> None:
    slow = "import signal, sys, time; signal.signal(signal.SIGTERM, lambda *_: (time.sleep(1), sys.exit()));"
    stack.up(program("slow", slow + "print('here', flush=True); time.sleep(999)", stop_grace_s=20.0))
    stack.eventually(lambda: stack.log_of("slow"))
    thread = threading.Thread(target=stop.stop, args=(stack.instance,))
    thread.start()
    stack.eventually(lambda: stack.supervisor.status().is_stopping)
    stack.up(program("a"))
    thread.join()
    assert set(stack.pids) == {"a"}


@pytest.mark.faults
def test_a_long_path_with_spaces_and_signs_is_as_good_as_any(tmp_path: Path) -> None:
    folder = tmp_path / "a folder; with # signs % and 'ünï' ✓" / ("long " * 24).strip()
    folder.mkdir(parents=True)
    stack = open_stack(folder)
    try:
        assert len(os.fsencode(stack.layout.run_dir)) > 150
        stack.up(program("a", TELL))
        stack.eventually(lambda: stack.log_of("a"))
        assert stack.up(program("a", TELL), program("b")).delta == Delta(add=("b",), keep=("a",))
    finally:
        close_stack(stack)


def test_a_supervisord_on_another_python_is_restarted_and_that_is_said(stack: Stack) -> None:
    stack.up(program("a"))
    former = stack.supervisord
    record = read_record(stack.layout)
    assert record is not None
    write_record(stack.layout, replace(record, python="/elsewhere/python"))
    with pytest.raises(UserError, match="restart-needed") as caught:
        stack.up(program("a"), may_restart=False)
    assert caught.value.exit_code == ExitCode.CONFLICT
    assert stack.supervisord == former
    assert stack.up(program("a")).has_started
    assert stack.supervisord != former
    assert "Restarting supervisord and every service: it runs on /elsewhere/python" in stack.said[-1]
    now = read_record(stack.layout)
    assert now is not None
    assert now.frozen == record.frozen


def test_a_plan_of_another_format_means_another_version(stack: Stack) -> None:
    stack.up(program("a"))
    stack.layout.plan.write_text(stack.layout.plan.read_text().replace('"format": 1', '"format": 0'))
    assert stack.up(program("a")).has_started
    assert "started by another version of hd" in stack.said[-1]


def test_a_supervisord_that_has_just_died_is_waited_for(stack: Stack) -> None:
    stack.up(program("a"))
    warden = warden_of(stack.layout.warden_pid)
    os.kill(stack.supervisord, signal.SIGKILL)
    assert not stack.up(program("a"), program("b")).has_started
    assert warden_of(stack.layout.warden_pid) == warden


def test_a_secret_that_cannot_be_read_starts_nothing(stack: Stack) -> None:
    launch = daemon.prelaunch(stack.instance)
    with pytest.raises(UserError, match="secret-unreadable"):
        stack.up(program("a", secrets={"T": ("no-such-command",)}), launch=launch)
    assert not stack.layout.socket.exists()
    assert warden_of(stack.layout.warden_pid) is None


def test_who_holds_the_lock_is_waited_for_and_named(stack: Stack) -> None:
    prepare(stack.instance)
    with locked(stack.instance, Deadline(5)):
        thread = threading.Thread(target=stack.up, args=(program("a"),))
        thread.start()
        assert until(lambda: stack.said, Deadline(30))
    thread.join()
    assert stack.said == [f"Waiting for another hd (pid {os.getpid()}), which is changing this stack."]


def test_a_change_that_was_written_and_never_applied_is_applied_by_the_next_start(stack: Stack) -> None:
    stack.up(program("a"), program("b"))
    before = stack.pids
    wanted = (program("a", TELL), program("b"), program("c"))
    write_generation(stack.layout, apply.rendered(stack.instance, plan(*wanted)))
    assert stack.up(*wanted).delta == Delta(add=("c",), change=("a",), keep=("b",))
    assert stack.pids["b"] == before["b"]
    assert stack.pids["a"] != before["a"]


def test_services_may_open_many_files_and_hold_none_of_ours(stack: Stack) -> None:
    code = (
        "import os, resource, time; print(resource.getrlimit(resource.RLIMIT_NOFILE)[0],"
        "sorted(map(int, os.listdir('/proc/self/fd')))[:-1], flush=True); time.sleep(999)"
    )
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    with open(os.devnull) as inherited:  # noqa: PTH123
        os.set_inheritable(inherited.fileno(), True)
        stack.up(program("tell", code))
    stack.eventually(lambda: stack.log_of("tell"))
    assert stack.log_of("tell").strip() == f"{min(hard, 65536)} [0, 1, 2]"
