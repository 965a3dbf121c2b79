"""The JSON API in OpenAPI's form: the table of its calls, and what each takes."""

import re
from collections.abc import Mapping
from typing import Any

from hippodrome.dashboard.query import MOST_LINES
from hippodrome.events.reading import STATES
from hippodrome.logs.levels import LEVELS

Schema = dict[str, Any]

PLACES = re.compile(r"\b(NAME|ID)\b")
TEXT: Schema = {"type": "string"}
NUMBER: Schema = {"type": "integer", "minimum": 0}
YES: Schema = {"type": "string", "enum": ["1"]}
LINES: Mapping[str, Schema] = {
    "services": TEXT,
    "text": TEXT,
    "regex": TEXT,
    "level": {"type": "string", "enum": list(LEVELS)},
    "count": {"type": "integer", "minimum": 1, "maximum": MOST_LINES},
    "probes": YES,
}
EVENTS: Mapping[str, Schema] = {
    "count": NUMBER,
    "before": NUMBER,
    "after": NUMBER,
    "state": {"type": "string", "enum": list(STATES)},
    "type": TEXT,
    "key": TEXT,
    "text": TEXT,
    "proofs": YES,
}
# by call: parameters in the address
QUERIES: Mapping[str, Mapping[str, Schema]] = {
    "GET /api/logs": {**LINES, "before": TEXT, "until": {"type": "number"}},
    "GET /api/stream": {**LINES, "after": TEXT, "events": YES},
    "GET /api/events": EVENTS,
}
# by call: members of the body, of which none is required unless REQUIRED has it
BODIES: Mapping[str, Mapping[str, Schema]] = {
    "POST /api/services/NAME/start": {},
    "POST /api/services/NAME/stop": {},
    "POST /api/services/NAME/restart": {"reason": {"type": "string", "maxLength": 200}},
    "POST /api/ticket": {},
    "POST /api/events/ID/replay": {},
    "POST /api/events/replay": EVENTS,
    "POST /webhook/eventbridge": {"detail-type": TEXT, "source": TEXT, "detail": {"type": "object"}},
}
REQUIRED = {"POST /webhook/eventbridge": ["detail-type"]}
ANSWERS: Mapping[str, Schema] = {
    "GET /api/stream": {"200": {"description": "server-sent events", "content": {"text/event-stream": {}}}},
}
REFUSED: Schema = {
    "type": "object",
    "required": ["message", "code", "type", "link"],
    "properties": dict.fromkeys(("message", "code", "type", "link"), TEXT),
}


def described(version: str, calls: Mapping[str, str]) -> dict[str, Any]:
    """The document. `calls`: what each is for, by `GET /api/services/NAME`."""
    paths: dict[str, dict[str, Any]] = {}
    for call, about in calls.items():
        method, path = call.split(" ")
        paths.setdefault(PLACES.sub(_place, path), {})[method.lower()] = _operation(call, about)
    return {
        "openapi": "3.1.0",
        "info": {"title": "dashboard", "version": version},
        "components": {"schemas": {"Refusal": REFUSED}},
        "paths": paths,
    }


def _operation(call: str, about: str) -> dict[str, Any]:
    named = [_parameter(found.lower(), "path", TEXT) for found in PLACES.findall(call)]
    asked = [_parameter(name, "query", schema) for name, schema in QUERIES.get(call, {}).items()]
    said = "200" if call.startswith("GET") else "2XX"
    refused = {"schema": {"$ref": "#/components/schemas/Refusal"}}
    return {
        "summary": about,
        "parameters": named + asked,
        **_body(call),
        "responses": {
            **ANSWERS.get(call, {said: {"description": "well", "content": {"application/json": {}}}}),
            "4XX": {"description": "refused, and why", "content": {"application/json": refused}},
        },
    }


def _body(call: str) -> dict[str, Any]:
    """Nothing for a call that has none."""
    if call not in BODIES:
        return {}
    schema = {"type": "object", "properties": dict(BODIES[call]), "required": REQUIRED.get(call, [])}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


def _parameter(name: str, where: str, schema: Schema) -> dict[str, Any]:
    return {"name": name, "in": where, "required": where == "path", "schema": schema}


def _place(found: re.Match[str]) -> str:
    return f"{{{found[0].lower()}}}"
