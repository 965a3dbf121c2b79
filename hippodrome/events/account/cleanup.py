"""Removing what was made in an account, and what a crash has left there."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass

from hippodrome.control.account import Caller, identify
from hippodrome.errors import ExitCode, Problem, UserError
from hippodrome.events.account.aws import AbsentError, Account
from hippodrome.events.account.journal import Journal, Resource
from hippodrome.events.account.names import Place

Say = Callable[[str], None]


@dataclass(frozen=True)
class Removed:
    """What is gone now, and what could not be removed and stays in the journal, with why."""

    gone: tuple[Resource, ...] = ()
    left: tuple[tuple[Resource, str], ...] = ()


def remove_all(account: Account, journal: Journal, say: Say) -> Removed:
    """What is in this account and region, the last first. What cannot be removed is said, and keeps no other."""
    gone: list[Resource] = []
    left: list[tuple[Resource, str]] = []
    here = account.place
    for resource in reversed(journal.left()):
        if (resource.account, resource.region) != (here.account, here.region):
            continue
        try:
            _remove(account, resource)
        except UserError as error:
            left.append((resource, error.problems[0].what))
            say(f"{resource.shown} cannot be removed: {error.problems[0].what}")
        else:
            journal.forget(resource)
            gone.append(resource)
    return Removed(tuple(gone), tuple(left))


def sweep(journal: Journal, environ: Mapping[str, str], say: Say) -> Removed:
    """What the journal has, with the credentials of `environ`; nothing is asked of AWS when it is empty.

    Raises UserError when they are of nobody, or of another account.
    """
    if journal.is_empty:
        return Removed()
    caller = _caller(journal, environ)
    regions = dict.fromkeys(each.region for each in journal.left() if each.account == caller.account)
    done = [remove_all(Account(Place(caller.account, region, caller.arn)), journal, say) for region in regions]
    elsewhere = tuple(
        (each, f"these credentials are of account {caller.account}")
        for each in journal.left()
        if each.account != caller.account
    )
    left = (pair for removed in done for pair in removed.left)
    return Removed(tuple(each for removed in done for each in removed.gone), (*left, *elsewhere))


def not_removed(removed: Removed, journal: Journal) -> UserError | None:
    """For a command that was to leave nothing behind."""
    if not removed.left:
        return None
    (resource, why), *more = removed.left
    others = f", and {len(more)} more" if more else ""
    problem = Problem(
        "account-leftovers",
        f"{resource.shown} is still in account {resource.account}{others}: {why}",
        f"Mend that and say `hd events cleanup`, or delete by hand what {journal.path} lists: all of it is safe to.",
    )
    return UserError(problem, exit_code=ExitCode.FAILED)


def _caller(journal: Journal, environ: Mapping[str, str]) -> Caller:
    accounts = {resource.account for resource in journal.left()}
    where = ", ".join(sorted(accounts))
    hint = f"Log in to account {where} and say `hd events cleanup`. What is there is safe to delete by hand, too."
    try:
        caller = identify(environ)
    except UserError as error:
        what = f"an earlier stack has left things in account {where}: {error.problems[0].what}"
        raise UserError(Problem("account-leftovers", what, hint), exit_code=ExitCode.FAILED) from error
    if caller.account not in accounts:
        what = f"an earlier stack has left things in account {where}, and these credentials are of {caller.account}"
        raise UserError(Problem("account-leftovers", what, hint), exit_code=ExitCode.FAILED)
    return caller


def _remove(account: Account, resource: Resource) -> None:
    """What is not there is gone. Raises UserError."""
    with suppress(AbsentError):
        _REMOVERS[resource.kind](account, resource)


def _rule(account: Account, resource: Resource) -> None:
    where = {"EventBusName": resource.bus}
    targets = account.ask("events", "list_targets_by_rule", Rule=resource.name, **where)["Targets"]
    if targets:
        account.ask("events", "remove_targets", Rule=resource.name, Ids=[each["Id"] for each in targets], **where)
    account.ask("events", "delete_rule", Name=resource.name, **where)


def _destination(account: Account, resource: Resource) -> None:
    account.ask("events", "delete_api_destination", Name=resource.name)


def _connection(account: Account, resource: Resource) -> None:
    account.ask("events", "delete_connection", Name=resource.name)


def _queue(account: Account, resource: Resource) -> None:
    url = account.ask("sqs", "get_queue_url", QueueName=resource.name)["QueueUrl"]
    account.ask("sqs", "delete_queue", QueueUrl=url)


_REMOVERS: Mapping[str, Callable[[Account, Resource], None]] = {
    "rule": _rule,
    "destination": _destination,
    "connection": _connection,
    "queue": _queue,
}
