"""The live stream, many at once."""

import time
from contextlib import ExitStack

from hippodrome.dashboard.stream import MOST_STREAMS
from hippodrome.wait import Deadline, until
from tests.dashboard.asking import Asked, Stream
from tests.logs.writing import Writer


def test_it_begins_with_all_and_goes_on_with_what_changes(asked: Asked) -> None:
    with asked.stream() as stream:
        assert stream.content_type.startswith("text/event-stream")
        first = stream.next("states")
        assert (first["is_whole"], [service["name"] for service in first["services"]]) == (
            True,
            ["cell", "api", "worker"],
        )
        asked.supervisor.set("api", "failed", cause="crashed")
        told = stream.next("states")
        assert (told["is_whole"], [(s["name"], s["state"]) for s in told["services"]]) == (False, [("api", "failed")])


def test_use_is_told_while_someone_looks(asked: Asked) -> None:
    with asked.stream() as stream:
        assert stream.next("usage")["cell"]["memory_bytes"] > 1_000_000
        assert stream.next("usage")["cell"]["cpu"] is not None


def test_lines_of_chosen_services_come_with_their_marks(asked: Asked) -> None:
    with Writer(asked.layout, "api") as api, Writer(asked.layout, "cell") as cell:
        api.write("old\n")
        ends = asked.get("/api/logs?services=api").json["ends"]
        api.write("INFO missed by nobody\n")
        with asked.stream(f"services=api&level=info&after={ends}") as stream:
            assert [item[2] for item in stream.next("lines")["items"]] == ["INFO missed by nobody"]
            cell.write("INFO of another\n")
            api.write("DEBUG too low\n")
            asked.supervisor.event("api", "starting", reason="file changed")
            assert [item[1:] for item in stream.next("lines")["items"]] == [["api", "starting", "", "file changed"]]


def test_a_reader_that_comes_again_misses_nothing(asked: Asked) -> None:
    with Writer(asked.layout, "api", part_bytes=200) as api:
        with asked.stream("services=api") as stream:
            stream.next("states")
            api.write("first\n")
            assert [item[2] for item in stream.next("lines")["items"]] == ["first"]
            last_id = stream.last_id
        for number in range(30):  # over a rotation
            api.write(f"while away {number}\n")
        with asked.stream("services=api", Last_Event_ID=last_id) as stream:
            assert [item[2] for item in stream.next("lines")["items"]] == [f"while away {n}" for n in range(30)]


def test_a_flood_is_passed_over_and_said(asked: Asked) -> None:
    with Writer(asked.layout, "api") as api, asked.stream("services=api") as stream:
        stream.next("states")
        api.write(b"noise\n" * 200_000)
        told = stream.next("lines")
        assert told["skipped"]["api"] > 1_000_000
        assert len(told["items"]) < 30_000


def test_twenty_open_streams_delay_nothing_else(asked: Asked) -> None:
    with Writer(asked.layout, "api") as api, ExitStack() as held:
        streams = [held.enter_context(asked.stream("services=api")) for _ in range(20)]
        for stream in streams:
            stream.next("states")
        started = time.monotonic()
        for _ in range(20):
            assert asked.get("/api/status").status == 200
        assert time.monotonic() - started < 10
        api.write("to all\n")
        assert all(_texts(stream) == ["to all"] for stream in streams)
    assert asked.supervisor.polls < 10


def test_streams_beyond_the_limit_are_refused_and_places_come_free(asked: Asked) -> None:
    with ExitStack() as held:
        for _ in range(MOST_STREAMS):
            held.enter_context(asked.stream()).next("states")
        assert asked.get("/api/stream").json["code"] == "too-many-streams"
        assert asked.get("/api/status").status == 200

    def is_open() -> bool:
        with asked.stream() as stream:
            return stream.status == 200

    assert until(is_open, Deadline(30), pause_s=0.2)


def test_a_bad_query_is_refused_before_the_stream_begins(asked: Asked) -> None:
    assert asked.get("/api/stream?services=nobody").status == 400
    assert asked.get("/api/stream?services=api", Last_Event_ID="?").status == 400


def _texts(stream: Stream) -> list[str]:
    return [item[2] for item in stream.next("lines")["items"]]
