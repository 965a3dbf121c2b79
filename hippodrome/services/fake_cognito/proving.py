"""Who one says to be, and the proof by SRP: the block holds what is to be remembered between challenge and answer."""

import base64
import binascii
import hmac
from dataclasses import dataclass
from typing import Any

from hippodrome.services.fake_cognito import srp
from hippodrome.services.fake_cognito.directory import Door
from hippodrome.services.fake_cognito.errors import invalid, not_authorized
from hippodrome.services.fake_cognito.model import User

CHALLENGE = "PASSWORD_VERIFIER"


@dataclass(frozen=True)
class Proof:
    """A client's answer: the block that it was given and a signature, both in base64, and the time it signed."""

    block: str
    signature: str
    timestamp: str


def user_for(door: Door, username: str) -> User | None:
    """None for nobody, where the client is not to tell that. Raises UserNotFoundException, NotAuthorizedException."""
    user = door.known(username)
    if user is not None:
        check_enabled(user)
    return user


def check_enabled(user: User) -> None:
    """Raises NotAuthorizedException."""
    if not user.is_enabled:
        raise not_authorized("User is disabled.")


def challenge(door: Door, username: str, *, client_public: str) -> dict[str, str]:
    """Its parameters; for nobody they look the same. Raises InvalidParameterException for a bad SRP_A."""
    exchange = srp.begin(client_public)
    if exchange is None:
        raise invalid("SRP_A is no number between 0 and that of the group.")
    user = user_for(door, username)
    named = user.username if user else username
    credential = user.credential if user and user.credential else _nobodys(door, named)
    held = {"client": door.client.id, "named": named, "secret": f"{exchange.secret:x}", "public": client_public}
    return {
        "USERNAME": named,
        "USER_ID_FOR_SRP": named,
        "SALT": credential.salt,
        "SRP_B": f"{exchange.server_public(credential):x}",
        "SECRET_BLOCK": base64.b64encode(door.directory.seal.close(CHALLENGE, held)).decode(),
    }


def proved(door: Door, proof: Proof) -> User:
    """Who knows the password. Raises NotAuthorizedException."""
    block, signature = _decoded(proof.block), _decoded(proof.signature)
    held = door.directory.seal.open(CHALLENGE, block, age_s=door.client.settings.auth_session_validity * 60)
    if held is None or held["client"] != door.client.id:
        raise not_authorized("Invalid session for the user, session is expired.")
    user = door.find(held["named"])
    if user is None or not hmac.compare_digest(_expected(user, held, proof), signature):
        raise not_authorized()
    return user


def _expected(user: User, held: dict[str, Any], proof: Proof) -> bytes:
    """The signature; something that nobody can have said for one who has no password."""
    if user.credential is None:
        return b""
    exchange = srp.Exchange(int(held["secret"], 16), int(held["public"], 16))
    return srp.signature(
        exchange.key(user.credential), user.identity, said=_decoded(proof.block) + proof.timestamp.encode()
    )


def _nobodys(door: Door, named: str) -> srp.Credential:
    """One that nobody can prove to know; the same each time, as a real one would be."""
    made = hmac.digest(door.directory.seal.key.encode(), f"{door.client.pool} {named}".encode(), "sha256").hex()
    identity = srp.Identity(door.pool.short_id, named)
    return srp.credential_of(identity, made, salt=made[: 2 * srp.SALT_BYTES])


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text)
    except (binascii.Error, ValueError) as error:
        raise invalid("PASSWORD_CLAIM_SECRET_BLOCK and PASSWORD_CLAIM_SIGNATURE must be base64.") from error
