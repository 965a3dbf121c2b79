"""What every store of the buffer promises: order, no doubles, nothing dropped before it is let go."""

import threading
from collections.abc import Iterator

import pytest

from hippodrome.services.ecom_ingest import memory
from hippodrome.services.ecom_ingest import postgres as postgres_store
from hippodrome.services.ecom_ingest.memory import MemoryStore
from hippodrome.services.ecom_ingest.operations import Batch
from hippodrome.services.ecom_ingest.postgres import PostgresStore
from hippodrome.services.ecom_ingest.store import CHUNK_MAX, BufferFullError, Chunk, Store
from hippodrome.wait import Deadline, until
from tests.postgres import PATIENCE_S
from tests.services.ecom_ingest.test_sorting import batch

CAPACITY = 3000


@pytest.fixture(params=["memory", "postgres"])
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    made: Store
    if request.param == "memory":
        made = MemoryStore(CAPACITY)
    else:
        made = PostgresStore(request.getfixturevalue("database"), CAPACITY)
    yield made
    made.close()


def upserts(*names: str, version: int = 1, job: str = "j") -> Batch:
    return batch(*(("upsert", name, version) for name in names), job=job)


def chunks(store: Store) -> list[Chunk]:
    """All that there are to send, sent."""
    store.cut()
    found: list[Chunk] = []
    while some := store.unsent():
        for chunk in some:
            found.append(chunk)
            store.mark_sent(chunk.label.name)
    return found


def said(chunk: Chunk) -> list[tuple[str, str, int]]:
    return [(each["op"], each["id"], each["version"]) for each in chunk.operations]


def test_what_goes_in_comes_out_in_its_order(store: Store) -> None:
    store.add("a-x", batch(("upsert", "1", 1), ("upsert", "2", 1), ("patch", "1", 2)))
    store.add("a-x", batch(("delete", "2", 2), job="k"))
    [chunk] = chunks(store)
    assert said(chunk) == [("upsert", "1", 1), ("upsert", "2", 1), ("patch", "1", 2), ("delete", "2", 2)]
    assert (chunk.label.index_id, chunk.label.jobs, chunk.sends) == ("a-x", ("j", "k"), 0)
    assert chunk.operations[0]["document"] == {"v": 1}
    assert chunks(store) == []


def test_a_chunk_is_of_one_index_and_has_an_end(store: Store) -> None:
    names = [str(number) for number in range(CHUNK_MAX + 1)]
    store.add("a-x", upserts(*names[:600]))
    store.add("a-y", upserts("1"))
    store.add("a-x", upserts(*names[600:]))
    found = chunks(store)
    assert [(each.label.index_id, len(each.operations)) for each in found] == [("a-x", 1000), ("a-x", 1), ("a-y", 1)]
    assert [name for each in found[:2] for _, name, _ in said(each)] == names


def test_a_document_comes_back_as_it_was(store: Store) -> None:
    document = {"a": "\x00 \u2028 \U0001f40e", "b": [1.5, 10**20, True, None], "c": {"": {}}}
    told = {"op": "upsert", "id": "\x00\n\u00e9\\", "version": 2**63 - 1, "document": document}
    body = Batch.model_validate({"jobId": "j", "tensorFields": ["t\x00"], "operations": [told]})
    assert store.add("a-x", body).accepted == 1
    assert store.add("a-x", body).duplicates == 1
    [chunk] = chunks(store)
    assert chunk.operations == ({**told, "jobId": "j", "tensorFields": ["t\x00"]},)


def test_a_repetition_is_known_in_its_index_alone(store: Store) -> None:
    store.add("a-x", upserts("1", version=5))
    taken = store.add("a-x", upserts("1", version=5, job="other"))
    assert (taken.accepted, taken.duplicates) == (0, 1)
    assert store.add("a-y", upserts("1", version=5)).accepted == 1
    assert [said(each) for each in chunks(store)] == [[("upsert", "1", 5), ("skip", "1", 5)], [("upsert", "1", 5)]]
    assert store.add("a-x", upserts("1", version=5)).duplicates == 1  # also when it has been sent
    assert chunks(store) == []


def test_repetitions_are_forgotten_after_many_others(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (memory, postgres_store):
        monkeypatch.setattr(module, "REMEMBERED", 3)
    store.add("a-x", upserts("1", "2", "3"))
    store.add("a-x", upserts("4"))
    store.cut()
    assert store.add("a-x", upserts("2", "3", "4")).duplicates == 3
    assert store.add("a-x", upserts("1")).accepted == 1


def test_a_chunk_keeps_its_name_until_it_is_sent(store: Store) -> None:
    store.add("a-x", upserts("1"))
    store.cut()
    [first] = store.unsent()
    store.add("a-x", upserts("2"))
    store.cut()
    assert next(each.label.name for each in store.unsent()) == first.label.name
    assert len(store.unsent()) == 2


def test_what_was_lost_is_sent_again_with_all_that_came_after_it_in_its_index(store: Store) -> None:
    for index, name in (("a-x", "1"), ("a-y", "1"), ("a-x", "2"), ("a-x", "3")):
        store.add(index, upserts(name))
        chunks(store)
    labels = store.sent()
    assert [each.index_id for each in labels] == ["a-x", "a-y", "a-x", "a-x"]
    store.let_go(labels[0].name)
    store.let_go(labels[0].name)
    store.send_again("a-x")
    assert [each.name for each in store.sent()] == [labels[1].name]
    again = chunks(store)
    assert [(each.label.name, each.sends) for each in again] == [(labels[2].name, 1), (labels[3].name, 1)]
    assert [said(each) for each in again] == [[("upsert", "2", 1)], [("upsert", "3", 1)]]


def test_a_batch_that_has_no_room_is_not_taken_at_all(store: Store) -> None:
    names = [str(number) for number in range(1000)]
    for index in ("a-x", "a-y", "a-z"):
        store.add(index, upserts(*names[: 1000 if index != "a-z" else 999]))
    with pytest.raises(BufferFullError):
        store.add("a-z", upserts("a", "b"))
    assert store.add("a-z", upserts(*names[:5])).duplicates == 5  # what is there needs no room
    found = chunks(store)
    with pytest.raises(BufferFullError):  # sent is not applied
        store.add("a-z", upserts("a", "b"))
    store.let_go(found[0].label.name)
    assert store.add("a-z", upserts("a", "b")).accepted == 2


def test_how_full_it_is_is_known(store: Store) -> None:
    assert (store.fill().waiting, store.fill().sent, store.fill().oldest_s) == (0, 0, 0)
    store.add("a-x", upserts("1", "2"))
    assert until(lambda: store.fill().oldest_s > 0.01, Deadline(PATIENCE_S))
    store.cut()
    assert (store.fill().waiting, store.fill().sent) == (2, 0)
    chunks(store)
    assert (store.fill().waiting, store.fill().sent, store.fill().oldest_s) == (0, 2, 0)


def test_many_at_once_lose_and_double_nothing(store: Store) -> None:
    found: list[Chunk] = []

    def add(worker: int) -> None:
        for number in range(20):
            store.add("a-x", upserts(f"{worker}-{number}", f"{number}", job=f"j{worker}"))

    workers = [threading.Thread(target=add, args=(number,)) for number in range(4)]
    for each in workers:
        each.start()
    while any(each.is_alive() for each in workers):
        found += chunks(store)
    found += chunks(store)
    taken = [(op, name) for chunk in found for op, name, _ in said(chunk)]
    assert sorted(name for op, name in taken if op == "upsert") == sorted(
        [f"{worker}-{number}" for worker in range(4) for number in range(20)] + [str(number) for number in range(20)]
    )
    assert sum(op == "skip" for op, _ in taken) == 3 * 20
    for worker in range(4):
        own = [name for _, name in taken if name.startswith(f"{worker}-")]
        assert own == [f"{worker}-{number}" for number in range(20)]


def test_only_one_of_them_says_that_it_is_durable() -> None:
    assert (MemoryStore.is_durable, PostgresStore.is_durable) == (False, True)
