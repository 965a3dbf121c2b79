"""`hd up` and its companions, as people and scripts use them: a real supervisord each time."""

import json
import os
import signal
import socket
import sys
import urllib.request
from typing import TYPE_CHECKING

import pytest

from hippodrome.errors import ExitCode
from tests.cli.conftest import Eventually, Project, is_open
from tests.stack import free_port

if TYPE_CHECKING:
    import subprocess


def answer(port: int) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=10) as response:
        text: str = response.read().decode()
    return text


def test_up_starts_in_order_ps_tells_it_and_down_leaves_nothing(project: Project) -> None:
    api = project.server("api")
    web = project.server("web", depends_on=["api"])
    done = project.hd("up", "-d")
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"http://localhost:{web}" in done.stdout
    assert answer(api) == answer(web) == "hello"
    statuses = project.statuses()
    assert statuses["api"]["healthy_at"] <= statuses["web"]["started_at"]
    assert project.hd("down").returncode == 0
    assert not is_open(api)
    assert not project.pids()


def test_a_second_up_touches_no_process(project: Project) -> None:
    project.server("api")
    project.hd("up", "-d")
    before = project.statuses()["api"]["pid"]
    assert project.hd("up", "-d").returncode == 0
    assert project.statuses()["api"]["pid"] == before


def test_a_changed_environment_restarts_that_service_alone(project: Project) -> None:
    project.server("api")
    web = project.server("web")
    project.hd("up", "-d")
    before = project.statuses()
    project.services["web"]["environment"] = {"GREETING": "bonjour"}
    project.write()
    said = project.hd("restart", "web").stdout
    assert "environment.GREETING" in said
    assert answer(web) == "hello"
    assert project.hd("up", "-d").returncode == 0
    assert answer(web) == "bonjour"
    assert project.statuses()["api"]["pid"] == before["api"]["pid"]


def test_a_taken_port_is_named_with_its_holder_down_to_the_last_dependent(project: Project) -> None:
    with socket.create_server(("127.0.0.1", 0)) as holder:
        project.server("api")
        project.services["api"]["port"] = holder.getsockname()[1]
        project.server("web", depends_on=["api"])
        project.server("page", depends_on=["web"])
        done = project.hd("up", "-d", "--timeout", "30")
        said = f"port {holder.getsockname()[1]} is held by pid {os.getpid()}"
        assert done.returncode == ExitCode.FAILED
        assert said in done.stdout
        statuses = project.statuses()
        assert statuses["page"]["why"].startswith("blocked by web ← api: " + said)
        assert statuses["page"]["pid"] is None


def test_a_service_that_was_not_started_shows_no_lines_of_an_earlier_stack(project: Project) -> None:
    port = project.server("api")
    project.hd("up", "-d")
    project.hd("down")
    with socket.create_server(("127.0.0.1", port)):
        done = project.hd("up", "-d", "--timeout", "30")
    assert f"port {port} is held" in done.stdout
    assert "listening" not in done.stdout


def test_a_failing_service_shows_its_last_lines_and_never_lets_its_dependent_start(project: Project) -> None:
    project.add("broken", command=[sys.executable, "-c", "import nosuchmodule"], restart="no", port=free_port())
    project.server("web", depends_on=["broken"])
    done = project.hd("up", "-d", "--timeout", "30")
    assert done.returncode == ExitCode.FAILED
    assert "No module named 'nosuchmodule'" in done.stdout
    assert "Python module `nosuchmodule` is missing" in done.stdout
    assert project.statuses()["web"]["started_at"] is None


def test_a_task_that_ended_well_releases_its_dependents(project: Project) -> None:
    project.add("migrate", command=[sys.executable, "-c", "print('migrated')"], restart="no")
    project.server("web", depends_on={"migrate": {"condition": "service_completed_successfully"}})
    assert project.hd("up", "-d").returncode == 0
    assert project.hd("wait", "migrate").returncode == 0
    assert project.hd("wait", "migrate", "--status", "completed").returncode == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_in_the_foreground_a_signal_stops_all_of_it(
    project: Project, eventually: Eventually, number: signal.Signals
) -> None:
    port = project.server("api")
    child = project.spawn("up")
    eventually(lambda: is_open(port))
    child.send_signal(number)
    said, _ = child.communicate(timeout=60)
    assert child.returncode == ExitCode.INTERRUPTED, said
    assert not is_open(port)
    assert not project.pids()


def test_attached_to_a_running_stack_a_signal_only_detaches(project: Project, eventually: Eventually) -> None:
    port = project.server("api")
    project.hd("up", "-d")
    child = project.spawn("up")
    _read_until(child, "Ctrl+C detaches")
    child.send_signal(signal.SIGINT)
    child.communicate(timeout=60)
    assert is_open(port)


def _read_until(child: "subprocess.Popen[str]", text: str) -> None:
    assert child.stdout is not None
    for line in child.stdout:
        if text in line:
            return
    raise AssertionError(f"`{text}` was never said")


def test_only_what_is_named_and_what_it_needs_is_started(project: Project) -> None:
    project.server("api")
    project.server("web", depends_on=["api"])
    project.server("other")
    assert project.hd("up", "-d", "web").returncode == 0
    assert set(project.statuses()) == {"api", "web"}
    assert project.hd("up", "-d", "other").returncode == 0
    assert set(project.statuses()) == {"api", "web", "other"}


def test_without_leaves_a_service_out(project: Project) -> None:
    project.server("api")
    project.server("web")
    assert project.hd("up", "-d", "--without", "web").returncode == 0
    assert set(project.statuses()) == {"api"}


def test_json_gives_one_event_a_line_and_ends_with_ready(project: Project) -> None:
    project.server("api")
    events = [json.loads(line) for line in project.hd("up", "-d", "--json").stdout.splitlines()]
    assert events[-1]["event"] == "ready"
    assert {"event": "state", "service": "api", "state": "healthy", "why": "healthy"} in events


def test_stop_start_and_restart_act_on_one_service(project: Project) -> None:
    api, web = project.server("api"), project.server("web")
    project.hd("up", "-d")
    before = project.statuses()
    assert project.hd("stop", "api").returncode == 0
    assert not is_open(api)
    assert is_open(web)
    assert project.hd("ps").returncode == ExitCode.FAILED
    assert project.hd("start", "api").returncode == 0
    assert project.hd("restart", "web").returncode == 0
    after = project.statuses()
    assert after["web"]["pid"] != before["web"]["pid"]
    assert after["web"]["restart_reason"] == "by hand"


def test_exit_codes_tell_no_instance_unknown_names_time_over_and_failure_apart(project: Project) -> None:
    assert project.hd("wait", "api").returncode == ExitCode.NOT_RUNNING
    project.server("slow", healthcheck={"http": "/", "start_period": "50s"})
    project.services["slow"]["command"] = [sys.executable, "-c", "import time; time.sleep(600)"]
    project.write()
    assert project.hd("up", "-d", "--timeout", "1").returncode == ExitCode.TIMED_OUT
    assert project.hd("wait", "slwo").returncode == ExitCode.USAGE
    assert "Did you mean `slow`?" in project.hd("wait", "slwo").stderr
    assert project.hd("wait", "slow", "--timeout", "0.2").returncode == ExitCode.TIMED_OUT
    project.hd("stop", "slow")
    assert project.hd("wait", "slow", "--timeout", "30").returncode == ExitCode.FAILED


def test_when_time_is_over_it_says_for_what_it_waited(project: Project) -> None:
    project.add("slow", command=["sleep", "3600"], port=free_port(), healthcheck={"http": "/"})
    project.server("web", depends_on=["slow"])
    done = project.hd("up", "-d", "--timeout", "1")
    assert done.returncode == ExitCode.TIMED_OUT
    assert "Not ready after 1.0 s" in done.stdout
    assert "slow: starting; so far connection refused" in done.stdout
    assert "web: waiting for slow" in done.stdout
    assert project.statuses()["slow"]["pid"]  # detached, it may still come
    project.hd("down")
    late = project.hd("up", "--timeout", "1")
    assert late.returncode == ExitCode.TIMED_OUT
    assert not project.pids()


def test_a_folder_of_path_that_cannot_be_looked_into_keeps_nothing_from_starting(project: Project) -> None:
    project.add("plain", command=["sleep", "3600"])
    done = project.hd("up", "-d", "--timeout", "20", PATH=f"{'x' * 300}:{os.environ['PATH']}")
    assert done.returncode == 0, done.stdout + done.stderr


def test_supervisorctl_works_on_it_with_and_without_hd(project: Project) -> None:
    project.server("api")
    project.hd("up", "-d")
    assert "RUNNING" in project.hd("ctl", "status").stdout
    path = project.hd("ctl", "--config-path").stdout.strip()
    assert path.endswith("supervisord.conf")


def test_logs_are_merged_and_can_be_searched(project: Project) -> None:
    project.server("api")
    project.server("web")
    project.hd("up", "-d")
    said = project.hd("logs", "--grep", "listening").stdout.splitlines()
    assert {line.split()[0] for line in said} == {"api", "web"}
    told = [json.loads(line) for line in project.hd("logs", "api", "--json").stdout.splitlines()]
    assert told[0]["program"] == "api"
    project.hd("down")
    assert "listening" in project.hd("logs").stdout


def test_env_prints_exactly_what_the_service_gets(project: Project) -> None:
    dump = "import json,os; open('env.json','w').write(json.dumps(dict(os.environ)))"
    project.add(
        "dump",
        command=[sys.executable, "-c", dump],
        restart="no",
        environment={"GREETING": 'quotes " and %s; #'},
        secrets={"TOKEN": "echo hush"},
    )
    assert project.hd("up", "-d").returncode == 0
    assert project.hd("wait", "--status", "completed").returncode == 0
    got = json.loads((project.folder / "env.json").read_text())
    told = json.loads(project.hd("env", "dump", "--json").stdout)
    assert got["TOKEN"] == "hush"
    assert "hush" not in project.hd("env", "dump").stdout
    for environment in (got, told):
        environment.pop("LC_CTYPE", None)  # which each Python adds where the locale is C
    assert got | {"TOKEN": told["TOKEN"]} == told


def test_a_dead_supervisord_comes_back_with_its_services(project: Project, eventually: Eventually) -> None:
    port = project.server("api")
    project.hd("up", "-d")
    before = project.statuses()["api"]["pid"]
    pid = int(project.hd("ctl", "pid").stdout)
    os.kill(pid, signal.SIGKILL)
    eventually(lambda: is_open(port) and project.hd("ps").returncode == 0)
    assert project.statuses()["api"]["pid"] != before


def test_compile_writes_the_same_bytes_twice_and_hides_secrets(project: Project) -> None:
    project.add("api", command="python api.py", secrets={"TOKEN": "echo hush"}, environment={"A": "1"})
    first, second = project.folder / "one", project.folder / "two"
    for folder in (first, second):
        assert project.hd("compile", "--out", str(folder)).returncode == 0
    for file in sorted(path.relative_to(first) for path in first.rglob("*") if path.is_file()):
        assert (first / file).read_bytes() == (second / file).read_bytes()
        assert b"hush" not in (first / file).read_bytes().replace(b"echo", b"").replace(b'"hush"', b"")


def test_a_broken_file_is_named_with_its_place_and_nothing_starts(project: Project) -> None:
    (project.folder / "hippodrome.yaml").write_text("packaged: false\nservices:\n  api: {comand: x}\n")
    for command in ("up", "validate", "plan"):
        done = project.hd(command)
        assert done.returncode == ExitCode.CONFIGURATION
        assert "hippodrome.yaml:3:9" in done.stderr
        assert "Did you mean `command`?" in done.stderr
    assert not project.pids()
