"""Why a program does not run: each cause, found in a real start."""

import os
import pwd
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from hippodrome.plan.model import Probe, ProbeKind, Restart
from tests.stack import SERVICE, Stack, free_port, http, is_alive, needs, program, service, sleeper, task, wait_until

NEVER = Restart("no")


@contextmanager
def listening(port: int, host: str = "127.0.0.1") -> Iterator[int]:
    """A process that is no part of any stack and holds `port`; its pid."""
    code = f"import socket, time; s = socket.create_server(({host!r}, {port})); print(flush=True); time.sleep(3600)"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as stranger:
        assert stranger.stdout
        stranger.stdout.readline()
        yield stranger.pid
        stranger.kill()


def test_what_cannot_be_started_says_why_and_is_not_tried_again(stack: Stack, tmp_path: Path) -> None:
    plain = tmp_path / "plain"
    plain.touch()
    garbage = tmp_path / "garbage"
    garbage.write_bytes(b"\0\1\2\3")
    garbage.chmod(0o755)
    stack.start(
        sleeper("folder", directory=str(tmp_path / "gone")),
        program("command", "no-such-command-anywhere"),
        program("path", str(tmp_path / "missing")),
        program("mode", str(plain)),
        program("format", str(garbage)),
    )
    found = {name: stack.wait_for(name, "failed") for name in stack.plan.names}
    assert {name: (status.cause, status.detail) for name, status in found.items()} == {
        "folder": ("folder-missing", {"folder": str(tmp_path / "gone")}),
        "command": ("command-missing", {"command": "no-such-command-anywhere"}),
        "path": ("command-missing", {"command": str(tmp_path / "missing")}),
        "mode": ("not-executable", {"command": str(plain)}),
        "format": ("spawn-failed", found["format"].detail),
    }
    assert "exec" in found["format"].detail["error"].lower()
    assert all(status.pid is None and status.restarts == 0 for status in found.values())


def test_a_port_that_a_stranger_holds_fails_naming_the_holder(stack: Stack) -> None:
    port = free_port()
    with listening(port) as pid:
        stack.start(service("api", port=port))
        api = stack.wait_for("api", "failed")
        assert api.cause == "port-taken"
        user = pwd.getpwuid(os.getuid()).pw_name
        command = Path(f"/proc/{pid}/comm").read_text().strip()
        assert api.detail == {"port": port, "pid": pid, "command": command, "user": user}
        assert "starting" not in stack.states_of("api")
    stack.supervisor.start(["api"])
    stack.wait_for("api", "healthy")


@pytest.mark.parametrize("kind", ["tcp", "listen"])
def test_a_port_that_a_stranger_takes_during_the_start_is_not_mistaken_for_ours(
    stack: Stack, kind: ProbeKind
) -> None:
    declared = free_port()
    stack.start(service("lost", ports={"http": declared}, probe=Probe(kind, f"127.0.0.1:{declared}")))
    stack.wait_for("lost", "starting", and_that=lambda lost: lost.last_probe)
    with listening(declared) as pid:
        lost = stack.wait_for("lost", "failed")
    assert (lost.cause, lost.detail["port"], lost.detail["pid"]) == ("port-taken", declared, pid)


def test_one_that_says_it_is_ready_and_listens_elsewhere_only_does_not_hold_its_port(stack: Stack) -> None:
    declared = free_port()
    stack.start(service("lost", ports={"http": declared}, probe=Probe("log", "listening")))
    lost = stack.wait_for("lost", "failed")
    assert (lost.cause, lost.detail) == ("port-not-held", {"port": declared})
    assert f"listening on {declared}" not in stack.log("lost")


def test_a_child_may_hold_the_port_in_its_parent_s_place(stack: Stack) -> None:
    port = free_port()
    wrapper = f"import subprocess, sys; subprocess.run([sys.executable, {str(SERVICE)!r}, '{port}'])"
    parent = program("parent", sys.executable, "-c", wrapper, ports={"http": port}, probe=http(port))
    own_session = replace(
        service("forker"),
        argv=(sys.executable, "-c", _IN_A_SESSION_OF_ITS_OWN, str(port2 := free_port())),
        ports={"http": port2},
        probe=http(port2),
    )
    stack.start(parent, own_session)
    stack.wait_until_ready()


_IN_A_SESSION_OF_ITS_OWN = f"""
import subprocess, sys
subprocess.run([sys.executable, {str(SERVICE)!r}, sys.argv[1]], start_new_session=True)
"""


def test_a_service_with_a_port_and_no_check_is_healthy_once_its_own_process_listens(stack: Stack) -> None:
    port = free_port()
    slow = service("slow", "delay=0.5", port=port, probe=Probe("listen", f"127.0.0.1:{port}"))
    stack.start(slow, sleeper("after", depends_on=needs("slow")))
    snapshot = stack.wait_until_ready()
    status = snapshot.status("slow")
    assert status.state == "healthy" and status.healthy_at and status.started_at
    assert status.healthy_at >= status.started_at + 0.5


def test_an_end_at_once_says_how(stack: Stack) -> None:
    stack.start(
        service("well", "exit=0", restart=NEVER),
        service("badly", "exit=3", restart=NEVER),
        task("killed", "import os; os.kill(os.getpid(), 9)"),
        task("crashed", "import os; os.kill(os.getpid(), 11)"),
        service("forgiven", "exit=0", restart=Restart("on-failure")),
    )
    well, badly = stack.wait_for("well", "failed"), stack.wait_for("badly", "exited")
    killed, crashed = stack.wait_for("killed", "exited"), stack.wait_for("crashed", "exited")
    assert (well.cause, well.detail["code"]) == ("exited-at-once", 0)
    assert badly.last_exit and badly.last_exit.code == badly.detail["code"] == 3
    is_at_once = badly.last_exit.lived_s < 1.0  # a busy machine takes its time
    assert badly.cause == ("exited-at-once" if is_at_once else "crashed")
    assert (killed.cause, killed.detail["signal"]) == ("killed", 9)
    assert (crashed.cause, crashed.detail["signal"]) == ("crashed", 11)
    assert stack.wait_for("forgiven", "failed").cause == "exited-at-once"


@pytest.mark.parametrize("restart", [NEVER, Restart()])
@pytest.mark.parametrize("modes", [["daemon"], ["daemon", "linger=1"]], ids=["at once", "once it answers"])
def test_what_goes_into_the_background_is_found_out_and_ended(
    stack: Stack, tmp_path: Path, modes: list[str], restart: Restart
) -> None:
    pids = tmp_path / "pids"
    stack.start(service("hider", *modes, f"pids={pids}", restart=restart))
    hider = stack.wait_for("hider", "failed")
    assert hider.cause == "daemonised"
    wait_until(lambda: not any(is_alive(int(pid)) for pid in pids.read_text().split()))


def test_what_keeps_failing_is_given_up_with_its_last_exit(stack: Stack) -> None:
    stack.start(service("api", "exit=7", restart=Restart("on-failure", 2)))
    api = stack.wait_for("api", "failed")
    assert (api.cause, api.detail, api.restarts) == ("gave-up", {"tries": 3}, 2)
    assert api.last_exit and api.last_exit.code == 7
    assert stack.states_of("api").count("starting") == 3
    stack.supervisor.start(["api"])
    stack.wait_for("api", "backoff", "failed", and_that=lambda api: api.restarts == 3)


def test_events_tell_each_state_once_with_its_cause(stack: Stack) -> None:
    stack.start(service("api", "exit=0", restart=Restart("always", 1)))
    stack.wait_for("api", "failed")
    told = [(event["state"], event["cause"], event["reason"]) for event in stack.events]
    assert told == [
        ("starting", "", ""),
        ("backoff", "exited-at-once", ""),
        ("starting", "", "crashed"),
        ("failed", "exited-at-once", ""),
    ]


def test_a_name_that_means_several_addresses_is_looked_for_at_each(stack: Stack) -> None:
    port = free_port()
    stack.start(service("api", port=port, probe=Probe("http", f"http://localhost:{port}/health")))
    stack.wait_for("api", "healthy")
