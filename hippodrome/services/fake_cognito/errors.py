"""Errors as Cognito answers them: a name in `__type`, from which SDKs make an exception, and a message."""


class CognitoError(Exception):
    """`kind` is the exception's name at AWS: `UserNotFoundException`."""

    def __init__(self, kind: str, message: str, *, status: int = 400) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.status = status


def not_authorized(message: str = "Incorrect username or password.") -> CognitoError:
    """The words are AWS's; applications compare them."""
    return CognitoError("NotAuthorizedException", message)


def wrong_code() -> CognitoError:
    return CognitoError("CodeMismatchException", "Invalid verification code provided, please try again.")


def expired_code() -> CognitoError:
    """Also for one that was never sent."""
    return CognitoError("ExpiredCodeException", "Invalid code provided, please request a code again.")


def invalid(message: str) -> CognitoError:
    """A parameter that has the right type and still cannot be."""
    return CognitoError("InvalidParameterException", message)
