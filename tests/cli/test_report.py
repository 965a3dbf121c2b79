"""`hd report`: all that is known in one file, and no secret anywhere in it."""

import base64
import json
import sys
import tarfile
import zipfile
from pathlib import Path
from urllib.parse import quote

import pytest

from hippodrome.events.envelope import Event
from hippodrome.events.manner import Manner
from hippodrome.events.spool import Spool
from tests.cli.conftest import Eventually, Project

COMMAND, EARLIER, NAMED, IN_LOG, IN_URL, ARGUMENT, CALLERS = (
    "c0mmand-tells-it-now",
    'e4rl!er/se"cret+%41',
    "n4med-by-its-variable",
    "l0gged-and-nowhere-known",
    "url-p4ssw0rd",
    "4rgument-of-the-command",
    "c4llers-own-key",
)
TALKS = f"""
import base64, json, os, sys, urllib.parse
from pathlib import Path
token, url = os.environ["TOKEN"], os.environ["DATABASE_URL"]
print("token", token, urllib.parse.quote(token, safe=""), base64.b64encode(token.encode()).decode(), flush=True)
print(json.dumps(dict(said=token, named=os.environ["SESSION_PASSWORD"])), repr(token), flush=True)
print("connecting to", url, "as", url.split(":")[2].split("@")[0], "password={IN_LOG}", flush=True)
print("argument", sys.argv[3], os.environ["PASSED_ON"], flush=True)
print("all is told", flush=True)
exec(Path("server.py").read_text())
"""


def spellings(secret: str) -> set[str]:
    encoded = base64.b64encode(secret.encode()).decode().rstrip("=")
    return {secret, quote(secret, safe=""), json.dumps(secret)[1:-1], repr(secret)[1:-1], encoded}


def unpacked(path: Path) -> dict[str, str]:
    """Name without the folder → text."""
    if path.suffix == ".zip":
        with zipfile.ZipFile(path) as archive:
            return {name.partition("/")[2]: archive.read(name).decode() for name in archive.namelist()}
    with tarfile.open(path) as packed:
        files = {member.name: packed.extractfile(member) for member in packed.getmembers()}
        return {name.partition("/")[2]: file.read().decode() for name, file in files.items() if file}


def check_nothing_leaks(pack: dict[str, str]) -> None:
    for secret in (COMMAND, EARLIER, NAMED, IN_LOG, IN_URL, ARGUMENT, CALLERS):
        for spelled in spellings(secret):
            leaks = [
                f"{name}: {line}" for name, text in pack.items() for line in text.splitlines() if spelled in line
            ]
            assert not leaks, (secret, leaks)


@pytest.fixture
def talkative(project: Project) -> Project:
    """Its one service tells every secret it has."""
    port = project.server("api")
    (project.folder / "talks.py").write_text(TALKS)
    (project.folder / "secret.txt").write_text(EARLIER)
    project.add(
        "api",
        command=[sys.executable, "talks.py", "${port}", "--api-key", ARGUMENT],
        port=port,
        healthcheck={"http": "/"},
        environment={
            "DATABASE_URL": f"postgres://ada:{IN_URL}@localhost:5432/shop",
            "SESSION_PASSWORD": NAMED,
            "PASSED_ON": "${env.CALLERS_API_KEY}",
        },
        secrets={"TOKEN": ["cat", str(project.folder / "secret.txt")]},
    )
    assert project.hd("up", "-d", CALLERS_API_KEY=CALLERS).returncode == 0
    (project.folder / "secret.txt").write_text(COMMAND)
    return project


def test_a_report_has_everything_but_the_secrets(talkative: Project, eventually: Eventually) -> None:
    assert talkative.hd("restart", "api", CALLERS_API_KEY=CALLERS).returncode == 0
    eventually(lambda: "all is told" in talkative.hd("logs", "api").stdout)
    layout_folder = next((talkative.state / "hippodrome").iterdir())
    spool = Spool(layout_folder / "spool.sqlite3")
    event = Event("1", f"said {NAMED}", "lane", f"local/{COMMAND}", {})
    spool.write(event, b"{}", (), manner=Manner(), is_proof=False)
    spool.close()

    done = talkative.hd("report", "pack.tar.gz", CALLERS_API_KEY=CALLERS)
    assert done.returncode == 0, done.stderr
    path = talkative.folder / "pack.tar.gz"
    assert path.stat().st_mode & 0o777 == 0o600
    pack = unpacked(path)
    check_nothing_leaks(pack)
    assert json.loads(pack["report.json"])["is_running"] is True
    assert json.loads(pack["plan.json"])["programs"][0]["name"] == "api"
    assert json.loads(pack["states.json"])["statuses"][0]["state"] == "healthy"
    assert json.loads(pack["doctor.json"])
    assert len(json.loads(pack["events.json"])["events"]) == 1
    assert '"state": "healthy"' in pack["journal.jsonl"]
    assert "all is told" in pack["logs/api.log"]
    assert "postgres://ada:********@localhost:5432/shop" in pack["logs/api.log"]
    assert "supervisord started" in pack["logs/supervisord.log"]


def test_what_ran_last_is_reported_when_nothing_runs_any_more(talkative: Project, eventually: Eventually) -> None:
    eventually(lambda: "all is told" in talkative.hd("logs", "api").stdout)
    assert talkative.hd("down").returncode == 0
    done = talkative.hd("report", "pack.zip", CALLERS_API_KEY=CALLERS)
    assert done.returncode == 0, done.stderr
    pack = unpacked(talkative.folder / "pack.zip")
    check_nothing_leaks(pack)
    assert "all is told" in pack["logs/api.log"]
    assert "nothing is running here" in json.loads(pack["report.json"])["problems"][0]


def test_a_project_that_cannot_even_be_read_is_reported(project: Project) -> None:
    (project.folder / "hippodrome.yaml").write_text("services: [")
    done = project.hd("report")
    assert done.returncode == 0, done.stderr
    path = next(project.folder.glob("hippodrome-report-*.tar.gz"))
    assert path.name in done.stdout
    assert "[syntax]" in unpacked(path)["report.json"]
    assert project.hd("report", "no/such/folder.zip").returncode == 1
