"""Asking another service: the request's id and trace go along, and what fails is said by name."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import httpx

from hippodrome.services.common.errors import ApiError
from hippodrome.services.common.passing import passed_on

LOOPBACK = {"localhost", "127.0.0.1", "::1"}


class Upstream:
    """Another service, by its name and URL. Thread-safe; one for the life of the process."""

    def __init__(self, name: str, url: str, *, timeout_s: float = 10.0, key: str = "") -> None:
        self.name, self.url = name, url
        known = {"x-api-key": key} if key else {}
        self._client = httpx.Client(base_url=url, timeout=timeout_s, headers=known, trust_env=_may_need_proxy(url))

    @classmethod
    def cell(cls, *, timeout_s: float) -> "Upstream":
        """The data plane at CELL_URL, with CELL_API_KEY where it asks for one."""
        url = os.environ.get("CELL_URL", "http://localhost:9001")
        return cls("the cell", url, timeout_s=timeout_s, key=os.environ.get("CELL_API_KEY", ""))

    def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        """The answer, whatever its status. `more` is for httpx: json, content, params, headers.

        Raises ApiError: 503 where nobody answers, 504 where the answer is late.
        """
        with said_by_name(self.name, self.url):
            return self._client.request(method, path, **{**more, "headers": {**headers(), **more.get("headers", {})}})

    def close(self) -> None:
        self._client.close()


def async_client(url: str, *, timeout_s: float) -> httpx.AsyncClient:
    """For services that answer many at once; use with `headers` and `said_by_name`."""
    return httpx.AsyncClient(base_url=url, timeout=timeout_s, trust_env=_may_need_proxy(url))


def headers() -> dict[str, str]:
    """X-Request-Id and traceparent of the request that is being answered; nothing outside of one."""
    return passed_on.get({})


@contextmanager
def said_by_name(name: str, url: str) -> Iterator[None]:
    """Turns httpx's errors into ApiError 503 or 504."""
    try:
        yield
    except httpx.TimeoutException as error:
        raise ApiError(504, "upstream_timeout", f"{name} at {url} took too long.", kind="timeout") from error
    except httpx.TransportError as error:
        message = f"{name} at {url} does not answer: {str(error) or type(error).__name__}. `hd ps {name}` says why."
        raise ApiError(503, "upstream_unavailable", message, kind="unavailable") from error


def passed(response: httpx.Response) -> Any:
    """The JSON of a good answer. Raises ApiError with what the other service said of a bad one."""
    if response.is_success:
        return response.json()
    try:
        told = response.json()
        code, message = told["code"], told["message"]
    except (ValueError, KeyError, TypeError):
        code, message = "upstream_error", f"{response.request.url} answered {response.status_code}."
    status = response.status_code if response.is_client_error else 502
    raise ApiError(status, str(code), str(message))


def _may_need_proxy(url: str) -> bool:
    """Services on this machine are never behind the company's proxy; a deployed cell may be."""
    return urlsplit(url).hostname not in LOOPBACK
