"""The published client, unmodified, against a running cell."""

import logging
from typing import Any

import pytest

from tests.services.client import Client, MarqoWebError, codes_of
from tests.services.conftest import Service

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:marqo")
BOOKS: list[dict[str, Any]] = [
    {"_id": "rye", "title": "The Catcher in the Rye", "genre": "novel"},
    {"_id": "moon", "title": "The Moon: a guide to its craters", "genre": "science", "pages": 310},
    {"_id": "bread", "title": "Baking bread with rye flour", "genre": "cooking", "tags": ["bread", "rye"]},
]


@pytest.fixture
def client(cell: Service) -> Client:
    return Client(url=cell.url)


def test_a_whole_life_of_an_index(client: Client) -> None:
    assert client.create_index("clients-own")["acknowledged"] is True
    index = client.index("clients-own")
    added = index.add_documents(BOOKS, tensor_fields=["title"])
    assert [item["status"] for item in added["items"]] == [200, 200, 200]
    assert index.get_stats()["numberOfDocuments"] == 3

    by_meaning = index.search("craters of the moon")
    assert by_meaning["hits"][0]["_id"] == "moon"
    assert by_meaning["hits"][0]["_highlights"] == [{"title": "The Moon: a guide to its craters"}]
    by_words = index.search("rye", search_method="LEXICAL", searchable_attributes=["title"])
    assert {hit["_id"] for hit in by_words["hits"]} == {"rye", "bread"}
    assert index.search("rye", search_method="HYBRID", limit=1)["hits"][0]["_id"] in {"rye", "bread"}
    weighed = index.search({"flour": 1.0, "novel": -0.5}, limit=2, offset=0, attributes_to_retrieve=["genre"])
    assert weighed["hits"][0].keys() == {"_id", "_score", "_highlights", "genre"}

    assert index.get_document("bread") == BOOKS[2]
    assert index.get_document("moon", expose_facets=True)["_tensor_facets"][0]["title"] == BOOKS[1]["title"]
    assert [each["_found"] for each in index.get_documents(["rye", "none"])["results"]] == [True, False]
    assert index.delete_documents(["rye"])["details"]["deletedDocuments"] == 1
    assert index.get_stats()["numberOfDocuments"] == 2

    assert {"indexName": "clients-own"} in client.get_indexes()["results"]
    assert index.delete() == {"acknowledged": True}
    assert {"indexName": "clients-own"} not in client.get_indexes()["results"]


def test_settings_of_both_kinds_of_argument_arrive(client: Client) -> None:
    client.create_index(
        "with-arguments", model="hf/e5-small-v2", normalize_embeddings=True, filter_string_max_length=20
    )
    client.create_index("with-a-dict", settings_dict={"model": "random/small", "textChunkPrefix": "p: "})
    told = client.index("with-arguments").get_settings()
    assert (told["model"], told["filterStringMaxLength"]) == ("hf/e5-small-v2", 20)
    assert "textChunkPrefix" not in client.index("with-a-dict").get_settings()  # it counts, and is not told


def test_it_finds_the_version_and_the_health_to_its_liking(
    client: Client, cell: Service, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        client.create_index("liked")
        assert client.index("liked").health()["status"] == "green"
        assert client.index("liked").get_marqo()["version"] == cell.ask("GET", "/").json()["version"]
    assert not [record for record in caplog.records if record.name.startswith("marqo")]


def test_it_adds_in_batches_of_its_own(client: Client) -> None:
    client.create_index("in-batches")
    many = [{"_id": str(number), "title": f"book {number}"} for number in range(300)]
    answers = client.index("in-batches").add_documents(many, tensor_fields=["title"], client_batch_size=128)
    assert [len(answer["items"]) for answer in answers] == [128, 128, 44]
    assert client.index("in-batches").get_stats()["numberOfDocuments"] == 300


@pytest.mark.parametrize(
    ("index", "method", "arguments", "told"),
    [
        ("absent", "search", {"q": "x"}, (404, "index_not_found")),
        ("absent", "get_stats", {}, (404, "index_not_found")),
        ("refusing", "get_document", {"document_id": "none"}, (404, "document_not_found")),
        ("refusing", "add_documents", {"documents": [], "tensor_fields": []}, (400, "bad_request")),
        ("refusing", "add_documents", {"documents": [{"_id": "1"}]}, (400, "bad_request")),
        ("refusing", "delete_documents", {"ids": []}, (400, "invalid_document_id")),
        ("refusing", "search", {"q": "x", "limit": 0}, (400, "illegal_requested_doc_count")),
        ("refusing", "search", {"q": "x", "device": "cuda:1"}, (400, "hardware_compatability_error")),
    ],
)
def test_it_reads_status_code_and_type_of_a_refusal(
    client: Client, cell: Service, index: str, method: str, arguments: dict[str, Any], told: tuple[int, str]
) -> None:
    cell.ask("POST", "/indexes/refusing")
    with pytest.raises(MarqoWebError) as refused:
        getattr(client.index(index), method)(**arguments)
    assert codes_of(refused.value) == (*told, "invalid_request")


@pytest.mark.parametrize(
    ("name", "settings", "told"),
    [
        ("taken", {}, (409, "index_already_exists")),
        ("not a name", {}, (400, "invalid_argument")),
        ("odd", {"nonsense": 1}, (422, "unprocessable_entity")),
    ],
)
def test_it_reads_why_an_index_was_not_made(
    client: Client, cell: Service, name: str, settings: dict[str, Any], told: tuple[int, str]
) -> None:
    cell.ask("POST", "/indexes/taken")
    with pytest.raises(MarqoWebError) as refused:
        client.create_index(name, settings_dict=settings)
    assert codes_of(refused.value) == (*told, "invalid_request")


def test_deleting_what_is_not_there_is_no_mistake_to_it(client: Client) -> None:
    assert client.delete_index("never-there")["code"] == "index_not_found"
