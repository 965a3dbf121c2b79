"""Settings of indexes to the worker: `python -m hippodrome.services.ecom_settings_exporter`."""

from collections.abc import Iterator

from hippodrome.services.common import aws
from hippodrome.services.common.environment import Environment
from hippodrome.services.common.exporting import Exporter, Json, create_exporter, item, keys
from hippodrome.services.common.serving import serve

NAME = "ecom_settings_exporter"
INDEX, SETTINGS = "INDEX#", "SETTINGS"


def index_of(pk: str, sk: str) -> str:
    """By (account, `INDEX#name`) or by (`INDEX#id`, `SETTINGS`)."""
    if pk.startswith(INDEX):
        return pk.removeprefix(INDEX) if sk in {SETTINGS, ""} else ""
    name = sk.removeprefix(INDEX)
    return f"{pk}-{name}" if sk.startswith(INDEX) and name else ""


def read(index: str) -> Json | None:
    """Of an index, by whichever of its keys it is stored."""
    table = aws.Names.read().settings
    for pk, sk in _places(index):
        if found := item(table, pk, sk):
            told = found.get("settings")
            return {**(told if isinstance(told, dict) else {}), "version": found.get("version", 0)}
    return None


def _places(index: str) -> Iterator[tuple[str, str]]:
    """An id does not tell where the account's name ends."""
    for at, sign in enumerate(index):
        if sign == "-" and 0 < at < len(index) - 1:
            yield index[:at], INDEX + index[at + 1 :]
    yield INDEX + index, SETTINGS


def every() -> list[str]:
    """Each index that has settings."""
    found = (index_of(pk, sk) for pk, sk in keys(aws.Names.read().settings))
    return sorted({index for index in found if index})


if __name__ == "__main__":
    exporter = Exporter(NAME, "settings", index_of, read, every)
    serve(lambda: create_exporter(exporter), Environment.read(port=9010), name=NAME)
