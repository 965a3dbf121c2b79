"""The API of accounts and their keys, and who one is."""

import hashlib
import secrets

from django.conf import settings
from django.db import IntegrityError, transaction
from django.http import HttpRequest, JsonResponse

from .bodies import ACCOUNT, allow, email_field, json_object, text_field
from .errors import ApiError
from .identity import OPERATOR, REACH, Caller, caller_of
from .models import Account, ApiKey

KEY_BYTES = 20


def who_am_i(request: HttpRequest) -> JsonResponse:
    """The account, scope and kind of whoever asks."""
    allow(request, "GET")
    found = caller_of(request)
    scopes = [scope for scope, reach in REACH.items() if reach <= REACH[found.scope]]
    return JsonResponse({"account": found.account.name, "scopes": scopes, "via": found.via, "keyId": found.key_id})


def accounts(request: HttpRequest) -> JsonResponse:
    """Makes an account with its first key; for operators and users of the pool."""
    allow(request, "POST")
    found = caller_of(request, "admin")
    if found.via == "key" and found.account.name != OPERATOR:
        raise ApiError(403, "forbidden", f"Only account {OPERATOR} may make accounts.")
    body = json_object(request)
    name = text_field(body, "accountId", 12)
    if not ACCOUNT.match(name):
        message = f"accountId `{name}` must match {ACCOUNT.pattern[:-2]}: it becomes part of the names of indexes."
        raise ApiError(422, "unprocessable_entity", message)
    try:
        with transaction.atomic():
            made = Account.objects.create(name=name, email=email_field(body))
            key = ApiKey.objects.create(account=made, key=_new_key(name, "first"), scope="admin", name="first")
    except IntegrityError as error:
        raise ApiError(409, "account_already_exists", f"Account {name} already exists.") from error
    return JsonResponse({"accountId": name, "apiKey": key.key}, status=201)


def keys(request: HttpRequest) -> JsonResponse:
    """The account's keys, without what would open a door; or a new one, shown this once."""
    allow(request, "GET", "POST")
    found = caller_of(request, "admin")
    if request.method == "GET":
        return JsonResponse(
            {"keys": [_told(key) for key in ApiKey.objects.filter(account=found.account).order_by("pk")]}
        )
    return _make(found, json_object(request))


def key(request: HttpRequest, number: int) -> JsonResponse:
    """Takes a key back; it opens nothing any more."""
    allow(request, "DELETE")
    found = caller_of(request, "admin")
    gone, _ = ApiKey.objects.filter(account=found.account, pk=number).delete()
    if not gone:
        raise ApiError(404, "key_not_found", f"There is no key {number}.")
    return JsonResponse({"acknowledged": True})


def _make(found: Caller, body: dict) -> JsonResponse:
    name, scope = text_field(body, "name", 64), text_field(body, "scope", 16, default="read")
    if scope not in REACH:
        raise ApiError(422, "unprocessable_entity", f"scope must be one of {', '.join(REACH)}, not `{scope}`.")
    made = ApiKey.objects.create(account=found.account, key=secrets.token_urlsafe(KEY_BYTES), scope=scope, name=name)
    return JsonResponse({**_told(made), "key": made.key}, status=201)


def _new_key(account: str, name: str) -> str:
    """The same for the same HIPPODROME_RANDOM_SEED."""
    if settings.RANDOM_SEED:
        return hashlib.sha256(f"{settings.RANDOM_SEED}:{account}:{name}".encode()).hexdigest()[: 2 * KEY_BYTES]
    return secrets.token_urlsafe(KEY_BYTES)


def _told(found: ApiKey) -> dict:
    return {"id": found.pk, "name": found.name, "scope": found.scope, "createdAt": found.created_at.isoformat()}
