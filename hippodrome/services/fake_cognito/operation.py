"""One operation of the API: what it takes, and what it does."""

import base64
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pydantic import ValidationError

from hippodrome.services.fake_cognito.directory import Directory
from hippodrome.services.fake_cognito.errors import CognitoError, invalid
from hippodrome.services.fake_cognito.shapes import Shape

Answer = dict[str, Any]
Asked = TypeVar("Asked", bound=Shape)


@dataclass(frozen=True)
class Operation(Generic[Asked]):
    """`run` reads and writes within one change of the store."""

    shape: type[Asked]
    run: Callable[[Directory, Asked], Answer]

    def answer(self, directory: Directory, body: bytes) -> Answer:
        """Raises CognitoError."""
        asked = self._read(body)
        with directory.store.change():
            return self.run(directory, asked)

    def _read(self, body: bytes) -> Asked:
        try:
            return self.shape.model_validate_json(body)
        except ValidationError as error:
            raise _refusal(error) from error


def _refusal(error: ValidationError) -> CognitoError:
    """In AWS's words, with the member that is wrong."""
    first = error.errors()[0]
    if not first["loc"]:
        return CognitoError(
            "SerializationException", f"The body is no JSON object of this operation: {first['msg']}."
        )
    where = ".".join(str(part)[:1].lower() + str(part)[1:] for part in first["loc"])
    told = f"Value at '{where}' failed to satisfy constraint: {first['msg']}"
    return invalid(f"{error.error_count()} validation error detected: {told}")


def next_token(place: str) -> str:
    """From where a list goes on."""
    return base64.urlsafe_b64encode(place.encode()).decode()


def place_of(token: str) -> str:
    """Raises InvalidParameterException for one that was not given here."""
    try:
        return base64.b64decode(token, altchars=b"-_", validate=True).decode()
    except ValueError as error:
        raise invalid("Invalid pagination token given.") from error
