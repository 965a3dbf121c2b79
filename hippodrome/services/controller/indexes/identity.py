"""Who asks: by an API key of an account, or by an ID token that the user pool has signed."""

import logging
from dataclasses import dataclass
from functools import cache

from django.conf import settings
from django.http import HttpRequest

from .errors import ApiError
from .models import Account, ApiKey

log = logging.getLogger("controller")
REACH = {"read": 0, "read-write": 1, "admin": 2}  # what a scope may do, and those below it
OPERATOR = "local"  # the account whose admins may make others
ACCOUNT_CLAIM = "custom:account"
LEEWAY_S = 10
JWKS_S = 5


@dataclass(frozen=True)
class Caller:
    """An account, what may be done in its name, and by what that is known. `key_id`: None for a token."""

    account: Account
    scope: str
    via: str
    key_id: int | None = None

    def needs(self, scope: str) -> None:
        """Raises ApiError 403 where this caller's scope does not reach as far."""
        if REACH[self.scope] < REACH[scope]:
            raise ApiError(403, "forbidden", f"A key with scope {self.scope} may not do this; {scope} may.")


def caller_of(request: HttpRequest, scope: str = "read") -> Caller:
    """Raises ApiError 401 for nobody that is known, 403 where the scope does not reach."""
    said = (
        request.headers.get("x-api-key") or request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
    )
    found = _by_token(said) if said.count(".") == 2 else _by_key(said)
    found.needs(scope)
    return found


def _by_key(said: str) -> Caller:
    key = ApiKey.objects.select_related("account").filter(key=said).first() if said else None
    if key is None:
        raise ApiError(401, "unauthorized", "A valid API key is needed in x-api-key, or in Authorization: Bearer.")
    return Caller(key.account, key.scope, "key", key.pk)


def _by_token(said: str) -> Caller:
    """Of a user pool's ID token; a user may do all in the own account, which is made when it first appears."""
    if not settings.COGNITO_ISSUER:
        message = "Tokens are not accepted here: no user pool is part of the stack (COGNITO_ISSUER is not set)."
        raise ApiError(401, "unauthorized", message)
    import jwt  # 8 MiB that a stack without a user pool need not have

    try:
        signed_by = _keys(settings.COGNITO_ISSUER).get_signing_key_from_jwt(said)
        claims = jwt.decode(
            said,
            signed_by.key,
            algorithms=["RS256"],
            issuer=settings.COGNITO_ISSUER,
            leeway=LEEWAY_S,
            options={"require": ["exp", "iss", "aud"], "verify_aud": False},  # any client of the pool
        )
    except jwt.PyJWKClientConnectionError as error:
        raise ApiError(503, "user_pool_unavailable", f"The user pool does not answer: {error}") from error
    except jwt.PyJWTError as error:
        raise ApiError(401, "unauthorized", f"The token is refused: {error}.") from error
    if claims.get("token_use") != "id" or not claims.get(ACCOUNT_CLAIM):
        raise ApiError(401, "unauthorized", f"An ID token with the claim {ACCOUNT_CLAIM} is needed.")
    account, is_new = Account.objects.get_or_create(name=claims[ACCOUNT_CLAIM])
    if is_new:
        log.info("made account name=%s for a user of the pool", account.name)
    return Caller(account, "admin", "token")


@cache
def _keys(issuer: str):
    """A PyJWKClient: it fetches the pool's keys once, and again for one that it does not know."""
    import jwt

    return jwt.PyJWKClient(f"{issuer}/.well-known/jwks.json", cache_keys=True, timeout=JWKS_S)
