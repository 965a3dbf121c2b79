"""Whether events flow, as the pump knows it, and the small server that tells it."""

import http.server
import json
import threading
import time
from typing import Any

from hippodrome.events.proof import EVERY_S

NAME = "moto_events"
LATE_S = EVERY_S + 30.0  # a proof that is older: the source looks connected, and delivers nothing
STARTING = "it has just been started"


class Condition:
    """Written by the pump's thread, read by the server's: each attribute is replaced as a whole."""

    def __init__(self) -> None:
        self._troubles: tuple[str, ...] = (STARTING,)
        self._proved: dict[str, float] = {}

    def now(self, *troubles: str) -> None:
        """All that is wrong; each is said once, and when nothing is any more, that too."""
        before, self._troubles = self._troubles, troubles
        for trouble in troubles:
            if trouble not in before:
                say("WARNING", trouble)
        if before and not troubles:
            say("INFO", "events flow")

    def proved(self, table: str) -> None:
        """A marker of this table has been taken by the relay."""
        self._proved = {**self._proved, table: time.monotonic()}

    def told(self) -> tuple[int, dict[str, Any]]:
        """The status and the body of an answer to who asks for health."""
        ages = {table: round(time.monotonic() - at, 1) for table, at in self._proved.items()}
        late = [f"no proof from {table} for {age:.0f} s" for table, age in ages.items() if age > LATE_S]
        failing = [*self._troubles, *late]
        told = {"status": "failing" if failing else "ok", "service": NAME, "proof_age_s": ages}
        return (503, {**told, "failing": failing}) if failing else (200, told)


def serve(condition: Condition, host: str, port: int) -> None:
    """Answers `GET /health` from now on, in a thread of its own. Raises OSError where the port is taken."""

    class Answering(http.server.BaseHTTPRequestHandler):
        timeout = 2.0  # who connects and says nothing holds up the next one no longer

        def do_GET(self) -> None:
            status, told = condition.told() if self.path == "/health" else (404, {"status": "not found"})
            body = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            return

    server = http.server.HTTPServer((host, port), Answering)
    # never woken but by a request
    threading.Thread(target=server.serve_forever, args=(3600.0,), daemon=True).start()


def say(level: str, text: str) -> None:
    """A line in the log."""
    print(f"{level} {NAME}: {text}", flush=True)
