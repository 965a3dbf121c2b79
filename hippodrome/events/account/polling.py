"""Reading the queue of the instance: each message is posted to the webhook, and deleted once it is taken."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from hippodrome.errors import UserError
from hippodrome.events.account.aws import AbsentError, Account
from hippodrome.events.account.names import is_proof_text
from hippodrome.events.account.webhook import Answer

LONG_S = 20  # the longest that SQS waits for a message
AT_ONCE = 5  # each may take the webhook five seconds, and all must be done before TAKEN_S is over
PAUSES_S = (1.0, 2.0, 5.0, 10.0, 30.0)
HIDDEN_MAX_S = 300

log = logging.getLogger("account_events")

Message = Mapping[str, Any]


@dataclass
class Reader:
    """Of one queue. `deliver` posts an event, `proved` hears of each of our own."""

    account: Account
    queue: str
    deliver: Callable[[bytes], Answer]
    proved: Callable[[], None]
    pause: Callable[[float], None]
    _failures: int = 0
    why: str = ""

    def turn(self, wait_s: int = LONG_S) -> None:
        """One look at the queue, and what comes of it. After a failure it takes a pause first."""
        if self._failures:
            self.pause(PAUSES_S[min(self._failures, len(PAUSES_S)) - 1])
        try:
            messages = self._receive(wait_s)
            taken = [self._pass_on(message) for message in messages]
        except (UserError, AbsentError) as error:
            self._fail(error.problems[0].what if isinstance(error, UserError) else f"the queue is gone: {error}")
            return
        if all(taken):
            self._failures, self.why = 0, ""

    def _receive(self, wait_s: int) -> list[Message]:
        told = self.account.ask(
            "sqs",
            "receive_message",
            QueueUrl=self.queue,
            MaxNumberOfMessages=AT_ONCE,
            WaitTimeSeconds=wait_s,
            MessageSystemAttributeNames=["ApproximateReceiveCount"],
        )
        return list(told.get("Messages", ()))

    def _pass_on(self, message: Message) -> bool:
        body = message["Body"].encode()
        answer = self.deliver(body)
        if answer.is_taken:
            if is_proof_text(body):
                self.proved()
            self._delete(message)
        elif answer.is_refused:
            said = answer.body.decode(errors="replace")
            log.error("dropped a message that the webhook refuses: %s (message %s)", said, message["MessageId"])
            self._delete(message)
        else:
            self._give_back(message)
            self._fail(f"the webhook answers {answer.status}; events wait in the queue")
            return False
        return True

    def _delete(self, message: Message) -> None:
        self.account.ask("sqs", "delete_message", QueueUrl=self.queue, ReceiptHandle=message["ReceiptHandle"])

    def _give_back(self, message: Message) -> None:
        """It comes again: soon at first, then ever later."""
        count = int(message.get("Attributes", {}).get("ApproximateReceiveCount", "1"))
        hidden = min(2 ** min(count, 10), HIDDEN_MAX_S)
        handle = message["ReceiptHandle"]
        self.account.ask(
            "sqs", "change_message_visibility", QueueUrl=self.queue, ReceiptHandle=handle, VisibilityTimeout=hidden
        )

    def _fail(self, why: str) -> None:
        self._failures += 1
        if why != self.why:
            self.why = why
            log.warning("%s", why)
