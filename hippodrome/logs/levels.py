"""The level of a line, as the usual loggers write it: JSON, logfmt, Python, Node, uvicorn, Django, supervisord."""

import re
from typing import Literal, get_args

Level = Literal["debug", "info", "warning", "error"]
LEVELS: tuple[Level, ...] = get_args(Level)

_WORDS: dict[str, Level] = {
    **dict.fromkeys(("trace", "trac", "blat", "verbose", "debug", "debg", "silly", "10", "20"), "debug"),
    **dict.fromkeys(("info", "information", "notice", "log", "30"), "info"),
    **dict.fromkeys(("warn", "warning", "40"), "warning"),
    **dict.fromkeys(("err", "erro", "error", "crit", "critical", "fatal", "panic", "alert", "emerg"), "error"),
    **dict.fromkeys(("50", "60"), "error"),  # pino's and bunyan's numbers
}
_HEAD = 100  # characters in which a plain line says its level

_ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")
_JSON = re.compile(r'"(?:level|levelname|log\.level|severity|lvl)"\s*:\s*"?(\w+)')
_LOGFMT = re.compile(r'(?:^|\s)(?:level|lvl|severity)="?(\w+)', re.IGNORECASE)
_UPPER = re.compile(
    r"(?<![\w./=-])(TRACE|TRAC|DEBUG|DEBG|INFO|NOTICE|WARN|WARNING|ERRO?R?|CRIT|CRITICAL|FATAL)(?![\w./=-])"
)
_LOWER = re.compile(r"[\[(<](trace|debug|info|notice|warn|warning|error|crit|critical|fatal)[\])>]", re.IGNORECASE)
_LABEL = re.compile(r"^(?:npm )?(trace|debug|info|notice|warn|warning|err|error|fatal)(?:!|:|\s)", re.IGNORECASE)
_NODE_WARNING = re.compile(r"^\(node:\d+\) (?:\[\w+\] )?\w*Warning: ")
_RAISED = re.compile(
    r"^(?:Traceback \(most recent call last\)|Uncaught |[\w.]*(?:Error|Exception)(?:: | \[|$)"
    r"|(?:[a-z_]\w*\.)+[A-Z]\w+: )"  # an exception that is not called one: shop.cells.CellDown: …
)
_ANSWERED = re.compile(r'"[A-Z]+ \S+ HTTP/[\d.]+" (\d)\d\d\b')
_CONTINUES = re.compile(r"^(?:\s|\}|\]$)")


def plain(text: str) -> str:
    """Without the colours and other signs for a terminal."""
    return _ANSI.sub("", text) if "\x1b" in text else text


def level_of(text: str) -> Level | None:
    """Of a plain line; None when it says none."""
    if text.startswith("{"):
        return _named(_JSON.search(text))
    head = text[:_HEAD]
    if found := _UPPER.search(head) or _LOGFMT.search(text) or _LOWER.search(head) or _LABEL.search(head):
        return _named(found)
    if _RAISED.match(head):
        return "error"
    if _NODE_WARNING.match(head):
        return "warning"
    return _of_answer(_ANSWERED.search(text))


def is_at_least(level: Level | None, lowest: Level | None) -> bool:
    """Whether a line of `level` is shown from `lowest` on; one that says none counts as info."""
    return lowest is None or LEVELS.index(level or "info") >= LEVELS.index(lowest)


def continues(text: str) -> bool:
    """Whether a plain line belongs to the one before it: a traceback's frames, indented JSON."""
    return bool(_CONTINUES.match(text))


def _named(found: re.Match[str] | None) -> Level | None:
    return _WORDS.get(found[1].lower()) if found else None


def _of_answer(found: re.Match[str] | None) -> Level | None:
    """Django's development server writes the status and no level."""
    return {"5": "error", "4": "warning"}.get(found[1], "info") if found else None  # type: ignore[return-value]
