"""Which service an event is for."""

from dataclasses import dataclass

from hippodrome.plan.model import Plan


@dataclass(frozen=True)
class Route:
    """Events whose detail type begins so go to this path of this service."""

    prefix: str
    service: str
    path: str


ROUTES = (
    Route("EcomIndexSettings.", "ecom_settings_exporter", "/events"),
    Route("Merchandising.", "merchandising_exporter", "/events"),
)


@dataclass(frozen=True)
class Receiver:
    """Where to post; `shown` as people read it: `localhost:9010`."""

    url: str
    shown: str


def receiver_of(detail_type: str, plan: Plan) -> Receiver | None:
    """In the running plan; None for an event that no service of it is for."""
    for route in ROUTES:
        if detail_type.startswith(route.prefix) and route.service in plan:
            program = plan.program(route.service)
            return Receiver(program.url + route.path, f"localhost:{program.port}")
    return None
