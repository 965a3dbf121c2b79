"""Settings of indexes to the worker: `python -m hippodrome.services.ecom_settings_exporter`."""

from collections.abc import Iterator

from hippodrome.services.common import aws
from hippodrome.services.common.environment import Environment
from hippodrome.services.common.exporting import Exporter, Json, Keys, create_exporter, scan
from hippodrome.services.common.serving import serve

NAME = "ecom_settings_exporter"


def read(keys: Keys) -> tuple[str, Json | None]:
    """Of an index, by (account, `INDEX#name`) or by (`INDEX#id`, `SETTINGS`)."""
    pk, sk = keys["pk"], keys.get("sk", "SETTINGS")
    if pk.startswith("INDEX#"):
        index_id = pk.removeprefix("INDEX#")
        account, _, name = index_id.partition("-")
    elif sk.startswith("INDEX#"):
        account, name = pk, sk.removeprefix("INDEX#")
        index_id = f"{account}-{name}"
    else:
        return "", None
    asked = {"pk": account, "sk": f"INDEX#{name}"}
    item = aws.dynamodb().get_item(TableName=aws.Names.read().settings, Key=asked, ConsistentRead=True).get("Item")
    found = aws.plain(item) if item else None
    value = {"version": found.get("version", 0), **found.get("settings", {})} if found else None
    return f"settings:{index_id}", value


def every() -> Iterator[Keys]:
    """Keys of all settings."""
    return ({"pk": item["pk"], "sk": item["sk"]} for item in scan(aws.Names.read().settings))


if __name__ == "__main__":
    serve(lambda: create_exporter(Exporter(NAME, read, every)), Environment.read(port=9010), name=NAME)
