"""Names that a shell offers when Tab is pressed. A mistake in the configuration offers none, and is not told here."""

from collections.abc import Iterable

import click

from hippodrome.errors import UserError


def services(ctx: click.Context, _parameter: click.Parameter, begun: str) -> list[str]:
    """All that the configuration declares; twice the same name helps nobody."""
    given = ctx.params.get("services") or ()
    return [name for name in _declared(ctx, "services") if name.startswith(begun) and name not in given]


def profiles(ctx: click.Context, _parameter: click.Parameter, begun: str) -> list[str]:
    return [name for name in _declared(ctx, "profiles") if name.startswith(begun)]


def cells(ctx: click.Context, _parameter: click.Parameter, begun: str) -> list[str]:
    return [name for name in _declared(ctx, "cells") if name.startswith(begun)]


def _declared(ctx: click.Context, kind: str) -> Iterable[str]:
    from hippodrome.cli.project import Choice, load_config, open_project  # what only Tab needs

    try:
        settings = load_config(open_project(ctx.params.get("project_root")), Choice()).settings
    except UserError:
        return ()
    names: Iterable[str] = getattr(settings, kind)
    return names
