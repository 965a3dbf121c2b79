"""docs/cli.md says what the commands say."""

from pathlib import Path

from hippodrome.cli.main import COMMANDS
from hippodrome.cli.reference import MEANINGS, text
from hippodrome.errors import ExitCode

DOCS = Path(__file__).resolve().parents[2] / "docs"


def test_the_document_is_what_the_commands_give() -> None:
    assert (DOCS / "cli.md").read_text(encoding="utf-8") == text()


def test_every_command_and_exit_code_is_in_it() -> None:
    assert [line.split()[-1] for line in text().splitlines() if line.startswith("### ")] == list(COMMANDS)
    assert set(MEANINGS) == set(ExitCode)
