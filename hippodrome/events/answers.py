"""What the sender of an event is told."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hippodrome.events.envelope import Event
from hippodrome.events.routes import receiver_of
from hippodrome.plan.model import Plan

BEHIND = "an earlier event of its key is not delivered yet"


@dataclass(frozen=True)
class Answer:
    """`event_id` is empty where nothing was written down."""

    status: int
    document: dict[str, Any]
    event_id: str = ""
    is_repeat: bool = False


@dataclass(frozen=True)
class Outcome:
    """How far one delivery is. `state` as in the spool; `said` is what the service answered, with `status`."""

    service: str
    path: str
    state: str
    status: int | None = None
    said: Any = None
    reason: str = ""


def rejected(status: int, reason: str) -> Answer:
    """Nothing was written down."""
    return Answer(status, {"status": "rejected", "reason": reason})


def ignored(event: Event, absent: Sequence[str], *, is_repeat: bool = False) -> Answer:
    """No service of the plan takes it; `absent`: those that would, and are not part of it."""
    reason = f"No route configured for detail-type: {event.detail_type}"
    if absent:
        reason = f"{' and '.join(absent)} would take {event.detail_type}, and is not part of this stack"
    return Answer(200, {"status": "ignored", "reason": reason}, event.id, is_repeat)


def told(event: Event, outcomes: Sequence[Outcome], plan: Plan, *, is_repeat: bool = False) -> Answer:
    """200 when nothing is left to be done, 202 while something is. Of several routes, the first that is worst."""
    worst = min(outcomes, key=lambda each: ("queued", "dead", "delivered").index(each.state))
    document = _document(event, worst, plan)
    if len(outcomes) > 1:
        document["deliveries"] = [_document(event, each, plan) for each in outcomes]
    return Answer(202 if worst.state == "queued" else 200, document, event.id, is_repeat)


def _document(event: Event, outcome: Outcome, plan: Plan) -> dict[str, Any]:
    receiver = receiver_of(outcome.service, outcome.path, plan)
    target = {"target": receiver.shown if receiver else outcome.service}
    if outcome.state == "delivered":
        return {"webhook_status": "forwarded", **target, "service_response": outcome.said}
    if outcome.state == "dead":
        more = {"service_status": outcome.status, "service_response": outcome.said}
        return {"webhook_status": "dead", **target, "reason": outcome.reason, **more, "event_id": event.id}
    return {"webhook_status": "queued", **target, "reason": outcome.reason or BEHIND, "event_id": event.id}
