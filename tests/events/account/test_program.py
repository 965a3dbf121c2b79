"""The program, from its start to its end: an account, a tunnel or a queue, and the dashboard's webhook."""

import json
import os
import signal
import time
from pathlib import Path

import pytest

from tests.events.account.conftest import (
    EVENT,
    PREFIX,
    REGION,
    TABLE,
    Aws,
    Gate,
    Hook,
    Life,
    Start,
    Tools,
    eventually,
    key_of,
    through,
)

ROLE = "local-stack-eventbridge-api-dest-role"


def test_an_event_comes_through_the_tunnel_and_nothing_else_does(
    aws: Aws, tools: Tools, hook: Hook, start: Start
) -> None:
    tools.install("cloudflared")
    state = start(aws).wait_until_ready()
    header, key = key_of(aws)
    (destination,) = aws.client("events").list_api_destinations()["ApiDestinations"]
    assert destination["InvocationEndpoint"] == f"{state['public_url']}/webhook/eventbridge"
    hook.answer = b'{"webhook_status":"forwarded","target":"localhost:9010"}'
    answer = through(tools, "/webhook/eventbridge", json=EVENT, headers={header: key})
    assert (answer.status_code, answer.content) == (200, hook.answer)
    assert hook.events[-1] == {"path": "/webhook/eventbridge", "body": EVENT}
    assert header not in hook.headers[-1] and hook.headers[-1]["x-hippodrome-origin"] == "tunnel"

    before = len(hook.events)
    for path, method, headers in (
        ("/webhook/eventbridge", "POST", {}),
        ("/webhook/eventbridge", "POST", {header: key[:-1] + "x"}),
        ("/webhook/eventbridge", "POST", {header: ""}),
        ("/webhook/eventbridge", "GET", {header: key}),
        ("/webhook/eventbridge", "PUT", {header: key}),
        ("/webhook/eventbridge", "OPTIONS", {header: key}),
        ("/webhook/eventbridge/", "POST", {header: key}),
        ("/webhook/eventbridge?a=b", "POST", {header: key}),
        ("/webhook/../api/services", "POST", {header: key}),
        ("//webhook/eventbridge", "POST", {header: key}),
        ("/", "GET", {}),
        ("/", "GET", {header: key}),
        ("/api/services", "GET", {header: key}),
        ("/api/services/moto/stop", "POST", {header: key}),
        ("/health", "GET", {}),
    ):
        answer = through(tools, path, method=method, headers=headers, data="{}")
        assert (answer.status_code, answer.content) == (404, b""), (method, path)
        assert set(answer.headers) == {"Content-Length", "Connection"}
    assert len(hook.events) == before


def test_what_is_made_in_the_account_is_what_is_promised(aws: Aws, tools: Tools, start: Start) -> None:
    tools.install("cloudflared")
    state = start(aws).wait_until_ready()
    events, iam, name = aws.client("events"), aws.client("iam"), state["rule"]
    assert name.startswith("local-stack-webhook-")
    assert state["buses"] == [f"{PREFIX}EcomEventBus", f"{PREFIX}MerchandisingEventBus"]
    for bus in state["buses"]:
        rule = events.describe_rule(Name=name, EventBusName=bus)
        assert json.loads(rule["EventPattern"]) == {
            "source": ["marqo.dynamodb"],
            "detail": {"tableName": [{"prefix": PREFIX}]},
        }
        assert rule["State"] == "ENABLED"
        for said in ("Temporary", "safe to delete", "made by Hippodrome at 20", PREFIX):
            assert said in rule["Description"]
        (target,) = events.list_targets_by_rule(Rule=name, EventBusName=bus)["Targets"]
        assert target["Arn"] == events.describe_api_destination(Name=name)["ApiDestinationArn"]
        assert target["RoleArn"] == iam.get_role(RoleName=ROLE)["Role"]["Arn"]
    destination = events.describe_api_destination(Name=name)
    assert destination["HttpMethod"] == "POST"
    assert destination["ConnectionArn"] == events.describe_connection(Name=name)["ConnectionArn"]
    assert events.describe_connection(Name=name)["AuthorizationType"] == "API_KEY"
    policies = iam.list_role_policies(RoleName=ROLE)["PolicyNames"]
    (statement,) = iam.get_role_policy(RoleName=ROLE, PolicyName=policies[0])["PolicyDocument"]["Statement"]
    assert statement["Action"] == "events:InvokeApiDestination"
    assert statement["Resource"] == "arn:aws:events:*:123456789012:api-destination/local-stack-webhook-*/*"
    assert not iam.list_attached_role_policies(RoleName=ROLE)["AttachedPolicies"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_all_but_the_role_goes_when_it_ends(number: int, aws: Aws, tools: Tools, start: Start) -> None:
    tools.install("cloudflared")
    life = start(aws)
    life.wait_until_ready()
    assert len(aws.left) == 4
    assert life.end(number) == 0, life.log
    assert aws.left == [] and ROLE in aws.roles
    assert life.journal.is_empty and not (life.run_dir / "account-events.json").exists()
    told = tools.told("cloudflared")
    assert told and not _is_alive(told["pid"])


@pytest.mark.slow
def test_the_role_is_made_once_and_each_start_has_a_secret_of_its_own(aws: Aws, tools: Tools, start: Start) -> None:
    tools.install("cloudflared")
    keys, names = set(), set()
    for _ in range(2):
        life = start(aws)
        names.add(life.wait_until_ready()["rule"])
        keys.add(key_of(aws)[1])
        life.end()
    assert len(keys) == len(names) == 2 and all(len(key) >= 32 for key in keys)
    assert aws.roles == [ROLE]


@pytest.mark.slow
def test_a_killed_one_leaves_nothing_that_the_next_does_not_remove(aws: Aws, tools: Tools, start: Start) -> None:
    tools.install("cloudflared")
    first = start(aws)
    rule = first.wait_until_ready()["rule"]
    tunnel = tools.told("cloudflared")
    first.end(signal.SIGKILL)
    assert len(aws.left) == 4 and tunnel and _is_alive(tunnel["pid"])
    second = start(aws)
    assert second.wait_until_ready()["rule"] != rule
    assert len(aws.left) == 4 and not any(rule in each for each in aws.left)
    assert not _is_alive(tunnel["pid"])
    second.end()
    assert aws.left == []


def test_a_dead_tunnel_is_opened_again_and_the_destination_follows_it(
    aws: Aws, tools: Tools, hook: Hook, start: Start
) -> None:
    tools.install("cloudflared")
    life = start(aws)
    before = life.wait_until_ready()
    told = tools.told("cloudflared")
    assert told
    os.kill(told["pid"], signal.SIGKILL)
    state = eventually(
        lambda: (now := life.health())["public_url"] != before["public_url"] and now, "another address"
    )
    assert state["rule"] == before["rule"]
    destination = aws.client("events").describe_api_destination(Name=state["rule"])
    assert destination["InvocationEndpoint"] == f"{state['public_url']}/webhook/eventbridge"
    header, key = key_of(aws)
    assert through(tools, "/webhook/eventbridge", json=EVENT, headers={header: key}).status_code == 200
    assert "cloudflared ended with status -9" in life.log


def test_a_tunnel_that_has_lost_its_way_is_not_healthy(aws: Aws, tools: Tools, start: Start) -> None:
    tools.install("cloudflared")
    life = start(aws)
    life.wait_until_ready()
    tools.faults(lost=True)
    eventually(lambda: life.health()["status"] == "unavailable", "unhealthy")
    tools.faults()
    eventually(lambda: life.health()["status"] == "ok", "healthy again")
    assert tools.starts("cloudflared") == 1


def test_a_slow_tunnel_is_waited_for_and_nothing_is_made_before(aws: Aws, tools: Tools, start: Start) -> None:
    tools.install("cloudflared")
    tools.faults(slow=3600)
    life = start(aws)
    eventually(lambda: life.health().get("why") == "the tunnel is being opened", "waiting")
    assert aws.left == []
    assert life.end() == 0
    assert aws.left == [] and "Traceback" not in life.log


def test_a_rationed_tunnel_is_said_and_not_asked_for_at_once(aws: Aws, tools: Tools, start: Start) -> None:
    tools.install("cloudflared")
    tools.faults(rationed=True)
    life = start(aws)
    said = "no more quick tunnels for now (429 Too Many Requests); it is opened again in 60 s"
    eventually(lambda: said in life.health().get("why", ""), "rationed")
    time.sleep(1.5)  # a wrong one would ask again after 1 s
    assert tools.starts("cloudflared") == 1
    life.end()


def test_a_tunnel_that_cannot_reach_its_service_is_tried_again(aws: Aws, tools: Tools, start: Start) -> None:
    tools.install("cloudflared")
    tools.faults(offline=True)
    life = start(aws)
    eventually(lambda: "no such host; it is opened again in 1 s" in life.health().get("why", ""), "offline")
    tools.faults()
    life.wait_until_ready()


def test_events_come_through_ngrok_too(aws: Aws, tools: Tools, start: Start) -> None:
    tools.install("ngrok")
    life = start(aws, NGROK_AUTHTOKEN="2abc")
    state = life.wait_until_ready()
    assert 'msg="started tunnel"' in life.log and "pg=/api" not in life.log
    assert state["public_url"] == "https://quiet-river-1.ngrok-free.app"
    header, key = key_of(aws)
    assert through(tools, "/webhook/eventbridge", tool="ngrok", json=EVENT, headers={header: key}).status_code == 200
    assert through(tools, "/webhook/eventbridge", tool="ngrok", json=EVENT).status_code == 404


def test_a_refused_ngrok_says_the_mend(aws: Aws, tools: Tools, start: Start) -> None:
    tools.install("ngrok")
    tools.faults(refused="ERR_NGROK_107")
    life = start(aws, NGROK_AUTHTOKEN="2abc")
    eventually(lambda: "not valid any more" in life.health().get("why", ""), "refused")
    assert "`ngrok config add-authtoken TOKEN` (ERR_NGROK_107)" in life.health()["why"]


def test_cloudflared_goes_before_ngrok(aws: Aws, tools: Tools, start: Start) -> None:
    tools.install("cloudflared", "ngrok")
    assert "trycloudflare" in start(aws, NGROK_AUTHTOKEN="2abc").wait_until_ready()["public_url"]


def test_a_missing_bus_is_one_line_and_nothing_is_left(aws: Aws, tools: Tools, start: Start) -> None:
    tools.install("cloudflared")
    aws.client("events").delete_event_bus(Name=f"{PREFIX}MerchandisingEventBus")
    life = start(aws)
    assert life.popen.wait(60) == 1
    (line,) = [each for each in life.log.splitlines() if each.startswith("ERROR")]
    assert (
        f"no event bus {PREFIX}MerchandisingEventBus in account 123456789012, region {REGION} [no-event-bus]" in line
    )
    assert aws.left == []


def test_denied_proofs_are_said_once_and_events_come_all_the_same(
    gate: tuple[Gate, Aws], aws: Aws, tools: Tools, start: Start
) -> None:
    judged, seen = gate
    judged.judge = lambda operation: "deny" if operation == "PutEvents" else "pass"
    tools.install("cloudflared")
    life = start(seen)
    life.wait_until_ready()
    eventually(lambda: "no proof can be sent" in life.log, "said")
    assert life.health()["status"] == "ok"
    header, key = key_of(aws)
    assert through(tools, "/webhook/eventbridge", json=EVENT, headers={header: key}).status_code == 200


# by queue


def test_events_come_from_the_bus_by_the_queue(aws: Aws, hook: Hook, start: Start) -> None:
    life = start(aws, "sqs")
    life.wait_until_ready()
    aws.put(TABLE, newImage={"pk": {"S": "INDEX#1"}})
    aws.put("dev-bob-EcomIndexSettingsTable")
    (event,) = eventually(hook.of_people, "delivered")
    assert event["path"] == "/webhook/eventbridge" and hook.headers[-1]["x-hippodrome-origin"] == "sqs"
    assert event["body"]["detail"]["tableName"] == TABLE
    assert event["body"]["detail-type"] == "EcomIndexSettings.MODIFY"
    eventually(lambda: life.health()["proved_at"], "the proof came through")
    eventually(lambda: _waiting(aws) == 0, "deleted once taken")
    assert life.end() == 0
    assert aws.left == []


def test_only_the_rules_may_send_to_the_queue(aws: Aws, start: Start) -> None:
    state = start(aws, "sqs").wait_until_ready()
    sqs, events = aws.client("sqs"), aws.client("events")
    told = sqs.get_queue_attributes(QueueUrl=state["queue"], AttributeNames=["All"])["Attributes"]
    (statement,) = json.loads(told["Policy"])["Statement"]
    rules = [events.describe_rule(Name=state["rule"], EventBusName=bus)["Arn"] for bus in state["buses"]]
    assert statement["Condition"] == {"ArnEquals": {"aws:SourceArn": rules}}
    assert statement["Principal"] == {"Service": "events.amazonaws.com"}
    assert (statement["Action"], statement["Resource"]) == ("sqs:SendMessage", told["QueueArn"])
    for bus in state["buses"]:
        (target,) = events.list_targets_by_rule(Rule=state["rule"], EventBusName=bus)["Targets"]
        assert target["Arn"] == told["QueueArn"] and "RoleArn" not in target
    assert ROLE not in aws.roles


def test_an_event_waits_in_the_queue_while_the_dashboard_is_away(aws: Aws, hook: Hook, start: Start) -> None:
    life = start(aws, "sqs")
    life.wait_until_ready()
    hook.status = 503
    aws.put(TABLE)
    eventually(lambda: "the webhook answers 503" in life.health()["why"], "said")
    assert life.health()["status"] == "unavailable"
    hook.status, seen = 202, len(hook.of_people())
    eventually(lambda: len(hook.of_people()) > seen and _waiting(aws) == 0, "delivered")
    eventually(lambda: life.health()["status"] == "ok", "healthy again")


def test_a_message_that_the_webhook_refuses_does_not_come_for_ever(aws: Aws, hook: Hook, start: Start) -> None:
    life = start(aws, "sqs")
    state = life.wait_until_ready()
    hook.status, hook.answer = 400, b'{"reason":"no detail-type"}'
    aws.client("sqs").send_message(QueueUrl=state["queue"], MessageBody="[]")
    eventually(lambda: 'dropped a message that the webhook refuses: {"reason"' in life.log, "said")
    eventually(lambda: _waiting(aws) == 0, "gone")


def test_what_came_while_it_was_dead_is_delivered_by_its_next_life(aws: Aws, hook: Hook, start: Start) -> None:
    first = start(aws, "sqs")
    queue = first.wait_until_ready()["queue"]
    hook.status = 503  # not sooner: its own proof would be refused, and it would not be healthy
    aws.put(TABLE, newImage={"note": {"S": "meanwhile"}})
    eventually(lambda: "meanwhile" in json.dumps(hook.events), "tried")
    eventually(lambda: "the webhook answers 503" in first.health()["why"], "said")
    first.end(signal.SIGKILL)  # while it pauses: a look at the queue would go on in moto, and take what comes
    hook.status = 200
    hook.events.clear()
    second = start(aws, "sqs")
    assert second.wait_until_ready()["queue"] == queue
    eventually(lambda: "meanwhile" in json.dumps(hook.events), "delivered")
    second.end()
    assert aws.left == []


def test_another_way_takes_nothing_over(aws: Aws, tools: Tools, start: Start) -> None:
    tools.install("cloudflared")
    first = start(aws, "sqs")
    first.wait_until_ready()
    first.end(signal.SIGKILL)
    start(aws, "tunnel").wait_until_ready()
    assert not any(each.startswith("queue") for each in aws.left) and len(aws.left) == 4


def _waiting(aws: Aws) -> int:
    """Messages in the queue, hidden ones too."""
    sqs = aws.client("sqs")
    (url,) = sqs.list_queues()["QueueUrls"]
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    told = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
    return sum(map(int, told.values()))


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return _state(pid) != "Z"


def _state(pid: int) -> str:
    """Of /proc; an orphan that has ended is a zombie until whoever took it reaps it."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except OSError:
        return ""


# crashes


def _killed_at(start: Start, seen: Aws, judged: Gate, step: int, via: str) -> Life:
    """One life that is killed as soon as AWS has made its `step`th thing."""
    life: list[Life] = []

    def after(operation: str) -> None:
        if len(judged.changes()) == step and life and life[0].popen.poll() is None:
            life[0].popen.kill()

    judged.after = after
    life.append(start(seen, via))
    life[0].popen.wait(60)
    return life[0]


@pytest.mark.slow
@pytest.mark.parametrize(("via", "steps"), [("tunnel", 8), ("sqs", 5)])
def test_wherever_it_is_killed_the_next_life_leaves_nothing(
    via: str, steps: int, gate: tuple[Gate, Aws], aws: Aws, tools: Tools, start: Start
) -> None:
    judged, seen = gate
    tools.install("cloudflared")
    for step in range(1, steps + 1):
        for role in aws.roles:
            for policy in aws.client("iam").list_role_policies(RoleName=role)["PolicyNames"]:
                aws.client("iam").delete_role_policy(RoleName=role, PolicyName=policy)
            aws.client("iam").delete_role(RoleName=role)
        judged.calls.clear()
        life = _killed_at(start, seen, judged, step, via)
        assert life.popen.returncode == -signal.SIGKILL, life.log
        judged.after = lambda _: None
        another = start(aws, "sqs" if via == "tunnel" else "tunnel")  # so that nothing can be taken over
        another.wait_until_ready()
        assert len(aws.left) == (3 if via == "tunnel" else 4), step
        another.end()
        assert aws.left == [], step
