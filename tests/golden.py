"""Output that was last reviewed by a person, kept beside the tests; `--regenerate` writes it anew."""

from dataclasses import dataclass
from pathlib import Path

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--regenerate", action="store_true", help="Write golden files anew; then review the difference.")


@dataclass(frozen=True)
class Golden:
    """The golden files of one test module's folder."""

    folder: Path
    regenerate: bool

    def check(self, name: str, text: str) -> None:
        """Fails with the difference when `text` is not what was last reviewed."""
        path = self.folder / name
        if self.regenerate:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        assert path.is_file(), f"{path} is missing: run again with --regenerate, and review it"
        assert text.splitlines() == path.read_text(encoding="utf-8").splitlines()


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Golden:
    return Golden(Path(request.path).parent / "golden", request.config.getoption("--regenerate"))
