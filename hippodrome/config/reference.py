"""The reference of the configuration, docs/configuration.md, from the model. Prints it when run."""

import json
from collections.abc import Iterator
from dataclasses import MISSING, Field
from typing import Any

from hippodrome.config import model
from hippodrome.config.schema import keys

SECTIONS: tuple[tuple[str, type], ...] = (
    ("The file", model.Settings),
    ("services.NAME", model.Service),
    ("sources", model.Source),
    ("setup", model.Setup),
    ("depends_on.NAME", model.Dependency),
    ("healthcheck", model.HealthCheck),
    ("env_file", model.EnvFile),
    ("develop", model.Develop),
    ("logging", model.Logging),
    ("develop.watch", model.Watch),
    ("profiles.NAME", model.Profile),
    ("cells.NAME", model.Cell),
    ("events", model.Events),
    ("events.routes.NAME", model.Route),
    ("dashboard", model.Dashboard),
)
HEAD = """\
# Configuration

Generated from the model by `python -m hippodrome.config.reference`; a test keeps it in step.

Layers, later wins: what ships in `conf/` → `/etc/xdg/hippodrome/hippodrome.yaml`, for all stacks of a box →
`~/.config/hippodrome/hippodrome.yaml`, for all of yours → `hippodrome.yaml` in the project root →
`hippodrome.local.yaml` beside it → `HIPPODROME_*` → flags. (`XDG_CONFIG_DIRS` and `XDG_CONFIG_HOME` name other
folders than `/etc/xdg` and `~/.config`.)

Mappings merge; lists are added to, without repeats (`sources` in front of what is there, all others behind); commands
and single values replace. `!override` before a value replaces where it would merge, and `!reset`, or an empty value,
takes away what lies below (but an empty variable takes the caller's value, as in compose). In each layer, what
`profiles.NAME.services` and `cells.NAME.services` change comes after what the layer says of services, for the chosen
profile and cell.

Where nothing is chosen, the profile is `core`, or, in a project without one, `default`: the services that name no
profile. The cell is `local`.

`hd explain SERVICE.FIELD` prints a value with every layer that set it; `hd validate` finds every mistake at once.

## Variables

| variable | sets |
|---|---|
| `HIPPODROME_PROJECT_ROOT` | the project root |
| `HIPPODROME_NAME` | which stack of this project root, as `--name` does |
| `HIPPODROME_REGISTRY` | the folder in which all stacks of a box are [registered](instances.md#the-registry) |
| `HIPPODROME_PROFILE`, `HIPPODROME_CELL`, `HIPPODROME_AWS`, `HIPPODROME_TABLE_PREFIX`, `HIPPODROME_IDLE_STOP` | \
as the flags do |
| `HIPPODROME_SERVICES__API__PORT=8001` | any field, its path joined by two underscores (`_` for `-`, any case); \
the value is read as YAML |

## References

Text may refer to other values; `$$` is a dollar.

| reference | is |
|---|---|
| `${port}`, `${ports.NAME}`, `${host}`, `${url}`, `${name}` | the service's own |
| `${services.NAME.url}`, `.port`, `.host`, `.ports.NAME` | another's; `services.cell` is the cell, local or remote |
| `${env.NAME}`, `${env.NAME:-default}` | from the environment of whoever calls `hd` |
| `${project_root}`, `${source}` | the project's folder, the folder of the service's source |
| `${run_dir}`, `${data_dir}` | the run directory, and the service's own folder in it |
| `${python}`, `${package}` | the Python that runs `hd`, and the folder of its package |
| `${profile}`, `${cell}`, `${aws}`, `${events}`, `${table_prefix}` | what was chosen |
| `${X:-default}` | the default where X is absent, as that of a service that is left out |
"""


def reference() -> str:
    """Markdown."""
    return "\n".join([HEAD, *(line for title, section in SECTIONS for line in _table(title, section))])


def _table(title: str, section: type) -> Iterator[str]:
    yield f"## {title}\n"
    yield f"{(section.__doc__ or '').strip()}\n"
    yield "| key | means | default | example |"
    yield "|---|---|---|---|"
    for name, each in keys(section).items():
        about = each.metadata["about"].replace("|", "\\|")
        yield f"| `{name}` | {about} | {_default(each)} | {_code(each.metadata['example'])} |"
    yield ""


def _default(each: "Field[Any]") -> str:
    if each.default is MISSING:
        return "" if each.default_factory is not MISSING else "must be given"
    return "" if each.default in (None, (), "") else _code(each.default)


def _code(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return f"`{text}`".replace("|", "\\|")


if __name__ == "__main__":
    print(reference(), end="")
