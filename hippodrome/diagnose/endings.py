"""What the end of a process means, in words that a shell's exit codes and signals are known by."""

from hippodrome.plan.conditions import Exit

CODES = {
    0: "it ended well",
    1: "an error of its own",
    2: "wrong arguments, or an error of its own",
    126: "its command may not be executed",
    127: "its command was not found",
    130: "Ctrl+C reached it",
    134: "a child of it aborted",
    137: "a child of it was killed, perhaps for want of memory",
    139: "a child of it crashed in native code",
    143: "it was asked to end, and did",
}
SIGNALS = {
    "SIGABRT": "it aborted itself",
    "SIGBUS": "it crashed in native code, or its disk is full",
    "SIGILL": "it is built for another processor",
    "SIGINT": "Ctrl+C reached it",
    "SIGKILL": "somebody ended it by force, or memory ran out",
    "SIGSEGV": "it crashed in native code",
    "SIGTERM": "somebody asked it to end",
}


def meaning(last: Exit | None) -> str:
    """Empty where nothing more is known than the number."""
    if last is None:
        return ""
    if last.signal is None:
        return CODES.get(last.code or 0, "")
    import signal  # only a death by signal needs the names

    try:
        return SIGNALS.get(signal.Signals(last.signal).name, "")
    except ValueError:
        return ""
