"""Which services an event is for."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hippodrome.events.matching import Clause, clauses, matches
from hippodrome.plan.model import Plan, Route


@dataclass(frozen=True)
class Receiver:
    """Where to post: `http://127.0.0.1:9010` and `/events`; `shown` as people read it: `localhost:9010`."""

    base: str
    path: str
    shown: str


@dataclass(frozen=True)
class Explanation:
    """Why an event matches a route or does not; `problem` says what else keeps it from its service."""

    route: Route
    clauses: tuple[Clause, ...]
    is_match: bool
    problem: str


def routes_for(body: Mapping[str, Any], plan: Plan) -> tuple[Route, ...]:
    """Those whose pattern matches, whether their service runs in this plan or not."""
    return tuple(route for route in plan.routes if matches(route.pattern, body))


def receiver_of(service: str, path: str, plan: Plan) -> Receiver | None:
    """In the running plan; None for a service that it does not have, or that listens nowhere."""
    if service not in plan or not (program := plan.program(service)).url:
        return None
    return Receiver(program.url, path, f"localhost:{program.port}")


def explain(body: Mapping[str, Any], plan: Plan) -> tuple[Explanation, ...]:
    """Of every route, clause by clause."""
    return tuple(
        Explanation(
            route,
            tuple(clauses(route.pattern, body)),
            matches(route.pattern, body),
            "" if route.service in plan else f"{route.service} is not part of this stack",
        )
        for route in plan.routes
    )
