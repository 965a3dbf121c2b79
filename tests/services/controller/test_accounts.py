"""Accounts, their keys, and who one is."""

import uuid
from typing import Any

import pytest
import requests

from tests.services.conftest import Pair
from tests.services.controller.conftest import KEY, Control, assert_error


def ask(control: Control, method: str, path: str, key: str = KEY["x-api-key"], **more: Any) -> requests.Response:
    return control.controller.ask(method, f"/api/v2/{path}", headers={"x-api-key": key}, **more)


@pytest.fixture
def account(control: Control) -> tuple[str, str]:
    """Name and first key of a new account."""
    name = "a" + uuid.uuid4().hex[:8]
    told = ask(control, "POST", "accounts", json={"accountId": name, "email": "a@example.com"})
    assert told.status_code == 201
    return name, told.json()["apiKey"]


def test_a_key_tells_its_account_and_scopes_in_either_header(control: Control) -> None:
    for headers in (KEY, {"Authorization": f"Bearer {KEY['x-api-key']}"}):
        told = control.controller.ask("GET", "/api/v2/whoami", headers=headers).json()
        assert (told["account"], told["scopes"], told["via"]) == ("local", ["read", "read-write", "admin"], "key")
    assert_error(ask(control, "GET", "whoami", "wrong"), 401, "unauthorized")


def test_an_account_has_indexes_of_its_own(control: Control, account: tuple[str, str], name: str) -> None:
    control.create(name)
    _, key = account
    assert ask(control, "GET", "indexes", key).json()["results"] == []
    assert_error(ask(control, "GET", f"indexes/{name}", key), 404, "index_not_found")
    assert_error(ask(control, "DELETE", f"indexes/{name}", key), 404, "index_not_found")
    taken = ask(control, "POST", f"indexes/{name}", key, json={})
    assert_error(taken, 409, "index_already_exists", "taken")
    assert name in control.in_cell


def test_an_account_is_made_once_by_an_operator_and_with_a_name_that_can_be_part_of_others(
    control: Control, account: tuple[str, str]
) -> None:
    name, key = account
    assert_error(ask(control, "POST", "accounts", json={"accountId": name}), 409, "account_already_exists")
    assert_error(ask(control, "POST", "accounts", key, json={"accountId": "other1"}), 403, "forbidden")
    for address in ("nobody", "a@b@c", 7):
        said = {"accountId": "unmade", "email": address}
        assert_error(ask(control, "POST", "accounts", json=said), 422, "unprocessable_entity", "email")
    for bad in ("", "Upper", "has-dash", "x" * 13, 7, None):
        assert_error(ask(control, "POST", "accounts", json={"accountId": bad}), 422, "unprocessable_entity")


def test_a_key_is_shown_once_works_within_its_scope_and_can_be_taken_back(
    control: Control, account: tuple[str, str]
) -> None:
    _, key = account
    made = ask(control, "POST", "keys", key, json={"name": "shop", "scope": "read"})
    assert made.status_code == 201
    reader = made.json()["key"]
    listed = ask(control, "GET", "keys", key).json()["keys"]
    assert [(each["name"], each["scope"]) for each in listed] == [("first", "admin"), ("shop", "read")]
    assert all("key" not in each for each in listed)
    assert ask(control, "GET", "whoami", reader).json()["scopes"] == ["read"]
    assert_error(ask(control, "POST", "keys", reader, json={"name": "more"}), 403, "forbidden")
    assert ask(control, "DELETE", f"keys/{made.json()['id']}", key).ok
    assert_error(ask(control, "GET", "whoami", reader), 401, "unauthorized")
    assert_error(ask(control, "DELETE", f"keys/{made.json()['id']}", key), 404, "key_not_found")
    assert_error(ask(control, "POST", "keys", key, json={"name": "x", "scope": "root"}), 422, "unprocessable_entity")


def test_the_key_of_another_account_cannot_be_taken_back(control: Control, account: tuple[str, str]) -> None:
    _, key = account
    own = ask(control, "GET", "whoami").json()["keyId"]
    assert_error(ask(control, "DELETE", f"keys/{own}", key), 404, "key_not_found")
    assert ask(control, "GET", "whoami").ok


def test_a_token_is_refused_where_there_is_no_user_pool(control: Control) -> None:
    assert_error(ask(control, "GET", "whoami", "a.b.c"), 401, "unauthorized", "user pool")


@pytest.mark.parametrize("said", ["Basic local-admin-key", "local-admin-key", "Bearer", "Bearer  ", ""])
def test_only_a_bearer_is_heard_in_the_header_for_it(control: Control, said: str) -> None:
    told = control.controller.ask("GET", "/api/v2/whoami", headers={"Authorization": said})
    assert_error(told, 401, "unauthorized")


@pytest.mark.parametrize("number", ["0", "99999999999999999999999", "x", "-1"])
def test_a_key_that_is_none_cannot_be_taken_back(control: Control, number: str) -> None:
    assert ask(control, "DELETE", f"keys/{number}").status_code == 404


def test_who_may_read_documents_or_write_them_sees_no_keys_and_makes_no_accounts(control: Control) -> None:
    for scope in ("read", "read-write"):
        key = ask(control, "POST", "keys", json={"name": scope, "scope": scope}).json()["key"]
        assert_error(ask(control, "GET", "keys", key), 403, "forbidden", scope)
        assert_error(ask(control, "POST", "accounts", key, json={"accountId": "more"}), 403, "forbidden")
        assert_error(ask(control, "DELETE", "keys/1", key), 403, "forbidden")


@pytest.mark.slow
def test_a_key_that_was_revoked_stays_so_after_a_restart(own_control: Control) -> None:
    spare = ask(own_control, "POST", "keys", json={"name": "spare", "scope": "admin"}).json()["key"]
    own = ask(own_control, "GET", "whoami").json()["keyId"]
    assert ask(own_control, "DELETE", f"keys/{own}", spare).ok
    own_control.controller.restart()
    assert_error(ask(own_control, "GET", "whoami"), 401, "unauthorized")
    assert ask(own_control, "GET", "whoami", spare).json()["account"] == "local"


def test_the_first_key_of_an_account_is_the_same_under_the_same_seed(migrated_pair: Pair) -> None:
    made = set()
    for _ in range(2):
        control = Control(migrated_pair.controller.start(HIPPODROME_RANDOM_SEED="42"), migrated_pair.cell)
        made.add(ask(control, "POST", "accounts", json={"accountId": "seeded"}).json()["apiKey"])
        control.controller.end()
        control.database("DELETE FROM indexes_apikey WHERE name = 'first'")
        control.database("DELETE FROM indexes_account WHERE name = 'seeded'")
    assert len(made) == 1
