"""The database on disk: made once, whole or not at all, and freed of what a killed server has left."""

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from hippodrome.services.postgres.account import Account, UnableError
from hippodrome.services.postgres.programs import Programs

NAME = "ecom_ingest"  # of the database, and of its owner
RULES = f"""\
# Everybody on this machine can reach the port: the one who gets in by it owns one database and is no superuser.
host {NAME} {NAME} samehost trust
"""


@dataclass(frozen=True)
class Cluster:
    """PostgreSQL's data folder, in `folder`, which is ours alone."""

    folder: Path

    @property
    def path(self) -> Path:
        return self.folder / "cluster"

    @property
    def major(self) -> int | None:
        """The version that made it; None before."""
        try:
            return int((self.path / "PG_VERSION").read_text())
        except FileNotFoundError:
            return None

    def make(self, programs: Programs, account: Account) -> None:
        """Raises UnableError with what initdb said."""
        new = self.folder / "new"
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir(mode=0o700, parents=True)
        account.own(new)
        # a machine that loses power in this second has a folder to delete; not to wait for the disk halves the time
        options = ["--username=postgres", "--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions"]
        _run([*account.prefix, programs["initdb"], "-D", str(new), *options])
        (new / "pg_hba.conf").write_text(RULES)
        statements = f"CREATE ROLE {NAME} LOGIN;\nCREATE DATABASE {NAME} OWNER {NAME};\n"
        _run([*account.prefix, programs["postgres"], "--single", "-D", str(new), "postgres"], statements)
        new.rename(self.path)

    def free(self) -> None:
        """Takes away the lock of a server that was killed, when its process id has become somebody else's."""
        lock = self.path / "postmaster.pid"
        try:
            pid = int(lock.read_text().split()[0])
        except (FileNotFoundError, ValueError, IndexError):
            return
        if "postgres" not in _command_of(pid):
            lock.unlink()


def _run(argv: list[str], statements: str = "") -> None:
    done = subprocess.run(argv, input=statements, capture_output=True, text=True, check=False)
    if done.returncode or "ERROR:" in done.stderr:
        said = " ".join((done.stderr.strip() or done.stdout.strip()).splitlines()[-3:])
        raise UnableError(f"the database cannot be made: {said}")


def _command_of(pid: int) -> str:
    """Empty when there is no such process."""
    if (proc := Path("/proc/self/comm")).exists():  # containers often have no `ps`
        comm = proc.parents[1] / str(pid) / "comm"
        return comm.read_text() if comm.exists() else ""
    return subprocess.run(["ps", "-o", "comm=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout
