"""The environment that `hd` itself runs in, made by whatever suitable Python there is. Run by path.

    environment.py LOCK LINK

It lies in the cache that checkouts share, named by the lock's hash and the Python's version, and is never remade in
place. Prints the path of its python; progress goes to standard error.
"""

import hashlib
import os
import platform
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))

from hippodrome.bootstrap.cache import MARK, ensure, note_link
from hippodrome.bootstrap.tools import ToolError, Tools
from hippodrome.bootstrap.venv import make_venv
from hippodrome.plan.layout import Cache

SETUP_FAILED, INTERRUPTED = 6, 130  # as hippodrome.errors.ExitCode has them


def main() -> int:
    lock, link = Path(sys.argv[1]), Path(sys.argv[2])
    text = lock.read_text(encoding="utf-8")
    product = Cache.of(os.environ).venv(f"hd-{_key(text)}")
    counter = _Counter(text.count("=="))
    try:
        if not os.access(product / "bin" / "python", os.X_OK):  # its Python was uninstalled, or a part of it deleted
            (product / MARK).unlink(missing_ok=True)
        ensure(product, text, lambda: make_venv(product, lock, sys.executable, counter.show, Tools()))
    except (ToolError, OSError) as error:
        counter.end()
        print(f"hd could not make its environment: {error}", file=sys.stderr)
        print("  hint: the first run needs PyPI; pip's own settings (proxy, index) are used.", file=sys.stderr)
        return SETUP_FAILED
    except KeyboardInterrupt:
        counter.end()
        return INTERRUPTED
    counter.end()
    _point(link, product)
    there = link if link.is_symlink() and link.resolve() == product.resolve() else product
    print(there / "bin" / "python")  # by the same name as every later run has it, which need not come here
    return 0


def _key(lock: str) -> str:
    version = f"{platform.python_implementation()} {platform.python_version()} {sys.base_prefix}"
    return hashlib.sha256(f"{version}\n{lock}".encode()).hexdigest()[:16]


def _point(link: Path, product: Path) -> None:
    """In a checkout that may not be written, the environment is looked up each time."""
    staging = link.with_name(f"{link.name}.{os.getpid()}")
    try:
        staging.symlink_to(product)
        if link.is_dir() and not link.is_symlink():  # somebody's own environment stays
            staging.unlink()
        else:
            staging.replace(link)
            note_link(link, product)
    except OSError:
        staging.unlink(missing_ok=True)


class _Counter:
    """`3 of 18: numpy`, drawn in place on a terminal; elsewhere only that it begins."""

    def __init__(self, packages: int) -> None:
        self._packages = packages
        self._done = 0
        self._width = 0

    def show(self, package: str) -> None:
        if not self._done:
            print("Making hd's environment; this happens once.", file=sys.stderr, flush=True)
        self._done += 1
        if sys.stderr.isatty():
            text = f"  {self._done} of {self._packages}: {package}"
            print(f"\r{text.ljust(self._width)}", end="", file=sys.stderr, flush=True)
            self._width = len(text)

    def end(self) -> None:
        if self._width:
            print(f"\r{' ' * self._width}\r", end="", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
