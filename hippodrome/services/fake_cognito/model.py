"""Pools, their clients and users, as they are kept."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from hippodrome.services.fake_cognito.shapes import Attribute, ClientSettings, PoolSettings, SchemaAttribute
from hippodrome.services.fake_cognito.srp import Credential, Identity

Status = Literal["UNCONFIRMED", "CONFIRMED", "FORCE_CHANGE_PASSWORD", "RESET_REQUIRED"]
DEFAULT_FLOWS = ("ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_CUSTOM_AUTH")
Purpose = Literal["sign-up", "password"]


@dataclass(frozen=True)
class Pool:
    """`key` is the private one, in PEM; `schema` has the attributes that the pool adds or changes."""

    id: str
    name: str
    settings: PoolSettings
    schema: tuple[SchemaAttribute, ...]
    key: str
    created_at: float

    @property
    def short_id(self) -> str:
        """Without the region: what passwords are hashed with."""
        return self.id.partition("_")[2]


@dataclass(frozen=True)
class Client:
    """An application that signs users in. `secret` is empty where it has none."""

    id: str
    pool: str
    secret: str
    settings: ClientSettings
    created_at: float

    def readable(self, attributes: Mapping[str, str]) -> dict[str, str]:
        """Those that its users see; `sub` always."""
        may_read = self.settings.read_attributes
        return {name: each for name, each in attributes.items() if not may_read or name in (*may_read, "sub")}

    def allows(self, *flows: str) -> bool:
        """Whether any of these is switched on; those of Cognito are where none is."""
        return any(flow in (self.settings.explicit_auth_flows or DEFAULT_FLOWS) for flow in flows)


@dataclass(frozen=True)
class SentCode:
    """A code, and when it is good no more (Unix seconds)."""

    code: str
    expires_at: float


@dataclass(frozen=True)
class User:
    """`sign_ins`: the tokens of which sign-ins are good, by their `origin_jti`, and until when (Unix seconds)."""

    pool: str
    username: str
    attributes: Mapping[str, str]
    status: Status
    created_at: float
    modified_at: float
    credential: Credential | None = None
    password_expires_at: float | None = None
    is_enabled: bool = True
    codes: Mapping[Purpose, SentCode] | None = None
    sign_ins: Mapping[str, float] | None = None

    @property
    def sub(self) -> str:
        return self.attributes["sub"]

    @property
    def identity(self) -> Identity:
        return Identity(self.pool.partition("_")[2], self.username)

    def with_attributes(self, given: Mapping[str, str]) -> "User":
        return replace(self, attributes={**self.attributes, **given}, modified_at=time.time())

    def with_code(self, purpose: Purpose, code: SentCode | None) -> "User":
        """None takes it away."""
        kept = {each: sent for each, sent in (self.codes or {}).items() if each != purpose}
        return replace(self, codes={**kept, purpose: code} if code else kept, modified_at=time.time())


def told(attributes: Mapping[str, str]) -> list[dict[str, str]]:
    """As AWS lists them."""
    return [{"Name": name, "Value": value} for name, value in attributes.items()]


def heard(attributes: tuple[Attribute, ...]) -> dict[str, str]:
    """As AWS lists them; the last of two that are the same wins."""
    return {each.name: each.value for each in attributes}
