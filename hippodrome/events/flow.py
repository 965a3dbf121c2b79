"""One item put into a table, and its event followed hop by hop until its service has it."""

import time
import uuid
from collections.abc import Iterator
from typing import Any

from hippodrome.events.deployed import Aws, make_clients
from hippodrome.events.proof import PROOF_PK
from hippodrome.events.reading import Reader, Recorded, UnreadableError, Wanted
from hippodrome.events.validate import Check, Outcome
from hippodrome.wait import Deadline, until

PATIENCE_S = 30.0
NOT_THERE = "`hd events validate` says whether stream, pipe and bus are well; `hd ps` whether the way here is."


def flow(aws: Aws, table: str, reader: Reader, *, patience_s: float = PATIENCE_S) -> Iterator[Check]:
    """A check a hop, with its time since the write. The marker is taken away again, whatever happens."""
    from botocore.exceptions import BotoCoreError, ClientError

    marker = f"FLOW-{uuid.uuid4().hex[:8]}"
    item = {"pk": {"S": PROOF_PK}, "sk": {"S": marker}}
    name = f"a marker is put into {table}"
    try:
        dynamodb = make_clients(aws, {"dynamodb"})["dynamodb"]
        began = time.time()
        dynamodb.put_item(TableName=table, Item=item)
    except (BotoCoreError, ClientError, ValueError) as error:
        yield Check(name, "unchecked", f"dynamodb:PutItem: {error}", "Have that permission, or `hd events validate`.")
        return
    yield _after(name, time.time() - began)
    try:
        yield from _followed(reader, marker, "INSERT", began, patience_s)
    finally:
        began = time.time()
        dynamodb.delete_item(TableName=table, Key=item)
    yield _after("the marker is taken away", time.time() - began)
    yield from _followed(reader, marker, "REMOVE", began, patience_s)


def _followed(reader: Reader, marker: str, name: str, began: float, patience_s: float) -> Iterator[Check]:
    arrives = f"its {name} comes to the relay"
    found = until(lambda: _event(reader, marker, name), Deadline(patience_s), pause_s=0.05)
    if found is None:
        yield Check(arrives, "failed", f"nothing came within {patience_s:.0f} s", NOT_THERE)
        return
    yield _after(arrives, found.received_at - began, f"by {found.origin}")
    until(lambda: _is_settled(reader, found), Deadline(patience_s), pause_s=0.05)
    event = _event(reader, marker, name) or found
    if not event.deliveries:
        mend = f"`hd events explain {event.id}` says why."
        yield Check("a route takes it", "failed", "no service of this stack takes it", mend)
    for sent in event.deliveries:
        reached = f"{sent.service} has it"
        if sent.status is None or sent.settled_at is None:
            yield Check(reached, "failed", sent.reason or "not delivered yet", f"`hd ps {sent.service}` says why.")
        else:
            yield _after(reached, sent.settled_at - began, f"and answered {sent.status}")


def _event(reader: Reader, marker: str, name: str) -> Recorded | None:
    wanted = Wanted(key=f"{PROOF_PK}/{marker}", with_proofs=True)
    try:
        return next((each for each in reader.events(wanted) if each.detail_type.endswith(f".{name}")), None)
    except UnreadableError:
        return None


def _is_settled(reader: Reader, event: Recorded) -> Any:
    found = reader.event(event.id)
    return found and found.state != "queued"


def _after(name: str, seconds: float, more: str = "") -> Check:
    outcome: Outcome = "ok"
    took = f"after {max(0.0, seconds) * 1000:.0f} ms"
    return Check(name, outcome, f"{took} {more}".rstrip(), details={"ms": f"{max(0.0, seconds) * 1000:.0f}"})
