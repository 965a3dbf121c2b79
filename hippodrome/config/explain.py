"""Where a value comes from."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, is_dataclass, replace
from typing import Any

from hippodrome.config.model import Config, Link
from hippodrome.config.reader import Tagged
from hippodrome.errors import ExitCode, Problem, UserError, nearest
from hippodrome.secret import shown

VARIABLES = frozenset({"environment", "gives", "only_if"})


@dataclass(frozen=True)
class Explanation:
    """A final value and the layers that set it, the lowest first; `inner` are those of the values inside it."""

    path: str
    value: Any
    chain: tuple[Link, ...]
    inner: tuple[tuple[str, tuple[Link, ...]], ...] = ()

    @property
    def lines(self) -> list[str]:
        """As a person reads it."""
        found = [f"{self.path} = {_shown(self.value)}"]
        found += _links(self.chain) if self.chain or self.inner else ["    (default)"]
        for path, chain in self.inner:
            found += [f"{path} = {_shown(chain[-1].value)}", *_links(chain)]
        return found


def explain(config: Config, path: str) -> Explanation:
    """Of `SERVICE` or `SERVICE.field`, or any dotted path. Raises UserError for what is not there."""
    services = config.settings.services
    full = path if path.split(".")[0] in {"services", "profiles", "cells"} else f"services.{path}"
    full = path if path in _top(config) else full
    value, rest = _found(config.settings, full)
    if rest:
        name, known = full.removeprefix("services."), _members(value)
        hint = nearest(rest.partition(".")[0], known or services)
        problem = Problem("unknown-path", f"there is no `{name}` in the configuration", hint)
        raise UserError(problem, exit_code=ExitCode.USAGE)
    inside = sorted(at for at in config.origins if at.startswith(f"{full}."))
    leaves = [at for at in inside if not any(other.startswith(f"{at}.") for other in inside)]
    inner = tuple((at, _unmarked(config.origins[at], at)) for at in leaves)
    return Explanation(full, _hidden(_told(value), full), _unmarked(config.origins.get(full, ()), full), inner)


def _found(value: Any, path: str) -> tuple[Any, str]:
    """The value as far down as the path goes, and what is left of it. A key may have dots of its own."""
    known = _members(value)
    heads = [path[:end] for end in (len(path), *(dot for dot, each in enumerate(path) if each == "."))]
    key = next((head for head in heads if head in known), None)
    return (value, path) if not path or key is None else _found(known[key], path[len(key) + 1 :])


def _top(config: Config) -> set[str]:
    return set(_members(config.settings)) - {"services", "profiles", "cells"}


def _members(value: Any) -> Mapping[str, Any]:
    if is_dataclass(value):
        return vars(value)
    if isinstance(value, tuple):
        return {str(index): each for index, each in enumerate(value)}
    return value if isinstance(value, Mapping) else {}


def _told(value: Any) -> Any:
    if isinstance(value, Tagged):
        return _told(value.value)
    if is_dataclass(value) and not isinstance(value, type):
        return {name: _told(each) for name, each in vars(value).items()}
    if isinstance(value, Mapping):
        return {name: _told(each) for name, each in value.items()}
    return [_told(each) for each in value] if isinstance(value, tuple) else value


def _unmarked(chain: tuple[Link, ...], path: str) -> tuple[Link, ...]:
    return tuple(replace(link, value=_hidden(_plain(link.value), path)) for link in chain)


def _hidden(value: Any, path: str) -> Any:
    """Without the values of variables whose name says that they are secrets; where one is had from may be seen."""
    if isinstance(value, Mapping):
        return {name: _hidden(each, f"{path}.{name}") for name, each in value.items()}
    above, _, name = path.rpartition(".")
    if isinstance(value, str) and above.rpartition(".")[2] in VARIABLES and not value.startswith("${"):
        return shown(name, value)
    return value


def _plain(value: Any) -> Any:
    """Without the marks for merging."""
    if isinstance(value, Tagged):
        return _plain(value.value)
    if isinstance(value, Mapping):
        return {name: _plain(each) for name, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, list) else value


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def _links(chain: tuple[Link, ...]) -> Iterator[str]:
    for number, link in enumerate(chain):
        was = "" if number == len(chain) - 1 else f" = {_shown(link.value)} (overridden)"
        yield f"    {link.place} ({link.layer}){was}"
