"""What is answered while AWS is away: that it is, and no fault of the caller's or of this service."""

from botocore.exceptions import ClientError
from starlette.requests import Request
from starlette.responses import Response

from hippodrome.services.common.errors import ApiError, answer_api_error


def answer_unreachable(request: Request, error: Exception) -> Response:
    """For errors of boto3 that come without an answer of AWS."""
    message = f"AWS does not answer: {error} `hd ps moto` says why, where the stack has its own."
    return answer_api_error(request, ApiError(503, "aws_unavailable", message, kind="unavailable"))


def answer_for_aws(request: Request, error: Exception) -> Response:
    """An answer of AWS that it cannot serve now. Raises any other one again, for it is a fault of ours."""
    assert isinstance(error, ClientError)
    if error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0) < 500:
        raise error
    return answer_unreachable(request, error)
