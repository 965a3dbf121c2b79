"""Whom the server runs as: PostgreSQL refuses to be root."""

import os
import pwd
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from shutil import which

USERS = ("postgres", "nobody")


class UnableError(Exception):
    """The server cannot run here; the text says why, and what to do."""


@dataclass(frozen=True)
class Account:
    """`prefix` goes before a command. `uid` and `gid` are those of the data."""

    uid: int
    gid: int
    prefix: tuple[str, ...] = ()

    def own(self, folder: Path) -> None:
        """Gives all of a folder to it."""
        if self.prefix:
            for path in (folder, *folder.rglob("*")):
                os.chown(path, self.uid, self.gid, follow_symlinks=False)


def choose_account(*needed: Path) -> Account:
    """Oneself, or for root one of the users that are there for it. It can reach the `needed`. Raises UnableError."""
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid())
    user = next(_users(), None)
    setpriv = which("setpriv")
    if user is None or setpriv is None:
        lacking = f"a user {' or '.join(USERS)}" if user is None else "the program setpriv"
        raise UnableError(f"PostgreSQL does not run as root, and {lacking} is not here; run hd as another user")
    prefix = [setpriv, f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
    if not all(_is_open(path) for path in needed):  # as what lies below /root; the bit is for those that ask access()
        prefix += ["--securebits=+no_setuid_fixup", "--inh-caps=+dac_override", "--ambient-caps=+dac_override"]
    return Account(user.pw_uid, user.pw_gid, (*prefix, "--"))


def _users() -> Iterator[pwd.struct_passwd]:
    for name in USERS:
        try:
            yield pwd.getpwnam(name)
        except KeyError:
            continue


def _is_open(path: Path) -> bool:
    """Whether everybody may pass through all folders above."""
    return all(folder.stat().st_mode & 0o001 for folder in path.resolve().parents)
