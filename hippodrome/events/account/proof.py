"""An event of our own, sent through the whole way from time to time: a way that delivers nothing is seen to."""

import logging
import time
from dataclasses import dataclass

from hippodrome.errors import UserError
from hippodrome.events.account import names as naming
from hippodrome.events.account.aws import AbsentError, Account
from hippodrome.events.account.names import Names
from hippodrome.events.account.status import Board, now
from hippodrome.events.proof import EVERY_S

log = logging.getLogger("account_events")


@dataclass
class Proof:
    """To be asked every now and then: `turn`. With `is_off`, as for an account whose data is real, none is sent."""

    account: Account
    names: Names
    board: Board
    is_off: bool = False
    _next_at: float = 0.0
    _said: str = ""

    def turn(self) -> None:
        """Never raises what AWS says: events come all the same."""
        if self.is_off or time.monotonic() < self._next_at:
            return
        self._next_at = time.monotonic() + EVERY_S
        try:
            told = self.account.ask("events", "put_events", Entries=[naming.proof(self.names)])
        except (UserError, AbsentError) as error:
            self._fail(error)
            return
        if told.get("FailedEntryCount"):
            self._say(f"no proof was sent: {told['Entries'][0].get('ErrorMessage')}")
            return
        self._said = ""
        self.board.put(proof_sent_at=now())

    def _fail(self, error: UserError | AbsentError) -> None:
        problem = error.problems[0] if isinstance(error, UserError) else None
        self.is_off = problem is not None and problem.code == "aws-denied"
        what = problem.what if problem else str(error)
        self._say(f"no proof can be sent that events arrive: {what}")

    def _say(self, text: str) -> None:
        """Once, however often it happens in a row."""
        if text != self._said:
            self._said = text
            log.warning("%s", text)
