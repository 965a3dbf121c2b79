"""Every method of the published client with every parameter it has, against the cell; the page lists the same."""

import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.services.client import Client, MarqoWebError
from tests.services.conftest import Service

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

PAGE = Path(__file__).parents[3] / "docs/services/fake_cell.md"
ROW = re.compile(r"^\| `(Client|Index)\.(\w+)` \| (.*?) \|", re.MULTILINE)
CLOUD = {"wait_for_readiness", "inference_type", "storage_class", "number_of_shards", "number_of_replicas",
         "number_of_inferences"}  # fmt: skip
NOT_ASKED = {"index", "raise_error_for_cloud", "create"}  # no request of their own
PAGE_OF_LAMPS = {"limit": 5, "offset": 0, "show_highlights": True}
DOCUMENT = {"_id": "1", "title": "a lamp", "group": "g", "price": 1}
BY_PRICE = {"add_to_score": [{"field_name": "price", "weight": 0.1}]}
FACETS = {"fields": {"group": {"type": "string"}}}
HYBRID = {
    **PAGE_OF_LAMPS, "search_method": "HYBRID", "highlights": True, "device": "cpu", "filter_string": "group:g",
    "attributes_to_retrieve": ["title"], "hybrid_parameters": {"alpha": 0.5, "retrievalMethod": "disjunction"},
    "facets": FACETS, "track_total_hits": True, "language": "en", "rerank_depth": 5,
    "relevance_cutoff": {"method": "gap_detection"}, "collapse_fields": [{"name": "group"}], "ef_search": 100,
    "approximate": True, "approximate_threshold": 0.5, "text_query_prefix": "", "interpolation_method": "lerp",
    "media_download_headers": {"a": "b"}, "model_auth": {"hf": {"token": "x"}},
}  # fmt: skip
TENSOR = {
    **PAGE_OF_LAMPS, "q": {"lamp": 1.0}, "searchable_attributes": ["title"], "score_modifiers": BY_PRICE,
    "context": {"documents": {"ids": {"1": 1.0}, "parameters": {"excludeInputDocuments": False}}},
    "image_download_headers": {"a": "b"},
}  # fmt: skip
SETTINGS = {
    "type": "unstructured", "treat_urls_and_pointers_as_images": True, "treat_urls_and_pointers_as_media": True,
    "filter_string_max_length": 20, "model": "random/small", "normalize_embeddings": True,
    "text_preprocessing": {"splitLength": 2, "splitOverlap": 0, "splitMethod": "word"},
    "image_preprocessing": {"patchMethod": "simple"}, "audio_preprocessing": {"splitLength": 5, "splitOverlap": 1},
    "video_preprocessing": {"splitLength": 5, "splitOverlap": 1}, "vector_numeric_type": "bfloat16",
    "ann_parameters": {"spaceType": "angular", "parameters": {"efConstruction": 64, "m": 8}},
    "text_chunk_prefix": "p: ", "text_query_prefix": "q: ", "model_properties": {
        "name": "x", "dimensions": 32, "type": "random"}, "index_name": "inventory-made",
}  # fmt: skip
STRUCTURED = {"index_name": "inventory-structured", "type": "structured", "tensor_fields": ["a"],
              "all_fields": [{"name": "a", "type": "text"}]}  # fmt: skip
CALLS: dict[str, list[dict[str, Any]]] = {
    "Client.create_index": [SETTINGS, STRUCTURED, {"index_name": "inventory-dict", "settings_dict": {}}],
    "Client.get_index": [{"index_name": "inventory"}],
    "Client.get_indexes": [{}],
    "Client.delete_index": [{"index_name": "inventory-gone"}],
    "Index.add_documents": [
        {"documents": [DOCUMENT], "client_batch_size": 10, "device": "cpu", "tensor_fields": ["title"],
         "use_existing_tensors": True, "media_download_headers": {"a": "b"}, "text_chunk_prefix": "",
         "mappings": {"own": {"type": "custom_vector"}}, "model_auth": {"hf": {"token": "x"}}},
        {"documents": [DOCUMENT], "tensor_fields": ["title"], "image_download_headers": {"a": "b"}},
    ],
    "Index.update_documents": [{"documents": [{"_id": "1", "price": 2}], "client_batch_size": 5}],
    "Index.get_document": [{"document_id": "1", "expose_facets": True}],
    "Index.get_documents": [{"document_ids": ["1"], "expose_facets": False}],
    "Index.search": [
        {"q": "lamp", **HYBRID},
        TENSOR,
        {"q": "lamp", "search_method": "HYBRID", "sort_by": {"fields": [{"fieldName": "price"}]}},
    ],
    "Index.recommend": [
        {"documents": {"1": 1.0}, "tensor_fields": ["title"], "interpolation_method": "slerp",
         "exclude_input_documents": True, "searchable_attributes": ["title"], "filter_string": "price:[0 TO 9]",
         "attributes_to_retrieve": ["title"], "score_modifiers": BY_PRICE, "ef_search": 100, "approximate": True,
         "rerank_depth": 5, "allow_missing_documents": True, "allow_missing_embeddings": True, **PAGE_OF_LAMPS},
    ],
    "Index.embed": [
        {"content": ["lamp", {"vase": 1.0}], "device": "cpu", "media_download_headers": {"a": "b"},
         "model_auth": {"hf": {"token": "x"}}, "content_type": "document"},
        {"content": "lamp", "image_download_headers": {"a": "b"}},
    ],
    "Index.delete_documents": [{"ids": ["2"]}],
    "Index.get_stats": [{}],
    "Index.get_settings": [{}],
    "Index.health": [{}],
    "Index.get_loaded_models": [{}],
    "Index.get_cpu_info": [{}],
    "Index.get_marqo": [{}],
    "Index.eject_model": [{"model_name": "random/small"}],
    "Index.delete": [{}],
}  # fmt: skip
REFUSED: dict[str, list[tuple[dict[str, Any], int]]] = {  # as the server refuses it
    "Client.bulk_search": [({"queries": [{"index": "inventory", "q": "x"}], "device": "cpu"}, 404)],
    "Index.get_cuda_info": [({}, 400)],
    "Index.search": [({"q": "x", "reranker": "any"}, 400), ({"q": "x", "boost": {"title": [1]}}, 400)],
    "Index.recommend": [({"documents": ["1"], "reranker": "any"}, 400)],
}  # fmt: skip
NO_CLOUD = {"Index.get_status"}  # raised by the client itself


@pytest.fixture
def client(cell: Service) -> Iterator[Client]:
    made = Client(url=cell.url)
    made.create_index("inventory", settings_dict={"model": "random/small", "collapseFields": [{"name": "group"}]})
    made.index("inventory").add_documents([DOCUMENT], tensor_fields=["title"])
    yield made
    for name in ("inventory", "inventory-made", "inventory-structured", "inventory-dict"):
        made.delete_index(name)


def method_of(client: Client, name: str) -> Any:
    owner, _, method = name.partition(".")
    return getattr(client if owner == "Client" else client.index("inventory"), method)


def methods(client: Client) -> dict[str, set[str]]:
    """Parameters by name of the method, of all that ask something."""
    found = {}
    for owner, thing in (("Client", client), ("Index", client.index("inventory"))):
        for name, method in inspect.getmembers(thing, callable):
            if not name.startswith("_") and name not in NOT_ASKED and not inspect.isclass(method) and name != "http":
                found[f"{owner}.{name}"] = set(inspect.signature(method).parameters)
    return found


def test_no_method_and_no_parameter_is_left_out(client: Client) -> None:
    for name, parameters in methods(client).items():
        if name in NO_CLOUD:
            continue
        given = [*CALLS.get(name, ()), *(call for call, _ in REFUSED.get(name, ()))]
        assert given, f"{name} is not asked"
        asked = {parameter for call in given for parameter in call}
        assert parameters - asked - CLOUD == set(), name


@pytest.mark.parametrize("name", CALLS)
def test_the_cell_answers_it(client: Client, name: str) -> None:
    for call in CALLS[name]:
        told = method_of(client, name)(**call)
        for each in told if isinstance(told, list) else [told]:
            assert not (isinstance(each, dict) and each.get("errors")), told


@pytest.mark.parametrize("name", REFUSED)
def test_the_cell_refuses_it_as_the_server_does(client: Client, name: str) -> None:
    for call, status in REFUSED[name]:
        with pytest.raises(MarqoWebError) as met:
            method_of(client, name)(**call)
        assert met.value.status_code == status, met.value.message


def test_the_page_lists_all_of_it(client: Client) -> None:
    rows = {f"{owner}.{name}": cell for owner, name, cell in ROW.findall(PAGE.read_text(encoding="utf-8"))}
    for name, parameters in methods(client).items():
        listed = set(re.findall(r"`(\w+)`", rows.get(name, "")))
        assert listed == parameters - CLOUD, name
    assert rows.keys() == methods(client).keys()
