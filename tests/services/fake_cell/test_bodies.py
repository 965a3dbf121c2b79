"""Bodies that are wrong, huge or meant to harm: refused in the client's form, and the cell goes on."""

import json
import math
import socket
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hippodrome.services.fake_cell import bodies
from tests.examples import examples
from tests.services.conftest import Service, pair_in
from tests.services.fake_cell.conftest import Index, assert_refused, index_in
from tests.services.fake_cell.hostile import METHODS, ROUTES, documents, made, searches, values


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    """An index in a cell that no other test depends on."""
    with pair_in(tmp_path_factory.mktemp("hostile")) as pair:
        index = Index(pair.cell.start(), "hostile")
        index.ask("POST", json={"model": "random/small"})
        index.add({"_id": "1", "title": "still here"}, tensor_fields=("title",))
        yield index


def ask(index: Index, method: str, path: str, body: bytes) -> requests.Response:
    """The answer, which is never a fault, is JSON, and can be read in the client's form."""
    answer = index.cell.ask(method, path, data=body, headers={"Content-Type": "application/json"})
    assert answer.status_code < 500, (body, answer.text)
    told = answer.json()
    if answer.status_code >= 400:
        assert {"message", "code", "type", "link"} <= told.keys(), told
    index.cell.ask("DELETE", "/__fake/faults")
    return answer


def is_well(index: Index) -> bool:
    """All that was put in can be told: nothing that was taken in spoils a later answer or a save."""
    listed = [each["indexName"] for each in index.cell.ask("GET", "/indexes").json()["results"]]
    settings_told = all(index.cell.ask("GET", f"/indexes/{name}/settings").ok for name in listed)
    found = all(index.ask("POST", "/search", json={"q": "x", "limit": 1000, "searchMethod": m}).ok for m in METHODS)
    return settings_told and found and "Traceback" not in index.cell.log


many = settings(max_examples=examples(60), suppress_health_check=[HealthCheck.function_scoped_fixture])


@many
@given(route=st.sampled_from(ROUTES), body=values)
def test_any_json_on_any_route_is_answered(hostile: Index, route: tuple[str, str], body: Any) -> None:
    ask(hostile, *route, json.dumps(body).encode())
    hostile.cell.ask("DELETE", "/indexes/hostile-made")


@many
@given(route=st.sampled_from(ROUTES), body=st.binary(max_size=60) | st.text(max_size=60).map(str.encode))
def test_any_bytes_on_any_route_are_answered(hostile: Index, route: tuple[str, str], body: bytes) -> None:
    ask(hostile, *route, body)
    hostile.cell.ask("DELETE", "/indexes/hostile-made")


@many
@given(body=documents)
def test_whatever_documents_are_added_the_index_can_be_read_and_searched(hostile: Index, body: Any) -> None:
    told = ask(hostile, "POST", "/indexes/hostile/documents", json.dumps(body).encode()).json()
    names = [item["_id"] for item in told.get("items", ()) if item["status"] == 200]
    if names:
        read = hostile.ask("GET", "/documents?expose_facets=true", json=names).json()
        assert [each["_id"] for each in read["results"]] == names
        assert read["errors"] is False
    assert is_well(hostile)


@many
@given(body=searches)
def test_whatever_is_searched_for_is_found_or_refused(hostile: Index, body: Any) -> None:
    answer = ask(hostile, "POST", "/indexes/hostile/search", json.dumps(body).encode())
    if answer.ok:
        assert all(math.isfinite(hit["_score"]) for hit in answer.json()["hits"])


@many
@given(body=made)
def test_whatever_settings_are_taken_an_index_works_with_them(hostile: Index, body: Any) -> None:
    answer = ask(hostile, "POST", "/indexes/hostile-made", json.dumps(body).encode())
    if answer.ok:
        index = Index(hostile.cell, "hostile-made")
        assert index.ask("GET", "/settings").ok
        text = {"_id": "1", "title": "One. Two. Three. Four?\\n\\nFive"}
        assert index.add(text, tensor_fields=("title",))["errors"] is False
        assert index.found("five", limit=1) == ["1"]
        index.ask("DELETE")


def test_after_all_that_it_can_save_and_begin_again(hostile: Index) -> None:
    before = hostile.stats
    hostile.cell.restart()
    assert hostile.stats == before
    assert is_well(hostile)
    assert "not saved" not in hostile.cell.log


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"nonsense",
        b"{'q': 'x'}",
        b'{"q": "x"} more',
        b'{"q": NaN}',
        b'{"q": {"a": Infinity}}',
        b'{"q": {"a": 1e999}}',
        b'{"q": "\xff\xfe"}',
        b'{"q": "\xed\xa0\x80"}',
        b'{"q": "\\ud800"}',
        b'{"q": "\\uDFFF and more"}',
        b"\xef\xbb\xbf{}",
        '{"q": "x"}'.encode("utf-16"),
        b'{"n": ' + b"9" * 5000 + b"}",
        b'{"q": {"a": ' * 40 + b"1" + b"}}" * 40,
        b"[" * 100_000,
        b"[" * 100_000 + b"]" * 100_000,
    ],
)
def test_what_is_not_json_is_refused_as_that(index: Index, body: bytes) -> None:
    for path in ("/search", "/documents", "/documents/delete-batch"):
        assert_refused(index.ask("POST", path, data=body), 400, "bad_request", "The body is")


def test_a_pair_of_surrogates_is_a_character(index: Index) -> None:
    assert index.ask("POST", "/search", data=b'{"q": "\\ud83c\\udfc7"}').json()["query"] == "🏇"


@pytest.mark.parametrize("header", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
def test_json_is_read_whatever_the_content_type_says(index: Index, header: str) -> None:
    answer = index.ask("POST", "/search", data=b'{"q": "x"}', headers={"Content-Type": header})
    assert answer.json()["hits"] == []


@pytest.mark.parametrize("body", [b"[]", b'"text"', b"7", b"true"])
def test_json_of_the_wrong_kind_is_refused(index: Index, body: bytes) -> None:
    for path in ("", "/search", "/documents"):
        cell_path = f"/indexes/{index.name}{path}" if path else "/indexes/wrong-kind"
        answer = index.cell.ask("POST", cell_path, data=body)
        assert_refused(answer, 422, "unprocessable_entity", "JSON object")


def test_a_body_that_is_too_much_is_refused_and_the_next_is_taken(index: Index) -> None:
    huge = b'{"q": "' + b"x" * bodies.BYTES_MAX + b'"}'
    answer = index.ask("POST", "/search", data=huge)
    assert_refused(answer, 413, "payload_too_large", str(bodies.BYTES_MAX))
    assert index.search("x") == []


def test_clients_that_go_away_in_the_middle_do_no_harm(own_cell: Service) -> None:
    index = index_in(own_cell)
    request = f"POST /indexes/{index.name}/documents HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9999\r\n\r\n"
    for sent in (b"", b"GET", request.encode(), request.encode() + b'{"documents": ['):
        with socket.create_connection(("127.0.0.1", own_cell.program.port or 0)) as connection:
            connection.sendall(sent)
    assert index.stats == (0, 0)
    own_cell.end()
    assert "Traceback" not in own_cell.log


def test_ids_and_names_in_paths_may_be_anything(cell: Service, index: Index) -> None:
    for name in ("%00", "%ff", "%ed%a0%80", "..%2f..%2fetc%2fpasswd", "%F0%9F%8F%87", "a" * 5000, "%7B%7D", "%22%5C"):
        assert_refused(index.document(name), 404, "document_not_found")
        assert cell.ask("GET", f"/indexes/{name}/settings").status_code == 404
