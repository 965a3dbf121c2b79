"""A program that somebody runs by hand: what stands in for it meanwhile, and how its health is found."""

import sys
from dataclasses import replace
from pathlib import Path

from hippodrome.plan.model import Probe, Program

CAUSE = "by-hand"
KILL_SHARE = 0.8  # of the grace: before supervisord kills the stand-in, which could then end nothing any more


def stand_in(program: Program, lock: str) -> tuple[str, ...]:
    """A process that lives as long as the file is locked by who runs the program, and ends that when told to."""
    script = Path(__file__).with_name("stand_in.py")
    return (sys.executable, "-I", "-S", str(script), lock, f"{program.stop_grace_s * KILL_SHARE:g}")


def probe(program: Program) -> Probe:
    """Its check, as far as it can be made of a process that is not supervisord's: a log is a terminal's now."""
    if program.probe.kind not in ("listen", "log"):
        return program.probe
    if program.port is None:
        return replace(program.probe, kind="exec", argv=("true",))
    host = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(program.host, program.host)
    target = f"[{host}]:{program.port}" if ":" in host else f"{host}:{program.port}"
    return replace(program.probe, kind="tcp", target=target)
