"""`hd service`: what starts a stack at boot."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from hippodrome.cli.options import choice_options, json_option, root_option, services_argument
from hippodrome.cli.output import echo, print_json
from hippodrome.cli.project import Choice, Project, compiled, open_project
from hippodrome.control import autostart
from hippodrome.control.registry import VARIABLE as REGISTRY
from hippodrome.rundir import NAMED_BY
from hippodrome.targets.autostart import Autostart

KEPT = ("PATH", REGISTRY, "XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_CONFIG_DIRS")
AS_FLAGS = {f"HIPPODROME_{name.upper()}": name for name in ("profile", "cell", "aws", "table_prefix", "idle_stop")}
OTHERS = {*KEPT, *AS_FLAGS, NAMED_BY, "HIPPODROME_PROJECT_ROOT", "HIPPODROME_NOTIFY"}


@click.group("service")
def command() -> None:
    """Start a stack at boot: a systemd unit of yours, or a launchd agent (macOS). Changes the machine."""


@command.command("install")
@services_argument()
@click.option("--dry-run", is_flag=True, help="Print the file, and write nothing.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask at its start, be the data real.")
@choice_options
def install(services: tuple[str, ...], dry_run: bool, yes: bool, project_root: Path | None, **flags: Any) -> int:
    """Have this stack started at boot, as `hd up -d` with these flags would start it.

    Takes the flags of `hd up`, and their variables; each stack has a file of its own, which this replaces. What is
    asked is compiled first, so that mistakes show now. Nothing is started.
    """
    project = open_project(project_root)
    choice = _chosen(Choice.of(flags, only=services))
    compiled(project, choice)
    wanted = _autostart(project, choice, is_confirmed=yes)
    service = autostart.service_of(project.instance.id, os.environ)
    content = autostart.rendered(service, wanted)
    if dry_run:
        echo(f"# {service.path}", err=True)
        click.echo(content.decode(), nl=False)
        return 0
    told = autostart.install(service, content)
    echo(f"Wrote {service.path}")
    for line in (*told, *_lost(os.environ)):
        echo(line)
    return 0


@command.command("uninstall")
@click.option("--dry-run", is_flag=True, help="Print what would be removed, and remove nothing.")
@root_option
def uninstall(dry_run: bool, project_root: Path | None) -> int:
    """Remove what `install` wrote for this stack, and nothing else. The stack itself goes on."""
    service = autostart.service_of(open_project(project_root).instance.id, os.environ)
    autostart.refuse_foreign(service)
    removed = service.files if dry_run else autostart.uninstall(service)
    for path in removed:
        echo(f"{'Would remove' if dry_run else 'Removed'} {path}")
    if not removed:
        echo("Nothing was installed for this stack.")
    return 0


@command.command("status")
@json_option
@root_option
def status(as_json: bool, project_root: Path | None) -> int:
    """Whether this stack is started at boot. Reads only. Exits with 1 when it is not."""
    service = autostart.service_of(open_project(project_root).instance.id, os.environ)
    if as_json:
        told = {"manager": service.manager, "name": service.name, "path": str(service.path)}
        all_installed = [str(path) for path in autostart.installed(os.environ)]
        facts = {"is_installed": service.is_installed, "is_enabled": service.is_enabled}
        print_json({**told, **facts, "all": all_installed})
    else:
        state = "enabled" if service.is_enabled else "installed, not enabled" if service.is_installed else "none"
        echo(f"{service.path}: {state}")
    return 0 if service.is_enabled else 1


def _autostart(project: Project, choice: Choice, *, is_confirmed: bool) -> Autostart:
    hd = autostart.own_command()
    named = ("--name", project.instance.name) if project.instance.name else ()
    where = ("--project-root", str(project.instance.project_root), *named)
    yes = ("--yes",) if is_confirmed else ()
    return Autostart(
        identity=project.instance.id,
        directory=str(project.instance.project_root),
        start=(*hd, "up", "--detach", *yes, *where, *_flags(choice)),
        stop=(*hd, "down", *where),
        environment={name: os.environ[name] for name in KEPT if os.environ.get(name)},
    )


def _chosen(choice: Choice) -> Choice:
    """With what variables say of this shell, which is not there at boot."""
    said = {name: os.environ[variable] for variable, name in AS_FLAGS.items() if os.environ.get(variable)}
    return Choice(
        **{**vars(choice), **{name: value for name, value in said.items() if getattr(choice, name) is None}}
    )


def _flags(choice: Choice) -> Iterator[str]:
    """As `hd up` takes them."""
    values = ("profile", "cell", "aws", "table_prefix", "events_via", "port_offset", "idle_stop")
    for name in values:
        if (value := getattr(choice, name)) is not None:
            yield f"--{name.replace('_', '-')}={value}"
    if choice.enable_events:
        yield "--enable-events"
    pairs: Mapping[str, Mapping[str, Any]] = {
        "source": choice.sources,
        "external": choice.external,
        "port": choice.ports,
    }
    yield from (f"--{flag}={name}={value}" for flag, told in pairs.items() for name, value in told.items())
    yield from (f"--{flag}={name}" for flag in ("debug", "without") for name in getattr(choice, flag))
    yield from choice.only


def _lost(environ: Mapping[str, str]) -> Iterator[str]:
    """Variables of this shell that will not be there: they may hold secrets, and a unit is no place for those."""
    others = sorted(name for name in environ if name.startswith("HIPPODROME_") and name not in OTHERS)
    if others:
        yield f"Not kept, for they may be secrets: {', '.join(others)}. Set them in hippodrome.local.yaml."
