"""AWS as the services use it: the names of things under the stack's prefix, and clients that give up soon."""

import os
import re
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any

import boto3
from botocore.config import Config

TIMEOUTS = Config(connect_timeout=2, read_timeout=25, retries={"max_attempts": 3, "mode": "standard"})


def bucket_name(wanted: str) -> str:
    """What S3 takes of it."""
    return re.sub(r"[^a-z0-9-]+", "-", wanted.lower()).strip("-")


@dataclass(frozen=True)
class Names:
    """What the stack's things are called in AWS. All tables have the keys pk and sk, both strings."""

    prefix: str

    @classmethod
    def read(cls) -> "Names":
        """From TABLE_PREFIX."""
        return cls(os.environ.get("TABLE_PREFIX", "dev-local-"))

    @property
    def settings(self) -> str:
        """(account, `INDEX#{index}`) → settings of an index. Streams its changes."""
        return f"{self.prefix}EcomIndexSettingsTable"

    @property
    def merchandising(self) -> str:
        """(`INDEX#{account}-{index}`, `RULE#{id}`) → a rule. Streams its changes."""
        return f"{self.prefix}MerchandisingTable"

    @property
    def jobs(self) -> str:
        """(`JOB#{id}`, `JOB`) → what was asked; (`JOB#{id}`, `CHUNK#{chunk}`) → what became of a part of it."""
        return f"{self.prefix}EcomJobsTable"

    @property
    def aliases(self) -> str:
        """(account, `ALIAS#{name}`) → indexes with their weights."""
        return f"{self.prefix}EcomAliasesTable"

    @property
    def events(self) -> str:
        """(`INDEX#{account}-{index}`, `EVENT#{time}#{id}`) → what a shopper did."""
        return f"{self.prefix}EcomEventsTable"

    @property
    def bucket(self) -> str:
        """Chunks of documents, exports, uploads. Bucket names admit less than table names."""
        return bucket_name(f"{self.prefix}ecom")

    @property
    def queue(self) -> str:
        """Chunks on their way to the cell: FIFO, one group an index."""
        return f"{self.prefix}EcomIngest.fifo"

    @property
    def dead_queue(self) -> str:
        """Chunks that five attempts could not bring there."""
        return f"{self.prefix}EcomIngestDead.fifo"

    @property
    def buses(self) -> tuple[str, str]:
        return f"{self.prefix}EcomEventBus", f"{self.prefix}MerchandisingEventBus"

    @property
    def pipes(self) -> tuple[str, str]:
        """In the order of the buses that they lead to."""
        return f"{self.prefix}IndexSettingsEventPipe", f"{self.prefix}MerchandisingEventPipe"

    @property
    def streamed(self) -> tuple[str, str]:
        """Tables whose changes become events, in the order of the buses that carry them."""
        return self.settings, self.merchandising

    @property
    def tables(self) -> tuple[str, ...]:
        return (*self.streamed, self.jobs, self.aliases, self.events)


@cache
def client(service: str) -> Any:
    """A client of boto3, one a service; endpoint, region and credentials are boto3's own to find. Thread-safe."""
    return boto3.client(service, config=TIMEOUTS)


@cache
def dynamodb() -> Any:
    """A client that takes and gives items as Python's values. Thread-safe, as boto3's resources are not."""
    return boto3.resource("dynamodb", config=TIMEOUTS).meta.client


def stored(value: Any) -> Any:
    """As DynamoDB takes it: numbers as decimals."""
    if isinstance(value, dict):
        return {name: stored(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [stored(each) for each in value]
    return Decimal(repr(value)) if isinstance(value, float) else value


def plain(value: Any) -> Any:
    """As JSON writes it: what DynamoDB gives back, with decimals as int or float."""
    if isinstance(value, dict):
        return {name: plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple | set):
        return [plain(each) for each in value]
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value
