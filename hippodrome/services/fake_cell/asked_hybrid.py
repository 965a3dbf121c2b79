"""Reading `hybridParameters` of a search, and what must be searched for then."""

from typing import Any

from hippodrome.services.common.errors import ApiError
from hippodrome.services.fake_cell.asked_order import OPERANDS, read_modifiers
from hippodrome.services.fake_cell.bodies import Kinds, known, names_in, unprocessable
from hippodrome.services.fake_cell.query import Hybrid
from hippodrome.services.fake_cell.vectors import Context, Given, Words

RETRIEVALS = ("disjunction", "lexical", "tensor")
RANKINGS = ("lexical", "rrf", "tensor")
HYBRID: dict[str, Kinds] = {
    "retrievalMethod": str,
    "rankingMethod": str,
    "alpha": (int, float),
    "rrfK": int,
    "searchableAttributesLexical": list,
    "searchableAttributesTensor": list,
    "scoreModifiersLexical": dict,
    "scoreModifiersTensor": dict,
    "rerankDepthLexical": int,
    "rerankDepthTensor": int,
    "queryLexical": str,
    "queryTensor": (str, dict),
    "verbose": bool,
    "weakAndParameters": dict,
    "rerankCount": int,
    "secondPhaseModifier": bool,
    "lexicalOperand": str,
}
WEAK_AND: dict[str, Kinds] = {
    "stopwordLimit": (int, float),
    "adjustTarget": (int, float),
    "filterThreshold": (int, float),
    "allowDropAll": bool,
}


def read_hybrid(given: dict[str, Any]) -> Hybrid:
    """Raises ApiError 422."""
    retrieval = given.get("retrievalMethod", "disjunction").lower()
    ranking = given.get("rankingMethod", "rrf").lower()
    _check_methods(given, retrieval, ranking)
    _check_tuning(given, retrieval, ranking)
    alpha, k = given.get("alpha", 0.5), given.get("rrfK", 60)
    if not 0 <= alpha <= 1:
        raise _wrong("alpha can only be between 0 and 1")
    if not 0 <= k <= 10**9:
        raise _wrong("rrfK can only be greater than or equal to 0")
    depths = given.get("rerankDepthLexical"), given.get("rerankDepthTensor")
    if depths[0] is not None and (depths[0] < 1 or retrieval == "tensor"):
        raise _wrong("rerankDepthLexical is at least 1, and can only be set when 'lexical' hits are retrieved")
    if depths[1] is not None and depths[1] < 0:
        raise _wrong("rerankDepthTensor cannot be negative")
    return Hybrid(
        retrieval=retrieval,
        ranking=ranking,
        alpha=float(alpha),
        rrf_k=k,
        searched_by_words=names_in(given, "searchableAttributesLexical"),
        searched_by_meaning=names_in(given, "searchableAttributesTensor"),
        by_words=read_modifiers(given.get("scoreModifiersLexical")),
        by_meaning=read_modifiers(given.get("scoreModifiersTensor")),
        depth_by_words=depths[0],
        depth_by_meaning=depths[1],
        needs_all=given.get("lexicalOperand") == "and",
    )


def _check_methods(given: dict[str, Any], retrieval: str, ranking: str) -> None:
    """Which goes with which, and what is of no use then."""
    if retrieval not in RETRIEVALS or ranking not in RANKINGS:
        raise _wrong(f"retrievalMethod is one of {', '.join(RETRIEVALS)}, rankingMethod of {', '.join(RANKINGS)}")
    if retrieval == "disjunction" and ranking != "rrf":
        raise _wrong("For retrievalMethod: disjunction, rankingMethod must be: rrf")
    if retrieval != "disjunction" and ranking == "rrf":
        raise _wrong("For retrievalMethod: tensor or lexical, rankingMethod must be: tensor or lexical")
    for name in ("alpha", "rrfK"):
        if name in given and ranking != "rrf":
            raise _wrong(f"'{name}' can only be defined for 'rrf' ranking method")
    for side in ("Lexical", "Tensor"):
        is_used = retrieval == "disjunction" or side.lower() in (retrieval, ranking)
        if f"searchableAttributes{side}" in given and not is_used:
            raise _wrong(f"'searchableAttributes{side}' can only be defined where '{side.lower()}' takes part")
        is_ranked = ranking in ("rrf", side.lower()) or (side == "Lexical" and retrieval == "lexical")
        if f"scoreModifiers{side}" in given and not is_ranked:
            raise _wrong(f"'scoreModifiers{side}' can only be defined for '{side.lower()}', 'rrf' ranking methods")


def _check_tuning(given: dict[str, Any], retrieval: str, ranking: str) -> None:
    """What tunes the server's own search by words: held to its rules, and of no effect here but for `and`."""
    if "lexicalOperand" in given and given["lexicalOperand"] not in OPERANDS:
        raise _wrong(f"lexicalOperand is one of {', '.join(OPERANDS)}")
    if given.get("rerankCount", 1) < 1:
        raise _wrong("rerankCount is at least 1")
    by_words = retrieval == "disjunction" or (retrieval, ranking) == ("lexical", "lexical")
    if given.get("secondPhaseModifier") and not by_words:
        raise _wrong("'secondPhaseModifier' can only be set where hits are retrieved and ranked by words")
    if "weakAndParameters" not in given:
        return
    weak = known(given["weakAndParameters"], WEAK_AND, "hybridParameters", "weakAndParameters")
    if not all(0 <= weak.get(name, 0) <= 1 for name in WEAK_AND if name != "allowDropAll"):
        raise _wrong("weakAndParameters are from 0 to 1")
    if "rerankDepthLexical" not in given:
        raise _wrong("'weakAndParameters' can only be set when 'rerankDepthLexical' is set")


def check_searched(hybrid: Hybrid, how: dict[str, Any], meaning: Words, words: Words, context: Context) -> None:
    """That each kind of search has what it looks for. Raises ApiError 400 and 422."""
    ways = {hybrid.retrieval, hybrid.ranking}
    if context.documents and ways == {"lexical"}:
        raise unprocessable("Context is not supported for lexical/lexical hybrid search", "context")
    for name, other in (("queryTensor", "lexical"), ("queryLexical", "tensor")):
        if how.get(name) is not None and ways == {other}:
            what = f"cannot be provided when 'retrievalMethod' and 'rankingMethod' are both '{other}'."
            raise _refused(f"'hybridParameters.{name}' {what}")
    lacks_words = words is None or (isinstance(words, Given) and words.content is None)
    if lacks_words and hybrid.retrieval == "disjunction":
        what = "must be present when 'disjunction' retrieval method is used."
        raise _refused(f"Either 'hybridParameters.queryLexical' or just 'q'{what}")
    if meaning is None and words is None and ways != {"tensor"}:
        first = "(1) retrievalMethod and rankingMethod are both 'tensor' and 'context' is given"
        other = "(2) One or both of queryLexical and queryTensor are provided"
        which = "(depending on retrievalMethod and rankingMethod) instead."
        raise _refused(f"Query cannot be 'None' for hybrid search unless: {first} or {other} {which}")
    if ways == {"lexical"}:
        return
    if isinstance(meaning, str) and context != Context():
        what = "To use 'context', please provide a dictionary or a customVector as the query instead."
        raise _refused(f"Cannot use 'context' for a search with a string 'q' (or queryTensor). {what}")
    if meaning is None and context == Context():
        what = "but the retrieval or ranking method requires at least one valid vector."
        raise _refused(f"Marqo could not collect any vectors from the search query {what}")


def _wrong(what: str) -> ApiError:
    return unprocessable(f"hybridParameters: {what}.", "hybridParameters")


def _refused(message: str) -> ApiError:
    return ApiError(400, "invalid_argument", message)
