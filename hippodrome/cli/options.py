"""Flags that several commands share, spelled and explained once."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from hippodrome.cli import names
from hippodrome.rundir import NAMED_BY

F = TypeVar("F", bound=Callable[..., Any])


def _all(*options: Callable[[F], F]) -> Callable[[F], F]:
    def add(function: F) -> F:
        for option in reversed(options):
            function = option(function)
        return function

    return add


def _call_it(_context: click.Context, _option: click.Parameter, name: str | None) -> None:
    """One place for all that looks for the instance, here and in what this command starts."""
    if name is not None:
        os.environ[NAMED_BY] = name


root_option = _all(
    click.option(
        "--project-root",
        "project_root",
        type=click.Path(path_type=Path),
        metavar="PATH",
        help="Folder of the project; found upwards from here when not given.",
    ),
    click.option(
        "--name",
        "instance_name",
        is_eager=True,
        expose_value=False,
        callback=_call_it,
        metavar="NAME",
        help="Of a second stack of the same folder.",
    ),
)

json_option = click.option("--json", "as_json", is_flag=True, help="JSON, for scripts.")


notify_option = click.option(
    "--notify",
    type=click.Choice(["bell", "desktop"]),
    is_flag=False,
    flag_value="desktop",
    envvar="HIPPODROME_NOTIFY",
    show_envvar=True,
    metavar="[bell|desktop]",
    help="Tell of a service's failure while attached; `desktop` when no way is said.",
)


def services_argument(*, is_required: bool = False) -> Callable[[F], F]:
    """Names of services; without any, and where none is required, all are meant."""
    metavar = "SERVICE..." if is_required else "[SERVICE]..."
    return click.argument("services", nargs=-1, required=is_required, metavar=metavar, shell_complete=names.services)


def timeout_option(default: int) -> Callable[[F], F]:
    """In seconds."""
    return click.option(
        "--timeout",
        type=click.FloatRange(min=0),
        default=default,
        show_default=True,
        metavar="SECONDS",
        help="How long to wait for that.",
    )


def pairs(_context: click.Context, _option: click.Parameter, given: tuple[str, ...]) -> dict[str, str]:
    """A callback: of `NAME=VALUE` given again and again."""
    for pair in given:
        if "=" not in pair:
            raise click.BadParameter(f"`{pair}` is not NAME=VALUE.")
    return dict(pair.split("=", 1) for pair in given)


def ports(_context: click.Context, _option: click.Parameter, given: tuple[str, ...]) -> dict[str, int]:
    """A callback: of `NAME=PORT` given again and again."""
    named = [pair.rpartition("=") for pair in given]
    for name, _, number in named:
        if not name or not (number.isascii() and number.isdigit() and 0 < int(number) < 65536):
            raise click.BadParameter(f"`{name}={number}` is not NAME=PORT, from 1 to 65535.".replace("`=", "`"))
    return {name: int(number) for name, _, number in named}


def span(_context: click.Context, _option: click.Parameter, given: str | None) -> str | None:
    """A callback: of a time as the configuration has it."""
    if given is not None:
        from hippodrome.config.schema import seconds  # for who says it

        if seconds(given) is None:
            raise click.BadParameter(f"`{given}` is no time: write `8h`, `1h30m`, or seconds.")
    return given


def choice_options(function: F) -> F:
    """What to run: profile, cell, AWS, prefix, sources. They arrive as keywords that make a `Choice`."""
    return _all(
        click.option(
            "--profile",
            metavar="NAME",
            help="Which services: core, ecom, full, or one of your own.",
            shell_complete=names.profiles,
        ),
        click.option(
            "--cell", metavar="NAME", help="Which data plane: local, staging, prod.", shell_complete=names.cells
        ),
        click.option("--aws", type=click.Choice(["moto", "account"]), help="Which AWS; the cell decides else."),
        click.option("--enable-events", is_flag=True, help="Bring events of an AWS account here, by a tunnel."),
        click.option(
            "--events-via",
            type=click.Choice(["streams", "tunnel", "sqs", "none"]),
            metavar="WAY",
            help="How events come: `tunnel` or `sqs` of an account, `streams` of moto, `none` but by hand.",
        ),
        click.option("--table-prefix", metavar="PREFIX", help="Of DynamoDB tables; else dev-{git-branch}-."),
        click.option(
            "--source",
            "sources",
            multiple=True,
            callback=pairs,
            metavar="NAME=SOURCE",
            help="Where a service's code is: `reference`, or a folder.",
        ),
        click.option(
            "--port",
            "ports",
            multiple=True,
            callback=ports,
            metavar="NAME=PORT",
            help="Another port for a service, or for SERVICE.NAME of its ports.",
        ),
        click.option(
            "--port-offset",
            type=int,
            metavar="N",
            help="Add this to every port that is declared.",
        ),
        click.option(
            "--idle-stop",
            callback=span,
            metavar="TIME",
            help="Stop after so long without use, as `8h`; `0`: never.",
        ),
        click.option(
            "--debug",
            multiple=True,
            metavar="NAME",
            help="Run a service under debugpy, or Node's inspector.",
            shell_complete=names.services,
        ),
        click.option(
            "--external",
            multiple=True,
            callback=pairs,
            metavar="NAME=URL",
            help="A service runs there, in an IDE perhaps: the others use that.",
        ),
        click.option(
            "--without", multiple=True, metavar="NAME", help="Leave a service out.", shell_complete=names.services
        ),
        root_option,
    )(function)
