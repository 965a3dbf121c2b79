"""The form of environment files: `NAME=value` lines, `#` comments, `export`, single and double quotes.

As a program, `env_files.py FILE NAME`, it prints one value: that of a secret, which no plan holds.
"""

import re
import sys
from collections.abc import Iterator

_LINE = re.compile(r"\s*(?:export\s+)?([^\s=#]+)\s*(?:=\s*(.*?))?\s*\Z")
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t"}


def parse_env_file(text: str) -> Iterator[tuple[str, str]]:
    """Names and values in the file's order. Nothing in them is expanded; a name alone is passed over."""
    for line in text.splitlines():
        match = _LINE.match(line)
        if match and match[2] is not None:
            yield match[1], _value(match[2])


def _value(written: str) -> str:
    if match := re.match(r"'([^']*)'", written):
        return match[1]
    if match := re.match(r'"((?:[^"\\]|\\.)*)"', written):
        return re.sub(r"\\(.)", lambda escape: _ESCAPES.get(escape[1], escape[1]), match[1])
    return re.sub(r"(^|\s+)#.*", "", written)


def _print_one(path: str, name: str) -> int:
    with open(path, encoding="utf-8") as file:  # noqa: PTH123 - pathlib is half of what a start takes
        found = dict(parse_env_file(file.read()))
    if name not in found:
        sys.stderr.write(f"{path} has no {name}\n")
        return 1
    sys.stdout.write(f"{found[name]}\n")
    return 0


if __name__ == "__main__":
    sys.exit(_print_one(*sys.argv[1:]))
