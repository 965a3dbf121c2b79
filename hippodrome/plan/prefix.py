"""The prefix of DynamoDB table names, and of the buses, pipes and queues beside them."""

import re
from dataclasses import replace
from hashlib import sha256

from hippodrome.errors import Place, Problem
from hippodrome.plan.draft import Draft
from hippodrome.plan.git import Head

# Tables take 255 characters, but an EventBridge pipe 64, and `IndexSettingsEventPipe` follows the prefix.
LONGEST = 40
_UNFIT = re.compile(r"[^a-zA-Z0-9_.-]+")


def settle_table_prefix(draft: Draft) -> Draft:
    """`table_prefix`: what is said, else what the running instance has, else `dev-BRANCH-`."""
    said = draft.config.settings.table_prefix
    if said is not None:
        return replace(draft, table_prefix=said).reported(mistakes_of(said, draft.place("table_prefix")))
    current = prefix_of(draft.surroundings.head)
    if (frozen := draft.surroundings.frozen) is None:
        return replace(draft, table_prefix=current)
    moved = f"the tables keep the prefix `{frozen.table_prefix}` they were started with; now it would be `{current}`"
    notices = draft.notices if frozen.table_prefix == current else (*draft.notices, moved)
    return replace(draft, table_prefix=frozen.table_prefix, notices=notices)


def prefix_of(head: Head | None) -> str:
    """`dev-BRANCH-`; a detached HEAD gives the commit's short id, and no git at all `dev-local-`.

    What DynamoDB refuses becomes `-`; a branch that is too long is cut and ends in a hash of all of it.
    """
    name = head.name if head else "local"
    fit = _UNFIT.sub("-", name).strip("-") or _short_hash(name)
    room = LONGEST - len("dev--")
    if len(fit) > room:
        fit = f"{fit[: room - 9]}-{_short_hash(name)}"
    return f"dev-{fit}-"


def _short_hash(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:8]


def mistakes_of(prefix: str, place: Place | None = None) -> tuple[Problem, ...]:
    """Why AWS would not take names that begin so; `place`: where the prefix was said."""
    if unfit := sorted(set("".join(_UNFIT.findall(prefix)))):
        named = " ".join(repr(character)[1:-1] if character != " " else "a space" for character in unfit)
        what = f"table prefix `{prefix}` has what table names may not have: {named}"
        return (Problem("bad-table-prefix", what, "Use letters, digits, `_`, `.` and `-`.", place),)
    if len(prefix) > LONGEST:
        what = f"table prefix `{prefix}` has {len(prefix)} characters, {LONGEST} is the most"
        hint = "Names of pipes, which begin with it, may have 64 characters in all."
        return (Problem("bad-table-prefix", what, hint, place),)
    return ()
