"""Both kinds of search together, through the published client: every way to retrieve, rank, weigh, cut and order."""

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from hippodrome.services.fake_cell.cutoff import Cutoff
from hippodrome.services.fake_cell.documents import Document
from hippodrome.services.fake_cell.index import Index
from hippodrome.services.fake_cell.query import Hybrid, Query
from hippodrome.services.fake_cell.search import search as found_in
from hippodrome.services.fake_cell.settings import complete
from hippodrome.services.fake_cell.vectors import Wanted
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
    for leg, weight in (("TENSOR", alpha), ("LEXICAL", 1 - alpha)):
        if not weight:
            del ranks[leg]  # what has no weight finds nothing
    assert {hit["_id"] for hit in told["hits"]} == {name for leg in ranks.values() for name in leg}
    for hit in told["hits"]:
        shares = [
            1 / (ranks[leg][hit["_id"]] + k) if hit["_id"] in ranks.get(leg, ()) else 0
            for leg in ("TENSOR", "LEXICAL")
        ]
        assert hit["_score"] == pytest.approx(alpha * shares[0] + (1 - alpha) * shares[1])
        assert ("_tensor_score" in hit) == (hit["_id"] in ranks.get("TENSOR", ()))
        assert ("_lexical_score" in hit) == (hit["_id"] in ranks.get("LEXICAL", ()))
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
    legs = [ids(search(client, search_method=method))[:relevant] for method in ("TENSOR", "LEXICAL")]
    cut = search(client, relevance_cutoff=how, track_total_hits=True, facets=facets)
    assert set(ids(cut)) == {*legs[0], *legs[1]}
    assert cut["totalHits"] == 49
    steps = {
        "_relevantCandidates": relevant,
        "_probeCandidates": len(probe),
        "_postProcessCandidates": len(cut["hits"]),
    }
    assert steps.items() <= cut.items()
    counted = search(client, relevance_cutoff={**how, "affectFacets": True}, track_total_hits=True, facets=facets)
    assert counted["totalHits"] == relevant
    words = [hit.get("color") for hit in search(client, search_method="LEXICAL", limit=relevant)["hits"]]
    assert {name: each["count"] for name, each in counted["facets"]["color"].items()} == Counter(filter(None, words))
    own = search(client, relevance_cutoff={**how, "overrideTotalHitsWithPostProcessCandidates": True})
    assert own["totalHits"] == len(own["hits"]) == len(cut["hits"])
    tensor = search(client, relevance_cutoff={**how, "applyInRetrieval": "tensor"}, hybrid_parameters={
        "retrievalMethod": DISJUNCTION})  # fmt: skip
    assert set(ids(tensor)) == {*legs[0], *ids(search(client, search_method="LEXICAL"))}
    few = search(client, relevance_cutoff=how, limit=1)
    assert few["_postProcessCandidates"] == len({legs[0][0], legs[1][0]})
    every = search(client, relevance_cutoff={**how, "overrideLimitPlusOffset": True}, limit=1)
    assert every["_postProcessCandidates"] == len(cut["hits"])
    both = {**how, "lexicalOperand": "and"}
    assert search(client, relevance_cutoff=both)["_probeCandidates"] == sum(
        "red lamp" in each["title"] for each in DOCUMENTS
    )


@pytest.mark.parametrize(
    ("cutoff", "hybrid"),
    [
        ({"applyInRetrieval": "tensor", "overrideSortCandidatesWithRelevantCandidates": True}, {"alpha": 0.5}),
        ({"applyInRetrieval": "both"}, None),
        ({"lexicalOperand": "xor"}, {"alpha": 0.5}),
        ({"applyInRetrieval": "both"}, {"retrievalMethod": "tensor", "rankingMethod": "tensor"}),
    ],
)
def test_a_cut_off_that_cannot_be_is_refused(client: Client, cutoff: Any, hybrid: Any) -> None:
    with pytest.raises(MarqoWebError) as met:
        search(client, relevance_cutoff={"method": "gap_detection", **cutoff}, hybrid_parameters=hybrid)
    assert codes_of(met.value)[:2] == (422, "unprocessable_entity")


def test_candidates_are_sorted_and_score_by_their_place(client: Client) -> None:
    by_price = {"fields": [{"fieldName": "price", "order": "asc"}]}
    legs = [ids(search(client, search_method=method)) for method in ("TENSOR", "LEXICAL")]
    for start, most in ((0, 6), (8, 10)):
        drawn = {*legs[0][:most], *legs[1][:most]}
        told = search(client, sort_by=by_price, track_total_hits=True, limit=2, offset=start)
        assert (told["_sortCandidates"], told["_postProcessCandidates"], told["totalHits"]) == (
            len(drawn),
            len(drawn),
            49,
        )
        prices = sorted(drawn - {"bare"}, key=int)
        assert ids(told) == prices[start : start + 2]
        assert [hit["_score"] for hit in told["hits"]] == [1 / (start + 1), 1 / (start + 2)]
    wider = search(client, sort_by={**by_price, "minSortCandidates": 40}, limit=2)
    assert wider["_sortCandidates"] == len({*legs[0][:40], *legs[1][:40]})
    cutoff = {"method": "gap_detection", "overrideSortCandidatesWithRelevantCandidates": True}
    cut = search(client, sort_by=by_price, relevance_cutoff=cutoff)
    assert len(cut["hits"]) == cut["_sortCandidates"] == cut["_relevantCandidates"]
    grouped = search(client, sort_by=by_price, limit=2, collapse_fields=[{"name": "parent"}])
    assert grouped["_sortCandidates"] < len({*legs[0], *legs[1]})
    assert (
        search(client, sort_by={"fields": [{"fieldName": "note"}]}, limit=20)["hits"][0]["_id"]
        == ids(search(client))[0]
    )


def test_a_search_by_both_tells_what_it_has_in_hand_for_the_page(client: Client) -> None:
    legs = [ids(search(client, search_method=method)) for method in ("TENSOR", "LEXICAL")]
    told = search(client, limit=5, offset=5)
    assert told["_postProcessCandidates"] == len({*legs[0][5:10], *legs[1][5:10]})
    by_words = search(client, limit=5, hybrid_parameters={"retrievalMethod": "lexical", "rankingMethod": "lexical"})
    assert by_words["_postProcessCandidates"] == 5
    assert "_postProcessCandidates" not in search(client, search_method="TENSOR")
    modified = search(client, score_modifiers={"add_to_score": [{"field_name": "price"}]}, limit=60)
    before = {hit["_id"]: hit["_score"] for hit in search(client)["hits"]}
    assert {hit["_id"]: hit["_pre_rerank_score"] for hit in modified["hits"]} == pytest.approx(before)


def test_no_more_than_ten_thousand_hits_are_told_in_total() -> None:
    index = Index("many", complete({"model": "random/small"}))
    for number in range(10_001):
        index.table.add(Document(str(number), {}, (), np.zeros((0, 32), dtype=np.float32)))
    by_words = Hybrid(retrieval="lexical", ranking="lexical")
    query = Query("*", Wanted(None), "*", method="HYBRID", hybrid=by_words, has_total=True)
    assert found_in(index, query).total == 10_000


def test_only_what_is_retrieved_is_told_of_a_hit(client: Client) -> None:
    for fields, highlights, scores in (
        (["price"], [], set[str]()),
        (["title", "_lexical_score"], [{"title": "red lamp number12"}], {"_lexical_score"}),
    ):
        hit = search(client, attributes_to_retrieve=fields, limit=1)["hits"][0]
        assert (hit["_id"], hit["_highlights"]) == ("12", highlights)
        assert {name for name in hit if name.endswith("_score")} == {"_score", *scores}
    nearest = search(client, "red lamp number12", search_method="TENSOR", attributes_to_retrieve=["price"], limit=1)
    assert nearest["hits"][0]["_highlights"] == []


VECTOR = {"customVector": {"vector": [1.0] * 128}}
CONTEXT = {"tensor": [{"vector": [1.0] * 128, "weight": 1}]}
LEXICAL = {"retrievalMethod": "lexical", "rankingMethod": "lexical"}
TENSOR = {"retrievalMethod": "tensor", "rankingMethod": "tensor"}


@pytest.mark.parametrize(
    ("q", "how", "more", "word"),
    [
        (None, {}, {"context": CONTEXT}, "must be present when 'disjunction'"),
        (None, {"queryTensor": "x"}, {}, "must be present when 'disjunction'"),
        (VECTOR, {}, {}, "must be present when 'disjunction'"),
        ("x", {}, {"context": CONTEXT}, "Cannot use 'context'"),
        (None, {"queryTensor": "x", "queryLexical": "x"}, {"context": CONTEXT}, "Cannot use 'context'"),
        (None, {"queryTensor": "x", **LEXICAL}, {}, "'hybridParameters.queryTensor' cannot be provided"),
        (None, {"queryLexical": "x", **TENSOR}, {}, "'hybridParameters.queryLexical' cannot be provided"),
        (None, LEXICAL, {"context": CONTEXT}, "Query cannot be 'None'"),
        (None, {"queryLexical": "x"}, {}, "could not collect any vectors"),
    ],
)
def test_each_kind_of_search_must_have_what_it_looks_for(
    client: Client, q: Any, how: dict[str, Any], more: dict[str, Any], word: str
) -> None:
    with pytest.raises(MarqoWebError) as met:
        search(client, q, hybrid_parameters=how, **more)
    assert codes_of(met.value)[:2] == (400, "invalid_argument")
    assert word in met.value.message["message"]


def test_a_search_by_words_takes_no_notice_of_vectors_and_refuses_documents(client: Client) -> None:
    plain = search(client, search_method="LEXICAL")["hits"]
    assert search(client, search_method="LEXICAL", context=CONTEXT)["hits"] == plain
    documents = {"documents": {"ids": {"00": 1.0}}}
    for how in ({"search_method": "LEXICAL"}, {"hybrid_parameters": LEXICAL}):
        with pytest.raises(MarqoWebError) as met:
            search(client, context=documents, **how)
        assert codes_of(met.value)[:2] == (422, "unprocessable_entity")
    told = search(client, VECTOR, hybrid_parameters=TENSOR)
    assert told["query"] == {"customVector": {"content": None, **VECTOR["customVector"]}}


def test_what_tunes_the_search_by_words_is_taken(client: Client) -> None:
    weak = {"stopwordLimit": 0.6, "adjustTarget": 0.01, "allowDropAll": True, "filterThreshold": 1}
    own = {"rerankDepthLexical": 1000, "weakAndParameters": weak, "rerankCount": 5, "secondPhaseModifier": True}
    assert ids(search(client, hybrid_parameters=own)) == ids(search(client))
    every = search(client, "red sale", hybrid_parameters={**LEXICAL, "lexicalOperand": "and"})
    assert set(ids(every)) == {each["_id"] for each in DOCUMENTS if (each["color"], each["note"]) == ("red", "sale")}
    for bad in ({"weakAndParameters": weak}, {"rerankCount": 0}, {"lexicalOperand": "no"},
                {**TENSOR, "secondPhaseModifier": True}):  # fmt: skip
        with pytest.raises(MarqoWebError) as met:
            search(client, hybrid_parameters=bad)
        assert codes_of(met.value)[:2] == (422, "unprocessable_entity")


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


@pytest.mark.parametrize("more", [{}, {"sort_by": {"fields": [{"fieldName": "price"}], "minSortCandidates": 1000}},
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
