"""What the two exporters share: an event says where to look, the whole current state goes to the worker's KV."""

import contextlib
import json
import logging
import os
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from boto3.dynamodb.types import TypeDeserializer
from fastapi import FastAPI
from pydantic import BaseModel, Field

from hippodrome.services.common import aws
from hippodrome.services.common.api import FreeObject, create_api
from hippodrome.services.common.errors import ApiError
from hippodrome.services.common.outgoing import Upstream, passed

log = logging.getLogger("exporter")
AGAIN_S = 1.0
VERSION = "0.1.0"

Json = dict[str, Any]
Keys = dict[str, str]


class Detail(BaseModel):
    """Of an event; the images are not needed, for the table is read again."""

    event_name: str = Field(alias="eventName", pattern="^(INSERT|MODIFY|REMOVE)$")
    keys: FreeObject


class Envelope(BaseModel):
    """As EventBridge sends it, or as somebody has written it by hand: with less."""

    detail: Detail


@dataclass(frozen=True)
class Exporter:
    """`read` an index's state by what an event's keys say: (key of the KV, value; None where there is none).

    The key is empty where the keys name no index. `every` tells the keys of all that there is, for a resync.
    """

    name: str
    read: Callable[[Keys], tuple[str, Json | None]]
    every: Callable[[], Iterator[Keys]]


def create_exporter(exporter: Exporter) -> FastAPI:
    """The application. GLOBAL_WORKER_URL is where the KV is; empty where the stack has no worker."""
    url = os.environ.get("GLOBAL_WORKER_URL", "")
    worker = Upstream("global_worker", url) if url else None
    is_over = threading.Event()

    def resync() -> Json:
        done = [_export(exporter, worker, keys) for keys in exporter.every()]
        log.info("resynced keys=%d", len(done))
        return {"exported": len(done)}

    def resync_once() -> None:
        """At the start: what was missed while nobody listened."""
        while not is_over.wait(0):
            try:
                resync()
                return
            except Exception as error:
                log.warning("resync waits error=%s", error)
                is_over.wait(AGAIN_S)

    @contextlib.asynccontextmanager
    async def resyncing(_: FastAPI) -> AsyncIterator[None]:
        threading.Thread(target=resync_once, daemon=True).start()
        yield
        is_over.set()

    api = create_api(exporter.name, VERSION, lifespan=resyncing)

    @api.post("/events")
    def events(envelope: FreeObject) -> Json:
        """Exports what the event is about, as it is now: order and repeats do no harm."""
        result = _export(exporter, worker, keys_of(envelope))
        return {"status": "success", "result": result}

    @api.post("/resync")
    def all_again() -> Json:
        """Exports everything."""
        return {"status": "success", "result": resync()}

    return api


def keys_of(envelope: Json) -> Keys:
    """The item's key, plain. Raises ApiError 400 for what is no such event."""
    try:
        found = Envelope.model_validate(envelope)
        plain = {name: TypeDeserializer().deserialize(value) for name, value in found.detail.keys.items()}
    except (ValueError, TypeError, AttributeError) as error:
        raise ApiError(400, "bad_request", f"This is no change of a table: {error}") from error
    if not all(isinstance(value, str) for value in plain.values()) or "pk" not in plain:
        raise ApiError(400, "bad_request", "The event's keys must have pk, and be text.")
    return plain


def _export(exporter: Exporter, worker: Upstream | None, keys: Keys) -> Json:
    key, value = exporter.read(keys)
    if not key:
        return {"skipped": f"{keys['pk']} names no index."}
    if worker is None:
        return {"skipped": f"{key} goes nowhere: the stack has no global_worker."}
    path = f"/__local/kv/{quote(key, safe='')}"
    if value is None:
        passed(worker.ask("DELETE", path))
        log.info("deleted key=%s", key)
        return {"key": key, "deleted": True}
    passed(worker.ask("PUT", path, content=json.dumps(value, ensure_ascii=False).encode()))
    log.info("exported key=%s version=%s", key, value["version"])
    return {"key": key, "version": value["version"]}


def query(table: str, pk: str, begins: str) -> list[Json]:
    """Items of a partition, plain."""
    asked: Json = {
        "TableName": table,
        "KeyConditionExpression": "pk = :pk AND begins_with(sk, :begins)",
        "ExpressionAttributeValues": {":pk": pk, ":begins": begins},
        "ConsistentRead": True,
    }
    return list(_pages("query", asked))


def scan(table: str) -> Iterator[Json]:
    """All items, plain."""
    return _pages("scan", {"TableName": table})


def _pages(method: str, asked: Json) -> Iterator[Json]:
    while True:
        told = getattr(aws.dynamodb(), method)(**asked)
        yield from map(aws.plain, told["Items"])
        if "LastEvaluatedKey" not in told:
            return
        asked = {**asked, "ExclusiveStartKey": told["LastEvaluatedKey"]}
