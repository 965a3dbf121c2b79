"""Reading secrets by their commands."""

import sys
from pathlib import Path

import pytest

from hippodrome.control.secret_values import read_secrets
from hippodrome.errors import ExitCode, UserError
from hippodrome.plan.withheld import withheld
from hippodrome.secret import MASK
from tests.control.plans import plan, program


def says(text: str) -> tuple[str, ...]:
    return (sys.executable, "-c", f"print({text!r})")


def test_values_are_read_for_each_program_and_print_masked(tmp_path: Path) -> None:
    found = read_secrets(
        plan(
            program("api", secrets={"TOKEN": says("hush")}),
            program("web", secrets={"KEY": says(" two\nlines "), "TOKEN": says("hush")}),
            program("none"),
            project_root=str(tmp_path),
        )
    )
    assert found["api"]["TOKEN"].reveal() == "hush"
    assert found["web"]["KEY"].reveal() == " two\nlines "
    assert str(found["web"]["TOKEN"]) == MASK
    assert set(found) == {"api", "web"}


def test_a_command_is_run_once_however_many_want_it_and_in_the_project(tmp_path: Path) -> None:
    count = (sys.executable, "-c", "open('asked', 'a').write('x')")
    read_secrets(
        plan(program("a", secrets={"T": count}), program("b", secrets={"T": count}), project_root=str(tmp_path))
    )
    assert (tmp_path / "asked").read_text() == "x"


def test_a_command_has_what_password_managers_need_and_nothing_else_of_the_caller(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("OP_SESSION_dev", "VAULT_TOKEN", "GNUPGHOME", "PLANTED"):
        monkeypatch.setenv(name, "x")
    names = (sys.executable, "-c", "import os; print(*os.environ)")
    given = (sys.executable, "-c", "import sys; print(sys.argv[1])", withheld("PLANTED"))
    secrets = {"NAMES": names, "GIVEN": given}
    found = read_secrets(plan(program("api", secrets=secrets), project_root=str(tmp_path)))["api"]
    assert {"PATH", "OP_SESSION_dev", "VAULT_TOKEN", "GNUPGHOME"} <= set(found["NAMES"].reveal().split())
    assert "PLANTED" not in found["NAMES"].reveal()
    assert found["GIVEN"].reveal() == "x"


def test_every_secret_that_cannot_be_read_is_named_with_its_command_s_own_words(tmp_path: Path) -> None:
    locked = (sys.executable, "-c", "import sys; sys.exit('the vault is locked')")
    with pytest.raises(UserError) as caught:
        read_secrets(
            plan(
                program("api", secrets={"TOKEN": locked, "OTHER": ("no-such-password-manager",)}),
                program("web", secrets={"FINE": says("x")}),
                project_root=str(tmp_path),
            )
        )
    assert caught.value.exit_code == ExitCode.SETUP_FAILED
    told = str(caught.value)
    assert "`TOKEN` of `api` cannot be read: the vault is locked" in told
    assert "`OTHER` of `api`" in told
    assert "no-such-password-manager" in told
    assert "web" not in told
