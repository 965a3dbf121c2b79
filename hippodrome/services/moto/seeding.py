"""What the stack finds in AWS when it starts: tables with their streams, buses, pipes, a bucket, queues."""

import json
from collections.abc import Callable
from typing import Any

from hippodrome.services.common.aws import Names

ROLE = "hippodrome-pipes"
ATTEMPTS_MAX = 5  # of a message, before it goes to the dead ones
VISIBLE_AGAIN_S = 20

Client = Callable[[str], Any]


def seed(client: Client, names: Names) -> None:
    """On an empty moto. `client`: of boto3, by service."""
    streams = {table: _table(client("dynamodb"), table, has_stream=table in names.streamed) for table in names.tables}
    client("s3").create_bucket(Bucket=names.bucket)
    _queues(client("sqs"), names)
    role = client("iam").create_role(RoleName=ROLE, AssumeRolePolicyDocument=json.dumps(_trust()))["Role"]["Arn"]
    for table, bus, pipe in zip(names.streamed, names.buses, names.pipes, strict=True):
        target = client("events").create_event_bus(Name=bus)["EventBusArn"]
        start = {"DynamoDBStreamParameters": {"StartingPosition": "LATEST"}}
        client("pipes").create_pipe(
            Name=pipe, RoleArn=role, Source=streams[table], Target=target, SourceParameters=start
        )


def _table(dynamodb: Any, name: str, *, has_stream: bool) -> str:
    """The ARN of its stream; empty where it has none."""
    keys = (("pk", "HASH"), ("sk", "RANGE"))
    more = {"StreamSpecification": {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}}
    made = dynamodb.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": key, "KeyType": kind} for key, kind in keys],
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key, _ in keys],
        BillingMode="PAY_PER_REQUEST",
        **(more if has_stream else {}),
    )
    return str(made["TableDescription"].get("LatestStreamArn", ""))


def _queues(sqs: Any, names: Names) -> None:
    dead = sqs.create_queue(QueueName=names.dead_queue, Attributes={"FifoQueue": "true"})["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    redrive = {"deadLetterTargetArn": arn, "maxReceiveCount": ATTEMPTS_MAX}
    attributes = {
        "FifoQueue": "true",
        "VisibilityTimeout": str(VISIBLE_AGAIN_S),
        "RedrivePolicy": json.dumps(redrive),
    }
    sqs.create_queue(QueueName=names.queue, Attributes=attributes)


def _trust() -> dict[str, Any]:
    service = {"Service": "pipes.amazonaws.com"}
    return {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": service, "Action": "sts:AssumeRole"}],
    }
