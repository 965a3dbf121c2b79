"""Documents: checked here, then on their way through the ingest buffer; a job tells how far they are."""

import threading
import time
import zlib
from collections.abc import Callable, Iterable
from typing import Any

from fastapi import APIRouter
from pydantic import Field

from hippodrome.services.admin_server import aliases, jobs, settings
from hippodrome.services.admin_server.aliases import Name
from hippodrome.services.admin_server.context import Context
from hippodrome.services.admin_server.identity import Caller, Everything, Reader, Writer
from hippodrome.services.common.api import Body, FreeObject
from hippodrome.services.common.errors import ApiError
from hippodrome.services.common.outgoing import passed

router = APIRouter(prefix="/api/v1/indexes/{name}")
DOCUMENTS_MAX, IDS_MAX, READ_MAX = 1000, 512, 100
BUCKET = "ecomBucket"  # a hidden number by which all documents of an index can be read, some at a time
BUCKETS = 1024
GROUP = "parentProductId"  # by which hits are collapsed
TEXTS = ("productTitle", "variantTitle", "description", GROUP, "variantImageUrl")
INTERNAL = {BUCKET, "_tensor_facets"}

Document = dict[str, Any]


class Documents(Body):
    documents: tuple[FreeObject, ...] = Field(min_length=1, max_length=DOCUMENTS_MAX)


class Ids(Body):
    ids: tuple[str, ...] = Field(min_length=1, max_length=DOCUMENTS_MAX)


class WantedIds(Body):
    document_ids: tuple[str, ...] = Field(min_length=1, max_length=READ_MAX)


@router.post("/documents", status_code=202)
def add(name: Name, body: Documents, caller: Writer, context: Everything) -> dict[str, Any]:
    """Adds or replaces."""
    return _accepted(context, caller, name, "upsert", *checked(body.documents, complaint))


@router.patch("/documents", status_code=202)
def update(name: Name, body: Documents, caller: Writer, context: Everything) -> dict[str, Any]:
    """Changes the fields that are given."""
    return _accepted(context, caller, name, "patch", *checked(body.documents, _complaint_of_fields))


@router.delete("/documents", status_code=202)
def delete(name: Name, body: Ids, caller: Writer, context: Everything) -> dict[str, Any]:
    """Deletes; one that is not there is deleted already."""
    return _accepted(
        context, caller, name, "delete", *checked([{"_id": each} for each in body.ids], _complaint_of_id)
    )


@router.post("/get-documents")
def get(name: Name, body: WantedIds, caller: Reader, context: Everything) -> dict[str, Any]:
    """Each as it is stored, with whether it was found."""
    target = aliases.targets_of(context, caller.account, name)[0]
    asked = list(body.document_ids)
    told = passed(context.cell.ask("GET", f"/indexes/{target['indexId']}/documents", json=asked))
    return {"results": [without_internal(each) for each in told["results"]]}


def without_internal(document: Document) -> Document:
    """As its owner knows it, and could add it again: `stock.berlin` is a member of the mapping `stock`."""
    told: Document = {}
    for field, value in document.items():
        name, dot, member = field.partition(".")
        if dot:
            told.setdefault(name, {})[member] = value
        elif field not in INTERNAL:
            told[field] = value
    return told


def operations(op: str, documents: Iterable[Document], version: Callable[[], int]) -> list[dict[str, Any]]:
    """As the ingest buffer takes them."""
    return [_operation(op, document, version()) for document in documents]


def _operation(op: str, document: Document, version: int) -> dict[str, Any]:
    name = document["_id"]
    told = {"op": op, "id": name, "version": version}
    if op == "delete":
        return told
    fields = {field: value for field, value in document.items() if field != "_id" and value is not None}
    return {**told, "document": {**fields, **(_own(name, fields) if op == "upsert" else {})}}


def _own(name: str, fields: Document) -> Document:
    """What a whole document gets here. The data plane takes none that does not say its group."""
    group = fields.get(GROUP, "")
    return {BUCKET: bucket_of(name), GROUP: group if group.strip() else name}


def bucket_of(name: str) -> int:
    """From 0 to 1023, by the document's id."""
    return zlib.crc32(name.encode()) % BUCKETS


def send(context: Context, index_id: str, job: str, tensor_fields: list[str], sent: list[dict[str, Any]]) -> None:
    """To the ingest buffer. Raises ApiError 429 while that is full, with nothing taken."""
    body = {"jobId": job, "tensorFields": tensor_fields, "operations": sent}
    passed(context.ingest.ask("POST", f"/ingest/{index_id}", json=body))


class Versions:
    """Numbers that grow, also from one life of the service to the next, as long as clocks do."""

    def __init__(self) -> None:
        self._last = 0
        self._lock = threading.Lock()

    def __call__(self) -> int:
        with self._lock:
            self._last = max(self._last + 1, time.time_ns())
            return self._last


next_version = Versions()


def _accepted(
    context: Context, caller: Caller, name: str, op: str, good: list[Document], errors: list[dict[str, Any]]
) -> dict[str, Any]:
    targets = aliases.targets_of(context, caller.account, name)
    if not good:
        raise ApiError(
            422, "unprocessable_entity", f"No document can be taken: {errors[0]['message']}", at=("documents",)
        )
    job = jobs.begin(context, caller.account, name, op, total=len(good) * len(targets))
    sent = operations(op, good, next_version)
    try:
        for target in targets:
            fields = settings.item_of(context, caller.account, target["index"])["settings"]["tensorFields"]
            send(context, target["indexId"], job["jobId"], fields, sent)
    except ApiError:
        jobs.drop(context, job)
        raise
    return {"jobId": job["jobId"], "accepted": len(good), "errors": errors}


def checked(
    documents: Iterable[Document], complain: Callable[[Document], str]
) -> tuple[list[Document], list[dict[str, Any]]]:
    """Those that can be taken, and what is wrong with the others, by position."""
    good, errors = [], []
    for position, document in enumerate(documents):
        if said := complain(document):
            errors.append({"_id": document.get("_id"), "position": position, "message": said})
        else:
            good.append(document)
    return good, errors


def _complaint_of_id(document: Document) -> str:
    name = document.get("_id")
    if not isinstance(name, str) or not 0 < len(name) <= IDS_MAX:
        return f"_id must be text of 1 to {IDS_MAX} characters."
    return ""


def _complaint_of_fields(document: Document) -> str:
    if said := _complaint_of_id(document):
        return said
    for field in TEXTS:
        if not isinstance(document.get(field, ""), str | None):
            return f"{field} must be text."
    price, collections = document.get("price", 0), document.get("productCollections", [])
    if isinstance(price, bool) or not isinstance(price, int | float | None):
        return "price must be a number."
    if not isinstance(collections, list) or not all(isinstance(each, str) for each in collections):
        return "productCollections must be a list of names."
    return f"{BUCKET} is a field of our own." if BUCKET in document else ""


def complaint(document: Document) -> str:
    """What keeps a whole document from being taken; empty when nothing does."""
    if said := _complaint_of_fields(document):
        return said
    return "" if document.get("productTitle") else "productTitle is missing."
