"""The measurements run, and say what they measured against what."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def test_a_name_that_is_no_figure_is_refused_with_those_there_are() -> None:
    done = _run("speed")
    assert done.returncode == 2
    assert "no figure speed; known: core, chain," in done.stderr


@pytest.mark.slow
def test_figures_come_as_a_table_and_as_json(tmp_path: Path) -> None:
    done = _run("chain", "crash", "--rounds", "1", "--json", str(tmp_path / "figures.json"))
    assert done.returncode == 0, done.stderr
    told = json.loads((tmp_path / "figures.json").read_text())
    assert set(told["machine"]) == {"python", "system", "cores"}
    rows = {row["what"]: row for row in told["figures"]}
    ours = rows["chain of 0.2 s: hippodrome to healthy"]
    assert ours["beside"].startswith("bare ")
    assert float(ours["ratio"]) > 1  # nothing is quicker than its own processes
    assert "crash to its successor" in done.stdout


def _run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "bench.run", *arguments]
    return subprocess.run(command, cwd=ROOT, text=True, capture_output=True, timeout=300)
