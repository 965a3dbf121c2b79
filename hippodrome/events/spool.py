"""The record of all events, on disk before they are answered: SQLite in the run directory."""

import json
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar

from hippodrome.events.answers import Outcome
from hippodrome.events.delivery import Attempt
from hippodrome.events.envelope import Event
from hippodrome.events.manner import Manner
from hippodrome.plan.model import Route

T = TypeVar("T")

FORMAT = 1
BUSY_S = 10.0
State = Literal["queued", "delivered", "dead"]
SCHEMA = """
CREATE TABLE events (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    received_at REAL NOT NULL,
    origin TEXT NOT NULL,
    detail_type TEXT NOT NULL,
    lane TEXT NOT NULL,
    key TEXT NOT NULL,
    body BLOB NOT NULL,
    headers TEXT NOT NULL,
    is_proof INTEGER NOT NULL,
    repeats INTEGER NOT NULL DEFAULT 0,
    repeated_at REAL
);
CREATE TABLE deliveries (
    seq INTEGER NOT NULL REFERENCES events ON DELETE CASCADE,
    route TEXT NOT NULL,
    service TEXT NOT NULL,
    path TEXT NOT NULL,
    turn INTEGER NOT NULL,
    replays INTEGER NOT NULL DEFAULT 0,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    status INTEGER,
    said TEXT,
    reason TEXT NOT NULL DEFAULT '',
    took_ms REAL,
    settled_at REAL,
    PRIMARY KEY (seq, route)
) WITHOUT ROWID;
CREATE INDEX deliveries_by_state ON deliveries (state, turn);
CREATE TABLE attempts (
    seq INTEGER NOT NULL REFERENCES events ON DELETE CASCADE,
    route TEXT NOT NULL,
    at REAL NOT NULL,
    took_ms REAL NOT NULL,
    status INTEGER,
    reason TEXT NOT NULL
);
CREATE INDEX attempts_of ON attempts (seq, route);
CREATE TABLE dropped (at REAL NOT NULL, events INTEGER NOT NULL, dead INTEGER NOT NULL, why TEXT NOT NULL);
"""
ATTEMPTS_KEPT = 50  # of one delivery; the last ones


def has_delivery(event: str, state: State) -> str:
    """SQL: whether an event has a delivery in this state. `event`: the name of its row in the query."""
    # the plus keeps SQLite from the index by state, which would be gone through for each event anew
    return f"EXISTS (SELECT 1 FROM deliveries d WHERE d.seq = {event}.seq AND +d.state = '{state}')"


@dataclass
class Delivery:
    """One event on its way to one service. `turn`: its place in the order of arrival, which a replay takes anew."""

    seq: int
    event_id: str
    detail_type: str
    key: str
    lane: str
    route: str
    service: str
    path: str
    turn: int
    is_proof: bool = False
    replays: int = 0
    attempts: int = 0


@dataclass(frozen=True)
class Written:
    """What became of an event that came. `deliveries`: those to make now; none for a repeated one."""

    seq: int
    is_repeat: bool
    deliveries: tuple[Delivery, ...] = ()


class Spool:
    """Written by one process, the relay's; `hippodrome.events.reading` reads it from any. Thread-safe.

    Each method may raise sqlite3.Error, as when the disk is full; then nothing of it was written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock, self._jobs_lock = threading.Lock(), threading.Lock()
        self._jobs: list[_Job] = []
        self._db = _open(path)
        self._turn = self._one("SELECT coalesce(max(turn), 0) FROM deliveries")[0]

    def close(self) -> None:
        with self._lock:
            self._db.close()

    def write(self, event: Event, raw: bytes, routes: Sequence[Route], *, manner: Manner, is_proof: bool) -> Written:
        """On disk when it returns. An id that is known is counted as a repeat and changes nothing else."""
        now, told = time.time(), json.dumps(dict(manner.headers))

        def work(db: sqlite3.Connection) -> Written:
            done = db.execute(
                "INSERT INTO events (id, received_at, origin, detail_type, lane, key, body, headers, is_proof) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING",
                (event.id, now, manner.origin, event.detail_type, event.lane, event.key, raw, told, is_proof),
            )
            if not done.rowcount:
                db.execute("UPDATE events SET repeats = repeats + 1, repeated_at = ? WHERE id = ?", (now, event.id))
                return Written(db.execute("SELECT seq FROM events WHERE id = ?", (event.id,)).fetchone()[0], True)
            seq = int(done.lastrowid or 0)
            made = tuple(self._new(event, seq, route, is_proof=is_proof) for route in routes)
            db.executemany(
                "INSERT INTO deliveries (seq, route, service, path, turn, state) VALUES (?, ?, ?, ?, ?, 'queued')",
                [(seq, each.route, each.service, each.path, each.turn) for each in made],
            )
            return Written(seq, False, made)

        return self._commit(work)

    def _new(self, event: Event, seq: int, route: Route, *, is_proof: bool) -> Delivery:
        self._turn += 1
        where = (route.name, route.service, route.path)
        return Delivery(seq, event.id, event.detail_type, event.key, event.lane, *where, self._turn, is_proof)

    def settle(self, delivery: Delivery, state: State, attempt: Attempt) -> None:
        """A try is over; `queued` when there is to be another."""
        settled_at = attempt.at + attempt.took_ms / 1000 if state != "queued" else None
        said = json.dumps(attempt.said, ensure_ascii=False) if attempt.status is not None else None
        update = (state, attempt.status, said, attempt.reason, attempt.took_ms, settled_at, *_key(delivery))
        is_first = delivery.attempts == 1 and state != "queued"  # then the delivery says all of it

        def work(db: sqlite3.Connection) -> None:
            db.execute(
                "UPDATE deliveries SET state = ?, attempts = attempts + 1, status = ?, said = ?, reason = ?, "
                "took_ms = ?, settled_at = ? WHERE seq = ? AND route = ?",
                update,
            )
            if not is_first:
                told = (*_key(delivery), attempt.at, attempt.took_ms, attempt.status, attempt.reason)
                db.execute("INSERT INTO attempts VALUES (?, ?, ?, ?, ?, ?)", told)
            if delivery.attempts > ATTEMPTS_KEPT:
                db.execute(
                    "DELETE FROM attempts WHERE seq = ?1 AND route = ?2 AND rowid NOT IN "
                    "(SELECT rowid FROM attempts WHERE seq = ?1 AND route = ?2 ORDER BY rowid DESC LIMIT ?3)",
                    (*_key(delivery), ATTEMPTS_KEPT),
                )

        self._commit(work)

    def queued(self) -> list[Delivery]:
        """All that is to be delivered yet, in the order of arrival."""
        with self._lock:
            return [_delivery(row) for row in self._db.execute(f"{DELIVERY} WHERE state = 'queued' ORDER BY turn")]

    def again(self, seq: int, routes: Sequence[Route]) -> tuple[Delivery, ...]:
        """An event queued anew, behind what has come meanwhile; what is queued already stays where it is."""

        def work(db: sqlite3.Connection) -> tuple[Delivery, ...]:
            first = self._turn
            for route in routes:
                self._turn += 1
                db.execute(
                    "INSERT INTO attempts SELECT seq, route, settled_at - took_ms / 1000, took_ms, status, reason "
                    "FROM deliveries WHERE seq = ? AND route = ? AND attempts = 1 AND state != 'queued'",
                    (seq, route.name),
                )
                db.execute(
                    "INSERT INTO deliveries (seq, route, service, path, turn, state, replays) "
                    "VALUES (?, ?, ?, ?, ?, 'queued', 1) ON CONFLICT (seq, route) DO UPDATE SET state = 'queued', "
                    "turn = excluded.turn, service = excluded.service, path = excluded.path, "
                    "replays = replays + 1, settled_at = NULL WHERE state != 'queued'",
                    (seq, route.name, route.service, route.path, self._turn),
                )
            found = db.execute(f"{DELIVERY} WHERE d.seq = ? AND turn > ? ORDER BY turn", (seq, first))
            return tuple(_delivery(row) for row in found)

        return self._commit(work)

    def body(self, seq: int) -> tuple[bytes, dict[str, str]]:
        """As it came, and the headers that go along. Raises KeyError."""
        with self._lock:
            row = self._db.execute("SELECT body, headers FROM events WHERE seq = ?", (seq,)).fetchone()
        if row is None:
            raise KeyError(seq)
        return bytes(row[0]), json.loads(row[1])

    def outcomes(self, seq: int) -> list[Outcome]:
        """How far each delivery of an event is."""
        query = "SELECT service, path, state, status, said, reason FROM deliveries WHERE seq = ? ORDER BY turn"
        with self._lock:
            rows = self._db.execute(query, (seq,)).fetchall()
        return [
            Outcome(service, path, state, status, json.loads(said) if said else None, reason)
            for service, path, state, status, said, reason in rows
        ]

    def origin(self, seq: int) -> str:
        """By which way it came. Raises KeyError."""
        row = self._one("SELECT origin FROM events WHERE seq = ?", seq)
        if row is None:
            raise KeyError(seq)
        return str(row[0])

    def drop(self, where: str, *values: Any, most: int = -1) -> tuple[int, int]:
        """Deletes settled events, the oldest first; how many, and how many of them were dead.

        Never what is still to be delivered.
        """
        is_queued = has_delivery("e", "queued")
        settled = f"SELECT seq FROM events e WHERE {where} AND NOT {is_queued} ORDER BY seq LIMIT {most}"
        of_dead = f"SELECT count(*) FROM ({settled}) AS s WHERE {has_delivery('s', 'dead')}"

        def work(db: sqlite3.Connection) -> tuple[int, int]:
            dead = db.execute(of_dead, values).fetchone()[0]
            return db.execute(f"DELETE FROM events WHERE seq IN ({settled})", values).rowcount, dead

        return self._commit(work)

    def note_drop(self, events: int, dead: int, why: str) -> None:
        """That this many were dropped now; the last hundred such notes are kept."""

        def work(db: sqlite3.Connection) -> None:
            db.execute("INSERT INTO dropped VALUES (?, ?, ?, ?)", (time.time(), events, dead, why))
            db.execute("DELETE FROM dropped WHERE rowid <= (SELECT max(rowid) FROM dropped) - 100")

        self._commit(work)

    def shrink(self) -> None:
        """Gives free pages back to the disk."""
        with self._lock:
            self._db.executescript("PRAGMA incremental_vacuum")  # `execute` would take its first step alone: one page

    @property
    def size_bytes(self) -> int:
        """Of what is kept, without free pages."""
        with self._lock:
            pages, free, size = (self._pragma(name) for name in ("page_count", "freelist_count", "page_size"))
        return (pages - free) * size

    def _pragma(self, name: str) -> int:
        return int(self._db.execute(f"PRAGMA {name}").fetchone()[0])

    def _one(self, query: str, *values: Any) -> Any:
        with self._lock:
            return self._db.execute(query, values).fetchone()

    def _commit(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """What `work` returns, once it is on disk. Those who come while another commits share the next commit."""
        job = _Job(work)
        with self._jobs_lock:
            self._jobs.append(job)
        with self._lock:
            if not job.is_done:
                with self._jobs_lock:
                    jobs, self._jobs = self._jobs, []
                self._run(jobs)
        if job.error:
            raise job.error
        return job.result  # type: ignore[no-any-return]

    def _run(self, jobs: list["_Job"]) -> None:
        try:
            self._db.execute("BEGIN IMMEDIATE")
            for job in jobs:
                job.result = job.work(self._db)
            self._db.execute("COMMIT")
        except Exception as error:
            with suppress(sqlite3.Error):  # a full disk has rolled it back by itself
                self._db.execute("ROLLBACK")
            if len(jobs) > 1:  # only the one at fault is to fail
                for job in jobs:
                    self._run([job])
                return
            jobs[0].error = error
        for job in jobs:
            job.is_done = True


@dataclass
class _Job:
    work: Callable[[sqlite3.Connection], Any]
    result: Any = None
    error: Exception | None = None
    is_done: bool = False


DELIVERY = (
    "SELECT d.seq, id, detail_type, key, lane, route, service, path, turn, is_proof, replays, attempts "
    "FROM deliveries d JOIN events USING (seq)"
)


def _open(path: Path) -> sqlite3.Connection:
    """A record that another version has written in a form of its own is set aside, never read wrongly."""
    if path.exists() and _format_of(path) != FORMAT:
        for older in path.parent.glob(f"{path.name}.*.old"):
            older.unlink(missing_ok=True)  # one is kept: each may be as large as the record
        path.replace(path.with_name(f"{path.name}.{time.time_ns()}.old"))
        for rest in ("-wal", "-shm"):
            path.with_name(path.name + rest).unlink(missing_ok=True)
    is_new = not path.exists()
    db = sqlite3.connect(path, timeout=BUSY_S, isolation_level=None, check_same_thread=False)
    path.chmod(0o600)
    db.row_factory = sqlite3.Row
    if is_new:
        db.execute("PRAGMA auto_vacuum = INCREMENTAL")
    db.execute("PRAGMA journal_mode = WAL")
    # what is committed survives the process; only a machine that loses power may lose the last moments
    db.execute("PRAGMA synchronous = NORMAL")
    db.execute("PRAGMA foreign_keys = ON")
    if is_new:
        db.executescript(f"BEGIN; {SCHEMA} PRAGMA user_version = {FORMAT}; COMMIT;")
    return db


def _format_of(path: Path) -> int:
    """-1 for a file that is no database."""
    try:
        with sqlite3.connect(path, timeout=BUSY_S) as db:
            found = int(db.execute("PRAGMA user_version").fetchone()[0])
        db.close()
        return found
    except sqlite3.DatabaseError:
        return -1


def _key(delivery: Delivery) -> tuple[int, str]:
    return delivery.seq, delivery.route


def _delivery(row: sqlite3.Row) -> Delivery:
    seq, event_id, detail_type, key, lane, route, service, path, turn, is_proof, replays, attempts = row
    return Delivery(
        seq, event_id, detail_type, key, lane, route, service, path, turn, bool(is_proof), replays, attempts
    )
