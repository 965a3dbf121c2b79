"""What starts an instance at boot, as systemd (a unit of the user's) and launchd (a plist) read it.

A word of `ExecStart=` is unquoted, C-unescaped, and its `%` expanded (systemd.service(5), systemd.syntax(7)); a `:`
before the program keeps `$` as it is. The program itself may hold neither quotes nor backslashes (`string_is_safe` in
systemd's sources); such a one is handed to a shell as a word. `WorkingDirectory=` is neither unquoted nor unescaped.
"""

import plistlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePath
from xml.parsers.expat import ExpatError

MARK = "Written by `hd service install`, and removed by `hd service uninstall`"
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r", "%": "%%"}


@dataclass(frozen=True, kw_only=True)
class Autostart:
    """`start` and `stop` are commands; `identity` is the instance's, of letters, digits, `-` and `_`."""

    identity: str
    directory: str
    start: tuple[str, ...]
    stop: tuple[str, ...]
    environment: Mapping[str, str]

    @property
    def unit(self) -> str:
        return f"hippodrome-{self.identity}.service"

    @property
    def label(self) -> str:
        return f"hippodrome.{self.identity}"


def unit(autostart: Autostart) -> str:
    """`oneshot` that remains: `hd up` ends once all is healthy, and what it started goes on by itself.

    What `hd up` says of services that are not healthy (1, 5, 6) fails no start, for the others run all the same.
    """
    directory = autostart.directory
    lines = [
        f"# {MARK}.",
        "[Unit]",
        f"Description=Hippodrome: {_line(directory)}",
        "",
        "[Service]",
        "Type=oneshot",
        "RemainAfterExit=yes",
        "SuccessExitStatus=1 5 6",
        *([f"WorkingDirectory={directory.replace('%', '%%')}"] if _is_line(directory) else []),
        *(f"Environment={_word(f'{name}={value}')}" for name, value in sorted(autostart.environment.items())),
        f"ExecStart={_command(autostart.start)}",
        f"ExecStop={_command(autostart.stop)}",
        "TimeoutStopSec=5min",
        "",
        "[Install]",
        "WantedBy=default.target",
    ]
    return "\n".join(lines) + "\n"


def plist(autostart: Autostart) -> bytes:
    """`AbandonProcessGroup`: what `hd up` started goes on when that has ended.

    Raises ValueError for a path that XML cannot hold.
    """
    return plistlib.dumps(
        {
            "Label": autostart.label,
            "Comment": MARK,
            "ProgramArguments": list(autostart.start),
            "WorkingDirectory": autostart.directory,
            "EnvironmentVariables": dict(autostart.environment),
            "RunAtLoad": True,
            "AbandonProcessGroup": True,
        }
    )


def is_ours(text: bytes) -> bool:
    """Whether `hd` wrote a file of this content."""
    if text.startswith(f"# {MARK}".encode()):
        return True
    try:
        told = plistlib.loads(text)
    except (plistlib.InvalidFileException, ExpatError, ValueError, LookupError, TypeError, OverflowError):
        return False
    return isinstance(told, dict) and told.get("Comment") == MARK


def _command(argv: tuple[str, ...]) -> str:
    program = argv[0]
    if not program.isprintable() or set(program) & set("\\'\"") or not PurePath(program).is_absolute():
        argv = ("/bin/sh", "-c", 'exec "$0" "$@"', *argv)
    first, *rest = argv
    return " ".join((_word(f":{first}"), *map(_word, rest)))


def _word(text: str) -> str:
    """In quotes, whatever it holds."""
    return f'"{"".join(map(_escaped, text))}"'


def _escaped(letter: str) -> str:
    if letter in _ESCAPES or letter.isprintable():
        return _ESCAPES.get(letter, letter)
    return "".join(f"\\x{byte:02x}" for byte in letter.encode("utf-8", "surrogateescape"))


def _is_line(path: str) -> bool:
    """Whether a setting that is taken as it stands can hold it."""
    return path.isprintable() and path == path.strip() and not path.endswith("\\")


def _line(text: str) -> str:
    return "".join(each if each.isprintable() else "?" for each in text).replace("%", "%%").rstrip("\\ ")
