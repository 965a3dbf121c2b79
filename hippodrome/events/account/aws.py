"""Calls to a person's account; what AWS refuses is one line that names the call and the permission."""

import re
from collections.abc import Mapping
from functools import cached_property
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from hippodrome.control.account import identify
from hippodrome.errors import ExitCode, Problem, UserError
from hippodrome.events.account.names import Place

TIMEOUTS = Config(connect_timeout=5, read_timeout=30, retries={"total_max_attempts": 3, "mode": "standard"})
DENIED = re.compile(r"AccessDenied|Unauthorized|AuthorizationError|NotAuthorized")
ABSENT = re.compile(r"ResourceNotFound|NoSuchEntity|NonExistentQueue|QueueDoesNotExist")
PERMISSION = re.compile(r"not authorized to perform: ([\w-]+:\w+)")


class AbsentError(Exception):
    """What a call is about is not there. The text is AWS's."""


class Account:
    """The caller's, in one region. Not for several threads."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self._session = boto3.Session(region_name=place.region)
        self._clients: dict[str, Any] = {}

    @classmethod
    def find(cls, environ: Mapping[str, str]) -> "Account":
        """As boto3 finds it. Raises UserError where there are no credentials, or no region."""
        return cls(place_of(environ))

    def ask(self, service: str, operation: str, **parameters: Any) -> Any:
        """What AWS answers. Raises AbsentError, or UserError for all else."""
        client = self._client(service)
        try:
            return getattr(client, operation)(**parameters)
        except ClientError as error:
            code, said = error.response["Error"]["Code"], error.response["Error"].get("Message", "")
            call = f"{service}:{client.meta.method_to_api_mapping[operation]}"
            if DENIED.search(code):
                raise self._denied(call, said) from error
            if ABSENT.search(code):
                raise AbsentError(said) from error
            raise _failed(call, f"{code}: {said}") from error
        except BotoCoreError as error:
            raise _failed(f"{service}:{client.meta.method_to_api_mapping[operation]}", str(error)) from error

    def _client(self, service: str) -> Any:
        if service not in self._clients:
            self._clients[service] = self._session.client(service, config=TIMEOUTS)
        return self._clients[service]

    def _denied(self, call: str, said: str) -> UserError:
        """The permission that lacks may be another than the call's: of the role that is passed, of a secret."""
        needed = found[1] if (found := PERMISSION.search(said)) else call
        problem = Problem(
            "aws-denied",
            f"AWS denies {call} to {self.place.arn}: the permission {needed} is missing",
            f"Have {needed} granted, or call as somebody who has it (AWS_PROFILE). "
            "docs/events-account.md lists all that is needed.",
        )
        return UserError(problem, exit_code=ExitCode.FAILED)

    @cached_property
    def who(self) -> str:
        return f"account {self.place.account}, region {self.place.region}"


def place_of(environ: Mapping[str, str]) -> Place:
    """Raises UserError."""
    caller = identify(environ)
    if not caller.region:
        what = "events come from one region of the account, and none is configured"
        raise UserError(Problem("no-aws-region", what, "Set AWS_REGION, or `region` in the profile."))
    return Place(caller.account, caller.region, caller.arn)


def _failed(call: str, said: str) -> UserError:
    what = f"{call} failed: {' '.join(said.split())}"
    problem = Problem("aws-failed", what, "Try again; AWS, or the way there, fails.")
    return UserError(problem, exit_code=ExitCode.FAILED)
