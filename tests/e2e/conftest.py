"""A running shop, found by ENVIRONMENT: `.env.{ENVIRONMENT}` says where it is, below what is set already."""

import os
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests
from dotenv import dotenv_values

from hippodrome.shop.client import Shop
from hippodrome.shop.patience import Patience

ROOT = Path(__file__).resolve().parents[2]
REAL = {"prod", "production"}
ANSWER_S = 30.0


@dataclass(frozen=True)
class Stack:
    """Where each service of the running stack is, the seeded account's key, and the seed of made-up products."""

    environment: str
    admin_server: str
    search_proxy: str
    controller: str
    key: str
    seed: int
    patience_s: float = 0.0

    @property
    def is_data_real(self) -> bool:
        return self.environment in REAL

    def shop(self, key: str) -> Shop:
        return Shop(self.admin_server, self.search_proxy, key, self.is_data_real, Patience(self.patience_s))


def settings_of(environ: dict[str, str], root: Path) -> dict[str, str]:
    """The file's variables below those that are set. Raises FileNotFoundError naming the file."""
    file = root / f".env.{environ.get('ENVIRONMENT', 'hippodrome')}"
    if not file.exists():
        raise FileNotFoundError(f"{file.name} is not there; ENVIRONMENT names it")
    said = {name: value for name, value in dotenv_values(file).items() if value is not None}
    return said | {name: environ[name] for name in said if name in environ}


@pytest.fixture(scope="session")
def stack() -> Stack:
    """Answers, or the suite fails at once and says what to start."""
    environ = dict(os.environ)
    try:
        said = settings_of(environ, ROOT)
    except FileNotFoundError as missing:
        pytest.exit(f"{missing}. docs/e2e.md tells what is in it.", pytest.ExitCode.USAGE_ERROR)
    found = Stack(
        environment=environ.get("ENVIRONMENT", "hippodrome"),
        admin_server=said["ADMIN_SERVER_URL"],
        search_proxy=said["SEARCH_PROXY_URL"],
        controller=said["CONTROLLER_URL"],
        key=said["MARQO_API_KEY"],
        seed=int(environ.get("HIPPODROME_RANDOM_SEED", "42")),
        patience_s=float(environ.get("HIPPODROME_PATIENCE_S", "0")),
    )
    try:
        health = f"{found.admin_server}/health"
        Patience(found.patience_s).answer("GET", health, lambda: requests.get(health, timeout=ANSWER_S))
    except requests.ConnectionError:
        pytest.exit(
            f"Nothing answers at {found.admin_server}. `hd up -d --profile ecom` starts it.",
            pytest.ExitCode.USAGE_ERROR,
        )
    if real := REAL & {found.environment, cell_of(said.get("DASHBOARD_URL", ""))}:
        pytest.exit(f"The data of `{real.pop()}` is real: nothing was sent.", pytest.ExitCode.USAGE_ERROR)
    return found


def cell_of(dashboard: str) -> str:
    """The cell of the stack that this dashboard shows; empty where no dashboard is."""
    try:
        return str(requests.get(f"{dashboard}/api/status", timeout=ANSWER_S).json()["stack"]["cell"])
    except (requests.RequestException, ValueError, LookupError, TypeError):
        return ""


@pytest.fixture(scope="module")
def shop(stack: Stack) -> Iterator[Shop]:
    """An account of this module's own; its indexes go at the end."""
    made = new_account(stack)
    yield made
    for alias in made.admin("GET", "/aliases")["aliases"]:
        made.admin("DELETE", f"/aliases/{alias['name']}")
    for index in made.admin("GET", "/indexes")["indexes"]:
        made.admin("DELETE", f"/indexes/{index['name']}")


def new_account(stack: Stack) -> Shop:
    """A shop that nobody else has."""
    name = "e" + uuid.uuid4().hex[:8]
    made = stack.shop(stack.key).admin("POST", "/accounts/init", json={"accountId": name})
    assert made["accountId"] == name
    return stack.shop(made["apiKey"])
