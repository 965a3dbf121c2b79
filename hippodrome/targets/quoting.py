"""Values as supervisor 4.3 reads them back unchanged, and which values it cannot hold at all.

Its configuration is read line by line: `;` and `#` after white space cut a line even inside quotes, a line break ends
the value, `%` begins an expansion, and bytes beyond ASCII are read in whatever encoding the locale has.
`command` is then split as a shell splits words. `environment` is split by a lexer that knows no escapes and takes
every quote off both ends of a value.
"""

import re
import shlex
from collections.abc import Iterable, Mapping

_ASCII = re.compile(r"[ -~]*\Z")
_COMMENT = re.compile(r"(?:^|\s)[;#]")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")


def is_word(value: str) -> bool:
    """Whether `command` can hold it."""
    return _ASCII.match(value) is not None


def is_value(value: str) -> bool:
    """Whether `environment` can hold it."""
    if not is_word(value) or _COMMENT.search(f"={value}"):
        return False
    if value[:1] in ("'", '"') or value[-1:] in ("'", '"'):
        return False
    return not ("'" in value and '"' in value)


def is_path(value: str) -> bool:
    """Whether a path field can hold it: its ends are stripped."""
    return is_word(value) and not _COMMENT.search(value) and value == value.strip()


def is_variable(name: str) -> bool:
    """Whether `environment`, and a shell's `export`, can hold a variable of this name."""
    return _VARIABLE.match(name) is not None


def quoted_command(argv: Iterable[str]) -> str:
    """For `command=`. Every word must satisfy `is_word`."""
    # quotes do not keep `;` and `#` from cutting the line, but a backslash is no white space
    words = (re.sub(r"(?<= )([;#])", r"'\\\1'", shlex.quote(word)) for word in argv)
    return " ".join(words).replace("%", "%%")


def quoted_environment(environment: Mapping[str, str]) -> str:
    """For `environment=`, sorted. Names must satisfy `is_variable`, values `is_value`."""
    return ",".join(f"{name}={_quoted_value(value)}" for name, value in sorted(environment.items())).replace(
        "%", "%%"
    )


def quoted_path(path: str) -> str:
    """For fields that hold one path, which must satisfy `is_path`."""
    return path.replace("%", "%%")


def commented(text: str) -> str:
    """For the rest of a comment's line: whatever it holds, it stays one line, and ASCII."""
    return text.encode("unicode_escape").decode("ascii")


def shell_words(argv: Iterable[str]) -> str:
    """For a line of shell, where every text but one with a NUL can stand."""
    return " ".join(map(shlex.quote, argv))


def _quoted_value(value: str) -> str:
    return f"'{value}'" if '"' in value else f'"{value}"'
