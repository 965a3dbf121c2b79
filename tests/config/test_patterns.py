"""Event patterns: each form that EventBridge has passes, and what it refuses is told where it stands."""

from typing import Any

import pytest

from hippodrome.config.patterns import misspelt

RIGHT: list[dict[str, Any]] = [
    {"source": ["a", 1, 1.5, True, None]},
    {"detail": {"state": [{"prefix": "a"}, {"suffix": "b"}, {"equals-ignore-case": "c"}]}},
    {"detail": {"state": [{"prefix": {"equals-ignore-case": "a"}}, {"suffix": {"equals-ignore-case": "b"}}]}},
    {"detail": {"state": [{"anything-but": "a"}, {"anything-but": ["a", 1]}, {"anything-but": {"prefix": "x"}}]}},
    {"detail": {"state": [{"anything-but": {"wildcard": ["*/a", "*/b"]}}, {"wildcard": "dev-*-Table"}]}},
    {"detail": {"count": [{"numeric": [">", 0, "<=", 5]}, {"numeric": ["=", 3.5]}]}},
    {"detail": {"ip": [{"cidr": "10.0.0.0/24"}, {"cidr": "2001:db8::/32"}], "name": [{"exists": False}]}},
    {"$or": [{"source": ["a"]}, {"detail": {"b": [{"exists": True}]}}]},
]
WRONG: list[tuple[dict[str, Any], tuple[str, ...]]] = [
    ({}, ()),
    ({"detail": {}}, ("detail",)),
    ({"source": "a"}, ("source",)),
    ({"source": []}, ("source",)),
    ({"source": [["a"]]}, ("source",)),
    ({"source": [{"prefix": 1}]}, ("source",)),
    ({"source": [{"prefix": "a", "suffix": "b"}]}, ("source",)),
    ({"source": [{"wildcard": "a**b"}]}, ("source",)),
    ({"source": [{"anything-but": []}]}, ("source",)),
    ({"source": [{"anything-but": {"cidr": "10.0.0.0/8"}}]}, ("source",)),
    ({"source": [{"numeric": [">"]}]}, ("source",)),
    ({"source": [{"numeric": [">", "1"]}]}, ("source",)),
    ({"source": [{"numeric": ["!", 1]}]}, ("source",)),
    ({"source": [{"cidr": "10.0.0"}]}, ("source",)),
    ({"source": [{"exists": "yes"}]}, ("source",)),
    ({"source": [{"like": "a"}]}, ("source",)),
    ({"$or": [{"source": ["a"]}]}, ("$or",)),
    ({"detail": {"$or": {"a": ["b"]}}}, ("detail", "$or")),
]


@pytest.mark.parametrize("pattern", RIGHT, ids=str)
def test_what_eventbridge_takes_passes(pattern: dict[str, Any]) -> None:
    assert list(misspelt(pattern)) == []


@pytest.mark.parametrize(("pattern", "where"), WRONG, ids=str)
def test_what_eventbridge_refuses_is_told_with_its_place(pattern: dict[str, Any], where: tuple[str, ...]) -> None:
    ((place, what, hint),) = misspelt(pattern)
    assert place == where and what and hint
