"""User pools as the AWS SDK speaks to them."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.services.conftest import Service, services_in

NUMBERS = itertools.count()
POOL, CLIENT = "us-east-1_local", "local-client"
SEEDED, SEEDED_PASSWORD = "local@example.com", "Local-Passw0rd!"
PASSWORD = "Right-Passw0rd!"


@dataclass(frozen=True)
class Cognito:
    """The service, the SDK's client of it, and the application in whose name it signs in."""

    service: Service
    api: Any
    pool: str = POOL
    client: str = CLIENT

    @property
    def issuer(self) -> str:
        return f"http://localhost:{self.service.program.port}/{self.pool}"

    def sign_in(self, username: str, password: str = PASSWORD, flow: str = "USER_PASSWORD_AUTH") -> dict[str, Any]:
        """With a password, in plain."""
        told: dict[str, Any] = self.api.initiate_auth(
            ClientId=self.client, AuthFlow=flow, AuthParameters={"USERNAME": username, "PASSWORD": password}
        )
        return told

    def tokens(self, username: str, password: str = PASSWORD) -> dict[str, Any]:
        found: dict[str, Any] = self.sign_in(username, password)["AuthenticationResult"]
        return found

    def refresh(self, token: str, **more: str) -> dict[str, Any]:
        asked = {"REFRESH_TOKEN": token, **more}
        told: dict[str, Any] = self.api.initiate_auth(
            ClientId=self.client, AuthFlow="REFRESH_TOKEN_AUTH", AuthParameters=asked
        )
        return told

    def user(self, name: str = "", **attributes: str) -> str:
        """The name of a new one, who has `PASSWORD`."""
        name = name or f"user{next(NUMBERS)}@example.com"
        self.api.admin_create_user(
            UserPoolId=self.pool, Username=name, MessageAction="SUPPRESS", UserAttributes=listed(**attributes)
        )
        self.api.admin_set_user_password(UserPoolId=self.pool, Username=name, Password=PASSWORD, Permanent=True)
        return name

    def get(self, username: str) -> dict[str, Any]:
        told: dict[str, Any] = self.api.admin_get_user(UserPoolId=self.pool, Username=username)
        return told

    def message(self, username: str) -> dict[str, str]:
        """What was sent to them last."""
        messages: list[dict[str, str]] = self.service.ask("GET", "/__fake/messages").json()["messages"]
        return next(each for each in reversed(messages) if each["username"] == username)

    def with_pool(self, client: dict[str, Any] | None = None, **settings: Any) -> "Cognito":
        """Of a new pool with a new client."""
        pool = self.api.create_user_pool(PoolName="made", **settings)["UserPool"]["Id"]
        made = self.api.create_user_pool_client(UserPoolId=pool, **{"ClientName": "made", **FLOWS, **(client or {})})
        return Cognito(self.service, self.api, pool, made["UserPoolClient"]["ClientId"])


FLOWS = {"ExplicitAuthFlows": [f"ALLOW_{each}_AUTH" for each in ("USER_PASSWORD", "USER_SRP", "REFRESH_TOKEN")]}


def cognito_of(service: Service) -> Cognito:
    keys = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing", "region_name": "us-east-1"}
    config = Config(retries={"max_attempts": 0})
    return Cognito(service, boto3.client("cognito-idp", endpoint_url=service.url, config=config, **keys))


@pytest.fixture(scope="session")
def cognito(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cognito]:
    """Shared: each test has users or pools of its own."""
    with services_in(tmp_path_factory.mktemp("cognito"), "fake_cognito") as found:
        yield cognito_of(found["fake_cognito"].start())


def listed(**attributes: str) -> list[dict[str, str]]:
    """`custom_x` is `custom:x`."""
    return [{"Name": name.replace("custom_", "custom:"), "Value": value} for name, value in attributes.items()]


def refused(cognito: Cognito, operation: str, *, because: str = "", **asked: Any) -> str:
    """The name of the SDK's exception, which AWS declares for this operation; the message is to say `because`."""
    with pytest.raises(ClientError) as raised:
        getattr(cognito.api, operation)(**asked)
    assert because in raised.value.response["Error"]["Message"]
    return type(raised.value).__name__
