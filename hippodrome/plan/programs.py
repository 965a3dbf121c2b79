"""The program that runs each service, all of its values final but for what it depends on."""

import re
import shlex
from dataclasses import replace
from pathlib import PurePath

from hippodrome.config.model import Service
from hippodrome.errors import Problem
from hippodrome.plan import external
from hippodrome.plan.draft import Draft, Sourced
from hippodrome.plan.environment import environment_of, with_made_first, with_package
from hippodrome.plan.health import probe_of
from hippodrome.plan.model import Link, LogLimits, Program, Restart, SetupStep, Watched
from hippodrome.plan.scope import Scope

CELL_KEY = "CELL_API_KEY"
SHELL_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def make_programs(draft: Draft) -> Draft:
    """`programs` has every service whose references resolve."""
    awaited = _awaited_to_the_end(draft)
    scopes = {name: Scope(draft, name) for name in draft.services if name not in draft.broken}
    made = {name: _program(draft, name, scope, is_awaited=name in awaited) for name, scope in scopes.items()}
    programs = {name: program for name, program in made.items() if not scopes[name].problems}
    problems = dict.fromkeys(problem for scope in scopes.values() for problem in scope.problems)
    return replace(draft, programs=programs).reported(problems, draft.services.keys() - programs.keys())


def _awaited_to_the_end(draft: Draft) -> frozenset[str]:
    """Services whose completion another waits for."""
    return frozenset(
        target
        for service in draft.services.values()
        for name, dependency in service.depends_on.items()
        if dependency.condition == "service_completed_successfully" and (target := draft.meant(name))
    )


def _program(draft: Draft, name: str, scope: Scope, *, is_awaited: bool) -> Program:
    made = _own_program(draft, name, scope, is_awaited=is_awaited)
    return external.stand_in(made, draft.addresses[name]) if made.is_external else made


def _own_program(draft: Draft, name: str, scope: Scope, *, is_awaited: bool) -> Program:
    service, sourced, address = draft.services[name], draft.sourced[name], draft.addresses[name]
    setup = tuple(_resolved(step, scope, f"{sourced.at}.setup") for step in draft.setup[name])
    directory = _directory(draft, sourced, scope)
    argv = _from_there(_argv(draft, name, scope, setup), directory)
    declared = environment_of(draft, name, scope)
    secrets = declared.secrets | _cell_key(draft, scope) | _secrets(draft, name, scope)
    plain = {variable: value for variable, value in declared.environment.items() if variable not in secrets}
    environment = with_made_first(draft, plain, setup)
    return Program(
        name=name,
        description=service.description,
        argv=argv,
        directory=directory,
        environment=with_package(draft, environment, sourced, argv),
        secrets=secrets,
        host=address.host,
        ports=address.ports,
        url=address.url,
        origin=sourced.origin,
        depends_on=(),
        probe=probe_of(draft, name, scope),
        restart=_restart(draft, name, is_awaited=is_awaited),
        stop_signal=_signal(service),
        stop_grace_s=float(service.stop_grace_period),
        watched=_watched(draft, sourced, scope),
        setup=setup,
        links=tuple(
            Link(each, scope.public(url, f"services.{name}.links.{each}")) for each, url in service.links.items()
        ),
        is_required=service.required,
        declared_at=draft.written(f"services.{name}", 0),
        log=_log_limits(service),
    )


def _argv(draft: Draft, name: str, scope: Scope, setup: tuple[SetupStep, ...]) -> tuple[str, ...]:
    """`python` is the one of the service's own venv; a reference without one runs on ours."""
    service, sourced = draft.services[name], draft.sourced[name]
    argv = scope.templates(sourced.command, f"{sourced.at}.command")
    if service.shell and sourced.command == service.command:  # what a source says instead has been split into words
        return ("/bin/sh", "-c", argv[0] if len(argv) == 1 else shlex.join(argv))
    venv = next((step.product for step in setup if step.kind == "venv"), None)
    if argv[0] in ("python", "python3"):
        if venv:
            return (f"{venv}/bin/python", *argv[1:])
        if sourced.origin.kind == "reference":
            return (draft.surroundings.python, *argv[1:])
    return argv


def _from_there(argv: tuple[str, ...], directory: str) -> tuple[str, ...]:
    """A relative command means the folder that it runs in; supervisor would look from its own."""
    is_relative = "/" in argv[0] and not argv[0].startswith("/")
    return (str(PurePath(directory, argv[0])), *argv[1:]) if is_relative else argv


def _directory(draft: Draft, sourced: Sourced, scope: Scope) -> str:
    if sourced.working_dir is None:
        return sourced.origin.folder
    return draft.surroundings.absolute(scope.text(sourced.working_dir, f"{sourced.at}.working_dir"))


def _cell_key(draft: Draft, scope: Scope) -> dict[str, tuple[str, ...]]:
    """For who asks a deployed cell that has one."""
    command = draft.cell.api_key if draft.cell and scope.names_deployed_cell else None
    return {CELL_KEY: scope.templates(command, f"cells.{draft.config.cell}.api_key")} if command else {}


def _secrets(draft: Draft, name: str, scope: Scope) -> dict[str, tuple[str, ...]]:
    """Other names than a shell's would have to stand, with their values, on a command line that all can read."""
    found = {}
    for variable, command in sorted(draft.services[name].secrets.items()):
        path = f"services.{name}.secrets.{variable}"
        if not SHELL_NAME.fullmatch(variable):
            what = f"`{variable}` cannot be the name of a secret"
            place = draft.place(path)
            scope.problems.append(Problem("bad-variable-name", what, "Use letters, digits and `_`.", place))
        found[variable] = scope.templates(command, path)
    return found


def _watched(draft: Draft, sourced: Sourced, scope: Scope) -> tuple[Watched, ...]:
    folder = sourced.origin.folder
    return tuple(
        Watched(draft.surroundings.absolute(scope.text(each.path, f"{sourced.at}.develop"), folder), each.ignore)
        for each in sourced.watch
        if each.action != "sync"
    )


def _resolved(step: SetupStep, scope: Scope, path: str) -> SetupStep:
    return replace(step, argv=scope.templates(step.argv, path)) if step.argv else step


def _restart(draft: Draft, name: str, *, is_awaited: bool) -> Restart:
    """A service whose completion is awaited is not started again, as in compose, unless it says otherwise."""
    if is_awaited and f"services.{name}.restart" not in draft.config.origins:
        return Restart("no")
    mode, _, retries = draft.services[name].restart.partition(":")
    if mode == "on-failure":
        return Restart("on-failure", int(retries) if retries else None)
    return Restart("no" if mode == "no" else "always")


def _log_limits(service: Service) -> LogLimits:
    size, files = service.logging.size_bytes, service.logging.files
    assert size, "a rule of the configuration has held it"
    assert files, "and this too"
    return LogLimits(size, files)


def _signal(service: Service) -> str:
    """With its `SIG`."""
    return f"SIG{service.stop_signal.upper().removeprefix('SIG')}"
