"""ngrok's agent, through pyngrok: it reads what the agent says, and asks its API.

The agent is started here and not by pyngrok, by the path of the one that is installed: pyngrok would download one
where none is, and waits without end for one that says nothing.
"""

import re
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from hippodrome.errors import Problem
from hippodrome.events.tunnels.child import Opened

if TYPE_CHECKING:
    from pyngrok.log import NgrokLog

NAME = "ngrok"
TOKEN = "NGROK_AUTHTOKEN"
ASK_S = 2.0
REFUSED_WAIT_S = 60.0
CODE = re.compile(r"ERR_NGROK_\d+")
MEND = {  # https://ngrok.com/docs/errors/
    "ERR_NGROK_4018": "it has no account token: `ngrok config add-authtoken TOKEN`",
    "ERR_NGROK_105": "its account token is not one: `ngrok config add-authtoken TOKEN`",
    "ERR_NGROK_107": "its account token is not valid any more: `ngrok config add-authtoken TOKEN`",
    "ERR_NGROK_108": "the account has as many agents running as it may: end another",
}


def missing(environ: Mapping[str, str]) -> Problem | None:
    """Whether it is not installed, or has no account token."""
    if not shutil.which(NAME, path=environ.get("PATH")):
        return Problem("no-tunnel", "ngrok is not installed", "Install it, or cloudflared, which needs no account.")
    if environ.get(TOKEN) or any(_has_token(path) for path in _settings(environ)):
        return None
    return Problem(
        "no-ngrok-token",
        "ngrok is installed, and has no account token",
        "`ngrok config add-authtoken TOKEN` (from dashboard.ngrok.com), or set NGROK_AUTHTOKEN; "
        "or install cloudflared, which needs no account.",
    )


def start(port: int, environ: Mapping[str, str], _folder: Path) -> Opened:
    """To `port` of 127.0.0.1. Raises OSError."""
    program = shutil.which(NAME, path=environ.get("PATH")) or NAME
    flags = ["--log", "stdout", "--log-format", "logfmt", "--log-level", "info"]
    argv = [program, "http", f"http://127.0.0.1:{port}", *flags]
    return Opened(argv, environ, name=NAME, signs=_Signs())


class _Signs:
    def __init__(self) -> None:
        self.url = self.why = self._api = ""
        self.wait_s = 0.0

    def hear(self, line: str) -> bool:
        from pyngrok.log import NgrokLog

        said = NgrokLog(line)
        if said.msg == "starting web service" and said.addr:
            self._api = f"http://{said.addr}"
        elif said.msg == "started tunnel" and str(getattr(said, "url", "")).startswith("https://"):
            self.url = str(vars(said)["url"])
        else:
            self._hear_failure(line, said)
        return not hasattr(said, "pg")  # each of our own questions to its API

    def _hear_failure(self, line: str, said: "NgrokLog") -> None:
        """The agent says it in its log, and once more in plain lines when it ends."""
        if (found := CODE.search(line)) and found[0] in MEND:
            self.why, self.wait_s = f"{MEND[found[0]]} ({found[0]})", REFUSED_WAIT_S
        elif said.lvl in ("ERROR", "CRITICAL") and said.err and not self.wait_s:
            self.why = " ".join(said.err.split())

    def is_open(self) -> bool:
        """Whether its API still has the tunnel: it goes while the agent reconnects."""
        from pyngrok.exception import PyngrokError
        from pyngrok.ngrok import api_request

        if not self._api:
            return False
        try:
            told = api_request(f"{self._api}/api/tunnels", timeout=ASK_S)
        except (PyngrokError, OSError, ValueError):
            return False
        return any(each.get("public_url") == self.url for each in told.get("tunnels", ()))


def _settings(environ: Mapping[str, str]) -> Iterator[Path]:
    """Where `ngrok config add-authtoken` has put it, on Linux, macOS, and before version 3."""
    home = Path(environ.get("HOME") or Path.home())
    yield Path(environ.get("XDG_CONFIG_HOME") or home / ".config") / "ngrok" / "ngrok.yml"
    yield home / "Library" / "Application Support" / "ngrok" / "ngrok.yml"
    yield home / ".ngrok2" / "ngrok.yml"


def _has_token(path: Path) -> bool:
    """In version 3 of the file it stands below `agent`."""
    try:
        told: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError):
        return False
    if not isinstance(told, dict):
        return False
    agent = told.get("agent")
    return bool(told.get("authtoken") or (isinstance(agent, dict) and agent.get("authtoken")))
