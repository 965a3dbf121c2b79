"""The onboarding suite while each service in turn is killed: it passes, and what was taken is found at the end."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import islice

import pytest
import requests

from hippodrome.endtoend import suites
from hippodrome.rundir import locate, read_plan
from hippodrome.shop.client import AnswerError, Shop
from hippodrome.shop.products import documents
from hippodrome.wait import Deadline, until
from tests.core.conftest import ROOT, Core
from tests.ecom.conftest import shop_of, started
from tests.plain_pytest import AUTOLOAD, PLAIN

pytestmark = [pytest.mark.slow, pytest.mark.faults, pytest.mark.timeout(900)]
BATCH = 20
PATIENCE_S = 120.0
SUITE_S = 300.0
ROUNDS = 3
KEPT_S = 2.5  # moto writes down what has changed once a second; an account would not forget even that
SUITE = "ecom_onboarding"
LOST = "LostError"  # ends a run, rightly, in which something that must not be done twice was cut off
UNCHECKED = {"watcher"}  # which has no health check


@dataclass
class Suite:
    """Runs over and over until it is told to end. `passed` counts runs, `failed` has what was said by others."""

    environ: dict[str, str]
    passed: int = 0
    failed: list[str] = field(default_factory=list)
    is_over: threading.Event = field(default_factory=threading.Event)
    _process: subprocess.Popen[str] | None = None
    _turn: threading.Lock = field(default_factory=threading.Lock)  # of starting one, and of holding it

    def run(self) -> None:
        while not self.is_over.is_set():
            self.run_once()

    def run_once(self) -> None:
        command = [sys.executable, "-m", "pytest", *PLAIN, str(suites.suites()[SUITE])]
        with self._turn:
            process = self._process = subprocess.Popen(
                command, cwd=ROOT, env=self.environ, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
            )
        told = _output(process)
        if process.returncode == 0:
            self.passed += 1
        elif LOST not in told:
            self.failed.append(told)

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Nothing of it goes on inside, and what it has done is kept."""
        with self._turn:
            self._signal(signal.SIGSTOP)
            time.sleep(KEPT_S)
            try:
                yield
            finally:
                self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        if self._process:
            self._process.send_signal(number)


def _output(process: subprocess.Popen[str]) -> str:
    """All of it, once it has ended; one that hangs is ended."""
    try:
        return process.communicate(timeout=SUITE_S)[0]
    except subprocess.TimeoutExpired:
        process.kill()
        return f"not over after {SUITE_S:g} s:\n{process.communicate()[0]}"


@contextlib.contextmanager
def running_suite(core: Core) -> Iterator[Suite]:
    """Runs until the end of the block, and then to its own end."""
    plan = read_plan(locate(core.folder, core.environ).layout)
    assert plan
    patience = {"HIPPODROME_PATIENCE_S": str(PATIENCE_S), "HIPPODROME_RANDOM_SEED": "42"}
    suite = Suite({**os.environ, **AUTOLOAD, **suites.addresses(plan), **patience})
    thread = threading.Thread(target=suite.run)
    thread.start()
    try:
        yield suite
    finally:
        suite.is_over.set()
        thread.join()


def kill(core: Core, name: str) -> int:
    pid = int(core.statuses()[name]["pid"])
    os.kill(pid, signal.SIGKILL)
    return pid


def taken(shop: Shop, batch: list[dict[str, object]]) -> bool:
    """Whether the shop has said that it takes the batch."""
    try:
        shop.admin("POST", "/indexes/store/documents", json={"documents": batch})
    except (AnswerError, requests.RequestException):
        return False
    return True


def batches() -> Iterator[list[dict[str, object]]]:
    made = documents(3000)
    while batch := list(islice(made, BATCH)):
        yield batch


def test_what_was_taken_is_found_whoever_was_killed_meanwhile(own: Core) -> None:
    own.variables["HIPPODROME_ECOM_INGEST_STORE"] = "postgres"  # the other store forgets when it is killed
    started(own)
    shop = shop_of(own)
    shop.admin("POST", "/indexes", json={"name": "store", "settings": {"collapse": False}})
    accepted, rest = set[str](), batches()
    for _ in range(ROUNDS):  # a second one where every run of the suite was cut off where it must not go on
        with running_suite(own) as suite:
            for victim in sorted(own.statuses()):
                with suite.held() if victim == "moto" else contextlib.nullcontext():
                    accepted |= survived(own, shop, victim, rest)
        assert not suite.failed, suite.failed[0]
        if suite.passed:
            break
    assert suite.passed
    assert accepted
    assert_found(shop, accepted)


def survived(core: Core, shop: Shop, victim: str, rest: Iterator[list[dict[str, object]]]) -> set[str]:
    """Ids of what was taken while the service was away. It is back."""
    accepted, pid = set[str](), kill(core, victim)
    for batch in islice(rest, 3):
        if until(partial(taken, shop, batch), Deadline(PATIENCE_S), pause_s=0.1):
            accepted |= {str(each["_id"]) for each in batch}
    assert until(partial(_is_back, core, victim, pid), Deadline(PATIENCE_S), pause_s=0.1), core.hd("ps").stdout
    return accepted


def assert_found(shop: Shop, accepted: set[str]) -> None:
    missing = set[str]()

    def all_found() -> bool:
        missing.clear()
        with contextlib.suppress(AnswerError, requests.RequestException):
            missing.update(accepted - set(shop.found("store", "", limit=1000)))
            return not missing
        return False

    assert until(all_found, Deadline(PATIENCE_S), pause_s=0.2), sorted(missing)


def _is_back(core: Core, name: str, pid: int) -> bool:
    status = core.statuses().get(name, {})
    wanted = "running" if name in UNCHECKED else "healthy"
    return status.get("state") == wanted and status.get("pid") not in (None, pid)
