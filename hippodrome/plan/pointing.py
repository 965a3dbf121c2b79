"""Which ports of this machine a value points at, in the spellings that clients of databases and the like read."""

import re
import socket
from collections.abc import Iterable, Iterator, Mapping
from typing import TypeVar

Holder = TypeVar("Holder")

OF_SCHEMES = {  # what is meant where a URL has no port
    "amqp": 5672,
    "amqps": 5671,
    "clickhouse": 9000,
    "http": 80,
    "https": 443,
    "kafka": 9092,
    "mariadb": 3306,
    "memcached": 11211,
    "mongodb": 27017,
    "mqtt": 1883,
    "mysql": 3306,
    "nats": 4222,
    "postgres": 5432,
    "postgresql": 5432,
    "redis": 6379,
    "rediss": 6379,
    "sqlserver": 1433,
}
OF_LIBPQ = OF_SCHEMES["postgres"]
ALWAYS = r"localhost|127(?:\.\d{1,3}){3}|0\.0\.0\.0|\[::1?\]|host\.docker\.internal"
_HOST = re.compile(r"(?:^|[\s;&?])(?:host|hostaddr|server)\s*=\s*'?(?P<value>[^\s;&',]*)", re.IGNORECASE)
_PORT = re.compile(r"(?:^|[\s;&?])port\s*=\s*'?(?P<value>\d{1,5})(?!\d)", re.IGNORECASE)
_DATABASE = re.compile(r"(?:^|[\s;])dbname\s*=", re.IGNORECASE)


def own_names() -> tuple[str, ...]:
    """What this machine calls itself; nobody is asked who would have to be waited for."""
    name = socket.gethostname()
    return tuple(dict.fromkeys(each for each in (name, name.partition(".")[0]) if each))


def ports_named(variable: str, value: str, names: Iterable[str] = ()) -> Iterator[int]:
    """Of this machine, which has these `names` too; a number alone is one where the variable's name says so."""
    here = "|".join((ALWAYS, *map(re.escape, names)))
    yield from (int(port) for port in re.findall(rf"(?<![\w.-])(?:{here}):(\d{{1,5}})(?!\d)", value, re.IGNORECASE))
    yield from _of_urls(value, here)
    yield from _of_pairs(value, here)
    if variable.upper().endswith("PORT") and value.isascii() and value.isdigit():
        yield int(value)


def pointers(
    values: Iterable[tuple[str, str]], ports: Mapping[int, Holder], names: Iterable[str] = ()
) -> Iterator[tuple[str, int, Holder]]:
    """Of variables and their values, those that point at one of the `ports`: which, and who has that."""
    for variable, value in values:
        for port in dict.fromkeys(ports_named(variable, value, names)):
            if port in ports:
                yield variable, port, ports[port]


def _of_urls(value: str, here: str) -> Iterator[int]:
    """Of URLs without a port."""
    url = rf"([a-z][a-z0-9]*)(?:\+[\w.-]+)?://(?:[^/@\s]*@)?(?:{here})(?=[/?#,;\s\"']|$)"
    for scheme in re.findall(url, value, re.IGNORECASE) if "://" in value else ():
        if port := OF_SCHEMES.get(scheme.lower()):
            yield port


def _of_pairs(value: str, here: str) -> Iterator[int]:
    """Of `host=localhost port=5432`, as libpq reads it; without a host it means this machine."""
    host, port = _HOST.search(value), _PORT.search(value)
    is_here = re.fullmatch(here, host["value"], re.IGNORECASE) if host else _DATABASE.search(value)
    if is_here and (port or host is None or _DATABASE.search(value)):
        yield int(port["value"]) if port else OF_LIBPQ
