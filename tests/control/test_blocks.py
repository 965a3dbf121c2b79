"""Which block of ports an instance gets."""

import os
import socket
from pathlib import Path

import pytest

from hippodrome.control.blocks import Block, Held, ceiling, choose, decide
from hippodrome.control.registry import Entry, Found
from hippodrome.errors import UserError

NONE: set[int] = set()


def all_free(_port: int) -> bool:
    return True


@pytest.mark.parametrize(
    ("declared", "taken", "offset"),
    [
        ({9000, 9013}, NONE, 0),
        ({9000, 9013}, {8000}, 0),
        ({9000, 9013}, {9013}, 100),
        ({9000, 9013}, {9000, 9113}, 200),
        ({3000, 5432}, {5532, 3000}, 200),
        (NONE, {9000}, 0),
        ({32700}, {32700}, None),
        ({40000}, {40000}, 100),
        ({65500}, {65500}, None),
    ],
)
def test_the_lowest_block_in_which_nobody_is_met(declared: set[int], taken: set[int], offset: int | None) -> None:
    assert choose(declared, taken, 32768, all_free) == offset


def test_a_block_with_a_strangers_port_is_passed_over_but_for_the_declared_ports() -> None:
    with socket.socket() as stranger:
        stranger.bind(("127.0.0.1", 0))
        stranger.listen()
        port = stranger.getsockname()[1]
        assert choose({port}, NONE, 1024) == 0
        assert choose({port - 100}, {port - 100}, 1024) != 100


def test_ports_stay_below_those_that_the_system_gives_away() -> None:
    assert 1024 < ceiling() < 65536


def rival(folder: Path, ports: set[int], written_at: float = 1e12) -> Found:
    named = {f"s{port}": port for port in ports}
    return Found(
        Entry(id="other", project_root=str(folder), run_dir=str(folder), ports=named), os.getuid(), written_at, ""
    )


def test_what_it_has_it_keeps_whoever_was_there_later(tmp_path: Path) -> None:
    held = Held(100, {9100}, written_at=5.0)
    assert decide({9000}, held, []) == Block(100)
    assert decide({9000}, held, [rival(tmp_path, {9000})]) == Block(100)
    assert decide({9000}, held, [rival(tmp_path, {9100}, written_at=4.0)]) == Block(100)
    assert decide({9000}, Held(100, {9100}, is_running=True), [rival(tmp_path, {9100})]) == Block(100)


def test_what_was_given_to_another_meanwhile_is_named(tmp_path: Path) -> None:
    other = rival(tmp_path, {9000})
    assert decide({9000}, Held(0, {9000}, written_at=5.0), [other]) == Block(100, other)


def test_the_ports_of_one_that_is_gone_are_free_again(tmp_path: Path) -> None:
    assert decide({9000}, None, [rival(tmp_path, {9000})]) == Block(100)
    assert decide({9000}, None, [rival(tmp_path / "gone", {9000})]) == Block(0)


def test_what_is_said_counts(tmp_path: Path) -> None:
    assert decide({9000}, Held(100, {9100}), [rival(tmp_path, {9300})], said=300) == Block(300)


def test_when_there_is_no_room_one_is_told_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no-block"):
        decide({65500}, None, [rival(tmp_path, {65500})])
