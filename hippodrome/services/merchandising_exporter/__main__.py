"""Merchandising rules to the worker: `python -m hippodrome.services.merchandising_exporter`."""

import hashlib
import json

from hippodrome.services.common import aws
from hippodrome.services.common.environment import Environment
from hippodrome.services.common.exporting import Exporter, Json, create_exporter, keys, query
from hippodrome.services.common.serving import serve

NAME = "merchandising_exporter"
INDEX, RULE = "INDEX#", "RULE#"


def index_of(pk: str, _sk: str) -> str:
    """By (`INDEX#id`, any rule); a rule's id alone names no index."""
    return pk.removeprefix(INDEX) if pk.startswith(INDEX) else ""


def read(index: str) -> Json | None:
    """All rules of an index. What was put into the table by hand and is no rule is left out."""
    found = query(aws.Names.read().merchandising, INDEX + index, RULE)
    rules = [item["rule"] for item in found if isinstance(item.get("rule"), dict)]
    text = json.dumps(rules, sort_keys=True, default=str)
    return {"version": hashlib.sha256(text.encode()).hexdigest()[:12], "rules": rules} if rules else None


def every() -> list[str]:
    """Each index that has rules."""
    found = (index_of(pk, sk) for pk, sk in keys(aws.Names.read().merchandising))
    return sorted({index for index in found if index})


if __name__ == "__main__":
    exporter = Exporter(NAME, "merch", index_of, read, every)
    serve(lambda: create_exporter(exporter), Environment.read(port=9011), name=NAME)
