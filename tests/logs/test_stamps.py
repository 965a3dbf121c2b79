"""The time index beside a log, while it is written, rotated and read."""

from pathlib import Path

import pytest

from hippodrome.logs.stamps import SLACK, Stamper, Times, times_path


def write(log: Path, stamper: Stamper, text: bytes, at: float) -> None:
    with log.open("ab") as stream:
        stream.write(text)
    stamper.wrote(len(text), at)


def rotate(log: Path, backups: int = 3) -> None:
    """As supervisord does it: by renames, the newest last."""
    for age in range(backups - 1, 0, -1):
        older = log.with_name(f"{log.name}.{age}")
        if older.exists():
            older.replace(log.with_name(f"{log.name}.{age + 1}"))
    log.replace(log.with_name(f"{log.name}.1"))
    log.touch()


def index(log: Path, age: int = 0) -> Times:
    found = Times.read(times_path(log, age))
    assert found is not None
    return found


def test_a_line_has_the_time_at_which_it_was_read(tmp_path: Path) -> None:
    log = tmp_path / "api.log"
    stamper = Stamper(log)
    write(log, stamper, b"one\ntwo\n", 100.0)
    write(log, stamper, b"three\n", 101.5)
    times = index(log)
    assert [times.at(0), times.at(4), times.at(8), times.at(99)] == [100.0, 100.0, 101.5, 101.5]
    assert [times.offset_since(99.0), times.offset_since(100.5), times.offset_since(101.6)] == [0, 8, None]


def test_a_flood_is_stamped_every_few_milliseconds(tmp_path: Path) -> None:
    log = tmp_path / "api.log"
    stamper = Stamper(log)
    for number in range(1000):
        write(log, stamper, b"x\n", 100.0 + number * 0.0001)
    assert 40 <= len(index(log)) <= 60
    assert abs((index(log).at(1998) or 0.0) - 100.0999) < 0.003


def test_a_clock_that_goes_back_is_stamped_as_it_is(tmp_path: Path) -> None:
    log = tmp_path / "api.log"
    stamper = Stamper(log)
    write(log, stamper, b"one\n", 100.0)
    write(log, stamper, b"two\n", 40.0)
    assert index(log).at(4) == 40.0


def test_the_index_follows_a_rotation(tmp_path: Path) -> None:
    log = tmp_path / "api.log"
    stamper = Stamper(log)
    write(log, stamper, b"one\n", 100.0)
    rotate(log)
    write(log, stamper, b"two\n", 200.0)
    new, old = index(log), index(log, 1)
    assert (old.inode, new.inode) == ((tmp_path / "api.log.1").stat().st_ino, log.stat().st_ino)
    assert (old.at(0), new.at(0), new.generation - old.generation) == (100.0, 200.0, 1)


def test_the_write_that_fills_a_part_is_stamped_in_that_part(tmp_path: Path) -> None:
    log = tmp_path / "api.log"
    stamper = Stamper(log)
    write(log, stamper, b"one\n", 100.0)
    with log.open("ab") as stream:
        stream.write(b"last\n")
    rotate(log)
    stamper.wrote(5, 150.0)
    assert (index(log, 1).at(3), index(log, 1).at(4), len(index(log))) == (100.0, 150.0, 0)


def test_a_log_emptied_in_place_starts_an_index_anew(tmp_path: Path) -> None:
    log = tmp_path / "api.log"
    stamper = Stamper(log)
    write(log, stamper, b"a long line\n", 100.0)
    log.write_bytes(b"")
    write(log, stamper, b"two\n", 200.0)
    assert index(log).at(0) == 200.0


def test_a_new_supervisord_goes_on_in_the_same_index(tmp_path: Path) -> None:
    log = tmp_path / "api.log"
    write(log, Stamper(log), b"one\n", 100.0)
    write(log, Stamper(log), b"two\n", 200.0)
    times = index(log)
    assert (times.at(0), times.at(4), times.generation) == (100.0, 200.0, 1)


@pytest.mark.faults
@pytest.mark.parametrize("backups", [1, 3, 19])
def test_every_part_has_its_index_and_old_indexes_do_not_pile_up(tmp_path: Path, backups: int) -> None:
    log = tmp_path / "api.log"
    stamper = Stamper(log)
    for number in range(40):
        write(log, stamper, b"x\n", 100.0 + number)
        rotate(log, backups)
    assert len(list(tmp_path.glob("*.times*"))) <= backups + 2
    assert index(log, 1).generation > 35
    for age in range(1, backups + 1):
        assert index(log, age - 1).inode == log.with_name(f"{log.name}.{age}").stat().st_ino


@pytest.mark.faults
def test_an_index_is_never_much_larger_than_its_log(tmp_path: Path) -> None:
    log = tmp_path / "api.log"
    stamper = Stamper(log)
    for number in range(6000):
        write(log, stamper, b"x", 100.0 + number)
    assert times_path(log).stat().st_size <= log.stat().st_size + SLACK + 64


def test_a_log_that_is_gone_or_an_index_that_is_torn_does_no_harm(tmp_path: Path) -> None:
    log = tmp_path / "api.log"
    stamper = Stamper(log)
    stamper.wrote(4, 1.0)
    write(log, stamper, b"one\n", 100.0)
    with times_path(log).open("ab") as stream:
        stream.write(b"torn")
    assert index(log).at(0) == 100.0
    times_path(log).write_bytes(b"HD")
    assert Times.read(times_path(log)) is None
