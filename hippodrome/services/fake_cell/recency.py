"""How recent a document is, and what that makes of its score."""

import time
from dataclasses import dataclass
from typing import Literal

import numpy as np

from hippodrome.services.fake_cell.ranking import Scores, for_hits
from hippodrome.services.fake_cell.table import Table

Shape = Literal["exponential", "linear", "gaussian", "binary"]
Leg = Literal["tensor", "lexical"]
Phase = Literal["all", "only-global", "exclude-global"]


@dataclass(frozen=True)
class Curve:
    """From 1 at an age of `offset_s` down to `end` at `offset_s + scale_s`, and no further."""

    shape: Shape
    scale_s: float
    offset_s: float
    end: float

    def at(self, ages_s: Scores) -> Scores:
        """For ages from `offset_s` to `offset_s + scale_s`."""
        share = np.clip((ages_s - self.offset_s) / self.scale_s, 0.0, 1.0)
        if self.shape == "binary":
            return np.where(share < 1, 1.0, self.end)
        if self.shape == "linear":
            return np.maximum(self.end, 1 - share * (1 - self.end))
        return np.maximum(self.end, self.end ** (share if self.shape == "exponential" else share**2))


@dataclass(frozen=True)
class Recency:
    """By a field that holds seconds since 1970. What is later than `center` scores by `grow`, or 1 without it.

    `weight`: it is added so many times; without one the score is multiplied by it. `center` None is now.
    """

    field: str
    decay: Curve
    grow: Curve | None = None
    weight: float | None = None
    center: float | None = None
    legs: tuple[Leg, ...] | None = None  # None is both
    phase: Phase = "all"

    def scores(self, table: Table) -> Scores:
        """Of each place; one without a time is as old as can be."""
        moments = np.nan_to_num(table.columns.numbers(self.field))
        ages = (self.center or float(int(time.time()))) - moments
        decay, found = self.decay, np.ones(len(ages))
        is_old = ages >= decay.offset_s
        found[is_old] = decay.at(ages[is_old])
        if grow := self.grow:
            is_early = -ages > grow.offset_s
            found[is_early] = grow.at(-ages[is_early])
        found[moments == 0] = decay.end
        return found

    def is_in(self, leg: Leg) -> bool:
        """Whether it counts within this kind of search."""
        return self.phase != "only-global" and (self.legs is None or leg in self.legs)

    @property
    def is_global(self) -> bool:
        """Whether it counts for what both kinds of search find together."""
        return self.phase != "exclude-global"

    def applied(self, scores: Scores, recencies: Scores) -> Scores:
        """What is no hit stays none."""
        if self.weight is None:
            return for_hits(scores, lambda known: known * recencies)
        added = recencies * self.weight
        return for_hits(scores, lambda known: known + added)
