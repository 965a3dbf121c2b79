"""`hd up --enable-events` with an account, from its checks to what is left afterwards."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from hippodrome.errors import ExitCode
from hippodrome.events.account.journal import Journal
from hippodrome.rundir import locate
from tests.core.conftest import Core, copy_checkout, listening
from tests.events.account.conftest import EVENT, PREFIX, REGION, Aws, Tools, eventually, key_of, through
from tests.stack import free_port

UP = ("up", "account_events", "-d", "--profile", "ecom", "--enable-events", "--table-prefix", PREFIX)


@pytest.fixture
def own(tmp_path: Path, aws: Aws, tools: Tools) -> Iterator[Core]:
    """A checkout of one's own, with an account and with what is installed as tunnels; not started."""
    ports = {name: free_port() for name in listening()}
    variables = {**aws.environ, "PATH": tools.path, "HOME": str(tmp_path)}
    core = Core(copy_checkout(tmp_path / "checkout"), tmp_path / "state", ports, variables)
    core.configure(profile="ecom")
    yield core
    core.hd("down", "--now")


def test_a_stack_says_where_events_come_from_and_leaves_only_the_role(own: Core, aws: Aws, tools: Tools) -> None:
    tools.install("cloudflared")
    up = own.hd(*UP)
    assert up.returncode == 0, up.stdout + up.stderr
    (rule,) = {each.split()[1] for each in aws.left if each.startswith("rule")}
    told = tools.told("cloudflared")
    assert told
    assert f"AWS: account 123456789012 as arn:aws:sts::123456789012:user/moto, region {REGION}" in up.stdout
    assert f"by tunnel at {told['url']}; rule {rule} on {PREFIX}EcomEventBus and {PREFIX}M" in up.stdout
    assert "such as changes" not in up.stdout  # that they come is not said twice
    again = own.hd(*UP)
    assert again.returncode == 0 and rule in again.stdout, again.stdout + again.stderr
    cleanup = own.hd("events", "cleanup")
    assert (cleanup.returncode, cleanup.stdout) == (
        0,
        f"{rule} belongs to the running stack; `hd down` removes it.\n",
    )
    assert len(aws.left) == 4
    header, key = key_of(aws)
    relayed = through(tools, "/webhook/eventbridge", json=EVENT, headers={header: key})
    assert (relayed.status_code, relayed.headers["Content-Type"]) == (200, "application/json")
    assert relayed.json()["status"] == "ignored", relayed.text  # its service is not part of this stack
    for path in ("/", "/api/services", "/health"):
        answer = through(tools, path, method="GET", headers={header: key})
        assert (answer.status_code, answer.content) == (404, b"")
    down = own.hd("down")
    assert down.returncode == 0, down.stderr
    assert aws.left == [] and aws.roles == ["local-stack-eventbridge-api-dest-role"]
    assert "earlier stack" not in down.stdout  # the program has done it itself


@pytest.mark.slow
@pytest.mark.parametrize("command", [("down",), ("events", "cleanup", "--json"), UP])
def test_what_killed_processes_leave_goes_with_the_next_command(
    command: tuple[str, ...], own: Core, aws: Aws, tools: Tools
) -> None:
    tools.install("cloudflared")
    up = own.hd(*UP)
    assert up.returncode == 0, up.stdout + up.stderr
    (rule,) = {each.split()[1] for each in aws.left if each.startswith("rule")}
    _signal(own, "supervisord", signal.SIGSTOP)  # it would end the program gently, or start it again
    for name in ("warden", "account_events", "supervisord"):
        _signal(own, name, signal.SIGKILL)
    journal = Journal(locate(own.folder, own.environ).layout)
    eventually(lambda: _is_free(journal), "dead")
    assert len(aws.left) == 4
    done = own.hd(*command)
    assert done.returncode == 0, done.stdout + done.stderr
    assert not any(rule in each for each in aws.left)
    if command[0] == "events":
        assert len(json.loads(done.stdout)["removed"]) == 4
    else:
        assert rule in done.stdout
    own.hd("down")
    assert aws.left == [] and journal.is_empty


@pytest.mark.slow
def test_a_killed_supervisord_alone_makes_things_anew_and_leaves_nothing_double(
    own: Core, aws: Aws, tools: Tools
) -> None:
    tools.install("cloudflared")
    assert own.hd(*UP).returncode == 0
    before = set(aws.left)
    _signal(own, "supervisord", signal.SIGKILL)
    eventually(lambda: len(aws.left) == 4 and not before & set(aws.left), "made anew")
    assert own.hd("down").returncode == 0
    assert aws.left == []


def test_without_a_tunnel_nothing_starts(own: Core, aws: Aws) -> None:
    up = own.hd(*UP)
    assert up.returncode == ExitCode.FAILED
    assert "neither cloudflared nor ngrok is installed [no-tunnel]" in up.stderr and "hint: Install" in up.stderr
    assert own.hd("ps").returncode == ExitCode.NOT_RUNNING
    assert aws.left == [] and aws.roles == []


def test_without_credentials_nothing_starts(own: Core, tools: Tools) -> None:
    tools.install("cloudflared")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        own.variables[name] = ""
    up = own.hd(*UP)
    assert up.returncode == ExitCode.FAILED
    assert "AWS does not know who is calling" in up.stderr and "[no-aws-account]" in up.stderr
    assert own.hd("ps").returncode == ExitCode.NOT_RUNNING


def test_a_missing_bus_is_found_before_anything_starts(own: Core, aws: Aws) -> None:
    aws.client("events").delete_event_bus(Name=f"{PREFIX}EcomEventBus")
    up = own.hd(*UP, "--events-via", "sqs")  # which needs no tunnel
    assert up.returncode == ExitCode.FAILED
    assert f"there is no event bus {PREFIX}EcomEventBus in account 123456789012" in up.stderr
    assert own.hd("ps").returncode == ExitCode.NOT_RUNNING


def test_cleaning_up_where_nothing_is_asks_nobody(own: Core) -> None:
    own.variables["AWS_ENDPOINT_URL"] = f"http://127.0.0.1:{free_port()}"  # nobody is there
    done = own.hd("events", "cleanup")
    assert (done.returncode, done.stdout) == (0, "Nothing was left behind.\n")
    assert json.loads(own.hd("events", "cleanup", "--json").stdout) == {"removed": [], "in_use": []}


@pytest.mark.slow
def test_ctrl_c_leaves_only_the_role(own: Core, aws: Aws, tools: Tools, tmp_path: Path) -> None:
    tools.install("cloudflared")
    said = tmp_path / "said"
    command = [sys.executable, "-I", str(own.folder / "hippodrome" / "cli" / "__main__.py")]
    with said.open("w") as out:
        up = subprocess.Popen(
            [*command, *(word for word in UP if word != "-d")], cwd=own.folder, env=own.environ, stdout=out
        )
    eventually(lambda: "Following the logs" in said.read_text(), "up")
    assert len(aws.left) == 4
    up.send_signal(signal.SIGINT)
    assert up.wait(60) == ExitCode.INTERRUPTED
    assert aws.left == [] and aws.roles == ["local-stack-eventbridge-api-dest-role"]


def _signal(core: Core, name: str, number: signal.Signals) -> None:
    layout = locate(core.folder, core.environ).layout
    files = {"supervisord": layout.supervisord_pid, "warden": layout.warden_pid}
    pid = int(files[name].read_text().split()[0]) if name in files else next(_programs(core))
    os.kill(pid, number)


def _programs(core: Core) -> Iterator[int]:
    """The program's pid, by what it runs and whose it is."""
    run_dir = locate(core.folder, core.environ).layout.run_dir
    for entry in Path("/proc").iterdir():
        try:
            words = (entry / "cmdline").read_bytes() if entry.name.isdigit() else b""
            if b"events/account/__main__.py" in words and str(run_dir).encode() in (entry / "environ").read_bytes():
                yield int(entry.name)
        except OSError:
            continue


def _is_free(journal: Journal) -> bool:
    with journal.held() as is_ours:
        return is_ours
