"""The environment of one service: what is declared, in order of strength, references resolved."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from hippodrome.errors import Problem
from hippodrome.plan.draft import Draft, Sourced
from hippodrome.plan.env_files import parse_env_file
from hippodrome.plan.model import SetupStep
from hippodrome.plan.scope import Scope
from hippodrome.plan.setup import folders_first_on_path
from hippodrome.plan.withheld import ENV_FILES, filled, names_in, printed
from hippodrome.secret import has_password, is_secret_name

Value = str | tuple[str, ...]  # a tuple: the command that prints it


@dataclass(frozen=True)
class Declared:
    """Sorted. `secrets`: variable → command whose output is its value, which the plan does not hold."""

    environment: dict[str, str] = field(default_factory=dict)
    secrets: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, values: Mapping[str, Value]) -> "Declared":
        pairs = sorted(values.items())
        plain = {name: value for name, value in pairs if isinstance(value, str)}
        return cls(plain, {name: value for name, value in pairs if isinstance(value, tuple)})


def environment_of(draft: Draft, name: str, scope: Scope) -> Declared:
    """What others give is below files, these below `environment`, that below the source's own.

    A name without value is the caller's, or else what is given. What comes from the caller or a file is a secret
    where either's name says so, or a URL in it has a password.
    """
    service, sourced = draft.services[name], draft.sourced[name]
    given = _given(draft, name, scope)
    environment = given | dict(_from_files(draft, name, scope))
    for at, declared in ((f"services.{name}", service.environment), (sourced.at, sourced.environment)):
        for variable, value in declared.items():
            path = f"{at}.environment.{variable}"
            _check_name(draft, variable, path, scope)
            found = _value(scope, variable, value, path)
            if found is None and variable in given:
                environment[variable] = given[variable]
            elif found is None:
                environment.pop(variable, None)
            else:
                environment[variable] = found
    return Declared.of(environment)


def _value(scope: Scope, variable: str, declared: str | None, path: str) -> Value | None:
    """None for a name without value that the caller does not have either."""
    environ = scope.environ
    if declared is None:
        own = environ.get(variable)
        return ("printenv", variable) if own and _is_secret(variable, own) else own
    text = scope.template(declared, path, is_secret=is_secret_name(variable))
    if has_password(filled(text, environ.__getitem__)):
        text = scope.template(declared, path, is_secret=True)
    return printed(text) if names_in(text) else text


def _is_secret(name: str, value: str) -> bool:
    return is_secret_name(name) or has_password(value)


def _given(draft: Draft, name: str, scope: Scope) -> dict[str, Value]:
    """By the services of the plan that this one depends on."""
    environment: dict[str, Value] = {}
    for giver in filter(None, map(draft.meant, draft.services[name].depends_on)):
        if giver not in draft.services:
            continue
        own = Scope(draft, giver)
        for variable, value in draft.services[giver].gives.items():
            at = f"services.{giver}.gives.{variable}"
            found = _value(own, variable, value, at)
            if found is not None:
                environment[variable] = found
        scope.problems += [problem for problem in own.problems if problem not in scope.problems]
    return environment


def with_made_first(draft: Draft, environment: Mapping[str, str], steps: tuple[SetupStep, ...]) -> dict[str, str]:
    """With what was set up before everything else on PATH, and Node on it where it is needed."""
    path = environment.get("PATH") or draft.surroundings.base.get("PATH", "")
    folders = [*folders_first_on_path(steps)]
    node = draft.surroundings.node
    if node and node.folder not in path.split(":") and any(step.kind == "npm" for step in steps):
        folders.append(node.folder)
    return dict(sorted({**environment, "PATH": ":".join((*folders, path))}.items())) if folders else dict(environment)


def with_package(
    draft: Draft, environment: dict[str, str], sourced: Sourced, argv: tuple[str, ...]
) -> dict[str, str]:
    """What is ours and runs on our own Python finds the package in a checkout, where it is not installed."""
    here = draft.surroundings
    is_ours = sourced.origin.kind == "reference" or any(word.startswith("hippodrome.") for word in argv)
    if here.is_installed or not is_ours or argv[0] != here.python or "PYTHONPATH" in environment:
        return environment
    return dict(sorted({**environment, "PYTHONPATH": here.package_root}.items()))


def _from_files(draft: Draft, name: str, scope: Scope) -> Iterator[tuple[str, Value]]:
    here = draft.surroundings
    for index, file in enumerate(draft.services[name].env_file):
        text = here.env_files.get(here.absolute(file.path))
        path = f"services.{name}.env_file.{index}"
        if text is None and file.required:
            hint = "Paths are relative to the project root; `{path: …, required: false}` does without."
            what = f"`{file.path}` is not there, or not UTF-8 text"
            scope.problems.append(Problem("missing-env-file", what, hint, draft.place(path)))
        for variable, value in parse_env_file(text or ""):
            _check_name(draft, variable, path, scope)
            reading = (here.python, "-I", f"{here.package_root}/{ENV_FILES}", here.absolute(file.path), variable)
            yield variable, reading if value and _is_secret(variable, value) else value


def _check_name(draft: Draft, variable: str, path: str, scope: Scope) -> None:
    if not variable or any(character in variable for character in "=\0 \t\n") or not variable.isascii():
        what = f"`{variable}` cannot be the name of a variable"
        hint = "Use letters, digits and `_`."
        scope.problems.append(Problem("bad-variable-name", what, hint, draft.place(path)))
