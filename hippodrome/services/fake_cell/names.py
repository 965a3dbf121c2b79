"""What indexes and fields can be called."""

import re

INDEX = re.compile(r"[a-zA-Z_-][a-zA-Z0-9_-]*\Z")
FIELD = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*\Z")
RESERVED = ("_id", "_tensor_facets", "_highlights", "_score", "_found")
PREFIX = "marqo__"
UNSEARCHABLE = re.compile(r"\A\.|[/\n]")


def index_mistake(name: str) -> str | None:
    """None for what an index can be called."""
    if INDEX.match(name) and not name.startswith(PREFIX):
        return None
    rule = f'Index name must match {INDEX.pattern[:-2]} and must not start with "{PREFIX}"'
    return f'"{name}" is not a valid index name. {rule}'


def field_mistake(name: str) -> str | None:
    """None for what a field can be called."""
    if not FIELD.match(name) or name.startswith(PREFIX):
        return f'"{name}": Field name must match {FIELD.pattern[:-2]} and must not start with "{PREFIX}"'
    if name in RESERVED:
        return f"{name}: Field name must not be one of {', '.join(RESERVED)}"
    return None


def asked_mistake(name: object) -> str | None:
    """None for what a search can name, a mapping's member among it, and for what is no name at all."""
    if name == "":
        return "field name can't be empty! "
    if not isinstance(name, str):
        return None
    if name.startswith("__vector_"):
        return f"can't start field name with protected prefix __vector_. Error raised for field name: {name}"
    if name.startswith("__chunks"):
        return f"can't name field with protected field name __chunks. Error raised for field name: {name}"
    if found := UNSEARCHABLE.search(name):
        return f"Illegal character '{found[0]}' detected in field name {name}"
    return None
