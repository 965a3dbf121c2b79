"""Errors in Marqo's form: message, code, type, link."""

from django.http import HttpRequest, JsonResponse


class ApiError(Exception):
    """Answered as it stands. `body` replaces the usual one, for what the cell said."""

    def __init__(self, status: int, code: str, message: str, *, kind: str = "invalid_request", body=None) -> None:
        super().__init__(message)
        self.status = status
        self.body = body or {"message": message, "code": code, "type": kind, "link": None}

    def response(self) -> JsonResponse:
        """The HTTP answer."""
        return JsonResponse(self.body, status=self.status)


def not_found(request: HttpRequest, exception: Exception) -> JsonResponse:
    """Any path that no route has."""
    message = f"There is nothing at {request.path}."
    if request.path.startswith("/indexes"):  # where the published client asks a data plane
        url = f"{request.scheme}://{request.get_host()}"
        message += f" A client that is to take this for Marqo Cloud needs MARQO_CLOUD_URL={url} set too."
    return ApiError(404, "not_found", message).response()


def bad_request(_request: HttpRequest, exception: Exception) -> JsonResponse:
    """What Django itself refuses, such as a foreign Host."""
    return ApiError(400, "bad_request", f"The request is refused: {type(exception).__name__}.").response()


def internal(_request: HttpRequest) -> JsonResponse:
    """A fault of ours; the log has its traceback."""
    message = "The controller has a fault; its log says more."
    return ApiError(500, "internal", message, kind="internal").response()
