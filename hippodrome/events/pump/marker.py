"""The item by which a stream is known to bring its table's changes."""

from typing import Any

from hippodrome.events.proof import PROOF_PK, PROOF_SK


def marker(at: float) -> dict[str, Any]:
    """In DynamoDB's own JSON. `at`: seconds since the epoch; another one each time, or nothing would have changed."""
    return {"pk": {"S": PROOF_PK}, "sk": {"S": PROOF_SK}, "at": {"N": f"{at:.3f}"}}
