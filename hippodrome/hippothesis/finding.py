"""What a probe or a property found."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """`what` was tried on `service`; `wrong` says what was not so, empty when all was well. `script` replays it."""

    service: str
    what: str
    wrong: str = ""
    script: str = ""

    @property
    def is_well(self) -> bool:
        return not self.wrong
