"""Making users, giving them passwords, telling of them."""

import time
from collections.abc import Mapping
from dataclasses import replace

from hippodrome.services.fake_cognito import attributes, passwords
from hippodrome.services.fake_cognito.directory import Directory
from hippodrome.services.fake_cognito.errors import CognitoError, invalid
from hippodrome.services.fake_cognito.model import Pool, Status, User, told
from hippodrome.services.fake_cognito.operation import Answer
from hippodrome.services.fake_cognito.srp import credential_of


def new_user(directory: Directory, pool: Pool, *, username: str, given: Mapping[str, str]) -> User:
    """Not kept yet, without a password. Raises UsernameExistsException, InvalidParameterException."""
    address = _address_in(pool, username)
    said = attributes.checked(pool, {**({address: username} if address else {}), **given})
    attributes.check_all_there(pool, said)
    is_taken = directory.find(pool, username) or (address and directory.named(pool, said[address]))
    if is_taken:
        raise CognitoError("UsernameExistsException", "User already exists")
    sub, now = directory.chance.sub(), time.time()
    while directory.find(pool, sub):
        sub = directory.chance.sub()
    return User(
        pool=pool.id,
        username=sub if address else username,
        attributes={"sub": sub, **said},
        status="UNCONFIRMED",
        created_at=now,
        modified_at=now,
    )


def with_password(pool: Pool, user: User, password: str, *, status: Status = "CONFIRMED") -> User:
    """FORCE_CHANGE_PASSWORD makes it temporary. Raises InvalidPasswordException."""
    passwords.check(pool, password)
    return replace(
        user,
        credential=credential_of(user.identity, password),
        status=status,
        password_expires_at=passwords.expiry(pool) if status == "FORCE_CHANGE_PASSWORD" else None,
        modified_at=time.time(),
    )


def described(user: User, *, attributes_as: str = "UserAttributes") -> Answer:
    """As AWS tells of one: lists call the attributes otherwise."""
    return {
        "Username": user.username,
        attributes_as: told(user.attributes),
        "UserCreateDate": user.created_at,
        "UserLastModifiedDate": user.modified_at,
        "Enabled": user.is_enabled,
        "UserStatus": user.status,
    }


def with_verified_address(pool: Pool, user: User) -> User:
    """After a code that was sent there came back."""
    name = next((each for each in pool.settings.auto_verified_attributes if each in user.attributes), None)
    return user.with_attributes({f"{name}_verified": "true"}) if name else user


def take_aliases(directory: Directory, user: User, *, is_forced: bool) -> None:
    """An alias is one user's. Raises AliasExistsException, or takes it from whoever has it where `is_forced`."""
    pool = directory.pool(user.pool)
    for name in pool.settings.alias_attributes:
        value = user.attributes.get(name)
        other = directory.named(pool, value) if value else None
        if other is None or other.username == user.username:
            continue
        if not is_forced:
            raise CognitoError("AliasExistsException", f"An account with the {name} already exists.")
        directory.keep(other.with_attributes({f"{name}_verified": "false"}))


def _address_in(pool: Pool, username: str) -> str | None:
    """Which attribute the username is, where the pool takes an address for it. Raises InvalidParameterException."""
    taken = pool.settings.username_attributes
    if not taken:
        if "email" in pool.settings.alias_attributes and "@" in username:
            raise invalid("Username cannot be of email format, since user pool is configured for email alias.")
        return None
    for name in taken:
        if attributes.FORMS[name][0].fullmatch(username):
            return name
    raise invalid(f"Username should be {' or '.join(_spoken(name) for name in taken)}.")


def _spoken(name: str) -> str:
    return "an email" if name == "email" else "a phone number"
