"""How the health of a service is found, from what it declares."""

import re

from hippodrome.config.model import HealthCheck
from hippodrome.errors import Problem
from hippodrome.plan.draft import Address, Draft, bracketed
from hippodrome.plan.model import Probe, ProbeKind
from hippodrome.plan.scope import Scope


def probe_of(draft: Draft, name: str, scope: Scope) -> Probe:
    """The declared check; without one, that the port is held; without a port, none."""
    check, address = draft.services[name].healthcheck, draft.addresses[name]
    if check is None:
        return _listening(address)
    if check.disable or check.test == ("NONE",):
        return Probe("none")
    path = f"services.{name}.healthcheck"
    if check.http is not None:
        return _timed(check, "http", _http(check.http, address, scope, f"{path}.http"))
    if check.tcp is not None:
        return _timed(check, "tcp", _tcp(scope.public(check.tcp, f"{path}.tcp"), address))
    if check.log is not None:
        return _timed(check, "log", _log(check.log, scope, draft, f"{path}.log"))
    if check.test is not None:
        return _timed(check, "exec", "", _argv(tuple(scope.public(word, f"{path}.test") for word in check.test)))
    listening = _listening(address)
    return _timed(check, listening.kind, listening.target)


def _listening(address: Address) -> Probe:
    if not address.port:
        return Probe("none")
    return Probe("listen", f"{bracketed(address.reachable_host)}:{address.port}")


def _timed(check: HealthCheck, kind: ProbeKind, target: str, argv: tuple[str, ...] = ()) -> Probe:
    return Probe(
        kind,
        target,
        argv,
        interval_s=float(check.interval),
        timeout_s=float(check.timeout),
        retries=check.retries,
        start_period_s=float(check.start_period),
        start_interval_s=None if check.start_interval is None else float(check.start_interval),
    )


def _http(declared: str, address: Address, scope: Scope, path: str) -> str:
    text = scope.public(declared, path)
    if "://" in text:
        return text
    if not address.port:
        scope.text("${port}", path)  # says that there is none
    return f"{address.url}/{text.lstrip('/')}"


def _tcp(text: str, address: Address) -> str:
    return f"{bracketed(address.reachable_host)}:{text}" if text.isdigit() else text


def _log(declared: str, scope: Scope, draft: Draft, path: str) -> str:
    pattern = scope.public(declared, path)
    try:
        re.compile(pattern)
    except re.error as error:
        what = f"`{pattern}` is no regular expression: {error}"
        scope.problems.append(Problem("bad-pattern", what, "Python's `re` reads it.", draft.place(path)))
    return pattern


def _argv(test: tuple[str, ...]) -> tuple[str, ...]:
    """As compose reads it: CMD runs a command, CMD-SHELL a line of shell."""
    if test[0] == "CMD-SHELL":
        return ("/bin/sh", "-c", " ".join(test[1:]))
    return test[1:] if test[0] == "CMD" else test
