"""Output that was last reviewed by a person, kept beside the tests; `--regenerate` writes it anew."""

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from hippodrome.files import File, write_all


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--regenerate", action="store_true", help="Write golden files anew; then review the difference.")


@dataclass(frozen=True)
class Golden:
    """The golden files of one test module's folder."""

    folder: Path
    regenerate: bool

    def check(self, name: str, files: list[File]) -> None:
        """Fails with the difference when `files` are not what was last reviewed, below `name`."""
        folder = self.folder / name
        if self.regenerate:
            shutil.rmtree(folder, ignore_errors=True)
            write_all(files, folder)
        reviewed = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
        assert reviewed == {file.path for file in files}, "run again with --regenerate, and review the difference"
        for file in files:
            assert file.text.splitlines() == (folder / file.path).read_text(encoding="utf-8").splitlines()


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Golden:
    return Golden(Path(request.path).parent / "golden", request.config.getoption("--regenerate"))
