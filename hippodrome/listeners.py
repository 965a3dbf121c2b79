"""Who listens on a TCP port, and ports kept for who will. Linux: through /proc; other systems: asked with `lsof`."""

import contextlib
import errno
import os
import pwd
import socket
import sys
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
ESTABLISHED, LISTENING = "01", "0A"  # include/net/tcp_states.h, as /proc/net/tcp prints them
BEGINNING = ("02", "03", "0C")  # SYN_SENT, SYN_RECV, NEW_SYN_RECV
LOOPBACK_6 = bytes(15) + b"\x01"
MAPPED = bytes(10) + b"\xff\xff"  # before an IPv4 address in IPv6's form
HAS_PROC = (PROC / "net" / "tcp").exists()


@dataclass(frozen=True)
class Holder:
    """A process that listens. `pid` is None, and `command` empty, where another user's cannot be looked at."""

    pid: int | None
    command: str
    user: str


@dataclass(frozen=True)
class Connection:
    """Of a client with a port of this machine. `inode`: of the client's own socket, empty where it has none.

    `is_open`: it is established, else one that was closed a minute ago at most. `is_remote`: the client is another
    machine's.
    """

    client: tuple[bytes, int]
    port: int
    is_open: bool
    inode: str
    is_remote: bool


@dataclass(frozen=True)
class _Socket:
    address: str  # as /proc/net/tcp has it
    inode: str
    uid: int


def is_free(port: int, host: str = "") -> bool:
    """Whether a server could take the port now; True also where that cannot be known."""
    try:
        family, kind, _, _, address = socket.getaddrinfo(
            host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind) as candidate:
            candidate.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            candidate.bind(address)
    except OSError as error:
        return error.errno != errno.EADDRINUSE
    return True


def reserve() -> socket.socket:
    """Keeps a port of the system's choice for a server to come, until the socket is closed.

    It is bound and does not listen: with SO_REUSEADDR, as servers set it, another may bind there too, while the
    system gives the port neither to who asks for any nor to a connection that goes out (Linux, `inet_csk_get_port`
    and `__inet_hash_connect`: a port of an explicit `bind` is passed over).
    """
    kept = socket.socket()
    kept.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    kept.bind(("127.0.0.1", 0))
    return kept


def holder_of(port: int, host: str = "") -> Holder | None:
    """Who listens on `port`; with `host` (an address), only who is in the way of a server there."""
    if not HAS_PROC:
        return _by_lsof(port)
    for found in _listening(port):
        if not host or _is_in_the_way(found.address, host):
            pid = next(_owners({found.inode}, _all_pids()), None)
            return Holder(pid, _command(pid) if pid else "", _user(found.uid))
    return None


def holding(port: int, pids: Iterable[int]) -> int | None:
    """The first of `pids` that listens on `port`."""
    if not HAS_PROC:
        return next((holder.pid for holder in _lsof(port) if holder.pid in set(pids)), None)
    inodes = {found.inode for found in _listening(port)}
    return next(_owners(inodes, pids), None) if inodes else None


def _listening(port: int) -> Iterator[_Socket]:
    wanted = f":{port:04X}"
    for fields in _rows():
        if fields[1].endswith(wanted) and fields[3] == LISTENING:
            yield _Socket(fields[1].partition(":")[0], fields[9], int(fields[7]))


def connections(ports: Collection[int]) -> list[Connection]:
    """All that clients have with these ports, or had within the last minute (TIME_WAIT). Linux alone can tell."""
    wanted, found = set(ports), dict[tuple[bytes, int, int], Connection]()
    for fields in _rows():
        if fields[3] not in (LISTENING, *BEGINNING):
            (here, port), (there, other) = _address(fields[1]), _address(fields[2])
            is_near = here == there or (_is_loopback(here) and _is_loopback(there))
            if port in wanted:
                talk = Connection((there, other), port, fields[3] == ESTABLISHED, "", not is_near)
            elif other in wanted and is_near:
                inode = fields[9] if fields[9] != "0" else ""
                talk = Connection((here, port), other, fields[3] == ESTABLISHED, inode, is_remote=False)
            else:
                continue
            key = (*talk.client, talk.port)
            found[key] = _joined(found.get(key, talk), talk)
    return list(found.values())


def sockets_of(pids: Iterable[int]) -> set[str]:
    """The inodes of all sockets that these processes hold."""
    targets = (target for pid in pids for target in _open_files(pid) if target.startswith("socket:["))
    return {target[len("socket:[") : -1] for target in targets}


def _joined(one: Connection, other: Connection) -> Connection:
    """What its two ends tell of a connection."""
    is_open, inode = one.is_open or other.is_open, one.inode or other.inode
    return Connection(one.client, one.port, is_open, inode, one.is_remote and other.is_remote)


def _rows() -> Iterator[list[str]]:
    for table in ("tcp", "tcp6"):
        with contextlib.suppress(OSError):
            lines = (PROC / "net" / table).read_text(encoding="ascii").splitlines()
            yield from (line.split(None, 10) for line in lines[1:])


def _address(shown: str) -> tuple[bytes, int]:
    address, _, port = shown.partition(":")
    return _unpacked(address), int(port, 16)


def _is_loopback(address: bytes) -> bool:
    return address == LOOPBACK_6 or (len(address) == 4 and address[0] == 127)


def _is_in_the_way(shown: str, host: str) -> bool:
    """Whether a socket at the address `shown` keeps a server from `host`: the same one, or either means all."""
    held, wanted = _unpacked(shown), _packed(host)
    return not wanted or held == wanted or not any(held) or not any(wanted)


def _packed(host: str) -> bytes:
    """An address as bytes; empty for a name, which may mean any."""
    for family in (socket.AF_INET, socket.AF_INET6):
        try:
            return socket.inet_pton(family, host)
        except OSError:
            continue
    return b""


def _unpacked(shown: str) -> bytes:
    """/proc/net/tcp shows words of 32 bits, each in the machine's order of bytes."""
    words = (int(shown[place : place + 8], 16).to_bytes(4, sys.byteorder) for place in range(0, len(shown), 8))
    return b"".join(words).removeprefix(MAPPED)


def _owners(inodes: set[str], pids: Iterable[int]) -> Iterator[int]:
    names = {f"socket:[{inode}]" for inode in inodes}
    yield from (pid for pid in pids if any(target in names for target in _open_files(pid)))


def _open_files(pid: int) -> Iterator[str]:
    """What its descriptors lead to; nothing where it has ended, or is another user's."""
    folder = f"/proc/{pid}/fd"
    with contextlib.suppress(OSError):
        yield from (_target(f"{folder}/{name}") for name in os.listdir(folder))  # noqa: PTH208 - often, and quick


def _target(link: str) -> str:
    try:
        return os.readlink(link)  # noqa: PTH115 - as above
    except OSError:
        return ""


def _all_pids() -> list[int]:
    return [int(name) for name in os.listdir(PROC) if name.isdigit()]  # noqa: PTH208 - as above


def _command(pid: int) -> str:
    try:
        return (PROC / str(pid) / "comm").read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""


def _user(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _by_lsof(port: int) -> Holder | None:
    return next(iter(_lsof(port)), None)


def _lsof(port: int) -> list[Holder]:
    """`-F` prints a field a line: p the pid, c the command, L the user."""
    import subprocess  # which supervisord's process, where this is loaded too, does without on Linux

    asked = ["lsof", "-nP", f"-iTCP:{port}", "-sTCP:LISTEN", "-FpcL"]
    try:
        told = subprocess.run(asked, capture_output=True, text=True, timeout=10).stdout
    except (OSError, subprocess.SubprocessError):
        return []
    found: list[dict[str, str]] = []
    for line in told.splitlines():
        if line[:1] == "p":
            found.append({})
        if found:
            found[-1][line[:1]] = line[1:]
    return [Holder(int(each["p"]), each.get("c", ""), each.get("L", "")) for each in found]
