"""`/api/v2/indexes` before a real cell."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.services.controller.conftest import Control, assert_error


def test_an_index_is_made_in_the_cell_told_and_deleted(control: Control, name: str) -> None:
    made = control.ask("POST", name, json={"model": "hf/e5-small-v2"})
    assert (made.status_code, made.json()) == (
        200,
        {"acknowledged": True, "shards_acknowledged": True, "index": name},
    )
    assert name in control.in_cell
    assert name in control.listed
    assert control.ask("GET", f"{name}/status").json() == {"indexStatus": "READY"}
    assert control.ask("GET", f"{name}/settings").json()["model"] == "hf/e5-small-v2"
    assert control.ask("GET", f"{name}/stats").json()["numberOfDocuments"] == 0
    gone = control.ask("DELETE", name)
    assert (gone.status_code, gone.json()) == (200, {"acknowledged": True})
    assert name not in control.in_cell
    assert name not in control.listed


def test_an_index_is_described_as_marqo_cloud_describes_it(control: Control, name: str) -> None:
    control.create(name, numberOfReplicas=1, inferenceType="marqo.GPU", storageClass="marqo.balanced")
    control.cell.ask("POST", f"/indexes/{name}/documents", json={"documents": [{"_id": "1"}], "tensorFields": []})
    told = control.ask("GET", name).json()
    created = told.pop("Created")
    assert created.startswith("20")
    assert told == {
        "indexName": name,
        "indexStatus": "READY",
        "marqoEndpoint": control.cell.url,
        "marqoVersion": control.cell.ask("GET", "/").json()["version"],
        "type": "unstructured",
        "model": "hf/e5-base-v2",
        "numberOfShards": 1,
        "numberOfReplicas": 1,
        "numberOfInferences": 1,
        "inferenceType": "marqo.GPU",
        "storageClass": "marqo.balanced",
        "docs.count": "1",
        "docs.deleted": "0",
    }
    listed = next(each for each in control.ask("GET").json()["results"] if each["indexName"] == name)
    assert listed == {**told, "Created": created}


def test_capacity_can_be_changed_and_what_is_not_said_stays(control: Control, name: str) -> None:
    control.create(name, numberOfInferences=2)
    assert control.ask("PUT", name, json={"numberOfReplicas": 3}).status_code == 200
    told = control.ask("GET", name).json()
    assert (told["numberOfInferences"], told["numberOfReplicas"]) == (2, 3)


def test_a_deleted_index_says_so_until_its_name_is_used_again(control: Control, name: str) -> None:
    control.create(name, model="random/small")
    control.ask("DELETE", name)
    assert control.ask("GET", f"{name}/status").json() == {"indexStatus": "DELETED"}
    for method, path in (("GET", name), ("GET", f"{name}/stats"), ("DELETE", name), ("PUT", name)):
        assert_error(control.ask(method, path), 404, "index_not_found", name)
    control.create(name)
    assert control.ask("GET", f"{name}/status").json() == {"indexStatus": "READY"}
    assert control.ask("GET", name).json()["model"] == "hf/e5-base-v2"


def test_settings_that_a_control_plane_does_not_know_are_passed_over(control: Control, name: str) -> None:
    control.create(name, nonsense=1, number_of_shards=9)
    assert "nonsense" not in control.ask("GET", f"{name}/settings").json()


def test_a_name_is_given_once(control: Control, name: str) -> None:
    control.create(name)
    assert_error(control.ask("POST", name), 409, "index_already_exists", name)
    assert control.listed.count(name) == 1


def test_of_many_that_ask_for_one_name_at_once_one_gets_it(control: Control, name: str) -> None:
    control.fault(delay=0.2, path=f"/indexes/{name}")
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: control.ask("POST", name), range(6)))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409, 409, 409]
    codes = {answer.json()["code"] for answer in answers if answer.status_code == 409}
    assert codes <= {"index_already_exists", "operation_conflict_error"}
    assert (control.listed.count(name), control.in_cell.count(name)) == (1, 1)


def test_many_names_at_once_are_all_made_and_deleted(control: Control, name: str) -> None:
    names = [f"{name}-{number}" for number in range(12)]
    with ThreadPoolExecutor(6) as pool:
        assert {answer.status_code for answer in pool.map(lambda each: control.ask("POST", each), names)} == {200}
        assert set(names) <= set(control.listed) & set(control.in_cell)
        assert {answer.status_code for answer in pool.map(lambda each: control.ask("DELETE", each), names)} == {200}
    assert not set(names) & (set(control.listed) | set(control.in_cell))


@pytest.mark.parametrize("name", ["1st", "a b", "a.b", "ä", "marqo__own", "x" * 33, "a%0A", "%00"])
def test_a_name_that_no_index_can_have_is_refused_before_the_cell_is_asked(control: Control, name: str) -> None:
    control.fault(status=503, path="/indexes/")
    assert_error(control.ask("POST", name), 400, "invalid_argument", "indexName")


def test_a_name_of_32_characters_is_not_too_long(control: Control, name: str) -> None:
    longest = name.ljust(32, "x")
    control.create(longest)
    assert longest in control.listed


@pytest.mark.parametrize(
    ("settings", "status", "code", "word"),
    [
        ({"numberOfShards": "2"}, 422, "unprocessable_entity", "numberOfShards"),
        ({"numberOfReplicas": -1}, 422, "unprocessable_entity", "numberOfReplicas"),
        ({"numberOfInferences": True}, 422, "unprocessable_entity", "numberOfInferences"),
        ({"inferenceType": "marqo.TPU"}, 422, "unprocessable_entity", "inferenceType"),
        ({"storageClass": ["marqo.basic"]}, 422, "unprocessable_entity", "storageClass"),
        ({"model": "nobody/made-this"}, 400, "invalid_argument", "nobody/made-this"),
        ({"model": 7}, 400, "invalid_argument", "model=7"),
        ({"model": [7]}, 422, "unprocessable_entity", "model"),
        ({"textPreprocessing": {"splitLength": 0}}, 422, "unprocessable_entity", "splitLength"),
    ],
)
def test_settings_that_cannot_be_are_refused_whether_by_it_or_by_the_cell(
    control: Control, name: str, settings: dict[str, Any], status: int, code: str, word: str
) -> None:
    assert_error(control.ask("POST", name, json=settings), status, code, word)
    assert name not in control.in_cell + control.rows


def test_an_index_that_the_cell_has_already_is_left_alone_and_said(control: Control, name: str) -> None:
    control.cell.ask("POST", f"/indexes/{name}", json={"model": "random/small"})
    control.fault(status=503, path=f"/indexes/{name}/never")
    assert_error(control.ask("POST", name), 409, "index_already_exists", f"DELETE {control.cell.url}/indexes/{name}")
    assert control.cell.ask("GET", f"/indexes/{name}/settings").json()["model"] == "random/small"
    assert name not in control.rows


def test_deleting_what_the_cell_has_lost_deletes_it(control: Control, name: str) -> None:
    control.create(name)
    control.cell.ask("DELETE", f"/indexes/{name}")
    assert control.ask("GET", name).json()["docs.count"] is None
    assert_error(control.ask("GET", f"{name}/stats"), 404, "index_not_found", name)
    assert control.ask("DELETE", name).status_code == 200
    assert name not in control.listed


def test_a_wrong_method_and_an_unknown_path_are_told_apart(control: Control) -> None:
    assert_error(control.ask("PATCH", "books"), 405, "method_not_allowed", "PATCH")
    assert_error(control.ask("DELETE"), 405, "method_not_allowed", "DELETE")
    assert_error(control.ask("GET", "books/sideways"), 404, "not_found", "sideways")
    assert_error(control.ask("GET", "nobody-made-this"), 404, "index_not_found", "nobody-made-this")
