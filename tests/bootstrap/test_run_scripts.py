"""`tests/run`: what its arguments mean, and what it does about a missing browser. The suite itself is not run."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.core.conftest import ROOT

LOCK = "requirements-tests.lock"
PYTEST = [
    "-m",
    "pytest",
    "--numprocesses",
    "auto",
    "--maxprocesses",
    "8",
    "--dist",
    "loadscope",
    "--no-loadscope-reorder",
]
NOT_RUN = "Not run: the tests that need a browser (--without browser)."

# Stands where the environment's Python would, and tells what it was called with.
PYTHON = """#!{python} -I
import json, os, sys
print(json.dumps([sys.argv[1:], os.getcwd()]))
sys.exit(int(os.environ.get("PYTEST_STATUS", "0")))
"""
APT = """#!/bin/sh
echo "apt-get $*"
case $1 in
update) exit "${APT_STATUS:-0}" ;;
install) printf '#!/bin/sh\\n' >"$(dirname -- "$0")/$4" && chmod +x "$(dirname -- "$0")/$4" ;;
esac
"""


@dataclass(frozen=True)
class Suite:
    """A checkout with `tests/run`, whose environment is complete, on a machine with nothing but these tools."""

    checkout: Path
    tools: Path

    def has(self, tool: str, text: str = "#!/bin/sh\n") -> None:
        (self.tools / tool).write_text(text)
        (self.tools / tool).chmod(0o755)

    def is_run_by(self, uid: int) -> None:
        self.has("id", f"#!/bin/sh\necho {uid}\n")

    def run(self, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [self.checkout / "tests" / "run", *arguments],
            env={"PATH": str(self.tools), **environ},
            text=True,
            capture_output=True,
            timeout=60,
        )

    def pytest_arguments(self, *arguments: str, **environ: str) -> list[str]:
        done = self.run(*arguments, **environ)
        assert done.returncode == 0, done.stderr
        called, folder = json.loads(done.stdout.splitlines()[0])
        assert folder == str(self.checkout)
        assert called[: len(PYTEST)] == PYTEST
        return list(called[len(PYTEST) :])


@pytest.fixture
def suite(tmp_path: Path) -> Suite:
    checkout, tools = tmp_path / "a checkout", tmp_path / "bin"
    (checkout / "tests").mkdir(parents=True)
    (checkout / "hippodrome" / "bootstrap").mkdir(parents=True)
    tools.mkdir()
    for name in ("tests/run", "hippodrome/bootstrap/environment.sh", LOCK):
        shutil.copy(ROOT / name, checkout / name)
    (checkout / ".venv-tests" / "bin").mkdir(parents=True)
    shutil.copy(ROOT / LOCK, checkout / ".venv-tests" / ".made-from")
    python = checkout / ".venv-tests" / "bin" / "python"
    python.write_text(PYTHON.format(python=sys.executable))
    python.chmod(0o755)
    for tool in ("chmod", "cmp", "dirname", "readlink", "sh"):
        found = shutil.which(tool)
        assert found
        (tools / tool).symlink_to(found)
    made = Suite(checkout, tools)
    made.has("chromium")
    made.is_run_by(1000)
    return made


def test_without_arguments_all_but_the_slow_ones_run(suite: Suite) -> None:
    assert suite.pytest_arguments() == ["-m", "not slow"]


def test_all_means_every_one(suite: Suite) -> None:
    assert suite.pytest_arguments("--all") == []


def test_the_rest_goes_to_pytest_as_it_is(suite: Suite) -> None:
    wanted = ["-k", "a name or another", "tests/plan", "--all-of-it"]
    assert suite.pytest_arguments(*wanted) == ["-m", "not slow", *wanted]
    assert suite.pytest_arguments("--all", *wanted) == wanted


@pytest.mark.parametrize(
    ("arguments", "marks"),
    [
        (["--without", "browser"], "not slow and not browser"),
        (["--all", "--without", "browser"], "not browser"),
        (["--without", "browser", "--all"], "not browser"),
    ],
)
def test_without_a_browser_the_rest_runs_and_the_end_names_what_did_not(
    suite: Suite, arguments: list[str], marks: str
) -> None:
    (suite.tools / "chromium").unlink()
    assert suite.pytest_arguments(*arguments, "-x") == ["-m", marks, "-x"]
    done = suite.run(*arguments, PYTEST_STATUS="1")
    assert done.returncode == 1
    assert done.stdout.splitlines()[-1] == NOT_RUN


def test_the_exit_status_is_that_of_pytest(suite: Suite) -> None:
    done = suite.run(PYTEST_STATUS="5")
    assert (done.returncode, NOT_RUN in done.stdout) == (5, False)


def test_only_a_browser_can_be_left_out(suite: Suite) -> None:
    for arguments in (["--without", "tests"], ["--without"]):
        done = suite.run(*arguments)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr == "tests/run: only --without browser is known\n"


def test_who_may_not_install_chromium_is_told_how_and_nothing_runs(suite: Suite) -> None:
    (suite.tools / "chromium").unlink()
    suite.has("apt-get", APT)
    done = suite.run()
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.splitlines() == [
        "tests/run needs Chromium. Debian: apt install chromium-headless-shell; else set CHROMIUM_PATH to one.",
        "  hint: tests/run --without browser runs the rest.",
    ]


def test_root_on_debian_gets_it_installed_once(suite: Suite) -> None:
    (suite.tools / "chromium").unlink()
    suite.is_run_by(0)
    suite.has("apt-get", APT)
    first, second = suite.run(), suite.run()
    assert first.returncode == second.returncode == 0, first.stderr
    assert first.stderr.splitlines() == [
        "Installing a headless Chromium; this happens once.",
        "apt-get update -q",
        "apt-get install -qy --no-install-recommends chromium-headless-shell",
    ]
    assert second.stderr == ""


def test_a_failed_installation_is_told_and_ends_it_where_there_is_no_other_browser(suite: Suite) -> None:
    suite.is_run_by(0)
    suite.has("apt-get", APT)
    done = suite.run(APT_STATUS="100")
    assert (done.returncode, done.stderr.splitlines()[-1]) == (0, "It could not be had.")
    (suite.tools / "chromium").unlink()
    done = suite.run(APT_STATUS="100")
    assert (done.returncode, done.stdout) == (1, "")
    assert "It could not be had." in done.stderr.splitlines()


def test_root_elsewhere_is_told_like_anybody(suite: Suite) -> None:
    (suite.tools / "chromium").unlink()
    suite.is_run_by(0)
    assert suite.run().returncode == 1


def test_any_browser_that_the_tests_find_will_do(suite: Suite) -> None:
    (suite.tools / "chromium").rename(suite.tools / "google-chrome")
    assert suite.run().returncode == 0
    (suite.tools / "google-chrome").rename(suite.tools / "elsewhere")
    assert suite.run(CHROMIUM_PATH=str(suite.tools / "elsewhere")).returncode == 0
    assert suite.run(CHROMIUM_PATH=str(suite.tools / "gone")).returncode == 1


def test_the_scripts_may_be_run() -> None:
    assert [name for name in ("hd", "tests/run", ".ci/run") if not os.access(ROOT / name, os.X_OK)] == []
