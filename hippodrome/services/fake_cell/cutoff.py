"""Where relevant hits end: a search by words tells how many there are."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

PROBE_DEPTH = 1000


@dataclass(frozen=True)
class Cutoff:
    """`factor` is a share of the best score, or a number of standard deviations above the mean.

    `legs`: whether only what is found by meaning is cut, or that and what is found by words.
    `overrides_sort`: whether no more than the relevant are sorted. `overrides_total`: whether the total tells what is
    left of both legs. `exceeds_page`: whether all relevant hits are in hand, also those that the page does not need.
    `needs_all`: whether each of the words must be there for a hit to be probed.
    """

    method: Literal["relative_max_score", "mean_std_dev", "gap_detection"]
    factor: float = 0.0
    depth: int = PROBE_DEPTH
    legs: Literal["tensor", "both"] = "both"
    affects_facets: bool = False
    overrides_sort: bool = False
    overrides_total: bool = False
    exceeds_page: bool = False
    needs_all: bool = False

    def count(self, scores: NDArray[np.float64]) -> int:
        """How many are relevant. `scores` of the probe, best first."""
        probed = scores[: self.depth]
        if len(probed) < 2:
            return len(probed)
        if self.method == "gap_detection":
            return int(np.argmax(probed[:-1] - probed[1:])) + 1
        least = self.factor * probed[0]
        if self.method == "mean_std_dev":
            least = probed.mean() + self.factor * probed.std()
        return int((probed >= least).sum())
