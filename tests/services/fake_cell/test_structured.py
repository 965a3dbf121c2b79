"""Structured indexes through the published client: what their fields may be, hold, and be asked for."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.services.client import Client, MarqoWebError, codes_of
from tests.services.conftest import Service

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:marqo")

FIELDS: list[dict[str, Any]] = [
    {"name": "title", "type": "text", "features": ["lexical_search", "filter"]},
    {"name": "note", "type": "text"},
    {"name": "tags", "type": "array<text>", "features": ["filter"]},
    {"name": "sizes", "type": "array<int>", "features": ["filter"]},
    {"name": "count", "type": "int", "features": ["filter", "score_modifier"]},
    {"name": "big", "type": "long"},
    {"name": "price", "type": "float", "features": ["filter", "score_modifier"]},
    {"name": "exact", "type": "double"},
    {"name": "isNew", "type": "bool", "features": ["filter"]},
    {"name": "stock", "type": "map<text,int>", "features": ["score_modifier"]},
    {"name": "picture", "type": "image_pointer"},
    {"name": "vector", "type": "custom_vector", "features": ["lexical_search", "filter"]},
    {"name": "both", "type": "multimodal_combination", "dependentFields": {"title": 0.3, "picture": 0.7}},
]
SETTINGS = {"type": "structured", "model": "open_clip/ViT-B-32/openai", "allFields": FIELDS}
TENSORS = ["title", "picture", "vector", "both"]
WIDE = [1.0] + [0.0] * 511


@pytest.fixture(scope="module")
def client(cell: Service) -> Iterator[Client]:
    made = Client(url=cell.url)
    made.create_index("structured", settings_dict={**SETTINGS, "tensorFields": TENSORS})
    yield made
    made.delete_index("structured")


def refused(client: Client, *documents: dict[str, Any]) -> list[str]:
    told = client.index("structured").add_documents(list(documents))
    assert told["errors"] is True
    return [item["message"] for item in told["items"] if item["status"] != 200]


def test_its_settings_are_reported_as_they_were_given(client: Client) -> None:
    told = client.index("structured").get_settings()
    assert (told["type"], told["tensorFields"]) == ("structured", TENSORS)
    by_name = {field["name"]: field for field in told["allFields"]}
    assert by_name["note"] == {"name": "note", "type": "text", "features": []}
    assert by_name["stock"]["type"] == "map<text, int>"
    assert by_name["both"]["dependentFields"] == {"title": 0.3, "picture": 0.7}
    assert not {"treatUrlsAndPointersAsImages", "filterStringMaxLength"} & told.keys()


def test_a_document_of_every_type_comes_back_as_it_was(client: Client) -> None:
    document: dict[str, Any] = {
        "_id": "full", "title": "red lamp", "note": "x", "tags": ["a", "b"], "sizes": [1, 2], "count": 1 - 2**31,
        "big": 2**63 - 1, "price": 1.5, "exact": 1e300, "isNew": True, "stock": {"berlin": 3},
        "picture": "https://shop.test/lamp.png",
    }  # fmt: skip
    index = client.index("structured")
    assert (
        index.add_documents([{**document, "vector": {"vector": WIDE, "content": "brought along"}}])["errors"] is False
    )
    assert index.get_document("full") == {**document, "vector": "brought along"}
    facets = index.get_document("full", expose_facets=True)["_tensor_facets"]
    assert [next(name for name in facet if name != "_embedding") for facet in facets] == TENSORS
    assert facets[2]["_embedding"] == WIDE
    assert index.search("brought", search_method="LEXICAL")["hits"][0]["_id"] == "full"


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ({"absent": 1}, "not a valid field"),
        ({"title": 1}, "Invalid value"),
        ({"count": "1"}, "Invalid value"),
        ({"count": True}, "Invalid value"),
        ({"count": 2**31}, "out of range"),
        ({"count": -(2**31)}, "out of range"),
        ({"big": 2**63}, "out of range"),
        ({"price": 3.5e38}, "out of range"),
        ({"exact": 10**400}, "out of range"),
        ({"isNew": 1}, "Invalid value"),
        ({"tags": "a"}, "Invalid value"),
        ({"sizes": [1, "2"]}, "Invalid value"),
        ({"stock": {"berlin": 1.5}}, "Invalid value"),
        ({"stock": 3}, "Invalid value"),
        ({"both": {"title": 1}}, "cannot be assigned a value"),
        ({"picture": "no address"}, "not a valid image_pointer"),
        ({"picture": "https://shop.test/doesnt_exist.png"}, "Could not find media file"),
        ({"vector": "text"}, "must be an object of vector"),
        ({"vector": {"vector": [1.0]}}, "dimension of 512"),
        ({"vector": {"vector": ["x"] * 512}}, "list of numbers"),
        ({"vector": {"vector": [0] * 512}}, "zero magnitude"),
        ({"vector": {"vector": WIDE, "content": 1}}, "must be a string"),
        ({"vector": {"vector": WIDE, "more": 1}}, "must be an object of vector"),
    ],
)
def test_what_a_field_cannot_hold_is_told_of_its_document(client: Client, fields: dict[str, Any], word: str) -> None:
    (message,) = refused(client, {"_id": "bad", **fields})
    assert word in message
    assert next(iter(fields)) in message


def test_a_float_too_small_for_it_becomes_zero(client: Client) -> None:
    client.index("structured").add_documents([{"_id": "tiny", "price": 1e-46}])
    assert client.index("structured").get_document("tiny")["price"] == 0


def test_fields_without_vectors_change_in_an_update_and_others_do_not(client: Client) -> None:
    index = client.index("structured")
    index.add_documents([{"_id": "up", "title": "vase", "note": "old", "count": 1, "stock": {"a": 1}}])
    changes = [
        {"_id": "up", "note": "new", "count": 2, "stock": {"b": 2}},
        {"_id": "gone", "note": "x"},
        {"note": "x"},
        {"_id": "full", "title": "x"},
        {"_id": "tiny", "picture": "x"},
        {"_id": "else", "absent": 1},
    ]
    index.add_documents([{"_id": "full"}, {"_id": "tiny"}, {"_id": "else"}])
    items = index.update_documents(changes)["items"]
    assert [item["status"] for item in items] == [200, 404, 400, 400, 400, 400]
    words = [
        "not exist in the index",
        "'_id' is a required field",
        "tensor field",
        "tensor field",
        "Invalid field name",
    ]
    for item, word in zip(items[1:], words, strict=True):
        assert word in item["error"]
    stored = {"_id": "up", "title": "vase", "note": "new", "count": 2, "stock": {"a": 1, "b": 2}}
    assert index.get_document("up") == stored


@pytest.mark.parametrize(
    ("how", "code"),
    [
        ({"filter_string": "note:x"}, "invalid_field_name"),
        ({"filter_string": "id:x"}, "invalid_field_name"),
        ({"filter_string": "stock.x:1"}, "invalid_field_name"),
        ({"attributes_to_retrieve": ["_id"]}, "invalid_field_name"),
        ({"filter_string": "isNew IN (true)"}, "invalid_argument"),
        ({"filter_string": "count IN (x)"}, "invalid_argument"),
        ({"filter_string": "title CONTAINS x"}, "invalid_argument"),
        ({"searchable_attributes": ["note"]}, "invalid_field_name"),
        ({"searchable_attributes": ["note"], "search_method": "LEXICAL"}, "invalid_field_name"),
        ({"attributes_to_retrieve": ["absent"]}, "invalid_field_name"),
        ({"score_modifiers": {"add_to_score": [{"field_name": "big"}]}}, "invalid_field_name"),
    ],
)
def test_only_what_a_field_is_for_may_be_asked_of_it(client: Client, how: dict[str, Any], code: str) -> None:
    with pytest.raises(MarqoWebError) as met:
        client.index("structured").search("lamp", **how)
    assert codes_of(met.value)[:2] == (400, code)


def test_it_is_searched_by_its_fields(client: Client) -> None:
    index = client.index("structured")
    index.add_documents([{"_id": "a", "title": "blue chair", "count": 5, "stock": {"x": 2}, "tags": ["old chair"]}])
    by_words = index.search("chair", search_method="LEXICAL", filter_string="tags:(old chair) AND count:[5 TO *]")
    assert [hit["_id"] for hit in by_words["hits"]] == ["a"]
    weighed = index.search("blue chair", score_modifiers={"multiply_score_by": [{"field_name": "stock.x"}]}, limit=1)
    assert weighed["hits"][0]["_score"] == pytest.approx(2.0, abs=1e-5)
    own = {"both": {"type": "multimodal_combination", "weights": {"title": 1.0}}}
    assert index.add_documents([{"_id": "m", "title": "green sofa"}], mappings=own)["errors"] is False
    hit = index.search("green sofa", searchable_attributes=["both"], limit=1)["hits"][0]
    assert hit["_highlights"] == [{"both": '{"title": "green sofa"}'}]


@pytest.mark.parametrize(
    ("change", "status", "word"),
    [
        ({"allFields": [{"name": "a", "type": "number"}]}, 422, "type must be one of"),
        ({"allFields": [{"name": "a"}]}, 422, "name and type"),
        ({"allFields": [{"name": "a b", "type": "text"}]}, 422, "Field name must match"),
        ({"allFields": [{"name": "a", "type": "text", "features": ["magic"]}]}, 422, "features"),
        ({"allFields": [{"name": "a", "type": "int", "features": ["lexical_search"]}]}, 422, "lexical_search"),
        ({"allFields": [{"name": "a", "type": "text", "features": ["score_modifier"]}]}, 422, "score_modifier"),
        ({"allFields": [{"name": "a", "type": "text", "dependentFields": {"b": 1}}]}, 422, "dependentFields"),
        ({"allFields": [{"name": "a", "type": "multimodal_combination"}]}, 422, "dependentFields"),
        ({"tensorFields": ["absent"]}, 400, "not a defined field"),
        ({"tensorFields": ["both"], "allFields": FIELDS}, 400, "must be a tensor field"),
        ({"tensorFields": ["count"], "allFields": [FIELDS[4]]}, 400, "cannot be a tensor field"),
        ({"filterStringMaxLength": 9}, 400, "not a valid parameter for structured indexes"),
        ({"treatUrlsAndPointersAsImages": True}, 400, "not a valid parameter for structured indexes"),
        ({"collapseFields": [{"name": "a"}]}, 400, "only supported for unstructured"),
    ],
)
def test_a_schema_that_cannot_be_is_refused(client: Client, change: dict[str, Any], status: int, word: str) -> None:
    base = {"type": "structured", "allFields": [{"name": "a", "type": "text"}], "tensorFields": []}
    with pytest.raises(MarqoWebError) as met:
        client.create_index("structured-not", settings_dict={**base, **change})
    assert met.value.status_code == status
    assert word in met.value.message["message"]


def test_it_is_the_same_after_a_restart(own_cell: Service) -> None:
    client = Client(url=own_cell.url)
    client.create_index("kept", settings_dict={**SETTINGS, "tensorFields": TENSORS})
    index = client.index("kept")
    index.add_documents([{"_id": "1", "title": "lamp", "picture": "https://shop.test/a.png"}])
    before = (index.get_settings(), index.get_document("1", expose_facets=True), index.search("lamp")["hits"])
    own_cell.restart()
    assert (index.get_settings(), index.get_document("1", expose_facets=True), index.search("lamp")["hits"]) == before
    items = index.update_documents([{"_id": "1", "picture": "x"}])["items"]
    assert items[0]["status"] == 400
