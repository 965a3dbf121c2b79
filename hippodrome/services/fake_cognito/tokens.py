"""The tokens of a sign-in, as Cognito makes them: two signed by the pool's key, the one to refresh them sealed."""

import base64
import hashlib
import json
import time
import uuid
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from jwt.algorithms import RSAAlgorithm

from hippodrome.services.fake_cognito.directory import Directory, Door
from hippodrome.services.fake_cognito.errors import CognitoError, not_authorized
from hippodrome.services.fake_cognito.model import Client, Pool, User
from hippodrome.services.fake_cognito.shapes import Unit

UNIT_S: dict[Unit, int] = {"seconds": 1, "minutes": 60, "hours": 3600, "days": 86400}
ACCESS_S, ID_S, REFRESH_S = 3600, 3600, 30 * 86400
SIGN_INS = 200  # of one user; the oldest end first
SCOPE = "aws.cognito.signin.user.admin"
REFRESH = "refresh"
KEY_BITS = 2048


@dataclass(frozen=True)
class SignIn:
    """`origin` ties all tokens of it together; `at` in Unix seconds."""

    pool: Pool
    client: Client
    user: User
    origin: str
    at: int


@dataclass(frozen=True)
class Bearer:
    """Of an access token that is good; `client` is the id of the application that it was made for."""

    user: User
    client: str


def new_key() -> str:
    """A private key in PEM."""
    made = generate_private_key(public_exponent=65537, key_size=KEY_BITS)
    return made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def public_keys(pool: Pool) -> dict[str, Any]:
    """The JWK set. A key's id is made of the key, so that another key never has it."""
    return {"keys": [{**_public(pool.key), "kid": key_id(pool.key), "alg": "RS256", "use": "sig"}]}


@lru_cache(maxsize=64)
def key_id(pem: str) -> str:
    return base64.b64encode(hashlib.sha256(json.dumps(_public(pem), sort_keys=True).encode()).digest()).decode()


def issuer_of(directory: Directory, pool: str) -> str:
    return f"{directory.base_url}/{pool}"


def sign_in(door: Door, user: User) -> dict[str, Any]:
    """The AuthenticationResult of a new sign-in, which is kept."""
    now, directory, client = time.time(), door.directory, door.client
    origin = str(uuid.uuid4())
    good = {jti: until for jti, until in (user.sign_ins or {}).items() if until > now}
    until = now + _seconds(client, "refresh_token", usual_s=REFRESH_S)
    kept = dict([*good.items(), (origin, until)][-SIGN_INS:])
    made = SignIn(door.pool, client, directory.keep(replace(user, sign_ins=kept)), origin, int(now))
    held = {"client": client.id, "sub": user.sub, "origin": origin, "at": made.at, "until": until}
    return {**_signed(directory, made), "RefreshToken": directory.seal.close(REFRESH, held).decode()}


def refreshed(door: Door, token: str) -> tuple[User, dict[str, Any]]:
    """Whose it is, and an AuthenticationResult without a new refresh token. Raises NotAuthorizedException."""
    held = refresh_token(door, token)
    user = door.find(held["sub"])
    if held["until"] < time.time():
        raise not_authorized("Refresh Token has expired")
    if user is None or not user.is_enabled or held["origin"] not in (user.sign_ins or {}):
        raise not_authorized("Refresh Token has been revoked")
    return user, _signed(door.directory, SignIn(door.pool, door.client, user, held["origin"], held["at"]))


def refresh_token(door: Door, token: str) -> dict[str, Any]:
    """What is in it. Raises NotAuthorizedException for one of another client."""
    held = door.directory.seal.open(REFRESH, token)
    if held is None or held["client"] != door.client.id:
        raise not_authorized("Invalid Refresh Token")
    return held


def bearer_of(directory: Directory, token: str) -> Bearer:
    """Who holds this access token. Raises NotAuthorizedException, UserNotFoundException."""
    try:
        said = jwt.decode(token, options={"verify_signature": False})
        pool = directory.pool(str(said["iss"]).rpartition("/")[2])
        claims = jwt.decode(token, _private(pool.key).public_key(), algorithms=["RS256"], issuer=said["iss"])
    except jwt.ExpiredSignatureError as error:
        raise not_authorized("Access Token has expired") from error
    except (jwt.PyJWTError, KeyError, CognitoError) as error:
        raise not_authorized("Invalid Access Token") from error
    if claims["token_use"] != "access" or claims["iss"] != issuer_of(directory, pool.id):
        raise not_authorized("Invalid Access Token")
    user = directory.user(pool.id, claims["sub"])
    if claims["origin_jti"] not in (user.sign_ins or {}):
        raise not_authorized("Access Token has been revoked")
    return Bearer(user, claims["client_id"])


def _signed(directory: Directory, made: SignIn) -> dict[str, Any]:
    lasts_s = _seconds(made.client, "access_token", usual_s=ACCESS_S)
    common = {
        "sub": made.user.sub,
        "iss": issuer_of(directory, made.pool.id),
        "origin_jti": made.origin,
        "event_id": str(uuid.uuid4()),
        "auth_time": made.at,
    }
    access = {"client_id": made.client.id, "token_use": "access", "scope": SCOPE, "username": made.user.username}
    identity = {"aud": made.client.id, "token_use": "id", "cognito:username": made.user.username, **_said_of(made)}
    return {
        "AccessToken": _token(made.pool, {**access, **common}, lasts_s=lasts_s),
        "IdToken": _token(made.pool, {**identity, **common}, lasts_s=_seconds(made.client, "id_token", usual_s=ID_S)),
        "ExpiresIn": lasts_s,
        "TokenType": "Bearer",
    }


def _said_of(made: SignIn) -> dict[str, Any]:
    """The user's attributes that this client may read, those that tell of a verification as booleans."""
    readable = made.client.readable(made.user.attributes)
    return {name: value == "true" if name.endswith("_verified") else value for name, value in readable.items()}


def _token(pool: Pool, claims: dict[str, Any], *, lasts_s: int) -> str:
    now = int(time.time())
    told = {**claims, "iat": now, "exp": now + lasts_s, "jti": str(uuid.uuid4())}
    return jwt.encode(told, _private(pool.key), algorithm="RS256", headers={"kid": key_id(pool.key)})


def _seconds(client: Client, token: str, *, usual_s: int) -> int:
    number: int = getattr(client.settings, f"{token}_validity")
    unit: Unit = getattr(client.settings.token_validity_units, token)
    return number * UNIT_S[unit] or usual_s


@lru_cache(maxsize=64)
def _private(pem: str) -> RSAPrivateKey:
    key = load_pem_private_key(pem.encode(), None)
    assert isinstance(key, RSAPrivateKey)
    return key


def _public(pem: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(RSAAlgorithm.to_jwk(_private(pem).public_key()))
    return {name: told[name] for name in ("kty", "n", "e")}
