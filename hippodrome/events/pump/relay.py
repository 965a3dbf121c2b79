"""Handing an event to the relay."""

import json
from typing import Any

from hippodrome.events.manner import ORIGIN_HEADER
from hippodrome.events.proof import USER_AGENT, is_proof
from hippodrome.events.pump.records import without_images
from hippodrome.events.pump.wire import Answer, AwayError, Peer

ANSWER_S = 10.0
REACH_S = 2.0
COMES_AGAIN = {408, 429}  # refusals that are about the moment, not about the event
TOO_LARGE = 413

Json = dict[str, Any]


class Relay:
    """The one that events are posted to; it answers once an event is on its disk."""

    def __init__(self, url: str) -> None:
        self._peer = Peer("the event relay", url)

    def hand(self, envelope: Json) -> Answer:
        """What it says: that it has taken the event, or why it never will. Raises AwayError for all else."""
        answer = self._post(envelope)
        if answer.status == TOO_LARGE:
            answer = self._post(without_images(envelope))
        if answer.is_taken or (400 <= answer.status < 500 and answer.status not in COMES_AGAIN):
            return answer
        raise AwayError(f"the event relay does not take events now: {answer.said}")

    def reach(self) -> None:
        """Raises AwayError where it is not there."""
        self._peer.reach(REACH_S)

    def rest(self) -> None:
        """Until there are events again."""
        self._peer.rest()

    def _post(self, envelope: Json) -> Answer:
        headers = {"Content-Type": "application/json", "Prefer": "respond-async", ORIGIN_HEADER: "streams"}
        if is_proof(envelope):
            headers["User-Agent"] = USER_AGENT
        body = json.dumps(envelope, ensure_ascii=False, separators=(",", ":")).encode(errors="surrogatepass")
        return self._peer.ask("POST", "", body, headers=headers, timeout_s=ANSWER_S)
