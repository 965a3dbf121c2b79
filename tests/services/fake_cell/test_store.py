"""What a cell remembers, however it ended."""

import json
import signal
import threading
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest

from hippodrome.services.fake_cell import snapshot
from hippodrome.wait import Deadline, until
from tests.services.conftest import PATIENCE_S, Pair, Service
from tests.services.fake_cell.conftest import Index

LARGE = 40_000  # documents, which take seconds to read
DOCUMENTS = [{"_id": f"d{n}", "title": f"thing {n} of many. It has a number.", "n": n} for n in range(40)]


def filled(cell: Service, name: str = "kept") -> Index:
    index = Index(cell, name)
    assert index.ask("POST", json={"model": "hf/e5-small", "textPreprocessing": {"splitLength": 1}}).ok
    index.add(*DOCUMENTS, tensor_fields=("title",))
    return index


def told(index: Index) -> object:
    """All that can be asked of it."""
    methods = ("TENSOR", "LEXICAL", "HYBRID")
    return (
        index.ask("GET", "/settings").json(),
        index.stats,
        index.ask("GET", "/documents?expose_facets=true", json=[each["_id"] for each in DOCUMENTS]).json(),
        [index.search("thing 7", searchMethod=method, limit=50) for method in methods],
    )


def snapshots(cell: Service) -> dict[Path, int]:
    """When each was written, by the file system's clock."""
    return {path: path.stat().st_mtime_ns for path in (cell.data_dir / "indexes").glob("*.npz")}


def wait_until_saved(cell: Service, since_ns: int) -> None:
    """Until every snapshot is younger."""
    assert until(lambda: all(at > since_ns for at in snapshots(cell).values()), Deadline(PATIENCE_S), pause_s=0.05)


def now_ns(folder: Path) -> int:
    """The file system's clock, which is coarser than others."""
    probe = folder / "now"
    probe.touch()
    return probe.stat().st_mtime_ns


def test_all_is_as_it_was_after_a_stop(own_cell: Service) -> None:
    index = filled(own_cell)
    index.add({"_id": "other", "note": "x"})
    before = told(index)
    own_cell.restart()
    assert told(index) == before
    changes = [
        {"_id": "other", "note": "y"},
        {"_id": "d1", "fresh": "y"},
    ]  # a field of texts that it knows, and one not
    items = index.ask("PATCH", "/documents", json={"documents": changes}).json()["items"]
    assert [item["status"] for item in items] == [200, 400]


def test_all_is_saved_by_itself_and_as_it_was_after_kill_9(own_cell: Service, tmp_path: Path) -> None:
    index = filled(own_cell)
    before, filled_at = told(index), now_ns(tmp_path)
    wait_until_saved(own_cell, filled_at)
    saved = snapshots(own_cell)
    own_cell.restart(signal.SIGKILL)
    assert told(index) == before
    own_cell.end()
    assert snapshots(own_cell) == saved  # nothing has changed since


def test_what_was_answered_outlives_kill_9_whenever_it_comes(own_cell: Service) -> None:
    index = filled(own_cell)
    for number in range(6):
        index.add({"_id": f"late{number}", "title": f"late {number}. Twice."}, tensor_fields=("title",))
        index.ask("POST", "/documents/delete-batch", json=[f"d{number}"])
        before = told(index)
        own_cell.restart(signal.SIGKILL)
        assert told(index) == before
    assert index.ask("DELETE", "/documents/delete-all").ok
    own_cell.restart(signal.SIGKILL)
    assert index.stats == (0, 0)


def test_a_last_line_that_was_cut_short_takes_nothing_else_along(own_cell: Service) -> None:
    index = filled(own_cell)
    before = told(index)
    own_cell.end(signal.SIGKILL)
    for journal in (own_cell.data_dir / "indexes").glob("*.log"):
        with journal.open("ab") as file:
            file.write(b'{"id": "half", "is": {"fie')
    for number in range(2):
        own_cell.start()
        assert told(index) == before
        index.add({"_id": f"late{number}", "title": "late"}, tensor_fields=("title",))
        before = told(index)
        own_cell.end(signal.SIGKILL)
    own_cell.start()
    assert told(index) == before


def test_an_index_outlives_kill_9_from_the_moment_its_making_is_answered(own_cell: Service) -> None:
    names = [f"at-once-{n}" for n in range(5)]
    for name in names:
        assert own_cell.ask("POST", f"/indexes/{name}").ok
    own_cell.restart(signal.SIGKILL)
    assert own_cell.ask("GET", "/indexes").json()["results"] == [{"indexName": name} for name in names]


def test_what_was_deleted_stays_deleted_after_kill_9(own_cell: Service) -> None:
    filled(own_cell)
    filled(own_cell, "other")
    own_cell.ask("DELETE", "/indexes/kept")
    own_cell.restart(signal.SIGKILL)
    assert own_cell.ask("GET", "/indexes").json()["results"] == [{"indexName": "other"}]


def test_a_name_made_again_begins_empty_after_a_restart_too(own_cell: Service) -> None:
    filled(own_cell)
    own_cell.ask("DELETE", "/indexes/kept")
    own_cell.ask("POST", "/indexes/kept")
    own_cell.restart(signal.SIGKILL)
    assert Index(own_cell, "kept").stats == (0, 0)


def test_kill_9_in_the_middle_of_a_save_leaves_a_snapshot_that_is_whole(own_cell: Service) -> None:
    index, folder = filled(own_cell), own_cell.data_dir / "indexes"
    own_cell.restart()
    before = index.stats
    long = {"title": "A sentence that makes the snapshot long. " * 1500}
    index.add(*({"_id": f"long-{n}", **long} for n in range(8)), tensor_fields=("title",))
    after = index.stats
    assert until(lambda: list(folder.glob("*.new")), Deadline(PATIENCE_S), pause_s=0.0005)
    own_cell.restart(signal.SIGKILL)
    assert index.stats in (before, after)  # the old one, or the new one where the kill came late
    assert index.ask("GET", "/documents", json=["d7"]).json()["results"] == [{**DOCUMENTS[7], "_found": True}]
    assert not list(folder.glob("*.broken"))


def test_a_cell_that_shall_forget_forgets_and_writes_nothing(pair: Pair) -> None:
    filled(pair.cell.start(FAKE_CELL_EPHEMERAL="1"))
    pair.cell.end()
    assert not pair.cell.data_dir.exists() or not list(pair.cell.data_dir.rglob("*"))
    assert pair.cell.start(FAKE_CELL_EPHEMERAL="1").ask("GET", "/indexes").json() == {"results": []}


@pytest.mark.parametrize("rubbish", [b"", b"PK\x03\x04 no archive", b"\x93NUMPY"])
def test_a_snapshot_that_cannot_be_read_is_set_aside_and_the_others_serve(own_cell: Service, rubbish: bytes) -> None:
    other = filled(own_cell, "other")
    before = told(other)
    own_cell.end()
    broken = own_cell.data_dir / "indexes" / "broken.npz"
    broken.write_bytes(rubbish)
    own_cell.start()
    assert told(other) == before
    assert broken.with_suffix(".broken").read_bytes() == rubbish
    (line,) = [line for line in own_cell.log.splitlines() if "set aside" in line]
    assert line.startswith("ERROR fake_cell: ")
    assert str(broken) in line


def test_a_folder_that_cannot_be_written_is_said_and_writing_goes_on_later(own_cell: Service, tmp_path: Path) -> None:
    folder = own_cell.data_dir / "indexes"
    moved = folder.rename(tmp_path / "elsewhere")
    folder.touch()
    index = filled(own_cell)
    assert until(lambda: "not saved" in own_cell.log, Deadline(PATIENCE_S))
    assert index.stats == (40, 80)
    folder.unlink()
    moved.rename(folder)
    assert until(lambda: snapshots(own_cell), Deadline(PATIENCE_S), pause_s=0.05)
    own_cell.restart(signal.SIGKILL)
    assert index.stats == (40, 80)


def snapshot_of(cell: Service, name: str) -> Path:
    return next(path for path in snapshots(cell) if snapshot.read_head(path)[0] == name)


def test_a_snapshot_of_the_first_version_is_still_read(own_cell: Service) -> None:
    index = filled(own_cell)
    before = told(index)
    own_cell.end()
    path = snapshot_of(own_cell, "kept")
    name, settings = snapshot.read_head(path)
    documents = list(snapshot.read_documents(path))
    kept = [
        {"id": each.id, "fields": each.fields, "chunks": [asdict(chunk) for chunk in each.chunks]}
        for each in documents
    ]
    text = json.dumps({"name": name, "settings": settings, "documents": kept}).encode()
    vectors = np.concatenate([each.vectors for each in documents])
    np.savez(path, told=np.frombuffer(text, dtype=np.uint8), vectors=vectors)
    own_cell.start()
    assert told(index) == before
    assert not list(path.parent.glob("*.broken"))


def test_others_answer_while_a_large_index_is_still_read(own_cell: Service) -> None:
    small = filled(own_cell, "small")
    large = filled(own_cell, "large")
    own_cell.end()
    path = snapshot_of(own_cell, "large")
    name, settings = snapshot.read_head(path)
    (one,) = [each for each in snapshot.read_documents(path) if each.id == "d0"]
    many = [replace(one, id=f"{number}", fields={"title": f"a b c d e f g {number}"}) for number in range(LARGE)]
    snapshot.write(path, name, settings, many, one.vectors.shape[1])
    own_cell.start()
    answers: list[tuple[int, int]] = []
    waiting = threading.Thread(target=lambda: answers.append(large.stats))
    waiting.start()
    assert small.found("thing 7")
    assert large.ask("GET", "/settings").json() == settings
    assert not answers
    waiting.join(PATIENCE_S)
    assert answers == [(LARGE, 2 * LARGE)]
    assert large.add({"_id": "more"})["errors"] is False
    own_cell.restart(signal.SIGKILL)
    assert large.stats == (LARGE + 1, 2 * LARGE)


def test_an_index_can_be_deleted_while_it_is_read(own_cell: Service) -> None:
    filled(own_cell)
    own_cell.restart()
    assert own_cell.ask("DELETE", "/indexes/kept").ok
    own_cell.restart(signal.SIGKILL)
    assert own_cell.ask("GET", "/indexes").json()["results"] == []
