"""The event relay beside a bare forwarder, and what it loses when everything is killed."""

import contextlib
import json
import os
import random
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

from bench.contenders import QUIET, hd
from bench.row import Row
from bench.sending import event
from bench.workload import answers, free_ports
from hippodrome.events.reading import Reader
from hippodrome.wait import Deadline, until

HERE = Path(__file__).resolve().parent
SENDERS = (1, 8, 32)
SECONDS = 4.0
STEADY = 200.0  # events a second
STREAMS = 20
EVENTS, KEYS = 10_000, 100
KILL_S = 1.5
PATIENCE_S = 120.0


def relay(rounds: int, folder: Path) -> list[Row]:
    """Events a second, in turn with a Flask application that forwards the same and writes nothing down."""
    rows = []
    with relaying(folder) as ours, forwarding(folder) as bare:
        for senders in SENDERS:
            samples: dict[int, list[float]] = {ours: [], bare: []}
            for _ in range(rounds):
                for port, rates in samples.items():
                    told = sent(port, senders, SECONDS)
                    rates.append(len(told["took_ms"]) / told["seconds"])
            beside = {"against": "bare Flask", "limit": samples[bare], "aim": "≥ 0.6"}
            rows.append(Row(what=f"relay, {senders} senders", samples=samples[ours], unit="events/s", **beside))  # type: ignore[arg-type]
        rows += [
            _steady(ours, rounds, f"relay at {STEADY:.0f} events a second, p99", "< 50 ms"),
            _steady_with_streams(ours, rounds, subprocess_hd(folder, "open", "--token").strip()),
            _steady(bare, rounds, f"bare Flask at {STEADY:.0f} events a second, p99", ""),
        ]
    return rows


def _steady(port: int, rounds: int, what: str, aim: str) -> Row:
    samples = [_p99(sent(port, 8, SECONDS, STEADY)["took_ms"]) for _ in range(rounds)]
    return Row(what=what, samples=samples, unit="ms", aim=aim)


def _steady_with_streams(port: int, rounds: int, token: str) -> Row:
    with contextlib.ExitStack() as open_ones:
        for _ in range(STREAMS):
            connection = HTTPConnection("127.0.0.1", port, timeout=60)
            open_ones.callback(connection.close)
            headers = {"Host": "localhost", "Authorization": f"Bearer {token}"}
            connection.request("GET", "/api/stream?services=dashboard,taker&events=1", headers=headers)
            connection.getresponse()
        return _steady(port, rounds, f"the same with {STREAMS} log streams open, that nobody reads", "< 50 ms")


def loss(_rounds: int, folder: Path) -> list[Row]:
    """Events while target, dashboard and sender's connections break off: sent again until they are answered."""
    chance = random.Random(42)
    with relaying(folder) as port:
        repeats, deadline = 0, Deadline(PATIENCE_S * 4)
        killed_at, kills = time.monotonic(), 0
        sender = _Sender(port)
        for number in range(EVENTS):
            if time.monotonic() - killed_at > KILL_S:
                killed_at, kills = time.monotonic(), kills + 1
                hd(folder, "start", "taker", "dashboard")  # after six kills in a row it would be given up
                _kill(folder, chance.choice(("taker", "dashboard")))
            repeats += sender.send(event(f"INDEX#{number % KEYS}", number), deadline)
        hd(folder, "start", "taker", "dashboard")
        taken = folder / "taken"
        reader = Reader(next((folder / "state").glob("hippodrome/*/spool.sqlite3")))
        until(lambda: not reader.totals().by_state["queued"], Deadline(PATIENCE_S), pause_s=0.2)
        lines = [line.split() for line in taken.read_text().splitlines()]
    ids = [each[0] for each in lines]
    lost = EVENTS - len({*ids})
    return [
        Row(what=f"{EVENTS} events while {kills} processes are killed: lost", samples=[lost], unit="events", aim="0"),
        Row(what="… out of order within their key", samples=[_disordered(lines)], unit="events", aim="0"),
        Row(what="… delivered more than once", samples=[len(ids) - len({*ids})], unit="events"),
        Row(what="… sent again by the sender, known as repeats", samples=[reader.totals().repeats], unit="events"),
        Row(what="… answers that the sender did not get", samples=[repeats], unit="events"),
    ]


class _Sender:
    """One connection, made anew whenever it breaks."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._connection = HTTPConnection("127.0.0.1", port, timeout=10)

    def send(self, raw: bytes, deadline: Deadline) -> int:
        """Until it is answered with 200 or 202; how often it was not."""
        failures = 0
        while not deadline.is_over:
            try:
                headers = {"Content-Type": "application/json", "Prefer": "respond-async"}
                self._connection.request("POST", "/webhook/eventbridge", raw, headers)
                answer = self._connection.getresponse()
                answer.read()
                if answer.status in (200, 202):
                    return failures
            except (OSError, HTTPException):
                self._connection.close()
            failures += 1
            time.sleep(0.05)
        raise TimeoutError("the relay never answered")


def _disordered(lines: list[list[str]]) -> int:
    """First deliveries that came after a later one of their key."""
    last: dict[str, int] = {}
    seen: set[str] = set()
    wrong = 0
    for identifier, key, number in lines:
        if identifier not in seen:
            seen.add(identifier)
            wrong += int(number) < last.get(key, -1)
            last[key] = max(last.get(key, -1), int(number))
    return wrong


def _kill(folder: Path, name: str) -> None:
    told = json.loads(subprocess_hd(folder, "ps", "--json"))["services"]
    pid = next(each["pid"] for each in told if each["name"] == name)
    if pid:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def subprocess_hd(folder: Path, *arguments: str) -> str:
    """What `hd` prints, also where it exits with 1, as `hd ps` does while a service is down."""
    try:
        return hd(folder, *arguments).stdout
    except subprocess.CalledProcessError as error:
        return str(error.stdout)


@contextmanager
def relaying(folder: Path) -> Iterator[int]:
    """A stack of a dashboard and a target that answers at once; the dashboard's port."""
    port, target = free_ports(2)
    command = [sys.executable, str(HERE / "taking.py"), "${port}", str(folder / "taken")]
    route = {"pattern": {"detail-type": [{"prefix": "EcomIndexSettings."}]}, "service": "taker"}
    services = {"dashboard": {"port": port}, "watcher": {"enabled": False}}
    services["taker"] = {"command": command, "port": target}
    events = {"via": "none", "routes": {"settings": route}}
    said = {"profile": "small", "profiles": {"small": {}}, "services": services, "events": events}
    (folder / "hippodrome.yaml").write_text(json.dumps(said))
    hd(folder, "up", "-d")
    try:
        yield port
    finally:
        hd(folder, "down")


@contextmanager
def forwarding(folder: Path) -> Iterator[int]:
    """The bare forwarder before a target of its own; its port."""
    port, target = free_ports(2)
    commands = (
        [sys.executable, str(HERE / "taking.py"), str(target), str(folder / "taken-bare")],
        [sys.executable, str(HERE / "bare_relay.py"), str(port), f"http://127.0.0.1:{target}/events"],
    )
    children = [subprocess.Popen(command, **QUIET) for command in commands]  # type: ignore[call-overload]
    try:
        until(lambda: answers(f"http://127.0.0.1:{port}/health"), Deadline(PATIENCE_S))
        yield port
    finally:
        for child in children:
            child.terminate()
            child.wait()


def sent(port: int, senders: int, seconds: float, rate: float = 0.0) -> dict[str, Any]:
    """What `sending.py` prints."""
    command = [sys.executable, str(HERE / "sending.py"), *map(str, (port, senders, seconds, rate))]
    told: dict[str, Any] = json.loads(subprocess.run(command, check=True, text=True, capture_output=True).stdout)
    return told


def _p99(took_ms: list[float]) -> float:
    return statistics.quantiles(took_ms, n=100)[98]
