"""What the doctor finds in facts, and how it gathers them on a real machine."""

import os
import socket
from dataclasses import replace
from pathlib import Path

import pytest

from hippodrome.diagnose.doctor import examine
from hippodrome.diagnose.facts import Facts, gather
from hippodrome.listeners import Holder
from hippodrome.plan.layout import Layout
from hippodrome.rundir import Instance

GIB = 1 << 30
WELL = Facts(
    python=(3, 11, 7),
    node=(22, 12, 0),
    npm=(10, 9, 0),
    git=(2, 39, 5),
    disk_free=50 * GIB,
    memory_free=8 * GIB,
    inotify_watches=524_288,
    open_files=4096,
    is_running=False,
)


def test_a_machine_that_is_well_gives_no_mends() -> None:
    assert {finding.severity for finding in examine(WELL)} == {"ok"}


ILL = [
    (replace(WELL, python=(3, 10, 1)), "Python", "error", "3.11"),
    (replace(WELL, node=None), "Node", "warning", "PyPI"),
    (replace(WELL, node=(21, 3, 0)), "Node", "warning", "PyPI"),
    (replace(WELL, npm=None), "npm", "warning", "Node"),
    (replace(WELL, git=None), "git", "warning", "prefix"),
    (replace(WELL, holders={"api": (9002, Holder(812, "python", "bob"))}), "Ports", "error", "kill 812"),
    (replace(WELL, holders={"api": (9002, Holder(None, "", "eve"))}), "Ports", "error", "another port"),
    (replace(WELL, disk_free=GIB // 2), "Disk", "error", "Free"),
    (replace(WELL, memory_free=GIB // 4), "Memory", "warning", "Close"),
    (replace(WELL, open_files=256), "Limits", "warning", "ulimit"),
    (replace(WELL, inotify_watches=100), "Limits", "warning", "max_user_watches"),
    (replace(WELL, leftovers=(41, 42)), "Leftovers", "warning", "hd down"),
    (replace(WELL, has_stale_socket=True), "Leftovers", "warning", "by itself"),
]


@pytest.mark.parametrize(("facts", "subject", "severity", "mend"), ILL)
def test_each_thing_that_is_wrong_is_found_with_its_mend(
    facts: Facts, subject: str, severity: str, mend: str
) -> None:
    (found,) = (finding for finding in examine(facts) if finding.severity != "ok")
    assert (found.subject, found.severity) == (subject, severity)
    assert mend in found.mend


def test_facts_come_from_the_machine(tmp_path: Path) -> None:
    instance = Instance("test", tmp_path, Layout(tmp_path / "run", tmp_path / "sockets"))
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        facts = gather(instance, [("api", port)])
    assert facts.holders["api"][1].pid == os.getpid()
    assert facts.git is not None
    assert facts.disk_free > 0
    assert not facts.is_running
    assert not facts.leftovers
