"""Which way events come to the relay, and when that was proven last."""

from dataclasses import dataclass
from pathlib import Path

from hippodrome.events.proof import OLD_S, Proof, last_proof
from hippodrome.plan.model import EventsVia, Plan

WORDS: dict[EventsVia, str] = {
    "streams": "moto's streams",
    "tunnel": "the AWS account, by a tunnel",
    "sqs": "the AWS account, by a queue",
    "none": "by hand alone",
}


@dataclass(frozen=True)
class Source:
    """`is_proven`: an event of our own arrived lately. `sentence` is for people."""

    via: EventsVia
    proof: Proof | None
    is_proven: bool
    sentence: str


def announced(plan: Plan) -> str:
    """For whoever starts the stack; empty where no service of it takes events."""
    if plan.events != "none":
        return f"Events, such as changes of settings, come from {WORDS[plan.events]}."
    if not any(route.service in plan for route in plan.routes):
        return ""
    more = " (`--enable-events` brings those of the account)" if plan.aws == "account" else ""
    return f"Events come by hand alone: `hd events send`{more}."


def look(plan: Plan, record: Path, now: float) -> Source:
    """As it is now; `record`: the file of the last proof."""
    if plan.events == "none":
        return Source("none", None, False, "Events come by hand alone.")
    found = last_proof(record)
    proof = found if found and found.origin == plan.events else None
    head = f"Events come from {WORDS[plan.events]}"
    if proof is None and plan.is_data_real:
        return Source(plan.events, None, True, f"{head}; not proven, as nothing of ours is sent where data is real.")
    if proof is None:
        return Source(plan.events, None, False, f"{head}; not proven yet.")
    age = max(0.0, now - proof.at)
    is_proven = age < OLD_S
    if is_proven:
        return Source(plan.events, proof, True, f"{head}, proven {age:.0f} s ago.")
    return Source(
        plan.events, proof, False, f"{head}; the last proof is {_minutes(age)} old, so something is broken."
    )


def _minutes(seconds: float) -> str:
    minutes = int(seconds // 60)
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h"
