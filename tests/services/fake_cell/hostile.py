"""Bodies made up to harm, most of them nearly right, so that they come further than the first look."""

from typing import Any

from hypothesis import strategies as st

from hippodrome.services.fake_cell.app import FAULT
from hippodrome.services.fake_cell.asked_hybrid import HYBRID
from hippodrome.services.fake_cell.asking import SEARCH
from hippodrome.services.fake_cell.batches import ADD
from hippodrome.services.fake_cell.embeds import EMBED, RECOMMEND
from hippodrome.services.fake_cell.settings import KINDS

ROUTES = [
    ("POST", "/indexes/hostile-made"),
    ("POST", "/indexes/hostile/documents"),
    ("GET", "/indexes/hostile/documents"),
    ("POST", "/indexes/hostile/documents/delete-batch"),
    ("POST", "/indexes/hostile/search"),
    ("PATCH", "/indexes/hostile/documents"),
    ("POST", "/indexes/hostile/documents/get-batch"),
    ("POST", "/indexes/hostile/recommend"),
    ("POST", "/indexes/hostile/embed"),
    ("POST", "/batch/indexes/create"),
    ("POST", "/batch/indexes/delete"),
    ("POST", "/__fake/faults"),
]
METHODS = ("TENSOR", "LEXICAL", "HYBRID")
FIELDS = [
    *ADD,
    *SEARCH,
    *EMBED,
    *RECOMMEND,
    *HYBRID,
    *FAULT,
    *KINDS,
    "splitLength",
    "splitMethod",
    "spaceType",
    "parameters",
    "_id",
    "title",
]
WORDS = ["TENSOR", "LEXICAL", "HYBRID", "unstructured", "random/small", "word", "title", "_id", "angular", "*"]

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([0, 1, -1, 2**31, 2**63, 2**64, 10**400])
    | st.floats()
    | st.text(st.characters(), max_size=12)
    | st.sampled_from(WORDS)
)
keys = st.sampled_from(FIELDS) | st.text(st.characters(), max_size=8)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=5) | st.dictionaries(keys, inner, max_size=6), max_leaves=12
)


def mostly(good: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """What a route may take, else nearly all is refused before it comes to anything; now and then something else."""
    return st.integers(0, 9).flatmap(lambda chance: values if chance == 0 else good)


texts = st.text(st.characters(), max_size=20)
numbers = st.floats() | st.integers(-(2**63), 2**63)
names = st.sampled_from(["title", "text", "note"])
held = texts | numbers | st.booleans() | st.lists(texts, max_size=3) | st.dictionaries(texts, numbers, max_size=3)
mapping = st.sampled_from(
    [{"type": "custom_vector"}, {"type": "multimodal_combination", "weights": {"title": 1, "text": -1}}]
)
document = st.fixed_dictionaries({"title": mostly(texts)}, optional={"_id": mostly(texts), "note": mostly(held)})
documents = st.fixed_dictionaries(
    {
        "documents": mostly(st.lists(mostly(document), min_size=1, max_size=4)),
        "tensorFields": mostly(st.lists(names)),
    },
    optional={
        "textChunkPrefix": mostly(texts),
        "useExistingTensors": mostly(st.booleans()),
        "mappings": mostly(st.dictionaries(names, mostly(mapping), max_size=2)),
    },
)
ids = st.sampled_from(["1", "2", "absent"])
vector = st.lists(numbers, min_size=32, max_size=32) | st.lists(numbers, max_size=3)
weighed = st.fixed_dictionaries({"vector": mostly(vector)}, optional={"weight": mostly(numbers)})
context = st.fixed_dictionaries(
    {},
    optional={
        "tensor": mostly(st.lists(mostly(weighed), max_size=2)),
        "documents": mostly(st.fixed_dictionaries({"ids": mostly(st.dictionaries(ids, numbers, max_size=2))})),
    },
)
modifier = st.fixed_dictionaries({"field_name": mostly(names)}, optional={"weight": mostly(numbers)})
modifiers = st.fixed_dictionaries(
    {},
    optional={each: mostly(st.lists(mostly(modifier), max_size=2)) for each in ("multiply_score_by", "add_to_score")},
)
order = st.fixed_dictionaries(
    {"fieldName": mostly(names)}, optional={"order": mostly(st.sampled_from(["asc", "desc"]))}
)
facet = st.fixed_dictionaries(
    {"type": mostly(st.sampled_from(["string", "number", "array"]))},
    optional={"ranges": mostly(st.lists(st.fixed_dictionaries({"from": mostly(numbers), "to": mostly(numbers)})))},
)
hybrid = st.fixed_dictionaries(
    {},
    optional={
        "retrievalMethod": mostly(st.sampled_from(["tensor", "lexical", "disjunction"])),
        "rankingMethod": mostly(st.sampled_from(["tensor", "lexical", "rrf"])),
        "alpha": mostly(st.floats(0, 1)),
        "rrfK": mostly(st.integers(0)),
        "rerankDepthLexical": mostly(st.integers(1)),
        "scoreModifiersTensor": mostly(modifiers),
    },
)
cutoff = st.fixed_dictionaries(
    {"method": mostly(st.sampled_from(["relative_max_score", "mean_std_dev", "gap_detection"]))},
    optional={
        "parameters": mostly(st.dictionaries(st.sampled_from(["relativeScoreFactor", "stdDevFactor"]), numbers))
    },
)
filters = st.lists(
    st.sampled_from(["title", ":", "x", " ", "AND", "OR", "NOT", "(", ")", "[1 TO 2]", " IN ", "\\"]), max_size=9
).map("".join)
searches = st.fixed_dictionaries(
    {"q": mostly(texts | st.dictionaries(texts, numbers, min_size=1, max_size=3))},
    optional={
        "filter": mostly(filters),
        "context": mostly(context),
        "scoreModifiers": mostly(modifiers),
        "hybridParameters": mostly(hybrid),
        "sortBy": mostly(st.fixed_dictionaries({"fields": mostly(st.lists(mostly(order), max_size=3))})),
        "facets": mostly(st.fixed_dictionaries({"fields": mostly(st.dictionaries(names, mostly(facet)))})),
        "relevanceCutoff": mostly(cutoff),
        "rerankDepth": mostly(st.integers(0)),
        "trackTotalHits": mostly(st.booleans()),
        "efSearch": mostly(st.integers(1)),
        "interpolationMethod": mostly(st.sampled_from(["lerp", "nlerp", "slerp"])),
        "searchMethod": mostly(st.sampled_from(METHODS)),
        "limit": mostly(st.integers(1, 1000)),
        "offset": mostly(st.integers(0, 9)),
        "searchableAttributes": mostly(st.lists(names)),
        "attributesToRetrieve": mostly(st.lists(names)),
        "showHighlights": mostly(st.booleans()),
    },
)
splitting = {
    "splitLength": mostly(st.integers(1, 9)),
    "splitOverlap": mostly(st.integers(0, 3)),
    "splitMethod": mostly(st.sampled_from(["character", "word", "sentence", "passage"])),
}
made = st.fixed_dictionaries(
    {"model": mostly(st.sampled_from(["random/small", "hf/e5-base"]) | texts)},
    optional={
        "textPreprocessing": mostly(st.fixed_dictionaries({}, optional=splitting)),
        "modelProperties": mostly(st.dictionaries(texts, values | st.integers(1, 99), max_size=3)),
        "imagePreprocessing": mostly(st.dictionaries(texts, values, max_size=2)),
        "textQueryPrefix": mostly(texts),
        "textChunkPrefix": mostly(texts),
        "filterStringMaxLength": mostly(st.integers(0)),
    },
)
recommended = st.fixed_dictionaries(
    {"documents": mostly(st.lists(ids, max_size=3) | st.dictionaries(ids, numbers))},
    optional={"interpolationMethod": mostly(st.sampled_from(["lerp", "nlerp", "slerp"])), "filter": mostly(filters)},
)
LIKELY = {
    "/indexes/hostile-made": made,
    "/indexes/hostile/documents": documents,
    "/indexes/hostile/search": searches,
    "/indexes/hostile/recommend": recommended,
}


@st.composite
def requests_made_up(draw: st.DrawFn) -> tuple[str, str, Any]:
    """Method, path, and a body that mostly comes past the first look."""
    method, path = draw(st.sampled_from(ROUTES))
    return method, path, draw(LIKELY.get(path, values) | values)
