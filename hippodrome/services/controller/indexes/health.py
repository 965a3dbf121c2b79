"""Whether the service is well, and what it speaks."""

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse

from .bodies import allow
from .identity import REACH

PATHS = {
    "/health": ("get",),
    "/api/v2/indexes": ("get",),
    "/api/v2/indexes/{name}": ("get", "post", "put", "delete"),
    "/api/v2/indexes/{name}/status": ("get",),
    "/api/v2/indexes/{name}/settings": ("get",),
    "/api/v2/indexes/{name}/stats": ("get",),
    "/api/v2/whoami": ("get",),
    "/api/v2/accounts": ("post",),
    "/api/v2/keys": ("get", "post"),
    "/api/v2/keys/{number}": ("delete",),
}
SCHEMES = {
    "key": {"type": "apiKey", "in": "header", "name": "x-api-key"},
    "bearer": {"type": "http", "scheme": "bearer", "description": "A key, or an ID token of the user pool."},
}
TEXT, NUMBER = {"type": "string"}, {"type": "integer", "minimum": 0, "maximum": 100}
SETTINGS = {"model": TEXT, "numberOfReplicas": NUMBER, "numberOfShards": NUMBER, "numberOfInferences": NUMBER}
BODIES = {
    "post /api/v2/accounts": {"accountId": TEXT, "email": TEXT},
    "post /api/v2/keys": {"name": TEXT, "scope": {"enum": list(REACH)}},
    "post /api/v2/indexes/{name}": SETTINGS,
    "put /api/v2/indexes/{name}": SETTINGS,
}


def health(request: HttpRequest) -> JsonResponse:
    """503 when the database does not answer; the cell's state is its own affair."""
    allow(request, "GET", "HEAD")
    told = {"status": "ok", "service": "controller", "version": settings.VERSION}
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        return JsonResponse({**told, "status": "failing", "check": "database", "message": str(error)}, status=503)
    return JsonResponse(told)


def openapi(request: HttpRequest) -> JsonResponse:
    """The routes, with the key they need."""
    allow(request, "GET", "HEAD")
    return JsonResponse(
        {
            "openapi": "3.1.0",
            "info": {"title": "controller", "version": settings.VERSION},
            "components": {"securitySchemes": SCHEMES},
            "security": [{name: []} for name in SCHEMES],
            "paths": {path: _described(path, methods) for path, methods in PATHS.items()},
        }
    )


def _described(path: str, methods: tuple[str, ...]) -> dict[str, object]:
    kinds = {"name": "string", "number": "integer"}
    found = [name for name in kinds if f"{{{name}}}" in path]
    parameters = [{"name": each, "in": "path", "required": True, "schema": {"type": kinds[each]}} for each in found]
    answers = {"200": {"description": "well"}, "4XX": {"description": "refused"}, "502": {"description": "no cell"}}
    return {
        **({"parameters": parameters} if parameters else {}),
        **{method: {"responses": answers, **_body_of(method, path)} for method in methods},
    }


def _body_of(method: str, path: str) -> dict[str, object]:
    """Nothing for what has none."""
    properties = BODIES.get(f"{method} {path}")
    schema = {"type": "object", "properties": properties}
    return {"requestBody": {"content": {"application/json": {"schema": schema}}}} if properties else {}
