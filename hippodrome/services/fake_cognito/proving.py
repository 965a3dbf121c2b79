"""Who one says to be, and the proof by SRP: the block holds what is to be remembered between challenge and answer."""

import base64
import binascii
import hmac
from dataclasses import dataclass
from typing import Any

from hippodrome.services.fake_cognito import srp
from hippodrome.services.fake_cognito.directory import Directory
from hippodrome.services.fake_cognito.errors import invalid, not_authorized
from hippodrome.services.fake_cognito.model import Client, User

CHALLENGE = "PASSWORD_VERIFIER"


@dataclass(frozen=True)
class Proof:
    """A client's answer: the block that it was given and a signature, both in base64, and the time it signed."""

    block: str
    signature: str
    timestamp: str


def user_for(directory: Directory, client: Client, username: str) -> User | None:
    """None for nobody, where the client is not to tell that. Raises UserNotFoundException, NotAuthorizedException."""
    user = directory.known_to(client, username)
    if user is not None:
        check_enabled(user)
    return user


def check_enabled(user: User) -> None:
    """Raises NotAuthorizedException."""
    if not user.is_enabled:
        raise not_authorized("User is disabled.")


def challenge(directory: Directory, client: Client, username: str, client_public: str) -> dict[str, str]:
    """Its parameters; for nobody they look the same. Raises InvalidParameterException for a bad SRP_A."""
    exchange = srp.begin(client_public)
    if exchange is None:
        raise invalid("SRP_A is no number between 0 and that of the group.")
    user = user_for(directory, client, username)
    named = user.username if user else username
    credential = _credential(directory, client, user, named)
    held = {"client": client.id, "named": named, "secret": f"{exchange.secret:x}", "public": client_public}
    return {
        "USERNAME": named,
        "USER_ID_FOR_SRP": named,
        "SALT": credential.salt,
        "SRP_B": f"{exchange.server_public(credential):x}",
        "SECRET_BLOCK": base64.b64encode(directory.seal.close(CHALLENGE, held)).decode(),
    }


def proved(directory: Directory, client: Client, proof: Proof) -> User:
    """Who knows the password. Raises NotAuthorizedException."""
    block, signature = _decoded(proof.block), _decoded(proof.signature)
    held = directory.seal.open(CHALLENGE, block, age_s=client.settings.auth_session_validity * 60)
    if held is None or held["client"] != client.id:
        raise not_authorized("Invalid session for the user, session is expired.")
    user = directory.find(directory.pool(client.pool), held["named"])
    if user is None or not hmac.compare_digest(_signature(user, held, block, proof.timestamp), signature):
        raise not_authorized()
    return user


def _signature(user: User, held: dict[str, Any], block: bytes, timestamp: str) -> bytes:
    """Something that nobody can have said for one who has no password."""
    if user.credential is None:
        return b""
    exchange = srp.Exchange(int(held["secret"], 16), int(held["public"], 16))
    return srp.signature(exchange.key(user.credential), user.identity, block, timestamp)


def _credential(directory: Directory, client: Client, user: User | None, named: str) -> srp.Credential:
    """One that nobody can prove to know where there is none; the same each time, as a real one would be."""
    if user and user.credential:
        return user.credential
    made = hmac.digest(directory.seal.key.encode(), f"{client.pool} {named}".encode(), "sha256").hex()
    identity = srp.Identity(client.pool.partition("_")[2], named)
    return srp.credential_of(identity, made, salt=made[: 2 * srp.SALT_BYTES])


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text)
    except (binascii.Error, ValueError) as error:
        raise invalid("PASSWORD_CLAIM_SECRET_BLOCK and PASSWORD_CLAIM_SIGNATURE must be base64.") from error
