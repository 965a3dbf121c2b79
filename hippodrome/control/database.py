"""The database that the ingest buffer is about to use: reached, or made, before anything starts."""

import socket
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING
from urllib.parse import quote

from hippodrome.control.secret_values import read_secrets
from hippodrome.errors import ExitCode, Problem, UserError
from hippodrome.secret import MASK

if TYPE_CHECKING:  # psycopg takes 0.2 s, which only stacks with a database of their own should pay
    from psycopg import Connection

    from hippodrome.plan.model import Plan, Program

STORE, URL = "HIPPODROME_ECOM_INGEST_STORE", "HIPPODROME_ECOM_INGEST_DATABASE_URL"
STORES = ("memory", "postgres")
SCHEMES = ("postgres://", "postgresql://")
ANSWER_S = 5
MAINTENANCE = "postgres"  # the database that every server has
OR_ELSE = f"or leave {URL} unset: the stack then runs a Postgres of its own."


@dataclass(frozen=True)
class Address:
    """A database by its URL. `shown` has no password."""

    url: str = field(repr=False)
    host: str
    port: int
    user: str
    password: str = field(repr=False)
    name: str

    @property
    def shown(self) -> str:
        return f"{self.name} at {self.host}:{self.port}"

    def scrubbed(self, text: str) -> str:
        """On one line, without the password."""
        for secret in filter(None, (self.password, quote(self.password, safe=""))):
            text = text.replace(secret, MASK)
        return " ".join(text.split())


def check_database(plan: "Plan") -> str:
    """A line that says which database will be used; empty where the stack brings its own, or needs none.

    Makes the database when the server does not have it. Raises UserError.
    """
    for program in plan.programs:
        if program.environment.get(STORE, "memory") != "memory":
            return _check(plan, {**program.environment, URL: _url_of(plan, program)})
    return ""


def _url_of(plan: "Plan", program: "Program") -> str:
    """One with a password is a secret."""
    if URL not in program.secrets:
        return program.environment.get(URL, "")
    alone = replace(program, argv=(), secrets={URL: program.secrets[URL]})
    return read_secrets(plan.with_programs((alone,)))[program.name][URL].reveal()


def _check(plan: "Plan", environment: Mapping[str, str]) -> str:
    if environment[STORE] not in STORES:
        what = f"{STORE} is `{environment[STORE]}`"
        raise UserError(
            Problem("bad-ingest-store", what, f"It can be {' or '.join(f'`{each}`' for each in STORES)}.")
        )
    address = parse_address(environment.get(URL, ""))
    if any(address.host == program.host and address.port in program.ports.values() for program in plan.programs):
        return ""
    is_new = reach(address)
    return f"Postgres: {address.shown}{', made just now' if is_new else ''}"


def parse_address(url: str) -> Address:
    """Raises UserError, which repeats nothing of the URL: a mistake may have put the password anywhere."""
    import psycopg
    from psycopg.conninfo import conninfo_to_dict

    hint = (
        f"Write {URL}=postgres://USER:PASSWORD@HOST:PORT/DATABASE?sslmode=disable, with %40 for an @ in a password."
    )
    try:
        if not url.startswith(SCHEMES):
            raise ValueError(f"does not begin with {SCHEMES[0]}" if url else "is not set")
        found = {name: str(value) for name, value in conninfo_to_dict(url).items() if value is not None}
        if not found.get("dbname"):
            raise ValueError("names no database")
        port = int(found.get("port") or 5432)
    except psycopg.ProgrammingError as error:
        raise UserError(Problem("bad-database-url", f"{URL} is no URL of a database", hint)) from error
    except ValueError as error:
        why = "has no number for a port" if "invalid literal" in str(error) else str(error)
        raise UserError(Problem("bad-database-url", f"{URL} {why}", hint)) from error
    host, user = found.get("host", "localhost"), found.get("user", "")
    return Address(url, host, port, user, found.get("password", ""), found["dbname"])


def reach(address: Address) -> bool:
    """Whether the database had to be made. Raises UserError."""
    import psycopg

    _check_server(address)
    try:
        _connect(address, address.name).close()
    except psycopg.Error as error:
        if _make(address):
            return True
        raise _refused(address, error) from error
    return False


def _connect(address: Address, name: str) -> "Connection[tuple[object, ...]]":
    import psycopg

    return psycopg.connect(address.url, dbname=name, connect_timeout=ANSWER_S, autocommit=True)


def _check_server(address: Address) -> None:
    if address.host.startswith("/"):  # the folder of a Unix socket
        return
    try:
        socket.create_connection((address.host, address.port), ANSWER_S).close()
    except OSError as error:
        what = f"no Postgres answers at {address.host}:{address.port}: {error.strerror or error}"
        problem = Problem("no-database-server", what, f"Start it, correct the URL, {OR_ELSE}")
        raise UserError(problem, exit_code=ExitCode.FAILED) from error


def _make(address: Address) -> bool:
    """False when it is there already, or when the server does not let us look. Raises UserError."""
    import psycopg
    from psycopg import sql

    try:
        connection = _connect(address, MAINTENANCE)
    except psycopg.Error:
        return False
    with closing(connection):
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [address.name]).fetchone():
            return False
        try:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(address.name)))
        except psycopg.errors.DuplicateDatabase:  # another start was quicker
            return False
        except psycopg.Error as error:
            raise _refused(address, error) from error
    return True


def _refused(address: Address, error: Exception) -> UserError:
    reason = address.scrubbed(str(error)).rpartition("FATAL: ")[2].strip()
    what = f"Postgres at {address.host}:{address.port} does not let `{address.user}` use `{address.name}`: {reason}"
    problem = Problem("database-refused", what, f"Correct user, password or database in {URL}, {OR_ELSE}")
    return UserError(problem, exit_code=ExitCode.FAILED)
