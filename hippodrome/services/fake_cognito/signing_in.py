"""Signing in: by password, by SRP, by refresh token, and the challenges on the way."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field

from hippodrome.services.fake_cognito import passwords, proving
from hippodrome.services.fake_cognito.attributes import changed, check_changeable, check_writable, checked
from hippodrome.services.fake_cognito.clients import check_secret
from hippodrome.services.fake_cognito.directory import Directory, Door
from hippodrome.services.fake_cognito.errors import CognitoError, invalid, not_authorized
from hippodrome.services.fake_cognito.model import User
from hippodrome.services.fake_cognito.operation import Answer, Operation
from hippodrome.services.fake_cognito.shapes import ClientId, PoolId, Shape, Texts
from hippodrome.services.fake_cognito.tokens import refreshed, sign_in
from hippodrome.services.fake_cognito.users import with_password

NEW_PASSWORD = "NEW_PASSWORD_REQUIRED"
ATTRIBUTE = "userAttributes."


class Initiate(Shape):
    client_id: ClientId
    auth_flow: str
    auth_parameters: Texts = Field(default_factory=dict)


class AdminInitiate(Initiate):
    user_pool_id: PoolId


class Respond(Shape):
    client_id: ClientId
    challenge_name: str
    challenge_responses: Texts = Field(default_factory=dict)
    session: Annotated[str, Field(max_length=8192)] | None = None


class AdminRespond(Respond):
    user_pool_id: PoolId


@dataclass(frozen=True)
class Flow:
    """A way to sign in, and which of a client's flows switch it on. `is_admins`: not for everybody."""

    run: Callable[[Door, Texts], Answer]
    switches: tuple[str, ...]
    is_admins: bool = False


def initiate(directory: Directory, asked: Initiate) -> Answer:
    return _begun(Door(directory, directory.client(asked.client_id)), asked, by_admin=False)


def admin_initiate(directory: Directory, asked: AdminInitiate) -> Answer:
    client = directory.client(asked.client_id, pool=directory.pool(asked.user_pool_id).id)
    return _begun(Door(directory, client), asked, by_admin=True)


def respond(directory: Directory, asked: Respond) -> Answer:
    return _answered(Door(directory, directory.client(asked.client_id)), asked)


def admin_respond(directory: Directory, asked: AdminRespond) -> Answer:
    client = directory.client(asked.client_id, pool=directory.pool(asked.user_pool_id).id)
    return _answered(Door(directory, client), asked)


def _begun(door: Door, asked: Initiate, *, by_admin: bool) -> Answer:
    flow = FLOWS.get(asked.auth_flow)
    if asked.auth_flow == "CUSTOM_AUTH":
        raise invalid("Custom auth lambda trigger is not configured for the user pool.")
    if flow is None or (flow.is_admins and not by_admin):
        raise invalid(f"{asked.auth_flow} is not a valid AuthFlow for this operation")
    if not door.client.allows(*flow.switches):
        named = "Auth" if by_admin else asked.auth_flow
        raise invalid(f"{named} flow not enabled for this client")
    return flow.run(door, asked.auth_parameters)


def _answered(door: Door, asked: Respond) -> Answer:
    run = CHALLENGES.get(asked.challenge_name)
    if run is None:
        raise invalid(f"{asked.challenge_name} is not a challenge that was given here")
    return run(door, asked)


def _by_password(door: Door, said: Texts) -> Answer:
    username, password = _needed(said, "USERNAME"), _needed(said, "PASSWORD")
    check_secret(door.client, said.get("SECRET_HASH"), username)
    user = proving.user_for(door, username)
    if user is None or not passwords.is_right(user, password):
        raise not_authorized()
    return _admitted(door, user)


def _by_srp(door: Door, said: Texts) -> Answer:
    username = _needed(said, "USERNAME")
    check_secret(door.client, said.get("SECRET_HASH"), username)
    challenge = proving.challenge(door, username, client_public=_needed(said, "SRP_A"))
    return {"ChallengeName": proving.CHALLENGE, "ChallengeParameters": challenge}


def _by_refresh_token(door: Door, said: Texts) -> Answer:
    user, result = refreshed(door, _needed(said, "REFRESH_TOKEN"))
    check_secret(door.client, said.get("SECRET_HASH"), user.username, user.sub)
    return {"ChallengeParameters": {}, "AuthenticationResult": result}


def _prove(door: Door, asked: Respond) -> Answer:
    said = asked.challenge_responses
    check_secret(door.client, said.get("SECRET_HASH"), _needed(said, "USERNAME"))
    names = ("PASSWORD_CLAIM_SECRET_BLOCK", "PASSWORD_CLAIM_SIGNATURE", "TIMESTAMP")
    block, signature, timestamp = (_needed(said, name) for name in names)
    return _admitted(door, proving.proved(door, proving.Proof(block, signature, timestamp)))


def _set_new_password(door: Door, asked: Respond) -> Answer:
    said = asked.challenge_responses
    username = _needed(said, "USERNAME")
    check_secret(door.client, said.get("SECRET_HASH"), username)
    user = _in_session(door, asked.session or "", username=username)
    given = {name.removeprefix(ATTRIBUTE): value for name, value in said.items() if name.startswith(ATTRIBUTE)}
    pool = door.pool
    check_writable(door.client, given)
    check_changeable(pool, given)
    user = user.with_attributes(changed(checked(pool, given)))
    return _admitted(door, with_password(pool, user, _needed(said, "NEW_PASSWORD")))


def _in_session(door: Door, session: str, *, username: str) -> User:
    """Who is to choose a password. Raises NotAuthorizedException."""
    age_s = door.client.settings.auth_session_validity * 60
    held = door.directory.seal.open(NEW_PASSWORD, session, age_s=age_s)
    if held is None or held["client"] != door.client.id:
        raise not_authorized("Invalid session for the user, session is expired.")
    user = door.find(held["sub"])
    if user is None or door.find(username) != user:
        raise not_authorized("Invalid session for the user.")
    if user.status != "FORCE_CHANGE_PASSWORD":
        raise not_authorized("Invalid session for the user, session can only be used once.")
    return user


def _admitted(door: Door, user: User) -> Answer:
    """What one whose password is right gets. Raises what still stands in the way."""
    proving.check_enabled(user)
    if user.status == "UNCONFIRMED":
        raise CognitoError("UserNotConfirmedException", "User is not confirmed.")
    if user.status == "RESET_REQUIRED":
        raise CognitoError("PasswordResetRequiredException", "Password reset required for the user")
    if user.status == "FORCE_CHANGE_PASSWORD":
        return _new_password_required(door, user)
    return {"ChallengeParameters": {}, "AuthenticationResult": sign_in(door, user)}


def _new_password_required(door: Door, user: User) -> Answer:
    passwords.check_not_expired(user)
    session = door.directory.seal.close(NEW_PASSWORD, {"client": door.client.id, "sub": user.sub}).decode()
    known = {name: value for name, value in user.attributes.items() if name != "sub"}
    parameters = {
        "USER_ID_FOR_SRP": user.username,
        "requiredAttributes": "[]",  # a user without them cannot be made here
        "userAttributes": json.dumps(known),
    }
    return {"ChallengeName": NEW_PASSWORD, "Session": session, "ChallengeParameters": parameters}


def _needed(said: Texts, name: str) -> str:
    if not said.get(name):
        raise invalid(f"Missing required parameter {name}")
    return said[name]


_REFRESH = Flow(_by_refresh_token, ("ALLOW_REFRESH_TOKEN_AUTH", "USER_PASSWORD_AUTH", "ADMIN_NO_SRP_AUTH"))
_ADMIN = Flow(_by_password, ("ALLOW_ADMIN_USER_PASSWORD_AUTH", "ADMIN_NO_SRP_AUTH"), is_admins=True)
FLOWS = {
    "USER_PASSWORD_AUTH": Flow(_by_password, ("ALLOW_USER_PASSWORD_AUTH", "USER_PASSWORD_AUTH")),
    "USER_SRP_AUTH": Flow(_by_srp, ("ALLOW_USER_SRP_AUTH",)),
    "REFRESH_TOKEN_AUTH": _REFRESH,
    "REFRESH_TOKEN": _REFRESH,
    "ADMIN_USER_PASSWORD_AUTH": _ADMIN,
    "ADMIN_NO_SRP_AUTH": _ADMIN,
}
CHALLENGES: dict[str, Callable[[Door, Respond], Answer]] = {
    proving.CHALLENGE: _prove,
    NEW_PASSWORD: _set_new_password,
}
OPERATIONS: dict[str, Operation[Any]] = {
    "InitiateAuth": Operation(Initiate, initiate),
    "AdminInitiateAuth": Operation(AdminInitiate, admin_initiate),
    "RespondToAuthChallenge": Operation(Respond, respond),
    "AdminRespondToAuthChallenge": Operation(AdminRespond, admin_respond),
}
