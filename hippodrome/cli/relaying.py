"""Asking the relay of the running stack."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import requests

from hippodrome.cli.running import open_running
from hippodrome.control.access import token_of
from hippodrome.errors import ExitCode, Problem, UserError

if TYPE_CHECKING:
    from hippodrome.plan.model import Plan

ASK_S = 15.0


class Door:
    """The dashboard of the running stack, which has the relay. Each call raises UserError when it does not answer."""

    def __init__(self, project_root: Path | None) -> None:
        running = open_running(project_root)
        self.plan: Plan = running.plan
        if "dashboard" not in self.plan:
            problem = Problem("no-relay", "this stack has no dashboard, which relays events", "`hd up`.")
            raise UserError(problem, exit_code=ExitCode.NOT_RUNNING)
        self._url = self.plan.program("dashboard").url
        self._session = requests.Session()
        self._session.trust_env = False  # on this machine
        self._session.headers["Authorization"] = f"Bearer {token_of(running.instance.layout)}"

    def post(self, path: str, document: Any) -> requests.Response:
        """Whatever its status."""
        try:
            return self._session.post(self._url + path, json=document, timeout=ASK_S)
        except requests.RequestException as error:
            problem = Problem("relay-silent", f"the relay does not answer: {error}", "`hd ps dashboard` says why.")
            raise UserError(problem, exit_code=ExitCode.FAILED) from error
