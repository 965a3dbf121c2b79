"""The likely cause of a crash, read from the last lines that a program wrote."""

import re
from collections.abc import Sequence

PATTERNS: tuple[
    tuple[str, str], ...
] = (  # what a line holds, what it means: {0}… the groups, {line} all of the match
    (
        r"ModuleNotFoundError: No module named '([^']+)'",
        "Python module `{0}` is missing. Add it to the requirements, then `hd setup {name}`.",
    ),
    (r"Cannot find (?:module|package) '([^']+)'", "Node module `{0}` is missing. Try `hd setup {name} --again`."),
    (r"Address already in use|EADDRINUSE", "a port it wants is taken. `hd doctor` names the holder."),
    (r"No space left on device|ENOSPC", "the disk is full, or inotify watches ran out. `hd doctor` tells which."),
    (r"(?:Permission denied|EACCES)[^\n]*", "a file may not be used ({line})."),
    (r"MemoryError|JavaScript heap out of memory|Cannot allocate memory", "memory ran out."),
    (r"KeyError: '([A-Z][A-Z0-9_]+)'", "variable `{0}` is not set. `hd env {name}` shows what it gets."),
    (r"SyntaxError: [^\n]*", "its code does not parse ({line}). It restarts when the file is saved."),
)


def likely_cause(name: str, lines: Sequence[str]) -> str:
    """One sentence about the newest of `lines` that tells something; empty when none does."""
    for line in reversed(lines):
        for pattern, meaning in PATTERNS:
            if found := re.search(pattern, line):
                return meaning.format(*found.groups(), name=name, line=found[0])
    return ""
