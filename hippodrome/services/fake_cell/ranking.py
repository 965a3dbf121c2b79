"""What puts hits in order beside their score: fields that weigh, fields to sort by, one hit for a group."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hippodrome.services.fake_cell.store import Table

Scores = NDArray[np.float64]
Places = NDArray[np.int64]


@dataclass(frozen=True)
class Modifiers:
    """Score × Π(weight · value) + Σ(weight · value), over the fields that a document has as numbers."""

    multiply: tuple[tuple[str, float], ...] = ()
    add: tuple[tuple[str, float], ...] = ()

    def applied(self, scores: Scores, table: Table) -> Scores:
        """What is no hit stays none."""
        is_hit = np.isfinite(scores)
        changed = np.where(is_hit, scores, 0.0)
        for field, weight in self.multiply:
            values = table.numbers(field)
            changed = changed * np.where(np.isnan(values), 1.0, values * weight)
        for field, weight in self.add:
            changed = changed + np.nan_to_num(table.numbers(field)) * weight
        return np.where(is_hit, changed, scores)


@dataclass(frozen=True)
class SortField:
    """`is_last`: where documents without it go."""

    name: str
    is_descending: bool = True
    is_last: bool = True


@dataclass(frozen=True)
class SortBy:
    """Up to three fields, the first counting most; then the score, then the id."""

    fields: tuple[SortField, ...]

    def order(self, hits: Places, scores: Scores, table: Table) -> Places:
        """The hits in their order."""
        keys = [-scores[hits]]
        for field in reversed(self.fields):
            values = _comparable(field.name, hits, table)
            missing = np.isnan(values)
            values = np.where(missing, 0.0, -values if field.is_descending else values)
            keys += [values, missing if field.is_last else ~missing]
        return hits[np.lexsort(keys)]


def _comparable(name: str, hits: Places, table: Table) -> Scores:
    """Numbers as they are; of texts the places that they take among each other."""
    numbers = table.numbers(name)[hits]
    texts = [table.documents[place].fields.get(name) for place in hits]
    if not any(isinstance(text, str) for text in texts):
        return numbers
    places = {text: place for place, text in enumerate(sorted({text for text in texts if isinstance(text, str)}))}
    return np.array([float(places[text]) if isinstance(text, str) else np.nan for text in texts])


@dataclass(frozen=True)
class Collapse:
    """One hit for each value of a field; a document without it stands for itself."""

    field: str

    def group(self, place: int, table: Table) -> object:
        value = table.documents[place].fields.get(self.field)
        return value if isinstance(value, str | int | float) else (place,)

    def first_of_each(self, order: Places, table: Table) -> Places:
        seen: set[object] = set()
        kept = []
        for place in order.tolist():
            group = self.group(place, table)
            if group not in seen:
                seen.add(group)
                kept.append(place)
        return np.array(kept, dtype=np.int64)
