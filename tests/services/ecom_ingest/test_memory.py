"""The buffer's promises: order, no doubles, nothing dropped before it is confirmed."""

import pytest

from hippodrome.services.ecom_ingest.memory import MemoryStore
from hippodrome.services.ecom_ingest.operations import Batch
from hippodrome.services.ecom_ingest.store import CHUNK_MAX, BufferFullError, Chunk, Store


@pytest.fixture
def store() -> Store:
    return MemoryStore(5000)


def batch(*changes: tuple[str, int], job: str = "j", op: str = "upsert") -> Batch:
    operations = [{"op": op, "id": name, "version": version, "document": {"v": version}} for name, version in changes]
    return Batch.model_validate({"jobId": job, "operations": operations})


def said(chunk: Chunk | None) -> list[tuple[str, int, str]]:
    assert chunk
    return [(each["id"], each["version"], each["op"]) for each in chunk.operations]


def test_what_goes_in_comes_out_in_its_order(store: Store) -> None:
    store.add("a-x", batch(("1", 1), ("2", 1), ("1", 2)))
    store.add("a-x", batch(("3", 1)))
    chunk = store.next_chunk()
    assert said(chunk) == [("1", 1, "upsert"), ("2", 1, "upsert"), ("1", 2, "upsert"), ("3", 1, "upsert")]
    assert store.next_chunk() is None


def test_indexes_take_turns_and_chunks_have_an_end(store: Store) -> None:
    for start in range(0, CHUNK_MAX + 500, 500):
        store.add("a-x", batch(*((str(number), 1) for number in range(start, start + 500))))
    store.add("a-y", batch(("1", 1)))
    sizes = []
    while chunk := store.next_chunk():
        sizes.append((chunk.index_id, len(chunk.operations)))
    assert sizes == [("a-x", CHUNK_MAX), ("a-y", 1), ("a-x", 500)]


def test_the_same_version_again_is_dropped_and_an_older_one_only_reported(store: Store) -> None:
    assert store.add("a-x", batch(("1", 5), ("1", 5))).duplicates == 1
    taken = store.add("a-x", batch(("1", 5), ("1", 4)))
    assert (taken.accepted, taken.duplicates) == (1, 1)
    assert said(store.next_chunk()) == [("1", 5, "upsert"), ("1", 4, "skip")]


def test_the_same_id_in_another_index_is_another_document(store: Store) -> None:
    store.add("a-x", batch(("1", 5)))
    assert store.add("a-y", batch(("1", 5))).accepted == 1


def test_a_chunk_is_kept_until_it_is_confirmed_and_sends_nothing_that_was_replaced(store: Store) -> None:
    store.add("a-x", batch(("1", 1), ("2", 1)))
    first = store.next_chunk()
    store.add("a-x", batch(("1", 2)))
    second = store.next_chunk()
    assert first and second
    assert store.unconfirmed(60) == []
    again = store.unconfirmed(0)
    assert [each.name for each in again] == [first.name, second.name]
    assert said(again[0]) == [("1", 1, "skip"), ("2", 1, "upsert")]
    store.confirm(first.name)
    store.confirm(first.name)
    assert [each.name for each in store.unconfirmed(0)] == [second.name]
    assert store.fill().confirmed == 2


def test_a_batch_that_has_no_room_is_not_taken_at_all() -> None:
    store = MemoryStore(3)
    store.add("a-x", batch(("1", 1), ("2", 1)))
    with pytest.raises(BufferFullError):
        store.add("a-x", batch(("3", 1), ("4", 1)))
    assert len(said(store.next_chunk())) == 2
    with pytest.raises(BufferFullError):  # sent is not confirmed
        store.add("a-x", batch(("3", 1), ("4", 1)))
    (sent,) = store.unconfirmed(0)
    store.confirm(sent.name)
    assert store.add("a-x", batch(("3", 1), ("4", 1))).accepted == 2
