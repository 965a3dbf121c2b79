"""What an earlier stack has left in an AWS account, removed by whichever command comes next."""

import os
from collections.abc import Callable
from typing import TYPE_CHECKING

from hippodrome.errors import UserError
from hippodrome.events.account.journal import Journal
from hippodrome.rundir import Instance

if TYPE_CHECKING:
    from hippodrome.events.account.cleanup import Removed


def sweep_account(instance: Instance, say: Callable[[str], None]) -> "Removed | None":
    """None where there was nothing, or it belongs to a running program. Raises UserError for what stays."""
    journal = Journal(instance.layout)
    if journal.is_empty:
        return None
    from hippodrome.events.account.cleanup import not_removed, sweep  # boto3 takes 0.3 s, and mostly all is well

    with journal.held() as is_ours:
        if not is_ours:
            return None
        removed = sweep(journal, os.environ, lambda _: None)
    if removed.gone:
        what = ", ".join(each.shown for each in removed.gone)
        say(f"Removed from account {removed.gone[0].account}, where an earlier stack left it: {what}.")
    if error := not_removed(removed, journal):
        raise error
    return removed


def sweep_account_if_possible(instance: Instance, say: Callable[[str], None]) -> None:
    """For a command that has something else to do."""
    try:
        sweep_account(instance, say)
    except UserError as error:
        for problem in error.problems:
            say(f"{problem.what}. {problem.hint}")
