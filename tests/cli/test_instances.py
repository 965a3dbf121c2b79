"""Several stacks on one box: their ports, their names, who they belong to."""

import json
import os
import pwd
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import click
import pytest

from hippodrome.cli.instances import _lines
from hippodrome.dashboard.usage import Use
from hippodrome.diagnose.instances import Known
from hippodrome.errors import ExitCode
from hippodrome.listeners import is_free
from tests.cli.conftest import PATIENCE_S, SERVER, Eventually, Project, is_open
from tests.stack import free_port

ROOT = Path(__file__).resolve().parents[2]
USERS = 4


def spacious_port() -> int:
    """One that has nobody in the next blocks either, and lies below those that the system gives away."""
    begin = 10_000 + os.getpid() * 7 % 15_000
    return next(port for port in range(begin, 32_000) if all(is_free(port + n) for n in range(0, 600, 100)))


@pytest.fixture
def shop(project: Project) -> Project:
    """Has `api`, and `worker`, which knows its address."""
    (project.folder / "server.py").write_text(SERVER)
    command = [sys.executable, "server.py", "${port}"]
    project.services["api"] = {"command": command, "port": spacious_port(), "healthcheck": {"http": "/"}}
    asking = {"API_URL": "${services.api.url}"}
    project.add("worker", command=["sleep", "3600"], environment=asking)
    return project


@pytest.fixture
def other(shop: Project, tmp_path: Path) -> Iterator[Project]:
    """Another checkout of the same, by the same user."""
    folder = tmp_path / "other"
    shutil.copytree(shop.folder, folder)
    made = Project(folder, shop.state, json.loads(json.dumps(shop.services)))
    yield made
    made.hd("down", "--now")


def up(project: Project, *arguments: str) -> str:
    """All that is said. Ready afterwards."""
    done = project.hd("up", "-d", *arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def port_of(project: Project, *arguments: str) -> int:
    """Of `api`, as it runs."""
    told = json.loads(project.hd("ps", "--json", *arguments).stdout)
    (port,) = (each["ports"]["main"] for each in told["services"] if each["name"] == "api")
    return int(port)


def listed(project: Project, *arguments: str) -> dict[str, dict[str, object]]:
    return {each["name"]: each for each in json.loads(project.hd("instances", "--json", *arguments).stdout)}


def test_the_second_checkout_gets_ports_of_its_own_and_keeps_them(shop: Project, other: Project) -> None:
    port = shop.services["api"]["port"]
    up(shop)
    said = up(other)
    assert (port_of(shop), port_of(other)) == (port, port + 100)
    assert "this stack's ports are 100 above the declared ones: stack `a project` of user " in said
    assert f"http://localhost:{port + 100}" in said
    environment = json.loads(other.hd("env", "worker", "--json").stdout)
    assert environment["API_URL"] == f"http://127.0.0.1:{port + 100}"

    shop.hd("down")
    other.hd("down")
    up(other)
    assert port_of(other) == port + 100
    assert f"{port + 100}" in other.hd("plan").stdout


def test_what_only_reads_claims_nothing(shop: Project, other: Project) -> None:
    shop.hd("plan")
    shop.hd("validate")
    up(other)
    assert port_of(other) == other.services["api"]["port"]


def test_a_registry_that_was_emptied_changes_no_ports(shop: Project, other: Project) -> None:
    up(shop)
    up(other)
    shutil.rmtree(shop.state.with_name("registry"))
    assert "Stopped" in other.hd("down").stdout
    up(other)
    up(shop)
    port = shop.services["api"]["port"]
    assert (port_of(shop), port_of(other)) == (port, port + 100)


def test_what_runs_keeps_its_ports_from_others_though_the_registry_is_gone(shop: Project, other: Project) -> None:
    up(shop)
    started_at = listed(shop)["a project"]["since"]
    shutil.rmtree(shop.state.with_name("registry"))
    up(other)
    port = shop.services["api"]["port"]
    assert (port_of(shop), port_of(other)) == (port, port + 100)
    up(shop)
    registered = [json.loads(file.read_text()) for file in shop.state.with_name("registry").iterdir()]
    (entry,) = (each for each in registered if each["project_root"] == str(shop.folder))
    assert entry["ports"] == {"api": port}
    assert abs(entry["started_at"] - float(str(started_at))) < 5


def test_a_name_makes_a_second_stack_of_the_same_folder(shop: Project) -> None:
    up(shop)
    up(shop, "--name", "second")
    port = shop.services["api"]["port"]
    assert (port_of(shop), port_of(shop, "--name", "second")) == (port, port + 100)
    prefixes = {json.loads(shop.hd("plan", "--json", *of).stdout)["plan"]["table_prefix"] for of in ((), SECOND)}
    assert prefixes == {"dev-local-", "dev-local--second-"}

    by_variable = shop.hd("ps", "--json", HIPPODROME_NAME="second")
    assert json.loads(by_variable.stdout)["services"][0]["ports"]["main"] == port + 100
    said = shop.hd("down", "--name", "second").stdout
    assert "`a project` of " in said
    assert f"`hd down --project-root '{shop.folder}'` stops it" in said
    assert not is_open(port + 100)
    assert is_open(port)


SECOND = ("--name", "second")


@pytest.mark.parametrize("name", ["a b", "../x", "-x", "é", "x" * 17, "a/b"])
def test_what_cannot_be_a_name_is_refused(shop: Project, name: str) -> None:
    done = shop.hd("ps", f"--name={name}")
    assert done.returncode == ExitCode.USAGE
    assert "bad-instance-name" in done.stderr


def test_down_all_ends_every_stack_of_this_user(shop: Project, other: Project) -> None:
    up(shop)
    up(shop, *SECOND)
    up(other)
    shutil.rmtree(shop.state.with_name("registry"))  # as of an hd that knew of none
    said = shop.hd("down", "--all").stdout
    assert [line.partition(":")[0] for line in said.splitlines()] == ["a project", "a project/second", "other"]
    assert shop.hd("down", "--all").stdout == "Nothing was running.\n"
    assert not shop.pids()


def test_the_list_tells_of_each_and_fits_a_small_terminal(shop: Project, other: Project) -> None:
    subprocess.run(["git", "init", "-q", "-b", "topic", "."], cwd=shop.folder, check=True)
    up(shop)
    up(other)
    other.hd("down")
    found = listed(shop)
    running, stopped = found["a project"], found["other"]
    assert (running["branch"], running["profile"], running["health"]) == ("topic", "default", "healthy")
    assert running["url"] == f"http://localhost:{shop.services['api']['port']}"
    assert isinstance(running["memory_bytes"], int)
    assert running["memory_bytes"] > 1 << 20
    assert isinstance(running["cpu"], float)
    assert running["owner"] == pwd.getpwuid(os.getuid()).pw_name
    assert 0 <= time.time() - float(str(running["since"])) < PATIENCE_S
    assert 0 <= time.time() - float(str(running["last_used_at"])) < PATIENCE_S
    assert (stopped["health"], stopped["since"], stopped["port_offset"]) == ("stopped", None, 100)

    subprocess.run(["git", "checkout", "-q", "-b", "moved"], cwd=shop.folder, check=True)
    assert listed(shop, "--all-users")["a project"]["branch"] == "moved"
    lines = shop.hd("instances", "--all-users", COLUMNS="80").stdout.splitlines()
    assert lines[0].split() == ["NAME", "OWNER", "BRANCH", "PROFILE", "HEALTH", "SINCE"]
    assert len(lines) == 5
    assert max(map(len, lines)) <= 80
    assert lines[1].split()[3:6] == ["moved", "default", "healthy"]
    assert re.search(r":\d+  [\d.]+ MiB  CPU \d+ %  last used \S+ s ago", lines[2])
    assert re.search(r":\d+ \(\+100\)  last used \S+ s ago", lines[4])


@pytest.mark.parametrize(
    "stopped", ["", "stopped at 2026-01-02 14:02 after 1 h 30 min without use (--idle-stop 1h30m)"]
)
def test_no_word_of_the_list_is_lost_on_a_small_terminal(monkeypatch: pytest.MonkeyPatch, stopped: str) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    now = time.time()
    moved = replace(KNOWN, since=now - 48 * 3600 + 30, last_used_at=now - 3 * 3600 - 10)
    told = replace(moved, is_running=not stopped, stopped=stopped)
    lines = [click.unstyle(line) for line in _lines((told,), {} if stopped else {"i": Use(0.125, 900 << 20)})]
    assert max(map(len, lines)) <= 80
    assert len(lines) == 4
    text = "  ".join(line.strip() for line in lines[2:])
    begin, end = "http://localhost:9100 (+100)  ", "last used 3 h 0 min ago  "
    end += stopped or "stops 1 h 30 min after its last use"
    assert text.startswith(f"{begin}{'' if stopped else '900.0 MiB  CPU 12 %  '}{end}")
    assert lines[1].endswith("47 h 59 min")


KNOWN = Known(
    id="i",
    name="n" * 40,
    stack="",
    owner="o" * 40,
    is_own=True,
    is_running=True,
    project_root=f"/srv/{'deep/' * 30}shop",
    branch="b" * 40,
    profile="p" * 40,
    health="17 of 21",
    since=0.0,
    url="http://localhost:9100",
    port_offset=100,
    ports={},
    last_used_at=0.0,
    idle_stop_s=5400.0,
    stopped="",
    warden=None,
)


def test_a_switched_branch_keeps_stack_and_tables_and_says_so(shop: Project) -> None:
    subprocess.run(["git", "init", "-q", "-b", "main", "."], cwd=shop.folder, check=True)
    up(shop)
    subprocess.run(["git", "checkout", "-q", "-b", "topic"], cwd=shop.folder, check=True)
    before = shop.pids()
    head = shop.hd("ps").stdout.splitlines()[0]
    assert head == "a project, branch topic, profile default, cell local"
    assert json.loads(shop.hd("ps", "--json").stdout)["branch"] == "topic"
    said = up(shop)
    assert "(branch topic)." in said
    assert "keep the prefix `dev-main-` they were started with; now it would be `dev-topic-`" in said
    assert "`--table-prefix dev-topic-`" in said
    assert set(before) <= set(shop.pids())

    up(shop, "--table-prefix", "dev-topic-")
    assert "prefix" not in up(shop)
    assert "tables dev-topic-…" in shop.hd("plan").stdout


def test_a_branch_that_is_switched_while_the_machine_is_off_renames_no_tables_and_down_lets_them_go(
    shop: Project,
) -> None:
    subprocess.run(["git", "init", "-q", "-b", "main", "."], cwd=shop.folder, check=True)
    up(shop)
    for pid in shop.pids():
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    subprocess.run(["git", "checkout", "-q", "-b", "topic"], cwd=shop.folder, check=True)
    assert "keep the prefix `dev-main-`" in up(shop)
    shop.hd("down")
    assert "`dev-topic-` now, and was `dev-main-` before `hd down`" in up(shop)
    assert "tables dev-topic-…" in shop.hd("plan").stdout


def test_a_stranger_on_a_port_of_the_block_is_named_and_nothing_moves(
    shop: Project, other: Project, eventually: Eventually
) -> None:
    up(shop)
    up(other)
    other.hd("down")
    port = other.services["api"]["port"] + 100
    stranger = subprocess.Popen([sys.executable, "server.py", str(port)], cwd=shop.folder)
    try:
        eventually(lambda: is_open(port))
        done = other.hd("up", "-d")
        assert done.returncode == ExitCode.FAILED
        assert f"port {port} is held by pid {stranger.pid}" in done.stdout
        assert port_of(other) == port
    finally:
        stranger.kill()
        stranger.wait()


def test_a_port_that_is_named_holds_for_the_running_stack(shop: Project) -> None:
    chosen = free_port()
    up(shop, "--port", f"api={chosen}")
    up(shop)
    assert port_of(shop) == chosen
    shop.hd("down")
    up(shop)
    assert port_of(shop) == shop.services["api"]["port"]


def test_a_block_that_is_named_is_kept(shop: Project) -> None:
    port = shop.services["api"]["port"]
    up(shop, "--port-offset", "300")
    up(shop)
    assert port_of(shop) == port + 300
    shop.hd("down")
    up(shop)
    assert port_of(shop) == port + 300


def test_who_takes_the_ports_of_a_stack_that_does_not_run_is_named_to_it(shop: Project, other: Project) -> None:
    port = shop.services["api"]["port"]
    up(shop)
    refused = other.hd("up", "-d", "--port-offset", "0")
    assert refused.returncode == ExitCode.CONFIGURATION
    assert "port-of-other-instance" in refused.stderr
    shop.hd("down")
    up(other, "--port-offset", "0")
    assert "port-of-other-instance" in shop.hd("rollback").stderr
    said = up(shop)
    assert "the ports that this stack had are given to stack `other` of user " in said
    assert (port_of(other), port_of(shop)) == (port, port + 100)


@pytest.mark.slow
def test_going_back_to_a_plan_of_another_block_takes_that_block(shop: Project, other: Project) -> None:
    port = shop.services["api"]["port"]
    up(shop)
    up(shop, "--port-offset", "300")
    assert shop.hd("rollback", "1").returncode == 0
    assert port_of(shop) == port
    assert listed(shop)["a project"]["port_offset"] == 0
    assert listed(shop)["a project"]["ports"] == {"api": port}
    up(shop)
    assert port_of(shop) == port

    up(shop, "--port-offset", "300")
    up(other, "--port-offset", "0")
    refused = shop.hd("rollback", "1")
    assert refused.returncode == ExitCode.CONFLICT
    assert "port-of-other-instance" in refused.stderr
    assert port_of(shop) == port + 300


@pytest.mark.parametrize("port", ["api", "api=", "=80", "api=0", "api=65536", "api=x", "api=-1"])
def test_what_is_no_port_is_a_mistake_of_the_command_line(shop: Project, port: str) -> None:
    done = shop.hd("plan", "--port", port)
    assert done.returncode == ExitCode.USAGE
    assert "is not NAME=PORT" in done.stderr


def test_a_database_of_another_stack_is_refused_with_its_owner(
    shop: Project, other: Project, eventually: Eventually
) -> None:
    up(shop)
    before = other.pids()
    port = shop.services["api"]["port"]
    other.services["worker"]["environment"] = {"DATABASE_URL": f"postgres://localhost:{port}/shop"}
    other.write()
    done = other.hd("up", "-d")
    assert done.returncode == ExitCode.CONFIGURATION
    assert "hippodrome.yaml:" in done.stderr
    assert f"points at port {port}, `api` of stack `a project` of user " in done.stderr
    assert "foreign-instance-port" in done.stderr

    del other.services["worker"]["environment"]
    other.services["worker"]["secrets"] = {"DATABASE_URL": f"echo postgres://ann:hush@localhost:{port}/shop"}
    other.write()
    done = other.hd("up", "-d")
    assert done.returncode == ExitCode.CONFIGURATION
    assert f"`DATABASE_URL` of `worker` points at port {port}, `api` of stack `a project` of user " in done.stderr
    assert "hush" not in done.stderr
    eventually(lambda: other.pids() == before)  # what was launched ahead is ended


CLAIM = """
import os, sys
from pathlib import Path
from hippodrome.cli.claiming import claimed
from hippodrome.cli.project import Choice, compiled, open_project

base, count = Path(sys.argv[1]), int(sys.argv[2])
os.environ["HIPPODROME_REGISTRY"] = str(base / "registry")
compiled(open_project(base / "0"), Choice())  # all is loaded: what other users may not read here
ready, go = os.pipe(), os.pipe()
for number in range(count):
    if os.fork() == 0:
        if os.getuid() == 0:
            os.setgroups([]); os.setresgid(*[20000 + number] * 3); os.setresuid(*[20000 + number] * 3)
        os.umask(0o077)
        os.environ["XDG_STATE_HOME"] = str(base / f"state{number}")
        project = open_project(base / str(number))
        found = compiled(project, Choice())
        os.write(ready[1], b"r")
        os.close(ready[1])
        os.close(go[1])
        os.read(go[0], 1)
        offset = claimed(project, Choice(), found).plan.port_offset
        os.write(1, f"{offset}\\n".encode())
        os._exit(0)
os.close(ready[1])  # so that a child which fails is not waited for
for _ in range(count):
    os.read(ready[0], 1)
os.close(go[1])
sys.exit(any(os.wait()[1] for _ in range(count)))
"""


def test_users_who_start_at_the_same_moment_get_different_blocks() -> None:
    """As many users as there are processes, where this runs as root; else one user with as many checkouts."""
    port = spacious_port()
    with tempfile.TemporaryDirectory() as name:
        base = Path(name)
        base.chmod(0o1777)
        for number in range(USERS):
            (base / str(number)).mkdir()
            services = {"api": {"command": "sleep 1", "port": port}}
            (base / str(number) / "hippodrome.yaml").write_text(json.dumps({"packaged": False, "services": services}))
        environ = {**os.environ, "PYTHONPATH": str(ROOT)}
        done = subprocess.run(
            [sys.executable, "-c", CLAIM, name, str(USERS)],
            env=environ,
            text=True,
            capture_output=True,
            timeout=PATIENCE_S,
        )
        assert done.returncode == 0, done.stderr
        assert sorted(map(int, done.stdout.split())) == [100 * number for number in range(USERS)]
        owners = {file.stat().st_uid for file in (base / "registry").iterdir()}
        assert len(owners) == (USERS if os.getuid() == 0 else 1)
