"""Plans of tiny programs for tests that really run them."""

import sys
from typing import Any

from hippodrome.plan.model import Origin, Plan, Probe, Program, Restart

OBEDIENT = "import time; print('here', flush=True); time.sleep(3600)"


def program(name: str, code: str = OBEDIENT, **facts: Any) -> Program:
    """Runs Python `code`. `facts` are fields of Program."""
    given: dict[str, Any] = {
        "name": name,
        "description": f"What {name} is for",
        "argv": (sys.executable, "-c", code),
        "directory": "/",
        "environment": {},
        "secrets": {},
        "host": "127.0.0.1",
        "ports": {},
        "url": "",
        "origin": Origin("command", "/", "command"),
        "depends_on": (),
        "probe": Probe("none"),
        "restart": Restart(),
        "stop_signal": "TERM",
        "stop_grace_s": 1.0,
        "watched": (),
        "setup": (),
        "links": (),
        "is_required": True,
        "declared_at": "hippodrome.yaml:2",
    }
    return Program(**{**given, **facts})


def plan(*programs: Program, **facts: Any) -> Plan:
    given: dict[str, Any] = {
        "project_root": "/",
        "profile": "core",
        "cell": "local",
        "aws": "moto",
        "table_prefix": "dev-main-",
        "programs": programs,
    }
    return Plan(**{**given, **facts})
