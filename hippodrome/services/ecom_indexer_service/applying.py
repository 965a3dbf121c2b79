"""A chunk to the data plane: in batches that it takes, in order, with what became of each document."""

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx

from hippodrome.services.common.errors import ApiError
from hippodrome.services.common.outgoing import Upstream

BATCH_MAX = 128
ERRORS_MAX, MESSAGE_MAX = 200, 300  # kept of each job and chunk, and of each of them: an item has at most 400 kB
PAUSE_S, PAUSE_MAX_S = 0.25, 4.0
BUSY_S = 20.0  # so long a data plane that says it is busy is waited for
BUSY = {429, 502, 503, 504}
NEW_FIELD = (  # in the refusals of what no document had before: a text, a list of texts
    "adding new lexical fields in partial updates",
    "only support updating existing string array fields",
)

Operation = dict[str, Any]


class NotNowError(Exception):
    """The data plane is there and cannot take it now."""


@dataclass
class Outcome:
    """Of one job's part of a chunk."""

    done: int = 0
    failed: int = 0
    errors: list[dict[str, str]] = field(default_factory=list)

    def refuse(self, name: str, message: str, code: str) -> None:
        self.failed += 1
        if len(self.errors) < ERRORS_MAX:
            self.errors.append({"_id": name, "message": message[:MESSAGE_MAX], "code": code})


Outcomes = dict[str, Outcome]


def apply(cell: Upstream, index_id: str, operations: Iterable[Operation], keep: Callable[[], None]) -> Outcomes:
    """By job. While the data plane cannot be reached it is waited for, and `keep` is called now and then.

    Raises NotNowError when it answers that it cannot, now or for `BUSY_S`.
    """
    outcomes: Outcomes = defaultdict(Outcome)
    for batch in batches(operations):
        refused = _send(cell, index_id, batch, keep)
        for operation in batch:
            outcome = outcomes[operation["jobId"]]
            if operation["id"] in refused:
                outcome.refuse(operation["id"], *refused[operation["id"]])
            else:
                outcome.done += 1
    return dict(outcomes)


def batches(operations: Iterable[Operation]) -> Iterator[list[Operation]]:
    """Of one kind and with the same vectors, each document once, no larger than the data plane takes."""
    batch: list[Operation] = []
    for operation in operations:
        is_other = batch and _kind(operation) != _kind(batch[0])
        if is_other or len(batch) == BATCH_MAX or any(each["id"] == operation["id"] for each in batch):
            yield batch
            batch = []
        batch.append(operation)
    if batch:
        yield batch


def _kind(operation: Operation) -> tuple[str, bool, list[str]]:
    return operation["op"], _changes_vectors(operation), operation["tensorFields"]


def _changes_vectors(operation: Operation) -> bool:
    """A data plane refuses to change such a field alone: the whole document is added anew."""
    return operation["op"] == "patch" and bool(operation["document"].keys() & set(operation["tensorFields"]))


Refusals = dict[str, tuple[str, str]]  # message and code by the id of the document


def _send(cell: Upstream, index_id: str, batch: list[Operation], keep: Callable[[], None]) -> Refusals:
    """What was refused."""
    keep()
    path = f"/indexes/{index_id}/documents"
    if _changes_vectors(batch[0]):
        return _send_whole(cell, path, batch, keep)
    refused = _refusals(_answered(lambda: _asked(cell, path, batch), keep), batch)
    if new := [each for each in batch if _names_new(refused.get(each["id"]))]:
        for operation in new:
            del refused[operation["id"]]
        refused |= _send_whole(cell, path, new, keep)
    return refused


def _names_new(refusal: tuple[str, str] | None) -> bool:
    return refusal is not None and any(each in refusal[0] for each in NEW_FIELD)


def _send_whole(cell: Upstream, path: str, batch: list[Operation], keep: Callable[[], None]) -> Refusals:
    """Patches, each as its whole document."""
    answer = _answered(lambda: cell.ask("GET", path, json=[each["id"] for each in batch]), keep)
    if answer.is_error:
        return _refusals(answer, batch)
    stored = {each["_id"]: each for each in answer.json()["results"]}
    refused = {
        name: (str(each.get("message")), "document_not_found") for name, each in stored.items() if not each["_found"]
    }
    whole = [_whole(each, stored[each["id"]]) for each in batch if each["id"] not in refused]
    if whole:
        refused |= _refusals(_answered(lambda: _asked(cell, path, whole), keep), whole)
    return refused


def _whole(patch: Operation, stored: dict[str, Any]) -> Operation:
    """The same change as a document of its own."""
    fields = {name: value for name, value in stored.items() if name not in ("_id", "_found")}
    return {**patch, "op": "upsert", "document": {**fields, **patch["document"]}}


def _refusals(answer: httpx.Response, batch: list[Operation]) -> Refusals:
    """Raises NotNowError when it cannot now."""
    if answer.is_server_error or answer.status_code == 429:
        raise NotNowError(f"the data plane answered {answer.status_code}: {answer.text[:200]}")
    told = answer.json()
    if answer.is_error:
        return {each["id"]: (str(told.get("message")), str(told.get("code"))) for each in batch}
    refused = [item for item in told.get("items", ()) if item["status"] >= 400]
    if any(item["status"] in BUSY or item["status"] >= 500 for item in refused):
        raise NotNowError(f"the data plane could not take all now: {refused[0]}")
    return {item["_id"]: (str(item.get("message") or item.get("error")), _code(item)) for item in refused}


def _code(item: dict[str, Any]) -> str:
    """Of an item; those of updates have none."""
    return str(item.get("code") or ("document_not_found" if item["status"] == 404 else "invalid_argument"))


def _answered(ask: Callable[[], httpx.Response], keep: Callable[[], None]) -> httpx.Response:
    """The answer of a data plane that is there and not busy, or busy for too long."""
    pause_s, busy_until = PAUSE_S, time.monotonic() + BUSY_S
    while True:
        try:
            answer = ask()
            if answer.status_code not in BUSY or time.monotonic() > busy_until:
                return answer
        except ApiError:  # nobody answers, or too late: it will be back
            pass
        time.sleep(pause_s)
        pause_s = min(PAUSE_MAX_S, 2 * pause_s)
        keep()


def _asked(cell: Upstream, path: str, batch: list[Operation]) -> httpx.Response:
    if batch[0]["op"] == "delete":
        return cell.ask("POST", f"{path}/delete-batch", json=[each["id"] for each in batch])
    documents = [{**each["document"], "_id": each["id"]} for each in batch]
    if batch[0]["op"] == "patch":
        return cell.ask("PATCH", path, json={"documents": documents})
    return cell.ask("POST", path, json={"documents": documents, "tensorFields": batch[0]["tensorFields"]})
