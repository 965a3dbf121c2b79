"""What the two exporters share: an event says where to look, the whole current state goes to the worker's KV."""

import contextlib
import json
import logging
import os
import re
import threading
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from botocore.exceptions import BotoCoreError, ClientError
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field

from hippodrome.services.common import aws
from hippodrome.services.common.api import create_api
from hippodrome.services.common.errors import ApiError, answer_api_error
from hippodrome.services.common.outgoing import Upstream, passed

log = logging.getLogger("exporter")
AGAIN_S = 1.0
TURNS = 32  # one index waits for another as rarely as there are more of them
VERSION = "0.1.0"
PROOF = "HIPPODROME#PROOF"  # pk of the item by which the stack finds out whether events still come through
INDEX_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,127}")

Json = dict[str, Any]


class Text(BaseModel):
    """A string as DynamoDB's own JSON writes it."""

    S: str


class Keys(BaseModel):
    """Of the item that has changed."""

    pk: Text
    sk: Text | None = None


class Detail(BaseModel):
    """Of an event; the images are not needed, for the table is read again."""

    event_name: Literal["INSERT", "MODIFY", "REMOVE"] = Field(alias="eventName")
    keys: Keys


class Envelope(BaseModel):
    """As EventBridge sends it, or as somebody has written it by hand: with less."""

    detail: Detail


@dataclass(frozen=True)
class Exporter:
    """What one exporter keeps in KV under `{prefix}:{index id}`.

    `index_of` an item's pk and sk is the id of its index, empty where it is of none; `read` is the index's whole
    state with its `version`, None where there is nothing; `every` is the id of each index that has a state.
    """

    name: str
    prefix: str
    index_of: Callable[[str, str], str]
    read: Callable[[str], Json | None]
    every: Callable[[], Iterable[str]]


class Export:
    """Brings states of indexes to the worker, if there is one. Thread-safe."""

    def __init__(self, exporter: Exporter, worker: Upstream | None) -> None:
        self._exporter, self._worker = exporter, worker
        self._turns = tuple(threading.Lock() for _ in range(TURNS))

    def item(self, pk: str, sk: str) -> Json:
        """What was done about the index that this item is of."""
        if pk == PROOF:
            return {"ignored": "It only proves that events arrive."}
        index = self._exporter.index_of(pk, sk)
        return self.index(index) if INDEX_ID.fullmatch(index) else {"skipped": f"{pk!r} names no index."}

    def index(self, index: str) -> Json:
        """Raises ApiError 503 or 504 where the table or the worker is away."""
        key = f"{self._exporter.prefix}:{index}"
        if self._worker is None:
            return {"skipped": f"{key} goes nowhere: the stack has no global_worker."}
        with self._turns[hash(index) % TURNS]:  # else what was read first could be written last
            with said_of_dynamodb():
                value = self._exporter.read(index)
            return self._write(self._worker, key, value)

    def all(self) -> Json:
        """How many were exported. One that fails keeps the others from nothing; its ApiError comes afterwards."""
        with said_of_dynamodb():
            found = [index for index in self._exporter.every() if INDEX_ID.fullmatch(index)]
        failed = [error for index in found if (error := self._failure_of(index))]
        log.info("resynced indexes=%d failed=%d", len(found), len(failed))
        if failed:
            raise failed[0]
        return {"exported": len(found)}

    def _failure_of(self, index: str) -> ApiError | None:
        try:
            self.index(index)
        except ApiError as error:
            return error
        return None

    def _write(self, worker: Upstream, key: str, value: Json | None) -> Json:
        path = f"/__local/kv/{key.replace(':', '%3A')}"
        if value is None:
            passed(worker.ask("DELETE", path))
            log.info("deleted key=%s", key)
            return {"key": key, "deleted": True}
        passed(worker.ask("PUT", path, content=json.dumps(value, ensure_ascii=False, default=str).encode()))
        log.info("exported key=%s version=%s", key, value["version"])
        return {"key": key, "version": value["version"]}


def create_exporter(exporter: Exporter) -> FastAPI:
    """The application. GLOBAL_WORKER_URL is where the KV is; empty where the stack has no worker."""
    url = os.environ.get("GLOBAL_WORKER_URL", "")
    export = Export(exporter, Upstream("global_worker", url) if url else None)

    @contextlib.asynccontextmanager
    async def resyncing(_: FastAPI) -> AsyncIterator[None]:
        is_over = threading.Event()
        threading.Thread(target=_resync_once, args=(export, is_over), daemon=True).start()
        yield
        is_over.set()

    api = create_api(exporter.name, VERSION, lifespan=resyncing)
    api.add_exception_handler(RequestValidationError, _answer_unread)

    @api.post("/events")
    def events(envelope: Envelope) -> Json:
        """Exports what the event is about, as it is now: order and repeats do no harm."""
        keys = envelope.detail.keys
        return {"status": "success", "result": export.item(keys.pk.S, keys.sk.S if keys.sk else "")}

    @api.post("/resync")
    def all_again() -> Json:
        """Exports everything."""
        return {"status": "success", "result": export.all()}

    return api


def _resync_once(export: Export, is_over: threading.Event) -> None:
    """At the start: what was missed while nobody listened."""
    said = ""
    while not is_over.is_set():
        try:
            export.all()
            return
        except ApiError as error:
            if said != error.message:
                said = error.message
                log.warning("resync waits error=%s", said)
            is_over.wait(AGAIN_S)


def _answer_unread(request: Request, error: Exception) -> Response:
    """400 with all that keeps a body from being an event."""
    assert isinstance(error, RequestValidationError)
    wrong = "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())
    return answer_api_error(request, ApiError(400, "bad_request", f"This is no change of a table: {wrong}."))


@contextlib.contextmanager
def said_of_dynamodb() -> Iterator[None]:
    """Turns what boto3 raises into ApiError 503: the sender is to come again."""
    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise ApiError(503, "upstream_unavailable", f"DynamoDB: {error}", kind="unavailable") from error


def item(table: str, pk: str, sk: str) -> Json | None:
    """As it is now, plain; None where there is none."""
    found = aws.dynamodb().get_item(TableName=table, Key={"pk": pk, "sk": sk}, ConsistentRead=True)
    return aws.plain(found["Item"]) if "Item" in found else None


def query(table: str, pk: str, begins: str) -> list[Json]:
    """Items of a partition, plain."""
    asked: Json = {
        "TableName": table,
        "KeyConditionExpression": "pk = :pk AND begins_with(sk, :begins)",
        "ExpressionAttributeValues": {":pk": pk, ":begins": begins},
        "ConsistentRead": True,
    }
    return list(_pages("query", asked))


def keys(table: str) -> Iterator[tuple[str, str]]:
    """pk and sk of all items."""
    for found in _pages("scan", {"TableName": table, "ProjectionExpression": "pk, sk", "ConsistentRead": True}):
        yield found["pk"], found["sk"]


def _pages(method: str, asked: Json) -> Iterator[Json]:
    while True:
        told = getattr(aws.dynamodb(), method)(**asked)
        yield from map(aws.plain, told["Items"])
        if "LastEvaluatedKey" not in told:
            return
        asked = {**asked, "ExclusiveStartKey": told["LastEvaluatedKey"]}
