"""Which packages are the same in every checkout, so that checkouts may share them."""

import json
from pathlib import Path
from typing import Any

import pytest

from hippodrome.config.model import Setup
from hippodrome.plan.look import read_inputs

VENV, NPM = Setup(venv="requirements.txt"), Setup(npm=".")
LOCK = {"lockfileVersion": 3, "packages": {"": {}, "node_modules/vite": {"version": "7.0.0"}}}


@pytest.mark.parametrize(
    ("requirements", "is_portable"),
    [
        ("flask==3.1.0 \\\n    --hash=sha256:abc\nmarqo>=3 # ours: ./libs/marqo\n# -e .\n", True),
        ("--index-url https://example.com/simple\nlib @ git+https://example.com/lib@v1\n", True),
        ("https://example.com/a.whl\n", True),
        ("-e .\n", False),
        ("--editable=libs/common\n", False),
        ("flask\n./wheels/a.whl\n", False),
        ("libs/common\n", False),
        ("common @ file:///home/ada/common\n", False),
        ("--find-links wheels\n", False),
        ("--extra-index-url file:///srv/index\n", False),
    ],
)
def test_an_environment_is_unless_it_is_made_of_something_local(
    tmp_path: Path, requirements: str, is_portable: bool
) -> None:
    (tmp_path / "requirements.txt").write_text("-r base.txt\n")
    (tmp_path / "base.txt").write_text(requirements)
    assert read_inputs(tmp_path, VENV).is_portable is is_portable


@pytest.mark.parametrize(
    ("package", "lock", "is_portable"),
    [
        ({"scripts": {"build": "vite build", "dev": "vite"}}, LOCK, True),
        ({"scripts": {"postinstall": "patch-package"}}, LOCK, False),
        ({"workspaces": ["apps/*"]}, LOCK, False),
        ({}, {"packages": {"node_modules/ours": {"resolved": "../ours", "link": True}}}, False),
        ({}, {"packages": {"node_modules/ours": {"resolved": "file:ours.tgz"}}}, False),
        ({}, {"lockfileVersion": 1, "dependencies": {}}, False),
        ([], LOCK, False),
    ],
)
def test_node_modules_are_unless_the_package_has_a_part_in_them(
    tmp_path: Path, package: object, lock: Any, is_portable: bool
) -> None:
    (tmp_path / "package.json").write_text(json.dumps(package))
    (tmp_path / "package-lock.json").write_text(json.dumps(lock))
    assert read_inputs(tmp_path, NPM).is_portable is is_portable


def test_settings_of_npm_decide_what_is_made(tmp_path: Path) -> None:
    (tmp_path / "package.json").write_text("{}")
    (tmp_path / "package-lock.json").write_text(json.dumps(LOCK))
    before = read_inputs(tmp_path, NPM)
    (tmp_path / ".npmrc").write_text("legacy-peer-deps=true\n")
    assert read_inputs(tmp_path, NPM).digest != before.digest


def test_what_is_made_of_other_files_too_is_not(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("flask\n")
    (tmp_path / "setup.py").touch()
    assert not read_inputs(tmp_path, Setup(venv="requirements.txt", inputs=("setup.py",))).is_portable


@pytest.mark.parametrize("broken", ["", "{", "\udcff"])
def test_what_cannot_be_read_is_not(tmp_path: Path, broken: str) -> None:
    (tmp_path / "package.json").write_text(broken, errors="surrogateescape")
    (tmp_path / "package-lock.json").write_text(json.dumps(LOCK))
    assert not read_inputs(tmp_path, NPM).is_portable
