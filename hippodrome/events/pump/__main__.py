"""Starts the pump; run by path, also from a checkout that is not installed."""

import os
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
# This folder's own modules are to be found as parts of the package alone, never as `records` or `wire`.
sys.path[:] = [str(HERE.parents[2]), *(entry for entry in sys.path if Path(entry).resolve() != HERE)]
# Nothing here is asked by https, and without it http.client does as well: 4 MiB less for as long as a stack runs.
sys.modules["ssl"] = None  # type: ignore[assignment]

from hippodrome.events.names import feeds  # noqa: E402 - can be found only now
from hippodrome.events.pump.checkpoints import Checkpoints  # noqa: E402
from hippodrome.events.pump.condition import NAME, Condition, serve  # noqa: E402
from hippodrome.events.pump.pump import Pump  # noqa: E402
from hippodrome.events.pump.relay import Relay  # noqa: E402
from hippodrome.events.pump.streams import Caller, Streams  # noqa: E402

CHECKPOINTS = "checkpoints.json"


def main() -> None:
    """Pumps until it is ended. PORT, HOST, DATA_DIR, TABLE_PREFIX, RELAY_URL, and AWS's own."""
    said = os.environ
    folder = Path(said["DATA_DIR"])
    folder.mkdir(parents=True, exist_ok=True)
    condition = Condition()
    try:
        serve(condition, said.get("HOST", "127.0.0.1"), int(said["PORT"]))
    except OSError as error:
        raise SystemExit(f"ERROR {NAME}: cannot listen on port {said['PORT']}: {error}") from error
    caller = Caller(said.get("AWS_ACCESS_KEY_ID", "testing"), said.get("AWS_DEFAULT_REGION", "us-east-1"))
    streams = Streams(said["AWS_ENDPOINT_URL"], caller)
    checkpoints = Checkpoints(folder / CHECKPOINTS)
    Pump(streams, Relay(said["RELAY_URL"]), checkpoints=checkpoints, condition=condition).run(
        feeds(said["TABLE_PREFIX"])
    )


if __name__ == "__main__":
    main()
