"""A recording asked again, of any cell, and its answers held against the recorded ones."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote

import httpx

from hippodrome.cell.cleaning import Cleaner
from hippodrome.cell.exchange import Answered, Asked, Body, Exchange
from hippodrome.cell.recording import Recording
from hippodrome.cell.safety import is_of_this_machine, is_reading
from hippodrome.cell.shapes import Difference, Manner, differences
from hippodrome.errors import ExitCode, Problem, UserError
from hippodrome.secret import MASK

SENT = ("accept", "content-type")  # of the recorded headers; the rest is the connection's, or was masked
KEY_HEADER = "x-api-key"


@dataclass(frozen=True)
class Outcome:
    """What became of the exchange on this line; `skipped` says why it was not asked again."""

    line: int
    asked: Asked
    differences: tuple[Difference, ...] = ()
    skipped: str = ""


@dataclass(frozen=True)
class Replay:
    """`api_key` is empty where the cell asks for none."""

    to: str
    manner: Manner
    api_key: str = ""
    timeout_s: float = 60.0
    is_reading_only: bool = False

    @property
    def shown(self) -> str:
        """The address without a password."""
        return str(httpx.URL(self.to).copy_with(username=None, password=None))

    def run(self, recording: Recording) -> Iterator[Outcome]:
        """In the recorded order, one at a time. Raises UserError where the cell does not answer."""
        cleaner, names = Cleaner(), Names()
        cleaner.learn([(KEY_HEADER, self.api_key)] if self.api_key else [])
        with httpx.Client(timeout=self.timeout_s, trust_env=not is_of_this_machine(self.to)) as client:
            for line, exchange in recording.exchanges:
                if reason := self._why_not(exchange.asked):
                    yield Outcome(line, exchange.asked, skipped=reason)
                    continue
                answered = self._answer(client, names.renamed(exchange.asked), cleaner)
                names.learn(exchange, answered)
                found = differences(exchange.asked.path, exchange.answered, answered, self.manner)
                yield Outcome(line, exchange.asked, tuple(found))

    def _why_not(self, asked: Asked) -> str:
        if asked.body and asked.body.kind == "left_out":
            return f"its body was not recorded: {asked.body.value}"
        return "it changes data" if self.is_reading_only and not is_reading(asked) else ""

    def _answer(self, client: httpx.Client, asked: Asked, cleaner: Cleaner) -> Answered:
        """Cleaned as the recorded one is, so that both say the same of what is masked."""
        try:
            answer = client.send(self._request(asked))
        except httpx.TimeoutException as error:
            raise _silent(self.shown, f"took more than {self.timeout_s:g} s", ExitCode.TIMED_OUT) from error
        except httpx.HTTPError as error:
            told = f"does not answer: {str(error) or type(error).__name__}"
            raise _silent(self.shown, told, ExitCode.NOT_RUNNING) from error
        plain = {"content-type": answer.headers.get("content-type", "")}
        return Answered(
            answer.status_code, cleaner.headers(dict(answer.headers)), cleaner.body(answer.content, plain)
        )

    def _request(self, asked: Asked) -> httpx.Request:
        base = httpx.URL(self.to)
        url = base.copy_with(raw_path=base.raw_path.rstrip(b"/") + asked.path.encode())
        headers = {name: value for name, value in asked.headers.items() if name in SENT and value != MASK}
        headers |= {KEY_HEADER: self.api_key} if self.api_key else {}
        return httpx.Request(asked.method, url, headers=headers, content=_content(asked.body))


class Names:
    """Ids that the cells made up: what the recorded one called a document, and what this one does."""

    def __init__(self) -> None:
        self._ours = dict[str, str]()

    def learn(self, exchange: Exchange, answered: Answered) -> None:
        """From the answer to documents that were added without an id."""
        documents = _items(exchange.asked.body, "documents")
        recorded, now = _items(exchange.answered.body, "items"), _items(answered.body, "items")
        for document, before, after in zip(documents, recorded, now, strict=False):
            if "_id" not in document and isinstance(before.get("_id"), str) and isinstance(after.get("_id"), str):
                self._ours[before["_id"]] = after["_id"]

    def renamed(self, asked: Asked) -> Asked:
        """The same request about the same documents."""
        if not self._ours:
            return asked
        path, mark, query = asked.path.partition("?")
        parts = [
            quote(self._ours[plain], safe="") if (plain := unquote(part)) in self._ours else part
            for part in path.split("/")
        ]
        body = asked.body
        if body and body.kind == "json":
            body = Body("json", self._value(body.value))
        return Asked(asked.method, "/".join(parts) + mark + query, asked.headers, body)

    def _value(self, value: Any) -> Any:
        if isinstance(value, str):
            return self._ours.get(value, value)
        if isinstance(value, Mapping):
            return {self._ours.get(name, name): self._value(each) for name, each in value.items()}
        return [self._value(each) for each in value] if isinstance(value, list) else value


def _items(body: Body | None, name: str) -> list[dict[str, Any]]:
    """The objects in this list of a JSON body; none where it has no such list."""
    value = body.value if body and body.kind == "json" else None
    items = value.get(name) if isinstance(value, dict) else None
    return [each if isinstance(each, dict) else {} for each in items] if isinstance(items, list) else []


def _content(body: Body | None) -> bytes | None:
    if body is None:
        return None
    return json.dumps(body.value).encode() if body.kind == "json" else str(body.value).encode()


def _silent(to: str, told: str, exit_code: ExitCode) -> UserError:
    problem = Problem("cell-silent", f"the cell at {to} {told}", "See that it runs, and that --to is its address.")
    return UserError(problem, exit_code=exit_code)
