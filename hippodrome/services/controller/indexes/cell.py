"""The cell, as the control plane uses it: its errors are passed on as they are."""

from typing import Any

import requests
from django.conf import settings

from .errors import ApiError

FORWARDED = ("X-Request-Id", "traceparent")


class Cell:
    """Speaks to the data plane on behalf of one request."""

    def __init__(self, request) -> None:
        self._headers = {name: value for name in FORWARDED if (value := request.headers.get(name))}
        self._headers["X-Request-Id"] = request.request_id

    def create(self, name: str, body: dict[str, Any]) -> None:
        """Raises ApiError with what the cell says, or that it does not answer."""
        self._ask("POST", f"/indexes/{name}", json=body)

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

    def _ask(self, method: str, path: str, **more: Any) -> Any:
        url = f"{settings.CELL_URL}{path}"
        try:
            answer = requests.request(method, url, headers=self._headers, timeout=settings.CELL_TIMEOUT_S, **more)
        except requests.Timeout as error:
            message = f"The cell at {settings.CELL_URL} did not answer within {settings.CELL_TIMEOUT_S} s."
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
        if answer.status_code < 500 and isinstance(body, dict):
            raise ApiError(answer.status_code, "", "", body=body)
        said = body.get("message", "") if isinstance(body, dict) else answer.text[:200]
        message = f"The cell failed with HTTP {answer.status_code}: {said} Nothing was changed."
        raise ApiError(502, "cell_failed", message, kind="internal")
