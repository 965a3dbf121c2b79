"""Which requests change data, and which addresses are of this machine."""

import ipaddress
from collections.abc import Iterable
from urllib.parse import urlsplit

from hippodrome.cell.exchange import Asked
from hippodrome.errors import ExitCode, Problem, UserError

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
ASKING = frozenset({"search", "recommend", "embed", "get-batch"})


def is_reading(asked: Asked) -> bool:
    """Whether it leaves the data as it is. What is not known to, does not."""
    parts = asked.path.partition("?")[0].strip("/").split("/")
    if asked.method.upper() in SAFE:
        return True
    is_question = parts[0] == "indexes" and len(parts) == 3 + (parts[-1] == "get-batch") and parts[-1] in ASKING
    return asked.method.upper() == "POST" and (is_question or parts[:2] == ["validate", "index"])


def is_of_this_machine(url: str) -> bool:
    """Whether the address can be nobody else's."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def check_url(url: str) -> str:
    """The same without a slash at its end. Raises UserError (USAGE)."""
    try:
        parts = urlsplit(url)
        is_good = parts.scheme in ("http", "https") and parts.hostname and (parts.port or 1)
    except ValueError:
        is_good = False
    if not is_good or parts.query or parts.fragment:
        problem = Problem("cell-url", "`--to` is no address of a cell", "Such as --to https://cell.example.com.")
        raise UserError(problem, exit_code=ExitCode.USAGE)
    return url.rstrip("/")


def refuse_changes(asked: Iterable[Asked], url: str) -> None:
    """For cells elsewhere, whose data is somebody's. Raises UserError (USAGE)."""
    changing = [each for each in asked if not is_reading(each)]
    if changing and not is_of_this_machine(url):
        first = f"{changing[0].method} {changing[0].path}"
        what = f"{len(changing)} of these requests write or delete ({first} is the first), and that cell is elsewhere"
        problem = Problem(
            "cell-changes", what, "--allow-changes sends them all the same; --reads-only leaves them out."
        )
        raise UserError(problem, exit_code=ExitCode.USAGE)
