"""A database of before accounts had addresses, and keys had names."""

import subprocess

from tests.services.conftest import Pair
from tests.services.controller.conftest import KEY, Control


def manage(pair: Pair, *argv: str) -> None:
    """Django's own command line, in the service's environment."""
    done = subprocess.run(
        ["python", "manage.py", *argv],
        cwd=pair.controller.program.directory,
        env=pair.controller.environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_database_of_before_is_brought_up_to_date_with_all_its_data(pair: Pair) -> None:
    manage(pair, "migrate", "indexes", "0001")
    control = Control(pair.controller, pair.cell)
    for statement in (
        "INSERT INTO indexes_account (id, name) VALUES (1, 'local'), (2, 'acme')",
        "INSERT INTO indexes_apikey (id, key, scope, account_id) VALUES (7, 'local-admin-key', 'admin', 1)",
        "INSERT INTO indexes_apikey (id, key, scope, account_id) VALUES (8, 'reader', 'read', 2)",
        "INSERT INTO indexes_index (name, settings, number_of_shards, number_of_replicas, number_of_inferences,"
        " inference_type, storage_class, created_at, account_id)"
        " VALUES ('books', '{}', 2, 0, 1, 'marqo.CPU.small', 'marqo.basic', '2026-01-01 00:00:00', 2)",
    ):
        control.database(statement)
    pair.controller.start()
    reader = {"x-api-key": "reader"}
    assert pair.controller.ask("GET", "/api/v2/whoami", headers=reader).json() == {
        "account": "acme",
        "scopes": ["read"],
        "via": "key",
        "keyId": 8,
    }
    (index,) = control.ask("GET", headers=reader).json()["results"]
    assert (index["indexName"], index["numberOfShards"]) == ("books", 2)
    (key,) = pair.controller.ask("GET", "/api/v2/keys", headers=KEY).json()["keys"]
    assert (key["id"], key["name"], key["scope"]) == (7, "", "admin")
    assert key["createdAt"]


def test_no_change_of_a_model_is_without_its_migration(pair: Pair) -> None:
    manage(pair, "makemigrations", "--check", "--dry-run")
