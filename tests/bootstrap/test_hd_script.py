"""`./hd`: an environment at the first run, nothing but a hand-over at the second."""

import os
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from hippodrome.bootstrap.cache import MARK
from hippodrome.errors import ExitCode
from hippodrome.wait import Deadline, until
from tests.bootstrap.conftest import PATIENCE_S, Checkout, ended, new_checkout

FIRST_RUN = "Making hd's environment; this happens once."


@pytest.fixture(scope="module")
def first_runs(tmp_path_factory: pytest.TempPathFactory, wheels: Path) -> tuple[Checkout, list[str]]:
    """A checkout in which `hd` was called twice at once, and what was said on standard error."""
    checkout = new_checkout(tmp_path_factory.mktemp("a home"), wheels)
    done = [ended(child) for child in [checkout.start("--version") for _ in range(2)]]
    assert [(each.returncode, each.stdout[:3]) for each in done] == [(0, "hd ")] * 2, done
    return checkout, [each.stderr for each in done]


@pytest.fixture
def checkout(first_runs: tuple[Checkout, list[str]], tmp_path: Path) -> Checkout:
    """Another checkout of the same lock, whose environment is in the cache already."""
    return first_runs[0].copied(tmp_path / "another checkout")


def version_of(done: subprocess.CompletedProcess[str]) -> str:
    """What `hd --version` said, and that it did nothing else."""
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_of_two_first_runs_at_once_one_makes_the_environment_and_both_work(
    first_runs: tuple[Checkout, list[str]],
) -> None:
    checkout, said = first_runs
    assert sorted(said) == ["", f"{FIRST_RUN}\n"]
    (venv,) = checkout.venvs
    assert checkout.link.resolve() == venv
    assert (venv / MARK).read_text() == checkout.lock.read_text()
    assert not [path for path in checkout.folder.iterdir() if path.name.startswith(".venv.")]


def test_the_second_run_makes_nothing_and_needs_no_python_but_its_own(
    first_runs: tuple[Checkout, list[str]], bare_path: str
) -> None:
    checkout, _ = first_runs
    before = checkout.link.lstat().st_ctime_ns, checkout.venvs[0].stat().st_ctime_ns
    version_of(checkout.hd("--version", PATH=bare_path, HIPPODROME_PYTHON=""))
    assert (checkout.link.lstat().st_ctime_ns, checkout.venvs[0].stat().st_ctime_ns) == before


def test_a_second_checkout_of_the_same_lock_takes_the_environment_of_the_first(checkout: Checkout) -> None:
    version_of(checkout.hd("--version", PIP_FIND_LINKS="/nowhere"))
    assert checkout.link.resolve() == checkout.venvs[0]
    assert len(checkout.venvs) == 1


def test_hd_works_through_symlinks_and_from_any_folder(checkout: Checkout, tmp_path: Path) -> None:
    (tmp_path / "far").symlink_to("near")
    (tmp_path / "near").symlink_to(checkout.folder / "hd")
    for called in (tmp_path / "far", "./near"):
        done = subprocess.run(
            [called, "--version"], cwd=tmp_path, env=checkout.environ, text=True, capture_output=True
        )
        version_of(done)


def test_a_cdpath_in_the_environment_leads_nowhere_else(checkout: Checkout) -> None:
    version_of(checkout.hd("--version", CDPATH=f"/:{checkout.folder.parent}"))


def test_a_read_only_checkout_is_run_with_the_environment_in_the_cache(checkout: Checkout) -> None:
    before = sorted(path.name for path in checkout.folder.iterdir())
    for folder in [checkout.folder, *(path for path in checkout.folder.rglob("*") if path.is_dir())]:
        folder.chmod(0o555)
    try:
        for _ in range(2):
            done = subprocess.run(
                [*heedful(), checkout.folder / "hd", "--version"],
                env=checkout.environ,
                text=True,
                capture_output=True,
            )
            version_of(done)
        assert sorted(path.name for path in checkout.folder.iterdir()) == before
    finally:
        for folder in [checkout.folder, *(path for path in checkout.folder.rglob("*") if path.is_dir())]:
            folder.chmod(0o755)


def heedful() -> list[str]:
    """What makes a command of root's heed permissions, as everybody's do."""
    return ["setpriv", "--bounding-set=-dac_override"] if os.getuid() == 0 else []


def test_without_a_suitable_python_one_message_names_what_to_install(checkout: Checkout, bare_path: str) -> None:
    done = checkout.hd("--version", PATH=bare_path, HIPPODROME_PYTHON="")
    assert (done.returncode, done.stdout) == (ExitCode.SETUP_FAILED, "")
    assert done.stderr.splitlines() == [
        "hd needs Python 3.11 or newer with venv, and found none.",
        "  hint: install it (Debian: apt install python3 python3-venv; macOS: brew install python),",
        "        or set HIPPODROME_PYTHON to the path of one.",
    ]


@pytest.mark.parametrize("reason", ["too old", "has no ensurepip", "is not there"])
def test_a_python_that_will_not_do_is_passed_over_and_said_when_it_was_asked_for(
    checkout: Checkout, bare_path: str, tmp_path: Path, reason: str
) -> None:
    python = tmp_path / "bin" / "python3"
    python.parent.mkdir()
    if reason != "is not there":
        python.write_text(UNSUITABLE[reason].format(python=checkout.environ["HIPPODROME_PYTHON"]))
        python.chmod(0o755)
    passed_over = checkout.hd("--version", PATH=f"{python.parent}:{bare_path}", HIPPODROME_PYTHON="")
    assert passed_over.returncode == ExitCode.SETUP_FAILED
    assert "found none" in passed_over.stderr
    asked_for = checkout.hd("--version", HIPPODROME_PYTHON=str(python))
    assert asked_for.returncode == ExitCode.SETUP_FAILED
    assert asked_for.stderr.startswith(f"HIPPODROME_PYTHON is {python}, which is no Python 3.11 or newer with venv.")


UNSUITABLE = {  # what `-I -c CODE` is met with
    "too old": '#!/bin/sh\nexec "{python}" -I -c "import sys; sys.version_info = (3, 10); $3"\n',
    "has no ensurepip": """#!/bin/sh\nexec "{python}" -I -c "import sys; sys.modules['ensurepip'] = None; $3"\n""",
}


@pytest.mark.slow
def test_a_changed_lock_gets_a_new_environment_beside_the_old_one_and_a_broken_one_is_made_anew(
    checkout: Checkout,
) -> None:
    version_of(checkout.hd("--version"))
    (old,) = checkout.venvs
    checkout.lock.write_text(f"# changed\n{checkout.lock.read_text()}")
    done = checkout.hd("--version")
    assert (done.returncode, done.stderr) == (0, f"{FIRST_RUN}\n")
    assert checkout.link.resolve() != old
    assert len(checkout.venvs) == 2
    version_of(checkout.hd("--version"))

    (checkout.link / "bin" / "python").unlink()  # as when the Python that it was made by is uninstalled
    mended = checkout.hd("--version")
    assert (mended.returncode, mended.stderr) == (0, f"{FIRST_RUN}\n")
    shutil.rmtree(checkout.link.resolve())


def test_a_link_whose_environment_is_gone_is_mended(checkout: Checkout, tmp_path: Path) -> None:
    checkout.link.symlink_to(tmp_path / "gone")
    version_of(checkout.hd("--version"))
    assert checkout.link.resolve() == checkout.venvs[0]


def test_somebodys_own_environment_stays_as_it_is(checkout: Checkout) -> None:
    checkout.link.mkdir()
    (checkout.link / "pyvenv.cfg").write_text("home = elsewhere\n")
    version_of(checkout.hd("--version"))
    assert [path.name for path in checkout.link.iterdir()] == ["pyvenv.cfg"]


@pytest.mark.slow
def test_a_first_run_that_was_killed_leaves_nothing_that_passes_for_an_environment(
    wheels: Path, tmp_path: Path
) -> None:
    checkout = new_checkout(tmp_path, wheels)
    killed = checkout.start("--version")
    assert until(lambda: any((venv / "pyvenv.cfg").exists() for venv in checkout.venvs), Deadline(PATIENCE_S))
    os.killpg(killed.pid, signal.SIGKILL)
    killed.communicate()
    (half_made,) = checkout.venvs
    assert not (half_made / MARK).exists()
    assert not checkout.link.exists()
    leftover = half_made / "left by the first"
    leftover.touch()
    again = checkout.hd("--version")
    assert (again.returncode, again.stdout[:3], again.stderr) == (0, "hd ", f"{FIRST_RUN}\n")
    assert not leftover.exists()


def test_ctrl_c_in_the_first_run_ends_it_without_a_traceback(wheels: Path, tmp_path: Path) -> None:
    checkout = new_checkout(tmp_path, wheels)
    child = checkout.start("--version")
    assert until(lambda: any((venv / "pyvenv.cfg").exists() for venv in checkout.venvs), Deadline(PATIENCE_S))
    os.killpg(child.pid, signal.SIGINT)
    done = ended(child)
    assert done.returncode in {ExitCode.INTERRUPTED, -signal.SIGINT}
    assert "Traceback" not in done.stderr
    assert not checkout.link.exists()


@pytest.mark.slow
def test_where_pip_has_no_packages_the_message_says_so_and_nothing_is_left(wheels: Path, tmp_path: Path) -> None:
    checkout = new_checkout(tmp_path, wheels)
    done = checkout.hd("--version", PIP_FIND_LINKS="/nowhere")
    assert (done.returncode, done.stdout) == (ExitCode.SETUP_FAILED, "")
    assert "hd could not make its environment: `pip install …` exited with 1" in done.stderr
    assert "No matching distribution found for click" in done.stderr
    assert done.stderr.splitlines()[-1].startswith("  hint: the first run needs PyPI")
    assert (checkout.venvs, checkout.link.is_symlink()) == ([], False)


@pytest.mark.slow
def test_a_package_that_is_not_the_locked_one_is_refused(wheels: Path, tmp_path: Path) -> None:
    checkout = new_checkout(tmp_path, wheels)
    lock = checkout.lock.read_text()
    checkout.lock.write_text(lock[:-65] + "0" * 64 + "\n")
    done = checkout.hd("--version")
    assert done.returncode == ExitCode.SETUP_FAILED
    assert "THESE PACKAGES DO NOT MATCH THE HASHES" in done.stderr
