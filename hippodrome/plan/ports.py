"""Where each service listens."""

from collections.abc import Mapping
from dataclasses import replace

from hippodrome.config.model import Service
from hippodrome.plan.draft import Address, Draft

MAIN = "main"  # the name of `port`


def assign_ports(draft: Draft) -> Draft:
    """`addresses` is settled."""
    return replace(
        draft, addresses={name: Address(service.host, _ports(service)) for name, service in draft.services.items()}
    )


def _ports(service: Service) -> Mapping[str, int]:
    """By name, the main one first; a list pasted from a compose file may repeat it."""
    if service.port is None:
        return dict(service.ports)
    others = {name: port for name, port in service.ports.items() if port != service.port}
    return {MAIN: service.port, **others}
