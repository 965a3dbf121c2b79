"""The names of what feeds events: two rooms that may not import each other say the same."""

from hippodrome.events.names import feeds
from hippodrome.services.common.aws import Names


def test_the_services_and_the_events_call_the_same_things_by_the_same_names() -> None:
    services = Names("dev-main-")
    ours = feeds("dev-main-")
    assert tuple(feed.table for feed in ours) == services.streamed
    assert tuple(feed.pipe for feed in ours) == services.pipes
    assert tuple(feed.bus for feed in ours) == services.buses


def test_a_detail_type_begins_with_the_word_of_its_table() -> None:
    assert [feed.table for feed in feeds("")] == [f"{feed.word}Table" for feed in feeds("")]
