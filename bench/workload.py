"""The services that are started by every contender, and what it takes to see them answer."""

import json
import socket
import sys
import time
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import yaml

ROOT = Path(__file__).resolve().parent.parent
TINY = Path(__file__).with_name("tiny.py")
LOOK_S = 0.002


@dataclass(frozen=True)
class Command:
    """What is started: `needs` are the names of those that must answer before. `url` is empty where none does."""

    name: str
    argv: tuple[str, ...]
    url: str
    needs: tuple[str, ...] = ()
    folder: str = "/"
    environment: tuple[tuple[str, str], ...] = ()


def tiny(name: str, port: int, delay_s: float, needs: Iterable[str] = ()) -> Command:
    """A tiny service that answers after `delay_s` seconds."""
    argv = (sys.executable, "-I", "-S", str(TINY), str(port), str(delay_s))
    return Command(name, argv, f"http://127.0.0.1:{port}/", tuple(needs))


def free_ports(count: int) -> list[int]:
    """Ports that the system hands out, all different."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def write_profile(name: str, folder: Path) -> dict[str, int]:
    """Makes this profile the folder's own, on ports that the system hands out. Returns those."""
    files = (ROOT / "conf" / "services").glob("*.yaml")
    services = {key: each for file in files for key, each in yaml.safe_load(file.read_text())["services"].items()}
    names = [key for key, each in services.items() if each.get("port")]
    ports = dict(zip(names, free_ports(len(names)), strict=True))
    declared = {key: {"port": port} for key, port in ports.items()}
    (folder / "hippodrome.yaml").write_text(json.dumps({"profile": name, "services": declared}))
    return ports


def flat(count: int = 12, delay_s: float = 0.2) -> list[Command]:
    """None waits for another."""
    return [tiny(f"s{index:02}", port, delay_s) for index, port in enumerate(free_ports(count))]


def chain(delay_s: float = 0.2, count: int = 12, depth: int = 4) -> list[Command]:
    """`depth` levels; each service waits for all of the level above."""
    wide, services = count // depth, list[Command]()
    for index, port in enumerate(free_ports(count)):
        above = services[index // wide * wide - wide : index // wide * wide] if index >= wide else []
        services.append(tiny(f"s{index:02}", port, delay_s, [each.name for each in above]))
    return services


def port_of(url: str) -> int:
    return urlsplit(url).port or 80


def answers(url: str) -> bool:
    """Whether a 2xx comes from the address now."""
    parts = urlsplit(url)
    try:
        with socket.create_connection((parts.hostname, parts.port), timeout=2) as client:
            client.sendall(f"GET {parts.path or '/'} HTTP/1.0\r\nHost: {parts.netloc}\r\n\r\n".encode())
            return client.recv(16)[8:].startswith(b" 2")
    except OSError:
        return False


def is_closed(url: str) -> bool:
    """Whether nobody listens at the address."""
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port_of(url))) != 0


def wait_all(urls: Collection[str], *, up: bool, limit_s: float = 60.0) -> float:
    """The moment (monotonic seconds) at which every address answers, or none does. Raises TimeoutError."""
    question = answers if up else is_closed
    left, end = [url for url in urls if url], time.monotonic() + limit_s
    while left:
        left = [url for url in left if not question(url)]
        if time.monotonic() > end:
            raise TimeoutError(f"{left} never came {'up' if up else 'down'}")
        time.sleep(LOOK_S)
    return time.monotonic()
