"""Text from which secrets are taken: values that are known, what well-known names have, and what looks like one."""

import json
import re
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote, quote_plus, unquote

from hippodrome.secret import MASK, is_secret_name

SHORTEST_SECRET = 4  # characters of a declared secret that is looked for everywhere; what is shorter is no secret
SHORTEST_NAMED = 6  # of a value that only its name makes one
OPEN = frozenset({"testing", "postgres", "password", "localhost", "hippodrome", "anonymous", "disabled", "enabled"})
OURS = frozenset({"key"})  # fields of plans and events that sound like a secret and are none

_WORDS = (
    r"passw(?:or)?d|passphrase|secret|token|credentials?|(?:api|access|private|signing|encryption|master)[_-]?key"
)
_VALUE = r"[^\s\"',;&{}\[\]()]+"
_URL_PASSWORD = re.compile(
    r"(?P<before>[a-z][a-z0-9+.-]*://[^\s/:@\"']*:)(?!\d{1,5}/)(?P<value>[^\s@\"']+)(?=@)", re.IGNORECASE
)
PATTERNS: tuple[re.Pattern[str], ...] = (
    _URL_PASSWORD,
    re.compile(r"(?P<before>://)(?P<value>[^\s/:@\"']{16,})(?=@)"),
    re.compile(
        r"(?P<before>-----BEGIN [A-Z ]*PRIVATE KEY-----)(?P<value>.*?)(?=-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.S
    ),
    re.compile(rf"(?P<before>\b(?:Bearer|Basic)\s+)(?P<value>{_VALUE})", re.IGNORECASE),
    re.compile(
        rf"(?P<before>(?:{_WORDS}|authorization|cookie)[\w-]*[\"']?\s*[=:]\s*[\"']?)"
        rf"(?!(?:Bearer|Basic)\s)(?P<value>{_VALUE})",
        re.IGNORECASE,
    ),
    re.compile(r"(?P<before>)(?P<value>\b(?:AKIA|ASIA)[0-9A-Z]{16}\b)"),
    re.compile(r"(?P<before>)(?P<value>\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*)"),  # JSON Web Tokens
    re.compile(r"(?P<before>)(?P<value>\b(?:gh[oprsu]_|github_pat_|glpat-|npm_|pypi-|hf_|xox[abeoprs]-)[\w-]{10,})"),
    re.compile(r"(?P<before>)(?P<value>\b(?:[prs]k_(?:live|test)_|sk-|AIza|whsec_)[\w-]{16,})"),
)


def url_passwords(text: str) -> Iterator[str]:
    """As they stand, and as they are meant."""
    for found in _URL_PASSWORD.finditer(text):
        yield found["value"]
        yield unquote(found["value"])


def flag_values(argv: Sequence[str]) -> Iterator[str]:
    """What a command is told by flags of telling names."""
    for word, after in zip(argv, (*argv[1:], ""), strict=True):
        flag, _, attached = word.partition("=")
        if flag.startswith("-") and is_secret_name(flag):
            yield attached or after


class Masker:
    """Takes secrets out of text. `secrets` are declared ones, `named` what other names make one."""

    def __init__(self, secrets: Iterable[str], named: Iterable[str] = (), shown: Iterable[str] = ()) -> None:
        open_words = {*OPEN, *shown}
        known = {each for each in secrets if len(each) >= SHORTEST_SECRET}
        known |= {each for each in named if len(each) >= SHORTEST_NAMED and each.lower() not in open_words}
        spelled = sorted({form for each in known for form in _spellings(each)}, key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, spelled))) if spelled else None

    def text(self, text: str) -> str:
        """The same without any secret."""
        masked = self._known.sub(MASK, text) if self._known else text
        for pattern in PATTERNS:
            masked = pattern.sub(lambda found: found["before"] + MASK, masked)
        return masked

    def value(self, value: Any) -> Any:
        """The same of a JSON value, wherever in it."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return {self.text(str(key)): self._below(str(key), each) for key, each in value.items()}
        if isinstance(value, list | tuple):
            return [self._after(value[index - 1] if index else "", each) for index, each in enumerate(value)]
        return value

    def _below(self, key: str, value: Any) -> Any:
        is_told = is_secret_name(key) and key not in OURS
        return MASK if isinstance(value, str) and value and is_told else self.value(value)

    def _after(self, before: Any, value: Any) -> Any:
        """A flag's value is the next word of a command."""
        is_flag = isinstance(before, str) and before.startswith("-") and "=" not in before
        return MASK if is_flag and isinstance(value, str) and is_secret_name(before) else self.value(value)


def _spellings(secret: str) -> Iterator[str]:
    """As it stands in text, URLs, JSON, Python and headers."""
    yield secret
    yield from (quote(secret, safe=""), quote(secret), quote_plus(secret))
    yield from (json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1], repr(secret)[1:-1])
    for form in (b64encode(secret.encode()), urlsafe_b64encode(secret.encode())):
        yield form.decode().rstrip("=")
    yield from (line for line in secret.splitlines() if len(line) >= 2 * SHORTEST_SECRET)
