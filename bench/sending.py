"""Sends events for some seconds. Usage: sending.py PORT SENDERS SECONDS RATE (0: as quickly as they are answered).

Prints JSON: `took_ms` of each answer, `seconds` in all.
"""

import json
import sys
import threading
import time
import uuid
from dataclasses import dataclass
from http.client import HTTPConnection

PATH = "/webhook/eventbridge"


@dataclass(frozen=True)
class Pace:
    port: int
    senders: int
    seconds: float
    rate: float
    began: float


def event(key: str, number: int) -> bytes:
    keys = {"pk": {"S": key}, "sk": {"S": "SETTINGS"}}
    detail = {"eventName": "MODIFY", "tableName": "EcomIndexSettingsTable", "keys": keys, "n": number}
    detail["newImage"] = {**keys, "settings": {"S": "x" * 600}}
    return json.dumps(
        {
            "id": str(uuid.uuid4()),
            "source": "marqo.dynamodb",
            "detail-type": "EcomIndexSettings.MODIFY",
            "detail": detail,
        }
    ).encode()


def send(which: int, pace: Pace, took_ms: list[float]) -> None:
    """One sender of them, on a connection of its own."""
    connection = HTTPConnection("127.0.0.1", pace.port, timeout=30)
    number = 0
    while (now := time.perf_counter()) - pace.began < pace.seconds:
        if pace.rate and (early := pace.began + number * pace.senders / pace.rate - now) > 0:
            time.sleep(early)
        at = time.perf_counter()
        headers = {"Content-Type": "application/json"}
        connection.request("POST", PATH, event(f"INDEX#{which}-{number % 50}", number), headers)
        answer = connection.getresponse()
        text = answer.read()
        if answer.status != 200:
            raise SystemExit(f"{answer.status} {text[:200]!r}")
        took_ms.append((time.perf_counter() - at) * 1000)
        number += 1


def main() -> None:
    port, senders, seconds, rate = sys.argv[1:]
    pace = Pace(int(port), int(senders), float(seconds), float(rate), time.perf_counter())
    took: list[list[float]] = [[] for _ in range(pace.senders)]
    threads = [threading.Thread(target=send, args=(which, pace, took[which])) for which in range(pace.senders)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds_in_all = time.perf_counter() - pace.began
    print(json.dumps({"seconds": seconds_in_all, "took_ms": [each for one in took for each in one]}))


if __name__ == "__main__":
    main()
