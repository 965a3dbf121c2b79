"""Languages and stemming of single fields: `text_field` in mappings, and `language` of a search."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hippodrome.services.fake_cell import snapshot
from hippodrome.services.fake_cell.documents import Document
from hippodrome.services.fake_cell.journal import Journal
from hippodrome.services.fake_cell.stems import Style
from tests.services.conftest import Service
from tests.services.fake_cell.conftest import Index, assert_refused, index_in

PORTUGUESE = {"type": "text_field", "language": "pt"}
AS_THEY_ARE = {"type": "text_field", "stemming": "none"}


@pytest.fixture(scope="module")
def dresses(cell: Service) -> Index:
    made = index_in(cell, model="random/small")
    mappings = {"pt": PORTUGUESE, "code": AS_THEY_ARE}
    made.add({"_id": "1", "pt": "Vestido mole"}, {"_id": "2", "en": "moles"}, {"_id": "3", "code": "lamps"},
             mappings=mappings)  # fmt: skip
    made.add({"_id": "4", "pt": "vestidos moles"})  # the field keeps its language
    return made


def by_words(index: Index, q: str, **more: Any) -> set[str]:
    return set(index.found(q, searchMethod="LEXICAL", **more))


def test_a_field_is_found_by_queries_of_its_language(dresses: Index) -> None:
    assert by_words(dresses, "mole", language="pt") == {"1", "2", "4"}  # `en` has no language, and is English always
    assert by_words(dresses, "mole") == by_words(dresses, "mole", language="en") == {"2"}
    assert by_words(dresses, '"vestido mole"', language="pt-BR") == {"1", "4"}
    assert by_words(dresses, "*", language="pt", filter="pt CONTAINS vestidos") == {"1", "4"}
    assert by_words(dresses, "*", filter="pt CONTAINS moles") == set()


def test_both_kinds_of_search_take_the_language(dresses: Index) -> None:
    how = {"retrievalMethod": "lexical", "rankingMethod": "lexical"}
    found = dresses.found("mole", searchMethod="HYBRID", hybridParameters=how, language="pt")
    assert set(found) == {"1", "2", "4"}


def test_words_that_are_not_stemmed_are_found_as_they_are(dresses: Index) -> None:
    assert by_words(dresses, "lamps") == {"3"}
    assert by_words(dresses, "lamp") == set()


def test_an_update_keeps_the_language_of_a_field(dresses: Index) -> None:
    dresses.ask("PATCH", "/documents", json={"documents": [{"_id": "2", "pt": "moles"}]})
    assert by_words(dresses, "mole", language="pt", searchableAttributes=["pt"]) == {"1", "2", "4"}
    dresses.add({"_id": "2", "en": "moles"})


@pytest.mark.parametrize(
    ("mapping", "message"),
    [
        (
            {**PORTUGUESE, "language": "es"},
            "different language configuration. Cannot change language from 'pt' to 'es'",
        ),
        (
            {**PORTUGUESE, "stemming": "best"},
            "different stemming configuration. Cannot change stemming from 'None' to",
        ),
    ],
)
def test_what_a_field_began_with_stays(dresses: Index, mapping: dict[str, str], message: str) -> None:
    told = dresses.add({"_id": "5", "pt": "x"}, {"_id": "6", "en": "x"}, mappings={"pt": mapping})
    refused, taken = told["items"]
    assert (refused["status"], refused["code"], taken["status"]) == (400, "invalid_argument", 200)
    assert f"Field 'pt' already exists with a {message}" in refused["message"]
    dresses.ask("POST", "/documents/delete-batch", json=["6"])


@pytest.mark.parametrize(
    ("mapping", "words"),
    [
        (3, "Error validating mappings object. Reason: 3 is not of type 'object'"),
        ({"language": "pt"}, "Error validating mappings object. Reason: 'type' is a required property"),
        ({"type": "text"}, "'text' is not one of ['multimodal_combination', 'custom_vector', 'text_field']"),
        (
            {"type": "text_field"},
            "Error validating text field mappings object. Reason: \n{'type': 'text_field'} is not",
        ),
        ({**PORTUGUESE, "stemming": "much"}, "'much' is not one of ['none', 'best', 'shortest', 'multiple']"),
        ({**PORTUGUESE, "language": ""}, "'' is too short"),
        ({**PORTUGUESE, "language": 1}, "1 is not of type 'string'"),
        ({**PORTUGUESE, "weights": {}}, "Additional properties are not allowed ('weights' was unexpected)"),
        ({"type": "custom_vector", "language": "pt"}, "Error validating custom vector mappings object. Reason: \n"),
        ({"type": "multimodal_combination"}, "'weights' is a required property"),
        ({"type": "multimodal_combination", "weights": {"a": "1"}}, "'1' is not of type 'number'"),
    ],
)
def test_a_mapping_that_cannot_be_is_refused(dresses: Index, mapping: Any, words: str) -> None:
    body = {"documents": [{"_id": "x"}], "tensorFields": [], "mappings": {"title": mapping}}
    assert_refused(dresses.ask("POST", "/documents", json=body), 400, "invalid_argument", words)


def test_the_language_of_a_field_is_kept_on_disk(tmp_path: Path) -> None:
    nothing = np.zeros((0, 2), dtype=np.float32)
    document = Document(
        "1", {"pt": "mole"}, (), nothing, {}, {"pt": Style("pt", "none"), "en": Style(stemming="best")}
    )
    snapshot.write(tmp_path / "a.npz", "a", {}, [document], 2)
    journal = Journal(tmp_path / "b.npz")
    journal.put(document)
    journal.close()
    (saved,), ((_, logged),) = snapshot.read_documents(tmp_path / "a.npz"), journal.changes()
    assert saved.styles == document.styles
    assert logged is not None
    assert logged.styles == document.styles


def test_words_of_lists_are_for_filters_alone(cell: Service) -> None:
    index = index_in(cell, model="random/small")
    index.add({"_id": "1", "title": "lamp", "tags": ["lamp"]}, {"_id": "2", "tags": ["lamp", "desk lamp"]})
    assert by_words(index, "lamp") == {"1"}
    assert by_words(index, "*", filter="tags:lamp") == {"1", "2"}
