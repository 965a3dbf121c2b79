"""The back office's items in DynamoDB. Values go in and come out as JSON has them."""

from collections.abc import Iterator
from typing import Any

from boto3.dynamodb.conditions import Attr, Key
from botocore.exceptions import ClientError

from hippodrome.services.common import aws
from hippodrome.services.common.errors import ApiError

FAILED = "ConditionalCheckFailedException"
MISSING = "ResourceNotFoundException"

Item = dict[str, Any]


class Items:
    """By table and key. Raises ApiError 503 where a table is missing."""

    def get(self, table: str, pk: str, sk: str) -> Item | None:
        found = self._ask("get_item", TableName=table, Key={"pk": pk, "sk": sk}, ConsistentRead=True).get("Item")
        return None if found is None else dict(aws.plain(found))

    def put(self, table: str, item: Item, *, version: int | None = None) -> None:
        """With `version`, only where the item has this one; 0 stands for no item. Raises ApiError 409 otherwise."""
        condition: dict[str, Any] = {}
        if version is not None:
            condition["ConditionExpression"] = Attr("version").eq(version) if version else Attr("pk").not_exists()
        try:
            self._ask("put_item", TableName=table, Item=aws.stored(item), **condition)
        except ClientError as error:
            if error.response["Error"]["Code"] != FAILED:
                raise
            raise ApiError(409, "conflict", "It was changed by somebody else meanwhile; read it again.") from error

    def delete(self, table: str, pk: str, sk: str) -> Item | None:
        """What it was; None where there was nothing."""
        told = self._ask("delete_item", TableName=table, Key={"pk": pk, "sk": sk}, ReturnValues="ALL_OLD")
        gone = told.get("Attributes")
        return None if gone is None else dict(aws.plain(gone))

    def query(self, table: str, pk: str, begins: str = "", *, is_newest_first: bool = False) -> Iterator[Item]:
        """In the order of their sk."""
        condition = Key("pk").eq(pk) & Key("sk").begins_with(begins) if begins else Key("pk").eq(pk)
        asked: dict[str, Any] = {"KeyConditionExpression": condition, "ScanIndexForward": not is_newest_first}
        while True:
            told = self._ask("query", TableName=table, ConsistentRead=True, **asked)
            yield from map(aws.plain, told["Items"])
            if "LastEvaluatedKey" not in told:
                return
            asked["ExclusiveStartKey"] = told["LastEvaluatedKey"]

    def scan(self, table: str, **equal: Any) -> Iterator[Item]:
        """Items whose attributes are equal to these; for rare questions."""
        condition = None
        for name, value in equal.items():
            condition = Attr(name).eq(value) if condition is None else condition & Attr(name).eq(value)
        asked: dict[str, Any] = {"FilterExpression": condition}
        while True:
            told = self._ask("scan", TableName=table, **asked)
            yield from map(aws.plain, told["Items"])
            if "LastEvaluatedKey" not in told:
                return
            asked["ExclusiveStartKey"] = told["LastEvaluatedKey"]

    @staticmethod
    def _ask(method: str, **asked: Any) -> dict[str, Any]:
        try:
            told: dict[str, Any] = getattr(aws.dynamodb(), method)(**asked)
        except ClientError as error:
            if error.response["Error"]["Code"] != MISSING:
                raise
            message = (
                f"The table {asked['TableName']} does not exist. `hd plan` shows the prefix and which AWS is used."
            )
            raise ApiError(503, "table_missing", message, kind="unavailable") from error
        return told
