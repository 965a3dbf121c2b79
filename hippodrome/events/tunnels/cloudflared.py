"""Cloudflare's quick tunnels: free, without an account, and with another address each time.

What is known of it is from its own source (cmd/cloudflared/tunnel/quick_tunnel.go, metrics/): the address stands in
a box on standard error, which says before that it may not be reachable yet; `/ready` of its metrics server answers
200 while a connection to the edge is up.
"""

import re
import shutil
import urllib.request
from collections.abc import Mapping
from pathlib import Path

from hippodrome.errors import Problem
from hippodrome.events.tunnels.child import Opened

NAME = "cloudflared"
URL = re.compile(r"\|\s+(https://[a-z0-9-]+(?:\.[a-z0-9-]+)*\.trycloudflare\.com)\s+\|")
METRICS = re.compile(r"Starting metrics server on (\S+?)/metrics")
RATIONED = "429 Too Many Requests"
RATIONED_WAIT_S = 60.0
FAILURE = re.compile(r"(failed to \w+ (?:quick[- ])?tunnel.*)", re.IGNORECASE)
ASK_S = 2.0
NO_SETTINGS = "cloudflared.yml"  # quick tunnels are refused where a person's own config.yml names a tunnel


def missing(environ: Mapping[str, str]) -> Problem | None:
    """Whether it is not installed."""
    if shutil.which(NAME, path=environ.get("PATH")):
        return None
    return Problem(
        "no-tunnel",
        "events of an account come through a tunnel, and neither cloudflared nor ngrok is installed",
        "Install cloudflared (free, no account): `brew install cloudflared`, or the package from "
        "developers.cloudflare.com/cloudflare-one; or take `--events-via sqs`, which needs none.",
    )


def start(port: int, environ: Mapping[str, str], folder: Path) -> Opened:
    """To `port` of 127.0.0.1. Raises OSError."""
    settings = folder / NO_SETTINGS
    settings.write_text("{}\n", encoding="utf-8")
    program = shutil.which(NAME, path=environ.get("PATH")) or NAME
    flags = ["--config", str(settings), "--no-autoupdate", "--metrics", "127.0.0.1:0"]
    argv = [program, "tunnel", *flags, "--url", f"http://127.0.0.1:{port}"]
    return Opened(argv, environ, name=NAME, signs=_Signs())


class _Signs:
    def __init__(self) -> None:
        self.url = self.why = self._metrics = ""
        self.wait_s = 0.0

    def hear(self, line: str) -> bool:
        if RATIONED in line:
            self.why = f"Cloudflare gives out no more quick tunnels for now ({RATIONED})"
            self.wait_s = RATIONED_WAIT_S
        elif found := URL.search(line):
            self.url = found[1]
        elif found := METRICS.search(line):
            self._metrics = found[1]
        elif (found := FAILURE.search(line)) and not self.wait_s:
            self.why = found[1]
        return True

    def is_open(self) -> bool:
        if not self._metrics:
            return False
        try:
            with urllib.request.urlopen(f"http://{self._metrics}/ready", timeout=ASK_S) as answer:
                return bool(answer.status == 200)
        except (OSError, ValueError):  # an HTTP error is an OSError too
            return False
