"""Signing up by oneself, with codes that would have been sent."""

from typing import Any

from tests.services.fake_cognito.conftest import CLIENT, NUMBERS, PASSWORD, Cognito, listed, refused


def sign_up(cognito: Cognito, name: str = "", **attributes: str) -> tuple[str, dict[str, Any]]:
    name = name or f"new{next(NUMBERS)}@example.com"
    said = listed(**{"email": name, **attributes})
    told = cognito.api.sign_up(ClientId=cognito.client, Username=name, Password=PASSWORD, UserAttributes=said)
    return name, told


def test_a_whole_sign_up(cognito: Cognito) -> None:
    name, told = sign_up(cognito, custom_account="acme")
    assert told["UserConfirmed"] is False
    assert told["CodeDeliveryDetails"]["Destination"] == "n***@e***"
    before = {"Username": name, "ClientId": CLIENT}
    auth: dict[str, Any] = {
        "AuthFlow": "USER_PASSWORD_AUTH",
        "AuthParameters": {"USERNAME": name, "PASSWORD": PASSWORD},
    }
    assert refused(cognito, "initiate_auth", ClientId=CLIENT, **auth) == "UserNotConfirmedException"
    code = cognito.message(name)["code"]
    wrong = "000000" if code != "000000" else "000001"
    assert refused(cognito, "confirm_sign_up", **before, ConfirmationCode=wrong) == "CodeMismatchException"
    cognito.api.confirm_sign_up(**before, ConfirmationCode=code)
    user = cognito.get(name)
    attributes = {each["Name"]: each["Value"] for each in user["UserAttributes"]}
    assert user["UserStatus"] == "CONFIRMED"
    assert attributes == {
        "sub": told["UserSub"],
        "email": name,
        "email_verified": "true",
        "custom:account": "acme",
    }
    assert cognito.tokens(name)["AccessToken"]
    assert refused(cognito, "confirm_sign_up", **before, ConfirmationCode=code, because="CONFIRMED")


def test_who_is_there_already_cannot_sign_up_again(cognito: Cognito) -> None:
    name, _ = sign_up(cognito)
    again = {"ClientId": CLIENT, "Username": name, "Password": PASSWORD}
    assert refused(cognito, "sign_up", **again, because="already exists") == "UsernameExistsException"


def test_a_password_keeps_to_the_policy_of_its_pool(cognito: Cognito) -> None:
    for bad, why in (("Sh0rt!", "long"), ("no-upper-1", "upper"), ("NO-LOWER-1", "lower"), ("No-Numbers", "numeric")):
        asked = {"ClientId": CLIENT, "Username": "weak", "Password": bad}
        assert refused(cognito, "sign_up", **asked, because=why) == "InvalidPasswordException"
    lax = {"MinimumLength": 6, **{f"Require{each}": False for each in ("Uppercase", "Numbers", "Symbols")}}
    own = cognito.with_pool(Policies={"PasswordPolicy": lax})
    own.api.sign_up(ClientId=own.client, Username="weak", Password="simple")
    assert refused(cognito, "admin_get_user", UserPoolId=cognito.pool, Username="weak") == "UserNotFoundException"


def test_a_code_is_the_last_one_that_was_sent(cognito: Cognito) -> None:
    name, _ = sign_up(cognito)
    first = cognito.message(name)["code"]
    cognito.api.resend_confirmation_code(ClientId=CLIENT, Username=name)
    second = cognito.message(name)["code"]
    asked = {"ClientId": CLIENT, "Username": name}
    if first != second:
        assert refused(cognito, "confirm_sign_up", **asked, ConfirmationCode=first) == "CodeMismatchException"
    cognito.api.confirm_sign_up(**asked, ConfirmationCode=second)
    assert refused(cognito, "resend_confirmation_code", **asked) == "InvalidParameterException"


def test_a_forgotten_password_is_chosen_anew_with_a_code_that_works_once(cognito: Cognito) -> None:
    name = cognito.user(email="x@example.com")
    asked = {"ClientId": CLIENT, "Username": name}
    choose = {**asked, "Password": "Other-Passw0rd!"}
    assert refused(cognito, "confirm_forgot_password", **choose, ConfirmationCode="1") == "ExpiredCodeException"
    told = cognito.api.forgot_password(**asked)
    assert told["CodeDeliveryDetails"]["AttributeName"] == "email"
    code = cognito.message(name)["code"]
    weak = {**asked, "Password": "weak-passw"}
    assert refused(cognito, "confirm_forgot_password", **weak, ConfirmationCode=code) == "InvalidPasswordException"
    cognito.api.confirm_forgot_password(**choose, ConfirmationCode=code)
    assert cognito.tokens(name, "Other-Passw0rd!")
    assert refused(cognito, "confirm_forgot_password", **choose, ConfirmationCode=code) == "ExpiredCodeException"


def test_nobody_says_of_oneself_what_only_an_administrator_may(cognito: Cognito) -> None:
    asked = {"ClientId": CLIENT, "Username": "sly", "Password": PASSWORD}
    said = listed(email="sly@example.com", email_verified="true")
    assert refused(cognito, "sign_up", **asked, UserAttributes=said) == "NotAuthorizedException"
    for bad in (listed(custom_shoe="9"), listed(email="no address"), listed(phone_number="123"), listed(sub="x")):
        assert refused(cognito, "sign_up", **asked, UserAttributes=bad) == "InvalidParameterException"


def test_a_pool_can_be_closed_to_those_that_nobody_invited(cognito: Cognito) -> None:
    own = cognito.with_pool(AdminCreateUserConfig={"AllowAdminCreateUserOnly": True})
    asked = {"ClientId": own.client, "Username": "x", "Password": PASSWORD}
    assert refused(own, "sign_up", **asked, because="not permitted") == "NotAuthorizedException"


def test_where_the_address_is_the_username_one_signs_in_with_it(cognito: Cognito) -> None:
    settings: dict[str, Any] = {"UsernameAttributes": ["email"], "UsernameConfiguration": {"CaseSensitive": False}}
    own = cognito.with_pool(**settings, AutoVerifiedAttributes=["email"])
    name, told = sign_up(own, "Ann@Example.com")
    user = own.get("ann@example.com")
    assert user["Username"] == told["UserSub"]
    own.api.confirm_sign_up(
        ClientId=own.client, Username="ann@example.COM", ConfirmationCode=own.message(told["UserSub"])["code"]
    )
    assert own.tokens("ANN@example.com")
    asked = {"ClientId": own.client, "Password": PASSWORD}
    assert refused(own, "sign_up", **asked, Username=name.lower()) == "UsernameExistsException"
    assert refused(own, "sign_up", **asked, Username="ann", because="email") == "InvalidParameterException"


def test_an_alias_is_the_one_users_who_confirmed_it_last(cognito: Cognito) -> None:
    own = cognito.with_pool(AliasAttributes=["email"], AutoVerifiedAttributes=["email"])
    for name in ("first", "second"):
        sign_up(own, name, email="both@example.com")
    confirm = [{"ClientId": own.client, "Username": name} for name in ("first", "second")]
    codes = [own.message(name)["code"] for name in ("first", "second")]
    own.api.confirm_sign_up(**confirm[0], ConfirmationCode=codes[0])
    assert own.get("both@example.com")["Username"] == "first"
    assert refused(own, "confirm_sign_up", **confirm[1], ConfirmationCode=codes[1]) == "AliasExistsException"
    own.api.confirm_sign_up(**confirm[1], ConfirmationCode=codes[1], ForceAliasCreation=True)
    assert own.get("both@example.com")["Username"] == "second"
