"""A folder is made once, whole, by one at a time."""

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from hippodrome.bootstrap.cache import MARK, ensure, is_complete, is_half_made
from hippodrome.wait import Deadline, until
from tests.core.conftest import ROOT

BEGINS_AND_HANGS = """
import sys, time
from pathlib import Path
from hippodrome.bootstrap.cache import ensure
product = Path(sys.argv[1])
def make():
    product.mkdir()
    (product / "half").touch()
    print("begun", flush=True)
    time.sleep(600)
ensure(product, "inputs", make)
"""


class Maker:
    """Makes `product`, and counts how often."""

    def __init__(self, product: Path) -> None:
        self.product = product
        self.times = 0

    def __call__(self) -> None:
        self.times += 1
        self.product.mkdir()
        (self.product / f"by {self.times}").touch()

    @property
    def names(self) -> set[str]:
        return {path.name for path in self.product.iterdir()} - {MARK}


@pytest.fixture
def make(tmp_path: Path, cache_home: Path) -> Maker:
    return Maker(tmp_path / "deep" / "down" / "product")


def test_a_product_is_made_once_for_its_inputs(make: Maker) -> None:
    assert [ensure(make.product, "inputs", make) for _ in range(3)] == [True, False, False]
    assert make.names == {"by 1"}
    assert is_complete(make.product, "inputs")


def test_other_inputs_make_it_anew_with_nothing_left_of_the_old(make: Maker) -> None:
    for inputs in ("old", "new"):
        assert ensure(make.product, inputs, make)
    assert make.names == {"by 2"}
    assert not is_complete(make.product, "old")


def test_of_many_at_once_one_makes_it_and_all_find_it_made(make: Maker) -> None:
    def want(_: int) -> tuple[bool, bool]:
        return ensure(make.product, "inputs", make), is_complete(make.product, "inputs")

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(want, range(8)))
    assert sorted(answers) == [(False, True)] * 7 + [(True, True)]
    assert make.times == 1


def test_a_failure_leaves_nothing_and_is_told(make: Maker) -> None:
    def fail() -> None:
        make()
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        ensure(make.product, "inputs", fail)
    assert not make.product.exists()
    assert not is_half_made(make.product)
    assert ensure(make.product, "inputs", make)


def test_what_a_killed_maker_left_is_known_for_half_made_until_it_is_made_anew(make: Maker) -> None:
    make.product.parent.mkdir(parents=True)
    command = [sys.executable, "-c", BEGINS_AND_HANGS, str(make.product)]
    child = subprocess.Popen(command, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE, text=True)
    with child:
        assert child.stdout
        assert child.stdout.readline() == "begun\n"
        assert is_half_made(make.product)
        child.send_signal(signal.SIGKILL)
    assert until(lambda: child.poll() is not None, Deadline(10))
    assert is_half_made(make.product)
    assert not is_complete(make.product, "inputs")
    assert ensure(make.product, "inputs", make)
    assert not is_half_made(make.product)
    assert make.names == {"by 1"}


def test_what_nobody_began_is_not_half_made(make: Maker) -> None:
    make.product.mkdir(parents=True)
    assert not is_half_made(make.product)


def test_a_symlink_in_its_place_is_removed_and_not_what_it_leads_to(make: Maker, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "dear").touch()
    make.product.parent.mkdir(parents=True)
    make.product.symlink_to(elsewhere)
    assert ensure(make.product, "inputs", make)
    assert (elsewhere / "dear").exists()
    assert not make.product.is_symlink()


def test_nothing_is_left_beside_it(make: Maker) -> None:
    ensure(make.product, "inputs", make)
    assert [path.name for path in make.product.parent.iterdir()] == [make.product.name]


@pytest.mark.parametrize("text", [b"other", b"\xff\xfe", b""])
def test_a_mark_that_says_anything_else_is_none(make: Maker, text: bytes) -> None:
    make.product.mkdir(parents=True)
    (make.product / MARK).write_bytes(text)
    assert not is_complete(make.product, "inputs")
