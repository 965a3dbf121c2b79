"""A stream's record as the event that a production pipe makes of it."""

import time
from typing import Any

from hippodrome.events.names import SOURCE, Feed
from hippodrome.events.pump.streams import Stream

IMAGES = {"NewImage": "newImage", "OldImage": "oldImage"}

Json = dict[str, Any]


def envelope_of(record: Json, feed: Feed, stream: Stream) -> Json:
    """The whole envelope. Its id is the record's own, so that a repeated one is known as such."""
    _, _, _, region, account, _ = stream.arn.split(":", 5)
    change = record["dynamodb"]
    return {
        "version": "0",
        "id": record["eventID"],
        "detail-type": f"{feed.word}.{record['eventName']}",
        "source": SOURCE,
        "account": account,
        "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(change.get("ApproximateCreationDateTime"))),
        "region": region,
        "resources": [stream.arn],
        "detail": {
            "eventName": record["eventName"],
            "tableName": stream.table,
            "keys": change["Keys"],
            **{ours: change[name] for name, ours in IMAGES.items() if name in change},
        },
    }


def without_images(envelope: Json) -> Json:
    """Of an event that is too large: who reads the table again needs no more than the keys."""
    detail = {name: value for name, value in envelope["detail"].items() if name not in IMAGES.values()}
    return {**envelope, "detail": detail}


def number_of(record: Json) -> str:
    """Its place in the stream."""
    return str(record["dynamodb"]["SequenceNumber"])
