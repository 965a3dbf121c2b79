"""The control plane's API, `/api/v2/indexes`."""

from typing import Any

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, JsonResponse
from django.utils import timezone

from .bodies import allow, capacity, for_the_cell, json_object, valid_name
from .busy import alone
from .cell import Cell
from .errors import ApiError
from .identity import caller_of
from .models import Account, Index

MARQO_VERSION = "2.26.0"


def indexes(request: HttpRequest) -> JsonResponse:
    """All of the account's indexes."""
    allow(request, "GET")
    account, cell = caller_of(request).account, Cell(request)
    found = Index.objects.filter(account=account, deleted_at=None).order_by("name")
    return JsonResponse({"results": [_told(index, cell) for index in found]})


def index(request: HttpRequest, name: str) -> JsonResponse:
    """Create, get, modify or delete one."""
    allow(request, *VERBS)
    return VERBS[request.method](request, name)


def status(request: HttpRequest, name: str) -> JsonResponse:
    """Also of one that was deleted: the client polls until it hears that."""
    allow(request, "GET")
    account = caller_of(request).account
    found = Index.objects.filter(account=account, name=name).first()
    if found is None:
        raise _no_such(name)
    return JsonResponse({"indexStatus": found.status})


def settings_of(request: HttpRequest, name: str) -> JsonResponse:
    """As the cell has them."""
    allow(request, "GET")
    found = _live(caller_of(request).account, name)
    return JsonResponse(Cell(request).settings(found.name))


def stats(request: HttpRequest, name: str) -> JsonResponse:
    """As the cell has them."""
    allow(request, "GET")
    found = _live(caller_of(request).account, name)
    return JsonResponse(Cell(request).stats(found.name))


def _create(request: HttpRequest, name: str) -> JsonResponse:
    account, body = caller_of(request, "admin").account, json_object(request)
    fields = {"settings": for_the_cell(body), **capacity(body)}
    valid_name(name)
    with alone(name):
        if Index.objects.filter(account=account, name=name, deleted_at=None).exists():
            raise ApiError(409, "index_already_exists", f"Index {name} already exists.")
        if Index.objects.filter(name=name, deleted_at=None).exists():  # of another account, in the same cell
            raise ApiError(409, "index_already_exists", f"The name {name} is taken.")
        _keep_quota(account)
        _make(Cell(request), account, name, fields)
    return JsonResponse({"acknowledged": True, "shards_acknowledged": True, "index": name})


def _keep_quota(account: Account) -> None:
    """Raises ApiError 403. Who makes several indexes at the same moment may get past it."""
    quota = settings.INDEX_QUOTA
    if quota and Index.objects.filter(account=account, deleted_at=None).count() >= quota:
        raise ApiError(403, "quota_exceeded", f"The account may have {quota} indexes, and has them. Delete one.")


def _make(cell: Cell, account: Account, name: str, fields: dict[str, Any]) -> None:
    """The cell first: when it refuses or is down, nothing was made."""
    if cell.has(name):
        message = f"The cell has an index {name} that was not made here. To be rid of it: DELETE"
        raise ApiError(409, "index_already_exists", f"{message} {settings.CELL_URL}/indexes/{name}")
    cell.create(name, fields["settings"])
    try:
        with transaction.atomic():
            Index.objects.filter(account=account, name=name).delete()  # the tombstone
            Index.objects.create(account=account, name=name, **fields)
    except Exception:
        cell.delete(name)
        raise


def _get(request: HttpRequest, name: str) -> JsonResponse:
    return JsonResponse(_told(_live(caller_of(request).account, name), Cell(request)))


def _modify(request: HttpRequest, name: str) -> JsonResponse:
    found = _live(caller_of(request, "admin").account, name)
    for field, value in capacity(json_object(request)).items():
        setattr(found, field, value)
    found.modified_at = timezone.now()
    found.save()
    return JsonResponse({"acknowledged": True, "index": name})


def _delete(request: HttpRequest, name: str) -> JsonResponse:
    account = caller_of(request, "admin").account
    with alone(name):
        found = _live(account, name)
        Cell(request).delete(name)
        found.deleted_at = timezone.now()
        found.save()
    return JsonResponse({"acknowledged": True})


VERBS = {"POST": _create, "GET": _get, "PUT": _modify, "DELETE": _delete}


def _live(account: Account, name: str) -> Index:
    found = Index.objects.filter(account=account, name=name, deleted_at=None).first()
    if found is None:
        raise _no_such(name)
    return found


def _no_such(name: str) -> ApiError:
    return ApiError(404, "index_not_found", f"Index {name} does not exist.")


def _told(index: Index, cell: Cell) -> dict[str, Any]:
    """As Marqo Cloud describes an index; counts are text there, and null while the cell does not answer."""
    return {
        "type": "unstructured",
        "model": "hf/e5-base-v2",
        **index.settings,
        "indexName": index.name,
        "indexStatus": index.status,
        "marqoEndpoint": settings.CELL_URL,
        "marqoVersion": MARQO_VERSION,
        "Created": index.created_at.isoformat(),
        "numberOfShards": index.number_of_shards,
        "numberOfReplicas": index.number_of_replicas,
        "numberOfInferences": index.number_of_inferences,
        "inferenceType": index.inference_type,
        "storageClass": index.storage_class,
        "docs.count": cell.count(index.name),
        "docs.deleted": "0",
    }
