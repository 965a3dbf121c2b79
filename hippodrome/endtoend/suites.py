"""The end-to-end suites of a checkout: their names, and how they are run against a stack."""

import os
import subprocess
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

from hippodrome.errors import ExitCode, Problem, UserError, nearest
from hippodrome.plan.model import Plan
from hippodrome.resources import PACKAGE_ROOT, is_checkout

FOLDER = Path("tests") / "e2e"
SUFFIX = "_test"
STANDS_FOR = {"moto": "AWS_ENDPOINT_URL", "fake_cell": "CELL_URL"}  # what the others are told of these two


def suites() -> dict[str, Path]:
    """File of each suite, by its name: `ecom_onboarding`. Raises UserError outside of a checkout."""
    found = {path.stem.removesuffix(SUFFIX): path for path in (PACKAGE_ROOT / FOLDER).glob(f"*{SUFFIX}.py")}
    if not is_checkout() or not found:
        problem = Problem(
            "no-suites", "the end-to-end suites are not here", "They are part of a checkout of hippodrome."
        )
        raise UserError(problem, exit_code=ExitCode.USAGE)
    return dict(sorted(found.items()))


def chosen(names: Iterable[str]) -> tuple[Path, ...]:
    """Files of these suites, of all when none is named. Raises UserError.

    `onboarding` is `ecom_onboarding`; a word that one suite alone has in its name, such as `forking`, means that one.
    """
    known = suites()
    words = Counter(word for name in known for word in name.split("_"))
    by_word = {word: path for name, path in known.items() for word in name.split("_") if words[word] == 1}
    by_any_name = by_word | {name.removeprefix("ecom_"): path for name, path in known.items()} | known
    asked = {name: name.replace("-", "_").removesuffix(".py").removesuffix(SUFFIX) for name in names}
    wrong = [said for said, name in asked.items() if name not in by_any_name]
    if wrong:
        problems = (Problem("unknown-suite", f"there is no suite `{said}`", nearest(said, known)) for said in wrong)
        raise UserError(*problems, exit_code=ExitCode.USAGE)
    return tuple(dict.fromkeys(by_any_name[name] for name in asked.values())) or tuple(known.values())


def addresses(plan: Plan) -> dict[str, str]:
    """The variables that tell the suites where each service is, as `.env.hippodrome` has them."""
    urls = {program.name: program.url for program in plan.programs if program.url}
    return {STANDS_FOR.get(name, f"{name.upper()}_URL"): url for name, url in urls.items()}


def junit(file: Path | None) -> tuple[str, ...]:
    """pytest's option for it, from the caller's folder and not from the one that the suites run in."""
    return (f"--junit-xml={file.absolute()}",) if file else ()


def run(files: Iterable[Path], more: Iterable[str], environ: Mapping[str, str]) -> int:
    """pytest's exit status; its output goes where ours does. `environ` is added to this process's own."""
    script = PACKAGE_ROOT / FOLDER / "run"
    arguments = [str(script), *(str(file.relative_to(PACKAGE_ROOT)) for file in files), *more]
    return subprocess.run(arguments, cwd=PACKAGE_ROOT, env={**os.environ, **environ}, check=False).returncode
