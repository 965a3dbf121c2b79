"""Indexes: made, listed, described, deleted; what none can be."""

from typing import Any

import pytest

from tests.services.conftest import Service
from tests.services.fake_cell.conftest import Index, assert_refused, index_in

ANN = {"efConstruction": 128, "m": 8}


def test_an_index_is_made_listed_and_deleted(cell: Service) -> None:
    made = cell.ask("POST", "/indexes/a-life", json={})
    assert (made.status_code, made.json()) == (200, {"acknowledged": True, "index": "a-life"})
    assert {"indexName": "a-life"} in cell.ask("GET", "/indexes").json()["results"]
    gone = cell.ask("DELETE", "/indexes/a-life")
    assert (gone.status_code, gone.json()) == (200, {"acknowledged": True})
    assert {"indexName": "a-life"} not in cell.ask("GET", "/indexes").json()["results"]
    assert_refused(cell.ask("DELETE", "/indexes/a-life"), 404, "index_not_found", "a-life")


def test_a_body_is_not_needed(cell: Service) -> None:
    assert cell.ask("POST", "/indexes/without-a-body").status_code == 200


def test_what_is_not_said_is_as_the_published_server_has_it(index: Index) -> None:
    assert index.ask("GET", "/settings").json() == {
        "type": "unstructured",
        "treatUrlsAndPointersAsImages": False,
        "treatUrlsAndPointersAsMedia": False,
        "filterStringMaxLength": 50,
        "model": "hf/e5-base-v2",
        "normalizeEmbeddings": True,
        "textPreprocessing": {"splitLength": 2, "splitOverlap": 0, "splitMethod": "sentence"},
        "imagePreprocessing": {},
        "videoPreprocessing": {"splitLength": 20, "splitOverlap": 3},
        "audioPreprocessing": {"splitLength": 10, "splitOverlap": 3},
        "vectorNumericType": "float",
        "annParameters": {"spaceType": "prenormalized-angular", "parameters": {"efConstruction": 512, "m": 16}},
    }


def test_what_is_said_stays_and_null_is_not_said(cell: Service) -> None:
    said: dict[str, Any] = {
        "model": "hf/e5-small-v2",
        "type": None,
        "textPreprocessing": {"splitMethod": "word", "splitLength": 7},
        "annParameters": {"spaceType": "angular", "parameters": ANN},
        "textChunkPrefix": "passage: ",
    }
    settings = index_in(cell, **said).ask("GET", "/settings").json()
    assert (settings["model"], settings["type"]) == ("hf/e5-small-v2", "unstructured")
    assert settings["textPreprocessing"] == {"splitLength": 7, "splitOverlap": 0, "splitMethod": "word"}
    assert settings["annParameters"] == {"spaceType": "angular", "parameters": ANN}
    assert "textChunkPrefix" not in settings  # the server keeps it to itself


def test_settings_are_taken_however_they_are_written(cell: Service) -> None:
    said: dict[str, Any] = {
        "normalizeEmbeddings": "false",
        "filterStringMaxLength": "20",
        "textPreprocessing": {"splitLength": "3"},
        "annParameters": {"spaceType": "angular", "parameters": {"efConstruction": "128", "m": 8.0}},
    }
    settings = index_in(cell, **said).ask("GET", "/settings").json()
    assert (settings["normalizeEmbeddings"], settings["filterStringMaxLength"]) == (False, 20)
    assert settings["textPreprocessing"]["splitLength"] == 3
    assert settings["annParameters"]["parameters"] == ANN


def test_lists_and_mappings_too_are_taken_however_they_are_written(cell: Service) -> None:
    parts = {"name": "both", "type": "multimodal_combination", "dependentFields": {"title": "0.5"}}
    fields = [{"name": "title", "type": "text"}, parts]
    structured = index_in(cell, type="structured", allFields=fields, tensorFields=["both"]).ask("GET", "/settings")
    assert structured.json()["allFields"][1]["dependentFields"] == {"title": 0.5}
    grouped = index_in(cell, collapseFields=[{"name": "group", "minGroups": "7"}]).ask("GET", "/settings").json()
    assert grouped["collapseFields"] == [{"name": "group", "minGroups": 7}]
    index = index_in(cell, model="ours", modelProperties={"dimensions": 2})
    body = {"tensorFields": [7, "own"], "mappings": {"own": {"type": "custom_vector"}}}
    added = index.ask(
        "POST", "/documents", json={"documents": [{"_id": "1", "own": {"vector": ["0.6", 0.8]}}], **body}
    )
    assert added.json()["errors"] is False
    assert index.stats == (1, 1)


def test_media_are_images_too_unless_that_is_denied(cell: Service) -> None:
    settings = index_in(cell, treatUrlsAndPointersAsMedia=True).ask("GET", "/settings").json()
    assert settings["treatUrlsAndPointersAsImages"] is True
    denied = {"treatUrlsAndPointersAsMedia": True, "treatUrlsAndPointersAsImages": False}
    assert_refused(cell.ask("POST", "/indexes/denied", json=denied), 400, "invalid_argument", "AsImages")


@pytest.mark.parametrize(
    ("model", "dimension"),
    [
        ("hf/e5-base-v2", 768),
        ("hf/e5-small", 384),
        ("open_clip/ViT-B-32/laion2b_s34b_b79k", 512),
        ("random/small", 32),
    ],
)
def test_vectors_are_as_wide_as_the_model_makes_them(cell: Service, model: str, dimension: int) -> None:
    index = index_in(cell, model=model)
    index.add({"_id": "1", "title": "a lamp"}, tensor_fields=("title",))
    facets = index.ask("GET", "/documents/1?expose_facets=True").json()["_tensor_facets"]
    assert len(facets[0]["_embedding"]) == dimension


def test_a_model_of_ones_own_says_how_wide_it_is(cell: Service) -> None:
    own = {"name": "ours", "dimensions": 48, "type": "hf"}
    index = index_in(cell, model="ours", modelProperties=own)
    index.add({"_id": "1", "title": "a lamp"}, tensor_fields=("title",))
    facets = index.ask("GET", "/documents/1?expose_facets=true").json()["_tensor_facets"]
    assert len(facets[0]["_embedding"]) == 48
    assert index.ask("GET", "/settings").json()["modelProperties"] == own


def test_a_name_is_given_once(cell: Service) -> None:
    assert cell.ask("POST", "/indexes/given-once").status_code == 200
    assert_refused(cell.ask("POST", "/indexes/given-once"), 409, "index_already_exists", "given-once")


def test_names_that_differ_a_little_are_different_indexes(cell: Service) -> None:
    for name in ("a-b", "a_b", "A-b", "-ab", "_" * 400):
        assert cell.ask("POST", f"/indexes/{name}").status_code == 200, name
        cell.ask("POST", f"/indexes/{name}/documents", json={"documents": [{"_id": name}], "tensorFields": []})
    for name in ("a-b", "a_b", "A-b", "-ab", "_" * 400):
        assert cell.ask("GET", f"/indexes/{name}/documents/{name}").json() == {"_id": name}


@pytest.mark.parametrize("name", ["1st", "a b", "a.b", "ä", "marqo__own", "a%0A", "%00", "a;b", "..%2e"])
def test_a_name_that_no_index_can_have_is_refused(cell: Service, name: str) -> None:
    assert_refused(cell.ask("POST", f"/indexes/{name}"), 400, "invalid_argument", "not a valid index name")


@pytest.mark.parametrize(
    ("settings", "status", "code", "word"),
    [
        ({"model": "nobody/made-this"}, 400, "invalid_argument", "model properties for model=nobody/made-this"),
        ({"model": 7}, 400, "invalid_argument", "model properties for model=7."),
        ({"split_length": 2}, 422, "unprocessable_entity", "split_length"),
        ({"normalizeEmbeddings": 2}, 422, "unprocessable_entity", "normalizeEmbeddings"),
        ({"type": []}, 422, "unprocessable_entity", "type"),
        ({"type": "sideways"}, 422, "unprocessable_entity", "type"),
        ({"filterStringMaxLength": True}, 422, "unprocessable_entity", "filterStringMaxLength"),
        ({"filterStringMaxLength": -1}, 422, "unprocessable_entity", "filterStringMaxLength"),
        ({"vectorNumericType": "double"}, 422, "unprocessable_entity", "vectorNumericType"),
        ({"textPreprocessing": []}, 422, "unprocessable_entity", "textPreprocessing"),
        ({"textPreprocessing": {"splitMethod": []}}, 422, "unprocessable_entity", "splitMethod"),
        ({"textPreprocessing": {"splitMethod": "letter"}}, 422, "unprocessable_entity", "splitMethod"),
        ({"textPreprocessing": {"split_length": 2}}, 422, "unprocessable_entity", "split_length"),
        ({"textPreprocessing": {"splitOverlap": -1}}, 422, "unprocessable_entity", "splitOverlap"),
        ({"textPreprocessing": {"splitLength": 0}}, 422, "unprocessable_entity", "splitLength"),
        ({"annParameters": {"spaceType": "flat", "parameters": ANN}}, 422, "unprocessable_entity", "spaceType"),
        ({"annParameters": {"parameters": {"m": 8}}}, 422, "unprocessable_entity", "efConstruction"),
        ({"annParameters": {"parameters": {**ANN, "efConstruction": 5000}}}, 422, "unprocessable_entity", "4096"),
        ({"modelProperties": {"dimensions": -1}, "model": "ours"}, 400, "invalid_argument", "model properties"),
        ({"allFields": []}, 400, "invalid_argument", "allFields"),
    ],
)
def test_settings_that_cannot_be_are_refused_by_name(
    cell: Service, settings: dict[str, Any], status: int, code: str, word: str
) -> None:
    assert_refused(cell.ask("POST", "/indexes/cannot-be", json=settings), status, code, word)
    assert cell.ask("GET", "/indexes/cannot-be/settings").status_code == 404


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/settings"),
        ("GET", "/stats"),
        ("GET", "/health"),
        ("DELETE", ""),
        ("POST", "/search"),
        ("POST", "/documents"),
        ("GET", "/documents"),
        ("GET", "/documents/1"),
        ("POST", "/documents/delete-batch"),
    ],
)
def test_every_route_says_of_an_unknown_index_that_it_is_not_there(cell: Service, method: str, path: str) -> None:
    answer = cell.ask(method, f"/indexes/nobody-made-this{path}", json={"q": "x"} if method == "POST" else None)
    assert_refused(answer, 404, "index_not_found", "nobody-made-this")
