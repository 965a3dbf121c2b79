"""ID tokens of a real user pool, in place of a key."""

import base64
import http.server
import json
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jwt
import pytest
import requests
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

from hippodrome.services.fake_cognito.store import Store
from tests.services.conftest import Service, plan_in, services_in
from tests.services.controller.conftest import assert_error
from tests.services.fake_cognito.conftest import POOL, SEEDED, SEEDED_PASSWORD, Cognito, cognito_of


@dataclass(frozen=True)
class Shop:
    """A controller, and the pool whose tokens it takes."""

    controller: Service
    cognito: Cognito

    def who(self, token: str, header: str = "Authorization") -> requests.Response:
        said = f"Bearer {token}" if header == "Authorization" else token
        return self.controller.ask("GET", "/api/v2/whoami", headers={header: said})

    def token(self) -> str:
        found: str = self.cognito.tokens(SEEDED, SEEDED_PASSWORD)["IdToken"]
        return found


@contextmanager
def shop_in(folder: Path) -> Iterator[Shop]:
    with services_in(folder, "controller") as found:
        yield Shop(found["controller"].start(), cognito_of(found["fake_cognito"].start()))


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with shop_in(tmp_path_factory.mktemp("shop")) as made:
        yield made


@pytest.mark.parametrize("header", ["Authorization", "x-api-key"])
def test_an_id_token_tells_the_account_of_its_user_who_may_do_all_there(shop: Shop, header: str) -> None:
    told = shop.who(shop.token(), header)
    assert told.json() == {
        "account": "local",
        "scopes": ["read", "read-write", "admin"],
        "via": "token",
        "keyId": None,
    }


def test_the_account_of_a_new_user_is_made_and_has_keys_of_its_own(shop: Shop) -> None:
    name = shop.cognito.user(custom_account="acme")
    token = shop.cognito.tokens(name)["IdToken"]
    assert shop.who(token).json()["account"] == "acme"
    headers = {"Authorization": f"bearer {token}"}
    made = shop.controller.ask("POST", "/api/v2/keys", headers=headers, json={"name": "shop", "scope": "read"}).json()
    assert shop.who(made["key"]).json()["account"] == "acme"
    assert len(shop.controller.ask("GET", "/api/v2/keys", headers=headers).json()["keys"]) == 1


def test_a_user_of_the_pool_may_open_an_account(shop: Shop) -> None:
    headers = {"Authorization": f"Bearer {shop.token()}"}
    told = shop.controller.ask("POST", "/api/v2/accounts", headers=headers, json={"accountId": "opened"})
    assert told.status_code == 201
    assert shop.who(told.json()["apiKey"]).json()["account"] == "opened"


def test_a_token_of_another_kind_account_or_client_is_refused(shop: Shop) -> None:
    access = shop.cognito.tokens(SEEDED, SEEDED_PASSWORD)["AccessToken"]
    assert_error(shop.who(access), 401, "unauthorized", "aud")
    homeless = shop.cognito.tokens(shop.cognito.user())["IdToken"]
    assert_error(shop.who(homeless), 401, "unauthorized", "custom:account")
    odd = shop.cognito.tokens(shop.cognito.user(custom_account="No-Account"))["IdToken"]
    assert_error(shop.who(odd), 401, "unauthorized", "custom:account")
    flows = ["ALLOW_USER_PASSWORD_AUTH"]
    client = shop.cognito.api.create_user_pool_client(UserPoolId=POOL, ClientName="x", ExplicitAuthFlows=flows)
    other = Cognito(shop.cognito.service, shop.cognito.api, POOL, client["UserPoolClient"]["ClientId"])
    assert_error(shop.who(other.tokens(SEEDED, SEEDED_PASSWORD)["IdToken"]), 401, "unauthorized", "udience")
    pool = shop.cognito.with_pool(Schema=[{"Name": "account", "AttributeDataType": "String"}])
    stranger = pool.tokens(pool.user(custom_account="local"))["IdToken"]
    assert_error(shop.who(stranger), 401, "unauthorized")


def test_a_forged_token_is_refused(shop: Shop) -> None:
    token = shop.token()
    header, claims = jwt.get_unverified_header(token), jwt.decode(token, options={"verify_signature": False})
    own = generate_private_key(public_exponent=65537, key_size=2048)
    forged = jwt.encode(claims, own, algorithm="RS256", headers={"kid": header["kid"]})
    unknown = jwt.encode(claims, own, algorithm="RS256", headers={"kid": "mine"})
    body = base64.urlsafe_b64encode(json.dumps({**claims, "custom:account": "acme"}).encode()).decode().rstrip("=")
    changed = ".".join((token.split(".")[0], body, token.split(".")[2]))
    unsigned = jwt.encode(claims, "", algorithm="none", headers={"kid": header["kid"]})
    for bad in (forged, unknown, changed, unsigned, "a.b.c", "..", "é.é.é"):
        assert_error(shop.who(bad.encode().decode("latin-1")), 401, "unauthorized")


def test_what_has_expired_or_comes_from_elsewhere_is_refused_though_the_pool_has_signed_it(shop: Shop) -> None:
    token = shop.token()
    header, claims = jwt.get_unverified_header(token), jwt.decode(token, options={"verify_signature": False})
    with closing(Store(shop.cognito.service.data_dir / "cognito.sqlite3")) as store:
        pool = store.pool(POOL)
    assert pool

    def signed(**more: Any) -> str:
        told = {name: value for name, value in {**claims, **more}.items() if value is not None}
        return jwt.encode(told, pool.key, algorithm="RS256", headers={"kid": header["kid"]})

    assert shop.who(signed()).ok
    for more, why in (
        ({"exp": int(time.time()) - 60}, "expired"),
        ({"exp": None}, "exp"),
        ({"iss": "http://localhost:1/us-east-1_local"}, "issuer"),
        ({"aud": None}, "aud"),
        ({"token_use": "access"}, "ID token"),
        ({"custom:account": 7}, "custom:account"),
    ):
        assert_error(shop.who(signed(**more)), 401, "unauthorized", why)


def test_keys_of_a_pool_that_began_anew_are_fetched_again(tmp_path: Path) -> None:
    with shop_in(tmp_path) as shop:
        old = shop.token()
        assert shop.who(old).ok
        shop.cognito.service.restart()
        assert shop.who(old).ok
        shop.cognito.service.end()
        shutil.rmtree(shop.cognito.service.data_dir)
        shop.cognito.service.start()
        assert shop.who(shop.token()).ok


def test_a_pool_that_does_not_answer_is_named(tmp_path: Path) -> None:
    with shop_in(tmp_path) as shop:
        token = shop.token()
        shop.cognito.service.end()
        assert_error(shop.who(token), 503, "user_pool_unavailable", POOL)
        assert_error(shop.who("local-admin-key.x"), 401, "unauthorized")
        assert shop.who("local-admin-key").ok
        with talking_nonsense_at(shop.cognito.service.program.port or 0):
            assert_error(shop.who(token), 503, "user_pool_unavailable", POOL)
        shop.cognito.service.start()
        assert shop.who(token).ok


@contextmanager
def talking_nonsense_at(port: int) -> Iterator[None]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Nonsense)
    serving = threading.Thread(target=server.serve_forever, args=(0.02,))
    serving.start()
    try:
        yield
    finally:
        server.shutdown()
        serving.join()
        server.server_close()


class Nonsense(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"<html>")

    def log_message(self, *_: Any) -> None:
        pass


@pytest.mark.parametrize(("profile", "is_told"), [("core", False), ("ecom", True)])
def test_the_controller_is_told_of_the_pool_where_there_is_one(tmp_path: Path, profile: str, is_told: bool) -> None:
    programs = {each.name: each for each in plan_in(tmp_path, "controller", profile=profile).programs}
    told = programs["controller"].environment
    assert ("fake_cognito" in programs, "COGNITO_ISSUER" in told, "COGNITO_CLIENT_ID" in told) == (is_told,) * 3
    if is_told:
        assert told["COGNITO_ISSUER"] == f"http://localhost:{programs['fake_cognito'].port}/{POOL}"
