"""How a chunk is cut into what a data plane takes, and how its answers are read."""

from typing import Any

import httpx
import pytest

from hippodrome.services.common.outgoing import Upstream
from hippodrome.services.ecom_indexer_service import applying
from hippodrome.services.ecom_indexer_service.applying import BATCH_MAX, NotNowError, apply, batches


def change(name: str, op: str = "upsert", job: str = "j", fields: tuple[str, ...] = ()) -> dict[str, Any]:
    document = None if op == "delete" else {"title": name}
    return {"op": op, "id": name, "version": 1, "jobId": job, "tensorFields": list(fields), "document": document}


def test_batches_keep_the_order_are_of_one_kind_and_hold_each_document_once() -> None:
    changes = [
        change("1"),
        change("2"),
        change("1"),
        change("1", "patch"),
        change("2", fields=("title",)),
        change("2", "delete"),
    ]
    told = [[(each["op"], each["id"]) for each in batch] for batch in batches(changes)]
    assert told == [
        [("upsert", "1"), ("upsert", "2")],
        [("upsert", "1")],
        [("patch", "1")],
        [("upsert", "2")],
        [("delete", "2")],
    ]


def test_a_batch_is_no_larger_than_a_data_plane_takes() -> None:
    sizes = [len(batch) for batch in batches([change(str(number)) for number in range(2 * BATCH_MAX + 1)])]
    assert sizes == [BATCH_MAX, BATCH_MAX, 1]


class Answers(Upstream):
    """A data plane that answers what it is told, one after the other."""

    def __init__(self, *answers: httpx.Response) -> None:
        self.url = "http://cell"
        self.answers, self.asked = list(answers), list[tuple[str, str, Any]]()

    def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        self.asked.append((method, path, more["json"]))
        return self.answers.pop(0)


def answered(status: int, **body: Any) -> httpx.Response:
    return httpx.Response(status, json=body)


def applied(cell: Answers, *changes: dict[str, Any]) -> dict[str, tuple[int, int]]:
    outcomes = apply(cell, "local-x", changes, lambda: None)
    return {job: (outcome.done, outcome.failed) for job, outcome in outcomes.items()}


def test_each_kind_is_asked_for_in_its_own_way() -> None:
    cell = Answers(*(answered(200, items=[]) for _ in range(3)))
    applied(cell, change("1", fields=("title",)), change("1", "patch"), change("1", "delete"))
    documents = [{"title": "1", "_id": "1"}]
    assert cell.asked == [
        ("POST", "/indexes/local-x/documents", {"documents": documents, "tensorFields": ["title"]}),
        ("PATCH", "/indexes/local-x/documents", {"documents": documents}),
        ("POST", "/indexes/local-x/documents/delete-batch", ["1"]),
    ]


def test_a_field_with_vectors_is_changed_by_adding_the_whole_document_anew() -> None:
    found = [{"_id": "1", "title": "old", "price": 3, "_found": True}, {"_id": "2", "_found": False, "message": "no"}]
    cell = Answers(answered(200, results=found), answered(200, items=[{"_id": "1", "status": 200}]))
    changes = [change(name, "patch", fields=("title",)) for name in ("1", "2")]
    assert applied(cell, *changes) == {"j": (1, 1)}
    whole = {"documents": [{"title": "1", "price": 3, "_id": "1"}], "tensorFields": ["title"]}
    path = "/indexes/local-x/documents"
    assert cell.asked == [("GET", path, ["1", "2"]), ("POST", path, whole)]


def test_a_text_that_no_document_had_before_is_brought_by_the_whole_document() -> None:
    lacks = "color of type str does not exist: Marqo does not support adding new lexical fields in partial updates"
    refused = [{"_id": "1", "status": 400, "error": lacks}, {"_id": "2", "status": 400, "error": "another type"}]
    found = [{"_id": "1", "price": 3, "_found": True}]
    answers = ({"items": refused}, {"results": found}, {"items": [{"_id": "1", "status": 200}]})
    cell = Answers(*(answered(200, **each) for each in answers))
    assert applied(cell, change("1", "patch"), change("2", "patch")) == {"j": (1, 1)}
    whole = {"documents": [{"price": 3, "title": "1", "_id": "1"}], "tensorFields": []}
    path = "/indexes/local-x/documents"
    assert cell.asked[1:] == [("GET", path, ["1"]), ("POST", path, whole)]


def test_each_job_hears_of_its_own_documents() -> None:
    items = [{"_id": "1", "status": 200}, {"_id": "2", "status": 400, "message": "no", "code": "bad"}]
    cell = Answers(answered(200, items=items))
    assert applied(cell, change("1"), change("2", job="k")) == {"j": (1, 0), "k": (0, 1)}


def test_a_refused_request_fails_all_of_its_documents() -> None:
    cell = Answers(answered(404, message="no such index", code="index_not_found"))
    assert applied(cell, change("1"), change("2")) == {"j": (0, 2)}


@pytest.mark.parametrize("status", [429, 500])
def test_a_document_that_is_refused_for_now_puts_the_chunk_off(status: int) -> None:
    cell = Answers(answered(200, items=[{"_id": "1", "status": status, "message": "busy"}]))
    with pytest.raises(NotNowError, match="busy"):
        applied(cell, change("1"))


def test_a_data_plane_that_is_busy_is_asked_again_until_that_takes_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(applying, "PAUSE_S", 0.01)
    cell = Answers(answered(503), answered(429), answered(200, items=[]))
    assert applied(cell, change("1")) == {"j": (1, 0)}
    monkeypatch.setattr(applying, "BUSY_S", 0.0)
    with pytest.raises(NotNowError, match="429"):
        applied(Answers(answered(429)), change("1"))
