"""Plans and snapshots for tests of what shows them."""

import time
from dataclasses import replace
from typing import Any

from hippodrome.plan.conditions import Snapshot, State, Status
from hippodrome.plan.model import DependsOn, LeftOut, Link, Origin, Plan, Probe, Program, Restart, Route

ROUTES = (
    Route("settings", {"detail-type": [{"prefix": "EcomIndexSettings."}]}, "ecom_settings_exporter", "/events"),
    Route("merchandising", {"detail-type": [{"prefix": "Merchandising."}]}, "merchandising_exporter", "/events"),
)


def program(name: str, *, port: int | None = None, needs: tuple[str, ...] = (), probe_url: str = "") -> Program:
    return Program(
        name=name,
        description=f"What {name} is for",
        argv=("python", f"{name}.py"),
        directory="/project",
        environment={"PORT": str(port or ""), "API_TOKEN": "not-to-be-seen", "DATABASE_URL": "pg://u:pw@h/d"},
        secrets={"STRIPE": ("pass", "show", "stripe")},
        host="127.0.0.1",
        ports={"http": port} if port else {},
        url=f"http://127.0.0.1:{port}" if port else "",
        origin=Origin("reference", "/project", "reference"),
        depends_on=tuple(DependsOn(other, "healthy") for other in needs),
        probe=Probe("http", probe_url) if probe_url else Probe("none"),
        restart=Restart(),
        stop_signal="TERM",
        stop_grace_s=5.0,
        watched=(),
        setup=(),
        links=(Link("API docs", f"http://127.0.0.1:{port}/docs"),) if port else (),
        is_required=True,
        declared_at="conf/services/api.yaml:2",
    )


def plan(*programs: Program, left_out: tuple[LeftOut, ...] = ()) -> Plan:
    return Plan(
        project_root="/home/me/shop",
        profile="core",
        cell="local",
        aws="moto",
        table_prefix="dev-main-",
        programs=programs,
        left_out=left_out,
        routes=ROUTES,
    )


def status(name: str, state: State = "healthy", **facts: Any) -> Status:
    return replace(Status(name, state, since=time.time() - 60, started_at=time.time() - 61), **facts)


def snapshot(*statuses: Status) -> Snapshot:
    return Snapshot(statuses, plan_digest="d", pid=1, started_at=time.time() - 100)
