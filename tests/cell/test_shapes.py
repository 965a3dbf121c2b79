"""Which differences are told, and which are none."""

from collections.abc import Mapping
from typing import Any

import pytest

from hippodrome.cell.exchange import Answered, Asked, Body, Exchange
from hippodrome.cell.replay import Names
from hippodrome.cell.safety import is_of_this_machine, is_reading
from hippodrome.cell.shapes import Manner, differences

JSON = {"content-type": "application/json"}


def answer(value: Any, status: int = 200, headers: Mapping[str, str] = JSON) -> Answered:
    return Answered(status, headers, Body("json", value))


def told(ours: Any, theirs: Any, *, path: str = "/indexes/a/search", **manner: Any) -> list[str]:
    found = differences(path, answer(ours), answer(theirs), Manner(**manner))
    return [str(each) for each in found]


def test_values_that_naturally_differ_are_none() -> None:
    ours = {"hits": [{"_id": "a", "_score": 0.5}], "processingTimeMs": 3, "message": "one"}
    theirs = {"hits": [{"_id": "b", "_score": 1}], "processingTimeMs": 4.5, "message": "two"}
    assert told(ours, theirs) == []


@pytest.mark.parametrize(
    ("ours", "theirs", "expected"),
    [
        ({"hits": [{"_score": 1}]}, {"hits": [{}]}, "hits[0]._score: number → missing"),
        ({"a": 1}, {"a": 1, "b": {"c": 1}}, "b: missing → object"),
        ({"a": {"b": "1"}}, {"a": {"b": 1}}, "a.b: text → number"),
        ({"a": None}, {"a": True}, "a: null → boolean"),
        ({"hits": [1, 2]}, {"hits": [1]}, "hits: 2 items → 1 item"),
        ([], {}, "body: list → object"),
        ({"code": "a"}, {"code": "b"}, "code: 'a' → 'b'"),
        ({"items": [{"status": 200}]}, {"items": [{"status": 400}]}, "items[0].status: 200 → 400"),
    ],
)
def test_what_differs_is_told_with_its_path(ours: Any, theirs: Any, expected: str) -> None:
    assert told(ours, theirs) == [expected]


def test_documents_are_held_against_each_other_by_their_ids() -> None:
    ours = [{"_id": "a", "price": 1}, {"_id": "b"}, {"_id": "made-up"}]
    theirs = [{"_id": "b"}, {"_id": "a", "price": 2}, {"_id": "made-up-too"}]
    assert told({"hits": ours}, {"hits": theirs}) == []


def test_scores_are_compared_when_that_is_asked_for() -> None:
    ours, theirs = {"hits": [{"_score": 1.0}]}, {"hits": [{"_score": 1.05}]}
    assert told(ours, theirs, tolerance=0.1) == []
    assert told(ours, theirs, tolerance=0.01) == ["hits[0]._score: 1.0 → 1.05"]


def test_paths_can_be_ignored_with_all_below_them() -> None:
    ours: Any = {"hits": [{"a": {"b": 1}, "c": 1}]}
    theirs: Any = {"hits": [{"a": {}}]}
    assert told(ours, theirs, ignored=("hits[].a",)) == ["hits[0].c: number → missing"]
    assert told(ours, theirs, ignored=("hits",)) == []


def test_what_else_a_cell_has_is_no_difference() -> None:
    assert told({"results": [{"indexName": "a"}]}, {"results": []}, path="/indexes") == []
    assert told({"results": [{"indexName": "a"}]}, {"results": [{}]}, path="/indexes?x") == [
        "results[0].indexName: text → missing"
    ]


def test_of_an_answer_and_a_refusal_status_and_code_are_told_alone() -> None:
    refused = answer({"message": "no", "code": "bad", "type": "t"}, 400)
    assert [str(each) for each in differences("/", answer({"hits": []}), refused, Manner())] == [
        "status: 200 → 400",
        "code: missing → 'bad'",
    ]


def test_kinds_of_content_and_headers_that_matter() -> None:
    html = Answered(200, {"content-type": "text/html; charset=utf-8"}, Body("text", "<p>"))
    found = differences("/", answer({}, headers={**JSON, "x-count-success": "1", "date": "now"}), html, Manner())
    assert [str(each) for each in found] == [
        "content-type: application/json → text/html",
        "x-count-success: there → missing",
        "body: JSON → text",
    ]


def test_an_id_that_a_cell_made_up_is_asked_for_as_the_other_one_calls_it() -> None:
    adding = Asked("POST", "/indexes/a/documents", {}, Body("json", {"documents": [{"_id": "own"}, {"t": 1}]}))
    recorded, now = (
        answer({"items": [{"_id": "own"}, {"_id": "x y"}]}),
        answer({"items": [{"_id": "own"}, {"_id": "z/"}]}),
    )
    names = Names()
    names.learn(Exchange(adding, recorded), now)
    asked = names.renamed(Asked("GET", "/indexes/a/documents/x%20y?q=1", {}, Body("json", ["x y", {"x y": 1}, 2])))
    assert (asked.path, asked.body) == ("/indexes/a/documents/z%2F?q=1", Body("json", ["z/", {"z/": 1}, 2]))


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "/indexes", True),
        ("POST", "/indexes/a/search?x", True),
        ("POST", "/indexes/a/documents/get-batch", True),
        ("POST", "/indexes/search", False),
        ("POST", "/indexes/a/documents/delete-batch", False),
        ("DELETE", "/indexes/a", False),
        ("PATCH", "/indexes/a/documents", False),
        ("DELETE", "/indexes/a/search", False),
    ],
)
def test_what_reads(method: str, path: str, expected: bool) -> None:
    assert is_reading(Asked(method, path, {})) is expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://localhost:1", True),
        ("http://127.0.0.2", True),
        ("http://[::1]:9001", True),
        ("http://localhost.example.com", False),
        ("http://10.0.0.1", False),
        ("http://0.0.0.0", False),
    ],
)
def test_which_addresses_are_of_this_machine(url: str, expected: bool) -> None:
    assert is_of_this_machine(url) is expected
