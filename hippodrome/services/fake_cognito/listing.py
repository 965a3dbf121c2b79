"""Listing users: a page at a time, those that a filter lets through."""

import re
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Annotated, Any

from pydantic import Field

from hippodrome.services.fake_cognito.directory import Directory
from hippodrome.services.fake_cognito.errors import invalid
from hippodrome.services.fake_cognito.model import User
from hippodrome.services.fake_cognito.operation import Answer, Operation, next_token, place_of
from hippodrome.services.fake_cognito.shapes import PoolId, Shape
from hippodrome.services.fake_cognito.users import described

FILTER = re.compile(r'\s*"?([\w:]+)"?\s*(\^?=)\s*"((?:[^"\\]|\\.)*)"\s*')
ATTRIBUTES = ("email", "phone_number", "name", "given_name", "family_name", "preferred_username", "sub")
OF_USERS: dict[str, Callable[[User], str]] = {
    "username": lambda user: user.username,
    "cognito:user_status": lambda user: user.status,
    "status": lambda user: "Enabled" if user.is_enabled else "Disabled",
}
BATCH = 200


class ListUsers(Shape):
    user_pool_id: PoolId
    limit: Annotated[int, Field(ge=0, le=60)] = 60
    pagination_token: str = ""
    filter: Annotated[str, Field(max_length=256)] = ""
    attributes_to_get: tuple[str, ...] = ()


def list_users(directory: Directory, asked: ListUsers) -> Answer:
    pool, is_wanted = directory.pool(asked.user_pool_id), _wanted(asked.filter)
    after = place_of(asked.pagination_token) if asked.pagination_token else ""
    limit = asked.limit or 60
    found = ((name, user) for name, user in _users(directory, pool.id, after) if is_wanted(user))
    page = list(islice(found, limit + 1))
    more = {"PaginationToken": next_token(page[limit - 1][0])} if len(page) > limit else {}
    return {"Users": [_told(user, asked.attributes_to_get) for _, user in page[:limit]], **more}


def _users(directory: Directory, pool: str, after: str) -> Iterator[tuple[str, User]]:
    while batch := directory.store.users_after(pool, after, limit=BATCH):
        yield from batch
        after = batch[-1][0]


def _told(user: User, names: tuple[str, ...]) -> Answer:
    told = described(user, attributes_as="Attributes")
    if names:
        told["Attributes"] = [each for each in told["Attributes"] if each["Name"] in names]
    return told


def _wanted(text: str) -> Callable[[User], bool]:
    """Raises InvalidParameterException for a filter that Cognito would not take either."""
    if not text:
        return lambda _: True
    match = FILTER.fullmatch(text)
    if match is None or match[1] not in (*ATTRIBUTES, *OF_USERS):
        raise invalid(f"Error while parsing filter. {text}")
    name, is_prefix, value = match[1], match[2] == "^=", re.sub(r"\\(.)", r"\1", match[3])

    def is_wanted(user: User) -> bool:
        said = OF_USERS[name](user) if name in OF_USERS else user.attributes.get(name, "")
        return said.startswith(value) if is_prefix else said == value

    return is_wanted


OPERATIONS: dict[str, Operation[Any]] = {"ListUsers": Operation(ListUsers, list_users)}
