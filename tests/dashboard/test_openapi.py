"""What the dashboard says of its API, and that nothing it says can be asked is its fault."""

import schemathesis

from hippodrome.dashboard.openapi import BODIES, QUERIES
from hippodrome.dashboard.status import API
from tests.dashboard.asking import Asked
from tests.services.described import ask_all

ENDLESS = "GET /api/stream"


def test_every_call_of_the_table_is_described_and_no_other(asked: Asked) -> None:
    told = asked.get("/openapi.json").json
    found = {
        f"{method.upper()} {path}": each for path, known in told["paths"].items() for method, each in known.items()
    }
    spelled = {call.replace("NAME", "{name}").replace("ID", "{id}"): about for call, about in API.items()}
    assert {call: each["summary"] for call, each in found.items()} == spelled
    schemathesis.openapi.from_dict(told).validate()
    assert (told["info"]["title"], told["info"]["version"]) == ("dashboard", "1.2.3")


def test_what_calls_take_is_said_of_calls_that_there_are() -> None:
    assert QUERIES.keys() <= API.keys()
    assert BODIES.keys() == {call for call in API if call.startswith("POST")}


def test_every_parameter_that_is_described_is_in_the_words_for_people_too() -> None:
    for call, parameters in QUERIES.items():
        said = API[call] + API["GET /api/logs"] * (call == ENDLESS)
        assert [name for name in parameters if f"{name}=" not in said] == []


def test_nothing_that_reads_is_its_fault_whatever_is_asked(asked: Asked) -> None:
    reading = ask_all(asked.url, is_wanted=lambda call: call.startswith("GET") and call != ENDLESS)
    assert {"GET /health", "GET /api/logs", "GET /api/events", "GET /api/services/{name}"} <= set(reading)
