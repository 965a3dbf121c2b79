"""Which ports an instance gets: a block is a number that is added to every port it declares."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

from hippodrome.control.registry import Found
from hippodrome.errors import ExitCode, Problem, UserError
from hippodrome.listeners import is_free

STEP = 100  # so that 9013 becomes 9113, and people see which is which
HIGHEST = 65535
RANGE = Path("/proc/sys/net/ipv4/ip_local_port_range")
USUAL_CEILING = 32768


@dataclass(frozen=True)
class Held:
    """The block that an instance has: since when, in Unix seconds, and with which ports."""

    port_offset: int
    ports: Collection[int]
    written_at: float = 0.0
    is_running: bool = False


@dataclass(frozen=True)
class Block:
    """What an instance gets. `lost_to`: who has its earlier ports meanwhile, where it gets others for that."""

    port_offset: int
    lost_to: Found | None = None


def decide(declared: Collection[int], held: Held | None, others: Iterable[Found], said: int | None = None) -> Block:
    """What is said, else what the instance has, else the lowest block in which it meets nobody.

    `declared`: the ports that a block moves. Raises UserError where none is left.
    """
    if said is not None:
        return Block(said)
    others = [each for each in others if not each.is_stale]
    if held is not None and not (winner := _winner(held, others)):
        return Block(held.port_offset)
    chosen = choose(declared, {port for each in others for port in each.entry.ports.values()}, ceiling())
    if chosen is None:
        what = "no block of ports is left in which this stack meets no other one of this machine"
        problem = Problem("no-block", what, "`hd instances --all-users` shows them; `--port-offset N` takes one.")
        raise UserError(problem, exit_code=ExitCode.CONFLICT)
    return Block(chosen, winner if held is not None else None)


def _winner(held: Held, others: Iterable[Found]) -> Found | None:
    """Who took these ports: another that runs on them now, or was given them later."""
    if held.is_running:
        return None
    rivals = (each for each in others if not set(each.entry.ports.values()).isdisjoint(held.ports))
    return next((each for each in rivals if each.is_running or each.written_at > held.written_at), None)


def choose(
    declared: Collection[int], taken: Collection[int], top: int, free: Callable[[int], bool] = is_free
) -> int | None:
    """The lowest block; 0, the declared ports themselves, also where a stranger holds one: that clash is told.

    Ports stay below `top`, where the system begins to give them to anybody, but for those declared above it.
    """
    for offset in range(0, HIGHEST, STEP):
        moved = {port + offset for port in declared}
        if max(moved, default=0) > HIGHEST:
            return None
        has_room = all(port < top or port - offset >= top for port in moved)
        if has_room and moved.isdisjoint(taken) and (not offset or all(map(free, moved))):
            return offset
    return None


def ceiling() -> int:
    """The first of the ports that the system gives to who asks for any."""
    try:
        return int(RANGE.read_text(encoding="ascii").split()[0])
    except (OSError, ValueError, IndexError):
        return USUAL_CEILING
