"""Properties hold of a shop that keeps them; one that does not is found out, with a script that shows it."""

import re
import subprocess
from pathlib import Path

import pytest

from hippodrome.hippothesis import properties
from hippodrome.hippothesis.properties import PROPERTIES, Bench, Property, hold
from hippodrome.hippothesis.recording import RecordedShop
from tests.hippothesis.toy_shop import ToyShop, serving

EXAMPLES = 30
BROKEN_BY = {
    properties.added_is_found: "loses the last",
    properties.filter_holds: "ignores filters",
    properties.pages_fit: "repeats on pages",
    properties.hidden_is_never_seen: "shows the hidden",
    properties.pin_stands: "pins too low",
    properties.deleted_is_gone: "forgets to delete",
}


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a toy does not show at once it never will."""
    monkeypatch.setattr(properties, "SEEN_S", 0.0)


@pytest.mark.parametrize("tried", PROPERTIES, ids=lambda each: each.__name__)
def test_a_shop_that_keeps_it_is_well(tried: Property) -> None:
    with serving(ToyShop()) as url:
        finding = hold(Bench(RecordedShop(url, url, "key")), tried, seed=42, examples=EXAMPLES)
    assert finding.is_well, finding.wrong


@pytest.mark.parametrize(("tried", "fault"), BROKEN_BY.items(), ids=BROKEN_BY.values())
def test_a_shop_that_breaks_it_is_found_out(tried: Property, fault: str) -> None:
    with serving(ToyShop(fault)) as url:
        finding = hold(Bench(RecordedShop(url, url, "key")), tried, seed=42, examples=EXAMPLES)
    assert not finding.is_well
    assert finding.script.startswith("#!/bin/sh\n")
    assert "# expected: " in finding.script


@pytest.mark.slow
def test_a_failure_is_shrunk_to_the_smallest_catalogue(tmp_path: Path) -> None:
    with serving(ToyShop("loses the last")) as url:
        finding = hold(Bench(RecordedShop(url, url, "key")), properties.added_is_found, seed=42, examples=EXAMPLES)
        ids = re.findall(r'"_id": "(\w)"', finding.script)
        assert ids == ["a", "b", "c", "d"]  # it takes four to lose one
        script = tmp_path / "again.sh"
        script.write_text(finding.script)
        told = subprocess.run(["sh", script], capture_output=True, text=True, timeout=60, check=True).stdout
    assert '"_id":"c"' in told.replace(" ", "")
    assert '"_id":"d"' not in told.replace(" ", "")
