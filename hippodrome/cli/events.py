"""`hd events`: a group of its own, its commands in `events_NAME`."""

import click

from hippodrome.cli.lazy import Entry, LazyGroup

READS, DELIVERS, CHECKS, REMOVES = "Reads the record", "Delivers", "Looks at AWS", "Changes AWS"
EVENTS: dict[str, Entry] = {
    "list": Entry(READS, "Events that came, the newest last."),
    "tail": Entry(READS, "Events as they come, with where they go."),
    "show": Entry(READS, "One event: its body, its deliveries, their tries."),
    "dead": Entry(READS, "Events that their service refused."),
    "routes": Entry(READS, "Which events go to which service."),
    "explain": Entry(READS, "Why an event goes where it goes, clause by clause."),
    "send": Entry(DELIVERS, "Send an event made by hand."),
    "replay": Entry(DELIVERS, "Deliver events again."),
    "validate": Entry(CHECKS, "Check tables, streams, pipes and buses."),
    "cleanup": Entry(REMOVES, "Remove what an earlier stack left in the account."),
}


@click.command("events", cls=LazyGroup, table=EVENTS, prefix="events_")
def command() -> None:
    """Events of changed tables on their way to services. Reads the record; `send` and `replay` deliver.

    Every event is written down before it is answered, and delivered until it is delivered. The record can be read
    when nothing runs, too.
    """
