"""Passwords: what a pool's policy asks of them, and ones that are made here."""

import secrets
import string
import time

from hippodrome.services.fake_cognito.errors import CognitoError, not_authorized
from hippodrome.services.fake_cognito.model import Pool, User
from hippodrome.services.fake_cognito.shapes import PasswordPolicy
from hippodrome.services.fake_cognito.srp import is_password

SYMBOLS = "^$*.[]{}()?\"!@#%&/\\,><':;|_~`=+- "
DAY_S = 86400
MADE_LENGTH = 16


def check(pool: Pool, password: str) -> None:
    """Raises InvalidPasswordException with the first rule of the policy that is broken."""
    policy = pool.settings.policies.password_policy
    if len(password) < policy.minimum_length:
        raise _refused("Password not long enough")
    for is_asked, letters, named in _rules(policy):
        if is_asked and not any(each in letters for each in password):
            raise _refused(f"Password must have {named} characters")


def made(pool: Pool) -> str:
    """A temporary one that every policy takes."""
    length = max(MADE_LENGTH, pool.settings.policies.password_policy.minimum_length)
    kinds = (string.ascii_uppercase, string.ascii_lowercase, string.digits, "!@#%&?_=+-")
    letters = [secrets.choice(kinds[place % len(kinds)]) for place in range(length)]
    return "".join(letters)


def is_right(user: User, password: str) -> bool:
    return user.credential is not None and is_password(user.credential, user.identity, password=password)


def expiry(pool: Pool) -> float:
    """When a temporary password that is set now is good no more (Unix seconds)."""
    return time.time() + pool.settings.policies.password_policy.temporary_password_validity_days * DAY_S


def check_not_expired(user: User) -> None:
    """Raises NotAuthorizedException for a temporary one that nobody has used in time."""
    if user.password_expires_at is not None and user.password_expires_at < time.time():
        message = "Temporary password has expired and must be reset by an administrator."
        raise not_authorized(message)


def _rules(policy: PasswordPolicy) -> tuple[tuple[bool, str, str], ...]:
    return (
        (policy.require_uppercase, string.ascii_uppercase, "uppercase"),
        (policy.require_lowercase, string.ascii_lowercase, "lowercase"),
        (policy.require_numbers, string.digits, "numeric"),
        (policy.require_symbols, SYMBOLS, "symbol"),
    )


def _refused(why: str) -> CognitoError:
    return CognitoError("InvalidPasswordException", f"Password did not conform with policy: {why}")
