"""What counts as garbage, and what must never."""

import json
import os
import sys
from pathlib import Path

import pytest

from hippodrome.bootstrap import cache, steps
from hippodrome.control import garbage
from tests.control.plans import plan

MONTHS_S = 90 * 86400.0


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where this test's cache, run directories and registry are."""
    for variable, name in (
        ("XDG_CACHE_HOME", "cache"),
        ("XDG_STATE_HOME", "state"),
        ("HIPPODROME_REGISTRY", "ports"),
    ):
        monkeypatch.setenv(variable, str(tmp_path / name))
    return tmp_path


def venv(places: Path, key: str) -> Path:
    """One that was made long ago."""
    made = places / "cache" / "hippodrome" / "venvs" / key
    made.mkdir(parents=True)
    cache.mark(made, key)
    long_ago = cache.used_at(made) - MONTHS_S
    os.utime(made / cache.MARK, (long_ago, long_ago))
    return made


def run_dir(places: Path, root: Path, **more: str) -> Path:
    """Of a stack that does not run."""
    made = places / "state" / "hippodrome" / root.name
    (made / "plans").mkdir(parents=True)
    (made / "plan.json").write_text(json.dumps({"project_root": str(root), **more}))
    return made


def found() -> set[str]:
    return {each.path.name for each in garbage.find(os.environ).set_ups}


def test_the_environment_that_hd_itself_runs_in_stays(places: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    link = places / "checkout" / ".venv"
    link.parent.mkdir()
    link.symlink_to(venv(places, "hd-own"))
    venv(places, "hd-other")
    monkeypatch.setattr(sys, "prefix", str(link))
    assert found() == {"hd-other"}


def test_what_a_living_worktree_links_to_stays_though_nobody_noted_it(places: Path) -> None:
    root = places / "root"
    root.mkdir()
    (root / ".venv").symlink_to(venv(places, "hd-linked"))
    run_dir(places, root)
    venv(places, "hd-other")
    assert found() == {"hd-other"}


def test_what_a_plan_that_can_be_gone_back_to_needs_stays(places: Path) -> None:
    root = places / "root"
    root.mkdir()
    earlier = run_dir(places, root) / "plans" / "000001.plan.json"
    earlier.write_text(json.dumps({"product": str(venv(places, "key-earlier"))}))
    venv(places, "key-other")
    assert found() == {"key-other"}


def test_bringing_a_stack_up_notes_the_environment_it_was_brought_up_with(
    places: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = places / "checkout" / ".venv"
    link.parent.mkdir()
    link.symlink_to(made := venv(places, "hd-own"))
    with monkeypatch.context() as patched:
        patched.setattr(sys, "prefix", str(link))
        steps.use(plan())
    assert [(noted, product) for _, noted, product in cache.noted_links()] == [(link, made)]
    assert cache.used_at(made) > cache.used_at(venv(places, "hd-other"))
    assert found() == {"hd-other"}


def test_what_is_found_made_after_it_was_listed_stays(places: Path) -> None:
    made = venv(places, "key")
    (seen,) = garbage.find(os.environ).set_ups
    assert not cache.ensure(made, "key", lambda: pytest.fail("it was there"))
    assert garbage.remove_set_up(seen) == "it is used again"
    assert cache.is_complete(made, "key")
