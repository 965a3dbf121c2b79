"""Ways to start the same commands: bare processes as the limit, Hippodrome, and its peers."""

import contextlib
import json
import os
import pty
import shlex
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bench.workload import LOOK_S, Command, answers, wait_all

ROOT = Path(__file__).resolve().parent.parent
HD = (sys.executable, "-I", str(ROOT / "hippodrome" / "cli" / "__main__.py"))
QUIET = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}


@dataclass(frozen=True)
class Timing:
    """Seconds from the command to the last answer, and from the stop to the last closed port."""

    healthy_s: float
    stopped_s: float


def bare(services: list[Command], folder: Path) -> Timing:
    """The limit: each process started the moment that what it needs answers."""
    began = time.monotonic()
    waiting, children, up = list(services), list[subprocess.Popen[bytes]](), set[str]()
    urls = {service.name: service.url for service in services}
    while waiting:
        up |= {name for name in {need for each in waiting for need in each.needs} - up if answers(urls[name])}
        for service in [each for each in waiting if up.issuperset(each.needs)]:
            children.append(_spawn(service))
            waiting.remove(service)
        time.sleep(LOOK_S)
    healthy = wait_all(urls.values(), up=True)
    stopping = time.monotonic()
    for child in children:
        child.terminate()
    for child in children:
        child.wait()
    return Timing(healthy - began, time.monotonic() - stopping)


def _spawn(command: Command) -> subprocess.Popen[bytes]:
    environment = dict(command.environment) or None
    return subprocess.Popen(command.argv, cwd=command.folder, env=environment, **QUIET)  # type: ignore[call-overload,no-any-return]


def hippodrome(services: list[Command], folder: Path) -> Timing:
    """`hd up -d`, then `hd down`, in a project with nothing packaged."""
    declared = {
        each.name: {
            "command": list(each.argv),
            "port": int(each.argv[-2]),
            "healthcheck": {"http": "/"},
            "depends_on": list(each.needs),
        }
        for each in services
    }
    (folder / "hippodrome.yaml").write_text(json.dumps({"packaged": False, "services": declared}))
    return project(services, folder)


def project(services: list[Command], folder: Path) -> Timing:
    """`hd up -d`, then `hd down`, in a project that declares them."""
    return _timed(services, start=lambda: hd(folder, "up", "-d"), stop=lambda: hd(folder, "down"))


def hd(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A command of this checkout; the state is kept below the folder. Raises CalledProcessError."""
    environment = {**os.environ, **own_places(folder)}
    command = [*HD, *arguments]
    return subprocess.run(command, cwd=folder, env=environment, check=True, text=True, capture_output=True)


def own_places(folder: Path) -> dict[str, str]:
    """Variables that keep all that `hd` writes below the folder."""
    return {"XDG_STATE_HOME": str(folder / "state"), "HIPPODROME_REGISTRY": str(folder / "registry")}


def honcho(services: list[Command], folder: Path) -> Timing:
    """`honcho start` with a Procfile."""
    lines = [f"{service.name}: exec {shlex.join(service.argv)}\n" for service in services]
    (folder / "Procfile").write_text("".join(lines))
    return _foreground(services, [_tool("honcho"), "start"], folder)


def circus(services: list[Command], folder: Path) -> Timing:
    """`circusd` with a watcher a service."""
    watchers = [f"[watcher:{service.name}]\ncmd = {shlex.join(service.argv)}\n" for service in services]
    sockets = "".join(f"{name} = ipc://{folder}/{name}\n" for name in ("endpoint", "pubsub_endpoint"))
    (folder / "circus.ini").write_text(f"[circus]\n{sockets}" + "".join(watchers))
    return _foreground(services, [_tool("circusd"), "circus.ini"], folder)


def supervisord(services: list[Command], folder: Path) -> Timing:
    """Plain supervisord."""
    programs = [
        f"[program:{service.name}]\ncommand={shlex.join(service.argv)}\nstdout_logfile=NONE\nstderr_logfile=NONE\n"
        for service in services
    ]
    (folder / "plain.conf").write_text("[supervisord]\nnodaemon=true\nsilent=true\n" + "".join(programs))
    return _foreground(services, [_tool("supervisord"), "-c", "plain.conf"], folder)


def mprocs(services: list[Command], folder: Path) -> Timing:
    """`mprocs`, which draws on a terminal; `q` ends it."""
    told = {"procs": {service.name: {"cmd": list(service.argv)} for service in services}}
    (folder / "mprocs.yaml").write_text(json.dumps(told))
    ours, theirs = pty.openpty()
    children: list[subprocess.Popen[bytes]] = []

    def start() -> None:
        command = [str(mprocs_path()), "--config", "mprocs.yaml"]
        environment = {**os.environ, "TERM": "xterm-256color"}
        children.append(
            subprocess.Popen(
                command,
                cwd=folder,
                env=environment,
                stdin=theirs,
                stdout=theirs,
                stderr=theirs,
                start_new_session=True,
            )
        )
        threading.Thread(target=_drain, args=[ours], daemon=True).start()

    def stop() -> None:
        os.write(ours, b"q")
        children[0].wait(timeout=60)

    try:
        return _timed(services, start=start, stop=stop)
    finally:
        os.close(theirs)


def _drain(terminal: int) -> None:
    with contextlib.suppress(OSError):
        while os.read(terminal, 65536):
            pass


def mprocs_path() -> Path | None:
    """The program that its npm package brings, installed beside the measurements by `bench/run`."""
    path = ROOT / "bench" / "node_modules" / ".bin" / "mprocs"
    return path if path.exists() else None


FLAT: dict[str, Callable[[list[Command], Path], Timing]] = {
    "bare": bare,
    "hippodrome": hippodrome,
    "honcho": honcho,
    "circus": circus,
    "supervisord": supervisord,
    "mprocs": mprocs,
}
CHAIN = {"bare": bare, "hippodrome": hippodrome}  # the others do not order by health


def _tool(name: str) -> str:
    beside = Path(sys.executable).with_name(name)
    return str(beside) if beside.exists() else shutil.which(name) or name


def _foreground(services: list[Command], command: list[str], folder: Path) -> Timing:
    running: list[subprocess.Popen[bytes]] = []

    def start() -> None:
        running.append(subprocess.Popen(command, cwd=folder, **QUIET))  # type: ignore[call-overload]

    def stop() -> None:
        running[0].send_signal(signal.SIGINT)
        running[0].wait(timeout=60)

    return _timed(services, start=start, stop=stop)


def _timed(services: list[Command], *, start: Callable[[], object], stop: Callable[[], object]) -> Timing:
    urls = [service.url for service in services if service.url]
    began = time.monotonic()
    start()  # `hd up -d` returns when all is healthy, and nobody looks before; the others return at once
    healthy = wait_all(urls, up=True)
    stopping = time.monotonic()
    stop()
    stopped = wait_all(urls, up=False)
    return Timing(healthy - began, stopped - stopping)
