"""One figure beside its limit or its aim."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Row:
    """`samples` are in `unit`; `limit` has what they are held against, sample by sample of the same round."""

    what: str
    samples: Sequence[float]
    against: str = ""
    limit: Sequence[float] = ()
    aim: str = ""
    unit: str = "s"

    def told(self) -> dict[str, str]:
        """Cells of a table; the ratio is the median of the rounds' ratios."""
        ratios = [ours / theirs for ours, theirs in zip(self.samples, self.limit, strict=False) if theirs]
        return {
            "what": self.what,
            "median": f"{statistics.median(self.samples):.3g} {self.unit}",
            "least": f"{min(self.samples):.3g}",
            "most": f"{max(self.samples):.3g}",
            "beside": f"{self.against} {statistics.median(self.limit):.3g}" if self.limit else self.against,
            "ratio": f"{statistics.median(ratios):.2f}" if ratios else "",
            "aim": self.aim,
        }
