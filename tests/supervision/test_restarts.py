"""What becomes of a program that ended: docs/restarts.md is the specification."""

import signal
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import pytest

from hippodrome.plan.conditions import Exit
from hippodrome.plan.model import Restart
from hippodrome.supervision.restarts import Ending, Judgement, judge

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "restarts.md"


@dataclass(frozen=True)
class Life:
    was_ready: bool
    lived_s: float
    is_service: bool = True


@dataclass(frozen=True)
class End:
    code: int | None = None
    signal: int | None = None
    has_left: bool = False


ENDS: dict[str, tuple[End, ...]] = {
    "0": (End(0), End(0, has_left=True)),
    "0, leaving nothing behind": (End(0),),
    "0, leaving others behind": (End(0, has_left=True),),
    "another status": (End(3), End(3, has_left=True)),
    "SIGKILL": (End(signal=signal.SIGKILL), End(signal=signal.SIGKILL, has_left=True)),
    "another signal": (End(signal=signal.SIGSEGV), End(signal=signal.SIGTERM)),
}
UNCHECKED = (Life(False, 0.0, is_service=False), Life(False, 0.49, is_service=False))
SHORT = (Life(False, 0.0), Life(False, 0.99))
LONG = (Life(False, 1.0), Life(False, 60.0))
BRIEF = (Life(True, 0.6), Life(True, 9.99))
UNCHECKED_BRIEF = Life(True, 0.6, is_service=False)
LIVES: dict[str, tuple[Life, ...]] = {
    "not ready yet": UNCHECKED + SHORT + LONG,
    "not ready yet, a check or a port": SHORT + LONG,
    "not ready yet, neither check nor port": UNCHECKED,
    "not ready yet, under 1 s": UNCHECKED + SHORT,
    "not ready yet, 1 s or longer": LONG,
    "ready, under 10 s": (*BRIEF, UNCHECKED_BRIEF),
    "not ready, or under 10 s, a check or a port": SHORT + LONG + BRIEF,
    "not ready, or under 10 s, neither check nor port": (*UNCHECKED, UNCHECKED_BRIEF),
    "ready, 10 s or longer": (Life(True, 10.0), Life(True, 86400.0), Life(True, 10.0, is_service=False)),
}


def _tables() -> Iterator[list[list[str]]]:
    """The rows of each, the headings first; without the marks of code."""
    for part in DOCUMENT.read_text(encoding="utf-8").split("\n\n"):
        if part.startswith("|"):
            rows = [
                [cell.strip().replace("`", "") for cell in line.strip("|").split("|")] for line in part.split("\n")
            ]
            yield [rows[0], *rows[2:]]


MATRIX, IN_A_ROW = _tables()


def _judged(end: End, life: Life, restart: Restart, failures: int = 0) -> Judgement:
    ended = Exit(end.code, end.signal, life.lived_s, at=0.0)
    return judge(Ending(ended, life.was_ready, life.is_service, restart, failures, end.has_left))


def _shown(judgement: Judgement) -> str:
    if judgement.state != "backoff":
        return judgement.state
    return f"backoff, {_delay(judgement)}"


def _delay(judgement: Judgement) -> str:
    return f"{judgement.delay_s:g} s" if judgement.delay_s else "at once"


@pytest.mark.parametrize("row", MATRIX[1:], ids=", ".join)
def test_the_document_says_what_becomes_of_each(row: list[str]) -> None:
    end, life, *states, cause = row
    for how, sample in product(ENDS[end], LIVES[life]):
        for policy, state in zip(MATRIX[0][2:5], states, strict=True):
            found = _judged(how, sample, Restart(policy))  # type: ignore[arg-type]
            assert _shown(found) == state, (policy, how, sample)
            is_done = state == "exited" and how.code == 0
            assert found.cause == ("" if is_done else cause), (policy, how, sample)


def test_the_document_leaves_no_ending_and_no_life_out_and_has_none_twice() -> None:
    said = [each for row in MATRIX[1:] for each in product(ENDS[row[0]], LIVES[row[1]])]
    assert len(said) == len(set(said))
    all_ends, all_lives = ({each for some in values.values() for each in some} for values in (ENDS, LIVES))
    assert set(said) == set(product(all_ends, all_lives))


@pytest.mark.parametrize("end", [End(0), End(3), End(signal=signal.SIGKILL)], ids=str)
@pytest.mark.parametrize("life", IN_A_ROW[0][1:])
def test_the_document_has_the_delay_of_each_time_in_a_row(end: End, life: str) -> None:
    column, failures = IN_A_ROW[0].index(life), 0
    for row in IN_A_ROW[1:]:
        found = _judged(end, LIVES[life][-1], Restart("always"), failures)
        assert (_delay(found) if found.state == "backoff" else found.state) == row[column], row
        failures = found.failures


def test_what_is_given_up_says_how_often_it_was_tried() -> None:
    found = _judged(End(3), SHORT[0], Restart("always"), failures=6)
    assert (found.state, found.cause, found.detail) == ("failed", "gave-up", {"tries": 7})


def test_what_kept_ending_well_is_given_up_for_just_that() -> None:
    found = _judged(End(0), SHORT[0], Restart("always"), failures=6)
    assert (found.state, found.cause, found.detail) == ("failed", "exited-at-once", {"code": 0, "lived_s": 0.0})


@pytest.mark.parametrize("retries", [0, 1, 3, 20])
def test_a_policy_may_say_how_often(retries: int) -> None:
    restart, states, failures = Restart("on-failure", retries), [], 0
    for _ in range(retries + 1):
        found = _judged(End(3), SHORT[0], restart, failures)
        states.append(found.state)
        failures = found.failures
    assert states == ["backoff"] * retries + ["failed"]


def test_delays_are_capped() -> None:
    assert _judged(End(3), SHORT[0], Restart("on-failure", 100), failures=50).delay_s == 8.0


def test_a_long_life_clears_the_count() -> None:
    found = _judged(End(3), Life(True, 10.0), Restart("always"), failures=6)
    assert (found.state, found.delay_s, found.failures) == ("backoff", 0.0, 0)


def test_the_facts_are_the_status_or_the_signal_and_the_lifetime() -> None:
    assert _judged(End(3), Life(True, 2.0), Restart("no")).detail == {"code": 3, "lived_s": 2.0}
    assert _judged(End(signal=11), Life(True, 2.0), Restart("no")).detail == {"signal": 11, "lived_s": 2.0}
