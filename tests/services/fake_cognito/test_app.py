"""The service as a whole: errors, hostile requests, what outlives it."""

import json
import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hippodrome.services.fake_cognito.app import OPERATIONS, TARGET
from tests.examples import examples
from tests.services.conftest import services_in
from tests.services.described import ask_all
from tests.services.fake_cognito.conftest import (
    CLIENT,
    PASSWORD,
    POOL,
    SEEDED,
    SEEDED_PASSWORD,
    Cognito,
    cognito_of,
    refused,
)

WORDS = [POOL, CLIENT, SEEDED, PASSWORD, "USER_SRP_AUTH", "NEW_PASSWORD_REQUIRED", "sub", "email"]
texts = st.text(st.characters(), max_size=12) | st.sampled_from(WORDS)
scalars = st.none() | st.booleans() | st.integers() | st.floats() | texts
members = sorted({field.alias for each in OPERATIONS.values() for field in each.shape.model_fields.values()} - {None})
parameters = ["USERNAME", "PASSWORD", "SRP_A", "REFRESH_TOKEN", "SECRET_HASH", "Name", "Value", "PasswordPolicy"]
keys = st.sampled_from([str(each) for each in members] + parameters) | st.text(max_size=4)
values = st.recursive(scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=4))


def call(cognito: Cognito, operation: str, **more: Any) -> requests.Response:
    headers = {"X-Amz-Target": TARGET + operation, "Content-Type": "application/x-amz-json-1.1"}
    return cognito.service.ask("POST", "/", headers=headers, **more)


def bodies_of(operation: str) -> st.SearchStrategy[dict[str, Any]]:
    """Its members with what they can hold now and then, and others."""
    known = {
        "UserPoolId": st.just(POOL),
        "ClientId": st.just(CLIENT),
        "Username": st.just(SEEDED) | texts,
        "AuthFlow": st.sampled_from(["USER_SRP_AUTH", "USER_PASSWORD_AUTH", "REFRESH_TOKEN_AUTH"]),
        "ChallengeName": st.sampled_from(["PASSWORD_VERIFIER", "NEW_PASSWORD_REQUIRED"]),
        "AuthParameters": st.dictionaries(keys, texts, max_size=4),
        "ChallengeResponses": st.dictionaries(keys, texts, max_size=4),
        "MaxResults": st.integers(0, 61),
        "Permanent": st.booleans(),
    }
    names = [str(field.alias) for field in OPERATIONS[operation].shape.model_fields.values()]
    usual = {name: known.get(name, texts) | (values if name not in known else st.nothing()) for name in names}
    return st.fixed_dictionaries({}, optional=usual) | st.fixed_dictionaries(usual) | st.dictionaries(keys, values)


SAFE = sorted(OPERATIONS.keys() - {"DeleteUserPool", "DeleteUserPoolClient", "AdminDeleteUser"})


@given(operation=st.sampled_from(SAFE), more=st.data())
@settings(max_examples=examples(250), deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_request_is_the_services_fault(hostile: Cognito, operation: str, more: st.DataObject) -> None:
    answer = call(hostile, operation, data=json.dumps(more.draw(bodies_of(operation))))
    assert answer.status_code in (200, 400), answer.text
    if answer.status_code == 400:
        told = answer.json()
        assert told["__type"].endswith("Exception")
        assert answer.headers["x-amzn-ErrorType"] == told["__type"] + ":"
        assert told["message"]


def test_no_request_that_it_describes_is_its_fault(hostile: Cognito) -> None:
    asked = ask_all(hostile.service.url)
    assert {"POST /", "GET /health", "GET /{pool}/.well-known/jwks.json"} <= set(asked)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with services_in(tmp_path_factory.mktemp("hostile"), "fake_cognito") as found:
        yield cognito_of(found["fake_cognito"].start())


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"{", "SerializationException"),
        (b"[]", "SerializationException"),
        (b"\xff", "SerializationException"),
        (b'{"Username": "\\ud800"}', "SerializationException"),
        (b"", "InvalidParameterException"),
        (b'{"ClientId": 7}', "InvalidParameterException"),
        (b"[" * 100_000, "SerializationException"),
    ],
)
def test_a_body_that_is_none_is_refused_by_name(cognito: Cognito, body: bytes, kind: str) -> None:
    answer = call(cognito, "SignUp", data=body)
    assert (answer.status_code, answer.json()["__type"]) == (400, kind)


def test_a_body_that_is_too_large_is_not_read_to_its_end(cognito: Cognito) -> None:
    answer = call(cognito, "SignUp", data=b"x" * (2 << 20))
    assert (answer.status_code, answer.json()["__type"]) == (413, "RequestEntityTooLargeException")


def test_the_member_that_is_wrong_is_named(cognito: Cognito) -> None:
    answer = call(cognito, "AdminCreateUser", json={"UserPoolId": POOL, "Username": "x", "UserAttributes": [{}]})
    assert "userAttributes.0.name" in answer.json()["message"]


@pytest.mark.parametrize("target", ["ListGroups", "NoSuchThing", "x\x7f"])
def test_an_operation_that_is_not_here_is_told_as_aws_tells_it_and_named(cognito: Cognito, target: str) -> None:
    answer = call(cognito, target, json={})
    told = answer.json()
    assert (answer.status_code, told["__type"]) == (400, "UnknownOperationException")
    assert target.rstrip("\x7f") in told["message"]
    nameless = cognito.service.ask("POST", "/", json={})
    assert nameless.json()["__type"] == "UnknownOperationException"


def test_the_sdk_finds_no_operation_here_that_answers_without_its_exceptions(cognito: Cognito) -> None:
    """Each name is one of Cognito's, and each exception one that the SDK knows."""
    known = set(cognito.api.meta.service_model.operation_names)
    assert OPERATIONS.keys() <= known
    assert refused(cognito, "list_groups", UserPoolId=POOL, because="ListGroups") == "ClientError"


def test_it_says_what_it_is_and_keeps_a_request_id(cognito: Cognito) -> None:
    told = cognito.service.ask("GET", "/health").json()
    assert (told["status"], told["service"]) == ("ok", "fake_cognito")
    answer = cognito.service.ask("GET", f"/{POOL}/.well-known/jwks.json", headers={"X-Request-Id": "of-a-test"})
    assert answer.headers["X-Request-Id"] == "of-a-test"
    paths = cognito.service.ask("GET", "/openapi.json").json()["paths"]
    assert {"/", "/health", "/{pool}/.well-known/jwks.json"} <= paths.keys()


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_users_tokens_and_challenges_outlive_it(tmp_path: Path, how: signal.Signals) -> None:
    with services_in(tmp_path, "fake_cognito") as found:
        cognito = cognito_of(found["fake_cognito"].start())
        name = cognito.user(custom_account="acme")
        tokens = cognito.tokens(name)
        keys = cognito.service.ask("GET", f"/{POOL}/.well-known/jwks.json").json()
        cognito.api.admin_create_user(UserPoolId=POOL, Username="guest", TemporaryPassword=PASSWORD)
        challenge = cognito.sign_in("guest")
        cognito.api.admin_delete_user(UserPoolId=POOL, Username=SEEDED)
        cognito.service.restart(how)
        assert cognito.service.ask("GET", f"/{POOL}/.well-known/jwks.json").json() == keys
        assert cognito.api.get_user(AccessToken=tokens["AccessToken"])["Username"] == name
        assert cognito.refresh(tokens["RefreshToken"])["AuthenticationResult"]["IdToken"]
        answer = {"USERNAME": "guest", "NEW_PASSWORD": PASSWORD + "1"}
        asked = {"ClientId": CLIENT, "ChallengeName": "NEW_PASSWORD_REQUIRED", "Session": challenge["Session"]}
        assert cognito.api.respond_to_auth_challenge(**asked, ChallengeResponses=answer)["AuthenticationResult"]
        assert refused(cognito, "admin_get_user", UserPoolId=POOL, Username=SEEDED) == "UserNotFoundException"


def test_the_seed_is_the_same_on_every_machine_but_for_its_keys(tmp_path: Path, cognito: Cognito) -> None:
    with services_in(tmp_path, "fake_cognito") as found:
        other = cognito_of(found["fake_cognito"].start())
        told = [each.get(SEEDED)["UserAttributes"] for each in (cognito, other)]
        assert told[0] == told[1]
        assert other.tokens(SEEDED, SEEDED_PASSWORD)
        keys = [each.service.ask("GET", f"/{POOL}/.well-known/jwks.json").json() for each in (cognito, other)]
        assert keys[0] != keys[1]


def test_ids_and_codes_are_the_same_under_the_same_seed(tmp_path: Path) -> None:
    made = []
    for number in range(2):
        with services_in(tmp_path / str(number), "fake_cognito") as found:
            cognito = cognito_of(found["fake_cognito"].start(HIPPODROME_RANDOM_SEED="42"))
            own = cognito.with_pool()
            sub = own.api.sign_up(ClientId=own.client, Username="x", Password=PASSWORD)["UserSub"]
            made.append((own.pool, own.client, sub, own.message("x")["code"]))
            cognito.service.restart()
            assert cognito.with_pool().pool != own.pool
    assert made[0] == made[1]


def test_its_data_are_nobody_elses_to_read(cognito: Cognito) -> None:
    assert all(path.stat().st_mode & 0o077 == 0 for path in cognito.service.data_dir.iterdir())


def test_of_many_who_sign_up_by_one_name_at_once_one_does(cognito: Cognito) -> None:
    asked = {"ClientId": CLIENT, "Username": "wanted", "Password": PASSWORD}
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: call(cognito, "SignUp", json=asked), range(8)))
    assert sorted(answer.status_code for answer in answers) == [200] + [400] * 7
    assert {answer.json()["__type"] for answer in answers if not answer.ok} == {"UsernameExistsException"}


def test_sign_ins_at_once_are_all_kept(cognito: Cognito) -> None:
    name = cognito.user()
    with ThreadPoolExecutor(8) as pool:
        tokens = list(pool.map(lambda _: cognito.tokens(name), range(8)))
    for each in tokens:
        assert cognito.api.get_user(AccessToken=each["AccessToken"])["Username"] == name
