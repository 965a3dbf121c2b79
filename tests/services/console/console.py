"""A console of its own: installed once per lock, copied, started and stopped as the stack does it."""

import fcntl
import hashlib
import os
import shutil
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.stack import free_port

SOURCE = Path(__file__).parents[3] / "hippodrome" / "services" / "console"
MANIFESTS = ("package.json", "package-lock.json")
DEADLINE_S = 60.0


@dataclass(frozen=True)
class Console:
    url: str
    root: Path
    process: subprocess.Popen[bytes]
    log: Path


def installed() -> Path:
    """The folder with `node_modules` for the present lock, made at the first call on this machine."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "hippodrome-tests"
    key = hashlib.sha256(b"".join((SOURCE / name).read_bytes() for name in MANIFESTS)).hexdigest()[:16]
    home = cache / f"console-{key}"
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / "console.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (home / "complete").exists():
            shutil.rmtree(home, ignore_errors=True)
            install(home)
            (home / "complete").touch()
    return home


def install(home: Path) -> None:
    home.mkdir()
    for name in MANIFESTS:
        shutil.copy(SOURCE / name, home)
    command = ["npm", "ci", "--no-audit", "--no-fund"]
    done = subprocess.run(command, cwd=home, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr


def copy_to(root: Path) -> Path:
    """A copy of the console at `root`, its dependencies hard-linked where the file system allows it."""
    shutil.copytree(SOURCE, root, ignore=shutil.ignore_patterns("node_modules"))
    shutil.copytree(installed() / "node_modules", root / "node_modules", symlinks=True, copy_function=link)
    return root


def link(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


@contextmanager
def running(root: Path, **environment: str) -> Iterator[Console]:
    """The console at `root`, healthy. Ends it at the end, if it has not ended by itself."""
    port = free_port()
    log = root.with_suffix(".log")
    with log.open("wb") as output:
        process = subprocess.Popen(
            ["node", "node_modules/vite/bin/vite.js"],
            cwd=root,
            env={**os.environ, "PORT": str(port), "VITE_CACHE_DIR": str(root.with_suffix(".cache")), **environment},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        console = Console(f"http://127.0.0.1:{port}", root, process, log)
        wait_until_healthy(console)
        yield console
    finally:
        stop(process)


def stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    try:
        process.wait(10)
    finally:
        if group_lives(process.pid):
            os.killpg(process.pid, signal.SIGKILL)


def group_lives(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def wait_until_healthy(console: Console) -> None:
    deadline = time.monotonic() + DEADLINE_S
    while time.monotonic() < deadline and console.process.poll() is None:
        try:
            with urllib.request.urlopen(f"{console.url}/health", timeout=5):
                return
        except OSError:  # urllib's own errors are such, too
            time.sleep(0.05)
    raise AssertionError(f"the console never became healthy:\n{console.log.read_text()}")
