"""ID tokens of the user pool: whether they are good, and for which account."""

import http.client
from functools import cache

from django.conf import settings

from .bodies import ACCOUNT
from .errors import ApiError

ACCOUNT_CLAIM = "custom:account"
LEEWAY_S = 10
JWKS_S = 5


def account_in(token: str) -> str:
    """The name of an account, which may not be there yet. Raises ApiError 401, or 503 when the pool is silent."""
    if not settings.COGNITO_ISSUER:
        message = "Tokens are not accepted here: no user pool is part of the stack (COGNITO_ISSUER is not set)."
        raise ApiError(401, "unauthorized", message)
    claims = _claims(token)
    name = claims.get(ACCOUNT_CLAIM)
    if claims.get("token_use") != "id" or not name:
        raise ApiError(401, "unauthorized", f"An ID token with the claim {ACCOUNT_CLAIM} is needed.")
    if not isinstance(name, str) or not ACCOUNT.match(name):
        raise ApiError(401, "unauthorized", f"The claim {ACCOUNT_CLAIM} must match {ACCOUNT.pattern[:-2]}.")
    return name


def _claims(token: str) -> dict:
    import jwt  # 8 MiB that a stack without a user pool need not have

    try:
        return jwt.decode(
            token,
            _signed_by(token),
            algorithms=["RS256"],
            issuer=settings.COGNITO_ISSUER,
            audience=settings.COGNITO_CLIENT_IDS or None,
            leeway=LEEWAY_S,
            options={"require": ["exp", "iss", "aud"], "verify_aud": bool(settings.COGNITO_CLIENT_IDS)},
        )
    except jwt.PyJWTError as error:
        raise ApiError(401, "unauthorized", f"The token is refused: {error}.") from error


def _signed_by(token: str):
    """The pool's key that the token names. Raises ApiError 503, and PyJWT's error for a key that it has not."""
    import jwt

    try:
        return _keys(settings.COGNITO_ISSUER).get_signing_key_from_jwt(token)
    except (jwt.PyJWKClientConnectionError, OSError, http.client.HTTPException, ValueError) as error:
        message = f"The user pool at {settings.COGNITO_ISSUER} does not answer as it should: {error}."
        raise ApiError(503, "user_pool_unavailable", message, kind="internal") from error


@cache
def _keys(issuer: str):
    """A PyJWKClient: it fetches the pool's keys once, and at once again for one that it does not know."""
    import jwt

    url = f"{issuer}/.well-known/jwks.json"
    return jwt.PyJWKClient(url, cache_keys=True, timeout=JWKS_S, cooldown_duration=0)
