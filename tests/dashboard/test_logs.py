"""Windows of logs over HTTP."""

import time
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.dashboard.asking import Asked
from tests.logs.writing import START, Writer


def texts(told: dict[str, Any]) -> list[str]:
    return [item[2] for item in told["items"] if len(item) == 6]


def ask(asked: Asked, **query: str | int) -> dict[str, Any]:
    answer = asked.get(f"/api/logs?{urlencode(query)}")
    assert answer.status == 200, answer.body
    told: dict[str, Any] = answer.json
    return told


@pytest.fixture
def spoken(asked: Asked) -> Asked:
    with Writer(asked.layout, "cell") as cell, Writer(asked.layout, "api") as api:
        for number in range(100):
            cell.write(f"INFO cell answers {number}\n", at=number * 2)
            api.write(f"{'ERROR' if number % 10 == 0 else 'DEBUG'} api asks {number}\n", at=number * 2 + 1)
    return asked


def test_services_are_merged_in_time_order(spoken: Asked) -> None:
    assert texts(ask(spoken, count=4)) == [
        "INFO cell answers 98",
        "DEBUG api asks 98",
        "INFO cell answers 99",
        "DEBUG api asks 99",
    ]
    assert texts(ask(spoken, services="api", count=1)) == ["DEBUG api asks 99"]


def test_earlier_windows_join_without_gap_or_repeat(spoken: Asked) -> None:
    seen: list[str] = []
    told = ask(spoken, count=33)
    while True:
        seen = texts(told) + seen
        if not told["has_more"]:
            break
        told = ask(spoken, count=33, before=told["starts"], until=told["since"])
    assert len(seen) == len(set(seen)) == 200


@pytest.mark.parametrize(
    ("query", "found"),
    [
        (
            {"text": "ANSWERS 7", "services": "cell"},
            ["7", "70", "71", "72", "73", "74", "75", "76", "77", "78", "79"],
        ),
        ({"regex": r"asks (1|2)\d$", "level": "error"}, ["10", "20"]),
        ({"level": "error"}, ["0", "10", "20", "30", "40", "50", "60", "70", "80", "90"]),
    ],
)
def test_lines_are_chosen_by_text_regex_and_level(spoken: Asked, query: dict[str, str], found: list[str]) -> None:
    assert [text.split()[-1] for text in texts(ask(spoken, **query))] == found


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"regex": "(["}, "regular expression"),
        ({"level": "loud"}, "`level`"),
        ({"count": "-1"}, "`count`"),
        ({"count": "9999"}, "`count`"),
        ({"services": "nobody"}, "`nobody`"),
        ({"services": "../../etc/passwd"}, "has no log"),
        ({"before": "api=1"}, "`before`"),
        ({"until": "soon"}, "`until`"),
        ({"until": "nan"}, "`until`"),
    ],
)
def test_a_bad_query_is_named(spoken: Asked, query: dict[str, str], said: str) -> None:
    answer = spoken.get(f"/api/logs?{urlencode(query)}")
    assert answer.status == 400
    assert said in answer.json["message"]


def test_marks_stand_between_the_lines_with_their_reason(asked: Asked) -> None:
    with Writer(asked.layout, "api") as api:
        api.write("before\n", at=time.time() - START - 5)
        asked.supervisor.event("api", "starting", reason="file changed: app.py")
        asked.supervisor.event("cell", "starting")
        api.write("after\n")
    told = ask(asked, services="api")
    assert [item[1:5] for item in told["items"] if len(item) == 5] == [
        ["api", "starting", "", "file changed: app.py"]
    ]
    assert [item[2] for item in told["items"]] == ["before", "starting", "after"]


def test_health_checks_are_left_out_until_they_are_asked_for(asked: Asked) -> None:
    with Writer(asked.layout, "cell") as cell:
        cell.write('INFO: 127.0.0.1 - "GET /health HTTP/1.1" 200 OK\nINFO: "GET / HTTP/1.1" 200 OK\n')
    assert len(texts(ask(asked, services="cell"))) == 1
    assert len(texts(ask(asked, services="cell", probes=1))) == 2


def test_a_search_that_finds_nothing_answers_soon_and_goes_on(asked: Asked) -> None:
    with Writer(asked.layout, "api") as api:
        api.write("needle\n")
        api.write(b"hay in plenty, line after line\n" * 400_000)
    told, asks = ask(asked, text="needle"), 1
    while not texts(told) and told["has_more"]:
        told, asks = ask(asked, text="needle", before=told["starts"]), asks + 1
    assert texts(told) == ["needle"]
    assert asks > 2


def test_other_captured_logs_can_be_read_by_name(asked: Asked) -> None:
    asked.layout.setup_log("api").write_text("Collecting django\n", encoding="utf-8")
    told = ask(asked, services="api.setup")
    assert (texts(told), told["logs"]) == (["Collecting django"], ["cell", "api", "worker", "api.setup"])


def test_hostile_text_comes_through_as_it_is(asked: Asked) -> None:
    hostile = "</script><img src=x onerror=alert(1)> \x1b[31mred\x1b[0m \u2028 ünï"
    with Writer(asked.layout, "api") as api:
        api.write(hostile + "\n")
    assert texts(ask(asked, services="api", text="ünï")) == [hostile]
