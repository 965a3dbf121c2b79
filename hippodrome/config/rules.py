"""What must hold of a configuration, whatever is chosen of it: one rule a function, each yields its mistakes.

What depends on the choice, as cycles and waits that never end, is held by the plan.
"""

import re
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from hippodrome.config.box import BOX
from hippodrome.config.model import LOG_FILES_MAX, Config
from hippodrome.config.patterns import misspelt
from hippodrome.errors import nearest

RESTART = re.compile(r"always|unless-stopped|no|on-failure(?::\d+)?\Z")
MEANT, MEANT_SO = re.compile(r"max[-_]?(?:size|files?)"), {"max-size", "max-file"}
CELL = "cell"  # stands for the service that is the cell, or for the remote one
CHECKS = ("http", "tcp", "test", "log")
SIGNALS = frozenset(each.name.removeprefix("SIG") for each in signal.Signals)


@dataclass(frozen=True)
class Mistake:
    """What is wrong with the value at a dotted path of the merged configuration."""

    path: str
    code: str
    what: str
    hint: str


def dependencies_exist(config: Config) -> Iterator[Mistake]:
    services = config.settings.services
    known = {*services, CELL} if config.settings.cells else services.keys()
    for name, service in services.items():
        for needed in (each for each in service.depends_on if each not in known):
            what = f"`{name}` depends on `{needed}`, which nobody defines"
            hint = nearest(needed, services.keys() - {name}) or f"Define `{needed}` below `services:`."
            yield Mistake(f"services.{name}.depends_on.{needed}", "unknown-service", what, hint)


def health_is_checked_in_one_way(config: Config) -> Iterator[Mistake]:
    for name, service in config.settings.services.items():
        check = service.healthcheck
        kinds = [kind for kind in CHECKS if check and getattr(check, kind) is not None]
        if len(kinds) > 1:
            what = f"the health check of `{name}` is of several kinds: {', '.join(kinds)}"
            yield Mistake(f"services.{name}.healthcheck", "several-checks", what, "Keep one.")
        elif check and not kinds and not check.disable and not service.port and not service.ports:
            what = f"the health check of `{name}` says nothing to check"
            yield Mistake(
                f"services.{name}.healthcheck", "empty-check", what, "Give it `http`, `tcp`, `test` or `log`."
            )


def restart_is_known(config: Config) -> Iterator[Mistake]:
    for name, service in config.settings.services.items():
        if not RESTART.fullmatch(service.restart):
            hint = "Write `always`, `on-failure`, `on-failure:3`, `unless-stopped` or `no`."
            what = f"`restart: {service.restart}` is no policy"
            yield Mistake(f"services.{name}.restart", "bad-restart", what, hint)


def stop_signal_is_known(config: Config) -> Iterator[Mistake]:
    for name, service in config.settings.services.items():
        if service.stop_signal.upper().removeprefix("SIG") not in SIGNALS:
            what = f"`{service.stop_signal}` is no signal"
            yield Mistake(f"services.{name}.stop_signal", "bad-signal", what, "Write `SIGTERM` or `INT`.")


def logs_are_bounded(config: Config) -> Iterator[Mistake]:
    for name, service in config.settings.services.items():
        log, at = service.logging, f"services.{name}.logging.options"
        if log.size_bytes is None:
            what = f"`max-size: {log.options['max-size']}` is no size from 4k to 1g"
            yield Mistake(f"{at}.max-size", "bad-logging", what, "Write `20m`, or `512k`.")
        if log.files is None:
            what = f"`max-file: {log.options['max-file']}` is no number from 1 to {LOG_FILES_MAX}"
            yield Mistake(f"{at}.max-file", "bad-logging", what, "Write `3`.")
        for other in (each for each in log.options if MEANT.fullmatch(each) and each not in MEANT_SO):
            hint = "Write `max-size` or `max-file`."  # a driver of compose's may have others; they change nothing
            yield Mistake(f"{at}.{other}", "bad-logging", f"`{other}` is no option of a log", hint)


def sources_are_of_one_kind(config: Config) -> Iterator[Mistake]:
    for name, service in config.settings.services.items():
        for index, source in enumerate(service.sources):
            if (source.path is None) == (source.reference is None):
                what = f"a source of `{name}` must be either a `path` or a `reference`"
                yield Mistake(f"services.{name}.sources.{index}", "unclear-source", what, "Write one of them.")


def setup_steps_do_one_thing(config: Config) -> Iterator[Mistake]:
    for name, service in config.settings.services.items():
        for path, steps in (
            (f"services.{name}.setup", service.setup),
            *((f"services.{name}.sources.{i}.setup", source.setup) for i, source in enumerate(service.sources)),
        ):
            for index, step in enumerate(steps):
                if sum(each is not None for each in (step.venv, step.npm, step.run)) != 1:
                    hint = "Write `venv: requirements.txt`, `npm: .`, or `run: make assets`."
                    what = f"a set-up step of `{name}` must do one thing"
                    yield Mistake(f"{path}.{index}", "unclear-setup", what, hint)


def profiles_and_cells_exist(config: Config) -> Iterator[Mistake]:
    settings = config.settings
    for name, service in settings.services.items():
        for key, named, known in (
            ("profiles", service.profiles, settings.profiles),
            ("cells", service.cells, settings.cells),
        ):
            for each in named if known else ():
                if each not in known:
                    what = f"`{name}` names the {key[:-1]} `{each}`, which nobody defines"
                    yield Mistake(f"services.{name}.{key}", f"unknown-{key[:-1]}", what, nearest(each, known))


def extended_profiles_exist(config: Config) -> Iterator[Mistake]:
    profiles = config.settings.profiles
    for name, profile in profiles.items():
        for each in (each for each in profile.extends if each not in profiles):
            what = f"profile `{name}` extends `{each}`, which nobody defines"
            yield Mistake(f"profiles.{name}.extends", "unknown-profile", what, nearest(each, profiles))


def routes_lead_to_services(config: Config) -> Iterator[Mistake]:
    services = config.settings.services
    for name, route in config.settings.events.routes.items():
        at = f"events.routes.{name}"
        if route.service not in services:
            what = (
                f"route `{name}` leads to `{route.service}`, which nobody defines"
                if route.service
                else (f"route `{name}` leads to no service")
            )
            hint = nearest(route.service, services) or f"Define `{route.service}` below `services:`."
            yield Mistake(f"{at}.service", "unknown-service", what, hint)
        if not route.path.startswith("/"):
            what = f"the path of route `{name}` must begin with `/`"
            yield Mistake(f"{at}.path", "bad-route", what, f"Write `path: /{route.path}`.")
        for below, what, hint in misspelt(route.pattern):
            yield Mistake(".".join((f"{at}.pattern", *below)), "bad-event-pattern", f"route `{name}`: {what}", hint)


def registry_is_of_the_box(config: Config) -> Iterator[Mistake]:
    said = config.settings.registry
    if any(not link.layer.endswith(f"/{BOX}") for link in config.origins.get("registry", ())):
        what = "`registry` is not of one project: its stacks would not be seen by others of this machine"
        hint = f"Write it into /etc/xdg/{BOX}, or set HIPPODROME_REGISTRY."
        yield Mistake("registry", "bad-registry", what, hint)
    elif said is not None and not said.startswith("/"):
        yield Mistake("registry", "bad-registry", f"`registry: {said}` is no absolute path", "Begin with `/`.")


RULES: tuple[Callable[[Config], Iterator[Mistake]], ...] = (
    dependencies_exist,
    health_is_checked_in_one_way,
    restart_is_known,
    stop_signal_is_known,
    logs_are_bounded,
    sources_are_of_one_kind,
    setup_steps_do_one_thing,
    profiles_and_cells_exist,
    extended_profiles_exist,
    routes_lead_to_services,
    registry_is_of_the_box,
)
