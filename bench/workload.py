"""The services that are started by every contender, and what it takes to see them answer."""

import socket
import sys
import time
from dataclasses import dataclass
from pathlib import Path

TINY = Path(__file__).with_name("tiny.py")


@dataclass(frozen=True)
class Tiny:
    """One tiny service; `needs` are the names of those that must answer before it may start."""

    name: str
    port: int
    delay_s: float
    needs: tuple[str, ...] = ()

    @property
    def argv(self) -> list[str]:
        return [sys.executable, "-I", "-S", str(TINY), str(self.port), str(self.delay_s)]


def free_ports(count: int) -> list[int]:
    """Ports that the system hands out, all different."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def flat(count: int = 12, delay_s: float = 0.2) -> list[Tiny]:
    """None waits for another."""
    return [Tiny(f"s{index:02}", port, delay_s) for index, port in enumerate(free_ports(count))]


def chain(count: int = 12, depth: int = 4, delay_s: float = 0.2) -> list[Tiny]:
    """`depth` levels; each service waits for all of the level above."""
    ports, wide, services = free_ports(count), count // depth, list[Tiny]()
    for index, port in enumerate(ports):
        above = services[index // wide * wide - wide : index // wide * wide] if index >= wide else []
        services.append(Tiny(f"s{index:02}", port, delay_s, tuple(each.name for each in above)))
    return services


def answers(port: int) -> bool:
    """Whether an HTTP 200 comes from the port now."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as client:
            client.sendall(b"GET / HTTP/1.0\r\n\r\n")
            return client.recv(16).startswith(b"HTTP/1.0 200")
    except OSError:
        return False


def is_closed(port: int) -> bool:
    """Whether nobody listens on the port."""
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) != 0


def wait_all(ports: list[int], *, up: bool, limit_s: float = 60.0) -> float:
    """The moment (monotonic seconds) at which every port answers, or none does. Raises TimeoutError."""
    question = answers if up else is_closed
    left = list(ports)
    end = time.monotonic() + limit_s
    while left:
        left = [port for port in left if not question(port)]
        if time.monotonic() > end:
            raise TimeoutError(f"ports {left} never came {'up' if up else 'down'}")
        time.sleep(0.002)
    return time.monotonic()
