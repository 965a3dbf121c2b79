"""Configuration as text, loaded as `hd` does, without the packaged layer."""

import textwrap
from pathlib import Path

from hippodrome.config.load import Request, examine, load
from hippodrome.config.model import Config


def request(
    folder: Path, text: str, *, local: str = "", environ: dict[str, str] | None = None, **said: str
) -> Request:
    """hippodrome.yaml (and the personal file, where there is text for it) in `folder`."""
    (folder / "hippodrome.yaml").write_text("packaged: false\n" + textwrap.dedent(text), encoding="utf-8")
    if local:
        (folder / "hippodrome.local.yaml").write_text(textwrap.dedent(local), encoding="utf-8")
    return Request(project_root=folder, environ=environ or {}, **said)  # type: ignore[arg-type]


def loaded(folder: Path, text: str, *, local: str = "", environ: dict[str, str] | None = None, **said: str) -> Config:
    return load(request(folder, text, local=local, environ=environ, **said))


def mistakes(folder: Path, text: str, *, local: str = "") -> list[str]:
    """`file:line:col: what [code] hint`, the folder left out. Lines count from the first of `text`."""
    problems = examine(request(folder, text, local=local)).problems
    told = []
    for problem in sorted(problems, key=lambda each: (each.place.line, each.place.column) if each.place else (0, 0)):
        place = problem.place
        where = f"{place.line - (place.file.endswith('hippodrome.yaml'))}:{place.column}" if place else "-"
        told.append(f"{where}: {problem.what} [{problem.code}] {problem.hint}")
    return told
