"""Where an instance keeps its files: paths as a value, nothing is touched. Standard library only."""

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

STACK_ID = "HD_STACK_ID"  # in the environment of every process of a stack: its instance's mark
SOCKET_PATH_MAX = 100  # AF_UNIX: 107 bytes on Linux, 103 on macOS, and supervisord appends a suffix while binding


@dataclass(frozen=True)
class Layout:
    """The run directory of one instance. `socket_folder` is used when the run directory's own path is too long."""

    run_dir: Path
    socket_folder: Path

    @property
    def plan(self) -> Path:
        return self.run_dir / "plan.json"

    @property
    def instance(self) -> Path:
        """What was settled when the instance was made: base environment, table prefix, branch."""
        return self.run_dir / "instance.json"

    @property
    def supervisord_conf(self) -> Path:
        return self.run_dir / "supervisord.conf"

    @property
    def supervisord_log(self) -> Path:
        return self.run_dir / "supervisord.log"

    @property
    def supervisord_pid(self) -> Path:
        return self.run_dir / "supervisord.pid"

    @property
    def warden_pid(self) -> Path:
        return self.run_dir / "warden.pid"

    @property
    def warden_log(self) -> Path:
        """What the warden says, and supervisord before it has a log of its own."""
        return self.run_dir / "warden.log"

    @property
    def lock(self) -> Path:
        """Held by whoever changes the instance."""
        return self.run_dir / "lock"

    @property
    def token(self) -> Path:
        """Whoever can read it may change the stack through the dashboard."""
        return self.run_dir / "token"

    @property
    def events(self) -> Path:
        """One JSON object a line: every state change, with its reason."""
        return self.run_dir / "events.jsonl"

    @property
    def spool(self) -> Path:
        """The record of EventBridge's events that came: a database."""
        return self.run_dir / "spool.sqlite3"

    @property
    def last_proof(self) -> Path:
        """When an event of our own went the whole path last."""
        return self.run_dir / "last-proof.json"

    @property
    def use(self) -> Path:
        """When it was used last, and whether it was stopped for want of use; there while it is to stop for that."""
        return self.run_dir / "use.json"

    @property
    def clients(self) -> Path:
        """Locked, together, by all commands that are at this stack; its time is that of the last one."""
        return self.run_dir / "clients"

    @property
    def plans(self) -> Path:
        """The last plans that ran, and how each went."""
        return self.run_dir / "plans"

    @property
    def timings(self) -> Path:
        """Where the time of the last starts went, a file each."""
        return self.run_dir / "timings"

    @property
    def logs(self) -> Path:
        return self.run_dir / "logs"

    @property
    def data(self) -> Path:
        return self.run_dir / "data"

    @property
    def socket(self) -> Path:
        inside = self.run_dir / "hd.sock"
        if len(os.fsencode(inside)) <= SOCKET_PATH_MAX:
            return inside
        return self.socket_folder / f"{hashlib.sha256(os.fsencode(self.run_dir)).hexdigest()[:12]}.sock"

    def log(self, program: str) -> Path:
        """The captured output of a program; older parts are `.1`, `.2`, … beside it."""
        return self.logs / f"{program}.log"

    def by_hand(self, program: str) -> Path:
        """Locked while somebody runs the program by hand; names the process."""
        return self.run_dir / "by-hand" / f"{program}.lock"

    def setup_log(self, program: str) -> Path:
        return self.logs / f"{program}.setup.log"

    def data_of(self, program: str) -> Path:
        return self.data / program


@dataclass(frozen=True)
class Cache:
    """What checkouts of one user share: the results of set-up, named by the hash of their inputs."""

    folder: Path

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> "Cache":
        """Where the XDG base directory specification puts it."""
        home = Path(environ.get("HOME") or Path.home())
        return cls(Path(environ.get("XDG_CACHE_HOME") or home / ".cache") / "hippodrome")

    def venv(self, key: str) -> Path:
        return self.folder / "venvs" / key

    def node_modules(self, key: str) -> Path:
        return self.folder / "node_modules" / key

    def node(self, version: str) -> Path:
        """A venv that holds a Node distribution; `bin/` has node, npm and npx."""
        return self.folder / "node" / version
