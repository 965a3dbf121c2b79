"""What is taken in: changes of documents, each with a version that grows."""

from typing import Literal

from pydantic import Field, model_validator

from hippodrome.services.common.api import Body, FreeObject

IDS_MAX = 512
OPERATIONS_MAX = 1000


class Operation(Body):
    """One change of one document. `document` has all fields of an upsert, the changed ones of a patch."""

    op: Literal["upsert", "patch", "delete"]
    id: str = Field(min_length=1, max_length=IDS_MAX)
    version: int = Field(ge=0, lt=2**63)
    document: FreeObject | None = None

    @model_validator(mode="after")
    def _fits(self) -> "Operation":
        if (self.document is None) != (self.op == "delete"):
            raise ValueError("an upsert or a patch has a document, a delete has none")
        if self.document is not None and self.document.get("_id", self.id) != self.id:
            raise ValueError("the document's _id is another than the operation's id")
        return self


class Batch(Body):
    """Changes that belong to one job. `tensor_fields` are those that get vectors."""

    job_id: str = Field(min_length=1, max_length=128, pattern=r"^[!-~]+$")
    tensor_fields: tuple[str, ...] = ()
    operations: tuple[Operation, ...] = Field(min_length=1, max_length=OPERATIONS_MAX)


class Taken(Body):
    """How many operations of a batch are new, and how many were taken before, with the same id and version."""

    accepted: int
    duplicates: int
