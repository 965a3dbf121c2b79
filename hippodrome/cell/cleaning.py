"""What is taken out of an exchange before it is written down: secrets, and what nobody can look for secrets in."""

import json
import re
from base64 import b64decode
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode

import httpx

from hippodrome.cell.exchange import Body
from hippodrome.diagnose.masking import Masker
from hippodrome.secret import MASK, is_secret_name

# Of one connection, not of the message (RFC 9110, 7.6.1); `host` is the cell's own, `expect` was met here.
HOP = frozenset(
    {
        *("connection", "expect", "host", "keep-alive", "proxy-authenticate", "proxy-connection"),
        *("te", "trailer", "transfer-encoding", "upgrade"),
    }
)
# The values of these are written down, of all others that there was one: a header with any name may be a key.
OPEN_HEADERS = frozenset(
    {
        *("accept", "accept-encoding", "allow", "content-encoding", "content-length", "content-type", "date"),
        *("location", "retry-after", "server", "user-agent", "vary"),
        *("x-count-error", "x-count-failure", "x-count-success"),
    }
)
CREDENTIALS = frozenset({"authorization", "proxy_authorization", "cookie", "set_cookie"})
ALL_BELOW = frozenset({"image_download_headers", "media_download_headers", "model_auth"})  # of Marqo's own API
SHORTEST_COOKIE = 12  # characters; shorter ones are choices, such as a language
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_PART = re.compile(r"[^/]+")


class Cleaner:
    """`masker` knows the secrets of the stack; those of requests it comes to know from them."""

    def __init__(self, masker: Masker | None = None) -> None:
        self._masker = masker or Masker([])
        self._seen = set[str]()
        self._of_requests = Masker([])

    def learn(self, headers: Iterable[tuple[str, str]]) -> None:
        """What these carry as credentials is masked from now on wherever it stands, in an echo of the cell too."""
        told = {each for name, value in headers if _is_secret(name) for each in _credentials(name.lower(), value)}
        if told - self._seen:
            self._seen |= told
            self._of_requests = Masker([], named=self._seen)

    def headers(self, headers: Mapping[str, str]) -> dict[str, str]:
        """Names in small letters, without those of the connection."""
        small = {name.lower(): value for name, value in headers.items() if name.lower() not in HOP}
        return {name: self._text(value) if name in OPEN_HEADERS else MASK for name, value in small.items()}

    def path(self, path: str) -> str:
        """With its query, the values of telling names masked."""
        before, mark, query = path.partition("?")
        parts = _PART.sub(lambda part: self._quoted(part[0]), before)
        return parts + mark + (self._pairs(query) if query else "")

    def body(self, raw: bytes, headers: Mapping[str, str]) -> Body | None:
        """As it is written down; None of an empty one. `headers` say how it is compressed, and what it is."""
        if not raw:
            return None
        plain = _decoded(raw, headers.get("content-encoding", ""))
        if isinstance(plain, str):
            return Body("left_out", plain, len(raw))
        try:
            return self._readable(plain.decode(), headers.get("content-type", ""))
        except UnicodeDecodeError:
            return Body("left_out", "it is not text", len(raw))
        except RecursionError:
            return Body("left_out", "it is nested too deep", len(raw))

    def value(self, value: Any) -> Any:
        """A JSON value of the same shape."""
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, dict):
            return {self._text(name): self._below(name, each) for name, each in value.items()}
        return [self.value(each) for each in value] if isinstance(value, list) else value

    def _readable(self, text: str, kind: str) -> Body:
        try:
            return Body("json", self.value(json.loads(text)))
        except ValueError:
            is_form = kind.startswith("application/x-www-form-urlencoded")
            return Body("text", self._pairs(text) if is_form else self._text(text))

    def _below(self, name: str, value: Any) -> Any:
        return blank(value) if _is_secret(name) else self.value(value)

    def _text(self, text: str) -> str:
        return self._of_requests.text(self._masker.text(text))

    def _quoted(self, part: str) -> str:
        """Left alone where there is nothing to mask, so that it is asked again as it was."""
        plain = unquote(part)
        masked = self._text(plain)
        return part if masked == plain else quote(masked, safe="*")

    def _pairs(self, query: str) -> str:
        pairs = parse_qsl(query, keep_blank_values=True)
        masked = [(name, MASK if value and _is_secret(name) else self._text(value)) for name, value in pairs]
        return query if masked == pairs else urlencode(masked, safe="*")


def blank(value: Any) -> Any:
    """The same shape that says nothing."""
    if isinstance(value, dict):
        return {name: blank(each) for name, each in value.items()}
    if isinstance(value, list):
        return [blank(each) for each in value]
    if isinstance(value, str):
        return MASK if value else value
    return value if value is None or isinstance(value, bool) else 0


def _credentials(name: str, value: str) -> Iterator[str]:
    """Of a header: keys, tokens without their scheme, passwords, what cookies hold."""
    if name in ("cookie", "set-cookie"):
        values = (pair.partition("=")[2].strip() for pair in value.split(";"))
        yield from (each for each in values if len(each) >= SHORTEST_COOKIE)
        return
    scheme, _, token = value.partition(" ")
    yield token.strip() or scheme
    if scheme.lower() == "basic":
        with suppress(ValueError):
            yield b64decode(token).decode().partition(":")[2]


def _is_secret(name: str) -> bool:
    """Also as Marqo spells names, `apiKey`."""
    apart = _HUMP.sub("_", name).replace("-", "_")
    return is_secret_name(apart) or apart.lower() in CREDENTIALS | ALL_BELOW


def _decoded(raw: bytes, encoding: str) -> bytes | str:
    """Without compression; else in words why that is not to be had."""
    wanted = {each.strip().lower() for each in encoding.split(",")} - {"", "identity"}
    if unknown := wanted - {"gzip", "deflate"}:
        return f"it is compressed by {', '.join(sorted(unknown))}"
    try:
        return httpx.Response(200, headers={"content-encoding": encoding}, content=raw).content
    except httpx.DecodingError:
        return f"it is not what {encoding} makes"
