"""Checks over facts already gathered: what keeps a stack from running, and how to mend it."""

from collections.abc import Callable, Iterator

from hippodrome.diagnose.facts import Facts, Version
from hippodrome.diagnose.findings import Finding
from hippodrome.plan.node import is_suitable

GIB = 1 << 30


def _dotted(version: Version) -> str:
    return ".".join(str(part) for part in version)


def python(facts: Facts) -> Iterator[Finding]:
    if facts.python >= (3, 11):
        yield Finding("Python", "ok", _dotted(facts.python))
    else:
        yield Finding("Python", "error", f"{_dotted(facts.python)} is too old", "Install Python 3.11 or newer.")


def node(facts: Facts) -> Iterator[Finding]:
    if facts.node is None:
        yield Finding("Node", "warning", "not installed", "`hd up` takes one from PyPI; or install Node 22.")
    elif not is_suitable(_dotted(facts.node)):
        mend = "`hd up` takes another from PyPI; or install Node 22."
        yield Finding("Node", "warning", f"{_dotted(facts.node)} does not suit the console", mend)
    else:
        yield Finding("Node", "ok", _dotted(facts.node))


def npm(facts: Facts) -> Iterator[Finding]:
    if facts.npm:
        yield Finding("npm", "ok", _dotted(facts.npm))
    else:
        yield Finding("npm", "warning", "not installed", "It comes with Node; `hd up` takes both from PyPI.")


def git(facts: Facts) -> Iterator[Finding]:
    if facts.git:
        yield Finding("git", "ok", _dotted(facts.git))
    else:
        yield Finding("git", "warning", "not installed", "Table prefixes cannot be named by branch without it.")


def ports(facts: Facts) -> Iterator[Finding]:
    for service, (port, holder) in facts.holders.items():
        who = f"pid {holder.pid} ({holder.command}, user {holder.user})" if holder.pid else "another user's process"
        mend = f"`kill {holder.pid}`, or set `services.{service}.port`." if holder.pid else "Set another port."
        yield Finding("Ports", "error", f"{port}, wanted by {service}, is held by {who}", mend)
    if not facts.holders and not facts.is_running:
        yield Finding("Ports", "ok", "all free")


def disk(facts: Facts) -> Iterator[Finding]:
    free = f"{facts.disk_free / GIB:.1f} GiB free"
    if facts.disk_free < GIB:
        yield Finding("Disk", "error", free, "Free at least 1 GiB; caches are below ~/.cache/hippodrome.")
    else:
        yield Finding("Disk", "ok", free)


def memory(facts: Facts) -> Iterator[Finding]:
    if facts.memory_free is None:
        return
    free = f"{facts.memory_free / GIB:.1f} GiB free"
    if facts.memory_free < GIB // 2:
        yield Finding("Memory", "warning", free, "Close something; the core profile takes about 0.5 GiB.")
    else:
        yield Finding("Memory", "ok", free)


def limits(facts: Facts) -> Iterator[Finding]:
    if facts.open_files < 1024:
        mend = "Raise it: `ulimit -Hn 4096`; every service takes three."
        yield Finding("Limits", "warning", f"only {facts.open_files} open files allowed", mend)
    if facts.inotify_watches is not None and facts.inotify_watches < 8192:
        mend = "`sudo sysctl fs.inotify.max_user_watches=524288`; hot reload needs them."
        yield Finding("Limits", "warning", f"only {facts.inotify_watches} inotify watches", mend)


def leftovers(facts: Facts) -> Iterator[Finding]:
    if facts.leftovers:
        pids = ", ".join(str(pid) for pid in facts.leftovers)
        yield Finding("Leftovers", "warning", f"processes of an earlier stack: {pids}", "`hd down` ends them.")
    elif facts.has_stale_socket:
        yield Finding("Leftovers", "warning", "a socket nobody answers on", "`hd up` replaces it by itself.")
    else:
        yield Finding("Leftovers", "ok", "the stack is running" if facts.is_running else "none")


CHECKS: tuple[Callable[[Facts], Iterator[Finding]], ...] = (
    python,
    node,
    npm,
    git,
    ports,
    disk,
    memory,
    limits,
    leftovers,
)


def examine(facts: Facts) -> tuple[Finding, ...]:
    """Every check's findings, in a fixed order."""
    return tuple(finding for check in CHECKS for finding in check(facts))
