"""The streams that become events, and what carries them in AWS: the one list of this room. Standard library only."""

from dataclasses import dataclass

SOURCE = "marqo.dynamodb"  # what the events of every feed name as theirs


@dataclass(frozen=True)
class Feed:
    """One table whose changes become events, with all that they pass on their way."""

    word: str  # detail types begin with it: `EcomIndexSettings.MODIFY`
    table: str
    pipe: str
    bus: str


_FEEDS = (
    Feed("EcomIndexSettings", "EcomIndexSettingsTable", "IndexSettingsEventPipe", "EcomEventBus"),
    Feed("Merchandising", "MerchandisingTable", "MerchandisingEventPipe", "MerchandisingEventBus"),
)


def feeds(prefix: str) -> tuple[Feed, ...]:
    """With the names that they have under a table prefix; `prefix` ends as it was given, mostly in `-`."""
    return tuple(Feed(f.word, prefix + f.table, prefix + f.pipe, prefix + f.bus) for f in _FEEDS)
