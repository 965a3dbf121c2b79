"""What a state means, in one sentence, down to its root: the same words on every screen."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from hippodrome.plan.conditions import Exit, Snapshot, Status
from hippodrome.plan.model import Plan, Program


@dataclass(frozen=True)
class Why:
    """`sentence`: what is so; `mend`: what to do (empty when nothing is wrong); `root`: the program at fault."""

    sentence: str
    mend: str
    root: str


Detail = Mapping[str, Any]
Words = tuple[str, str]  # sentence, mend


def why(plan: Plan, snapshot: Snapshot, name: str) -> Why:
    """Why the program `name` is in its state. Raises KeyError for a name the snapshot does not have."""
    chain = _chain(snapshot, name)
    root = chain[-1]
    sentence, mend = _words(plan, root)
    if len(chain) > 1:
        verb = "blocked by" if chain[0].state == "blocked" else "waiting for"
        path = " ← ".join(status.name for status in chain[1:])
        sentence = f"{verb} {path}: {sentence}"
    return Why(sentence, mend, root.name)


def _chain(snapshot: Snapshot, name: str) -> list[Status]:
    """From `name` along what holds each back; the worst of several is followed."""
    known = {status.name: status for status in snapshot.statuses}
    chain = [known[name]]
    while chain[-1].state in {"waiting", "blocked"}:
        held_by = [known[other] for other in chain[-1].waits_for if other in known and known[other] not in chain]
        if not held_by:
            break
        chain.append(min(held_by, key=_badness))
    return chain


def _badness(status: Status) -> int:
    order = ("failed", "stopped", "exited", "blocked", "backoff", "unhealthy", "waiting", "starting")
    return order.index(status.state) if status.state in order else len(order)


def _words(plan: Plan, status: Status) -> Words:
    if status.state in ("starting", "unhealthy") and any(each.name == status.name for each in _external(plan)):
        return _not_there(status, _address(plan, status.name))
    if status.cause in CAUSES:
        detail = {"name": status.name, "address": _address(plan, status.name), **status.detail}
        try:
            return CAUSES[status.cause](status, detail)
        except KeyError:  # a supervisord of another version tells other facts
            return f"{status.state}: {status.cause.replace('-', ' ')}", _see_logs(status.name)
    return STATES[status.state](status) if status.state in STATES else (status.state, "")


def _external(plan: Plan) -> Iterator[Program]:
    return (program for program in plan.programs if program.is_external)


def _not_there(status: Status, url: str) -> Words:
    seen = status.last_probe or "no answer yet"
    return f"external, and not healthy at {url}: {seen}", "Start it there, or `hd up` without `--external` here."


def _address(plan: Plan, name: str) -> str:
    return next((program.url for program in plan.programs if program.name == name), "")


def exit_words(last: Exit | None) -> str:
    """`exited with code 3`, `was killed by SIGKILL`, … ; empty for None."""
    if last is None:
        return ""
    if last.signal is None:
        return f"exited with code {last.code}"
    import signal  # only a death by signal needs the names

    try:
        return f"was killed by {signal.Signals(last.signal).name}"
    except ValueError:
        return f"was killed by signal {last.signal}"


def _holder(detail: Detail) -> str:
    if detail.get("pid") is None:
        return "a process of another user"
    about = [str(detail["command"])] if detail.get("command") else []
    about += [f"user {detail['user']}"] if detail.get("user") else []
    return f"pid {detail['pid']}" + (f" ({', '.join(about)})" if about else "")


def _see_logs(name: str) -> str:
    return f"See `hd logs {name} -n 50`; then `hd restart {name}`."


def _port_taken(status: Status, detail: Detail) -> Words:
    mend = f"End it (`kill {detail['pid']}`)" if detail.get("pid") else "End it as its user"
    return (
        f"port {detail['port']} is held by {_holder(detail)}",
        f"{mend} and `hd start {status.name}`, or set `services.{status.name}.port` in hippodrome.local.yaml.",
    )


def _port_not_held(status: Status, detail: Detail) -> Words:
    return (
        f"it answers, but nothing of its own listens on port {detail['port']}",
        f"Make it listen on its declared port, or correct `services.{status.name}.port`.",
    )


def _command_missing(status: Status, detail: Detail) -> Words:
    return (
        f"the command `{detail['command']}` is not there",
        f"Install it, or correct `services.{status.name}.command`; `hd env {status.name}` shows its PATH.",
    )


def _folder_missing(status: Status, detail: Detail) -> Words:
    return (
        f"the folder {detail.get('folder', '')} is not there",
        f"Make it, or correct where `{status.name}` runs; `hd explain {status.name}` says who set it.",
    )


def _not_executable(status: Status, detail: Detail) -> Words:
    command = detail.get("command", "")
    return f"`{command}` may not be executed", f"`chmod +x {command}`, then `hd start {status.name}`."


def _exited_at_once(status: Status, detail: Detail) -> Words:
    if detail.get("code") == 0:
        return (
            f"it ended at once and well, after {detail.get('lived_s', 0):.1f} s, where it should go on",
            "Let it stay in the foreground; or say `restart: no` if it is a task.",
        )
    return (
        f"it {exit_words(status.last_exit) or 'ended'} at once, after {detail.get('lived_s', 0):.1f} s",
        _see_logs(status.name),
    )


def _crashed(status: Status, detail: Detail) -> Words:
    return f"it {exit_words(status.last_exit) or 'crashed'}", _see_logs(status.name)


def _gave_up(status: Status, detail: Detail) -> Words:
    last = exit_words(status.last_exit)
    return f"given up after {detail.get('tries', 0)} tries" + (f"; it {last}" if last else ""), _see_logs(status.name)


def _unhealthy(status: Status, detail: Detail) -> Words:
    seen = detail.get("probe") or status.last_probe
    return f"{detail.get('failures', 'several')} health checks in a row failed: {seen}", _see_logs(status.name)


def _start_timeout(status: Status, detail: Detail) -> Words:
    seen = detail.get("probe") or status.last_probe or "no answer"
    return (
        f"not healthy after {detail.get('seconds', 0):g} s: {seen}",
        f"See `hd logs {status.name}`; a slow start needs a longer `healthcheck.start_period`.",
    )


def _killed(status: Status, detail: Detail) -> Words:
    return (
        f"it {exit_words(status.last_exit) or 'was killed'} from outside; the system may be out of memory",
        f"`hd doctor` shows free memory; then `hd restart {status.name}`.",
    )


def _daemonised(status: Status, detail: Detail) -> Words:
    return (
        "it went into the background, where nobody can watch over it",
        "Let it stay in the foreground (often a flag such as `--foreground` or `--no-daemon`).",
    )


def _by_hand(status: Status, _detail: Detail) -> Words:
    seen = f"; so far {status.last_probe}" if status.last_probe and status.state == "starting" else ""
    seen = f"; its check sees {status.last_probe}" if status.state == "unhealthy" else seen
    return f"run by hand in a terminal (`hd run`), {status.state}{seen}", f"`hd restart {status.name}` takes it back."


CAUSES: dict[str, Callable[[Status, Detail], Words]] = {
    "port-taken": _port_taken,
    "port-not-held": _port_not_held,
    "command-missing": _command_missing,
    "folder-missing": _folder_missing,
    "not-executable": _not_executable,
    "exited-at-once": _exited_at_once,
    "crashed": _crashed,
    "gave-up": _gave_up,
    "unhealthy": _unhealthy,
    "start-timeout": _start_timeout,
    "killed": _killed,
    "daemonised": _daemonised,
    "by-hand": _by_hand,
    "stopped-by-hand": lambda s, d: ("stopped by hand", f"`hd start {s.name}` starts it again."),
    "spawn-failed": lambda s, d: (
        f"it could not be started: {d.get('error', '')}",
        "`hd doctor` looks for the cause.",
    ),
    "setup-failed": lambda s, d: (
        "its set-up failed" + (f": {d['error']}" if d.get("error") else ""),
        f"See `hd setup {s.name}`, which tries again and shows all.",
    ),
    "left-out": lambda s, d: (f"`{d.get('program', '')}` is left out", "`hd plan` says why."),
}

STATES: dict[str, Callable[[Status], Words]] = {
    "healthy": lambda s: ("healthy", ""),
    "running": lambda s: ("running; it declares nothing that could be checked", ""),
    "starting": lambda s: ("starting" + (f"; so far {s.last_probe}" if s.last_probe else ""), ""),
    "waiting": lambda s: ("waiting for its turn", ""),
    "backoff": lambda s: (f"it {exit_words(s.last_exit)}; it will be started again", _see_logs(s.name)),
    "stopping": lambda s: ("stopping", ""),
    "stopped": lambda s: ("stopped", f"`hd start {s.name}` starts it."),
    "exited": lambda s: ("done" if s.has_completed else f"it {exit_words(s.last_exit)}", ""),
}
