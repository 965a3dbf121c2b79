"""The cell, as the control plane uses it: its errors are passed on as they are."""

import contextlib
import re
from typing import Any

import requests
from django.conf import settings

from .errors import ApiError

TRACE = re.compile(r"[0-9a-f-]{1,100}")


class Cell:
    """Speaks to the data plane on behalf of one request."""

    def __init__(self, request) -> None:
        self._headers = {"X-Request-Id": request.request_id}
        if settings.CELL_API_KEY:
            self._headers["x-api-key"] = settings.CELL_API_KEY
        self._is_counting = True
        if TRACE.fullmatch(trace := request.headers.get("traceparent", "")):
            self._headers["traceparent"] = trace

    def has(self, name: str) -> bool:
        """Raises ApiError when the cell does not say."""
        try:
            self.settings(name)
        except ApiError as error:
            if error.status != 404:
                raise
            return False
        return True

    def create(self, name: str, body: dict[str, Any]) -> None:
        """Raises ApiError with what the cell says, or that it failed; what it may have made then is removed."""
        try:
            self._ask("POST", f"/indexes/{name}", json=body)
        except ApiError as error:
            if error.status >= 500:
                with contextlib.suppress(ApiError):
                    self.delete(name)
            raise

    def delete(self, name: str) -> None:
        """One that the cell does not have is deleted already."""
        try:
            self._ask("DELETE", f"/indexes/{name}")
        except ApiError as error:
            if error.status != 404:
                raise

    def settings(self, name: str) -> Any:
        return self._ask("GET", f"/indexes/{name}/settings")

    def stats(self, name: str) -> Any:
        return self._ask("GET", f"/indexes/{name}/stats")

    def count(self, name: str) -> str | None:
        """How many documents it has; None when the cell does not say, which is asked no more then."""
        if not self._is_counting:
            return None
        try:
            stats = self._ask("GET", f"/indexes/{name}/stats", timeout=settings.COUNT_TIMEOUT_S)
            return str(stats["numberOfDocuments"])
        except (ApiError, KeyError, TypeError) as error:
            self._is_counting = isinstance(error, ApiError) and error.status == 404
            return None

    def _ask(self, method: str, path: str, **more: Any) -> Any:
        url, timeout = f"{settings.CELL_URL}{path}", more.pop("timeout", settings.CELL_TIMEOUT_S)
        try:
            answer = requests.request(method, url, headers=self._headers, timeout=timeout, **more)
        except requests.Timeout as error:
            message = f"The cell at {settings.CELL_URL} did not answer within {timeout:g} s."
            raise ApiError(504, "cell_timeout", message, kind="internal") from error
        except requests.RequestException as error:
            message = f"The cell at {settings.CELL_URL} does not answer. Nothing was changed; try again."
            raise ApiError(502, "cell_unreachable", message, kind="internal") from error
        return self._read(answer)

    def _read(self, answer: requests.Response) -> Any:
        try:
            body = answer.json()
        except ValueError:
            body = None
        if answer.ok and body is not None:
            return body
        if answer.status_code < 500 and isinstance(body, dict) and "code" in body:
            raise ApiError(answer.status_code, "", "", body=body)
        said = body.get("message", "") if isinstance(body, dict) else answer.text[:200]
        message = f"The cell failed with HTTP {answer.status_code}: {said} Nothing was changed."
        raise ApiError(502, "cell_failed", message, kind="internal")
