"""Telling of a change of a table, as the table's stream and its pipe do in an account."""

import logging
from typing import Any

from boto3.dynamodb.types import TypeSerializer

from hippodrome.services.common import aws
from hippodrome.services.common.errors import ApiError
from hippodrome.services.common.outgoing import Upstream

log = logging.getLogger("admin_server")
TIMEOUT_S = 3
KEYS = ("pk", "sk")

Item = dict[str, Any]


class Announcer:
    """Posts to the webhook that relays events; to nobody without one. Where that fails the write stands all the same:
    exporters read the whole state whenever they are told of a change, and when they start."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._webhook = Upstream("the event relay", url, timeout_s=TIMEOUT_S) if url else None

    def announce(self, what: str, table: str, old: Item | None, new: Item | None) -> None:
        """`what` is the first word of the detail type; at least one of the images is given."""
        if not self._webhook or not (known := new or old):
            return
        name = "MODIFY" if old and new else "INSERT" if new else "REMOVE"
        detail: dict[str, Any] = {
            "eventName": name,
            "tableName": table,
            "keys": _image({key: known[key] for key in KEYS}),
            **({"newImage": _image(new)} if new else {}),
            **({"oldImage": _image(old)} if old else {}),
        }
        envelope = {"source": "marqo.dynamodb", "detail-type": f"{what}.{name}", "detail": detail}
        try:
            answer = self._webhook.ask("POST", self._url, json=envelope)
        except ApiError as error:
            log.warning("not announced event=%s error=%s", envelope["detail-type"], error)
            return
        if answer.is_error:
            log.warning("not announced event=%s status=%d", envelope["detail-type"], answer.status_code)


def _image(item: Item) -> dict[str, Any]:
    """In DynamoDB's own JSON."""
    serialize = TypeSerializer().serialize
    return {name: _writable(serialize(value)) for name, value in aws.stored(item).items()}


def _writable(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _writable(each) for name, each in value.items()}
    return [_writable(each) for each in value] if isinstance(value, list) else value
