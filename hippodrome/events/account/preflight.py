"""What events of an account need, looked at before anything starts. Nothing is changed."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from hippodrome.plan.model import FROM_ACCOUNT

if TYPE_CHECKING:
    from hippodrome.plan.model import Plan


def check_events(plan: "Plan", environ: Mapping[str, str]) -> str:
    """A line that says which way events will come; empty where they are not of an account.

    Raises UserError: no tunnel, no credentials, no region, or a bus that is not there.
    """
    if plan.events not in FROM_ACCOUNT:
        return ""
    from hippodrome.events.account.aws import AbsentError, Account  # 0.3 s that only these stacks should pay
    from hippodrome.events.account.names import Names
    from hippodrome.events.account.provisioning import no_bus
    from hippodrome.events.tunnels.tunnel import choose

    way = f"by {choose(environ).NAME}" if plan.events == "tunnel" else "by a queue"
    account = Account.find(environ)
    feeds = Names("", plan.table_prefix).feeds
    for feed in feeds:
        try:
            account.ask("events", "describe_event_bus", Name=feed.bus)
        except AbsentError as error:
            raise no_bus(feed.bus, account) from error
    return f"Events: {' and '.join(feed.bus for feed in feeds)} are in {account.who}; they come {way}"
