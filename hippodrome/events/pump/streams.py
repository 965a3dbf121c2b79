"""DynamoDB's streams, read as its API has them, from an emulator of AWS on this machine.

An SDK is not used: boto3 would take some 45 MiB here, and moto looks at no signature. What it does look at, to know
which service is meant, are the scope in the credentials and the target, which are sent as SDKs send them.
"""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hippodrome.events.pump.wire import Answer, AwayError, Peer

DYNAMODB, STREAMS = "DynamoDB_20120810", "DynamoDBStreams_20120810"
ANSWER_S = 10.0
BATCH = 100  # of records; what a kill brings once more is at most this

Json = dict[str, Any]


class NotReadableError(Exception):
    """Why the changes of a table cannot be read, for people."""


@dataclass(frozen=True)
class Stream:
    """Of one table, for one life of it: another one has another ARN, for its label is the moment of its making.

    An emulator's stream has one shard. (moto 5.2, dynamodb/models/table.py, `set_stream_specification`)
    """

    table: str
    arn: str
    shard: str


@dataclass(frozen=True)
class Caller:
    """Who asks: an access key, of which an emulator checks nothing, and the region."""

    key: str
    region: str

    def headers(self, target: str) -> dict[str, str]:
        """As SDKs send them, but for the signature."""
        now = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
        scope = f"{self.key}/{now[:8]}/{self.region}/dynamodb/aws4_request"
        signed = "SignedHeaders=host;x-amz-date;x-amz-target, Signature=0"
        return {
            "Content-Type": "application/x-amz-json-1.0",
            "X-Amz-Target": target,
            "X-Amz-Date": now,
            "Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, {signed}",
        }


class Streams:
    """What is asked of the emulator. Everything raises AwayError; what says so NotReadableError as well."""

    def __init__(self, url: str, caller: Caller) -> None:
        self._peer, self._caller = Peer("moto", url), caller

    def find(self, table: str) -> Stream:
        """Raises NotReadableError where the table is missing or has no stream."""
        told = self._asked(f"{DYNAMODB}.DescribeTable", {"TableName": table})["Table"]
        if not told.get("StreamSpecification", {}).get("StreamEnabled"):
            raise NotReadableError(f"the stream of the table {table} is switched off: its changes become no events")
        arn = told["LatestStreamArn"]
        described = self._asked(f"{STREAMS}.DescribeStream", {"StreamArn": arn})["StreamDescription"]
        return Stream(table, arn, described["Shards"][0]["ShardId"])

    def records(self, stream: Stream, after: str | None) -> list[Json]:
        """The next ones after this sequence number, from the oldest on without one; at most a batch.

        No iterator is kept from one call to the next: one goes on reading, in silence, a shard that is no longer the
        table's, as after a transaction that failed (moto 5.2 puts a copy of the table in its place).
        """
        start: Json = {"ShardIteratorType": "TRIM_HORIZON"}
        if after:
            start = {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "SequenceNumber": after}
        asked = {"StreamArn": stream.arn, "ShardId": stream.shard, **start}
        iterator: str = self._asked(f"{STREAMS}.GetShardIterator", asked)["ShardIterator"]
        if "/stream/" in iterator and stream.arn not in iterator:  # moto looks at no more of an ARN than the table
            raise NotReadableError(f"the table {stream.table} was made anew")
        limited = {"ShardIterator": iterator, "Limit": BATCH}
        found: list[Json] = self._asked(f"{STREAMS}.GetRecords", limited)["Records"]
        return found

    def put(self, table: str, item: Mapping[str, Any], *, user_agent: str) -> None:
        """Raises NotReadableError where it is not taken."""
        asked = {"TableName": table, "Item": item}
        self._asked(f"{DYNAMODB}.PutItem", asked, {"User-Agent": user_agent})

    def grown(self, seen: str, wait_s: float) -> str | None:
        """A word for how far the streams have grown, as soon as it is not `seen` or the wait is over.

        None where the emulator is not ours, which does not offer that.
        """
        answer = self._ask("GET", f"/__local/streams?seen={seen}&wait_s={wait_s:.1f}", timeout_s=wait_s + ANSWER_S)
        try:
            return str(json.loads(answer.body)["seen"]) if answer.status == 200 else None
        except (ValueError, KeyError, TypeError):
            return None

    def _asked(self, target: str, body: Json, more: Mapping[str, str] | None = None) -> Json:
        headers = {**self._caller.headers(target), **(more or {})}
        answer = self._ask("POST", "/", json.dumps(body).encode(), headers=headers)
        if answer.status != 200:
            raise NotReadableError(f"{target.partition('.')[2]} of {_about(body)} is refused: {answer.said}")
        try:
            told: Json = json.loads(answer.body)
        except ValueError as error:
            raise AwayError(f"moto answers no JSON: {answer.said}") from error
        return told

    def _ask(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        timeout_s: float = ANSWER_S,
    ) -> Answer:
        try:
            return self._peer.ask(method, path, body, headers=headers or {}, timeout_s=timeout_s)
        finally:
            self._peer.rest()  # each has a time limit of its own, and moto keeps no connection anyway


def _about(body: Json) -> str:
    return str(body.get("TableName") or body.get("StreamArn") or "a stream")
