"""Secrets of a real stack: the service has them, and nobody is shown them; and nothing leaks into its processes."""

import contextlib
import json
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from hippodrome.errors import Place
from hippodrome.secret import MASK
from tests.cli.conftest import Eventually, Project
from tests.config.asking import loaded

DUMP = """
import json, os, sys, time
open("env.new", "w").write(json.dumps({**os.environ, "ARGV": sys.argv}))
os.rename("env.new", "env.json")
time.sleep(3600)
"""
VALUES = {
    "BY_COMMAND": "value-of-a-command",
    "BY_SHORT_COMMAND": "value-of-a-short-command",
    "BY_ENV": "value-of-the-environment",
    "BY_FILE": "value of a file # with 'quotes' \"both\" $x %(y)s",
    "INHERITED_TOKEN": "value-that-is-inherited",
    "NAMED_KEY": "value-that-is-named",
    "FILE_PASSWORD": 'value of a dotenv " file',
    "FILE_URL": "postgres://ada:password-of-a-dotenv@db.example/x",
    "PASSED_ON": "value-of-a-secret-source",
    "CONN": "host=db password=value-in-a-text port=1",
    "NAMED_TOKEN": "x-value-under-a-name",
    "DATABASE_URL": "postgres://ada:password-of-the-caller@db.example/x",
    "BUILT_URL": "postgres://ada:value-of-no-name@db.example/x",
    "BY_TOLD_COMMAND": "told-value-in-a-text",
}
ON_THE_COMMAND_LINE = "value-in-a-text"
PARTS = ("value-in-a-text", "value-under-a-name", "value-of-no-name", "password-of")  # of values
LITERAL = "value-that-is-written-there"


def secretive(project: Project) -> None:
    """A service with secrets of every source."""
    project.folder.joinpath("kept").write_text(VALUES["BY_FILE"] + "\n")
    project.folder.joinpath(".env").write_text(
        f"FILE_PASSWORD='{VALUES['FILE_PASSWORD']}'\nPLAIN=seen\nFILE_URL={VALUES['FILE_URL']}\n"
    )
    project.folder.joinpath("say.sh").write_text(f"echo {VALUES['BY_COMMAND']}\n")
    project.folder.joinpath("short.sh").write_text(f"echo {VALUES['BY_SHORT_COMMAND']}\n")
    project.add(
        "dump",
        command=[sys.executable, "-c", DUMP, "--api-key=typed-as-an-argument", "-p", "${env.DB_PASSWORD}"],
        env_file=".env",
        environment={
            "INHERITED_TOKEN": None,
            "NAMED_KEY": "${env.A_KEY:-none}",
            "DEFAULT_KEY": "${env.NO_SUCH_KEY:-none}",
            "LITERAL_TOKEN": LITERAL,
            "PASSED_ON": "${env.CALLERS_API_KEY}",
            "CONN": "host=db password=${env.DB_PASSWORD} port=1",
            "NAMED_TOKEN": "x-${env.NAMED}",
            "DATABASE_URL": "${env.DB_URL}",
            "BUILT_URL": "postgres://ada:${env.PART}@db.example/x",
            "BY_ENV": "below what is declared as a secret",
        },
        secrets={
            "BY_COMMAND": {"command": ["sh", "say.sh"]},
            "BY_SHORT_COMMAND": "sh short.sh",
            "BY_ENV": {"env": "WHERE_IT_IS"},
            "BY_FILE": {"file": "kept"},
            "BY_TOLD_COMMAND": "echo told-${env.DB_PASSWORD}",
        },
    )


CALLER = {
    "WHERE_IT_IS": VALUES["BY_ENV"],
    "INHERITED_TOKEN": VALUES["INHERITED_TOKEN"],
    "A_KEY": VALUES["NAMED_KEY"],
    "CALLERS_API_KEY": VALUES["PASSED_ON"],
    "DB_PASSWORD": ON_THE_COMMAND_LINE,
    "NAMED": "value-under-a-name",
    "DB_URL": VALUES["DATABASE_URL"],
    "PART": "value-of-no-name",
    "PLANTED": "nobody-asked-for-this",
}


def test_a_service_has_its_secrets_and_nobody_is_shown_them(project: Project, eventually: Eventually) -> None:
    secretive(project)
    started = project.hd("up", "-d", **CALLER)
    assert started.returncode == 0, started.stderr
    eventually((project.folder / "env.json").exists)
    got = json.loads((project.folder / "env.json").read_text())
    assert {name: got[name] for name in VALUES} == VALUES
    assert got["ARGV"][-2:] == ["-p", ON_THE_COMMAND_LINE]
    assert (got["PLAIN"], got["DEFAULT_KEY"], got["LITERAL_TOKEN"]) == ("seen", "none", LITERAL)

    said = started.stdout + started.stderr
    for command in (
        ("ps", "--json"),
        ("env", "dump"),
        ("env", "dump", "--json"),
        ("plan", "--json"),
        ("compile",),
        ("compile", "--out", str(project.folder / "out")),
        ("explain", "dump"),
        ("explain", "dump", "--json"),
        ("logs",),
    ):
        done = project.hd(*command, **CALLER)
        assert done.returncode == 0, (command, done.stderr)
        said += done.stdout + done.stderr
    said += "".join(path.read_text() for path in (project.folder / "out").rglob("*") if path.is_file())
    hidden = {*VALUES.values(), *PARTS, LITERAL, CALLER["PLANTED"]}
    assert [value for value in hidden if value in said] == []
    assert "typed-as-an-argument" not in project.hd("plan", "--json", **CALLER).stdout
    assert json.loads(project.hd("env", "dump", "--json", **CALLER).stdout)["FILE_PASSWORD"] == MASK
    _values_lie_where_they_must(project)


def _values_lie_where_they_must(project: Project) -> None:
    (run_dir,) = (path for path in (project.state / "hippodrome").iterdir() if path.is_dir())
    holding = set()
    for path in run_dir.rglob("*"):
        mode = path.lstat().st_mode
        if stat.S_ISREG(mode) and any(value.encode() in path.read_bytes() for value in (*VALUES.values(), *PARTS)):
            holding.add(path.relative_to(run_dir).parts[0])
            assert mode & 0o777 == 0o600, path
        if stat.S_ISSOCK(mode):
            assert mode & 0o777 == 0o700, path
    assert holding <= {"supervisord.conf", "launch"} and holding
    assert run_dir.stat().st_mode & 0o777 == 0o700
    assert (run_dir / "plan.json").stat().st_mode & 0o777 == 0o600
    assert "inet_http_server" not in (run_dir / "supervisord.conf").read_text()


def test_nothing_of_the_callers_shell_reaches_the_stack_but_what_is_declared(project: Project) -> None:
    port = project.server("api")
    assert project.hd("up", "-d", **CALLER, PATH=os.environ["PATH"]).returncode == 0
    pids = project.pids()
    assert len(pids) >= 3, "the warden, supervisord and the service"
    environments = [Path(f"/proc/{pid}/environ").read_bytes() for pid in pids]
    assert not any(b"PLANTED" in each or b"value-that-is" in each for each in environments)
    assert _listening({link for pid in pids for link in _opened(pid)}) == {port}, "supervisord listens on none"


def _opened(pid: int) -> Iterator[str]:
    """What its open files are; a health check closes one now and then."""
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):
            yield str(descriptor.readlink())


def _listening(inodes: set[str]) -> set[int]:
    lines = [line for name in ("tcp", "tcp6") for line in Path(f"/proc/net/{name}").read_text().splitlines()[1:]]
    rows = [line.split() for line in lines]
    return {int(row[1].rpartition(":")[2], 16) for row in rows if row[3] == "0A" and f"socket:[{row[9]}]" in inodes}


def test_a_secret_that_cannot_be_read_is_named_and_nothing_starts(project: Project) -> None:
    secretive(project)
    done = project.hd("up", "-d", **{name: value for name, value in CALLER.items() if name != "WHERE_IT_IS"})
    assert done.returncode != 0
    assert "`BY_ENV` of `dump`" in done.stderr and "printenv WHERE_IT_IS" in done.stderr
    assert not (project.folder / "env.json").exists()


def test_a_crash_report_has_no_secrets(project: Project) -> None:
    failing = "import hippodrome.cli.main as m, sys\n" + (
        "def fail(*a, **k): raise RuntimeError('with value-that-is-named and pg://u:of-a-url@h')\n"
        "m.hd.main = fail\nsys.argv = ['hd', 'events', 'send', '--set', 'api_key=typed']\nsys.exit(m.main())"
    )
    environ = {**os.environ, **CALLER, "TMPDIR": str(project.folder), "PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run([sys.executable, "-c", failing], env=environ, capture_output=True, text=True)
    (report,) = project.folder.glob("hd-bug-*.txt")
    assert report.stat().st_mode & 0o777 == 0o600
    told = done.stderr + report.read_text()
    assert "RuntimeError" in told
    for secret in ("value-that-is-named", "of-a-url", "typed"):
        assert secret not in told


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("op read x", ("op", "read", "x")),
        ({"command": "op read x"}, ("op", "read", "x")),
        ({"command": ["op", "a b"]}, ("op", "a b")),
        ({"env": "NAME"}, ("printenv", "NAME")),
        ({"file": "a b"}, ("cat", "--", "a b")),
        ({"file": "~/k"}, ("cat", "--", "${env.HOME}/k")),
    ],
)
def test_every_form_is_a_command_that_prints_it(tmp_path: Path, said: object, found: tuple[str, ...]) -> None:
    services, cells = {"a": {"command": "x", "secrets": {"T": said}}}, {"c": {"url": "http://h", "api_key": said}}
    settings = loaded(tmp_path, f"services: {json.dumps(services)}\ncells: {json.dumps(cells)}").settings
    assert settings.services["a"].secrets["T"] == found
    assert settings.cells["c"].api_key == found


def test_a_variable_that_is_a_secret_is_the_same_as_one_below_secrets(tmp_path: Path) -> None:
    said = {"A": "1", "T": {"secret": {"command": "op read x"}}, "U": {"secret": "pass u"}}
    services = {"a": {"command": "x", "environment": said, "secrets": {"V": "pass v"}}}
    config = loaded(tmp_path, f"services: {json.dumps(services)}")
    service = config.settings.services["a"]
    assert service.environment == {"A": "1"}
    assert service.secrets == {"T": ("op", "read", "x"), "U": ("pass", "u"), "V": ("pass", "v")}
    assert (config.place("services.a.secrets.T") or Place("")).line
