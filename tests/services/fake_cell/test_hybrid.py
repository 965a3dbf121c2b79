"""Both kinds of search together, through the published client: every way to retrieve, rank, weigh, cut and order."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from hippodrome.services.fake_cell.cutoff import Cutoff
from tests.services.client import Client, MarqoWebError, codes_of
from tests.services.conftest import Service

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:marqo")

COLOURS = ("red", "blue", "green")
KINDS = ("lamp", "vase", "chair", "table")
DOCUMENTS: list[dict[str, Any]] = [
    {
        "_id": f"{number:02}",
        "title": f"{COLOURS[number % 3]} {KINDS[number % 4]} number{number}",
        "note": "sale" if number % 5 == 0 else "plain",
        "color": COLOURS[number % 3],
        "price": float(number),
        "parent": f"p{number // 3}",
        "stock": {"berlin": number},
    }
    for number in range(48)
]
DISJUNCTION, RRF = "disjunction", "rrf"
WAYS = [(DISJUNCTION, RRF), *((one, other) for one in ("tensor", "lexical") for other in ("tensor", "lexical"))]


@pytest.fixture(scope="module")
def client(cell: Service) -> Iterator[Client]:
    made = Client(url=cell.url)
    made.create_index("hybrid", settings_dict={"model": "random/medium", "collapseFields": [{"name": "parent"}]})
    made.index("hybrid").add_documents(
        [*DOCUMENTS, {"_id": "bare", "note": "lamp", "parent": "bare"}], tensor_fields=["title"]
    )
    yield made
    made.delete_index("hybrid")


def search(client: Client, q: Any = "red lamp", **more: Any) -> dict[str, Any]:
    how = {"search_method": "HYBRID", "limit": 100, **more}
    told: dict[str, Any] = client.index("hybrid").search(q, **how)
    return told


def ids(told: dict[str, Any]) -> list[str]:
    return [hit["_id"] for hit in told["hits"]]


@pytest.mark.parametrize(("retrieval", "ranking"), WAYS)
def test_every_way_finds_what_it_retrieves_in_the_order_of_its_ranking(
    client: Client, retrieval: str, ranking: str
) -> None:
    how = {"retrievalMethod": retrieval, "rankingMethod": ranking}
    told = search(client, hybrid_parameters=how)
    by_words, by_meaning = (search(client, search_method=method) for method in ("LEXICAL", "TENSOR"))
    retrieved = {"lexical": set(ids(by_words)), "tensor": set(ids(by_meaning))}
    wanted = retrieved.get(retrieval, retrieved["lexical"] | retrieved["tensor"])
    assert set(ids(told)) == wanted
    assert [hit["_score"] for hit in told["hits"]] == sorted((hit["_score"] for hit in told["hits"]), reverse=True)
    if ranking != RRF:
        ranked = ids(by_words if ranking == "lexical" else by_meaning)
        among = [name for name in ids(told) if name in ranked]
        assert among == [name for name in ranked if name in wanted]
    assert told == {**search(client, hybrid_parameters=how), "processingTimeMs": told["processingTimeMs"]}


@pytest.mark.parametrize(("alpha", "k"), [(0.0, 60), (0.3, 60), (1.0, 60), (0.5, 0), (0.5, 1)])
def test_the_fused_score_is_of_both_ranks(client: Client, alpha: float, k: int) -> None:
    told = search(client, hybrid_parameters={"alpha": alpha, "rrfK": k})
    ranks = {
        leg: {name: place for place, name in enumerate(ids(search(client, search_method=leg)), start=1)}
        for leg in ("TENSOR", "LEXICAL")
    }
    for hit in told["hits"]:
        shares = [
            1 / (ranks[leg][hit["_id"]] + k) if hit["_id"] in ranks[leg] else 0 for leg in ("TENSOR", "LEXICAL")
        ]
        assert hit["_score"] == pytest.approx(alpha * shares[0] + (1 - alpha) * shares[1])
        assert ("_tensor_score" in hit) == (hit["_id"] in ranks["TENSOR"])
        assert ("_lexical_score" in hit) == (hit["_id"] in ranks["LEXICAL"])
        assert bool(hit["_highlights"]) == ("_tensor_score" in hit)


def test_each_side_has_its_own_query_fields_modifiers_and_depth(client: Client) -> None:
    own = {"queryTensor": {"blue vase": 1.0, "red": -0.2}, "queryLexical": "sale"}
    told = search(client, None, hybrid_parameters=own)
    assert {hit["_id"] for hit in told["hits"] if "_lexical_score" in hit} == {
        each["_id"] for each in DOCUMENTS if each["note"] == "sale"
    }
    fields = {"searchableAttributesLexical": ["note"], "searchableAttributesTensor": ["title"]}
    assert [
        hit["_id"] for hit in search(client, "lamp", hybrid_parameters=fields)["hits"] if "_lexical_score" in hit
    ] == ["bare"]
    cut = search(client, hybrid_parameters={"rerankDepthLexical": 2, "rerankDepthTensor": 3})
    assert 3 <= len(cut["hits"]) <= 5
    by_price = {"add_to_score": [{"field_name": "price", "weight": 100}]}
    weighed = search(client, hybrid_parameters={"scoreModifiersTensor": by_price, "scoreModifiersLexical": by_price})
    assert ids(weighed)[0] == max(name for name in ids(search(client, search_method="LEXICAL")) if name != "bare")


def test_modifiers_of_the_whole_act_down_to_the_depth_of_reranking(client: Client) -> None:
    how = {"multiply_score_by": [{"field_name": "stock.berlin", "weight": "2"}], "add_to_score": [
        {"field_name": "price"}, {"field_name": "absent", "weight": 9}]}  # fmt: skip
    plain = search(client)
    first = [hit["_id"] for hit in plain["hits"][:5]]
    reranked = search(client, score_modifiers=how, rerank_depth=5)
    assert set(ids(reranked)[:5]) == set(first)
    assert ids(reranked)[5:] == ids(plain)[5:]
    before = {hit["_id"]: hit["_score"] for hit in plain["hits"]}
    for hit in reranked["hits"][:5]:
        price = hit["price"]
        assert hit["_score"] == pytest.approx(before[hit["_id"]] * price * 2 + price)
    assert set(ids(search(client, score_modifiers=how))) == set(before)
    nearest = search(client, search_method="TENSOR", rerank_depth=4)
    assert ids(nearest) == ids(search(client, search_method="TENSOR"))[:4]


@pytest.mark.parametrize(
    ("cutoff", "scores", "count"),
    [
        (Cutoff("gap_detection"), [], 0),
        (Cutoff("gap_detection"), [1.0], 1),
        (Cutoff("gap_detection"), [1.0, 0.9, 0.8, 0.3, 0.2, 0.1], 3),
        (Cutoff("gap_detection"), [1.0, 0.5, 0.4, 0.1], 1),
        (Cutoff("mean_std_dev", 1.0), [1.0, 0.8, 0.6, 0.4, 0.2], 1),
        (Cutoff("mean_std_dev", 0.1), [1.0, 0.9, 0.8, 0.7, 0.6], 2),
        (Cutoff("mean_std_dev", 3.0), [0.5, 0.4, 0.3, 0.2, 0.1], 0),
        (Cutoff("relative_max_score", 0.8), [100.3, 93.2, 80.1, 50.0, 30.0], 2),
        (Cutoff("relative_max_score", 0.1), [1.0, 0.8, 0.6, 0.4, 0.2], 5),
        (Cutoff("relative_max_score", 1.0), [1.0, 0.8, 0.6], 1),
        (Cutoff("relative_max_score", 0.1, depth=2), [1.0, 0.8, 0.6], 2),
    ],
)
def test_relevant_hits_end_where_the_scores_say(cutoff: Cutoff, scores: list[float], count: int) -> None:
    assert cutoff.count(np.array(scores)) == count


def test_a_cut_off_leaves_as_many_as_a_search_by_words_finds_relevant(client: Client) -> None:
    how: dict[str, Any] = {"method": "relative_max_score", "parameters": {"relativeScoreFactor": 0.9}}
    probe = [hit["_score"] for hit in search(client, search_method="LEXICAL")["hits"]]
    relevant = sum(score >= 0.9 * probe[0] for score in probe)
    assert 0 < relevant < len(probe)
    facets = {"fields": {"color": {"type": "string"}}}
    cut = search(client, relevance_cutoff=how, track_total_hits=True, facets=facets)
    assert len(cut["hits"]) == relevant
    assert cut["totalHits"] == 49
    counted = search(client, relevance_cutoff={**how, "affectFacets": True}, track_total_hits=True, facets=facets)
    assert counted["totalHits"] == relevant
    assert sum(each["count"] for each in counted["facets"]["color"].values()) <= relevant
    tensor = search(client, relevance_cutoff={**how, "applyInRetrieval": "tensor"}, hybrid_parameters={
        "retrievalMethod": DISJUNCTION})  # fmt: skip
    assert set(ids(search(client, search_method="LEXICAL"))) <= set(ids(tensor))


def test_a_facet_may_leave_out_terms_of_the_filter(client: Client) -> None:
    facets = {
        "fields": {
            "color": {"type": "string", "excludeTerms": ["color:red"]},
            "note": {"type": "string", "maxResults": 1, "order": "asc"},
        }
    }
    told = search(client, filter_string="color:red AND price:[0 TO 11]", facets=facets)
    assert {name: each["count"] for name, each in told["facets"]["color"].items()} == {
        "red": 4,
        "blue": 4,
        "green": 4,
    }
    assert told["facets"]["note"] == {"sale": {"count": 1}}
    assert {hit["color"] for hit in told["hits"]} == {"red"}
    few = search(client, facets={"fields": {"color": {"type": "string"}}, "maxDepth": 7})
    assert sum(each["count"] for each in few["facets"]["color"].values()) <= 7
    for how in ({"filter_string": "color:blue"}, {}):
        with pytest.raises(MarqoWebError) as met:
            search(client, facets=facets, **how)
        assert codes_of(met.value)[:2] == (422, "unprocessable_entity")


def test_a_group_is_shown_by_its_best_or_by_what_it_is_sorted_by(client: Client) -> None:
    best = search(client, collapse_fields=[{"name": "parent"}])
    groups = [hit.get("parent") for hit in best["hits"]]
    assert sorted(map(str, groups)) == sorted([*{each["parent"] for each in DOCUMENTS}, "bare"])
    within = {"fields": [{"fieldName": "price", "order": "desc"}]}
    dearest = search(client, collapse_fields=[{"name": "parent", "sortBy": within}])
    assert [hit.get("parent") for hit in dearest["hits"]] == groups
    prices = {each["parent"]: each["price"] for each in DOCUMENTS}  # the last of each is its dearest
    assert all(hit["price"] == prices[hit["parent"]] for hit in dearest["hits"] if hit["_id"] != "bare")
    ended = {**within, "disableIfMainSortByFields": ["price"]}
    by_price = {"fields": [{"fieldName": "price", "order": "asc"}]}
    cheapest = search(client, sort_by=by_price, collapse_fields=[{"name": "parent", "sortBy": ended}], limit=1)
    assert cheapest["hits"][0]["price"] == 0


def test_only_so_many_hits_are_sorted(client: Client) -> None:
    plain = ids(search(client))
    by_price = {"fields": [{"fieldName": "price", "order": "asc"}], "sortDepth": 6}
    told = search(client, sort_by=by_price)
    assert ids(told)[6:] == plain[6:]
    assert set(ids(told)[:6]) == set(plain[:6])
    assert all(one["price"] <= other["price"] for one, other in pairwise(told["hits"][:6]))


@pytest.mark.parametrize("more", [{}, {"sort_by": {"fields": [{"fieldName": "color"}]}},
                                  {"collapse_fields": [{"name": "parent"}]}])  # fmt: skip
def test_pages_have_no_gaps_and_no_repeats(client: Client, more: dict[str, Any]) -> None:
    whole = ids(search(client, **more))
    pages = [ids(search(client, limit=7, offset=start, **more)) for start in range(0, len(whole) + 7, 7)]
    assert [name for page in pages for name in page] == whole
    assert len(whole) == len(set(whole))


def test_words_alone_need_no_model(client: Client) -> None:
    properties = {"dimensions": 4, "type": "no_model"}
    client.create_index("hybrid-words", settings_dict={"model": "no_model", "modelProperties": properties})
    index = client.index("hybrid-words")
    index.add_documents([{"_id": "1", "title": "a lamp"}], tensor_fields=[])
    by_words = {"retrievalMethod": "lexical", "rankingMethod": "lexical"}
    hits = index.search("lamp", search_method="HYBRID", hybrid_parameters=by_words)["hits"]
    assert [(hit["_id"], hit["_highlights"]) for hit in hits] == [("1", [])]
    client.delete_index("hybrid-words")


def test_what_is_said_of_the_search_for_the_nearest_changes_nothing(client: Client) -> None:
    plain = search(client, search_method="TENSOR")["hits"]
    for how in ({"ef_search": 10}, {"approximate": False}, {"approximate": True, "approximate_threshold": 0.5}):
        assert search(client, search_method="TENSOR", **how)["hits"] == plain
    assert search(client, language="en")["hits"] == search(client)["hits"]
