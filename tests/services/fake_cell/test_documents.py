"""Documents: added, read, deleted; what is refused, and what becomes of the others then."""

import threading
from typing import Any

import pytest

from tests.services.fake_cell.conftest import Index, assert_refused, index_in

LAMP: dict[str, Any] = {
    "_id": "lamp",
    "title": "A brass lamp. It is old. It shines.",
    "price": 19.5,
    "stock": 3,
    "is_new": False,
    "tags": ["light", "brass"],
    "sizes": {"height": 30, "width": 12.5},
}


def test_what_is_added_is_read_back_as_it_was(index: Index) -> None:
    assert index.add(LAMP)["items"] == [{"status": 200, "_id": "lamp"}]
    members = {"sizes.height": 30, "sizes.width": 12.5}  # of mappings, which an unstructured index shows so
    assert index.document("lamp").json() == {name: LAMP[name] for name in LAMP if name != "sizes"} | members
    for names in (["sizes"], ["sizes.height", "sizes.width"]):
        (hit,) = index.search("*", searchMethod="LEXICAL", attributesToRetrieve=names)
        assert {name: hit[name] for name in hit if not name.startswith("_")} == members


def test_a_mapping_of_nothing_is_taken_and_not_shown(index: Index) -> None:
    index.add({"_id": "1", "sizes": {}})
    assert index.document("1").json() == {"_id": "1"}


def test_text_of_every_script_and_long_numbers_come_back_as_they_were(index: Index) -> None:
    told = {
        "_id": "日本/é 🏇",
        "title": "naïve Ω 🏇\tline\nnext",
        "big": 2**63 - 1,
        "small": -(2**63),
        "tiny": 1e-300,
    }
    index.add(told)
    assert index.ask("GET", "/documents", json=["日本/é 🏇"]).json()["results"] == [{**told, "_found": True}]
    assert index.document("日本/é 🏇").json() == told


def test_a_document_without_an_id_gets_one_of_its_own(index: Index) -> None:
    first, second = index.add({"title": "one"}, {"title": "two"})["items"]
    assert first["_id"] != second["_id"]
    assert index.document(first["_id"]).json()["title"] == "one"


def test_adding_replaces_the_whole_document(index: Index) -> None:
    index.add(LAMP, tensor_fields=("title",))
    index.add({"_id": "lamp", "colour": "green"}, tensor_fields=("title",))
    assert index.document("lamp").json() == {"_id": "lamp", "colour": "green"}
    assert index.stats == (1, 0)


def test_of_several_with_one_id_the_last_counts(index: Index) -> None:
    told = index.add({"_id": "1", "n": 1}, {"_id": "2", "n": 2}, {"_id": "1", "n": 3})
    assert [item["_id"] for item in told["items"]] == ["2", "1"]
    assert index.document("1").json()["n"] == 3


def test_stats_count_documents_and_chunks(index: Index) -> None:
    assert index.stats == (0, 0)
    index.add(LAMP, {"_id": "bare"}, tensor_fields=("title", "absent"))
    assert index.stats == (2, 2)  # three sentences, two a chunk
    index.ask("POST", "/documents/delete-batch", json=["lamp"])
    assert index.stats == (1, 0)


@pytest.mark.parametrize(
    ("how", "chunks"),
    [
        ({"splitMethod": "sentence", "splitLength": 1}, ["One two.", "Three four!", "Five\n\nsix?"]),
        (
            {"splitMethod": "word", "splitLength": 4, "splitOverlap": 2},
            ["One two . Three", ". Three four !", "four ! Five six", "Five six ?"],
        ),
        ({"splitMethod": "passage", "splitLength": 1}, ["One two. Three four! Five", "six?"]),
        ({"splitMethod": "character", "splitLength": 20}, ["One two. Three four!", " Five\n\nsix?"]),
    ],
)
def test_a_text_is_cut_as_the_index_says(index: Index, how: dict[str, Any], chunks: list[str]) -> None:
    cut = index_in(index.cell, textPreprocessing=how)
    cut.add({"_id": "1", "text": "One two. Three four! Five\n\nsix?"}, tensor_fields=("text",))
    facets = cut.ask("GET", "/documents/1?expose_facets=true").json()["_tensor_facets"]
    assert [facet["text"] for facet in facets] == chunks


def test_facets_are_shown_when_asked_for_however_true_is_spelt(index: Index) -> None:
    index.add(LAMP, {"_id": "bare"}, tensor_fields=("title",))
    for true in ("true", "True", "1"):
        facets = index.ask("GET", f"/documents/lamp?&expose_facets={true}").json()["_tensor_facets"]
        assert [facet["title"] for facet in facets] == ["A brass lamp. It is old.", "It shines."]
    assert "_tensor_facets" not in index.ask("GET", "/documents/lamp?expose_facets=False").json()
    assert index.ask("GET", "/documents/bare?expose_facets=true").json()["_tensor_facets"] == []
    many = index.ask("GET", "/documents?expose_facets=True", json=["lamp"]).json()["results"]
    assert len(many[0]["_tensor_facets"]) == 2


def test_several_are_read_in_the_order_asked_for_with_what_is_not_there(index: Index) -> None:
    index.add({"_id": "1"}, {"_id": "2"})
    answer = index.ask("GET", "/documents", json=["2", "none", "1", 7])
    told = answer.json()
    assert [(each["_id"], each["_found"]) for each in told["results"]] == [
        ("2", True),
        ("none", False),
        ("1", True),
        (7, False),
    ]
    assert [each.get("status") for each in told["results"]] == [None, 404, None, 400]
    assert told["errors"] is True
    assert (answer.headers["x-count-success"], answer.headers["x-count-failure"]) == ("2", "2")


def test_deleting_says_of_every_id_that_it_is_gone_as_the_published_server_does(index: Index) -> None:
    index.add({"_id": "1"}, {"_id": "2"})
    told = index.ask("POST", "/documents/delete-batch", json=["1", "never"]).json()
    assert (told["status"], told["type"], told["index_name"]) == ("succeeded", "documentDeletion", index.name)
    assert told["items"] == [{"_id": name, "status": 200, "result": "deleted"} for name in ("1", "never")]
    assert told["details"] == {"receivedDocumentIds": 2, "deletedDocuments": 2}
    assert told["startedAt"] <= told["finishedAt"]
    assert_refused(index.document("1"), 404, "document_not_found", "1")
    assert index.document("2").status_code == 200


@pytest.mark.parametrize(
    ("document", "code", "words"),
    [
        ("text", "invalid_argument", "dict"),
        (None, "invalid_argument", "dict"),
        ({}, "invalid_argument", "empty"),
        ({"_id": 1}, "invalid_document_id", "_id"),
        ({"_id": ""}, "invalid_document_id", "Document ID"),
        ({"_id": None, "a": 1}, "invalid_document_id", "_id"),
        ({"a b": 1}, "invalid_field_name", '"a b": Field name must match'),
        ({"": 1}, "invalid_field_name", "Field name must match"),
        ({"marqo__x": 1}, "invalid_field_name", "Field name must match"),
        ({"_score": 1}, "invalid_field_name", "_score: Field name must not be one of"),
        ({"a": None}, "invalid_argument", "'a'"),
        ({"a": [1, 2]}, "invalid_argument", "'a'"),
        ({"a": ["x", ["y"]]}, "invalid_argument", "'a'"),
        ({"a": {"b": "text"}}, "invalid_argument", "'a'"),
        ({"a": {"b": {"c": 1}}}, "invalid_argument", "'a'"),
        ({"a": 2**63}, "invalid_argument", "'a'"),
        ({"a": 10**400}, "invalid_argument", "'a'"),
        ({"a": "bell \x07"}, "vespa_error", "Could not parse field a"),
        ({"a": ["\ufffe"]}, "vespa_error", "Could not parse field a"),
        ({"a": "x" * 100_001}, "doc_too_large", "100000"),
    ],
)
def test_a_document_that_cannot_be_has_its_error_and_the_others_are_added(
    index: Index, document: Any, code: str, words: str
) -> None:
    told = index.add({"_id": "before"}, document, {"_id": "after"})
    good, bad, also_good = told["items"]
    assert (good["status"], also_good["status"], told["errors"]) == (200, 200, True)
    assert (bad["status"], bad["code"]) == (400, code)
    assert words in bad["message"]
    assert bad["error"] == bad["message"]
    assert index.stats == (2, 0)


def test_the_answer_counts_what_was_added_and_refused(index: Index) -> None:
    answer = index.ask("POST", "/documents", json={"documents": [{"_id": "1"}, {}, 3], "tensorFields": []})
    counts = {name: answer.headers[f"x-count-{name}"] for name in ("success", "failure", "error")}
    assert counts == {"success": "1", "failure": "2", "error": "0"}


def test_a_document_that_is_refused_leaves_the_one_that_was_there(index: Index) -> None:
    index.add({"_id": "1", "a": 1})
    index.add({"_id": "1", "a": None})
    assert index.document("1").json() == {"_id": "1", "a": 1}


@pytest.mark.parametrize(
    ("body", "status", "code", "word"),
    [
        ({"documents": [], "tensorFields": []}, 400, "bad_request", "mpty add documents request"),
        ({"documents": [{"_id": "x"}] * 129, "tensorFields": []}, 400, "bad_request", "client_batch_size"),
        ({"documents": [{"_id": "x"}]}, 400, "bad_request", "tensor_fields"),
        ({"documents": [{"_id": "x"}], "tensorFields": ["_id"]}, 400, "bad_request", "_id"),
        ({"documents": [{"_id": "x"}], "tensorFields": [[]]}, 422, "unprocessable_entity", "tensorFields"),
        ({"documents": {"_id": "x"}, "tensorFields": []}, 422, "unprocessable_entity", "documents"),
        ({"tensorFields": []}, 422, "unprocessable_entity", "documents"),
        ({"documents": [{"_id": "x"}], "tensor_fields": []}, 422, "unprocessable_entity", "tensor_fields"),
        ({"documents": [{"_id": "x"}], "tensorFields": [], "mappings": 1}, 422, "unprocessable_entity", "mappings"),
    ],
)
def test_a_request_that_cannot_be_adds_nothing(
    index: Index, body: dict[str, Any], status: int, code: str, word: str
) -> None:
    assert_refused(index.ask("POST", "/documents", json=body), status, code, word)
    assert index.stats == (0, 0)


def test_a_field_of_the_wrong_type_is_named_where_fastapi_names_it(index: Index) -> None:
    answer = index.ask("POST", "/documents", json={"documents": 1})
    assert answer.json()["detail"][0]["loc"] == ["body", "documents"]


def test_there_is_no_cuda_here(index: Index) -> None:
    body = {"documents": [{"_id": "x"}], "tensorFields": []}
    answer = index.ask("POST", "/documents?refresh=false&device=cuda2", json=body)
    assert_refused(answer, 400, "hardware_compatability_error", "cuda")
    assert index.ask("POST", "/documents?refresh=false&device=cpu", json=body).status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code", "words"),
    [
        ("GET", "/documents", [], 400, "invalid_argument", "mpty"),
        ("GET", "/documents", {"_id": "1"}, 422, "unprocessable_entity", "list"),
        ("GET", "/documents", ["x"] * 10_001, 400, "illegal_requested_doc_count", "10000"),
        ("POST", "/documents/delete-batch", [], 400, "invalid_document_id", "can't be empty"),
        ("POST", "/documents/delete-batch", "1", 422, "unprocessable_entity", "list"),
        ("POST", "/documents/delete-batch", [1], 400, "invalid_document_id", "string type"),
        ("POST", "/documents/delete-batch", ["x", ""], 400, "invalid_document_id", "empty"),
        ("POST", "/documents/delete-batch", ["x"] * 10_001, 400, "invalid_argument", "10000"),
    ],
)
def test_lists_of_ids_that_cannot_be_are_refused(
    index: Index, method: str, path: str, body: Any, status: int, code: str, words: str
) -> None:
    assert_refused(index.ask(method, path, json=body), status, code, words)


def test_two_that_write_at_once_lose_nothing_while_others_read(index: Index) -> None:
    def write(writer: str) -> None:
        for batch in range(8):
            names = [f"{writer}-{batch}-{number}" for number in range(16)]
            index.add(*({"_id": name, "title": f"lamp {name}"} for name in names), tensor_fields=("title",))

    failures: list[BaseException] = []

    def watched(writer: str) -> None:
        try:
            write(writer)
        except BaseException as error:
            failures.append(error)

    writers = [threading.Thread(target=watched, args=(name,)) for name in ("one", "two")]
    for writer in writers:
        writer.start()
    while any(writer.is_alive() for writer in writers):
        assert len(index.found("lamp", limit=1000, searchMethod="HYBRID")) <= 256
        documents, vectors = index.stats
        assert documents == vectors
    assert not failures
    assert index.stats == (256, 256)
    assert len(index.found("lamp", limit=1000)) == 256


def test_it_answers_at_once_while_long_texts_are_embedded(index: Index) -> None:
    text = " ".join(f"word{number}" for number in range(12_000))
    began = threading.Event()

    def write() -> None:
        began.set()
        index.add(*({"_id": str(n), "text": f"{n} {text}"[:99_000]} for n in range(16)), tensor_fields=("text",))

    writer = threading.Thread(target=write)
    writer.start()
    began.wait()
    answered = 0
    while writer.is_alive():
        answered += index.cell.ask("GET", "/health").ok
    assert answered >= 15  # a handful before and after, were it not so
    assert index.stats == (16, 16)
