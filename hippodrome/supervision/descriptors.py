"""supervisord's open files: clients may not have them all, for a service that ends is looked after with some."""

import os
import resource

from supervisor.http import deferring_http_channel, supervisor_http_server
from supervisor.medusa import asyncore_25 as asyncore

KEPT = 128  # a start takes seven, a probe one, a look at what a service has left two
FEWEST = 16  # clients are let in however little there is left, as where the services take it all


def keep_some() -> None:
    """From now on, for every server of this process: who comes when there is too little left waits to be let in.

    Else supervisord would go on trying to let them in, as fast as it can, and could start nothing any more.
    """
    supervisor_http_server.readable = lambda server: bool(server.accepting) and has_room()


def has_room() -> bool:
    """Whether one more client leaves enough."""
    limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if limit == resource.RLIM_INFINITY:
        return True
    return _lowest_free(limit) < limit - min(KEPT, limit // 4) or _clients() < FEWEST


def _lowest_free(limit: int) -> int:
    """All below it are taken, as the system always gives the lowest."""
    try:
        found = os.dup(0)
    except OSError:
        return limit
    os.close(found)
    return found


def _clients() -> int:
    return sum(isinstance(each, deferring_http_channel) for each in asyncore.socket_map.values())
