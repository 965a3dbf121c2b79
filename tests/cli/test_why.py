"""`hd why`: one screen about one service, of a real stack."""

import json
import re
import socket
import sys
from typing import Any

from hippodrome.control.rpc import Supervisor
from hippodrome.rundir import locate
from tests.cli.conftest import Eventually, Project


def test_a_crash_is_told_with_its_end_its_errors_and_what_happened_since_it_was_well(
    project: Project, eventually: Eventually
) -> None:
    project.server("api")
    crash = "import os, pathlib, time; print('ERROR job: no key', flush=True); time.sleep(.3); "
    project.add("job", command=[sys.executable, "-c", f"{crash}raise SystemExit(127)"], restart="no")
    project.add("late", command=["sleep", "60"], depends_on={"job": {"condition": "service_healthy"}})
    assert project.hd("up", "-d").returncode == 1
    done = project.hd("why", "job")
    assert done.returncode == 1
    assert "127 (its command was not found)" in done.stdout
    assert "ERROR job: no key" in done.stdout
    assert "`hd logs job -n 50`" in done.stdout
    assert all(len(line) <= 80 for line in done.stdout.splitlines() if "next" not in line and "why" not in line)
    held = project.hd("why", "late")
    assert re.search(r"job healthy, which it waits for; it is exited for \d", " ".join(held.stdout.split()))
    assert "in the log of job:" in held.stdout


def test_a_file_that_changed_before_it_failed_is_named(project: Project, eventually: Eventually) -> None:
    port = project.server("api", develop={"watch": [{"path": ".", "action": "restart"}]})
    assert project.hd("up", "-d").returncode == 0
    assert project.hd("why", "api").returncode == 0
    well = json.loads(project.hd("why", "api", "--json").stdout)
    assert (well["state"], well["well_until"], well["changes"]) == ("healthy", None, [])
    assert [(each["number"], each["holder"], each["is_own"]) for each in well["ports"]] == [
        (port, "its own process", True)
    ]
    supervisor_restart(project)
    eventually(lambda: told(project)["state"] not in {"healthy", "stopping", "starting", "waiting"})
    changes = told(project)["changes"]
    assert told(project)["well_until"]
    assert any(change["reason"] == "file changed: server.py" for change in changes), changes
    assert "file changed: server.py" in project.hd("why", "api").stdout


def supervisor_restart(project: Project) -> None:
    """A broken file, and the restart as the watcher asks for it."""
    (project.folder / "server.py").write_text("1/0\n")
    layout = locate(project.folder, {"XDG_STATE_HOME": str(project.state)}).layout
    Supervisor(layout).restart(["api"], "file changed: server.py")


def told(project: Project) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(project.hd("why", "api", "--json").stdout)
    return found


def test_a_change_of_configuration_that_broke_it_is_named(project: Project, eventually: Eventually) -> None:
    project.server("api", environment={"GREETING": "hello"})
    assert project.hd("up", "-d").returncode == 0
    project.services["api"]["command"] = [sys.executable, "-c", "raise SystemExit(2)"]
    project.write()
    assert project.hd("up", "-d", "--timeout", "4").returncode != 0
    eventually(lambda: told(project)["state"] in {"failed", "backoff"})
    assert any(change["reason"] == "configuration changed: argv" for change in told(project)["changes"])
    assert "(configuration changed: argv)" in project.hd("why", "api").stdout
    assert told(project)["left_out"] > 0
    assert told(project)["last_exit"]["meaning"] == "wrong arguments, or an error of its own"


def test_whoever_holds_the_port_is_named(project: Project) -> None:
    port = project.server("api")
    with socket.create_server(("127.0.0.1", port)):
        assert project.hd("up", "-d").returncode == 1
        done = project.hd("why", "api")
        assert f"{port} (http): pid " in done.stdout or f"{port} (main): pid " in done.stdout
        assert "kill" in done.stdout


def test_a_name_that_is_not_there_gets_one_message(project: Project) -> None:
    project.server("api")
    assert project.hd("why", "api").returncode == 4
    assert project.hd("up", "-d").returncode == 0
    done = project.hd("why", "apo")
    assert done.returncode == 2
    assert "Did you mean `api`?" in done.stderr
