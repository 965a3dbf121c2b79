"""Whether what should carry events in AWS is there and joined as it should be: one check, one value."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from hippodrome.events.deployed import Answer, Aws, Deployed, Found, Missing, Unknown, look

Outcome = Literal["ok", "failed", "unchecked"]

WANTED_VIEWS = ("NEW_IMAGE", "NEW_AND_OLD_IMAGES")  # without the new image there is nothing to send
PASSING_STATES = ("CREATING", "STARTING", "UPDATING")
FAILED_STARTS = ("START_FAILED", "STOP_FAILED", "UPDATE_FAILED")
DEPLOY = (
    "Deploy the ecom stack for this prefix; or it is in another account or region: see AWS_PROFILE and"
    " AWS_DEFAULT_REGION."
)
REMAKE_PIPE = (
    "A pipe's source cannot be changed, so have the ecom stack make the pipe again: deploy it without the pipe, then"
    " with it."
)
# what moto has, it makes when it starts, and for one prefix
MEND_MOTO = "`hd restart moto` makes it anew, for the table prefix of the running stack."


@dataclass(frozen=True)
class Check:
    """One thing that must be so. `mend` is for people, `commands` for their shell; `details`: ARNs and settings."""

    name: str
    outcome: Outcome
    found: str
    mend: str = ""
    commands: tuple[str, ...] = ()
    details: Mapping[str, str] = field(default_factory=dict)


def validate(aws: Aws, prefix: str) -> tuple[Check, ...]:
    """All checks, feed by feed, in the order in which an event passes."""
    checks = tuple(check for deployed in look(aws, prefix) for check in checks_of(deployed))
    return tuple(_for_moto(check) for check in checks) if aws.moto_url else checks


def verdict(checks: Iterable[Check]) -> Outcome:
    """One that failed is enough to know; else one that could not be checked leaves it open."""
    outcomes = {check.outcome for check in checks}
    return "failed" if "failed" in outcomes else "unchecked" if "unchecked" in outcomes else "ok"


def checks_of(deployed: Deployed) -> Iterator[Check]:
    """Of one feed. What hangs on something that is missing is left out: it has its own failed check."""
    yield _streams(deployed)
    yield _runs(deployed)
    yield from _reads(deployed)
    yield from _feeds(deployed)
    yield _exists(deployed)


def _streams(deployed: Deployed) -> Check:
    table = deployed.feed.table
    name = f"table {table} streams new images"
    if not isinstance(deployed.table, Found):
        return _absent(name, deployed.table)
    facts = deployed.table.facts
    view = _view(facts)
    details = {
        "table": facts["TableArn"],
        "stream": str(facts.get("LatestStreamArn", "none")),
        "view": view or "none",
        "status": str(facts.get("TableStatus", "")),
    }
    if view in WANTED_VIEWS:
        return Check(name, "ok", view, details=details)
    on = f"{_update(table)} StreamEnabled=true,StreamViewType=NEW_AND_OLD_IMAGES"
    if not view:
        mend = f"Turn the stream on. {REMAKE_PIPE}"
        return Check(name, "failed", "its stream is off", mend, (on,), details)
    steps = (f"{_update(table)} StreamEnabled=false", f"aws dynamodb wait table-exists --table-name {table}", on)
    mend = f"A stream's view cannot be changed: turn it off, and on again. {REMAKE_PIPE}"
    return Check(name, "failed", f"it streams {view}", mend, steps, details)


def _update(table: str) -> str:
    return f"aws dynamodb update-table --table-name {table} --stream-specification"


def _view(table: Mapping[str, Any]) -> str:
    """Empty when the stream is off: its last ARN and view may still be told then."""
    told = table.get("StreamSpecification") or {}
    return str(told.get("StreamViewType", "")) if told.get("StreamEnabled") else ""


def _runs(deployed: Deployed) -> Check:
    name = f"pipe {deployed.feed.pipe} is RUNNING"
    if not isinstance(deployed.pipe, Found):
        return _absent(name, deployed.pipe)
    facts = deployed.pipe.facts
    state, desired = str(facts.get("CurrentState", "unknown")), str(facts.get("DesiredState", "RUNNING"))
    reason = str(facts.get("StateReason") or "")
    details = {"pipe": facts["Arn"], "state": state, "desired": desired, "role": str(facts.get("RoleArn", "none"))}
    if state == desired == "RUNNING":
        return Check(name, "ok", state, details=details)
    found = f"it is {state}" + (f", and to be {desired}" if desired != state else "") + (reason and f": {reason}")
    mend, commands = _mend_state(state, desired, deployed.feed.pipe)
    return Check(name, "failed", found, mend, commands, details)


def _mend_state(state: str, desired: str, pipe: str) -> tuple[str, tuple[str, ...]]:
    start = (f"aws pipes start-pipe --name {pipe}",)
    if desired == "STOPPED" or state in ("STOPPED", "STOPPING"):
        return "Somebody has stopped it. Start it:", start
    if state in PASSING_STATES:
        return "It is on its way: try again in a minute.", ()
    if state in FAILED_STARTS:
        return "Mend what the reason names, then start it:", start
    return "Mend what the reason names, then deploy the ecom stack again.", ()


def _reads(deployed: Deployed) -> Iterator[Check]:
    feed, pipe, table = deployed.feed, deployed.pipe, deployed.table
    name = f"pipe {feed.pipe} reads that stream"
    if not isinstance(pipe, Found) or isinstance(table, Missing):
        return
    if isinstance(table, Unknown):
        yield _absent(name, table)
        return
    source = str(pipe.facts.get("Source", "nothing"))
    if not _view(table.facts):
        return
    stream = str(table.facts.get("LatestStreamArn", "none"))
    details = {"source": source, "stream": stream, **_batches(pipe.facts)}
    if source == stream:
        yield Check(name, "ok", _short(source), details=details)
        return
    is_old = source.startswith(f"{table.facts['TableArn']}/stream/")
    found = f"it reads an older stream of the table, {_short(source)}" if is_old else f"it reads {_short(source)}"
    yield Check(name, "failed", found, REMAKE_PIPE, details=details)


def _batches(pipe: Mapping[str, Any]) -> dict[str, str]:
    told = (pipe.get("SourceParameters") or {}).get("DynamoDBStreamParameters") or {}
    named = {"starts at": "StartingPosition", "batch size": "BatchSize", "retries": "MaximumRetryAttempts"}
    return {name: str(told[key]) for name, key in named.items() if key in told}


def _feeds(deployed: Deployed) -> Iterator[Check]:
    feed, pipe, bus = deployed.feed, deployed.pipe, deployed.bus
    name = f"pipe {feed.pipe} feeds that bus"
    if not isinstance(pipe, Found) or isinstance(bus, Missing):
        return
    if isinstance(bus, Unknown):
        yield _absent(name, bus)
        return
    fed, arn = str(pipe.facts.get("Target", "nothing")), str(bus.facts["Arn"])
    details = {"target": fed, "bus": arn, **_wording(pipe.facts)}
    if fed == arn:
        yield Check(name, "ok", _short(fed), details=details)
        return
    role = pipe.facts.get("RoleArn", "ROLE")
    command = f"aws pipes update-pipe --name {feed.pipe} --role-arn {role} --target {arn}"
    mend = "Point it at the bus; its role needs `events:PutEvents` there:"
    yield Check(name, "failed", f"it feeds {_short(fed)}", mend, (command,), details)


def _wording(pipe: Mapping[str, Any]) -> dict[str, str]:
    """What the pipe makes of a change, where it says so."""
    told = pipe.get("TargetParameters") or {}
    bus = told.get("EventBridgeEventBusParameters") or {}
    found = {"detail type": bus.get("DetailType"), "event source": bus.get("Source")}
    return {name: str(value) for name, value in found.items() if value}


def _exists(deployed: Deployed) -> Check:
    name = f"bus {deployed.feed.bus} exists"
    if not isinstance(deployed.bus, Found):
        return _absent(name, deployed.bus)
    arn = str(deployed.bus.facts["Arn"])
    return Check(name, "ok", "exists", details={"bus": arn})


def _absent(name: str, answer: Answer) -> Check:
    """Of a thing that is missing, or of which nothing can be known."""
    if isinstance(answer, Missing):
        return Check(name, "failed", f"it is missing in {answer.region}", DEPLOY)
    assert isinstance(answer, Unknown)
    return Check(name, "unchecked", answer.why, answer.mend, details={"said": answer.said} if answer.said else {})


def _for_moto(check: Check) -> Check:
    return replace(check, mend=MEND_MOTO, commands=()) if check.outcome == "failed" else check


def _short(arn: str) -> str:
    """Without partition, region and account, which `details` have."""
    return arn.split(":", 5)[-1]
