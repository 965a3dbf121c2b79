"""Configurations and surroundings made by hand, for tests that need neither YAML nor a machine."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from hippodrome.config.model import (
    Cell,
    Config,
    Dependency,
    HealthCheck,
    Link,
    PortNumber,
    Profile,
    Service,
    Settings,
    Source,
)
from hippodrome.errors import Place, Problem, UserError
from hippodrome.plan.choose import Selection
from hippodrome.plan.compile import compile_plan
from hippodrome.plan.git import Head
from hippodrome.plan.layout import Cache
from hippodrome.plan.look import Folder
from hippodrome.plan.model import Plan
from hippodrome.plan.node import NodeBin
from hippodrome.plan.surroundings import Surroundings

ROOT = "/home/ada/shop"
RUN = "/home/ada/.local/state/hippodrome/shop-1"
SERVICES = "/opt/hippodrome/services"

HOME = Surroundings(
    project_root=ROOT,
    run_dir=RUN,
    cache=Cache(Path("/home/ada/.cache/hippodrome")),
    python="/opt/hippodrome/bin/python",
    python_tag="cpython-311-linux-x86_64",
    home="/home/ada",
    environ={"HOME": "/home/ada", "PATH": "/usr/bin:/bin"},
    base={"HOME": "/home/ada", "PATH": "/usr/bin:/bin"},
    head=Head("main"),
    package_root="/opt/hippodrome",
    is_installed=True,
    node=NodeBin("/usr/bin", "24.1.0"),
    references={name: f"{SERVICES}/{name}" for name in ("controller", "fake_cell", "console")},
    folders={f"{SERVICES}/{name}": Folder(True, True) for name in ("controller", "fake_cell", "console")},
)


def service(**keys: Any) -> Service:
    """A service that runs something unless it says otherwise."""
    return Service(**(keys if "sources" in keys else {"command": ("serve",), **keys}))


def config(
    services: Mapping[str, Service],
    *,
    places: Mapping[str, str] | None = None,
    shown: str = "hippodrome.yaml",
    **settings: Any,
) -> Config:
    """With profile `core`, and cell `local` where there are cells. `places`: dotted path → `line:column`."""
    origins = {
        path: (Link("hippodrome.yaml", Place(shown, *map(int, at.split(":"))), None),)
        for path, at in (places or {}).items()
    }
    known = {"profiles": {"core": Profile()}, **settings}
    chosen = {"profile": known.pop("profile", "core"), "cell": known.pop("cell", "local" if "cells" in known else "")}
    return Config(project_root=ROOT, settings=Settings(services=services, **known), origins=origins, **chosen)


def compiled(made: Config, selection: Selection | None = None, here: Surroundings = HOME) -> Plan:
    return compile_plan(made, here, selection or Selection())


def problems(made: Config, selection: Selection | None = None, here: Surroundings = HOME) -> list[Problem]:
    """None of them when it compiles."""
    try:
        compiled(made, selection, here)
    except UserError as error:
        return list(error.problems)
    return []


def with_folders(here: Surroundings, **folders: Folder) -> Surroundings:
    """With folders below the project root; `__` stands for a slash."""
    found = {f"{ROOT}/{name.replace('__', '/')}": folder for name, folder in folders.items()}
    return replace(here, folders={**here.folders, **found})


def home_stack() -> Config:
    """The core profile in small, with everything that a service can say."""
    return config(
        {
            "fake_cell": Service(
                description="Marqo data plane",
                profiles=("core",),
                cells=("local",),
                port=PortNumber(9001),
                sources=(Source(reference="fake_cell", command=("python", "-m", "fake_cell")),),
                environment={"PORT": "${port}", "DATA_DIR": "${data_dir}"},
                healthcheck=HealthCheck(http="/health"),
            ),
            "controller": Service(
                description="Control plane API",
                profiles=("core",),
                port=PortNumber(9002),
                sources=(
                    Source(path="components/controller", marker="manage.py", command=("python", "manage.py")),
                    Source(reference="controller", command=("python", "-m", "controller", "${host}:${port}")),
                ),
                environment={
                    "CONTROL_PLANE_URL_OVERRIDE": "${services.cell.url}",
                    "AWS_ENDPOINT_URL": "${services.moto.url:-}",
                    "TABLE_PREFIX": "${table_prefix}",
                    "GREETING": 'it\'s "100%" ; free # really',
                },
                secrets={"TOKEN": ("op", "read", "op://dev/token")},
                depends_on={"cell": Dependency(condition="service_healthy")},
                healthcheck=HealthCheck(http="/health"),
                links={"admin": "${url}/admin/"},
            ),
            "migrate": Service(command=("./migrate", "--once"), profiles=("core",), restart="no"),
            "worker": Service(
                command=("sh", "-c", "echo a ; echo '#b' 100%"),
                profiles=("ecom",),
                depends_on={"controller": Dependency(), "migrate": Dependency()},
            ),
        },
        places={"services.fake_cell": "3:3", "services.controller": "14:3", "services.migrate": "40:3"},
        profiles={"core": Profile(), "ecom": Profile(extends=("core",))},
        cells={"local": Cell(service="fake_cell"), "staging": Cell(url="https://cell.example.com")},
    )
