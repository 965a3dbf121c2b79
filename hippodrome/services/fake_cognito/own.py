"""What users do with their own access token."""

from dataclasses import replace
from typing import Any

from hippodrome.services.fake_cognito import attributes, passwords
from hippodrome.services.fake_cognito.directory import Directory, Door
from hippodrome.services.fake_cognito.errors import CognitoError, not_authorized
from hippodrome.services.fake_cognito.model import heard, told
from hippodrome.services.fake_cognito.operation import Answer, Operation
from hippodrome.services.fake_cognito.shapes import Attributes, ClientId, Password, Shape, Token
from hippodrome.services.fake_cognito.tokens import bearer_of, refresh_token
from hippodrome.services.fake_cognito.users import with_password


class Own(Shape):
    access_token: Token


class Update(Own):
    user_attributes: Attributes


class Change(Own):
    previous_password: Password
    proposed_password: Password


class Revoke(Shape):
    token: Token
    client_id: ClientId
    client_secret: str | None = None


def get(directory: Directory, asked: Own) -> Answer:
    bearer = bearer_of(directory, asked.access_token)
    readable = directory.client(bearer.client).readable(bearer.user.attributes)
    return {"Username": bearer.user.username, "UserAttributes": told(readable)}


def update(directory: Directory, asked: Update) -> Answer:
    bearer = bearer_of(directory, asked.access_token)
    pool, given = directory.pool(bearer.user.pool), heard(asked.user_attributes)
    attributes.check_writable(directory.client(bearer.client), given)
    attributes.check_changeable(pool, given)
    directory.keep(bearer.user.with_attributes(attributes.changed(attributes.checked(pool, given))))
    return {"CodeDeliveryDetailsList": []}


def change_password(directory: Directory, asked: Change) -> Answer:
    user = bearer_of(directory, asked.access_token).user
    if not passwords.is_right(user, asked.previous_password):
        raise not_authorized()
    directory.keep(with_password(directory.pool(user.pool), user, asked.proposed_password))
    return {}


def delete(directory: Directory, asked: Own) -> Answer:
    directory.remove(bearer_of(directory, asked.access_token).user)
    return {}


def sign_out(directory: Directory, asked: Own) -> Answer:
    """Everywhere."""
    directory.sign_out(bearer_of(directory, asked.access_token).user)
    return {}


def revoke(directory: Directory, asked: Revoke) -> Answer:
    """A refresh token, with the access tokens of its sign-in."""
    door = Door(directory, client := directory.client(asked.client_id))
    if (client.secret or None) != asked.client_secret:
        raise CognitoError("UnauthorizedException", "Invalid client secret")
    if not client.settings.enable_token_revocation:
        raise CognitoError("UnsupportedOperationException", "Token revocation is not enabled for this client")
    held = refresh_token(door, asked.token)
    if user := door.find(held["sub"]):
        kept = {origin: until for origin, until in (user.sign_ins or {}).items() if origin != held["origin"]}
        directory.keep(replace(user, sign_ins=kept))
    return {}


OPERATIONS: dict[str, Operation[Any]] = {
    "GetUser": Operation(Own, get),
    "UpdateUserAttributes": Operation(Update, update),
    "ChangePassword": Operation(Change, change_password),
    "DeleteUser": Operation(Own, delete),
    "GlobalSignOut": Operation(Own, sign_out),
    "RevokeToken": Operation(Revoke, revoke),
}
