"""What setup.cfg and pyproject.toml declare, against the locks and the code."""

import ast
import configparser
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from tests.packaging.locks import ROOT, pins

OWN_ENVIRONMENT = ROOT / "hippodrome" / "services" / "controller"

NEEDED_BY_MOTO = {"flask-cors"}  # by its server; the extra that says so brings much that is not


def declared() -> configparser.ConfigParser:
    parser = configparser.ConfigParser()
    parser.read(ROOT / "setup.cfg", encoding="utf-8")
    return parser


def lines(section: str, key: str) -> list[str]:
    values = declared()[section][key].splitlines()
    return [line for line in values if line and not line.startswith("#")]


def required() -> list[Requirement]:
    return [Requirement(line) for line in lines("options", "install_requires")]


def pinned(name: str) -> dict[str, str]:
    return {str(canonicalize_name(key)): version for key, version in pins((ROOT / name).read_text()).items()}


@pytest.mark.parametrize("requirement", required(), ids=lambda each: each.name)
def test_a_declared_range_admits_what_is_locked(requirement: Requirement) -> None:
    locked = pinned("requirements.lock")[canonicalize_name(requirement.name)]
    assert requirement.specifier.contains(locked)


def test_tests_run_against_the_versions_that_hd_runs_on() -> None:
    product = pinned("requirements.lock")
    tests = pinned("requirements-tests.lock")
    assert {name: tests.get(name) for name in product} == product


@pytest.mark.parametrize(
    ("inputs", "lock"),
    [
        ("requirements-tests.in", "requirements-tests.lock"),
        ("hippodrome/services/controller/requirements.in", "hippodrome/services/controller/requirements.txt"),
        ("hippodrome/services/postgres/requirements.in", "hippodrome/services/postgres/requirements.txt"),
    ],
)
def test_a_lock_answers_to_its_inputs(inputs: str, lock: str) -> None:
    asked = [line.split("#")[0].strip() for line in (ROOT / inputs).read_text().splitlines()]
    for requirement in (Requirement(line) for line in asked if line and not line.startswith("-r")):
        assert requirement.specifier.contains(pinned(lock)[canonicalize_name(requirement.name)]), requirement


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.split(".")[0]


def test_what_the_code_imports_is_declared_and_what_is_declared_is_imported() -> None:
    modules = [path for path in (ROOT / "hippodrome").rglob("*.py") if "node_modules" not in path.parts]
    own = [path for path in modules if OWN_ENVIRONMENT not in path.parents]
    imported = {name for path in own for name in imports(path)} - sys.stdlib_module_names - {"hippodrome"}
    distributions = packages_distributions()
    found = {str(canonicalize_name(distributions[name][0])) for name in imported} | NEEDED_BY_MOTO
    assert found == {str(canonicalize_name(requirement.name)) for requirement in required()}


def test_every_package_is_listed() -> None:
    folders = {path.parent for path in (ROOT / "hippodrome").rglob("__init__.py") if "node_modules" not in path.parts}
    code = {folder for folder in folders if OWN_ENVIRONMENT not in folder.parents}
    mapped = {"hippodrome.conf", "hippodrome.docs", "hippodrome.templates"}
    assert set(lines("options", "packages")) == mapped | {".".join(folder.relative_to(ROOT).parts) for folder in code}


def test_the_oldest_python_is_the_same_everywhere() -> None:
    wanted = SpecifierSet(declared()["options"]["python_requires"])
    tools = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]
    script = (ROOT / "hippodrome" / "bootstrap" / "environment.sh").read_text()
    found = re.search(r"sys\.version_info >= \((\d+), (\d+)\)", script)
    assert found
    oldest = f"{found[1]}.{found[2]}"
    assert wanted == SpecifierSet(f">={oldest}")
    assert tools["mypy"]["python_version"] == oldest
    assert tools["ruff"]["target-version"] == f"py{oldest.replace('.', '')}"


def test_every_named_python_is_one_that_hd_looks_for() -> None:
    named = [re.search(r"Python :: (3\.\d+)$", line) for line in lines("metadata", "classifiers")]
    script = (ROOT / "hippodrome" / "bootstrap" / "environment.sh").read_text()
    versions = [match[1] for match in named if match]
    assert versions
    assert [version for version in versions if f"python{version}" not in script] == []
