"""`hd events validate` as a person calls it: what it prints, how it exits, and an AWS that will not say."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.events.conftest import KEYS, PREFIX, ROOT, RULES, SETTINGS, Answer, Caller, Moto, denied
from tests.stack import free_port


def outcomes(done: subprocess.CompletedProcess[str]) -> list[str]:
    return [check["outcome"] for check in json.loads(done.stdout)["checks"]]


@pytest.mark.parametrize(
    ("state", "told", "found", "mend"),
    [
        ("STOPPED", {"DesiredState": "STOPPED"}, "it is STOPPED", "Somebody has stopped it. Start it:"),
        (
            "RUNNING",
            {"DesiredState": "STOPPED"},
            "it is RUNNING, and to be STOPPED",
            "Somebody has stopped it. Start it:",
        ),
        ("CREATING", {}, "it is CREATING, and to be RUNNING", "It is on its way: try again in a minute."),
        (
            "START_FAILED",
            {"StateReason": "no such role"},
            "it is START_FAILED, and to be RUNNING: no such role",
            "Mend what the reason names, then start it:",
        ),
        (
            "CREATE_FAILED",
            {},
            "it is CREATE_FAILED, and to be RUNNING",
            "Mend what the reason names, then deploy the ecom stack again.",
        ),
    ],
)
def test_a_pipe_in_any_other_state_fails_and_the_mend_is_for_that_state(
    caller: Caller, standin: Any, state: str, told: dict[str, str], found: str, mend: str
) -> None:
    pipe = {"Arn": "arn:aws:pipes:us-east-1:1:pipe/p", "DesiredState": "RUNNING", "CurrentState": state, **told}
    url = standin(lambda operation: (200, json.dumps(pipe)) if operation == "DescribePipe" else denied(operation))
    done = caller.asks(url, "--json")
    checks = [c for c in json.loads(done.stdout)["checks"] if c["name"].endswith("is RUNNING")]
    assert [(c["outcome"], c["found"], c["mend"]) for c in checks] == [("failed", found, mend)] * 2
    assert [c["commands"] for c in checks] == [
        [f"aws pipes start-pipe --name {feed.pipe}"] if mend.endswith(":") else [] for feed in (SETTINGS, RULES)
    ]


def test_all_well_exits_with_0_and_shows_arns_when_asked(caller: Caller, moto: Moto) -> None:
    done = caller.asks(moto.url)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("✓") == 10
    assert done.stdout.endswith("\n10 are well.\n")
    assert "arn:" not in done.stdout
    assert f"arn:aws:events:us-east-1:123456789012:event-bus/{RULES.bus}" in caller.asks(moto.url, "--verbose").stdout


def test_a_fault_exits_with_1_and_its_mend_can_be_pasted(caller: Caller, moto: Moto, tmp_path: Path) -> None:
    moto.view(RULES.table, "")
    done = caller.asks(moto.url)
    assert done.returncode == 1
    assert f"✗ table {RULES.table} streams new images" in done.stdout
    assert "    mend: Turn the stream on." in done.stdout
    assert done.stdout.endswith("\n8 are well, 1 failed.\n")
    command = re.search(r"^ {6}aws (?:.*\\\n)*.*$", done.stdout, re.MULTILINE)
    assert command
    (tmp_path / "aws").write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
    (tmp_path / "aws").chmod(0o755)
    ran = subprocess.run(["/bin/sh", "-ec", command[0]], env={"PATH": str(tmp_path)}, capture_output=True, text=True)
    assert ran.stdout.split() == [
        *("dynamodb", "update-table", "--table-name", RULES.table),
        *("--stream-specification", "StreamEnabled=true,StreamViewType=NEW_AND_OLD_IMAGES"),
    ]


def test_json_is_one_document(caller: Caller, moto: Moto) -> None:
    moto.client("events").delete_event_bus(Name=RULES.bus)
    done = caller.asks(moto.url, "--json")
    told = json.loads(done.stdout)
    assert (done.returncode, told["verdict"], told["table_prefix"]) == (1, "failed", PREFIX)
    assert set(told["checks"][0]) == {"name", "outcome", "found", "mend", "commands", "details"}
    assert told["checks"][-1]["mend"].startswith("Deploy the ecom stack")


def test_without_credentials_nothing_can_be_checked(caller: Caller, moto: Moto) -> None:
    done = caller.run("--table-prefix", PREFIX, AWS_ENDPOINT_URL=moto.url, AWS_DEFAULT_REGION="us-east-1")
    assert done.returncode == 2
    assert "Unable to locate credentials" in done.stdout
    assert "pipes:DescribePipe" in done.stdout
    assert done.stdout.count("aws sso login") == 1  # the same mend is said once
    assert "✓" not in done.stdout
    assert "✗" not in done.stdout


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({**KEYS, "AWS_DEFAULT_REGION": ""}, "Set AWS_DEFAULT_REGION"),
        ({**KEYS, "AWS_DEFAULT_REGION": "us east"}, "Set AWS_DEFAULT_REGION"),
        ({**KEYS, "AWS_PROFILE": "nobody"}, "set AWS_PROFILE"),
        ({**KEYS, "AWS_ENDPOINT_URL": "nowhere"}, "AWS_ENDPOINT_URL if it is set"),
        ({"AWS_ACCESS_KEY_ID": "half", "AWS_DEFAULT_REGION": "us-east-1"}, "aws sso login"),
    ],
)
def test_what_boto3_cannot_work_with_is_said_with_its_mend(
    caller: Caller, environ: dict[str, str], said: str
) -> None:
    done = caller.run("--table-prefix", PREFIX, **environ)
    assert done.returncode == 2, done.stdout + done.stderr
    assert said in " ".join(done.stdout.split())
    assert "Traceback" not in done.stderr


def test_where_nobody_answers_nothing_can_be_checked(caller: Caller) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    done = caller.asks(url)
    assert done.returncode == 2
    assert f"Checking dev-main- in AWS at http://localhost:{url.rpartition(':')[2]} (AWS_ENDPOINT_URL)" in done.stdout
    assert "Look at the network, the region, and AWS_ENDPOINT_URL" in done.stdout


def test_a_denied_call_is_named_with_the_permission_it_needs(caller: Caller, standin: Any) -> None:
    done = caller.asks(standin(denied), "--verbose")
    assert done.returncode == 2
    told = " ".join(done.stdout.split())
    for permission in ("dynamodb:DescribeTable", "pipes:DescribePipe", "events:DescribeEventBus"):
        assert f"{permission} is denied" in told
        assert f"Have the permission `{permission}` given to you" in told
    assert "user/ann is not authorized" in told


def test_a_fault_weighs_more_than_what_could_not_be_checked(caller: Caller, standin: Any) -> None:
    missing = json.dumps({"__type": "ResourceNotFoundException", "message": "no such bus"})
    url = standin(lambda operation: (400, missing) if operation == "DescribeEventBus" else denied(operation))
    done = caller.asks(url, "--json")
    assert set(outcomes(done)) == {"failed", "unchecked"}
    assert done.returncode == 1


@pytest.mark.parametrize(
    "answer",
    [
        (200, "<html>Log in to the network</html>"),
        (200, "{}"),
        (200, "[1]"),
        (400, json.dumps({"__type": "UnrecognizedClientException", "message": "bad token"})),
        (500, "<html>" + "gateway " * 1000),
    ],
    ids=["a page", "nothing", "a list", "an expired login", "an error of a gateway"],
)
def test_an_answer_that_tells_nothing_leaves_it_unchecked(caller: Caller, standin: Any, answer: Answer) -> None:
    done = caller.asks(standin(lambda _: answer), "--json")
    assert done.returncode == 2, done.stdout + done.stderr
    assert set(outcomes(done)) == {"unchecked"}


def test_every_line_fits_80_columns(caller: Caller, moto: Moto) -> None:
    caller.environ["COLUMNS"] = "80"
    moto.view(RULES.table, "KEYS_ONLY")
    moto.client("pipes").stop_pipe(Name=SETTINGS.pipe)
    moto.pipe(RULES.pipe, Target=moto.client("events").describe_event_bus(Name=SETTINGS.bus)["Arn"])
    moto.client("events").delete_event_bus(Name=SETTINGS.bus)
    whole = [caller.asks(moto.url), caller.asks(f"http://127.0.0.1:{free_port()}")]
    words = {word for done in whole for line in done.stdout.splitlines() for word in [line.strip()] if len(line) > 80}
    assert all(" " not in word.removesuffix(" \\") for word in words), words  # but a name is never broken


def test_moto_of_the_configuration_is_asked_whatever_the_callers_aws_is(caller: Caller, moto: Moto) -> None:
    port = int(moto.url.rpartition(":")[2])
    moto.client("events").delete_event_bus(Name=RULES.bus)
    (caller.folder / "hippodrome.yaml").write_text(
        json.dumps({"profile": "ecom", "table_prefix": PREFIX, "services": {"moto": {"port": port}}})
    )
    caller.environ |= {"AWS_PROFILE": "nobody", "HTTP_PROXY": "http://127.0.0.1:1"}
    done = caller.run()
    assert done.returncode == 1, done.stdout + done.stderr
    assert done.stdout.startswith(f"Checking {PREFIX} in moto at http://localhost:{port}\n")
    assert "mend: `hd restart moto` makes it anew" in done.stdout
    assert caller.run("--aws", "account").stdout.startswith(f"Checking {PREFIX} in your AWS account\n")


def test_moto_can_be_asked_for_where_the_profile_has_none(caller: Caller, moto: Moto) -> None:
    port = int(moto.url.rpartition(":")[2])
    (caller.folder / "hippodrome.yaml").write_text(json.dumps({"services": {"moto": {"port": port}}}))
    done = caller.run("--aws", "moto", "--table-prefix", PREFIX)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_prefix_that_no_name_may_have_is_refused(caller: Caller) -> None:
    done = caller.run("--table-prefix", "dev main")
    assert done.returncode == 3
    assert "[bad-table-prefix]" in done.stderr


def test_the_script_is_a_door_to_the_command_from_any_folder(tmp_path: Path) -> None:
    (tmp_path / "scripts").mkdir()
    script = tmp_path / "scripts" / "validate_eventbridge.py"
    script.write_bytes((ROOT / "scripts" / "validate_eventbridge.py").read_bytes())
    (tmp_path / "hd").write_text('#!/bin/sh\nprintf "%s\\n" "$@"\nexit 2\n')
    (tmp_path / "hd").chmod(0o755)
    done = subprocess.run(
        ["python3", str(script), "--table-prefix", "dev main-", "--verbose"], cwd="/", capture_output=True, text=True
    )
    assert done.returncode == 2
    assert done.stdout.splitlines() == ["events", "validate", "--table-prefix", "dev main-", "--verbose"]
