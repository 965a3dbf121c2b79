"""What is new, what is repeated, what comes too late."""

from typing import Any

from hippodrome.services.ecom_ingest.operations import Batch
from hippodrome.services.ecom_ingest.sorting import Seen, Sorted, sort_out


def batch(*changes: tuple[str, str, int], job: str = "j") -> Batch:
    """Of (op, id, version)."""
    operations = [
        {"op": op, "id": name, "version": version, **({} if op == "delete" else {"document": {"v": version}})}
        for op, name, version in changes
    ]
    return Batch.model_validate({"jobId": job, "operations": operations})


def said(found: Sorted) -> list[tuple[str, str, int]]:
    return [(each["op"], each["id"], each["version"]) for each in found.entries]


def after(*batches: Batch) -> dict[str, list[Seen]]:
    known: dict[str, list[Seen]] = {}
    for each in batches:
        for seen in sort_out(each, known).seen:
            known.setdefault(seen.id, []).append(seen)
    return known


def counts(found: Sorted) -> tuple[int, int]:
    return found.taken.accepted, found.taken.duplicates


def test_what_is_new_is_taken_in_its_order_with_what_the_indexer_needs() -> None:
    found = sort_out(batch(("upsert", "1", 1), ("patch", "1", 2), ("delete", "2", 1)), {})
    assert said(found) == [("upsert", "1", 1), ("patch", "1", 2), ("delete", "2", 1)]
    expected: dict[str, Any] = {"op": "upsert", "id": "1", "version": 1, "jobId": "j", "tensorFields": []}
    assert found.entries[0] == {**expected, "document": {"v": 1}}
    assert counts(found) == (3, 0)


def test_a_repetition_for_another_job_is_told_to_it_as_done() -> None:
    known = after(batch(("upsert", "1", 5), job="first"))
    found = sort_out(batch(("upsert", "1", 5), ("upsert", "2", 1), job="second"), known)
    assert said(found) == [("skip", "1", 5), ("upsert", "2", 1)]
    assert counts(found) == (1, 1)


def test_a_batch_that_is_sent_again_adds_nothing_not_even_to_its_jobs_count() -> None:
    sent = batch(("upsert", "1", 5), ("upsert", "1", 5), ("upsert", "2", 1))
    first = sort_out(sent, {})
    assert said(first) == [("upsert", "1", 5), ("skip", "1", 5), ("upsert", "2", 1)]
    again = sort_out(sent, after(sent))
    assert (again.entries, again.seen, counts(again)) == ((), (), (0, 3))


def test_what_is_older_than_a_whole_document_or_its_end_changes_nothing() -> None:
    for newer in ("upsert", "delete"):
        known = after(batch((newer, "1", 5)))
        for older in ("upsert", "patch", "delete"):
            found = sort_out(batch((older, "1", 4)), known)
            assert said(found) == [("skip", "1", 4)]
            assert counts(found) == (1, 0)
    assert said(sort_out(batch(("upsert", "1", 5), ("patch", "1", 4)), {})) == [("upsert", "1", 5), ("skip", "1", 4)]


def test_a_patch_that_is_older_than_a_patch_is_applied_for_it_may_be_of_other_fields() -> None:
    known = after(batch(("upsert", "1", 1), ("patch", "1", 3)))
    assert said(sort_out(batch(("patch", "1", 2)), known)) == [("patch", "1", 2)]
