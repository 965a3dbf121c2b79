"""Each code that the client can meet, provoked through the client; the table of the page is this table."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.services.client import Client, MarqoWebError, codes_of
from tests.services.conftest import Service
from tests.services.fake_cell.wordings import OURS, WORDS

PAGE = Path(__file__).parents[3] / "docs/cell-errors.md"
ROW = re.compile(r"^\| `(\w+)` \| (\d{3}) \| (\w+) \|", re.MULTILINE)
DOCUMENT = {"_id": "1", "title": "a lamp"}
MODIFIED = {"add_to_score": [{"field_name": "_id"}]}
CONTEXT = {"tensor": [{"vector": [1.0], "weight": 1}]}

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:marqo")


@dataclass(frozen=True)
class Provoked:
    """What is asked of the client, and what it raises."""

    code: str | None
    status: int
    why: str
    ask: Callable[[Client], object]
    kind: str | None = "invalid_request"


def add(client: Client, **more: Any) -> object:
    return client.index("errors").add_documents([DOCUMENT], **{"tensor_fields": ["title"], **more})


def search(client: Client, q: Any = "lamp", **more: Any) -> object:
    return client.index("errors").search(q, **more)


def create(client: Client, name: str = "errors-made", **settings: Any) -> object:
    return client.create_index(name, settings_dict=settings)


def recommend(client: Client, documents: Any, **more: Any) -> object:
    return client.index("errors").recommend(documents, **more)


def of_structured(client: Client, **more: Any) -> object:
    return client.index("errors-structured").search("x", **more)


def overlapping(client: Client) -> object:
    create(client, "errors-overlap", textPreprocessing={"splitLength": 1, "splitOverlap": 1})
    try:
        return client.index("errors-overlap").add_documents([DOCUMENT], tensor_fields=["title"])
    finally:
        client.delete_index("errors-overlap")


def faulty(client: Client, **fault: Any) -> object:
    client.http.post("__fake/faults", body={**fault, "path": "/models"})
    return client.index("errors").get_loaded_models()


FAULTS = [
    ("operation_conflict_error", 409, "invalid_request"),
    ("too_many_requests", 429, "invalid_request"),
    ("vector_store_timeout", 504, "invalid_request"),
    ("service_unavailable", 503, "service_unavailable"),
    ("backend_communication_error", 400, "internal"),
    ("backend_data_parsing_error", 500, "internal"),
    ("internal", 500, "internal"),
]
UNSTRUCTURED_ALONE: dict[str, Any] = {
    "facets": {"fields": {"name": {"type": "string"}}},
    "track_total_hits": True,
    "sort_by": {"fields": [{"fieldName": "name"}]},
    "relevance_cutoff": {"method": "gap_detection"},
    "collapse_fields": [{"name": "name"}],
}
INVALID: list[tuple[str, Callable[[Client], object]]] = [
    ("a name that no index can have", lambda c: create(c, "1st")),
    ("a setting of the other kind of index", lambda c: create(c, allFields=[], type="unstructured")),
    ("a part of a structured index that is missing", lambda c: create(c, type="structured")),
    ("both kinds of headers", lambda c: add(c, image_download_headers={"a": "b"}, media_download_headers={"a": "b"})),
    ("mappings that cannot be", lambda c: add(c, mappings={"title": {"type": "sideways"}})),
    ("a combination that is no tensor field",
     lambda c: add(c, mappings={"both": {"type": "multimodal_combination", "weights": {"title": 1}}})),
    ("a filter that cannot be read", lambda c: search(c, filter_string="color:red AND")),
    ("an unknown model", lambda c: create(c, model="nobody/made-this")),
    ("properties of a model without dimensions", lambda c: create(c, modelProperties={"type": "hf"})),
    ("authentication for a model by no way", lambda c: search(c, model_auth={})),
    ("authentication for a model by two ways", lambda c: add(c, model_auth={"s3": {}, "hf": {"token": "x"}})),
    ("no query at all, in an object", lambda c: search(c, {})),
    ("a weighed query by words", lambda c: search(c, {"lamp": 1.0}, search_method="LEXICAL")),
    ("a weighed query by both", lambda c: search(c, {"lamp": 1.0}, search_method="HYBRID")),
    ("context beside a text", lambda c: search(c, "lamp", context=CONTEXT)),
    ("context of another dimension", lambda c: search(c, {"lamp": 1.0}, context=CONTEXT)),
    ("context of nothing", lambda c: search(c, {"lamp": 1.0}, context={})),
    ("context of documents that are not there",
     lambda c: search(c, {"lamp": 1.0}, context={"documents": {"ids": {"none": 1}}})),
    ("modifiers of `_id`", lambda c: search(c, score_modifiers=MODIFIED)),
    ("modifiers of nothing", lambda c: search(c, score_modifiers={})),
    ("boosts by words", lambda c: search(c, search_method="LEXICAL", boost={"title": [1.0]})),
    ("a device that there is not", lambda c: search(c, device="tpu")),
    ("CONTAINS of a field that is no text", lambda c: search(c, filter_string="color CONTAINS red")),
    ("CONTAINS of a structured index", lambda c: of_structured(c, filter_string="_id CONTAINS red")),
    ("efSearch by words", lambda c: search(c, search_method="LEXICAL", ef_search=10)),
    ("efSearch of 0", lambda c: search(c, ef_search=0)),
    ("approximate by words", lambda c: search(c, search_method="LEXICAL", approximate=True)),
    ("a reranker", lambda c: search(c, reranker="any", searchable_attributes=["title"])),
    ("IN of another field than `_id`", lambda c: search(c, filter_string="color IN (red)")),
    ("attributes of a hybrid search", lambda c: search(c, search_method="HYBRID", searchable_attributes=["title"])),
    ("a collapse field that the index has not",
     lambda c: search(c, search_method="HYBRID", collapse_fields=[{"name": "title"}])),
    ("no documents to recommend by", lambda c: recommend(c, [])),
    ("documents of no weight", lambda c: recommend(c, {"1": 0})),
    ("documents that are not there", lambda c: recommend(c, ["none"])),
    ("documents without vectors", lambda c: recommend(c, ["bare"])),
    ("an empty list of ids", lambda c: c.index("errors").get_documents([])),
    ("too many ids to delete", lambda c: c.index("errors").delete_documents(["x"] * 10_001)),
    ("media that cannot be fetched", lambda c: c.index("errors-media").search("https://shop.invalid/a.png")),
    ("tensor fields of a structured index",
     lambda c: c.index("errors-structured").add_documents([DOCUMENT], tensor_fields=["name"])),
]  # fmt: skip
UNPROCESSABLE: list[tuple[str, Callable[[Client], object]]] = [
    ("an unknown setting", lambda c: create(c, nonsense=1)),
    ("a setting in snake case", lambda c: create(c, split_length=1)),
    ("a word that is none of those known", lambda c: create(c, vectorNumericType="double")),
    ("pieces of no length", lambda c: create(c, textPreprocessing={"splitLength": 0})),
    ("no query", lambda c: search(c, None)),
    ("no query by both", lambda c: search(c, None, search_method="HYBRID")),
    ("weights that are no numbers", lambda c: search(c, {"lamp": "much"})),
    ("a kind of search that there is not", lambda c: search(c, search_method="GUESS")),
    ("a filter of the wrong type", lambda c: search(c, filter_string=[1])),
    ("a limit of the wrong type", lambda c: search(c, limit="ten")),
    ("facets of a search that is not hybrid", lambda c: search(c, facets={"fields": {"a": {"type": "string"}}})),
    ("sortBy of a search that is not hybrid", lambda c: search(c, sort_by={"fields": [{"fieldName": "a"}]})),
    ("a total of a search that is not hybrid", lambda c: search(c, track_total_hits=True)),
    ("hybrid parameters of another search", lambda c: search(c, hybrid_parameters={"alpha": 0.5})),
    ("a cut-off without its parameter",
     lambda c: search(c, search_method="HYBRID", relevance_cutoff={"method": "mean_std_dev"})),
    ("alpha above 1", lambda c: search(c, search_method="HYBRID", hybrid_parameters={"alpha": 2})),
    ("methods that do not go together",
     lambda c: search(c, search_method="HYBRID", hybrid_parameters={"retrievalMethod": "tensor"})),
    ("rerankDepth by words", lambda c: search(c, search_method="LEXICAL", rerank_depth=1)),
    ("a language by meaning", lambda c: search(c, language="en")),
    ("a threshold above 1", lambda c: search(c, approximate_threshold=2.0)),
    ("an unknown interpolation", lambda c: search(c, {"lamp": 1}, interpolation_method="line")),
    ("weights to embed that are no numbers", lambda c: c.index("errors").embed({"lamp": "much"})),
    ("nothing to embed", lambda c: c.index("errors").embed([])),
    ("a kind of content that there is not", lambda c: c.index("errors").embed("x", content_type="picture")),
    ("a patch method that there is not", lambda c: create(c, imagePreprocessing={"patchMethod": "overlap"})),
    ("documents that are no list", lambda c: c.index("errors").add_documents({"_id": "1"}, tensor_fields=[])),
]  # fmt: skip
CASES = [
    *(Provoked("invalid_argument", 400, why, ask) for why, ask in INVALID),
    *(Provoked("unprocessable_entity", 422, why, ask) for why, ask in UNPROCESSABLE),
    Provoked("bad_request", 400, "an empty batch", lambda c: c.index("errors").add_documents([], tensor_fields=[])),
    Provoked("bad_request", 400, "an empty update", lambda c: c.index("errors").update_documents([])),
    Provoked("bad_request", 400, "a batch too large", lambda c: c.index("errors").update_documents([DOCUMENT] * 129)),
    Provoked("bad_request", 400, "no tensor fields", lambda c: c.index("errors").add_documents([DOCUMENT])),
    Provoked("bad_request", 400, "`_id` as a tensor field", lambda c: add(c, tensor_fields=["_id"])),
    Provoked("bad_request", 400, "weights that cancel each other", lambda c: search(c, {"a": 1, "A": -1})),
    *(
        Provoked(
            "bad_request",
            400,
            f"{name} of a structured index",
            partial(of_structured, search_method="HYBRID", **{name: value}),
        )
        for name, value in UNSTRUCTURED_ALONE.items()
    ),
    Provoked(
        "bad_request",
        400,
        "a language of a structured index",
        lambda c: of_structured(c, search_method="LEXICAL", language="en"),
    ),
    Provoked("bad_request", 400, "text for no_model", lambda c: c.index("errors-no-model").search("lamp")),
    Provoked("invalid_document_id", 400, "no ids to delete", lambda c: c.index("errors").delete_documents([])),
    Provoked("invalid_document_id", 400, "an id that is none", lambda c: c.index("errors").delete_documents([""])),
    Provoked("invalid_document_id", 400, "an id that is no text", lambda c: c.index("errors").delete_documents([1])),
    Provoked("invalid_field_name", 400, "a name with a slash", lambda c: search(c, searchable_attributes=["a/b"])),
    Provoked(
        "invalid_field_name",
        400,
        "a field that a structured index has not",
        lambda c: c.index("errors-structured").search("x", filter_string="color:red"),
    ),
    Provoked("illegal_requested_doc_count", 400, "a limit of 0", lambda c: search(c, limit=0)),
    Provoked("illegal_requested_doc_count", 400, "a limit above 1,000", lambda c: search(c, limit=1001)),
    Provoked("illegal_requested_doc_count", 400, "a page too far", lambda c: search(c, offset=9999)),
    Provoked("illegal_requested_doc_count", 400, "an offset below 0", lambda c: search(c, offset=-1)),
    Provoked(
        "illegal_requested_doc_count",
        400,
        "more than ten documents of context",
        lambda c: search(c, {"lamp": 1.0}, context={"documents": {"ids": dict.fromkeys(map(str, range(11)), 1)}}),
    ),
    Provoked(
        "illegal_requested_doc_count", 400, "too many ids", lambda c: c.index("errors").get_documents(["x"] * 10_001)
    ),
    Provoked("hardware_compatability_error", 400, "a search on cuda", lambda c: search(c, device="cuda:1")),
    Provoked("hardware_compatability_error", 400, "cuda's figures", lambda c: c.index("errors").get_cuda_info()),
    Provoked("index_not_found", 404, "an unknown index", lambda c: c.index("errors-none").get_stats()),
    Provoked("document_not_found", 404, "an unknown document", lambda c: c.index("errors").get_document("none")),
    Provoked("model_not_in_cache", 404, "a model not loaded", lambda c: c.index("errors").eject_model("none")),
    Provoked("index_already_exists", 409, "a name that is taken", lambda c: create(c, "errors")),
    Provoked(
        "payload_too_large",
        413,
        "a request of more than 64 MiB",
        lambda c: search(c, "x" * (64 * 2**20 + 1)),
    ),
    Provoked("not_found", 404, "a path that there is not", lambda c: c.http.get("nowhere")),
    Provoked("method_not_allowed", 405, "a method that a path has not", lambda c: c.http.put("models", body={})),
    Provoked("invalid_argument", 400, "pieces that overlap as much as they are long", lambda c: overlapping(c)),
    Provoked("invalid_argument", 400, "boosts", lambda c: search(c, boost={"title": [1.0]})),
    Provoked(
        "invalid_argument",
        400,
        "a language for a field of a structured index",
        lambda c: c.index("errors-structured").add_documents(
            [DOCUMENT], mappings={"name": {"type": "text_field", "language": "en"}}
        ),
    ),
    Provoked("injected_fault", 503, "a fault that was asked for", lambda c: faulty(c, status=503), kind="internal"),
    *(
        Provoked(code, status, f"{code} of the server", partial(faulty, code=code), kind=kind)
        for code, status, kind in FAULTS
    ),
]


@pytest.fixture(scope="module")
def client(cell: Service) -> Iterator[Client]:
    made = Client(url=cell.url)
    made.create_index("errors", model="random/small")
    made.create_index("errors-media", model="open_clip/ViT-B-32/openai", treat_urls_and_pointers_as_images=True)
    properties = {"dimensions": 4, "type": "no_model"}
    made.create_index("errors-no-model", settings_dict={"model": "no_model", "modelProperties": properties})
    fields = [{"name": "name", "type": "text", "features": ["lexical_search"]}]
    structured = {"type": "structured", "allFields": fields, "tensorFields": ["name"], "model": "random/small"}
    made.create_index("errors-structured", settings_dict=structured)
    made.index("errors").add_documents([DOCUMENT, {"_id": "bare"}], tensor_fields=["title"])
    yield made
    for name in ("errors", "errors-media", "errors-no-model", "errors-structured"):
        made.delete_index(name)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.code}: {case.why}")
def test_the_client_meets_it(client: Client, case: Provoked) -> None:
    with pytest.raises(MarqoWebError) as met:
        case.ask(client)
    assert codes_of(met.value) == (case.status, case.code, case.kind)
    told = met.value.message
    assert WORDS.get(case.why, "") in told["message"], told
    assert "Traceback" not in str(told)


def test_the_words_of_the_server_are_held_in_every_case() -> None:
    assert {case.why for case in CASES} == WORDS.keys() | OURS


def test_a_server_that_is_not_there_is_told_as_that() -> None:
    nobody = Client(url="http://127.0.0.1:9")
    with pytest.raises(Exception, match="Error communicating with Marqo") as met:
        nobody.get_indexes()
    assert codes_of(met.value)[1:] == ("backend_communication_error", "internal")


def test_the_page_has_every_code_that_was_provoked_and_no_other() -> None:
    told = {(code, int(status), kind) for code, status, kind in ROW.findall(PAGE.read_text(encoding="utf-8"))}
    provoked = {(str(case.code), case.status, str(case.kind)) for case in CASES}
    in_items = {
        ("doc_too_large", 400, "item"),
        ("invalid_argument", 400, "item"),
        ("invalid_document_id", 400, "item"),
        ("vespa_error", 400, "item"),
    }
    assert told == provoked | in_items | {("invalid_field_name", 400, "item")}
