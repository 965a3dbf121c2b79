"""Reading `recencyParameters` of a search."""

import re
from typing import Any, get_args

from hippodrome.services.common.errors import ApiError
from hippodrome.services.fake_cell.bodies import Kinds, known, none_of, unprocessable
from hippodrome.services.fake_cell.recency import Curve, Leg, Phase, Recency, Shape

KEYS: dict[str, Kinds] = {
    "recencyField": str,
    "scale": str,
    "offset": str,
    "decayFunction": str,
    "decayTo": (int, float),
    "applyInRankingPhase": str,
    "addToScoreWeight": (int, float),
    "center": (int, float),
    "applyToSubqueries": list,
    "growFrom": (int, float),
    "growFunction": str,
    "growScale": str,
    "growOffset": str,
}
GROW = ("growFrom", "growFunction", "growOffset", "growScale")
SNAKE = {re.sub(r"[A-Z]", lambda found: f"_{found[0].lower()}", key): key for key in KEYS}  # is taken as well
DURATION = re.compile(r"([0-9]+(?:\.[0-9]+)?)([dh])")
SECONDS = {"d": 86400, "h": 3600}


def read_recency(said: dict[str, Any] | None) -> Recency | None:
    """Raises ApiError 422."""
    if said is None:
        return None
    given = known({SNAKE.get(key, key): value for key, value in said.items()}, KEYS, "recencyParameters")
    if "recencyField" not in given:
        raise _wrong("recencyField", "field required")
    if not (field := given["recencyField"].strip()):
        raise _wrong("recencyField", "recency_field cannot be empty")
    phase = _one_of(given, "applyInRankingPhase", "all", get_args(Phase))
    _check_above(given, "addToScoreWeight")
    if given.get("center", 0) < 0:
        raise _wrong("center", "ensure this value is greater than or equal to 0")
    decay = Curve(
        _one_of(given, "decayFunction", "exponential", get_args(Shape)),
        _seconds(given, "scale", "7d"),
        _seconds(given, "offset", "0d"),
        _share(given, "decayTo", 0.5),
    )
    weight, center = given.get("addToScoreWeight"), given.get("center")
    return Recency(field, decay, _grow(given), weight, center, _legs(given), phase)


def check_recency(recency: Recency | None, how: dict[str, Any], *, is_sorted: bool) -> None:
    """That it goes with the rest of the search: `how` are its hybridParameters. Raises ApiError 422."""
    if recency is None:
        return
    retrieval = how.get("retrievalMethod", "disjunction")
    if recency.legs is not None and retrieval != "disjunction":
        what = "'applyToSubqueries' can only be used with 'disjunction' retrieval method."
        raise unprocessable(f"{what} Retrieval method is '{retrieval}'.", "recencyParameters")
    if is_sorted and recency.is_global:
        what = "'sortBy' cannot be used with 'recencyParameters' with global-phase reranking in hybrid search."
        why = "sortBy bypasses relevance scoring, making recency boosting ineffective."
        hint = "To use both, set applyInRankingPhase to 'exclude-global'."
        raise unprocessable(f"{what} {why} {hint}", "recencyParameters")


def _grow(given: dict[str, Any]) -> Curve | None:
    provided = [key for key in GROW if key in given]
    if missing := [key for key in GROW if key not in given]:
        if not provided:
            return None
        what = f"Provided: [{', '.join(provided)}]. Missing: [{', '.join(missing)}]."
        raise _wrong("growFrom", f"Grow parameters must be either all provided or all omitted. {what}")
    shape = _one_of(given, "growFunction", "", get_args(Shape))
    return Curve(shape, _seconds(given, "growScale"), _seconds(given, "growOffset"), _share(given, "growFrom"))


def _legs(given: dict[str, Any]) -> tuple[Leg, ...] | None:
    legs = given.get("applyToSubqueries")
    if legs is None:
        return None
    if not all(each in get_args(Leg) for each in legs):
        raise _wrong("applyToSubqueries", "unexpected value; permitted: 'tensor', 'lexical'")
    return tuple(dict.fromkeys(legs))


def _one_of(given: dict[str, Any], key: str, default: str, among: tuple[str, ...]) -> Any:
    value = given.get(key, default)
    if value not in among:
        raise none_of(f"recencyParameters.{key}", among, "recencyParameters", key)
    return value


def _share(given: dict[str, Any], key: str, default: float = 0.0) -> float:
    """Above 0, and at most 1."""
    _check_above(given, key)
    value = float(given.get(key, default))
    if value > 1:
        raise _wrong(key, "ensure this value is less than or equal to 1.0")
    return value


def _check_above(given: dict[str, Any], key: str) -> None:
    if given.get(key, 1) <= 0:
        raise _wrong(key, "ensure this value is greater than 0.0")


def _seconds(given: dict[str, Any], key: str, default: str = "") -> float:
    said, name = given.get(key, default), next(snake for snake, camel in SNAKE.items() if camel == key)
    found = DURATION.fullmatch(said)
    if not found:
        form = "Expected format: {number}{unit} where unit is 'd' (days) or 'h' (hours). Examples: '1d', '6h', '0.5d'"
        raise _wrong(key, f"Invalid {name} format: Invalid duration format: '{said}'. {form}")
    seconds = float(found[1]) * SECONDS[found[2]]
    if key.lower().endswith("scale") and seconds <= 0:
        raise _wrong(key, f"{name} must be greater than 0, got: {said} ({seconds} seconds)")
    return seconds


def _wrong(key: str, what: str) -> ApiError:
    return unprocessable(f"recencyParameters.{key}: {what}", "recencyParameters", key)
