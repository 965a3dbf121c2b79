"""The published client in its cloud mode, unmodified, before controller and cell."""

import inspect
import re
from pathlib import Path
from typing import Any

import pytest

from tests.services.client import Client, MarqoWebError, codes_of
from tests.services.conftest import Pair
from tests.services.controller.conftest import KEY, Control

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # the client warns of much


@pytest.fixture
def client(control: Control, monkeypatch: pytest.MonkeyPatch) -> Client:
    return in_cloud(control, monkeypatch)


def in_cloud(control: Control, monkeypatch: pytest.MonkeyPatch) -> Client:
    """For which this controller is Marqo Cloud."""
    monkeypatch.setenv("MARQO_CLOUD_URL", control.controller.url)
    return Client(url=control.controller.url, api_key=KEY["x-api-key"])


def test_a_whole_life_of_an_index_without_a_pause(client: Client, control: Control, name: str) -> None:
    made = client.create_index(name, model="hf/e5-small-v2", number_of_replicas=1, storage_class="marqo.balanced")
    assert made["acknowledged"] is True
    index = client.index(name)
    assert index.get_settings()["model"] == "hf/e5-small-v2"
    added = index.add_documents([{"_id": "1", "title": "a brass lamp"}], tensor_fields=["title"])
    assert added["errors"] is False
    assert control.cell.ask("GET", f"/indexes/{name}/documents/1").json()["title"] == "a brass lamp"
    assert index.search("lamp of brass")["hits"][0]["_id"] == "1"
    assert index.get_stats()["numberOfDocuments"] == 1
    assert {"indexName": name} in client.get_indexes()["results"]
    assert client.delete_index(name)["acknowledged"] is True
    assert name not in control.in_cell


def test_who_takes_it_for_a_data_plane_is_told_what_to_set(control: Control, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MARQO_CLOUD_URL", raising=False)
    with pytest.raises(MarqoWebError) as met:
        Client(url=control.controller.url, api_key="local-admin-key").get_indexes()
    assert f"MARQO_CLOUD_URL={control.controller.url}" in met.value.message["message"]


def test_it_reads_why_it_was_refused(client: Client, name: str) -> None:
    client.create_index(name)
    with pytest.raises(MarqoWebError) as refused:
        client.create_index(name)
    assert codes_of(refused.value) == (409, "index_already_exists", "invalid_request")


def test_a_wrong_key_is_told_as_that(control: Control, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MARQO_CLOUD_URL", control.controller.url)
    with pytest.raises(MarqoWebError) as refused:
        Client(url=control.controller.url, api_key="wrong").create_index("books")
    assert codes_of(refused.value) == (401, "unauthorized", "invalid_request")


EVERY_SETTING: dict[str, Any] = {
    "type": "unstructured",
    "treat_urls_and_pointers_as_images": True,
    "treat_urls_and_pointers_as_media": True,
    "filter_string_max_length": 20,
    "model": "own-model",
    "model_properties": {"name": "x", "dimensions": 32, "type": "random"},
    "normalize_embeddings": True,
    "text_preprocessing": {"splitLength": 2, "splitOverlap": 0, "splitMethod": "word"},
    "image_preprocessing": {"patchMethod": "simple"},
    "audio_preprocessing": {"splitLength": 5, "splitOverlap": 1},
    "video_preprocessing": {"splitLength": 5, "splitOverlap": 1},
    "vector_numeric_type": "bfloat16",
    "ann_parameters": {"spaceType": "angular", "parameters": {"efConstruction": 64, "m": 8}},
    "text_chunk_prefix": "p: ",
    "text_query_prefix": "q: ",
}
CAPACITY: dict[str, Any] = {
    "storage_class": "marqo.balanced",
    "number_of_shards": 2,
    "number_of_replicas": 1,
    "inference_type": "marqo.GPU",  # the client warns that it leaves these two out
    "number_of_inferences": 3,
    "wait_for_readiness": True,
}
NOT_TOLD = {"text_chunk_prefix", "text_query_prefix"}  # the server takes them, and tells them nowhere
AS_SETTING = re.compile(r"_(\w)")


def test_every_setting_and_capacity_comes_back(client: Client, control: Control, name: str) -> None:
    client.create_index(name, **EVERY_SETTING, **CAPACITY)
    told = client.index(name).get_settings()
    assert "textChunkPrefix" not in told
    for setting, value in EVERY_SETTING.items():
        if setting in NOT_TOLD:
            continue
        found = told[AS_SETTING.sub(lambda part: part[1].upper(), setting)]
        assert {**found, **value} == found if isinstance(value, dict) else found == value, setting
    described = control.ask("GET", name).json()
    assert (described["storageClass"], described["numberOfShards"], described["numberOfReplicas"]) == (
        "marqo.balanced",
        2,
        1,
    )
    client.delete_index(name)


def test_a_structured_index_and_one_of_a_dictionary(client: Client, name: str) -> None:
    fields = [{"name": "title", "type": "text", "features": ["lexical_search"]}]
    client.create_index(name, type="structured", all_fields=fields, tensor_fields=["title"])
    assert client.get_index(name).get_settings()["tensorFields"] == ["title"]
    client.delete_index(name)
    client.create_index(name, settings_dict={"model": "random/small", "numberOfReplicas": 1})
    assert client.index(name).get_settings()["model"] == "random/small"
    client.delete_index(name)


@pytest.mark.parametrize("capacity", [{"storage_class": "marqo.huge"}, {"number_of_shards": 101}])
def test_a_kind_that_is_not_sold_is_refused_and_nothing_is_made(
    client: Client, control: Control, name: str, capacity: dict[str, Any]
) -> None:
    with pytest.raises(MarqoWebError) as refused:
        client.create_index(name, **capacity)
    assert codes_of(refused.value)[:2] == (422, "unprocessable_entity")
    assert name not in control.in_cell


def test_addresses_that_the_client_keeps_are_right_after_an_index_was_made_anew(client: Client, name: str) -> None:
    """It keeps them for 15 s, and asks again when it does not know an index or the cell refuses."""
    for text in ("first", "second"):
        client.create_index(name, model="random/small")
        index = client.index(name)
        assert index.get_stats()["numberOfDocuments"] == 0
        index.add_documents([{"_id": "1", "title": text}], tensor_fields=["title"])
        assert [hit["title"] for hit in index.search("first or second")["hits"]] == [text]
        client.delete_index(name)
        with pytest.raises(MarqoWebError) as gone:
            index.search("anything")
        assert codes_of(gone.value)[:2] == (404, "index_not_found")
    client.delete_index(name)  # raises nothing: the client takes a 404 for done


def test_a_life_with_delays_is_told_step_by_step_and_serves_meanwhile(
    migrated_pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    control = Control(migrated_pair.controller.start(CONTROLLER_CREATE_DELAY_S="3600"), migrated_pair.cell.start())
    client = in_cloud(control, monkeypatch)
    client.create_index("books", model="random/small", wait_for_readiness=False)
    index = client.index("books")
    assert index.get_status() == {"indexStatus": "CREATING"}
    control.database("UPDATE indexes_index SET created_at = '2026-01-01'")  # an hour later
    assert index.get_status() == {"indexStatus": "READY"}
    assert control.ask("PUT", "books", json={"numberOfReplicas": 2}).ok  # the client has no method for it
    assert index.get_status() == {"indexStatus": "MODIFYING"}
    assert index.search("anything")["hits"] == []
    client.delete_index("books", wait_for_readiness=False)
    assert index.get_status() == {"indexStatus": "DELETING"}
    control.database("UPDATE indexes_index SET deleted_at = '2026-01-01'")
    assert index.get_status() == {"indexStatus": "DELETED"}


def test_an_account_has_no_more_indexes_than_its_quota(migrated_pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    control = Control(migrated_pair.controller.start(CONTROLLER_INDEX_QUOTA="1"), migrated_pair.cell.start())
    client = in_cloud(control, monkeypatch)
    client.create_index("books")
    with pytest.raises(MarqoWebError) as refused:
        client.create_index("films")
    assert codes_of(refused.value)[:2] == (403, "quota_exceeded")
    assert control.in_cell == ["books"]
    client.delete_index("books")
    client.create_index("films")


def test_a_key_of_a_smaller_scope_searches_and_neither_makes_nor_deletes(
    client: Client, control: Control, name: str
) -> None:
    client.create_index(name, model="random/small")
    made = control.controller.ask("POST", "/api/v2/keys", headers=KEY, json={"name": "shop", "scope": "read"}).json()
    reader = Client(url=control.controller.url, api_key=made["key"])
    assert reader.index(name).search("anything")["hits"] == []
    assert {"indexName": name} in reader.get_indexes()["results"]
    for act in (reader.create_index, reader.delete_index):
        with pytest.raises(MarqoWebError) as refused:
            act(name)
        assert codes_of(refused.value)[:2] == (403, "forbidden")
    client.delete_index(name)


PAGE = Path(__file__).parents[3] / "docs/services/controller.md"
ROW = re.compile(r"^\| `(?:Client|Index)\.(\w+)` \| (.*?) \|", re.MULTILINE)
OF_THE_CELL = {*EVERY_SETTING, "index_name", "settings_dict", "all_fields", "tensor_fields"}


def test_the_page_lists_what_the_client_has_for_the_cloud_alone(client: Client) -> None:
    rows = {name: set(re.findall(r"`(\w+)`", told)) for name, told in ROW.findall(PAGE.read_text(encoding="utf-8"))}
    assert rows["create_index"] == set(inspect.signature(client.create_index).parameters) - OF_THE_CELL
    assert rows["create_index"] == set(CAPACITY)
    assert rows["delete_index"] == set(inspect.signature(client.delete_index).parameters) - OF_THE_CELL
    assert {"get_index", "get_indexes", "get_status"} <= rows.keys()
