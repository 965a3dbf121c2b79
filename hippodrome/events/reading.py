"""The record of events as anybody reads it: the relay need not run."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote

from hippodrome.events.spool import FORMAT, SCHEMA, has_delivery

EventState = Literal["ignored", "queued", "delivered", "dead"]
STATES: tuple[EventState, ...] = ("ignored", "queued", "delivered", "dead")
COUNT = 50
LAST = "\U0010ffff"  # comes behind whatever else an id may go on with


class UnreadableError(Exception):
    """The record is damaged, or another version's."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which events, the newest first; after a given one, the oldest first.

    `detail_type` and `key` say how they begin; `text` stands anywhere in the event.
    """

    count: int = COUNT
    before: int | None = None  # seq
    after: int | None = None  # seq
    state: EventState | None = None
    detail_type: str = ""
    key: str = ""
    text: str = ""
    with_proofs: bool = False


@dataclass(frozen=True)
class Try:
    """One attempt at a delivery."""

    at: float
    took_ms: float
    status: int | None
    reason: str


@dataclass(frozen=True)
class Sent:
    """One delivery of an event. `said`: the last answer, JSON or text. `turn` grows with the order of arrival."""

    route: str
    service: str
    path: str
    state: str
    turn: int
    attempts: int
    replays: int
    status: int | None
    said: Any
    reason: str
    took_ms: float | None
    settled_at: float | None
    tries: tuple[Try, ...] = ()


@dataclass(frozen=True)
class Recorded:
    """One event of the record. Times in Unix seconds."""

    seq: int
    id: str
    received_at: float
    origin: str
    detail_type: str
    key: str
    state: EventState
    repeats: int
    repeated_at: float | None
    is_proof: bool
    deliveries: tuple[Sent, ...]
    body: Any = None  # only where one is asked for


@dataclass(frozen=True)
class Totals:
    """Of the whole record, without proofs. `dropped`: since when it is kept, with `dropped_why` the last time."""

    by_state: dict[EventState, int]
    repeats: int
    dropped: int = 0
    dropped_at: float | None = None
    dropped_why: str = ""


class Reader:
    """Of one record, from any process. Every method raises UnreadableError."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def events(self, wanted: Wanted) -> list[Recorded]:
        """Without their bodies."""
        where, values = _where(wanted)
        order = "ASC" if wanted.after is not None else "DESC"
        query = f"SELECT {COLUMNS} FROM events e WHERE {where} ORDER BY seq {order} LIMIT ?"
        with self._reading() as db:
            rows = db.execute(query, (*values, wanted.count)).fetchall()
            return [_recorded(row, _sent(db, row["seq"])) for row in rows]

    def event(self, identifier: str) -> Recorded | None:
        """By its id, or the beginning of one that no other begins with; whole."""
        query = f"SELECT {COLUMNS}, body FROM events e WHERE"
        with self._reading() as db:
            rows = (
                db.execute(f"{query} id = ?", (identifier,)).fetchall()
                or db.execute(
                    f"{query} id >= ? AND id < ? LIMIT 2",
                    (identifier, identifier + LAST),  # by the index; `substr` reads all
                ).fetchall()
            )
            if len(rows) != 1:
                return None
            return _recorded(rows[0], _sent(db, rows[0]["seq"], with_tries=True), json.loads(rows[0]["body"]))

    def seqs(self, wanted: Wanted) -> list[int]:
        """Of all that are wanted, the oldest first, whatever their count."""
        where, values = _where(wanted)
        with self._reading() as db:
            return [row[0] for row in db.execute(f"SELECT seq FROM events e WHERE {where} ORDER BY seq", values)]

    def stamp(self) -> tuple[int, int]:
        """Another one whenever the record has been written to; costs next to nothing."""
        try:
            found = self._path.with_name(f"{self._path.name}-wal").stat()
        except OSError:
            return 0, 0
        return found.st_mtime_ns, found.st_size

    def totals(self) -> Totals:
        with self._reading() as db:
            counts: dict[EventState, int] = dict.fromkeys(STATES, 0)
            query = f"SELECT {STATE} AS state, count(*), sum(repeats) FROM events e WHERE is_proof = 0 GROUP BY 1"
            repeats = 0
            for state, count, repeated in db.execute(query):
                counts[state], repeats = count, repeats + repeated
            last = db.execute("SELECT at, why FROM dropped ORDER BY rowid DESC LIMIT 1").fetchone()
            dropped = db.execute("SELECT coalesce(sum(events), 0) FROM dropped").fetchone()[0]
        return Totals(counts, repeats, dropped, *(tuple(last) if last else (None, "")))

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        try:
            with closing(self._open()) as db:
                db.row_factory = sqlite3.Row
                found = db.execute("PRAGMA user_version").fetchone()[0]
                if found != FORMAT:
                    raise UnreadableError(f"{self._path} is of format {found}; this version reads {FORMAT}")
                yield db
        except sqlite3.Error as error:
            raise UnreadableError(f"{self._path} cannot be read: {error}") from error

    def _open(self) -> sqlite3.Connection:
        """One without events where no event has come yet."""
        if self._path.exists():
            return sqlite3.connect(f"file:{quote(str(self._path))}?mode=ro", uri=True, timeout=10)
        db = sqlite3.connect(":memory:")
        db.executescript(f"{SCHEMA} PRAGMA user_version = {FORMAT};")
        return db


STATE = (
    f"CASE WHEN {has_delivery('e', 'queued')} THEN 'queued' WHEN {has_delivery('e', 'dead')} THEN 'dead' "
    f"WHEN {has_delivery('e', 'delivered')} THEN 'delivered' ELSE 'ignored' END"
)
COLUMNS = f"seq, id, received_at, origin, detail_type, key, {STATE} AS state, repeats, repeated_at, is_proof"


def _where(wanted: Wanted) -> tuple[str, list[Any]]:
    text = wanted.text.lower()
    clauses: list[tuple[str, list[Any], bool]] = [
        ("is_proof = 0", [], not wanted.with_proofs),
        ("seq < ?", [wanted.before], wanted.before is not None),
        ("seq > ?", [wanted.after], wanted.after is not None),
        (f"{STATE} = ?", [wanted.state], bool(wanted.state)),
        ("instr(detail_type, ?) = 1", [wanted.detail_type], bool(wanted.detail_type)),
        ("instr(key, ?) = 1", [wanted.key], bool(wanted.key)),
        ("(instr(lower(id), ?) OR instr(lower(CAST(body AS TEXT)), ?))", [text, text], bool(text)),
    ]
    asked = [(clause, values) for clause, values, is_asked in clauses if is_asked]
    return " AND ".join(["1", *(clause for clause, _ in asked)]), [each for _, values in asked for each in values]


def _recorded(row: sqlite3.Row, deliveries: tuple[Sent, ...], body: Any = None) -> Recorded:
    told = {name: row[name] for name in row.keys() if name not in ("body", "is_proof")}  # noqa: SIM118 - no mapping
    return Recorded(**told, is_proof=bool(row["is_proof"]), deliveries=deliveries, body=body)


def _sent(db: sqlite3.Connection, seq: int, *, with_tries: bool = False) -> tuple[Sent, ...]:
    names = [name for name in Sent.__dataclass_fields__ if name != "tries"]
    found = db.execute(f"SELECT {', '.join(names)} FROM deliveries WHERE seq = ? ORDER BY turn", (seq,)).fetchall()
    return tuple(
        Sent(
            **{**dict(row), "said": json.loads(row["said"]) if row["said"] else None},
            tries=_tries(db, seq, row) if with_tries else (),
        )
        for row in found
    )


def _tries(db: sqlite3.Connection, seq: int, sent: sqlite3.Row) -> tuple[Try, ...]:
    """The last ones; of a delivery that was settled by its first, that one is told by the delivery itself."""
    query = "SELECT at, took_ms, status, reason FROM attempts WHERE seq = ? AND route = ? ORDER BY rowid"
    found = tuple(Try(*row) for row in db.execute(query, (seq, sent["route"])))
    if found or not sent["attempts"] or sent["settled_at"] is None:
        return found
    at = sent["settled_at"] - sent["took_ms"] / 1000
    return (Try(at, sent["took_ms"], sent["status"], sent["reason"]),)
