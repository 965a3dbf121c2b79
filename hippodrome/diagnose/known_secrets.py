"""Every secret of a stack that can be found out, so that it can be masked wherever it stands."""

import re
import shlex
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from hippodrome.control.secret_values import readable_secrets
from hippodrome.diagnose.masking import Masker, flag_values, url_passwords
from hippodrome.plan.conditions import Snapshot
from hippodrome.plan.layout import Layout
from hippodrome.plan.model import Plan
from hippodrome.secret import is_secret_name


def masker_of(plans: Iterable[Plan], snapshot: Snapshot | None, layout: Layout, environ: Mapping[str, str]) -> Masker:
    """For text about these plans. A command may print another secret now than when the stack was started, so what
    runs, and the files it was started from, are looked at too.
    """
    plans = tuple(plans)
    declared = {name for plan in plans for program in plan.programs for name in program.secrets}
    environments = [environ, *(program.environment for plan in plans for program in plan.programs)]
    environments += [_environ_of(status.pid) for status in snapshot.statuses if status.pid] if snapshot else []
    told = [value for each in environments for name, value in each.items() if name in declared]
    named = [value for each in environments for name, value in each.items() if is_secret_name(name)]
    commands = [program.argv for plan in plans for program in plan.programs]
    named += [value for argv in commands for value in flag_values(argv)]
    texts = [
        *(value for each in environments for value in each.values()),
        *(word for argv in commands for word in argv),
    ]
    passwords = [found for text in texts for found in url_passwords(text)]
    shown = {name for plan in plans for name in (*plan.names, plan.profile, plan.cell)}
    read = (secret.reveal() for secret in readable_secrets(plans))
    return Masker([*told, *read, *_rendered(layout, declared)], [*named, *passwords], shown)


def _environ_of(pid: int) -> dict[str, str]:
    """Of a process; empty where that cannot be read."""
    try:
        told = Path(f"/proc/{pid}/environ").read_bytes().decode(errors="surrogateescape")
    except OSError:
        return {}
    return dict(pair.split("=", 1) for pair in told.split("\0") if "=" in pair)


def _rendered(layout: Layout, names: Iterable[str]) -> Iterator[str]:
    """Values of these in the files that the stack was started from last."""
    conf = _text(layout.supervisord_conf)
    scripts = [_text(path) for path in (layout.run_dir / "launch").glob("*.sh")]
    for name in names:
        for found in re.finditer(rf"""[=,]{re.escape(name)}=(["'])(.*?)\1""", conf):  # as targets.quoting writes it
            yield found[2].replace("%%", "%")
        for script in scripts:
            yield from _exported(script, name)


def _exported(script: str, name: str) -> Iterator[str]:
    start = script.find(f"export {name}=")
    if start >= 0:
        reader = shlex.shlex(script[start:], posix=True, punctuation_chars=False)
        reader.whitespace_split, reader.commenters = True, ""
        reader.get_token()
        yield (reader.get_token() or "").partition("=")[2]


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
