"""Who asks: by an API key of an account, or by an ID token that the user pool has signed."""

import logging
from dataclasses import dataclass

from django.http import HttpRequest

from .errors import ApiError
from .models import Account, ApiKey
from .tokens import account_in

log = logging.getLogger("controller")
REACH = {"read": 0, "read-write": 1, "admin": 2}  # what a scope may do, and those below it
OPERATOR = "local"  # the account whose admins may make others


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
    said = request.headers.get("x-api-key") or _bearer(request)
    found = _by_token(said) if said.count(".") == 2 else _by_key(said)
    found.needs(scope)
    return found


def _bearer(request: HttpRequest) -> str:
    """Empty for any other scheme of authorization."""
    scheme, _, said = request.headers.get("Authorization", "").partition(" ")
    return said.strip() if scheme.lower() == "bearer" else ""


def _by_key(said: str) -> Caller:
    key = ApiKey.objects.select_related("account").filter(key=said).first() if said else None
    if key is None:
        raise ApiError(401, "unauthorized", "A valid API key is needed in x-api-key, or in Authorization: Bearer.")
    return Caller(key.account, key.scope, "key", key.pk)


def _by_token(said: str) -> Caller:
    """A user of the pool may do all in the own account, which is made when it first appears."""
    account, is_new = Account.objects.get_or_create(name=account_in(said))
    if is_new:
        log.info("made account name=%s for a user of the pool", account.name)
    return Caller(account, "admin", "token")
