"""A service that runs elsewhere, in an IDE perhaps: its address is given, and an idle process stands for it.

With a process, order, health, stops and starts are as for all others, and supervisord's own tools show it.
"""

from dataclasses import replace
from urllib.parse import urlsplit, urlunsplit

from hippodrome.errors import Place, Problem
from hippodrome.plan.draft import Address, Draft, Sourced, bracketed
from hippodrome.plan.model import Origin, Probe, Program, Restart
from hippodrome.secret import without_passwords

FLAG = Place("--external")
STANDS_FOR_IT = ("sleep", "2147483647")  # seconds; `infinity` is not known everywhere
PORTS = {"http": 80, "https": 443}


def sourced(draft: Draft, name: str) -> Sourced | Problem:
    """Nothing of its source is used here."""
    url = draft.selection.external[name]
    try:
        parts = urlsplit(url)
        is_good = parts.scheme in PORTS and parts.hostname and (parts.port or PORTS[parts.scheme])
    except ValueError:
        is_good = False
    if not is_good:
        what = f"`{without_passwords(url)}` is no address of `{name}`"
        return Problem("bad-external", what, f"As in `--external {name}=http://localhost:8000`.", FLAG)
    origin = Origin("external", draft.surroundings.project_root, "external")
    return Sourced(origin=origin, command=STANDS_FOR_IT, at=f"services.{name}")


def stand_in(program: Program, address: Address) -> Program:
    """The program without all that only its own process would need; it is checked from outside alone.

    A password in its address is for those that ask it, and nothing that is shown to people.
    """
    return replace(
        program,
        url=_without_user(program.url),
        argv=STANDS_FOR_IT,
        environment={},
        secrets={},
        setup=(),
        watched=(),
        restart=Restart(),
        stop_signal="SIGTERM",
        probe=_probe(program.probe, address),
    )


def _without_user(url: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2])) if parts.netloc else url


def _probe(declared: Probe, address: Address) -> Probe:
    """Its check over the network; else whether anything listens. HTTPS is not spoken here."""
    if declared.kind == "tcp":
        return declared
    if declared.kind == "http" and not declared.target.startswith("https:"):
        return replace(declared, target=_without_user(declared.target))
    return replace(declared, kind="tcp", target=f"{bracketed(address.reachable_host)}:{address.port}", argv=())
