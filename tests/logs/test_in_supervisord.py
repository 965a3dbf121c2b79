"""Log times as the running supervisord keeps them."""

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from hippodrome.logs.read import tail
from tests.control.plans import program
from tests.control.stacks import Stack, close_stack, open_stack
from tests.stack import free_port

ROUNDS = 60
ASKS = """
import socket, time
with socket.create_server(("127.0.0.1", {port})) as server:
    other, _ = server.accept()
    for number in range(0, {rounds}, 2):
        print(f"said {{number}}", flush=True)
        time.sleep(0.012)
        other.sendall(b"!")
        other.recv(1)
time.sleep(3600)
"""
ANSWERS = """
import socket, time
while True:
    try:
        other = socket.create_connection(("127.0.0.1", {port}))
        break
    except ConnectionRefusedError:
        time.sleep(0.01)
for number in range(1, {rounds}, 2):
    other.recv(1)
    print(f"said {{number}}", flush=True)
    time.sleep(0.012)
    other.sendall(b"!")
time.sleep(3600)
"""


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    made = open_stack(tmp_path)
    yield made
    close_stack(made)


def test_services_that_answer_each_other_come_out_in_the_order_in_which_they_spoke(stack: Stack) -> None:
    port = free_port()
    asks, answers = (code.format(port=port, rounds=ROUNDS) for code in (ASKS, ANSWERS))
    stack.up(program("asks", asks), program("answers", answers))
    stack.eventually(lambda: f"said {ROUNDS - 1}\n" in stack.log_of("answers"))
    lines = tail(stack.layout, ["answers", "asks"], ROUNDS)
    spoken = [int(line.text.split()[1]) for line in lines]
    assert sum(later < earlier for earlier, later in itertools.pairwise(spoken)) == 0
    assert spoken == list(range(ROUNDS))
    assert all(0.008 < later.at - earlier.at < 5 for earlier, later in itertools.pairwise(lines))
