"""Lock files pin by hash and leave the choice of index or registry to whoever installs."""

import json
import re
from pathlib import Path

import pytest

from tests.packaging.locks import locks_like, pins, requirements, shown

PYTHON = locks_like("*.lock", "requirements*.txt")
NPM = locks_like("package-lock.json")
CHOOSES_AN_INDEX = re.compile(
    r"https?:|file:/|git\+|--(?:extra-)?index-url|--find-links|--trusted-host|^-[if] | @ ", re.M
)
SHA256 = re.compile(r"--hash=sha256:[0-9a-f]{64}(?=\s|$)")


def test_the_locks_are_found() -> None:
    names = {shown(path) for path in PYTHON + NPM}
    assert names >= {
        "requirements.lock",
        "requirements-tests.lock",
        "hippodrome/services/controller/requirements.txt",
        "hippodrome/services/postgres/requirements.txt",
        "hippodrome/services/console/package-lock.json",
        "hippodrome/services/global_worker/package-lock.json",
    }


@pytest.mark.parametrize("lock", PYTHON, ids=shown)
def test_a_python_lock_names_no_host(lock: Path) -> None:
    assert not CHOOSES_AN_INDEX.findall(lock.read_text())


@pytest.mark.parametrize("lock", PYTHON, ids=shown)
def test_every_python_pin_has_its_hashes(lock: Path) -> None:
    text = lock.read_text()
    assert pins(text)
    assert [line for line in requirements(text) if not SHA256.search(line)] == []


@pytest.mark.parametrize("lock", PYTHON, ids=shown)
def test_no_hash_is_cut_short(lock: Path) -> None:
    for line in requirements(lock.read_text()):
        assert len(SHA256.findall(line)) == line.count("--hash"), line[:60]


@pytest.mark.parametrize("lock", NPM, ids=shown)
def test_an_npm_lock_names_no_host(lock: Path) -> None:
    text = lock.read_text()
    assert '"resolved"' not in text
    assert not re.findall(r"(?:https?|git\+ssh|file):[^\s\"]*(?:\.tgz|\.git)|registry\.", text)


@pytest.mark.parametrize("lock", NPM, ids=shown)
def test_every_npm_pin_has_its_hash(lock: Path) -> None:
    packages = json.loads(lock.read_text())["packages"]
    fetched = {name: facts for name, facts in packages.items() if name}
    assert fetched
    assert [name for name, facts in fetched.items() if not facts.get("integrity", "").startswith("sha512-")] == []


@pytest.mark.parametrize("lock", NPM, ids=shown)
def test_an_npm_lock_is_of_the_package_beside_it(lock: Path) -> None:
    declared = json.loads(lock.with_name("package.json").read_text())
    locked = json.loads(lock.read_text())["packages"][""]
    assert {key: locked.get(key) for key in ("name", "dependencies", "devDependencies", "engines")} == {
        key: declared.get(key) for key in ("name", "dependencies", "devDependencies", "engines")
    }
