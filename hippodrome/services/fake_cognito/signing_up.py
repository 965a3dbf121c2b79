"""Signing up, and what is done with codes that are sent to users."""

from dataclasses import replace
from typing import Any

from hippodrome.services.fake_cognito import attributes
from hippodrome.services.fake_cognito.clients import check_secret
from hippodrome.services.fake_cognito.directory import Directory, Door
from hippodrome.services.fake_cognito.errors import expired_code, invalid, not_authorized, wrong_code
from hippodrome.services.fake_cognito.model import heard
from hippodrome.services.fake_cognito.operation import Answer, Operation
from hippodrome.services.fake_cognito.shapes import Attributes, ClientId, Code, Password, Shape, Username
from hippodrome.services.fake_cognito.users import new_user, take_aliases, with_password, with_verified_address


class OfClient(Shape):
    client_id: ClientId
    username: Username
    secret_hash: str | None = None


class SignUp(OfClient):
    password: Password
    user_attributes: Attributes = ()


class Confirm(OfClient):
    confirmation_code: Code
    force_alias_creation: bool = False


class ConfirmForgot(OfClient):
    confirmation_code: Code
    password: Password


def sign_up(directory: Directory, asked: SignUp) -> Answer:
    door = _door(directory, asked)
    pool = door.pool
    if pool.settings.admin_create_user_config.allow_admin_create_user_only:
        raise not_authorized("SignUp is not permitted for this user pool")
    given = heard(asked.user_attributes)
    attributes.check_writable(door.client, given)
    made = new_user(directory, pool, username=asked.username, given=given)
    user = directory.keep(with_password(pool, made, asked.password, status="UNCONFIRMED"))
    delivery = directory.send_code(user, "sign-up")
    is_told = any(name in user.attributes for name in pool.settings.auto_verified_attributes)
    return {"UserConfirmed": False, "UserSub": user.sub, **({"CodeDeliveryDetails": delivery} if is_told else {})}


def confirm(directory: Directory, asked: Confirm) -> Answer:
    door = _door(directory, asked)
    user = door.known(asked.username)
    if user is None:
        raise expired_code()
    if user.status != "UNCONFIRMED":
        raise not_authorized(f"User cannot be confirmed. Current status is {user.status}")
    user = directory.take_code(user, "sign-up", said=asked.confirmation_code)
    take_aliases(directory, user, is_forced=asked.force_alias_creation)
    directory.keep(with_verified_address(door.pool, replace(user, status="CONFIRMED")))
    return {}


def resend(directory: Directory, asked: OfClient) -> Answer:
    user = _door(directory, asked).known(asked.username)
    if user is None:
        return {"CodeDeliveryDetails": _NOWHERE}
    if user.status != "UNCONFIRMED":
        raise invalid("User is already confirmed.")
    return {"CodeDeliveryDetails": directory.send_code(user, "sign-up")}


def forgot(directory: Directory, asked: OfClient) -> Answer:
    user = _door(directory, asked).known(asked.username)
    if user is None:
        return {"CodeDeliveryDetails": _NOWHERE}
    if not user.is_enabled:
        raise not_authorized("User is disabled.")
    if user.status == "FORCE_CHANGE_PASSWORD":
        raise not_authorized("User password cannot be reset in the current state.")
    if not {"email", "phone_number"} & user.attributes.keys():
        raise invalid("Cannot reset password for the user as there is no registered/verified email or phone_number")
    return {"CodeDeliveryDetails": directory.send_code(user, "password")}


def confirm_forgot(directory: Directory, asked: ConfirmForgot) -> Answer:
    door = _door(directory, asked)
    user = door.known(asked.username)
    if user is None:
        raise wrong_code()
    user = directory.take_code(user, "password", said=asked.confirmation_code)
    directory.keep(with_password(door.pool, with_verified_address(door.pool, user), asked.password))
    return {}


def _door(directory: Directory, asked: OfClient) -> Door:
    """Raises NotAuthorizedException for one that has not shown what it knows of the client's secret."""
    door = Door(directory, directory.client(asked.client_id))
    check_secret(door.client, asked.secret_hash, asked.username)
    return door


_NOWHERE = {"Destination": "+*******0000", "DeliveryMedium": "SMS", "AttributeName": "phone_number"}
OPERATIONS: dict[str, Operation[Any]] = {
    "SignUp": Operation(SignUp, sign_up),
    "ConfirmSignUp": Operation(Confirm, confirm),
    "ResendConfirmationCode": Operation(OfClient, resend),
    "ForgotPassword": Operation(OfClient, forgot),
    "ConfirmForgotPassword": Operation(ConfirmForgot, confirm_forgot),
}
