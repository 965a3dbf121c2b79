"""Events held against patterns: every comparison that EventBridge has, and each clause by itself."""

from typing import Any

import pytest

from hippodrome.events.matching import MISSING, clauses, matches

BODY: dict[str, Any] = {
    "source": "marqo.dynamodb",
    "detail-type": "Merchandising.MODIFY",
    "resources": ["arn:one", "arn:two"],
    "detail": {"table": "dev-main-Table", "count": 5, "price": 9.5, "ip": "10.0.0.7", "on": True, "none": None},
}
YES: list[dict[str, Any]] = [
    {"source": ["other", "marqo.dynamodb"]},
    {"resources": ["arn:two"]},
    {"detail-type": [{"prefix": "Merchandising."}]},
    {"detail-type": [{"suffix": ".MODIFY"}]},
    {"detail-type": [{"equals-ignore-case": "MERCHANDISING.modify"}]},
    {"detail-type": [{"prefix": {"equals-ignore-case": "MERCH"}}]},
    {"detail": {"table": [{"wildcard": "dev-*-Table"}]}},
    {"detail": {"table": [{"anything-but": "x"}]}},
    {"detail": {"table": [{"anything-but": {"prefix": "prod-"}}]}},
    {"detail": {"count": [{"numeric": [">", 0, "<=", 5]}]}},
    {"detail": {"price": [9.5]}},
    {"detail": {"ip": [{"cidr": "10.0.0.0/24"}]}},
    {"detail": {"on": [True], "none": [None]}},
    {"detail": {"count": [{"exists": True}], "absent": [{"exists": False}]}},
    {"$or": [{"source": ["x"]}, {"detail": {"count": [5]}}]},
]
NO: list[dict[str, Any]] = [
    {"source": ["other"]},
    {"source": ["marqo.dynamodb"], "detail": {"count": [6]}},
    {"detail": {"count": [{"numeric": [">", 5]}]}},
    {"detail": {"count": ["5"]}},
    {"detail": {"ip": [{"cidr": "10.0.1.0/24"}]}},
    {"detail": {"table": [{"anything-but": ["dev-main-Table"]}]}},
    {"detail": {"absent": [{"exists": True}]}},
    {"absent": ["x"]},
    {"$or": [{"source": ["x"]}, {"detail": {"count": [6]}}]},
]


@pytest.mark.parametrize("pattern", YES, ids=str)
def test_an_event_matches(pattern: dict[str, Any]) -> None:
    assert matches(pattern, BODY)
    assert all(clause.is_met for clause in clauses(pattern, BODY))


@pytest.mark.parametrize("pattern", NO, ids=str)
def test_an_event_does_not_match(pattern: dict[str, Any]) -> None:
    assert not matches(pattern, BODY)
    assert not all(clause.is_met for clause in clauses(pattern, BODY))


def test_each_clause_says_what_was_wanted_and_what_is_there() -> None:
    pattern = {"source": ["x"], "detail": {"count": [5], "absent": ["y"]}}
    told = [(each.path, each.wanted, each.found, each.is_met) for each in clauses(pattern, BODY)]
    assert told == [
        ("source", ["x"], "marqo.dynamodb", False),
        ("detail.count", [5], 5, True),
        ("detail.absent", ["y"], MISSING, False),
    ]
