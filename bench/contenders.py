"""Ways to start the same services: bare processes as the limit, Hippodrome, and its peers."""

import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bench.workload import Tiny, answers, wait_all

ROOT = Path(__file__).resolve().parent.parent
HD = [sys.executable, str(ROOT / "hippodrome" / "cli" / "__main__.py")]


@dataclass(frozen=True)
class Timing:
    """Seconds from the command to the last answer, and from the stop to the last closed port."""

    healthy_s: float
    stopped_s: float


def bare(services: list[Tiny], folder: Path) -> Timing:
    """The limit: each process started the moment that what it needs answers."""
    began = time.monotonic()
    waiting, children, up = list(services), list[subprocess.Popen[bytes]](), set[str]()
    ports = {service.name: service.port for service in services}
    while waiting:
        up |= {name for name in {need for each in waiting for need in each.needs} - up if answers(ports[name])}
        for service in [each for each in waiting if up.issuperset(each.needs)]:
            children.append(subprocess.Popen(service.argv))
            waiting.remove(service)
        time.sleep(0.002)
    healthy = wait_all(list(ports.values()), up=True)
    stopping = time.monotonic()
    for child in children:
        child.terminate()
    for child in children:
        child.wait()
    return Timing(healthy - began, time.monotonic() - stopping)


def hippodrome(services: list[Tiny], folder: Path) -> Timing:
    """`hd up -d`, then `hd down`, in a project with nothing packaged."""
    declared = {
        service.name: {
            "command": service.argv,
            "port": service.port,
            "healthcheck": {"http": "/"},
            "depends_on": list(service.needs),
        }
        for service in services
    }
    (folder / "hippodrome.yaml").write_text(json.dumps({"packaged": False, "services": declared}))
    environment = {**os.environ, "XDG_STATE_HOME": str(folder / "state")}

    def hd(*arguments: str) -> None:
        subprocess.run([*HD, *arguments], cwd=folder, env=environment, check=True, stdout=subprocess.DEVNULL)

    return _timed(services, start=lambda: hd("up", "-d"), stop=lambda: hd("down"))


def honcho(services: list[Tiny], folder: Path) -> Timing:
    """`honcho start` with a Procfile."""
    lines = [f"{service.name}: exec {shlex.join(service.argv)}\n" for service in services]
    (folder / "Procfile").write_text("".join(lines))
    return _foreground(services, [_tool("honcho"), "start"], folder)


def circus(services: list[Tiny], folder: Path) -> Timing:
    """`circusd` with a watcher a service."""
    watchers = [f"[watcher:{service.name}]\ncmd = {shlex.join(service.argv)}\n" for service in services]
    sockets = "".join(f"{name} = ipc://{folder}/{name}\n" for name in ("endpoint", "pubsub_endpoint"))
    (folder / "circus.ini").write_text(f"[circus]\n{sockets}" + "".join(watchers))
    return _foreground(services, [_tool("circusd"), "circus.ini"], folder)


def supervisord(services: list[Tiny], folder: Path) -> Timing:
    """Plain supervisord."""
    programs = [
        f"[program:{service.name}]\ncommand={shlex.join(service.argv)}\nstdout_logfile=NONE\nstderr_logfile=NONE\n"
        for service in services
    ]
    (folder / "plain.conf").write_text("[supervisord]\nnodaemon=true\nsilent=true\n" + "".join(programs))
    return _foreground(services, [_tool("supervisord"), "-c", "plain.conf"], folder)


FLAT: dict[str, Callable[[list[Tiny], Path], Timing]] = {
    "bare": bare,
    "hippodrome": hippodrome,
    "honcho": honcho,
    "circus": circus,
    "supervisord": supervisord,
}
CHAIN = {"bare": bare, "hippodrome": hippodrome}  # the others do not order by health


def _tool(name: str) -> str:
    beside = Path(sys.executable).with_name(name)
    return str(beside) if beside.exists() else shutil.which(name) or name


def _foreground(services: list[Tiny], command: list[str], folder: Path) -> Timing:
    child = subprocess.Popen
    running: list[subprocess.Popen[bytes]] = []

    def start() -> None:
        running.append(child(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))

    def stop() -> None:
        running[0].send_signal(signal.SIGINT)
        running[0].wait(timeout=60)

    return _timed(services, start=start, stop=stop)


def _timed(services: list[Tiny], *, start: Callable[[], None], stop: Callable[[], None]) -> Timing:
    ports = [service.port for service in services]
    began = time.monotonic()
    start()
    healthy = wait_all(ports, up=True)
    stopping = time.monotonic()
    stop()
    wait_all(ports, up=False)
    return Timing(healthy - began, time.monotonic() - stopping)
