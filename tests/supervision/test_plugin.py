"""The calls that supervisord answers for us, and what they cost."""

import json
import os
import socket
import threading
from pathlib import Path
from typing import Any

import pytest

from hippodrome.control import xmlrpc
from hippodrome.control.rpc import Refused
from hippodrome.plan.conditions import Snapshot
from hippodrome.plan.model import Probe
from tests.stack import Stack, is_alive, needs, service, sleeper, task, wait_until


def _raw(stack: Stack, method: str, *arguments: Any) -> Any:
    return xmlrpc.call(stack.instance.layout.socket, f"hippodrome.{method}", arguments, timeout_s=30.0)


def test_what_nobody_knows_is_refused_and_changes_nothing(stack: Stack) -> None:
    stack.start(service("api"))
    before = stack.wait_until_ready()
    for call in (stack.supervisor.start, stack.supervisor.stop):
        with pytest.raises(Refused, match="nobody"):
            call(["api", "nobody"])
    with pytest.raises(Refused, match="nobody"):
        stack.supervisor.wait(["nobody"], "healthy", 1.0)
    with pytest.raises(Refused, match="started, healthy, completed, stopped"):
        stack.supervisor.wait(["api"], "well", 1.0)
    with pytest.raises(Refused, match="plan"):
        stack.supervisor.apply({"added": [], "changed": [], "removed": [], "plan": "/no/such/plan.json"})
    assert stack.supervisor.status() == before


def test_calls_of_another_form_are_faults_and_supervisord_lives(stack: Stack) -> None:
    stack.start(service("api"))
    stack.wait_until_ready()
    for arguments in ((), (1,), (["api"], "", 1.0, 2.0), ([["api"]],)):
        with pytest.raises((xmlrpc.Fault, OSError)):
            _raw(stack, "restart", *arguments)
    assert stack.status("api").restarts == 0


def test_waiting_ends_with_what_is_waited_for_or_cannot_come_or_with_time(stack: Stack, tmp_path: Path) -> None:
    slow = service("slow", f"needs={tmp_path / 'ready'}")
    stack.start(slow, task("done"), task("broken", "raise SystemExit(1)"), sleeper("after", depends_on=needs("slow")))
    supervisor = stack.supervisor
    assert supervisor.wait(["done"], "completed", 30.0).status("done").has_completed
    assert supervisor.wait(["slow", "broken"], "healthy", 30.0).status("broken").state == "exited"
    assert not supervisor.wait(["slow"], "healthy", 0.1).status("slow").is_ready
    assert not supervisor.wait(["slow"], "healthy", 0.0).status("slow").is_ready
    answers: list[Snapshot] = []
    waiting = [
        threading.Thread(target=lambda name=name: answers.append(stack.supervisor.wait([name], "healthy", 30.0)))
        for name in ("slow", "after", "slow")
    ]
    for thread in waiting:
        thread.start()
    (tmp_path / "ready").touch()
    for thread in waiting:
        thread.join(30.0)
    assert [snapshot.status("slow").is_ready for snapshot in answers] == [True] * 3
    supervisor.stop(["slow"])
    assert supervisor.wait(["slow", "after"], "stopped", 30.0).status("after").state == "blocked"


def test_changes_come_as_they_happen_and_are_numbered(stack: Stack) -> None:
    stack.start(service("api"))
    stack.wait_until_ready()
    version, before = stack.supervisor.changes(0, 30.0)
    assert stack.supervisor.changes(version, 0.05) == (version, before)
    stack.supervisor.stop(["api"])
    later, after = stack.supervisor.changes(version, 30.0)
    assert later > version
    assert after.status("api").state in ("stopping", "stopped")


def test_callers_that_wait_or_go_away_cost_no_cpu(stack: Stack) -> None:
    stack.start(service("api", probe=Probe("none"), ports={}))
    snapshot = stack.wait_until_ready()
    version = stack.supervisor.changes(0, 1.0).version
    callers = [_calling(stack, "changes", version, 3600.0) for _ in range(5)]
    callers.pop().close()
    spent = _cpu_s(snapshot.pid)
    assert stack.supervisor.changes(version, 1.0).version == version
    assert _cpu_s(snapshot.pid) - spent < 0.3
    stack.supervisor.stop(["api"])
    for caller in callers:
        with caller:
            caller.settimeout(30.0)
            assert b"200" in caller.recv(4096)


def _calling(stack: Stack, method: str, since: int, seconds: float) -> socket.socket:
    """A call whose answer nobody has read yet."""
    body = (
        f"<methodCall><methodName>hippodrome.{method}</methodName><params><param><value><int>{since}</int></value>"
        f"</param><param><value><double>{seconds}</double></value></param></params></methodCall>"
    )
    client = socket.socket(socket.AF_UNIX)
    client.connect(str(stack.instance.layout.socket))
    client.sendall(f"POST /RPC2 HTTP/1.1\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode())
    return client


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_a_command_checks_health_in_the_program_s_folder_and_environment(stack: Stack, tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    check = Probe("exec", argv=("sh", "-c", 'test -e "$WANTED"'), interval_s=0.1, timeout_s=5.0, retries=1)
    stack.start(sleeper("api", directory=str(tmp_path), environment={"WANTED": "ready"}, probe=check))
    assert stack.wait_for("api", "starting", and_that=lambda api: api.last_probe).last_probe == "exit status 1"
    ready.touch()
    stack.wait_for("api", "healthy")
    ready.unlink()
    assert stack.wait_for("api", "unhealthy").detail == {"probe": "exit status 1", "failures": 1}


def test_a_command_that_hangs_is_killed_with_what_it_started(stack: Stack, tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    hangs = ("sh", "-c", f"sleep 3600 & echo $! >> {pids}; echo $$ >> {pids}; wait")
    stack.start(sleeper("api", probe=Probe("exec", argv=hangs, timeout_s=0.3)))
    stack.wait_for("api", "starting", and_that=lambda api: api.last_probe == "no answer within 0.3 s")
    first = [int(pid) for pid in pids.read_text().split()[:2]]
    wait_until(lambda: not any(map(is_alive, first)))
    stack.supervisor.stop(["api"])
    stack.wait_for("api", "stopped")
    wait_until(lambda: not any(is_alive(int(pid)) for pid in pids.read_text().split()))


def test_a_line_of_the_log_makes_it_healthy_and_counts_for_one_life(stack: Stack) -> None:
    api = service("api", "delay=0.2", ports={}, probe=Probe("log", r"listening on \d+"))
    stack.start(api)
    first = stack.wait_for("api", "healthy")
    stack.supervisor.restart(["api"], "")
    second = stack.wait_for("api", "healthy", and_that=lambda status: status.restarts == 1)
    assert second.started_at and second.healthy_at and second.healthy_at >= second.started_at + 0.2
    assert first.pid != second.pid


def test_a_status_reads_back_as_it_was(stack: Stack) -> None:
    stack.start(service("api", "exit=3"), sleeper("after", depends_on=needs("api")))
    stack.wait_for("api", "backoff", "starting", "failed", and_that=lambda api: api.last_exit)
    stack.supervisor.stop(["api"])
    told = json.loads(_raw(stack, "status"))
    assert Snapshot.from_dict(told) == stack.supervisor.status()
