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
    """`table_prefix`: what is said, else that of the stack that nobody ended, else `dev-BRANCH-`, the name behind it.

    A branch that was switched while a stack was stopped, or a machine off, does not rename its tables either.
    """
    said = draft.config.settings.table_prefix
    if said is not None:
        return replace(draft, table_prefix=said).reported(mistakes_of(said, draft.place("table_prefix")))
    current = prefix_of(draft.surroundings.head, draft.surroundings.name)
    if (settled := draft.surroundings.settled) is None or settled.table_prefix == current:
        return replace(draft, table_prefix=current)
    before = settled.table_prefix
    if settled.is_ended:
        other = f"the prefix of tables is `{current}` now, and was `{before}` before `hd down`"
        notice = f"{other}: `--table-prefix {before}` takes that again"
        return replace(draft, table_prefix=current, notices=(*draft.notices, notice))
    moved = f"the tables keep the prefix `{before}` they were started with; now it would be `{current}`"
    moved += f": `hd down` and `hd up`, or `--table-prefix {current}`, change it"
    return replace(draft, table_prefix=before, notices=(*draft.notices, moved))


def prefix_of(head: Head | None, name: str = "") -> str:
    """`dev-BRANCH-`; a detached HEAD gives the commit's short id, and no git at all `dev-local-`.

    The second stack `NAME` of a project root gets `dev-BRANCH--NAME-`: two of them may share an account.

    What DynamoDB refuses becomes `-`; a branch that is too long is cut and ends in a hash of all of it.
    """
    branch = head.name if head else "local"
    fit = _UNFIT.sub("-", branch).strip("-") or _short_hash(branch)
    end = f"--{name}" if name else ""
    room = LONGEST - len("dev--") - len(end)
    if len(fit) > room:
        fit = f"{fit[: room - 9]}-{_short_hash(branch)}"
    return f"dev-{fit}{end}-"


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
