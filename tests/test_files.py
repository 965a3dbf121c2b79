"""Writing where others can write too: what they have planted is neither followed nor taken for one's own."""

import os
import socket
from pathlib import Path

import pytest

from hippodrome.bootstrap.cache import is_complete, lock, mark
from hippodrome.control.rpc import NotRunning, Supervisor, is_running
from hippodrome.diagnose.masking import Masker
from hippodrome.diagnose.pack import Document, write_pack
from hippodrome.errors import UserError
from hippodrome.files import File, own_folder, write_all, write_atomically
from hippodrome.plan.layout import Layout
from hippodrome.rundir import Instance, prepare

NOBODY = 65534
needs_root = pytest.mark.skipif(os.getuid() != 0, reason="only root can give files to another user")


def of_another(path: Path) -> Path:
    os.chown(path, NOBODY, -1, follow_symlinks=False)
    return path


def test_a_link_in_the_files_place_is_replaced_not_followed(tmp_path: Path) -> None:
    theirs = tmp_path / "theirs"
    theirs.write_text("as it was")
    (tmp_path / "file").symlink_to(theirs)
    write_atomically(tmp_path / "file", "new")
    assert (tmp_path / "file").read_text() == "new" and not (tmp_path / "file").is_symlink()
    assert (tmp_path / "file").stat().st_mode & 0o777 == 0o600
    assert theirs.read_text() == "as it was"


def test_a_report_goes_neither_through_a_link_nor_into_a_file_that_others_may_read(tmp_path: Path) -> None:
    theirs, link, known = tmp_path / "theirs", tmp_path / "a.zip", tmp_path / "b.tar.gz"
    theirs.write_text("as it was")
    link.symlink_to(theirs)
    known.touch(0o644)
    for path in (link, known):
        write_pack(path, [Document("a.txt", "text")], Masker(()))
        assert path.is_file() and not path.is_symlink() and path.stat().st_mode & 0o777 == 0o600
    assert theirs.read_text() == "as it was"


def test_links_planted_for_the_staging_file_change_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    theirs = tmp_path / "theirs"
    (tmp_path / f".file.{bytes(4).hex()}.new").symlink_to(theirs)
    monkeypatch.setattr(os, "urandom", bytes)  # guessed
    with pytest.raises(FileExistsError):
        write_atomically(tmp_path / "file", "secret")
    assert not theirs.exists() and not (tmp_path / "file").exists()


def test_compiled_files_go_into_no_folder_that_leads_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "launch").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UserError, match="foreign-folder"):
        write_all([File("launch/a.sh", "secret")], tmp_path / "out")
    assert list((tmp_path / "elsewhere").iterdir()) == []


@pytest.mark.parametrize("planted", ["link to a folder", "link to nothing", "file"])
def test_what_is_planted_in_a_folders_place_is_refused(tmp_path: Path, planted: str) -> None:
    place, aim = tmp_path / "place", tmp_path / "aim"
    if planted == "file":
        place.touch()
    else:
        place.symlink_to(aim)
    if planted == "link to a folder":
        aim.mkdir(mode=0o755)
    with pytest.raises(UserError, match="foreign-folder"):
        own_folder(place)
    assert not aim.exists() or (aim.stat().st_mode & 0o777 == 0o755 and list(aim.iterdir()) == [])


@needs_root
@pytest.mark.parametrize("whose", ["run directory", "its parent", "socket folder"])
def test_a_folder_that_somebody_else_made_first_is_refused_before_anything_is_written(
    tmp_path: Path, whose: str
) -> None:
    layout = Layout(tmp_path / "state" / ("d" * 120), tmp_path / "sockets")
    place = {
        "run directory": layout.run_dir,
        "its parent": layout.run_dir.parent,
        "socket folder": layout.socket_folder,
    }
    place[whose].mkdir(parents=True, mode=0o777)
    of_another(place[whose])
    with pytest.raises(UserError, match="foreign-folder"):
        prepare(Instance("x", tmp_path, layout))
    assert not any(path.is_file() for path in tmp_path.rglob("*"))
    assert place[whose].stat().st_uid == NOBODY


def test_the_folder_above_run_directories_is_for_its_user_alone_too(tmp_path: Path) -> None:
    layout = Layout(tmp_path / "hippodrome" / "x", tmp_path / "sockets")
    prepare(Instance("x", tmp_path, layout))
    folders = (layout.run_dir.parent, layout.run_dir, layout.logs, layout.data)
    assert {folder.stat().st_mode & 0o777 for folder in folders} == {0o700}


@needs_root
def test_a_socket_of_somebody_else_is_not_asked(tmp_path: Path) -> None:
    layout = Layout(tmp_path, tmp_path)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(layout.socket))
        listening.listen()
        assert is_running(layout)
        of_another(layout.socket)
        assert not is_running(layout)
        with pytest.raises(NotRunning):
            Supervisor(layout).status()
        listening.setblocking(False)
        listening.accept()[0].close()  # ours, from before
        with pytest.raises(BlockingIOError):
            listening.accept()


@needs_root
def test_what_somebody_else_put_into_the_cache_is_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    product = tmp_path / "hippodrome" / "venvs" / "key"
    product.mkdir(parents=True)
    mark(product, "lock")
    assert is_complete(product, "lock")
    of_another(product)
    assert not is_complete(product, "lock")
    of_another(tmp_path / "hippodrome")
    with pytest.raises(UserError, match="foreign-folder"), lock(product):
        pass
