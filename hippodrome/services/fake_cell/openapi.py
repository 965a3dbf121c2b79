"""What the service speaks, as OpenAPI, from the table of its routes."""

import re
from collections.abc import Iterable
from typing import Any

PARAMETER = re.compile(r"\{(\w+)(?::\w+)?\}")


def described(title: str, version: str, routes: Iterable[tuple[str, str, str]]) -> dict[str, Any]:
    """The document. `routes`: method, path, name."""
    paths: dict[str, dict[str, Any]] = {}
    for method, path, name in routes:
        plain = PARAMETER.sub(r"{\1}", path)
        paths.setdefault(plain, {})[method.lower()] = _operation(method, path, name)
    return {"openapi": "3.1.0", "info": {"title": title, "version": version}, "paths": paths}


def _operation(method: str, path: str, name: str) -> dict[str, Any]:
    body: dict[str, Any] = (
        {"requestBody": {"content": {"application/json": {"schema": {}}}}} if method == "POST" else {}
    )
    return {
        "operationId": f"{name}_{len(PARAMETER.findall(path))}",
        "parameters": [
            {"name": each, "in": "path", "required": True, "schema": {"type": "string"}}
            for each in PARAMETER.findall(path)
        ],
        **body,
        "responses": {"200": {"description": "well"}, "4XX": {"description": "refused, with message, code and type"}},
    }
