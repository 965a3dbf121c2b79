"""What is made in a person's account: names, patterns, policies. Values alone, nothing is asked or touched."""

import json
import secrets
from dataclasses import dataclass
from typing import Any

from hippodrome.events.names import SOURCE, Feed, feeds
from hippodrome.events.proof import PROOF_PK, PROOF_SK, is_proof

STEM = "local-stack-webhook-"
ROLE = "local-stack-eventbridge-api-dest-role"
ROLE_POLICY = "invoke-local-stack-api-destinations"
KEY_HEADER = "x-api-key"
PATH = "/webhook/eventbridge"
KEPT_S = 4 * 24 * 3600  # in the queue: a long weekend
TAKEN_S = 30  # a message that was received is hidden from other receivers for so long


def new_id() -> str:
    """For one life of the rules. A queue's name may be used again after a minute only, so that no two are equal."""
    return secrets.token_hex(4)


@dataclass(frozen=True)
class Place:
    """An account and region, and who is there. `arn` is the caller's."""

    account: str
    region: str
    arn: str

    @property
    def partition(self) -> str:
        """`aws`, `aws-cn`, `aws-us-gov`."""
        return self.arn.split(":")[1]

    def name(self, service: str, rest: str) -> str:
        """The ARN of something here."""
        return f"arn:{self.partition}:{service}:{self.region}:{self.account}:{rest}"


@dataclass(frozen=True)
class Names:
    """Rule, connection, API destination and queue share one name. Two rules, one a bus, share it too."""

    id: str
    prefix: str

    @classmethod
    def of(cls, shared: str, prefix: str) -> "Names":
        """From the name that all have."""
        return cls(shared.removeprefix(STEM), prefix)

    @property
    def shared(self) -> str:
        return STEM + self.id

    @property
    def feeds(self) -> tuple[Feed, ...]:
        return feeds(self.prefix)

    def rule_arns(self, place: Place) -> list[str]:
        return [place.name("events", f"rule/{feed.bus}/{self.shared}") for feed in self.feeds]


def pattern(prefix: str) -> str:
    """Events of this table prefix, and no others."""
    return json.dumps({"source": [SOURCE], "detail": {"tableName": [{"prefix": prefix}]}})


def description(prefix: str, place: Place, when: str) -> str:
    """For a person who finds it in the account. At most 512 characters, as a rule's must be."""
    who = place.arn.rpartition(":")[2]
    what = f"events of {prefix}* for a local stack of {who}"
    text = f"Temporary, and safe to delete: {what}, made by Hippodrome at {when}."
    return text[:512]


def trust(place: Place) -> str:
    """EventBridge, for rules of this account, may take the role."""
    condition = {"StringEquals": {"aws:SourceAccount": place.account}}
    service = {"Service": "events.amazonaws.com"}
    return _policy({"Effect": "Allow", "Principal": service, "Action": "sts:AssumeRole", "Condition": condition})


def invoking(place: Place) -> str:
    """The role may call API destinations of local stacks, in any region, and do nothing else."""
    target = f"arn:{place.partition}:events:*:{place.account}:api-destination/{STEM}*/*"
    return _policy({"Effect": "Allow", "Action": "events:InvokeApiDestination", "Resource": target})


def sending(names: Names, place: Place) -> str:
    """The two rules may send to the queue, and nobody else."""
    return _policy(
        {
            "Effect": "Allow",
            "Principal": {"Service": "events.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": place.name("sqs", names.shared),
            "Condition": {"ArnEquals": {"aws:SourceArn": names.rule_arns(place)}},
        }
    )


def proof(names: Names) -> dict[str, str]:
    """An entry for PutEvents: an event like any other, of an item that no table has."""
    feed = names.feeds[0]
    detail = {"eventName": "MODIFY", "tableName": feed.table, "keys": {"pk": {"S": PROOF_PK}, "sk": {"S": PROOF_SK}}}
    kind = f"{feed.word}.MODIFY"
    return {"EventBusName": feed.bus, "Source": SOURCE, "DetailType": kind, "Detail": json.dumps(detail)}


def is_proof_text(body: bytes) -> bool:
    """Whether an envelope, as it was sent, is one of those."""
    try:
        event = json.loads(body)
    except (ValueError, RecursionError):
        return False
    return isinstance(event, dict) and is_proof(event)


def _policy(statement: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
