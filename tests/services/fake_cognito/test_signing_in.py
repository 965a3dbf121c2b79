"""Signing in: by password, by SRP, with a first password, again by refresh token."""

import base64
import hashlib
import hmac
from typing import Any

import jwt
import pytest

from tests.services.fake_cognito.conftest import (
    CLIENT,
    PASSWORD,
    POOL,
    SEEDED,
    SEEDED_PASSWORD,
    Cognito,
    refused,
)
from tests.services.fake_cognito.srp_client import N, SrpClient


def by_srp(cognito: Cognito, username: str, password: str = PASSWORD, **more: str) -> dict[str, Any]:
    client = SrpClient(cognito.pool.partition("_")[2], password)
    challenge = cognito.api.initiate_auth(
        ClientId=cognito.client,
        AuthFlow="USER_SRP_AUTH",
        AuthParameters={"USERNAME": username, "SRP_A": client.public, **more},
    )
    assert challenge["ChallengeName"] == "PASSWORD_VERIFIER"
    answer = {**client.answer(challenge["ChallengeParameters"]), **more}
    told: dict[str, Any] = cognito.api.respond_to_auth_challenge(
        ClientId=cognito.client, ChallengeName="PASSWORD_VERIFIER", ChallengeResponses=answer
    )
    return told


def claims(cognito: Cognito, token: str, **checks: Any) -> dict[str, Any]:
    """Verified, by the keys that the pool publishes."""
    key = jwt.PyJWKClient(f"{cognito.issuer}/.well-known/jwks.json").get_signing_key_from_jwt(token)
    found: dict[str, Any] = jwt.decode(token, key, algorithms=["RS256"], issuer=cognito.issuer, **checks)
    return found


def test_the_seeded_user_has_tokens_as_cognito_makes_them(cognito: Cognito) -> None:
    tokens = cognito.tokens(SEEDED, SEEDED_PASSWORD)
    assert (tokens["TokenType"], tokens["ExpiresIn"]) == ("Bearer", 3600)
    told = claims(cognito, tokens["IdToken"], audience=CLIENT)
    assert told["cognito:username"] == told["email"] == SEEDED
    assert (told["token_use"], told["custom:account"], told["email_verified"]) == ("id", "local", True)
    assert told["exp"] - told["iat"] == 3600
    access = claims(cognito, tokens["AccessToken"])
    assert (access["token_use"], access["client_id"], access["username"]) == ("access", CLIENT, SEEDED)
    assert access["sub"] == told["sub"]
    assert access["scope"] == "aws.cognito.signin.user.admin"
    assert "aud" not in access


def test_the_pool_says_where_its_keys_are(cognito: Cognito) -> None:
    told = cognito.service.ask("GET", f"/{POOL}/.well-known/openid-configuration").json()
    assert told["issuer"] == cognito.issuer
    assert told["jwks_uri"] == f"{told['issuer']}/.well-known/jwks.json"
    missing = cognito.service.ask("GET", "/us-east-1_none/.well-known/jwks.json")
    assert (missing.status_code, missing.json()["message"]) == (404, "User pool us-east-1_none does not exist.")


def test_a_wrong_password_and_an_unknown_user(cognito: Cognito) -> None:
    def auth(**said: str) -> dict[str, Any]:
        return {"ClientId": CLIENT, "AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": said}

    wrong = auth(USERNAME=SEEDED, PASSWORD="wrong")
    assert refused(cognito, "initiate_auth", **wrong, because="Incorrect") == "NotAuthorizedException"
    assert refused(cognito, "initiate_auth", **auth(USERNAME="x", PASSWORD="y")) == "UserNotFoundException"
    missing = auth(USERNAME=SEEDED)
    assert refused(cognito, "initiate_auth", **missing, because="PASSWORD") == "InvalidParameterException"


def test_srp_lets_in_who_knows_the_password_and_nobody_else(cognito: Cognito) -> None:
    name = cognito.user()
    result = by_srp(cognito, name)["AuthenticationResult"]
    assert cognito.api.get_user(AccessToken=result["AccessToken"])["Username"] == name
    with pytest.raises(cognito.api.exceptions.NotAuthorizedException, match="Incorrect"):
        by_srp(cognito, name, "Wrong-Passw0rd!")
    with pytest.raises(cognito.api.exceptions.UserNotFoundException):
        by_srp(cognito, "nobody-there")


def test_srp_holds_for_many_salts_and_secrets(cognito: Cognito) -> None:
    """Numbers whose first bit is set, or whose hex has an odd length, are padded in a way of their own."""
    name = cognito.user()
    for turn in range(8):
        password = f"{PASSWORD}{turn}"
        cognito.api.admin_set_user_password(UserPoolId=POOL, Username=name, Password=password, Permanent=True)
        assert by_srp(cognito, name, password)["AuthenticationResult"]["IdToken"]


@pytest.mark.parametrize("public", ["0", f"{N:x}", f"{2 * N:x}", "no number", "-5"])
def test_a_public_value_that_would_open_every_door_is_refused(cognito: Cognito, public: str) -> None:
    asked = {"USERNAME": SEEDED, "SRP_A": public}
    kind = refused(cognito, "initiate_auth", ClientId=CLIENT, AuthFlow="USER_SRP_AUTH", AuthParameters=asked)
    assert kind == "InvalidParameterException"


def test_an_answer_is_good_for_the_challenge_and_client_it_was_made_for(cognito: Cognito) -> None:
    name, client = cognito.user(), SrpClient("local", PASSWORD)
    asked = {"AuthFlow": "USER_SRP_AUTH", "AuthParameters": {"USERNAME": name, "SRP_A": client.public}}
    challenges = [cognito.api.initiate_auth(ClientId=CLIENT, **asked)["ChallengeParameters"] for _ in range(2)]
    answer = client.answer(challenges[0])
    mixed = {**answer, "PASSWORD_CLAIM_SECRET_BLOCK": challenges[1]["SECRET_BLOCK"]}
    forged = {**answer, "PASSWORD_CLAIM_SECRET_BLOCK": base64.b64encode(b"x" * 60).decode()}
    garbled = {**answer, "PASSWORD_CLAIM_SIGNATURE": "a"}
    respond = {"ClientId": CLIENT, "ChallengeName": "PASSWORD_VERIFIER"}
    for bad, kind in (
        (mixed, "NotAuthorizedException"),
        (forged, "NotAuthorizedException"),
        (garbled, "InvalidParameterException"),
        ({**answer, "TIMESTAMP": "Mon Jan 1 00:00:00 UTC 2024"}, "NotAuthorizedException"),
    ):
        assert refused(cognito, "respond_to_auth_challenge", **respond, ChallengeResponses=bad) == kind
    made = cognito.api.create_user_pool_client(UserPoolId=POOL, ClientName="other")["UserPoolClient"]
    other = {**respond, "ClientId": made["ClientId"], "ChallengeResponses": answer}
    assert refused(cognito, "respond_to_auth_challenge", **other) == "NotAuthorizedException"
    assert cognito.api.respond_to_auth_challenge(**respond, ChallengeResponses=answer)["AuthenticationResult"]


def test_who_was_invited_chooses_a_password_first(cognito: Cognito) -> None:
    name = "invited@example.com"
    cognito.api.admin_create_user(UserPoolId=POOL, Username=name, TemporaryPassword="First-Passw0rd!")
    assert cognito.message(name) == {
        "pool": POOL,
        "username": name,
        "kind": "invitation",
        "password": "First-Passw0rd!",
    }
    challenge = by_srp(cognito, name, "First-Passw0rd!")
    assert challenge["ChallengeName"] == "NEW_PASSWORD_REQUIRED"
    answer = {"USERNAME": name, "NEW_PASSWORD": "weak"}
    asked = {"ClientId": CLIENT, "ChallengeName": "NEW_PASSWORD_REQUIRED", "Session": challenge["Session"]}
    weak = refused(cognito, "respond_to_auth_challenge", **asked, ChallengeResponses=answer)
    assert weak == "InvalidPasswordException"
    others = {"USERNAME": SEEDED, "NEW_PASSWORD": PASSWORD}
    assert (
        refused(cognito, "respond_to_auth_challenge", **asked, ChallengeResponses=others) == "NotAuthorizedException"
    )
    good = {"USERNAME": name, "NEW_PASSWORD": PASSWORD, "userAttributes.custom:account": "acme"}
    told = cognito.api.respond_to_auth_challenge(**asked, ChallengeResponses=good)
    assert claims(cognito, told["AuthenticationResult"]["IdToken"], audience=CLIENT)["custom:account"] == "acme"
    again = refused(cognito, "respond_to_auth_challenge", **asked, ChallengeResponses=good, because="once")
    assert again == "NotAuthorizedException"
    assert cognito.tokens(name)


def test_a_session_that_was_not_given_here_is_none(cognito: Cognito) -> None:
    asked = {"ClientId": CLIENT, "ChallengeName": "NEW_PASSWORD_REQUIRED", "Session": "x" * 30}
    said = {"USERNAME": SEEDED, "NEW_PASSWORD": PASSWORD}
    assert refused(cognito, "respond_to_auth_challenge", **asked, ChallengeResponses=said) == "NotAuthorizedException"
    asked["ChallengeName"] = "SOFTWARE_TOKEN_MFA"
    kind = refused(cognito, "respond_to_auth_challenge", **asked, ChallengeResponses=said, because="SOFTWARE_TOKEN")
    assert kind == "InvalidParameterException"


def test_a_refresh_token_gives_new_tokens_of_the_same_sign_in(cognito: Cognito) -> None:
    first = cognito.tokens(cognito.user())
    told = cognito.refresh(first["RefreshToken"])["AuthenticationResult"]
    assert "RefreshToken" not in told
    old, new = (claims(cognito, each["AccessToken"]) for each in (first, told))
    assert (old["origin_jti"], old["auth_time"], old["sub"]) == (new["origin_jti"], new["auth_time"], new["sub"])
    assert old["jti"] != new["jti"]
    asked = {"ClientId": CLIENT, "AuthFlow": "REFRESH_TOKEN_AUTH"}
    for bad in ("x", first["AccessToken"]):
        refusal = refused(cognito, "initiate_auth", **asked, AuthParameters={"REFRESH_TOKEN": bad}, because="Invalid")
        assert refusal == "NotAuthorizedException"
    made = cognito.api.create_user_pool_client(UserPoolId=POOL, ClientName="other")["UserPoolClient"]
    others = {**asked, "ClientId": made["ClientId"], "AuthParameters": {"REFRESH_TOKEN": first["RefreshToken"]}}
    assert refused(cognito, "initiate_auth", **others) == "NotAuthorizedException"


def test_an_administrator_signs_a_user_in_where_the_client_allows_it(cognito: Cognito) -> None:
    name = cognito.user()
    asked: dict[str, Any] = {
        "AuthFlow": "ADMIN_USER_PASSWORD_AUTH",
        "AuthParameters": {"USERNAME": name, "PASSWORD": PASSWORD},
    }
    told = cognito.api.admin_initiate_auth(UserPoolId=POOL, ClientId=CLIENT, **asked)
    assert told["AuthenticationResult"]["IdToken"]
    assert refused(cognito, "initiate_auth", ClientId=CLIENT, **asked) == "InvalidParameterException"
    own = cognito.with_pool()
    kind = refused(own, "admin_initiate_auth", UserPoolId=own.pool, ClientId=own.client, **asked, because="enabled")
    assert kind == "InvalidParameterException"
    kind = refused(own, "admin_initiate_auth", UserPoolId=own.pool, ClientId=CLIENT, **asked)
    assert kind == "ResourceNotFoundException"


def test_a_flow_that_is_not_switched_on_is_refused_by_name(cognito: Cognito) -> None:
    own = cognito.with_pool(client={"ExplicitAuthFlows": []})
    said: dict[str, Any] = {"ClientId": own.client, "AuthParameters": {"USERNAME": "x", "PASSWORD": "y"}}
    plain = refused(
        own, "initiate_auth", **said, AuthFlow="USER_PASSWORD_AUTH", because="USER_PASSWORD_AUTH flow not"
    )
    assert plain == "InvalidParameterException"
    assert refused(own, "initiate_auth", **said, AuthFlow="CUSTOM_AUTH") == "InvalidParameterException"


def test_a_client_can_hide_who_is_there(cognito: Cognito) -> None:
    own = cognito.with_pool(client={"PreventUserExistenceErrors": "ENABLED"})
    for sign_in in (Cognito.sign_in, by_srp):
        with pytest.raises(own.api.exceptions.NotAuthorizedException, match="Incorrect username or password"):
            sign_in(own, "nobody", PASSWORD)
    asked: dict[str, Any] = {"ClientId": own.client, "Username": "nobody"}
    for sending in (own.api.forgot_password, own.api.resend_confirmation_code):
        assert sending(**asked)["CodeDeliveryDetails"]["Destination"]
    asked["ConfirmationCode"] = "123456"
    assert refused(own, "confirm_sign_up", **asked) == "ExpiredCodeException"
    kind = refused(own, "confirm_forgot_password", **asked, Password=PASSWORD)
    assert kind == "CodeMismatchException"


def test_a_client_with_a_secret_asks_for_its_hash(cognito: Cognito) -> None:
    own = cognito.with_pool(client={"GenerateSecret": True})
    client = own.api.describe_user_pool_client(UserPoolId=own.pool, ClientId=own.client)["UserPoolClient"]
    name = own.user()
    hashed = hmac.digest(client["ClientSecret"].encode(), (name + own.client).encode(), hashlib.sha256)
    said = {"SECRET_HASH": base64.b64encode(hashed).decode()}
    result = by_srp(own, name, **said)["AuthenticationResult"]
    assert own.refresh(result["RefreshToken"], **said)["AuthenticationResult"]["IdToken"]
    plain = {"ClientId": own.client, "AuthFlow": "USER_PASSWORD_AUTH"}
    known = {"USERNAME": name, "PASSWORD": PASSWORD}
    for more, why in (({}, "not received"), ({"SECRET_HASH": "x"}, "Unable to verify")):
        kind = refused(own, "initiate_auth", **plain, AuthParameters={**known, **more}, because=why)
        assert kind == "NotAuthorizedException"
    kind = refused(cognito, "initiate_auth", **{**plain, "ClientId": CLIENT}, AuthParameters={**known, **said})
    assert kind == "NotAuthorizedException"


def test_tokens_last_as_long_as_their_client_says(cognito: Cognito) -> None:
    units = {"AccessToken": "minutes", "IdToken": "hours", "RefreshToken": "days"}
    own = cognito.with_pool(
        client={
            "AccessTokenValidity": 5,
            "IdTokenValidity": 2,
            "RefreshTokenValidity": 1,
            "TokenValidityUnits": units,
        }
    )
    tokens = own.tokens(own.user())
    assert tokens["ExpiresIn"] == 300
    told = claims(own, tokens["IdToken"], audience=own.client)
    assert told["exp"] - told["iat"] == 7200
