"""What a plan needs from outside, looked at before anything is changed."""

import os
from collections.abc import Iterator

from hippodrome.control.account import check_account, wants_tables
from hippodrome.control.database import check_database
from hippodrome.events.account.preflight import check_events
from hippodrome.events.source import announced
from hippodrome.plan.model import Plan


def preflight(plan: Plan) -> Iterator[str]:
    """What there is to say of it, a line each. Raises UserError when something is not there."""
    yield check_account(plan, os.environ)
    yield _looked_for(plan)
    yield check_database(plan)
    yield check_events(plan, os.environ) or announced(plan)


def _looked_for(plan: Plan) -> str:
    """What there is to say of the tables in the account. Raises UserError when they are not there."""
    if not wants_tables(plan, os.environ):
        return ""
    from hippodrome.events.tables import check_tables  # threads, and what AWS answers: for few stacks

    return check_tables(plan.table_prefix, os.environ)
