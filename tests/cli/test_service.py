"""`hd service`: what starts a stack at boot."""

import json
import os
from pathlib import Path

import pytest

from hippodrome.control.autostart import Service, service_of
from hippodrome.errors import ExitCode
from tests.cli.conftest import Project

FAKE = """#!/bin/sh
echo "$*" >> "$CALLS"
[ "$2" = enable ] && mkdir -p "$UNITS/default.target.wants" && ln -s "$UNITS/$3" "$UNITS/default.target.wants/$3"
[ "$2" = disable ] && rm -f "$UNITS/default.target.wants/$3"
exit 0
"""


@pytest.fixture
def systemd(project: Project, tmp_path: Path) -> dict[str, str]:
    """The variables with which a systemctl is found that writes down what it is told, and links as the real one."""
    program = tmp_path / "bin" / "systemctl"
    program.parent.mkdir()
    program.write_text(FAKE)
    program.chmod(0o755)
    project.server("api")
    config = tmp_path / "config"
    path = f"{program.parent}:{os.environ['PATH']}"
    places = {"CALLS": str(tmp_path / "calls"), "UNITS": str(config / "systemd" / "user")}
    return {"PATH": path, "XDG_CONFIG_HOME": str(config), **places}


def test_it_is_written_enabled_found_and_removed_and_nothing_else(
    project: Project, systemd: dict[str, str], tmp_path: Path
) -> None:
    units = Path(systemd["UNITS"])
    units.mkdir(parents=True)
    (units / "other.service").write_text("[Unit]\n")
    done = project.hd("service", "install", "--idle-stop", "8h", **systemd, HIPPODROME_PROFILE="default")
    assert done.returncode == 0, done.stderr
    [unit] = units.glob("hippodrome-*.service")
    assert f"Wrote {unit}" in done.stdout
    assert (tmp_path / "calls").read_text().splitlines() == ["--user daemon-reload", f"--user enable {unit.name}"]
    text = unit.read_text()
    assert f'"--project-root" "{project.folder}" "--profile=default" "--idle-stop=8h"\n' in text
    assert f'"down" "--project-root" "{project.folder}"\n' in text
    assert f"WorkingDirectory={project.folder}\n" in text
    told = json.loads(project.hd("service", "status", "--json", **systemd).stdout)
    assert told["is_installed"]
    assert told["is_enabled"]
    assert told["all"] == [str(unit)]
    assert project.hd("service", "install", **systemd).returncode == 0  # once more: its own is replaced
    assert "--idle-stop" not in unit.read_text()

    gone = project.hd("service", "uninstall", **systemd)
    assert gone.stdout.splitlines() == [f"Removed {units / 'default.target.wants' / unit.name}", f"Removed {unit}"]
    assert [path.name for path in units.rglob("*") if not path.is_dir()] == ["other.service"]
    assert project.hd("service", "status", **systemd).returncode == 1
    assert "Nothing was installed" in project.hd("service", "uninstall", **systemd).stdout


def test_a_dry_run_prints_the_unit_and_writes_nothing(project: Project, systemd: dict[str, str]) -> None:
    done = project.hd("service", "install", "--dry-run", **systemd)
    assert done.stdout.startswith("# Written by `hd service install`")
    assert "ExecStart=" in done.stdout
    assert not Path(systemd["UNITS"]).exists()
    assert not Path(systemd["CALLS"]).exists()


def test_without_systemd_it_is_said_what_is_left_to_do(project: Project, tmp_path: Path) -> None:
    project.server("api")
    empty = tmp_path / "empty"
    empty.mkdir()
    done = project.hd("service", "install", PATH=str(empty), XDG_CONFIG_HOME=str(tmp_path / "config"))
    assert done.returncode == 0, done.stderr
    assert "systemd cannot be asked here (there is no systemctl), so it is not enabled yet." in done.stdout
    assert "systemctl --user enable hippodrome-" in done.stdout
    assert "loginctl enable-linger" in done.stdout


def test_a_unit_of_somebody_elses_is_left_alone(project: Project, systemd: dict[str, str]) -> None:
    project.hd("service", "install", **systemd)
    [unit] = Path(systemd["UNITS"]).glob("*.service")
    unit.write_text("[Unit]\nDescription=mine\n")
    for verb in ("install", "uninstall"):
        refused = project.hd("service", verb, **systemd)
        assert refused.returncode == ExitCode.CONFLICT
        assert "[foreign-unit]" in refused.stderr
    assert "mine" in unit.read_text()


def test_a_mistake_shows_before_anything_is_written(project: Project, systemd: dict[str, str]) -> None:
    project.add("worker", depends_on=["nobody"], command="sleep 9")
    done = project.hd("service", "install", **systemd)
    assert done.returncode == ExitCode.CONFIGURATION
    assert not Path(systemd["UNITS"]).exists()


def test_on_macos_it_is_an_agent(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("hippodrome.control.autostart.sys.platform", "darwin")
    found = service_of("shop-1", {"HOME": str(tmp_path)})
    assert found == Service(
        "launchd", "hippodrome.shop-1", tmp_path / "Library" / "LaunchAgents" / "hippodrome.shop-1.plist"
    )
