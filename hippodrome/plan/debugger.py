"""Where a program waits for a debugger, as its command tells."""

import re
from pathlib import PurePath

from hippodrome.plan.model import Program

LISTENS = re.compile(r"--inspect=(?P<node>\S+:\d+)")


def debugger_of(program: Program) -> str:
    """`HOST:PORT` at which it waits for a debugger; empty when it is run without one."""
    argv = program.argv
    if "--listen" in argv and any(PurePath(word).name == "debugpy" for word in argv[: argv.index("--listen")]):
        return argv[argv.index("--listen") + 1]
    found = LISTENS.search(" ".join((*argv[1:2], program.environment.get("NODE_OPTIONS", ""))))
    return found["node"] if found else ""
