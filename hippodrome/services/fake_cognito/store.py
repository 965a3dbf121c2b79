"""Pools, clients and users on disk: each operation is kept whole or not at all, also when the process is killed."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import TypeAdapter

from hippodrome.services.fake_cognito.model import Client, Pool, User

TABLES = """
    CREATE TABLE IF NOT EXISTS secrets (name TEXT PRIMARY KEY, value TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS pools (id TEXT PRIMARY KEY, body TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS clients (
        id TEXT PRIMARY KEY, pool TEXT NOT NULL REFERENCES pools ON DELETE CASCADE, body TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS users (
        pool TEXT NOT NULL REFERENCES pools ON DELETE CASCADE, name TEXT NOT NULL, body TEXT NOT NULL,
        PRIMARY KEY (pool, name));
    CREATE INDEX IF NOT EXISTS emails ON users (pool, json_extract(body, '$.attributes.email'));
    CREATE INDEX IF NOT EXISTS subs ON users (pool, json_extract(body, '$.attributes.sub'));
"""
_POOL, _CLIENT, _USER = TypeAdapter(Pool), TypeAdapter(Client), TypeAdapter(User)


class Store:
    """One database. Every read and write belongs into `change`."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        self._lock = threading.Lock()
        self._database = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._database.execute("PRAGMA journal_mode=WAL")
        self._database.execute("PRAGMA foreign_keys=ON")
        self._database.executescript(TABLES)

    @contextmanager
    def change(self) -> Iterator[None]:
        """One at a time; what raises leaves nothing behind."""
        with self._lock:
            self._database.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._database.execute("COMMIT")
            except BaseException:
                self._database.execute("ROLLBACK")
                raise

    def secret(self, name: str) -> str | None:
        return self._one("SELECT value FROM secrets WHERE name = ?", name)

    def keep_secret(self, name: str, value: str) -> None:
        self._database.execute("INSERT OR REPLACE INTO secrets VALUES (?, ?)", (name, value))

    def pool(self, pool: str) -> Pool | None:
        body = self._one("SELECT body FROM pools WHERE id = ?", pool)
        return _POOL.validate_json(body) if body else None

    def pools(self) -> list[Pool]:
        """By id."""
        return [_POOL.validate_json(body) for body in self._all("SELECT body FROM pools ORDER BY id")]

    def put_pool(self, pool: Pool) -> None:
        sql = "INSERT INTO pools VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET body = excluded.body"
        self._database.execute(sql, (pool.id, _POOL.dump_json(pool).decode()))

    def drop_pool(self, pool: str) -> None:
        """With its clients and users."""
        self._database.execute("DELETE FROM pools WHERE id = ?", (pool,))

    def client(self, client: str) -> Client | None:
        body = self._one("SELECT body FROM clients WHERE id = ?", client)
        return _CLIENT.validate_json(body) if body else None

    def clients(self, pool: str) -> list[Client]:
        """By id."""
        found = self._all("SELECT body FROM clients WHERE pool = ? ORDER BY id", pool)
        return [_CLIENT.validate_json(body) for body in found]

    def put_client(self, client: Client) -> None:
        sql = "INSERT OR REPLACE INTO clients VALUES (?, ?, ?)"
        self._database.execute(sql, (client.id, client.pool, _CLIENT.dump_json(client).decode()))

    def drop_client(self, client: str) -> None:
        self._database.execute("DELETE FROM clients WHERE id = ?", (client,))

    def user(self, pool: str, name: str) -> User | None:
        """`name`: as it was put, which may not be how the user is spelled."""
        body = self._one("SELECT body FROM users WHERE pool = ? AND name = ?", pool, name)
        return _USER.validate_json(body) if body else None

    def users_with(self, pool: str, attribute: str, *, value: str) -> list[User]:
        """Those whose attribute (email, sub, phone_number, …) has just this value."""
        sql = f"SELECT body FROM users WHERE pool = ? AND json_extract(body, '$.attributes.{_plain(attribute)}') = ?"
        return [_USER.validate_json(body) for body in self._all(sql, pool, value)]

    def users_after(self, pool: str, name: str, *, limit: int) -> list[tuple[str, User]]:
        """With the names that they were put with, in the order of these; `limit` at most."""
        sql = "SELECT name, body FROM users WHERE pool = ? AND name > ? ORDER BY name LIMIT ?"
        return [(name, _USER.validate_json(body)) for name, body in self._rows(sql, pool, name, limit)]

    def count_users(self, pool: str) -> int:
        return int(self._one("SELECT count(*) FROM users WHERE pool = ?", pool) or 0)

    def put_user(self, name: str, user: User) -> None:
        sql = "INSERT OR REPLACE INTO users VALUES (?, ?, ?)"
        self._database.execute(sql, (user.pool, name, _USER.dump_json(user).decode()))

    def drop_user(self, pool: str, name: str) -> None:
        self._database.execute("DELETE FROM users WHERE pool = ? AND name = ?", (pool, name))

    def close(self) -> None:
        self._database.close()

    def _one(self, sql: str, *values: str) -> str | None:
        return next(iter(self._all(sql, *values)), None)

    def _all(self, sql: str, *values: str) -> list[str]:
        return [body for (body,) in self._rows(sql, *values)]

    def _rows(self, sql: str, *values: str | int) -> list[tuple[str, ...]]:
        return self._database.execute(sql, values).fetchall()


def _plain(attribute: str) -> str:
    """An index is used for the very expression it was made with: no parameter, and nothing that could be one."""
    assert attribute.replace("_", "").isalpha(), attribute
    return attribute
