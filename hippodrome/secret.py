"""Text that must not be shown: which names say so, and what stands in its place."""

import re
from collections.abc import Iterable, Mapping

MASK = "********"

# What makes the name of a variable that of a secret, with examples; docs/security.md has the same table.
ANYWHERE = {
    "SECRET": ("AWS_SECRET_ACCESS_KEY", "CLIENT_SECRET"),
    "TOKEN": ("GITHUB_TOKEN", "AWS_SESSION_TOKEN"),
    "PASSW": ("DB_PASSWORD", "PGPASSWORD", "PASSWD"),
    "PASSPHRASE": ("SSH_PASSPHRASE",),
    "CREDENTIAL": ("GOOGLE_CREDENTIALS",),
    "PRIVATE": ("PRIVATE_PEM",),
    "APIKEY": ("OPENAI_APIKEY",),
}
AS_A_WORD = {  # between underscores, or at an end
    "KEY": ("STRIPE_KEY", "MARQO_API_KEY", "KEY"),
    "AUTH": ("NPM_AUTH", "AUTH_HEADER"),
    "PASS": ("SMTP_PASS",),
    "DSN": ("SENTRY_DSN",),
}
AT_THE_END: dict[str, tuple[str, ...]] = {"_PWD": ("MYSQL_PWD",)}  # alone it is the working folder

_NAME = re.compile(
    f"{'|'.join(ANYWHERE)}|(?:^|_)(?:{'|'.join(AS_A_WORD)})(?:_|$)|(?:{'|'.join(AT_THE_END)})$", re.IGNORECASE
)
_IN_URL = re.compile(r"(?<=://)([^/\s:@]*):[^/\s@]+(?=@)")
_ASSIGNED = re.compile(r"(?P<name>[A-Za-z][\w-]*)(?P<sign>=|\": \"|': ')(?P<value>[^\s\"'&]+)")
_SHORTEST = 4  # characters: what is shorter stands anywhere by chance

_read: set[str] = set()  # the values of all secrets of this process


class Secret(str):
    """A string that prints masked. `reveal()` is the only way to its value that reads as what it does."""

    __slots__ = ()

    def __new__(cls, value: str) -> "Secret":
        _read.add(value)
        return super().__new__(cls, value)

    def __repr__(self) -> str:
        return f"Secret({MASK!r})"

    def __str__(self) -> str:
        return MASK

    def __format__(self, spec: str) -> str:
        return format(MASK, spec)

    def reveal(self) -> str:
        """The value itself."""
        return str.__str__(self)


def is_secret_name(name: str) -> bool:
    """Whether a variable of this name is taken for a secret."""
    return _NAME.search(name.replace("-", "_")) is not None


def has_password(value: str) -> bool:
    """Whether there is a URL with one in it."""
    return without_passwords(value) != value


def shown(name: str, value: str) -> str:
    """The value of a variable as people may see it."""
    return MASK if value and is_secret_name(name) else without_passwords(value)


def masked(environment: Mapping[str, str], secrets: Iterable[str] = ()) -> dict[str, str]:
    """An environment as people may see it, sorted; `secrets` are the names of declared ones."""
    told = {name: shown(name, value) for name, value in environment.items()}
    return dict(sorted({**told, **dict.fromkeys(secrets, MASK)}.items()))


def without_passwords(text: str) -> str:
    """Without those in URLs."""
    return _IN_URL.sub(rf"\1:{MASK}", text) if "://" in text else text


def redacted(text: str, environ: Mapping[str, str]) -> str:
    """A text of any kind without what is known to be secret: values read, those of `environ`, `NAME=value`, URLs'."""
    values = {value for name, value in environ.items() if is_secret_name(name)} | _read
    for value in sorted(values, key=len, reverse=True):
        if len(value) >= _SHORTEST:
            text = text.replace(value, MASK).replace(repr(value)[1:-1], MASK)
    return without_passwords(_ASSIGNED.sub(_assigned, text))


def _assigned(found: re.Match[str]) -> str:
    if not is_secret_name(found["name"]):
        return found[0]
    return f"{found['name']}{found['sign']}{MASK}"
