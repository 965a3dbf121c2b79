"""What the pages are made from."""

from dataclasses import dataclass, field

from hippodrome.dashboard.feed import Feed, Supervisor
from hippodrome.dashboard.usage import Meter
from hippodrome.events.relay import Relay
from hippodrome.plan.layout import Layout


@dataclass(frozen=True)
class Board:
    """One running instance, as the dashboard sees it."""

    layout: Layout
    supervisor: Supervisor
    feed: Feed
    relay: Relay
    version: str
    meter: Meter = field(default_factory=Meter)

    @property
    def programs(self) -> tuple[str, ...]:
        """Of the plan, in its order; empty when there is none that can be read."""
        plan = self.feed.known.plan
        return plan.names if plan else ()
