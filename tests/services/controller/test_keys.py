"""Who may ask: keys and their scopes."""

from collections.abc import Iterator

import pytest

from tests.services.controller.conftest import Control, assert_error


@pytest.fixture
def keys(control: Control) -> Iterator[Control]:
    """Beside the seeded key: one that reads, one that writes documents, and one of another account."""
    control.database("INSERT OR IGNORE INTO indexes_account (id, name, email) VALUES (99, 'other', '')")
    for key, scope, account in (("reader", "read", 1), ("writer", "read-write", 1), ("stranger", "admin", 99)):
        values = f"('{key}', '{scope}', {account}, '', '2026-01-01')"
        columns = "key, scope, account_id, name, created_at"
        control.database(f"INSERT OR IGNORE INTO indexes_apikey ({columns}) VALUES {values}")
    yield control
    control.database("DELETE FROM indexes_apikey WHERE key <> 'local-admin-key'")


@pytest.mark.parametrize("headers", [{"x-api-key": ""}, {"x-api-key": "wrong"}, {"x-api-key": "LOCAL-ADMIN-KEY"}])
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
def test_without_a_known_key_nothing_is_told_or_done(control: Control, headers: dict[str, str], method: str) -> None:
    assert_error(control.ask(method, "books", headers=headers), 401, "unauthorized", "x-api-key")
    assert "books" not in control.in_cell


def test_a_request_without_the_header_is_refused(control: Control) -> None:
    assert_error(control.controller.ask("GET", "/api/v2/indexes"), 401, "unauthorized", "x-api-key")


@pytest.mark.parametrize("key", ["reader", "writer"])
def test_a_key_of_a_smaller_scope_reads_but_neither_makes_nor_deletes(keys: Control, name: str, key: str) -> None:
    keys.create(name)
    headers = {"x-api-key": key}
    assert keys.ask("GET", name, headers=headers).json()["indexName"] == name
    assert keys.ask("GET", f"{name}/status", headers=headers).ok
    for method in ("POST", "PUT", "DELETE"):
        assert_error(keys.ask(method, name, headers=headers), 403, "forbidden", "scope read")
    assert name in keys.in_cell


def test_accounts_do_not_see_each_others_indexes(keys: Control, name: str) -> None:
    keys.create(name)
    stranger = {"x-api-key": "stranger"}
    assert keys.ask("GET", headers=stranger).json() == {"results": []}
    for method, path in (("GET", name), ("GET", f"{name}/status"), ("GET", f"{name}/stats"), ("DELETE", name)):
        assert_error(keys.ask(method, path, headers=stranger), 404, "index_not_found", name)
    assert_error(keys.ask("POST", name, headers=stranger), 409, "index_already_exists", name)
    assert name in keys.listed
