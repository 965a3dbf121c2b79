"""The forms of answers: documents with their vectors, what became of each of a batch, what was deleted."""

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from starlette.responses import JSONResponse

from hippodrome.services.fake_cell.batches import Outcome, Refused
from hippodrome.services.fake_cell.documents import Document
from hippodrome.services.fake_cell.index import Index

ABSENT = "Document does not exist in the index"


def added(outcomes: Sequence[Outcome], index: str, began: float) -> JSONResponse:
    return _items([_item(each, has_code=True) for each in outcomes], index, began)


def updated(outcomes: Sequence[Outcome], index: str, began: float) -> JSONResponse:
    return _items([_item(each, has_code=False) for each in outcomes], index, began)


def _item(outcome: Outcome, *, has_code: bool) -> dict[str, Any]:
    if not isinstance(outcome, Refused):
        return {"status": 200, "_id": outcome.id}
    error = outcome.error
    status = 404 if error.code == "document_not_found" else 400
    told = {"status": status, "_id": outcome.id, "message": error.message, "error": error.message}
    return {**told, "code": error.code} if has_code else told


def _items(items: list[dict[str, Any]], index: str, began: float) -> JSONResponse:
    failed = sum(item["status"] >= 400 for item in items)
    told = {"errors": failed > 0, "processingTimeMs": ms_since(began), "index_name": index, "items": items}
    return JSONResponse(told, headers=_counts(len(items) - failed, failed))


def found(index: Index, names: Sequence[Any], *, has_facets: bool) -> JSONResponse:
    """Each that was asked for, in order, with those that are not there."""
    results = [_found(index, name, has_facets=has_facets) for name in names]
    failed = sum(not each["_found"] for each in results)
    return JSONResponse({"errors": failed > 0, "results": results}, headers=_counts(len(names) - failed, failed))


def _found(index: Index, name: Any, *, has_facets: bool) -> dict[str, Any]:
    if not isinstance(name, str) or not name:
        return {"_id": name, "status": 400, "message": "Document ids must be strings.", "_found": False}
    document = index.get(name)
    if document is None:
        return {"_id": name, "status": 404, "message": ABSENT, "_found": False}
    return {**shown(index, document, has_facets=has_facets), "_found": True}


def shown(index: Index, document: Document, *, has_facets: bool) -> dict[str, Any]:
    """A stored document; with facets each chunk and its vector."""
    told: dict[str, Any] = {**document.told(is_flat=not index.is_structured), "_id": document.id}
    if has_facets:
        rows = zip(document.chunks, document.vectors.tolist(), strict=True)
        told["_tensor_facets"] = [{chunk.field: chunk.text, "_embedding": vector} for chunk, vector in rows]
    return told


def deleted(index: str, names: Sequence[str], started: datetime) -> JSONResponse:
    """Like the real store it says of every id that it was deleted, of one that never was as well."""
    finished = datetime.now(UTC)
    told = {
        "index_name": index,
        "status": "succeeded",
        "type": "documentDeletion",
        "items": [{"_id": name, "status": 200, "result": "deleted"} for name in names],
        "details": {"receivedDocumentIds": len(names), "deletedDocuments": len(names)},
        "duration": f"PT{(finished - started).total_seconds():.6f}S",
        "startedAt": _moment(started),
        "finishedAt": _moment(finished),
    }
    return JSONResponse(told)


def ms_since(began: float) -> int:
    return round((time.perf_counter() - began) * 1000)


def _moment(when: datetime) -> str:
    return when.isoformat().replace("+00:00", "Z")


def _counts(good: int, refused: int) -> dict[str, str]:
    return {"x-count-success": str(good), "x-count-failure": str(refused), "x-count-error": "0"}
