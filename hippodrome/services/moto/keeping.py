"""Items of tables and objects of buckets, kept on disk: moto itself forgets all when it ends.

Queues, streams and running state machines are not kept; whoever sends is to send again what was not confirmed.
"""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from hippodrome.services.common.aws import bucket_name

BATCH = 25  # what BatchWriteItem takes
Client = Callable[[str], Any]


class Keeper:
    """The data of one moto in a folder. Not for two threads at once.

    Files are named without the prefix that a stack's things have: the data is found again under another one.
    """

    def __init__(self, folder: Path, client: Client, prefix: str) -> None:
        self._tables, self._buckets, self._client = folder / "tables", folder / "buckets", client
        self._prefix = prefix
        self._etags: dict[Path, str] = {}
        self._written: dict[str, str] = {}

    def save(self) -> None:
        """Writes what has changed since the last time; each file in one step."""
        for name in self._client("dynamodb").list_tables()["TableNames"]:
            text = json.dumps(list(self._items(name)))
            if self._written.get(name) != text:
                _write(self._tables / f"{self._short(name)}.json", text.encode())
                self._written[name] = text
        found = {self._path(bucket, key): (bucket, key, etag) for bucket, key, etag in self._objects()}
        for path, (bucket, key, etag) in found.items():
            if self._etags.get(path) != etag:
                _write(path, self._client("s3").get_object(Bucket=bucket, Key=key)["Body"].read())
        for path in self._etags.keys() - found.keys():
            path.unlink(missing_ok=True)
        self._etags = {path: etag for path, (_, _, etag) in found.items()}

    def load(self) -> None:
        """Puts back what was kept, into tables and buckets that are there. What is of others is left alone."""
        dynamodb, s3 = self._client("dynamodb"), self._client("s3")
        for name in dynamodb.list_tables()["TableNames"]:
            for batch in _batches(_read(self._kept(self._tables, name, ".json"))):
                dynamodb.batch_write_item(RequestItems={name: [{"PutRequest": {"Item": item}} for item in batch]})
        for bucket in (each["Name"] for each in s3.list_buckets()["Buckets"]):
            for path in self._kept(self._buckets, bucket).glob("*"):
                if not path.name.startswith("."):
                    s3.put_object(Bucket=bucket, Key=unquote(path.name), Body=path.read_bytes())
        self._etags = {self._path(bucket, key): etag for bucket, key, etag in self._objects()}

    def _items(self, table: str) -> Iterator[dict[str, Any]]:
        for page in self._client("dynamodb").get_paginator("scan").paginate(TableName=table):
            yield from page["Items"]

    def _objects(self) -> Iterator[tuple[str, str, str]]:
        """Bucket, key and ETag of each."""
        s3 = self._client("s3")
        for bucket in (each["Name"] for each in s3.list_buckets()["Buckets"]):
            for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
                yield from ((bucket, each["Key"], each["ETag"]) for each in page.get("Contents", ()))

    def _path(self, bucket: str, key: str) -> Path:
        return self._buckets / self._short(bucket) / quote(key, safe="")

    def _short(self, name: str) -> str:
        """Without the prefix, be it of a table or as buckets have it."""
        if name.startswith(self._prefix):
            return name.removeprefix(self._prefix)
        return name.removeprefix(bucket_name(f"{self._prefix}x")[:-1])

    def _kept(self, folder: Path, name: str, suffix: str = "") -> Path:
        """Where it is kept, or was by versions that kept it by its whole name."""
        usual = folder / f"{self._short(name)}{suffix}"
        return usual if usual.exists() else folder / f"{name}{suffix}"


def _batches(items: list[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    return (items[start : start + BATCH] for start in range(0, len(items), BATCH))


def _read(path: Path) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = json.loads(path.read_text()) if path.exists() else []
    return items


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    staging = path.with_name(f".{os.getpid()}.new")
    staging.write_bytes(content)
    staging.replace(path)
