"""What the server answers with where it fails itself: a status of 500, and where to tell of it."""

from typing import Any

from hippodrome.services.common.errors import ApiError

ISSUES = "https://github.com/marqo-ai/marqo/issues"
TELL = f"Please create an issue on Marqo's GitHub repo ({ISSUES}) if this problem persists."


def internal(message: str, status: int = 500, code: str = "internal", kind: str = "internal") -> ApiError:
    """A fault that the server has a name for."""
    return ApiError(status, code, f"{message}\n{TELL}", kind=kind)


class UnforeseenError(ApiError):
    """One that it has no name for: neither code nor type."""

    def __init__(self, message: str) -> None:
        super().__init__(500, "", f"{message}\n{TELL}", kind="")

    @property
    def body(self) -> dict[str, Any]:
        return {"message": self.message, "code": None, "type": None, "link": ""}
