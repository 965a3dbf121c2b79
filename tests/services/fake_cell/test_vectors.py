"""What becomes a vector, and how: mappings, vectors brought along, media, prefixes, embed, recommend, models."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from tests.services.client import Client, MarqoWebError, codes_of
from tests.services.conftest import Service

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:marqo")

COMBINATION = {"both": {"type": "multimodal_combination", "weights": {"title": 0.3, "picture": 0.7}}}
VECTOR = {"own": {"type": "custom_vector"}}
SMALL = {"model": "random/small"}


@pytest.fixture
def client(cell: Service) -> Iterator[Client]:
    made = Client(url=cell.url)
    made.create_index("vectors", settings_dict=SMALL)
    yield made
    made.delete_index("vectors")


def vectors(client: Client, name: str, index: str = "vectors") -> dict[str, np.ndarray[Any, Any]]:
    """By field; of each its first."""
    facets = client.index(index).get_document(name, expose_facets=True)["_tensor_facets"]
    return {next(key for key in each if key != "_embedding"): np.array(each["_embedding"]) for each in facets[::-1]}


def embedded(client: Client, *texts: Any, index: str = "vectors", **more: Any) -> list[np.ndarray[Any, Any]]:
    return [np.array(each) for each in client.index(index).embed(list(texts), **more)["embeddings"]]


def test_a_combination_is_the_mean_of_its_parts_by_weight(client: Client) -> None:
    index, document = client.index("vectors"), {"_id": "1", "title": "red lamp", "picture": "a vase"}
    assert index.add_documents([document], tensor_fields=["both"], mappings=COMBINATION)["errors"] is False
    lamp, vase = embedded(client, "red lamp", "a vase")
    wanted = 0.3 * lamp + 0.7 * vase
    assert vectors(client, "1")["both"] == pytest.approx(wanted / np.linalg.norm(wanted), abs=1e-6)
    assert index.get_document("1") == document
    highlights = index.search("a vase")["hits"][0]["_highlights"]
    assert highlights == [{"both": '{"title": "red lamp", "picture": "a vase"}'}]


def test_a_combination_may_lack_parts_and_cannot_be_given(client: Client) -> None:
    index = client.index("vectors")
    told = index.add_documents(
        [{"_id": "part", "title": "x"}, {"_id": "none", "other": "x"}, {"_id": "given", "both": "x"},
         {"_id": "number", "title": 1}],
        tensor_fields=["both"], mappings=COMBINATION,
    )  # fmt: skip
    assert [item["status"] for item in told["items"]] == [200, 200, 400, 400]
    assert "conflicting" in told["items"][2]["message"]
    assert "must be strings" in told["items"][3]["message"]
    assert index.get_stats()["numberOfVectors"] == 1


def test_a_vector_brought_along_is_taken_as_it_is_and_found_by_its_content(client: Client) -> None:
    index, own = client.index("vectors"), [0.0, 3.0, 4.0] + [0.0] * 29
    document = {"_id": "1", "own": {"vector": own, "content": "brought along"}}
    assert index.add_documents([document], tensor_fields=["own"], mappings=VECTOR)["errors"] is False
    assert vectors(client, "1")["own"] == pytest.approx(np.array(own) / 5)
    assert index.get_document("1") == {"_id": "1", "own": "brought along"}
    assert index.search("brought", search_method="LEXICAL", filter_string="own:(brought along)")["hits"]
    hit = index.search({"customVector": {"vector": own, "content": "x"}})["hits"][0]
    assert hit["_score"] == pytest.approx(1.0, abs=1e-6)
    assert hit["_highlights"] == [{"own": "brought along"}]
    bare = index.add_documents([document], tensor_fields=[], mappings=VECTOR)["items"][0]
    assert "as a non-tensor field" in bare["message"]


def test_vectors_are_not_normalised_where_the_index_says_so(client: Client) -> None:
    settings = {**SMALL, "normalizeEmbeddings": False, "annParameters": {
        "spaceType": "euclidean", "parameters": {"efConstruction": 128, "m": 8}}}  # fmt: skip
    client.create_index("vectors-raw", settings_dict=settings)
    own = [2.0] + [0.0] * 31
    document = {"_id": "1", "own": {"vector": own}}
    client.index("vectors-raw").add_documents([document], tensor_fields=["own"], mappings=VECTOR)
    assert vectors(client, "1", "vectors-raw")["own"].tolist() == own
    far = {"customVector": {"vector": [5.0] + [0.0] * 31}}
    assert client.index("vectors-raw").search(far)["hits"][0]["_score"] == pytest.approx(1 / (1 + 3))
    client.delete_index("vectors-raw")


@pytest.mark.parametrize("space", ["angular", "dotproduct", "hamming", "geodegrees", "euclidean"])
def test_the_nearest_is_first_in_every_space(client: Client, space: str) -> None:
    ann = {"spaceType": space, "parameters": {"efConstruction": 128, "m": 8}}
    client.create_index(f"vectors-{space}", settings_dict={**SMALL, "annParameters": ann})
    index = client.index(f"vectors-{space}")
    texts = ["red lamp", "blue vase", "oak chair"]
    index.add_documents([{"_id": text, "title": text} for text in texts], tensor_fields=["title"])
    for text in texts:
        hits = index.search(text)["hits"]
        assert hits[0]["_id"] == text
        assert hits[0]["_highlights"] == [{"title": text}]
        assert [hit["_score"] for hit in hits] == sorted((hit["_score"] for hit in hits), reverse=True)
    client.delete_index(f"vectors-{space}")


def test_places_on_earth_are_as_far_apart_as_they_are(client: Client) -> None:
    ann = {"spaceType": "geodegrees", "parameters": {"efConstruction": 128, "m": 8}}
    own = {
        "model": "no_model",
        "modelProperties": {"dimensions": 2, "type": "no_model"},
        "normalizeEmbeddings": False,
    }
    client.create_index("vectors-earth", settings_dict={**own, "annParameters": ann})
    places = {"Berlin": [52.52, 13.405], "Paris": [48.8566, 2.3522], "Sydney": [-33.8688, 151.2093]}
    documents = [{"_id": name, "own": {"vector": place, "content": name}} for name, place in places.items()]
    client.index("vectors-earth").add_documents(documents, tensor_fields=["own"], mappings=VECTOR)
    hits = client.index("vectors-earth").search({"customVector": {"vector": places["Berlin"]}})["hits"]
    kilometres = {hit["_id"]: 1 / hit["_score"] - 1 for hit in hits}
    assert kilometres == pytest.approx({"Berlin": 0, "Paris": 877.5, "Sydney": 16089}, rel=1e-3, abs=0.1)
    assert hits[0]["_highlights"] == [{"own": "Berlin"}]
    client.delete_index("vectors-earth")


def test_existing_vectors_stay_where_the_text_does(client: Client) -> None:
    index, document = client.index("vectors"), {"_id": "1", "title": "red lamp", "note": "old"}
    index.add_documents([document], tensor_fields=["title", "note"])
    before = vectors(client, "1")
    changed = {**document, "note": "new"}
    how: dict[str, Any] = {"tensor_fields": ["title", "note"], "text_chunk_prefix": "prefix: "}
    index.add_documents([changed], use_existing_tensors=True, **how)
    after = vectors(client, "1")
    assert after["title"].tolist() == before["title"].tolist()
    assert after["note"].tolist() != before["note"].tolist()
    index.add_documents([changed], **how)
    assert vectors(client, "1")["title"].tolist() != before["title"].tolist()


def test_pictures_are_one_vector_and_those_that_are_not_there_are_refused(client: Client) -> None:
    media = {"treatUrlsAndPointersAsMedia": True, "model": "LanguageBind/Video_V1.5_FT_Audio_FT_Image"}
    client.create_index("vectors-media", settings_dict=media)
    index = client.index("vectors-media")
    address = "https://shop.test/One. Two. Three.png".replace(" ", "%20")
    documents = [
        {"_id": "picture", "media": address},
        {"_id": "film", "media": "https://shop.test/film.mp4"},
        {"_id": "sound", "media": "https://shop.test/sound.mp3"},
        {"_id": "text", "media": "One. Two. Three."},
        {"_id": "absent", "media": "https://shop.test/doesnt_exist.png"},
        {"_id": "nowhere", "media": "https://shop.invalid/a.png"},
    ]
    items = index.add_documents(documents, tensor_fields=["media"])["items"]
    assert [item["status"] for item in items] == [200, 200, 200, 200, 400, 400]
    assert all("Could not find media file" in item["message"] for item in items[4:])
    facets = index.get_document("film", expose_facets=True)["_tensor_facets"]
    assert facets[0]["media"] == "[0.0, 20.0]"
    assert index.get_stats()["numberOfVectors"] == 5
    client.delete_index("vectors-media")


def test_a_film_is_refused_by_a_model_that_sees_none(client: Client) -> None:
    client.create_index("vectors-clip", settings_dict={
        "treatUrlsAndPointersAsMedia": True, "model": "open_clip/ViT-B-32/openai"})  # fmt: skip
    film = {"_id": "1", "media": "https://shop.test/film.mp4"}
    item = client.index("vectors-clip").add_documents([film], tensor_fields=["media"])["items"][0]
    assert "does not support modality: video" in item["message"]
    client.delete_index("vectors-clip")


def test_embed_makes_the_vectors_that_a_search_uses(client: Client) -> None:
    settings = {**SMALL, "textQueryPrefix": "query: ", "textChunkPrefix": "passage: "}
    client.create_index("vectors-prefix", settings_dict=settings)
    index = client.index("vectors-prefix")
    index.add_documents([{"_id": "1", "title": "lamp"}], tensor_fields=["title"])
    stored = vectors(client, "1", "vectors-prefix")["title"]
    (document,) = embedded(client, "lamp", index="vectors-prefix", content_type="document")
    (query,) = embedded(client, "lamp", index="vectors-prefix")
    (plain,) = embedded(client, "lamp", index="vectors-prefix", content_type=None)
    assert stored.tolist() == document.tolist()
    assert len({tuple(each.tolist()) for each in (document, query, plain)}) == 3
    assert index.search("lamp")["hits"][0]["_score"] < 0.99
    assert index.search("lamp", text_query_prefix="passage: ")["hits"][0]["_score"] == pytest.approx(1.0, abs=1e-6)
    told = index.embed({"lamp": 2.0, "vase": -1.0}, device="cpu")
    assert told["content"] == {"lamp": 2.0, "vase": -1.0}
    assert np.linalg.norm(told["embeddings"][0]) == pytest.approx(1.0, abs=1e-5)
    client.delete_index("vectors-prefix")


def things(client: Client) -> Any:
    index = client.index("vectors")
    texts = {"lamp": "red lamp", "light": "red light", "vase": "blue vase", "glass": "blue glass", "oak": "oak chair"}
    documents = [{"_id": name, "title": text, "price": len(text)} for name, text in texts.items()]
    index.add_documents([*documents, {"_id": "bare"}], tensor_fields=["title"])
    return index


@pytest.mark.parametrize("method", [None, "lerp", "nlerp", "slerp"])
def test_what_is_recommended_is_like_what_was_named_and_not_that_itself(client: Client, method: Any) -> None:
    index = things(client)
    told = index.recommend(["lamp", "vase"], interpolation_method=method, limit=2, show_highlights=False)
    assert {hit["_id"] for hit in told["hits"]} == {"light", "glass"}
    assert "_highlights" not in told["hits"][0]
    weighed = index.recommend({"lamp": 1.0, "vase": 0.01}, exclude_input_documents=False, interpolation_method=method)
    assert weighed["hits"][0]["_id"] == "lamp"
    filtered = index.recommend(["lamp"], filter_string="price:[9 TO 9]", attributes_to_retrieve=["price"], offset=0)
    assert {hit["_id"] for hit in filtered["hits"]} == {"light", "vase", "oak"}


def test_missing_documents_and_vectors_may_be_allowed(client: Client) -> None:
    index = things(client)
    for bad in (["lamp", "none"], ["lamp", "bare"]):
        with pytest.raises(MarqoWebError) as met:
            index.recommend(bad)
        assert bad[1] in met.value.message["message"]
    told = index.recommend(["lamp", "none", "bare"], allow_missing_documents=True, allow_missing_embeddings=True)
    assert told["hits"][0]["_id"] == "light"


def test_a_search_is_moved_by_its_context(client: Client) -> None:
    index = things(client)
    blue = embedded(client, "blue vase")[0].tolist()
    moved = index.search({"red lamp": 0.1}, context={"tensor": [{"vector": blue, "weight": 1}]}, limit=1)
    assert moved["hits"][0]["_id"] == "vase"
    alone = index.search(context={"tensor": [{"vector": blue, "weight": 1}]}, limit=1)
    assert (alone["hits"][0]["_id"], alone["query"]) == ("vase", None)
    documents = {"ids": {"vase": 1.0}, "parameters": {"tensorFields": ["title"]}}
    personal = index.search({"chair": 0.2}, context={"documents": documents}, limit=1)
    assert personal["hits"][0]["_id"] == "glass"
    kept = {**documents, "parameters": {"excludeInputDocuments": False}}
    assert index.search({"chair": 0.2}, context={"documents": kept}, limit=1)["hits"][0]["_id"] == "vase"
    how = {"queryTensor": {"glass": 1.0}, "queryLexical": "glass"}
    both = index.search(search_method="HYBRID", hybrid_parameters=how, context={"documents": documents}, limit=1)
    assert both["hits"][0]["_id"] == "glass"
    still = index.search({"red lamp": 1.0}, context={"tensor": [{"vector": blue, "weight": 0}]}, limit=1)
    assert still["hits"][0]["_id"] == "lamp"


def test_models_are_loaded_by_use_and_ejected_by_name(client: Client) -> None:
    index = things(client)
    assert {"model_name": "random/small", "model_device": "cpu"}.items() <= next(
        each for each in index.get_loaded_models()["models"] if each["model_name"] == "random/small"
    ).items()
    assert index.eject_model("random/small")["message"].startswith("successfully eject")
    with pytest.raises(MarqoWebError) as met:
        index.eject_model("random/small")
    assert codes_of(met.value)[:2] == (404, "model_not_in_cache")


def test_the_machine_says_how_busy_it_is(client: Client) -> None:
    told = client.index("vectors").get_cpu_info()
    assert told.keys() == {"cpu_usage_percent", "memory_used_percent", "memory_used_gb"}
    assert told["cpu_usage_percent"].endswith(" %")


def test_telemetry_is_told_when_it_is_asked_for(cell: Service, client: Client) -> None:
    telling = Client(url=cell.url, return_telemetry=True)
    index = telling.index("vectors")
    added = index.add_documents([{"_id": "1", "title": "lamp"}], tensor_fields=["title"])
    assert all(taken >= 0 for taken in added["telemetry"]["timesMs"].values())
    assert "search.tensor.total" in index.search("lamp")["telemetry"]["timesMs"]
    assert index.get_document("1")["telemetry"] == {}
    assert index.delete_documents(["1"])["telemetry"] == {}
    with pytest.raises(MarqoWebError) as met:
        index.get_document("none")
    assert met.value.message["telemetry"] == {}
    assert "telemetry" not in client.index("vectors").search("lamp")
