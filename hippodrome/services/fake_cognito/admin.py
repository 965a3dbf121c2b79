"""What administrators do with users."""

from dataclasses import replace
from typing import Annotated, Any, Literal

from pydantic import Field

from hippodrome.services.fake_cognito import attributes, passwords
from hippodrome.services.fake_cognito.directory import Directory
from hippodrome.services.fake_cognito.errors import CognitoError, invalid, not_authorized
from hippodrome.services.fake_cognito.model import Pool, User, heard
from hippodrome.services.fake_cognito.operation import Answer, Operation
from hippodrome.services.fake_cognito.shapes import Attributes, Password, PoolId, Shape, Username
from hippodrome.services.fake_cognito.users import described, new_user, take_aliases, with_password


class OneUser(Shape):
    user_pool_id: PoolId
    username: Username


class Create(OneUser):
    user_attributes: Attributes = ()
    temporary_password: Password | None = None
    message_action: Literal["RESEND", "SUPPRESS"] | None = None
    force_alias_creation: bool = False


class SetPassword(OneUser):
    password: Password
    permanent: bool = False


class Update(OneUser):
    user_attributes: Attributes


class DeleteAttributes(OneUser):
    user_attribute_names: Annotated[tuple[str, ...], Field(max_length=100)]


def create(directory: Directory, asked: Create) -> Answer:
    pool = directory.pool(asked.user_pool_id)
    password = asked.temporary_password or passwords.made(pool)
    made = _again(directory, pool, asked) if asked.message_action == "RESEND" else _new(directory, pool, asked)
    user = directory.keep(with_password(pool, made, password, status="FORCE_CHANGE_PASSWORD"))
    if asked.message_action != "SUPPRESS":
        directory.send(user, {"kind": "invitation", "password": password})
    return {"User": described(user, attributes_as="Attributes")}


def get(directory: Directory, asked: OneUser) -> Answer:
    return described(_user(directory, asked))


def set_password(directory: Directory, asked: SetPassword) -> Answer:
    pool, user = directory.pool(asked.user_pool_id), _user(directory, asked)
    status: Literal["CONFIRMED", "FORCE_CHANGE_PASSWORD"] = (
        "CONFIRMED" if asked.permanent else "FORCE_CHANGE_PASSWORD"
    )
    directory.keep(with_password(pool, user, asked.password, status=status))
    return {}


def confirm(directory: Directory, asked: OneUser) -> Answer:
    user = _user(directory, asked)
    if user.status != "UNCONFIRMED":
        raise not_authorized(f"User cannot be confirmed. Current status is {user.status}")
    directory.keep(replace(user.with_code("sign-up", None), status="CONFIRMED"))
    return {}


def update(directory: Directory, asked: Update) -> Answer:
    pool, user, given = directory.pool(asked.user_pool_id), _user(directory, asked), heard(asked.user_attributes)
    attributes.check_changeable(pool, given)
    changed = user.with_attributes(attributes.changed(attributes.checked(pool, given)))
    take_aliases(directory, changed, is_forced=False)
    directory.keep(changed)
    return {}


def delete_attributes(directory: Directory, asked: DeleteAttributes) -> Answer:
    pool, user = directory.pool(asked.user_pool_id), _user(directory, asked)
    gone = dict.fromkeys(asked.user_attribute_names, "")
    attributes.check_changeable(pool, gone)
    kept = {name: value for name, value in user.attributes.items() if name not in gone}
    attributes.check_all_there(pool, kept)
    directory.keep(replace(user, attributes=kept))
    return {}


def disable(directory: Directory, asked: OneUser) -> Answer:
    directory.sign_out(replace(_user(directory, asked), is_enabled=False))
    return {}


def enable(directory: Directory, asked: OneUser) -> Answer:
    directory.keep(replace(_user(directory, asked), is_enabled=True))
    return {}


def reset_password(directory: Directory, asked: OneUser) -> Answer:
    user = _user(directory, asked)
    if not {"email", "phone_number"} & user.attributes.keys():
        raise invalid("Cannot reset password for the user as there is no registered/verified email or phone_number")
    directory.send_code(replace(user, status="RESET_REQUIRED"), "password")
    return {}


def sign_out(directory: Directory, asked: OneUser) -> Answer:
    directory.sign_out(_user(directory, asked))
    return {}


def delete(directory: Directory, asked: OneUser) -> Answer:
    directory.remove(_user(directory, asked))
    return {}


def _new(directory: Directory, pool: Pool, asked: Create) -> User:
    user = new_user(directory, pool, username=asked.username, given=heard(asked.user_attributes))
    take_aliases(directory, user, is_forced=asked.force_alias_creation)
    return user


def _again(directory: Directory, pool: Pool, asked: Create) -> User:
    """Who has been invited already."""
    user = directory.user(pool.id, asked.username)
    if user.status != "FORCE_CHANGE_PASSWORD":
        message = f"Resend not possible. {asked.username} status is not FORCE_CHANGE_PASSWORD"
        raise CognitoError("UnsupportedUserStateException", message)
    return user


def _user(directory: Directory, asked: OneUser) -> User:
    return directory.user(asked.user_pool_id, asked.username)


OPERATIONS: dict[str, Operation[Any]] = {
    "AdminCreateUser": Operation(Create, create),
    "AdminGetUser": Operation(OneUser, get),
    "AdminSetUserPassword": Operation(SetPassword, set_password),
    "AdminConfirmSignUp": Operation(OneUser, confirm),
    "AdminUpdateUserAttributes": Operation(Update, update),
    "AdminDeleteUserAttributes": Operation(DeleteAttributes, delete_attributes),
    "AdminDisableUser": Operation(OneUser, disable),
    "AdminEnableUser": Operation(OneUser, enable),
    "AdminResetUserPassword": Operation(OneUser, reset_password),
    "AdminUserGlobalSignOut": Operation(OneUser, sign_out),
    "AdminDeleteUser": Operation(OneUser, delete),
}
