"""Runs the user pools: `python -m hippodrome.services.fake_cognito`."""

import os

from fastapi import FastAPI

from hippodrome.services.common.environment import Environment
from hippodrome.services.common.serving import serve
from hippodrome.services.fake_cognito.app import create_app
from hippodrome.services.fake_cognito.chance import Chance
from hippodrome.services.fake_cognito.directory import Directory
from hippodrome.services.fake_cognito.sealing import Seal
from hippodrome.services.fake_cognito.seeding import seed
from hippodrome.services.fake_cognito.store import Store

DATABASE = "cognito.sqlite3"
SEAL = "seal"


def make_app(environment: Environment) -> FastAPI:
    store = Store(environment.data_dir / DATABASE)
    chance = Chance(os.environ.get("HIPPODROME_RANDOM_SEED", ""))
    base_url = os.environ.get("COGNITO_URL", f"http://localhost:{environment.port}").rstrip("/")
    directory = Directory(store, Seal(_seal_key(store)), chance, base_url)
    seed(directory)
    return create_app(directory)


def _seal_key(store: Store) -> str:
    """Made at the first start."""
    with store.change():
        if (kept := store.secret(SEAL)) is None:
            store.keep_secret(SEAL, kept := Seal.new_key())
    return kept


if __name__ == "__main__":
    environment = Environment.read(port=9012)
    serve(lambda: make_app(environment), environment, name="fake_cognito")
