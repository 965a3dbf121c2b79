"""One request to a data plane and its answer, as a line of a recording; docs/cell-record.md describes the format."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

VERSION = 1

Kind = Literal["json", "text", "left_out"]
KINDS: tuple[Kind, ...] = ("json", "text", "left_out")


@dataclass(frozen=True)
class Body:
    """`value` is the JSON value, the text, or why it was left out; `size` in bytes, of what was left out."""

    kind: Kind
    value: Any
    size: int = 0

    def told(self) -> dict[str, Any]:
        return {self.kind: self.value, **({"bytes": self.size} if self.kind == "left_out" else {})}


@dataclass(frozen=True)
class Asked:
    """A request. `path` is as it was sent, with its query; names of headers are in small letters."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: Body | None = None


@dataclass(frozen=True)
class Answered:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: Body | None = None


@dataclass(frozen=True)
class Exchange:
    """`at`: when the request came (ISO 8601, UTC). `to`: the cell. `took_ms`: until the answer's last byte."""

    asked: Asked
    answered: Answered
    at: str = ""
    to: str = ""
    took_ms: float = 0.0


def line_of(exchange: Exchange) -> str:
    """One line of JSON, with its end."""
    asked, answered = exchange.asked, exchange.answered
    told = {
        "version": VERSION,
        "at": exchange.at,
        "to": exchange.to,
        "took_ms": round(exchange.took_ms, 1),
        "request": {"method": asked.method, "path": asked.path, **_rest(asked)},
        "response": {"status": answered.status, **_rest(answered)},
    }
    return json.dumps(told, separators=(",", ":")) + "\n"


def _rest(side: Asked | Answered) -> dict[str, Any]:
    return {"headers": dict(side.headers), "body": side.body.told() if side.body else None}


def exchange_of(told: Any) -> Exchange | str:
    """From a line's JSON; else in words what is wrong with it."""
    if wrong := next(_mistakes(told), ""):
        return wrong
    request, response = told["request"], told["response"]
    return Exchange(
        Asked(request["method"], request["path"], request["headers"], _body(request["body"])),
        Answered(response["status"], response["headers"], _body(response["body"])),
        at=str(told.get("at", "")),
        to=str(told.get("to", "")),
        took_ms=float(told.get("took_ms", 0.0)),
    )


def _mistakes(told: Any) -> Iterator[str]:
    """The first is enough: what comes after one may follow from it."""
    if not isinstance(told, dict) or "version" not in told:
        yield "this is no line of a recording: it has no `version`"
    elif told["version"] != VERSION:
        yield f"its version is {told['version']!r}, and this `hd` knows {VERSION}"
    for side, facts in (("request", {"method": str, "path": str}), ("response", {"status": int})):
        part = told.get(side)
        if not isinstance(part, dict):
            yield f"`{side}` must be an object"
        yield from _mistakes_in(part, side, {**facts, "headers": dict})


def _mistakes_in(part: Any, side: str, facts: Mapping[str, type]) -> Iterator[str]:
    for name, kind in facts.items():
        if not isinstance(part.get(name), kind):
            yield f"`{side}.{name}` must be {WORDS[kind]}"
    if not all(isinstance(value, str) for value in part["headers"].values()):
        yield f"`{side}.headers` must be text"
    if part.get("path", "/")[:1] != "/":
        yield "`request.path` must begin with `/`"
    body = part.get("body", "")
    if body is not None and not (isinstance(body, dict) and len(set(KINDS) & body.keys()) == 1):
        yield f"`{side}.body` must be null, or an object with one of {', '.join(KINDS)}"
    if body and "text" in body and not isinstance(body["text"], str):
        yield f"`{side}.body.text` must be text"


WORDS: dict[type, str] = {str: "text", int: "a whole number", dict: "an object"}


def _body(told: Any) -> Body | None:
    if told is None:
        return None
    kind = next(each for each in KINDS if each in told)
    return Body(kind, told[kind], told.get("bytes", 0))
