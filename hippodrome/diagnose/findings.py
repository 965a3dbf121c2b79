"""A finding: what was looked at, whether it is well, what follows from it, and the mend."""

from dataclasses import dataclass
from typing import Literal

Severity = Literal["ok", "warning", "error"]


@dataclass(frozen=True)
class Finding:
    """`mend` is a sentence, and for what is not well always there."""

    subject: str
    severity: Severity
    what: str
    mend: str = ""
