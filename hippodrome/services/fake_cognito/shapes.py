"""Requests and settings as AWS spells them, checked by their types."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_pascal


class Shape(BaseModel):
    """A JSON object in PascalCase. Members that are not known are passed over, as AWS does."""

    model_config = ConfigDict(
        alias_generator=to_pascal, populate_by_name=True, strict=True, frozen=True, allow_inf_nan=False
    )


PoolId = Annotated[str, Field(max_length=55, pattern=r"^[\w-]+_[0-9a-zA-Z]+$")]
ClientId = Annotated[str, Field(min_length=1, max_length=128, pattern=r"^[\w+-]+$")]
Username = Annotated[str, Field(min_length=1, max_length=128, pattern=r"^[\p{L}\p{M}\p{S}\p{N}\p{P}]+$")]
Password = Annotated[str, Field(min_length=1, max_length=256, pattern=r"^[\S]+.*[\S]+$|^\S$")]
Token = Annotated[str, Field(max_length=8192)]
Code = Annotated[str, Field(min_length=1, max_length=2048)]
Texts = dict[str, str]


class Attribute(Shape):
    """Of a user."""

    name: Annotated[str, Field(min_length=1, max_length=32)]
    value: Annotated[str, Field(max_length=2048)] = ""


Attributes = tuple[Attribute, ...]


class PasswordPolicy(Shape):
    """As Cognito has it where nothing is said."""

    minimum_length: Annotated[int, Field(ge=6, le=99)] = 8
    require_uppercase: bool = True
    require_lowercase: bool = True
    require_numbers: bool = True
    require_symbols: bool = True
    temporary_password_validity_days: Annotated[int, Field(ge=0, le=365)] = 7


class Policies(Shape):
    password_policy: PasswordPolicy = PasswordPolicy()


class SchemaAttribute(Shape):
    """One that a pool adds, or whose rules it changes; `custom:` before the name of one that it adds."""

    name: Annotated[str, Field(min_length=1, max_length=20)]
    attribute_data_type: Literal["String", "Number", "DateTime", "Boolean"] = "String"
    mutable: bool = True
    required: bool = False


class UsernameConfiguration(Shape):
    case_sensitive: bool


class AdminCreateUserConfig(Shape):
    allow_admin_create_user_only: bool = False


class PoolSettings(Shape):
    """What a pool is made with."""

    policies: Policies = Policies()
    auto_verified_attributes: tuple[Literal["email", "phone_number"], ...] = ()
    alias_attributes: tuple[Literal["email", "phone_number", "preferred_username"], ...] = ()
    username_attributes: tuple[Literal["email", "phone_number"], ...] = ()
    username_configuration: UsernameConfiguration = UsernameConfiguration(case_sensitive=True)
    admin_create_user_config: AdminCreateUserConfig = AdminCreateUserConfig()
    mfa_configuration: Literal["OFF"] = "OFF"
    user_pool_tags: Texts = Field(default_factory=dict)


Unit = Literal["seconds", "minutes", "hours", "days"]
Flow = Literal[
    "ALLOW_ADMIN_USER_PASSWORD_AUTH",
    "ALLOW_CUSTOM_AUTH",
    "ALLOW_REFRESH_TOKEN_AUTH",
    "ALLOW_USER_AUTH",
    "ALLOW_USER_PASSWORD_AUTH",
    "ALLOW_USER_SRP_AUTH",
    "ADMIN_NO_SRP_AUTH",
    "CUSTOM_AUTH_FLOW_ONLY",
    "USER_PASSWORD_AUTH",
]


class TokenValidityUnits(Shape):
    access_token: Unit = "hours"
    id_token: Unit = "hours"
    refresh_token: Unit = "days"


class ClientSettings(Shape):
    """What a client of a pool is made with. No validity, or 0, means Cognito's own."""

    client_name: Annotated[str, Field(min_length=1, max_length=128)]
    explicit_auth_flows: tuple[Flow, ...] = ()
    access_token_validity: Annotated[int, Field(ge=0, le=86400)] = 0
    id_token_validity: Annotated[int, Field(ge=0, le=86400)] = 0
    refresh_token_validity: Annotated[int, Field(ge=0, le=315360000)] = 0
    token_validity_units: TokenValidityUnits = TokenValidityUnits()
    auth_session_validity: Annotated[int, Field(ge=3, le=15)] = 3
    prevent_user_existence_errors: Literal["LEGACY", "ENABLED"] = "LEGACY"
    read_attributes: tuple[str, ...] = ()
    write_attributes: tuple[str, ...] = ()
    enable_token_revocation: bool = True
