"""The table of commands and the boundary at which errors become words."""

import subprocess
import sys
from importlib import import_module
from pathlib import Path

import click
import pytest

from hippodrome.cli import main as cli
from hippodrome.errors import ExitCode, Problem, UserError

ROOT = Path(__file__).resolve().parents[2]


def hd(*arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "hippodrome" / "cli" / "__main__.py"), *arguments]
    return subprocess.run(command, cwd=cwd, text=True, capture_output=True, timeout=60)


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_every_command_explains_itself_within_80_columns(name: str) -> None:
    done = hd(name, "--help")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"Usage: hd {name}")
    assert max(map(len, done.stdout.splitlines())) <= 80


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_help_says_what_the_command_does_to_the_world(name: str) -> None:
    command = import_module(f"hippodrome.cli.{name}").command
    assert any(word in (command.help or "") for word in ("Reads", "Changes")), command.help


def test_the_table_and_the_modules_agree_on_names() -> None:
    for name in cli.COMMANDS:
        command = import_module(f"hippodrome.cli.{name}").command
        assert isinstance(command, click.Command)
        assert command.name == name


def test_help_loads_no_command() -> None:
    code = (
        "import sys; from hippodrome.cli.main import main; main(['--help']); "
        "print([m for m in sys.modules if m.startswith('hippodrome')], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, text=True, capture_output=True, timeout=60)
    loaded = done.stderr
    assert "hippodrome.cli.main" in loaded
    assert "hippodrome.cli.up" not in loaded
    assert "hippodrome.config" not in loaded


def test_a_mistyped_command_gets_the_nearest_one() -> None:
    done = hd("lgos")
    assert done.returncode == ExitCode.USAGE
    assert "Did you mean `logs`?" in done.stderr


def test_a_problem_is_printed_with_its_hint_and_exits_with_its_kind(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object, **__: object) -> int:
        raise UserError(Problem("not-running", "nothing runs", "`hd up`."), exit_code=ExitCode.NOT_RUNNING)

    monkeypatch.setattr(cli.hd, "main", fail)
    assert cli.main([]) == ExitCode.NOT_RUNNING
    assert capsys.readouterr().err == "nothing runs [not-running]\n  hint: `hd up`.\nMore: hd explain not-running\n"


def test_a_bug_is_owned_up_to_with_no_traceback_on_the_screen(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object, **__: object) -> int:
        raise RuntimeError("the sky fell")

    monkeypatch.setattr(cli.hd, "main", fail)
    assert cli.main([]) == ExitCode.BUG
    said = capsys.readouterr().err
    assert "hd has a bug: RuntimeError: the sky fell" in said
    assert "Traceback" not in said
    story = Path(said.split("The whole story is in ")[1].split(";")[0])
    assert "the sky fell" in story.read_text(encoding="utf-8")
    story.unlink()


def test_that_nothing_runs_is_said_shortly(tmp_path: Path) -> None:
    done = hd("ps", "--project-root", str(tmp_path))
    assert done.returncode == ExitCode.NOT_RUNNING
    assert len(done.stderr.splitlines()) <= 3
