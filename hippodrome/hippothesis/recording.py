"""A shop whose every step is written down, as a script that does the same again."""

import json
import shlex
from dataclasses import dataclass, field
from typing import Any

from hippodrome.shop.client import Shop


@dataclass
class Recorder:
    """The steps since the last `begin`, as lines of a shell script."""

    lines: list[str] = field(default_factory=list)

    def begin(self, what: str) -> None:
        self.lines[:] = [f"# {what}"]

    def note(self, text: str) -> None:
        self.lines.append(f"# {text}")

    def step(self, method: str, url: str, headers: dict[str, str], body: Any) -> None:
        told = "".join(f" -H {shlex.quote(f'{name}: {value}')}" for name, value in headers.items())
        sent = f" -H 'Content-Type: application/json' -d {shlex.quote(json.dumps(body))}" if body is not None else ""
        self.lines.append(f"curl -sS -X {method} {shlex.quote(url)}{told}{sent}; echo")

    @property
    def script(self) -> str:
        return "\n".join(["#!/bin/sh", *self.lines]) + "\n"


@dataclass(frozen=True)
class RecordedShop(Shop):
    """Does what a Shop does; all but the questions how far a job is are in the script."""

    recorder: Recorder = field(default_factory=Recorder)

    def _ask(self, method: str, url: str, **more: Any) -> Any:
        if "/jobs/" not in url:
            self.recorder.step(method, url, {"x-api-key": self.key}, more.get("json"))
        return super()._ask(method, url, **more)
