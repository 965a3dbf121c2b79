"""What users do with their own access token."""

import time
from typing import Any

import pytest

from tests.services.fake_cognito.conftest import CLIENT, PASSWORD, POOL, Cognito, listed, refused


def told(cognito: Cognito, token: str) -> dict[str, str]:
    return {each["Name"]: each["Value"] for each in cognito.api.get_user(AccessToken=token)["UserAttributes"]}


def test_users_read_and_change_what_is_said_of_them(cognito: Cognito) -> None:
    token = cognito.tokens(cognito.user(email="a@example.com", custom_account="acme"))["AccessToken"]
    assert told(cognito, token)["custom:account"] == "acme"
    cognito.api.update_user_attributes(AccessToken=token, UserAttributes=listed(nickname="A", email="b@example.com"))
    after = told(cognito, token)
    assert (after["nickname"], after["email"], after["email_verified"]) == ("A", "b@example.com", "false")
    for said, kind in (
        (listed(email_verified="true"), "NotAuthorizedException"),
        (listed(custom_shoe="9"), "InvalidParameterException"),
        (listed(sub="x"), "InvalidParameterException"),
    ):
        assert refused(cognito, "update_user_attributes", AccessToken=token, UserAttributes=said) == kind


def test_a_client_may_be_kept_from_writing_and_reading_some_attributes(cognito: Cognito) -> None:
    own = cognito.with_pool(client={"WriteAttributes": ["nickname"], "ReadAttributes": ["nickname"]})
    token = own.tokens(own.user(email="a@example.com"))["AccessToken"]
    assert told(own, token).keys() == {"sub"}
    own.api.update_user_attributes(AccessToken=token, UserAttributes=listed(nickname="A"))
    email = {"AccessToken": token, "UserAttributes": listed(email="b@example.com")}
    assert refused(own, "update_user_attributes", **email, because="unauthorized") == "NotAuthorizedException"
    assert told(own, token).keys() == {"sub", "nickname"}


def test_a_password_is_changed_by_who_knows_the_old_one(cognito: Cognito) -> None:
    name = cognito.user()
    asked = {"AccessToken": cognito.tokens(name)["AccessToken"], "ProposedPassword": "Next-Passw0rd!"}
    assert refused(cognito, "change_password", **asked, PreviousPassword="wrong") == "NotAuthorizedException"
    weak = {**asked, "ProposedPassword": "weakling", "PreviousPassword": PASSWORD}
    assert refused(cognito, "change_password", **weak) == "InvalidPasswordException"
    cognito.api.change_password(**asked, PreviousPassword=PASSWORD)
    assert cognito.tokens(name, "Next-Passw0rd!")
    with pytest.raises(cognito.api.exceptions.NotAuthorizedException):
        cognito.sign_in(name)


def test_signing_out_everywhere_ends_all_sign_ins_there_were(cognito: Cognito) -> None:
    name = cognito.user()
    first, second = cognito.tokens(name), cognito.tokens(name)
    cognito.api.global_sign_out(AccessToken=first["AccessToken"])
    for tokens in (first, second):
        asked: dict[str, Any] = {"AccessToken": tokens["AccessToken"], "because": "revoked"}
        assert refused(cognito, "get_user", **asked) == "NotAuthorizedException"
        with pytest.raises(cognito.api.exceptions.NotAuthorizedException, match="revoked"):
            cognito.refresh(tokens["RefreshToken"])
    assert told(cognito, cognito.tokens(name)["AccessToken"])


def test_an_administrator_signs_a_user_out_everywhere(cognito: Cognito) -> None:
    name = cognito.user()
    token = cognito.tokens(name)["AccessToken"]
    cognito.api.admin_user_global_sign_out(UserPoolId=POOL, Username=name)
    assert refused(cognito, "get_user", AccessToken=token, because="revoked") == "NotAuthorizedException"


def test_revoking_a_refresh_token_ends_its_sign_in_and_no_other(cognito: Cognito) -> None:
    name = cognito.user()
    first, second = cognito.tokens(name), cognito.tokens(name)
    cognito.api.revoke_token(ClientId=CLIENT, Token=first["RefreshToken"])
    assert refused(cognito, "get_user", AccessToken=first["AccessToken"]) == "NotAuthorizedException"
    assert told(cognito, second["AccessToken"])
    assert cognito.refresh(second["RefreshToken"])
    secret = {"ClientId": CLIENT, "Token": second["RefreshToken"], "ClientSecret": "none" * 6}
    assert refused(cognito, "revoke_token", **secret) == "UnauthorizedException"


def test_users_delete_themselves(cognito: Cognito) -> None:
    name = cognito.user()
    token = cognito.tokens(name)["AccessToken"]
    cognito.api.delete_user(AccessToken=token)
    assert refused(cognito, "admin_get_user", UserPoolId=POOL, Username=name) == "UserNotFoundException"
    assert refused(cognito, "get_user", AccessToken=token) == "UserNotFoundException"


def test_only_an_access_token_is_one(cognito: Cognito) -> None:
    tokens = cognito.tokens(cognito.user())
    head, body, signature = tokens["AccessToken"].split(".")
    flipped = ("A" if signature[0] != "A" else "B") + signature[1:]
    for bad in (tokens["IdToken"], tokens["RefreshToken"], f"{head}.{body}.{flipped}", "x", "a.b.c"):
        assert refused(cognito, "get_user", AccessToken=bad, because="Invalid") == "NotAuthorizedException"


def test_a_token_that_has_expired_is_told_as_that(cognito: Cognito) -> None:
    own = cognito.with_pool(
        client={"AccessTokenValidity": 1, "TokenValidityUnits": {"AccessToken": "seconds"}},
    )
    token = own.tokens(own.user())["AccessToken"]
    with pytest.raises(own.api.exceptions.NotAuthorizedException, match="Access Token has expired"):
        while True:  # as long as it takes; the test's own timeout ends it
            own.api.get_user(AccessToken=token)
            time.sleep(0.05)
