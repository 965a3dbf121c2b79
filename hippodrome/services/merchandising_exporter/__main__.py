"""Merchandising rules to the worker: `python -m hippodrome.services.merchandising_exporter`."""

import hashlib
import json
from collections.abc import Iterator

from hippodrome.services.common import aws
from hippodrome.services.common.environment import Environment
from hippodrome.services.common.exporting import Exporter, Json, Keys, create_exporter, query, scan
from hippodrome.services.common.serving import serve

NAME = "merchandising_exporter"


def read(keys: Keys) -> tuple[str, Json | None]:
    """All rules of an index, by (`INDEX#id`, any rule); a rule's id alone names no index."""
    pk = keys["pk"]
    if not pk.startswith("INDEX#"):
        return "", None
    rules = [item["rule"] for item in query(aws.Names.read().merchandising, pk, "RULE#")]
    text = json.dumps(rules, sort_keys=True)
    value = {"version": hashlib.sha256(text.encode()).hexdigest()[:12], "rules": rules} if rules else None
    return f"merch:{pk.removeprefix('INDEX#')}", value


def every() -> Iterator[Keys]:
    """A key for each index that has rules."""
    return ({"pk": pk} for pk in sorted({item["pk"] for item in scan(aws.Names.read().merchandising)}))


if __name__ == "__main__":
    serve(lambda: create_exporter(Exporter(NAME, read, every)), Environment.read(port=9011), name=NAME)
