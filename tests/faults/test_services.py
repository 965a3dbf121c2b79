"""Services that misbehave: each is told by its own state, and no other is harmed."""

import itertools
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from hippodrome.logs.read import tail
from hippodrome.plan.model import LogLimits, Program
from hippodrome.supervision.descriptors import KEPT
from tests.stack import Stack, is_alive, program, service, sleeper, wait_until

pytestmark = pytest.mark.faults
LINES = 90_000
FLOOD = f"""
import sys
for number in range({LINES}):
    sys.stdout.write(f"line {{number}} {{'x' * 60}}\\n")
sys.stdout.flush()
"""


def others(stack: Stack) -> dict[str, int | None]:
    """The pids of what must not be harmed."""
    return {name: stack.status(name).pid for name in ("api", "web")}


def with_others(stack: Stack, *misbehaving: Program) -> dict[str, int | None]:
    """Starts these beside two that behave. Gives the pids of those."""
    stack.start(service("api"), service("web"), *misbehaving)
    for name in ("api", "web"):
        stack.wait_for(name, "healthy")
    return others(stack)


def assert_unharmed(stack: Stack, before: dict[str, int | None]) -> None:
    assert others(stack) == before
    assert all(stack.status(name).state == "healthy" and not stack.status(name).restarts for name in before)


def test_a_flood_of_lines_tears_none_and_leaves_the_others_healthy(stack: Stack) -> None:
    limits = LogLimits(size_bytes=1 << 20, files=4)
    before = with_others(stack, sleeper("floods", FLOOD, log=limits))
    last = f"line {LINES - 1} "  # looked for in all parts: it may be the one that rotates the log
    wait_until(lambda: any(last in line.text for line in tail(stack.instance.layout, ["floods"], 1)))
    assert_unharmed(stack, before)
    _, *lines = tail(stack.instance.layout, ["floods"], 2 * LINES)  # the first began in a part that has gone
    numbers = [int(line.text.split()[1]) for line in lines]
    assert len(numbers) > 40_000
    assert numbers == list(range(LINES - len(numbers), LINES))
    assert all(len(line.text.split()[2]) == 60 for line in lines)
    assert all(later.at >= earlier.at for earlier, later in itertools.pairwise(lines))
    parts = list(stack.instance.layout.logs.glob("floods.log*"))
    logs = [path.stat().st_size for path in parts if ".times" not in path.name]
    assert len(logs) == limits.files
    assert sum(logs) <= limits.files * (limits.size_bytes + (1 << 18))  # a chunk of a pipe goes beyond the size
    assert sum(path.stat().st_size for path in parts if ".times" in path.name) <= sum(logs)


@pytest.mark.slow
def test_one_that_crashes_every_second_is_given_up_clearly(stack: Stack) -> None:
    before = with_others(stack, service("crashes", "crash=1"))
    given_up = stack.wait_for("crashes", "failed")
    assert given_up.cause == "gave-up"
    assert given_up.last_exit
    assert given_up.last_exit.code == 3
    assert given_up.restarts == 6
    assert stack.states_of("crashes").count("backoff") == 6
    assert_unharmed(stack, before)


def test_one_that_exits_with_0_at_once_does_not_count_as_started(stack: Stack) -> None:
    before = with_others(stack, service("leaves", "exit=0"))
    status = stack.wait_for("leaves", "backoff", "failed")
    assert status.cause == "exited-at-once"
    assert_unharmed(stack, before)


def test_one_that_daemonises_is_found_out_and_leaves_nothing(stack: Stack, tmp_path: Path) -> None:
    before = with_others(stack, service("hides", "daemon", "linger=0.2", f"pids={tmp_path / 'pids'}"))
    assert stack.wait_for("hides", "failed").cause == "daemonised"
    assert (tmp_path / "pids").exists()
    wait_until(lambda: not any(map(is_alive, map(int, (tmp_path / "pids").read_text().split()))))
    assert_unharmed(stack, before)


def test_one_that_forks_and_ignores_sigterm_ends_with_all_its_children(stack: Stack, tmp_path: Path) -> None:
    file = tmp_path / "pids"
    forks = service("forks", "children", "stranger", "deaf", f"pids={file}", stop_grace_s=0.5)
    before = with_others(stack, forks)
    stack.wait_for("forks", "healthy")
    wait_until(lambda: len(file.read_text().split()) == 3)
    stack.supervisor.stop(["forks"])
    stack.supervisor.wait(["forks"], "stopped", 30.0)
    wait_until(lambda: not any(map(is_alive, map(int, file.read_text().split()))))
    assert_unharmed(stack, before)


GREEDY = """
import os, socket
held = []
try:
    while True: held.append(os.open("/dev/null", os.O_RDONLY))
except OSError as error:
    print("holds", len(held), error.strerror, flush=True)
"""


def test_one_that_opens_all_the_files_that_it_may_harms_itself_alone(stack: Stack) -> None:
    shell = ("/bin/sh", "-c", 'ulimit -n 1024; exec "$0" -I -S -c "$1"', sys.executable)
    before = with_others(stack, program("greedy", *shell, f"{GREEDY}\nimport time\ntime.sleep(3600)"))
    wait_until(lambda: "Too many open files" in stack.log("greedy"))
    assert_unharmed(stack, before)


def test_a_machine_that_gives_1024_open_files_carries_a_stack(tmp_path: Path) -> None:
    """The hard limit of the command that starts it holds for supervisord, services and clients alike."""
    code = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_NOFILE, (1024, 1024));"
        "from pathlib import Path; from tests.stack import Stack, running, service;"
        "from tests.faults.test_services import exhaust;"
        "stack = Stack(Path(sys.argv[1]));\n"
        "with running(stack):\n"
        "    stack.start(*(service(f's{n}') for n in range(40)))\n"
        "    stack.wait_until_ready()\n"
        "    exhaust(stack)\n"
    )
    root = Path(__file__).resolve().parents[2]
    command = [sys.executable, "-c", code, str(tmp_path)]
    environ = {**os.environ, "PYTHONPATH": str(root)}
    done = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=110)
    assert done.returncode == 0, done.stderr


def exhaust(stack: Stack) -> None:
    """More silent clients than supervisord has descriptors for; a service ends meanwhile; then they go."""
    snapshot = stack.supervisor.status()
    before, supervisord = {status.name: status.pid for status in snapshot.statuses}, snapshot.pid
    clients = []
    for _ in range(940):
        client = socket.socket(socket.AF_UNIX)
        client.setblocking(False)
        clients.append(client)
        client.connect_ex(str(stack.instance.layout.socket))
    wait_until(lambda: opened(supervisord) >= 1024 - KEPT)
    crashed = before["s0"]
    assert crashed
    os.kill(crashed, 9)
    wait_until(lambda: stack.states_of("s0").count("healthy") == 2)  # while they are there
    assert not is_alive(crashed)
    assert opened(supervisord) < 1024 - KEPT // 2
    spent_s = cpu_s(supervisord)
    time.sleep(1.0)
    assert cpu_s(supervisord) - spent_s < 0.4  # of letting in who cannot be
    for client in clients:
        client.close()
    stack.wait_for("s0", "healthy", and_that=lambda status: status.pid != crashed)
    after = {status.name: status.pid for status in stack.supervisor.status().statuses}
    assert {name: pid for name, pid in after.items() if name != "s0"} == {
        name: pid for name, pid in before.items() if name != "s0"
    }


def opened(pid: int) -> int:
    """How many files it has open."""
    return len(os.listdir(f"/proc/{pid}/fd"))  # noqa: PTH208 - asked again and again


def cpu_s(pid: int) -> float:
    """What it has used of the processor, for itself and the system."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")
