"""Where each service listens."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from hippodrome.config.model import Config, Service
from hippodrome.errors import Place, Problem, nearest
from hippodrome.plan.draft import Address, Draft
from hippodrome.plan.external import PORTS
from hippodrome.plan.model import MAIN, label_of

OWN_LAYERS = frozenset({"hippodrome.local.yaml", "environment", "flags"})  # a person's, who means just this port
HIGHEST = 65535
FLAG = Place("--port")


def path_of(service: str, name: str) -> str:
    """Where a port is configured."""
    return f"services.{service}." + ("port" if name == MAIN else f"ports.{name}")


@dataclass(frozen=True)
class Port:
    """A port as it is declared. `is_fixed`: the instance's block does not move it."""

    service: str
    name: str
    number: int
    is_fixed: bool

    @property
    def label(self) -> str:
        return label_of(self.service, self.name)

    @property
    def path(self) -> str:
        return path_of(self.service, self.name)

    def moved(self, offset: int) -> int:
        """In the block of this offset."""
        return self.number if self.is_fixed else self.number + offset


def assign_ports(draft: Draft) -> Draft:
    """`addresses` is settled."""
    offset, said = draft.surroundings.port_offset, draft.selection.ports
    ports = {name: tuple(_ports(draft.config, name, service, said)) for name, service in draft.services.items()}
    addresses = {
        name: Address(draft.services[name].host, {port.name: port.moved(offset) for port in declared})
        for name, declared in ports.items()
    }
    addresses |= {
        name: _external(draft, name)
        for name in draft.selection.external
        if name in addresses and name not in draft.broken
    }
    return replace(draft, addresses=addresses, notices=(*draft.notices, *_notices(draft))).reported(
        (*_misnamed(draft), *_out_of_range(draft, (port for declared in ports.values() for port in declared)))
    )


def _external(draft: Draft, name: str) -> Address:
    """As given; ports beside the main one are as they are declared."""
    url, service = draft.selection.external[name], draft.services[name]
    parts = urlsplit(url)
    main = parts.port or PORTS[parts.scheme]
    others = {name: port for name, port in service.ports.items() if port not in (main, service.port) and name != MAIN}
    return Address(parts.hostname or "", {MAIN: main, **others}, url.rstrip("/"))


def _notices(draft: Draft) -> Iterator[str]:
    """Why the ports are not those that are declared."""
    here, declared = draft.surroundings, declared_ports(draft.config, draft.selection.ports)
    if here.lost_to:
        yield f"the ports that this stack had are given to {here.lost_to} meanwhile"
    numbers = [port.number for port in declared if not port.is_fixed]
    if here.port_offset and numbers:
        holders = [str(each) for each in here.neighbours if not each.ports.keys().isdisjoint(numbers)]
        because = f": {' and '.join(holders)} has those" if holders else ""
        where = f"{abs(here.port_offset)} {'above' if here.port_offset > 0 else 'below'}"
        yield f"this stack's ports are {where} the declared ones{because}"


def declared_ports(config: Config, said: Mapping[str, int]) -> tuple[Port, ...]:
    """Of every service that is configured, chosen or not. `said`: by label, what the command line names."""
    services = config.settings.services
    return tuple(port for name, service in services.items() for port in _ports(config, name, service, said))


def _ports(config: Config, name: str, service: Service, said: Mapping[str, int]) -> Iterator[Port]:
    """The main one first; a list pasted from a compose file may repeat it."""
    numbers = {} if service.port is None else {MAIN: service.port}
    numbers |= {called: number for called, number in service.ports.items() if number != service.port}
    for place, (called, number) in enumerate(numbers.items()):
        port = Port(name, called, number, is_fixed=False)
        chosen = said.get(f"{name}.{called}", said.get(name) if place == 0 else None)
        if chosen is not None:
            yield replace(port, number=chosen, is_fixed=True)
        else:
            *_, last = config.origins.get(port.path) or (None,)
            yield replace(port, is_fixed=last is not None and last.layer in OWN_LAYERS)


def _misnamed(draft: Draft) -> Iterator[Problem]:
    """Ports of the command line that no service has."""
    for label in draft.selection.ports:
        name, _, called = label.partition(".")
        if name not in draft.known:
            yield Problem("no-such-service", f"there is no service `{name}`", nearest(name, draft.known), FLAG)
            continue
        known = [port.name for port in _ports(draft.config, name, draft.known[name], {})]
        if not known or (called and called not in known):
            what = f"`{name}` has no port called `{called}`" if called else f"`{name}` has no port"
            yield Problem("no-such-port", what, nearest(called, known) or "`hd plan` shows who has one.", FLAG)


def _out_of_range(draft: Draft, ports: Iterator[Port]) -> Iterator[Problem]:
    offset = draft.surroundings.port_offset
    for port in ports:
        if not 0 < port.moved(offset) <= HIGHEST:
            what = f"`{port.label}` would get port {port.moved(offset)}: {port.number}, and {offset} of this instance"
            hint = f"`--port-offset N` with another number, or `--port {port.label}=N`."
            yield Problem("port-out-of-range", what, hint, draft.place(port.path))
