"""The rooms and the one-way doors between them, as docs/architecture.md draws them."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "hippodrome"

LEAVES = {"errors", "wait", "resources", "secret", "files", "listeners", "version"}
PLAN_VALUES = {"plan.model", "plan.layout", "plan.use"}

# room or module → what it may import besides itself; the longest matching name counts
MAY_IMPORT: dict[str, set[str]] = {
    "errors": set(),
    "wait": set(),
    "resources": set(),
    "secret": set(),
    "files": {"errors"},
    "listeners": set(),
    "version": {"resources"},
    "config": LEAVES,
    "plan.model": set(),
    "plan.layout": set(),
    "plan.use": set(),
    "plan.conditions": {"plan.model"},
    "plan.base": set(),
    "plan.withheld": {"plan.env_files"},
    "plan.pointing": set(),
    "plan": LEAVES | {"config.model", "plan"},
    "targets": PLAN_VALUES | {"plan.withheld", "files", "resources", "errors", "secret"},
    "logs.stamps": set(),
    "logs": PLAN_VALUES | LEAVES,
    "rundir": PLAN_VALUES | LEAVES,
    "bootstrap": PLAN_VALUES | LEAVES | {"plan.withheld", "plan.base"},
    "supervision": PLAN_VALUES | {"plan.conditions", "wait", "files", "listeners", "logs.stamps"},
    "control": PLAN_VALUES
    | LEAVES
    | {"config.box", "plan.conditions", "plan.withheld", "plan.pointing", "targets", "rundir", "bootstrap", "logs"},
    "diagnose": PLAN_VALUES | LEAVES | {"plan", "config", "control", "bootstrap", "rundir", "logs"},
    "events": PLAN_VALUES | LEAVES | {"rundir", "control"},
    "dashboard": PLAN_VALUES
    | LEAVES
    | {"plan.conditions", "plan.git", "control", "rundir", "logs", "diagnose", "events"},
    "agents": PLAN_VALUES | LEAVES | {"plan", "control", "rundir", "logs", "diagnose", "events"},
    "top": PLAN_VALUES | LEAVES | {"control", "logs", *(f"dashboard.{name}" for name in ("feed", "rows", "usage"))},
    "shop": {"wait", "errors"},
    "hippothesis": PLAN_VALUES | LEAVES | {"shop"},
    "endtoend": PLAN_VALUES | LEAVES | {"rundir"},
    "cell": {"errors", "secret", "diagnose.masking"},
    "cli": {"*"},
    "services.common": set(),
    "services": {"services.common"},
}
PUMP = ("__main__", "checkpoints", "condition", "marker", "pump", "records", "relay", "streams", "wire")
STANDARD_LIBRARY_ONLY = (
    *sorted(LEAVES - {"version"}),
    "plan.model",
    "plan.layout",
    "plan.use",
    "plan.conditions",
    "logs.stamps",
    "events.names",
    "events.proof",
    *(f"events.pump.{name}" for name in PUMP),
    "control.warden",
)


def _modules() -> list[Path]:
    foreign = {"console", "controller"}  # their own environments; neither imports ours
    return sorted(
        path
        for path in PACKAGE.rglob("*.py")
        if path.stat().st_size and not foreign & set(path.relative_to(PACKAGE).parts)
    )


def _name(path: Path) -> str:
    return ".".join(path.relative_to(PACKAGE).with_suffix("").parts)


def _imports(path: Path) -> Iterator[tuple[int, str]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            is_room = node.level == 0 and (ROOT / Path(*node.module.split("."))).is_dir()
            names = [f"{node.module}.{alias.name}" for alias in node.names] if is_room else [node.module]
            yield from ((node.lineno, name) for name in names)


def _rule_for(name: str) -> str:
    parts = name.split(".")
    candidates = (".".join(parts[:length]) for length in range(len(parts), 0, -1))
    return next(candidate for candidate in candidates if candidate in MAY_IMPORT)


def _room(name: str) -> str:
    return ".".join(name.split(".")[:2]) if name.startswith("services") else name.split(".")[0]


def _is_allowed(importer: str, imported: str) -> bool:
    allowed = MAY_IMPORT[_rule_for(importer)]
    has_own_rule = _rule_for(importer).startswith(f"{_room(importer)}.")
    stays_in_room = _room(importer) == _room(imported) and not has_own_rule
    within = any(imported == each or imported.startswith(f"{each}.") for each in allowed)
    return "*" in allowed or stays_in_room or within


@pytest.mark.parametrize("path", _modules(), ids=_name)
def test_imports_point_one_way(path: Path) -> None:
    for line, module in _imports(path):
        if module.startswith("hippodrome."):
            imported = module.removeprefix("hippodrome.")
            assert _is_allowed(_name(path), imported), f"{path}:{line}: {_name(path)} may not import {imported}"


@pytest.mark.parametrize("name", STANDARD_LIBRARY_ONLY)
def test_what_supervisord_or_every_command_loads_needs_the_standard_library_alone(name: str) -> None:
    import sys

    for line, module in _imports(PACKAGE / Path(*name.split(".")).with_suffix(".py")):
        top = module.split(".")[0]
        assert top == "hippodrome" or top in sys.stdlib_module_names, f"{name}:{line} imports {module}"


def test_packages_are_empty_so_that_importing_a_module_loads_no_other() -> None:
    filled = [
        str(path) for path in PACKAGE.rglob("__init__.py") if path.stat().st_size and "controller" not in path.parts
    ]
    assert not filled


def test_every_room_has_a_rule() -> None:
    for path in _modules():
        _rule_for(_name(path))


def test_a_forbidden_import_would_be_seen() -> None:
    assert not _is_allowed("supervision.plugin", "config.model")
    assert not _is_allowed("plan.model", "plan.conditions")
    assert not _is_allowed("services.fake_cell.app", "errors")
    assert _is_allowed("plan.choose", "plan.order")
    assert _is_allowed("services.fake_cell.app", "services.common.errors")
