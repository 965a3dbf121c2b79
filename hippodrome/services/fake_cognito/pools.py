"""Making, describing, listing and deleting pools and their clients."""

import secrets
import string
import time
from collections.abc import Sequence
from typing import Annotated, Any, TypeVar

from pydantic import Field

from hippodrome.services.fake_cognito.attributes import STANDARD
from hippodrome.services.fake_cognito.directory import Directory
from hippodrome.services.fake_cognito.errors import invalid
from hippodrome.services.fake_cognito.model import Client, Pool
from hippodrome.services.fake_cognito.operation import Answer, Operation, next_token, place_of
from hippodrome.services.fake_cognito.shapes import (
    ClientId,
    ClientSettings,
    PoolId,
    PoolSettings,
    SchemaAttribute,
    Shape,
)
from hippodrome.services.fake_cognito.tokens import new_key

REGION = "us-east-1"
ACCOUNT = "123456789012"
POOL_ID, CLIENT_ID, SECRET = 9, 26, 51
OLD_FLOWS = ("ADMIN_NO_SRP_AUTH", "CUSTOM_AUTH_FLOW_ONLY", "USER_PASSWORD_AUTH")
Listed = TypeVar("Listed", Pool, Client)


class CreatePool(PoolSettings):
    pool_name: Annotated[str, Field(min_length=1, max_length=128)]
    schema_: Annotated[tuple[SchemaAttribute, ...], Field(alias="Schema", max_length=50)] = ()
    lambda_config: dict[str, Any] = Field(default_factory=dict)


class OnePool(Shape):
    user_pool_id: PoolId


class ListPools(Shape):
    max_results: Annotated[int, Field(ge=1, le=60)]
    next_token: str = ""


class CreateClient(ClientSettings):
    user_pool_id: PoolId
    generate_secret: bool = False


class OneClient(OnePool):
    client_id: ClientId


class ListClients(OnePool):
    max_results: Annotated[int, Field(ge=1, le=60)] = 60
    next_token: str = ""


def create_pool(directory: Directory, asked: CreatePool) -> Answer:
    if asked.lambda_config:
        raise invalid("LambdaConfig: triggers are not run here.")
    if asked.alias_attributes and asked.username_attributes:
        raise invalid("Only one of the aliasAttributes or usernameAttributes can be set in a user pool.")
    pool = Pool(
        id=_unused_pool_id(directory),
        name=asked.pool_name,
        settings=PoolSettings.model_validate(asked.model_dump(include=set(PoolSettings.model_fields))),
        schema=tuple(_named(each) for each in asked.schema_),
        key=new_key(),
        created_at=time.time(),
    )
    directory.store.put_pool(pool)
    return {"UserPool": pool_told(directory, pool)}


def describe_pool(directory: Directory, asked: OnePool) -> Answer:
    return {"UserPool": pool_told(directory, directory.pool(asked.user_pool_id))}


def list_pools(directory: Directory, asked: ListPools) -> Answer:
    page, more = _page(directory.store.pools(), asked.next_token, asked.max_results)
    return {"UserPools": [{"Id": each.id, "Name": each.name, **_dates(each)} for each in page], **more}


def delete_pool(directory: Directory, asked: OnePool) -> Answer:
    directory.store.drop_pool(directory.pool(asked.user_pool_id).id)
    return {}


def create_client(directory: Directory, asked: CreateClient) -> Answer:
    pool, flows = directory.pool(asked.user_pool_id), asked.explicit_auth_flows
    if any(flow in OLD_FLOWS for flow in flows) and any(flow.startswith("ALLOW_") for flow in flows):
        raise invalid("Cannot mix old and new ExplicitAuthFlows values")
    client = Client(
        id=_unused_client_id(directory),
        pool=pool.id,
        secret=_secret() if asked.generate_secret else "",
        settings=ClientSettings.model_validate(asked.model_dump(include=set(ClientSettings.model_fields))),
        created_at=time.time(),
    )
    directory.store.put_client(client)
    return {"UserPoolClient": client_told(client)}


def describe_client(directory: Directory, asked: OneClient) -> Answer:
    return {"UserPoolClient": client_told(_client(directory, asked))}


def list_clients(directory: Directory, asked: ListClients) -> Answer:
    clients = directory.store.clients(directory.pool(asked.user_pool_id).id)
    page, more = _page(clients, asked.next_token, asked.max_results)
    told = [{"ClientId": each.id, "UserPoolId": each.pool, "ClientName": each.settings.client_name} for each in page]
    return {"UserPoolClients": told, **more}


def delete_client(directory: Directory, asked: OneClient) -> Answer:
    directory.store.drop_client(_client(directory, asked).id)
    return {}


def pool_told(directory: Directory, pool: Pool) -> Answer:
    """As AWS describes one."""
    return {
        **pool.settings.model_dump(by_alias=True),
        "Id": pool.id,
        "Name": pool.name,
        "Arn": f"arn:aws:cognito-idp:{REGION}:{ACCOUNT}:userpool/{pool.id}",
        "SchemaAttributes": [_attribute_told(each) for each in pool.schema],
        "EstimatedNumberOfUsers": directory.store.count_users(pool.id),
        **_dates(pool),
    }


def client_told(client: Client) -> Answer:
    """As AWS describes one."""
    told = client.settings.model_dump(by_alias=True, exclude_defaults=True)
    secret = {"ClientSecret": client.secret} if client.secret else {}
    return {"ClientId": client.id, "UserPoolId": client.pool, **secret, **told, **_dates(client)}


def _dates(found: Pool | Client) -> Answer:
    return {"CreationDate": found.created_at, "LastModifiedDate": found.created_at}


def _attribute_told(attribute: SchemaAttribute) -> Answer:
    name = attribute.name if attribute.name in STANDARD else f"custom:{attribute.name}"
    return {**attribute.model_dump(by_alias=True), "Name": name}


def _named(attribute: SchemaAttribute) -> SchemaAttribute:
    """Without `custom:`, which those that a pool adds get anyway. Raises InvalidParameterException."""
    if attribute.required and attribute.name not in STANDARD:
        raise invalid("Required custom attributes are not supported currently.")
    return attribute.model_copy(update={"name": attribute.name.removeprefix("custom:")})


def _client(directory: Directory, asked: OneClient) -> Client:
    return directory.client(asked.client_id, pool=directory.pool(asked.user_pool_id).id)


def _unused_pool_id(directory: Directory) -> str:
    made = f"{REGION}_{directory.chance.text(POOL_ID)}"
    return made if directory.store.pool(made) is None else _unused_pool_id(directory)


def _unused_client_id(directory: Directory) -> str:
    made = directory.chance.text(CLIENT_ID)
    return made if directory.store.client(made) is None else _unused_client_id(directory)


def _secret() -> str:
    return "".join(secrets.choice(string.ascii_lowercase + string.digits) for _ in range(SECRET))


def _page(found: Sequence[Listed], token: str, size: int) -> tuple[Sequence[Listed], Answer]:
    """Sorted by id; what follows `token`."""
    after = [each for each in found if each.id > place_of(token)] if token else found
    page = after[:size]
    return page, {"NextToken": next_token(page[-1].id)} if len(after) > size else {}


OPERATIONS: dict[str, Operation[Any]] = {
    "CreateUserPool": Operation(CreatePool, create_pool),
    "DescribeUserPool": Operation(OnePool, describe_pool),
    "ListUserPools": Operation(ListPools, list_pools),
    "DeleteUserPool": Operation(OnePool, delete_pool),
    "CreateUserPoolClient": Operation(CreateClient, create_client),
    "DescribeUserPoolClient": Operation(OneClient, describe_client),
    "ListUserPoolClients": Operation(ListClients, list_clients),
    "DeleteUserPoolClient": Operation(OneClient, delete_client),
}
