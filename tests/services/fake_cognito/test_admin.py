"""What administrators do with users, and lists of them."""

from typing import Any

import pytest

from tests.services.fake_cognito.conftest import CLIENT, PASSWORD, POOL, Cognito, listed, refused


def of(name: str, pool: str = POOL) -> dict[str, Any]:
    return {"UserPoolId": pool, "Username": name}


def attributes(user: dict[str, Any]) -> dict[str, str]:
    return {each["Name"]: each["Value"] for each in user["UserAttributes"]}


def test_a_user_is_made_told_of_and_deleted(cognito: Cognito) -> None:
    said = listed(email="made@example.com", custom_account="acme")
    made = cognito.api.admin_create_user(**of("made"), UserAttributes=said, MessageAction="SUPPRESS")["User"]
    assert (made["Username"], made["Enabled"], made["UserStatus"]) == ("made", True, "FORCE_CHANGE_PASSWORD")
    told = cognito.get("made")
    assert told["UserAttributes"] == made["Attributes"]
    assert attributes(told).keys() == {"sub", "email", "custom:account"}
    assert cognito.get(attributes(told)["sub"])["Username"] == "made"
    assert told["UserCreateDate"] == made["UserCreateDate"]
    assert refused(cognito, "admin_create_user", **of("made")) == "UsernameExistsException"
    cognito.api.admin_delete_user(**of("made"))
    assert refused(cognito, "admin_delete_user", **of("made")) == "UserNotFoundException"


def test_a_password_set_for_good_works_and_one_set_for_once_is_to_be_changed(cognito: Cognito) -> None:
    name = cognito.user()
    assert cognito.get(name)["UserStatus"] == "CONFIRMED"
    cognito.api.admin_set_user_password(**of(name), Password="Once-Passw0rd!", Permanent=False)
    assert cognito.get(name)["UserStatus"] == "FORCE_CHANGE_PASSWORD"
    assert cognito.sign_in(name, "Once-Passw0rd!")["ChallengeName"] == "NEW_PASSWORD_REQUIRED"
    weak = refused(cognito, "admin_set_user_password", **of(name), Password="weakling", Permanent=True)
    assert weak == "InvalidPasswordException"


def test_an_invitation_is_sent_again_with_another_password(cognito: Cognito) -> None:
    cognito.api.admin_create_user(**of("guest"))
    first = cognito.message("guest")["password"]
    cognito.api.admin_create_user(**of("guest"), MessageAction="RESEND")
    second = cognito.message("guest")["password"]
    assert first != second
    assert cognito.sign_in("guest", second)["ChallengeName"] == "NEW_PASSWORD_REQUIRED"
    name = cognito.user()
    again = refused(cognito, "admin_create_user", **of(name), MessageAction="RESEND")
    assert again == "UnsupportedUserStateException"


def test_an_invitation_is_good_for_as_many_days_as_the_pool_says(cognito: Cognito) -> None:
    own = cognito.with_pool(Policies={"PasswordPolicy": {"TemporaryPasswordValidityDays": 0}})
    own.api.admin_create_user(**of("late", own.pool), TemporaryPassword=PASSWORD)
    with pytest.raises(own.api.exceptions.NotAuthorizedException, match="expired"):
        own.sign_in("late")


def test_who_signed_up_can_be_confirmed_without_a_code(cognito: Cognito) -> None:
    cognito.api.sign_up(ClientId=CLIENT, Username="waiting", Password=PASSWORD)
    cognito.api.admin_confirm_sign_up(**of("waiting"))
    assert cognito.tokens("waiting")
    assert refused(cognito, "admin_confirm_sign_up", **of("waiting"), because="CONFIRMED") == "NotAuthorizedException"


def test_attributes_are_changed_and_taken_away(cognito: Cognito) -> None:
    name = cognito.user(email="old@example.com", email_verified="true", custom_account="acme")
    change = {**of(name), "UserAttributes": listed(email="new@example.com", nickname="N")}
    cognito.api.admin_update_user_attributes(**change)
    told = attributes(cognito.get(name))
    assert (told["email"], told["email_verified"], told["nickname"]) == ("new@example.com", "false", "N")
    cognito.api.admin_delete_user_attributes(**of(name), UserAttributeNames=["nickname", "custom:account"])
    assert attributes(cognito.get(name)).keys() == {"sub", "email", "email_verified"}
    for bad in ("sub", "custom:none"):
        asked = {**of(name), "UserAttributes": [{"Name": bad, "Value": "x"}]}
        assert refused(cognito, "admin_update_user_attributes", **asked) == "InvalidParameterException"


def test_who_is_disabled_is_signed_out_and_cannot_sign_in_until_enabled(cognito: Cognito) -> None:
    name = cognito.user()
    tokens = cognito.tokens(name)
    cognito.api.admin_disable_user(**of(name))
    assert cognito.get(name)["Enabled"] is False
    with pytest.raises(cognito.api.exceptions.NotAuthorizedException, match="disabled"):
        cognito.sign_in(name)
    with pytest.raises(cognito.api.exceptions.NotAuthorizedException, match="revoked"):
        cognito.refresh(tokens["RefreshToken"])
    cognito.api.admin_enable_user(**of(name))
    assert cognito.tokens(name)


def test_a_password_that_an_administrator_resets_is_chosen_anew_with_a_code(cognito: Cognito) -> None:
    name = cognito.user(email="reset@example.com")
    cognito.api.admin_reset_user_password(**of(name))
    with pytest.raises(cognito.api.exceptions.PasswordResetRequiredException):
        cognito.sign_in(name)
    code = cognito.message(name)["code"]
    cognito.api.confirm_forgot_password(
        ClientId=CLIENT, Username=name, ConfirmationCode=code, Password="Anew-Passw0rd!"
    )
    assert cognito.tokens(name, "Anew-Passw0rd!")


def test_required_and_immutable_attributes_are_so(cognito: Cognito) -> None:
    schema = [
        {"Name": "email", "AttributeDataType": "String", "Required": True},
        {"Name": "tenant", "AttributeDataType": "String", "Mutable": False},
        {"Name": "seats", "AttributeDataType": "Number"},
    ]
    own = cognito.with_pool(Schema=schema)
    asked = of("x", own.pool)
    bare = refused(own, "admin_create_user", because="email: The attribute is required", **asked)
    assert bare == "InvalidParameterException"
    said = listed(email="x@example.com", custom_tenant="t", custom_seats="many")
    assert refused(own, "admin_create_user", **asked, UserAttributes=said) == "InvalidParameterException"
    said[-1]["Value"] = "12"
    own.api.admin_create_user(**asked, UserAttributes=said)
    change = listed(custom_tenant="other")
    kind = refused(own, "admin_update_user_attributes", **asked, UserAttributes=change, because="cannot be updated")
    assert kind == "InvalidParameterException"


@pytest.fixture(scope="module")
def crowd(cognito: Cognito) -> Cognito:
    """A pool with seven users: u0 … u6."""
    own = cognito.with_pool()
    for number in range(7):
        said = listed(email=f"{'odd' if number % 2 else 'even'}{number}@example.com", name='A "B"')
        own.api.admin_create_user(**of(f"u{number}", own.pool), UserAttributes=said, MessageAction="SUPPRESS")
    own.api.admin_set_user_password(**of("u3", own.pool), Password=PASSWORD, Permanent=True)
    own.api.admin_disable_user(**of("u4", own.pool))
    return own


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('email ^= "odd"', ["u1", "u3", "u5"]),
        ('"email"="even2@example.com"', ["u2"]),
        ('username = "u1"', ["u1"]),
        ('cognito:user_status = "CONFIRMED"', ["u3"]),
        ('status = "Disabled"', ["u4"]),
        ('name = "A \\"B\\""', [f"u{number}" for number in range(7)]),
        ('email = "odd"', []),
    ],
)
def test_a_filter_lets_through_what_it_says(crowd: Cognito, text: str, found: list[str]) -> None:
    users = crowd.api.list_users(UserPoolId=crowd.pool, Filter=text)["Users"]
    assert [each["Username"] for each in users] == found


@pytest.mark.parametrize("text", ["email", 'shoe = "9"', 'email > "a"', 'email = "a" and name = "b"'])
def test_a_filter_that_aws_would_not_take_is_refused(crowd: Cognito, text: str) -> None:
    assert refused(crowd, "list_users", UserPoolId=crowd.pool, Filter=text) == "InvalidParameterException"


def test_pages_of_users_have_no_gap_and_no_repeat(crowd: Cognito) -> None:
    pages = crowd.api.get_paginator("list_users").paginate(UserPoolId=crowd.pool, Limit=3, AttributesToGet=["email"])
    found = [[each["Username"] for each in page["Users"]] for page in pages]
    assert found == [["u0", "u1", "u2"], ["u3", "u4", "u5"], ["u6"]]
    (user,) = crowd.api.list_users(UserPoolId=crowd.pool, Limit=1, AttributesToGet=["email"])["Users"]
    assert user["Attributes"] == listed(email="even0@example.com")
    bad = {"UserPoolId": crowd.pool, "PaginationToken": "%%%"}
    assert refused(crowd, "list_users", **bad) == "InvalidParameterException"
