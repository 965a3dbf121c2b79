"""A real Postgres with a password, for tests: this machine's, or the one of the package."""

import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from hippodrome.services.postgres.account import Account, choose_account
from hippodrome.services.postgres.programs import Programs, find_programs
from hippodrome.wait import Deadline, until
from tests.services.conftest import environment, plan_in, set_up
from tests.stack import free_port

PATIENCE_S = 60.0
PASSWORD = "p@ss/w:rd"
QUOTED = "p%40ss%2Fw%3Ard"


@dataclass
class Postgres:
    """One server. Everybody needs the password."""

    programs: Programs
    account: Account
    folder: Path
    port: int
    process: "subprocess.Popen[bytes] | None" = None

    def url(self, name: str = "postgres", *, user: str = "postgres", password: str = QUOTED) -> str:
        return f"postgres://{user}:{password}@127.0.0.1:{self.port}/{name}?sslmode=disable"

    def make(self) -> None:
        self.folder.mkdir()
        (secret := self.folder.parent / f"{self.folder.name}.password").write_text(PASSWORD)
        self.account.own(self.folder)
        secret.chmod(0o644)
        options = [
            "--username=postgres",
            "--auth=scram-sha-256",
            f"--pwfile={secret}",
            "--locale=C",
            "--encoding=UTF8",
        ]
        argv = [*self.account.prefix, self.programs["initdb"], "-D", str(self.folder), "--no-sync", *options]
        subprocess.run(argv, check=True, capture_output=True)

    def start(self) -> None:
        where = ["-D", str(self.folder), "-h", "127.0.0.1", "-p", str(self.port), "-k", ""]
        argv = [*self.account.prefix, self.programs["postgres"], *where]
        with self.folder.with_suffix(".log").open("ab") as log:
            self.process = subprocess.Popen(argv, stdout=log, stderr=log, start_new_session=True)
        assert until(self.is_ready, Deadline(PATIENCE_S), pause_s=0.05), self.folder.with_suffix(".log").read_text()

    def is_ready(self) -> bool:
        try:
            psycopg.connect(self.url(), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def end(self, signal_: signal.Signals = signal.SIGINT) -> None:
        if self.process:
            self.process.send_signal(signal_)
            self.process.wait(PATIENCE_S)
            self.process = None

    def ask(self, statement: str, name: str = "postgres") -> list[tuple[object, ...]]:
        with psycopg.connect(self.url(name), autocommit=True) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []


@contextmanager
def postgres_in(folder: Path) -> Iterator[Postgres]:
    """Started; afterwards it does not run."""
    programs = _programs(folder)
    server = Postgres(
        programs, choose_account(folder / "pg", programs.folder / "postgres"), folder / "pg", free_port()
    )
    server.make()
    server.start()
    try:
        yield server
    finally:
        server.end()


def _programs(folder: Path) -> Programs:
    """What the stack's own Postgres would run."""
    plan = plan_in(folder, "postgres", profile="ecom", HIPPODROME_ECOM_INGEST_STORE="postgres")
    set_up(plan, folder)
    program = plan.program("postgres")
    return find_programs(program.environment.get("PATH", environment().get("PATH", "")))[0]
