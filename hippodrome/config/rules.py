"""What must hold of a configuration as a whole: one rule a function, each yields its problems."""

import re
import signal
from collections.abc import Callable, Iterator, Mapping

from hippodrome.config.model import Config, Dependency, Service
from hippodrome.errors import Problem, nearest

RESTART = re.compile(r"always|unless-stopped|no|on-failure(?::\d+)?\Z")
CELL = "cell"  # stands for the service that is the cell, or for the remote one
CHECKS = ("http", "tcp", "test", "log")


def dependencies_exist(config: Config) -> Iterator[Problem]:
    services = config.settings.services
    for name, service in services.items():
        for needed in service.depends_on:
            if needed not in services and needed != CELL:
                yield Problem(
                    "unknown-service",
                    f"`{name}` depends on `{needed}`, which nobody defines",
                    nearest(needed, services),
                    config.place(f"services.{name}.depends_on.{needed}"),
                )


def no_cycles(config: Config) -> Iterator[Problem]:
    for cycle in _cycles({name: service.depends_on for name, service in config.settings.services.items()}):
        yield Problem(
            "dependency-cycle",
            f"services wait for each other: {' → '.join(cycle)}",
            "Take one of these dependencies away.",
            config.place(f"services.{cycle[0]}.depends_on.{cycle[1]}"),
        )


def _cycles(needs: Mapping[str, Mapping[str, Dependency]]) -> Iterator[list[str]]:
    """Each cycle once, by a depth-first walk without recursion."""
    done: set[str] = set()
    for start in needs:
        path, waiting = [start], [iter(needs[start])]
        if start in done:
            continue
        while path:
            following = next((name for name in waiting[-1] if name in needs and name not in done), None)
            if following is None:
                done.add(path.pop())
                waiting.pop()
            elif following in path:
                yield [*path[path.index(following) :], following]
            else:
                path.append(following)
                waiting.append(iter(needs[following]))


def health_is_checked_in_one_way(config: Config) -> Iterator[Problem]:
    for name, service in config.settings.services.items():
        check = service.healthcheck
        kinds = [kind for kind in CHECKS if check and getattr(check, kind) is not None]
        if len(kinds) > 1:
            yield Problem(
                "several-checks",
                f"the health check of `{name}` is of several kinds: {', '.join(kinds)}",
                "Keep one.",
                config.place(f"services.{name}.healthcheck"),
            )
        elif check and not kinds and not check.disable and not service.port and not service.ports:
            yield Problem(
                "empty-check",
                f"the health check of `{name}` says nothing to check",
                "Give it `http`, `tcp`, `test` or `log`.",
                config.place(f"services.{name}.healthcheck"),
            )


def healthy_needs_something_to_check(config: Config) -> Iterator[Problem]:
    services = config.settings.services
    for name, service in services.items():
        for needed, dependency in service.depends_on.items():
            other = services.get(needed)
            if other and dependency.condition == "service_healthy" and not _has_check(other):
                yield Problem(
                    "nothing-to-check",
                    f"`{name}` waits for `{needed}` to be healthy, which has neither a health check nor a port",
                    f"Give `{needed}` a `healthcheck`, or wait for `service_started`.",
                    config.place(f"services.{name}.depends_on.{needed}"),
                )


def _has_check(service: Service) -> bool:
    return bool(service.port or service.ports or service.healthcheck)


def restart_is_known(config: Config) -> Iterator[Problem]:
    for name, service in config.settings.services.items():
        if not RESTART.fullmatch(service.restart):
            hint = "Write `always`, `on-failure`, `on-failure:3`, `unless-stopped` or `no`."
            place = config.place(f"services.{name}.restart")
            yield Problem("bad-restart", f"`restart: {service.restart}` is no policy", hint, place)


def stop_signal_is_known(config: Config) -> Iterator[Problem]:
    known = {each.name for each in signal.Signals}
    for name, service in config.settings.services.items():
        if service.stop_signal.upper().removeprefix("SIG") not in {each.removeprefix("SIG") for each in known}:
            place = config.place(f"services.{name}.stop_signal")
            yield Problem("bad-signal", f"`{service.stop_signal}` is no signal", "Write `SIGTERM` or `INT`.", place)


def sources_are_of_one_kind(config: Config) -> Iterator[Problem]:
    for name, service in config.settings.services.items():
        for index, source in enumerate(service.sources):
            if (source.path is None) == (source.reference is None):
                yield Problem(
                    "unclear-source",
                    f"a source of `{name}` must be either a `path` or a `reference`",
                    "Write one of them.",
                    config.place(f"services.{name}.sources.{index}"),
                )


def setup_steps_do_one_thing(config: Config) -> Iterator[Problem]:
    for name, service in config.settings.services.items():
        for path, steps in (
            (f"services.{name}.setup", service.setup),
            *((f"services.{name}.sources.{i}.setup", source.setup) for i, source in enumerate(service.sources)),
        ):
            for index, step in enumerate(steps):
                if sum(each is not None for each in (step.venv, step.npm, step.run)) != 1:
                    hint = "Write `venv: requirements.txt`, `npm: .`, or `run: make assets`."
                    said = f"a set-up step of `{name}` must do one thing"
                    yield Problem("unclear-setup", said, hint, config.place(f"{path}.{index}"))


def profiles_and_cells_exist(config: Config) -> Iterator[Problem]:
    settings = config.settings
    for name, service in settings.services.items():
        for key, named, known in (
            ("profiles", service.profiles, settings.profiles),
            ("cells", service.cells, settings.cells),
        ):
            for each in named if known else ():
                if each not in known:
                    said = f"`{name}` names the {key[:-1]} `{each}`, which nobody defines"
                    yield Problem(
                        f"unknown-{key[:-1]}", said, nearest(each, known), config.place(f"services.{name}.{key}")
                    )
    for name, profile in settings.profiles.items():
        for each in profile.extends:
            if each not in settings.profiles:
                said = f"profile `{name}` extends `{each}`, which nobody defines"
                place = config.place(f"profiles.{name}.extends")
                yield Problem("unknown-profile", said, nearest(each, settings.profiles), place)


RULES: tuple[Callable[[Config], Iterator[Problem]], ...] = (
    dependencies_exist,
    no_cycles,
    health_is_checked_in_one_way,
    healthy_needs_something_to_check,
    restart_is_known,
    stop_signal_is_known,
    sources_are_of_one_kind,
    setup_steps_do_one_thing,
    profiles_and_cells_exist,
)
