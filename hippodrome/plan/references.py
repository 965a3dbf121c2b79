"""The grammar of `${…}`: a name, perhaps a default after `:-`, which may hold references itself; `$$` is a dollar."""

import re
from collections.abc import Callable
from dataclasses import dataclass

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*\Z")


@dataclass(frozen=True)
class Missing:
    """Why a reference has no value, and what to do about it. A default stands in for what `may_be` there."""

    code: str
    what: str
    hint: str
    may_be: bool = True


Lookup = Callable[[str], str | Missing]
Report = Callable[[Missing], None]


def expand(text: str, lookup: Lookup, report: Report) -> str:
    """`text` with every reference replaced. What has neither value nor default is reported, and becomes empty."""
    if "$" not in text:
        return text
    parts: list[str] = []
    at = 0
    while (dollar := text.find("$", at)) >= 0:
        parts.append(text[at:dollar])
        following = text[dollar + 1 : dollar + 2]
        if following == "{":
            end = _closing(text, dollar + 2)
            if end < 0:
                report(
                    Missing("bad-reference", f"`{text[dollar:]}` has no closing brace", "For a dollar write `$$`.")
                )
                return "".join(parts)
            parts.append(_value(text[dollar + 2 : end], lookup, report))
            at = end + 1
        else:  # a lone dollar stays: regular expressions end in one
            parts.append("$")
            at = dollar + (2 if following == "$" else 1)
    return "".join((*parts, text[at:]))


def _closing(text: str, start: int) -> int:
    """Where the reference that was opened before `start` ends; -1 where it does not."""
    depth = 1
    for match in re.compile(r"\$\{|\}").finditer(text, start):
        depth += 1 if match[0] == "${" else -1
        if depth == 0:
            return match.start()
    return -1


def _value(body: str, lookup: Lookup, report: Report) -> str:
    name, has_default, default = body.partition(":-")
    if not _NAME.match(name):
        report(Missing("bad-reference", f"`${{{body}}}` is no reference", "Write `${NAME}` or `${NAME:-default}`."))
        return ""
    found = lookup(name)
    is_empty = found.may_be if isinstance(found, Missing) else not found
    if has_default and is_empty:
        return expand(default, lookup, report)
    if isinstance(found, Missing):
        report(found)
        return ""
    return found
