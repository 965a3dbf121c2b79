"""A stack for each test that asks for one."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.control.stacks import Stack, close_stack, open_stack


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    made = open_stack(tmp_path)
    yield made
    close_stack(made)
