"""Which documents a filter lets through, place by place."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from hippodrome.services.fake_cell.filters import (
    AllOf,
    AnyOf,
    Contains,
    Equal,
    Node,
    Not,
    OneOf,
    Term,
    Within,
    number_of,
)
from hippodrome.services.fake_cell.lexical import Asked
from hippodrome.services.fake_cell.stems import words_in
from hippodrome.services.fake_cell.table import Table

Mask = NDArray[np.bool_]
TRUTHS = {"true": True, "false": False}


def passing(node: Node, table: Table, language: str | None = None) -> Mask:
    """A truth value for each place; places that are empty have any. `language`: of the words that CONTAINS names."""
    match node:
        case Not(inside):
            return np.logical_not(passing(inside, table, language))
        case AllOf(parts):
            return _together(np.logical_and, [passing(part, table, language) for part in parts])
        case AnyOf(parts):
            return _together(np.logical_or, [passing(part, table, language) for part in parts])
        case Equal(field, value):
            return _equal(field, value, table)
        case OneOf(field, values):
            none = np.zeros(len(table), dtype=np.bool_)
            return _together(np.logical_or, [none, *(_equal(field, value, table) for value in values)])
        case Within(field, low, high):
            return _within(field, low, high, table)
        case Contains(field, value):
            asked = Asked((), (tuple(words_in(value)),), language)
            return table.words.holding(field, asked, table.documents)


def _together(how: np.ufunc, masks: list[Mask]) -> Mask:
    found: Mask = how.reduce(masks)
    return found


def terms_of(node: Node) -> Iterator[Term]:
    """Its leaves."""
    match node:
        case Not(inside):
            yield from terms_of(inside)
        case AllOf(parts) | AnyOf(parts):
            for part in parts:
                yield from terms_of(part)
        case Contains() | Equal() | OneOf() | Within():
            yield node


def without(node: Node, raw: frozenset[str]) -> Node | None:
    """The same filter without the terms that were written so; None when nothing stays."""
    match node:
        case Not(inside):
            kept = without(inside, raw)
            return Not(kept) if kept else None
        case AllOf(parts) | AnyOf(parts):
            rest = tuple(found for part in parts if (found := without(part, raw)))
            return type(node)(rest) if len(rest) > 1 else rest[0] if rest else None
        case Contains() | Equal() | OneOf() | Within():
            return None if node.raw in raw else node


def _equal(field: str, value: str, table: Table) -> Mask:
    """Texts with the case of letters, numbers as numbers, true and false in any case; of a list any element."""
    mask = np.zeros(len(table), dtype=np.bool_)
    if field == "_id":
        if value in table.places:
            mask[table.places[value]] = True
        return mask
    number = number_of(value)
    keys: list[tuple[str, str | bool | float]] = [("text", value)]
    if value.lower() in TRUTHS:
        keys.append(("truth", TRUTHS[value.lower()]))
    if number is not None:
        mask |= table.columns.numbers(field) == number
        keys.append(("number", number))
    holders = table.columns.holders(field)
    for key in keys:
        if key in holders:
            mask[np.array(holders[key])] = True
    return mask


def _within(field: str, low: float, high: float, table: Table) -> Mask:
    numbers = table.columns.numbers(field)
    mask = (numbers >= low) & (numbers <= high)
    for (kind, value), places in table.columns.holders(field).items():
        if kind == "number" and low <= float(value) <= high:
            mask[np.array(places)] = True
    return mask
