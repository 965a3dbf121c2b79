"""The back office: what it takes, what it refuses, and that nothing half-made stays."""

import signal
import threading
from typing import Any

import pytest

from hippodrome.wait import Deadline, until
from tests.services.admin_server.conftest import Office
from tests.services.conftest import PATIENCE_S
from tests.services.described import ask_all

RULE: dict[str, Any] = {
    "name": "first",
    "type": "pin",
    "scope": {"kind": "query", "value": "lamp"},
    "pins": [{"id": "1", "position": 1}],
}


def ended(office: Office, job: str) -> dict[str, Any]:
    def over() -> dict[str, Any] | None:
        told: dict[str, Any] = office.well("GET", f"/jobs/{job}")
        return None if told["status"] in ("queued", "running") else told

    found = until(over, Deadline(PATIENCE_S), pause_s=0.05)
    assert found
    return found


def test_an_index_is_made_told_and_deleted_with_all_that_belongs_to_it(shop: Office) -> None:
    shop.well("POST", "/indexes/store/rules", RULE)
    assert [each["name"] for each in shop.well("GET", "/indexes")["indexes"]] == ["store"]
    assert shop.well("GET", "/indexes/store")["documents"] == 0
    shop.refused("POST", "/indexes", {"name": "store"}, 409, "exists")
    shop.well("DELETE", "/indexes/store")
    shop.refused("GET", "/indexes/store", None, 404)
    shop.well("POST", "/indexes", {"name": "store"})
    assert shop.well("GET", "/indexes/store/rules")["rules"] == []


def test_nothing_stays_of_an_index_that_the_data_plane_refuses(office: Office) -> None:
    office.refused("POST", "/indexes", {"name": "store", "model": "no/such-model"}, 400, "model")
    assert office.well("GET", "/indexes")["indexes"] == []


@pytest.mark.parametrize("name", ["", "Store", "a b", "x" * 20, "-x", None, 7])
def test_a_name_that_cannot_be_part_of_others_is_refused(office: Office, name: Any) -> None:
    office.refused("POST", "/indexes", {"name": name}, 422, "name")


def test_documents_that_cannot_be_taken_are_told_and_the_others_are_taken(shop: Office) -> None:
    documents = [
        {"_id": "1", "productTitle": "lamp", "price": 3, "color": None, "stock": {"berlin": 2}},
        {"_id": "2"},
        {"productTitle": "no id"},
        {"_id": "4", "productTitle": "lamp", "price": "dear"},
        {"_id": "5", "productTitle": "lamp", "productCollections": "sale"},
    ]
    told = shop.well("POST", "/indexes/store/documents", {"documents": documents})
    assert told["accepted"] == 1
    assert [error["position"] for error in told["errors"]] == [1, 2, 3, 4]
    assert ended(shop, told["jobId"])["status"] == "succeeded"
    asked = {"documentIds": ["1", "2"]}
    found = shop.well("POST", "/indexes/store/get-documents", asked)["results"]
    told = {"_id": "1", "productTitle": "lamp", "price": 3, "parentProductId": "1", "stock": {"berlin": 2}}
    assert found[0] == {**told, "_found": True}
    assert not found[1]["_found"]


def test_a_document_that_the_data_plane_refuses_makes_its_job_partial(shop: Office) -> None:
    documents = [{"_id": "1", "productTitle": "lamp"}, {"_id": "2", "productTitle": "lamp", "has-dash": 1}]
    job = ended(shop, shop.well("POST", "/indexes/store/documents", {"documents": documents})["jobId"])
    assert (job["status"], job["done"], job["failed"]) == ("partial", 1, 1)
    assert job["errors"][0]["_id"] == "2"
    assert [each["jobId"] for each in shop.well("GET", "/jobs")["jobs"]] == [job["jobId"]]


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ({"documents": []}, "documents"),
        ({"documents": [{"_id": "1"}]}, "productTitle"),
        ({"documents": [7]}, "documents"),
        ({"documents": [{"_id": "1", "productTitle": "x", "n": "\ud800"}]}, "documents"),
        ({"docs": []}, "documents"),
    ],
)
def test_a_request_without_a_good_document_is_refused(shop: Office, body: Any, word: str) -> None:
    shop.refused("POST", "/indexes/store/documents", body, 422, word)


def test_settings_have_defaults_versions_and_one_writer_at_a_time(shop: Office) -> None:
    first = shop.well("GET", "/indexes/store/settings")
    assert (first["collapse"], first["version"]) == (True, 1)
    changed = shop.well("PATCH", "/indexes/store/settings", {"collapse": False})
    assert (changed["collapse"], changed["version"]) == (False, 2)
    assert changed["searchableFields"] == first["searchableFields"]
    replaced = shop.well("PUT", "/indexes/store/settings", {"synonyms": [["a", "b"]]})
    assert (replaced["collapse"], replaced["synonyms"], replaced["version"]) == (True, [["a", "b"]], 3)
    fields = ("collapse", "synonyms", "redirects", "defaultSort")
    values = (True, [["x", "y"]], [{"query": "q", "url": "/u"}], [{"fieldName": "price", "order": "asc"}])
    threads = [
        threading.Thread(target=shop.ask, args=("PATCH", "/indexes/store/settings", {field: value}))
        for field, value in zip(fields, values, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    last = shop.well("GET", "/indexes/store/settings")
    kept = sum(last[field] == value for field, value in zip(fields, values, strict=True))
    assert last["version"] == 3 + kept or kept == len(fields)  # whoever was answered well is in it


@pytest.mark.parametrize(
    "body",
    [
        {"collapse": "often"},
        {"synonyms": [["alone"]]},
        {"redirects": [{"query": ""}]},
        {"searchableFields": {"a b": 1}},
        {"searchableFields": {"a": -1}},
        {"facet": {}},
        {"defaultSort": [{"fieldName": "price", "order": "up"}]},
    ],
)
def test_settings_that_make_no_sense_are_refused_with_their_field(shop: Office, body: dict[str, Any]) -> None:
    shop.refused("PATCH", "/indexes/store/settings", body, 422, next(iter(body)))


def test_rules_are_kept_changed_and_taken_away(shop: Office) -> None:
    made = shop.well("POST", "/indexes/store/rules", RULE)
    path = f"/indexes/store/rules/{made['id']}"
    assert shop.well("GET", path) == made
    assert shop.well("PUT", path, {**RULE, "enabled": False})["version"] == 2
    shop.well("DELETE", path)
    shop.refused("GET", path, None, 404)


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"type": "push"}, "type"),
        ({"pins": []}, "pins"),
        ({"pins": [{"id": "1", "position": 1}, {"id": "2", "position": 1}]}, "place"),
        ({"pins": [{"id": "1", "position": 0}]}, "position"),
        ({"scope": {"kind": "query"}}, "value"),
        ({"type": "hide"}, "filter"),
        ({"type": "redirect"}, "url"),
        ({"type": "boost", "filter": "price:", "strength": 2}, "Error parsing filter"),
        ({"type": "boost", "filter": "price:1", "strength": 1}, "strength"),
        ({"startsAt": "2026-02-01T00:00:00Z", "endsAt": "2026-01-01T00:00:00Z"}, "ends after"),
        ({"startsAt": "soon"}, "startsAt"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(shop: Office, change: dict[str, Any], word: str) -> None:
    shop.refused("POST", "/indexes/store/rules", {**RULE, **change}, 422, word)


def test_collections_are_those_of_the_products_and_those_that_are_described(shop: Office) -> None:
    documents = [{"_id": str(each), "productTitle": "x", "productCollections": ["sale"]} for each in range(3)]
    ended(shop, shop.well("POST", "/indexes/store/documents", {"documents": documents})["jobId"])
    shop.well("POST", "/indexes/store/collections", {"id": "new", "displayName": "New in"})
    told = {each["id"]: each for each in shop.well("GET", "/indexes/store/collections")["collections"]}
    assert (told["sale"]["products"], told["new"]["products"], told["new"]["displayName"]) == (3, 0, "New in")


def test_a_name_leads_where_its_alias_says(shop: Office) -> None:
    shop.well("PUT", "/aliases/live", {"targets": [{"index": "store"}]})
    resolved = shop.services["admin_server"].ask(
        "POST", "/internal/resolve", json={"indexId": f"{shop.account}-live"}
    )
    assert [each["indexId"] for each in resolved.json()["targets"]] == [f"{shop.account}-store"]
    shop.refused("POST", "/indexes", {"name": "live"}, 409, "alias")
    shop.well("DELETE", "/aliases/live")
    shop.refused("GET", "/aliases/live", None, 404)


@pytest.mark.parametrize("wrong", ["", "wrong"])
def test_whoever_is_not_known_hears_nothing(shop: Office, wrong: str) -> None:
    stranger = Office(shop.services, wrong, "")
    stranger.refused("GET", "/indexes", None, 401)
    stranger.refused("POST", "/indexes/store/documents", {"documents": [{"_id": "1"}]}, 401)


def test_a_full_buffer_is_passed_on_and_leaves_no_job(shop: Office) -> None:
    shop.services["ecom_ingest"].end()
    shop.services["ecom_ingest"].start(ECOM_INGEST_CAPACITY="1")
    try:
        documents = [{"_id": str(each), "productTitle": "x"} for each in range(3)]
        shop.refused("POST", "/indexes/store/documents", {"documents": documents}, 429, "buffer")
        assert shop.well("GET", "/jobs")["jobs"] == []
    finally:
        shop.services["ecom_ingest"].restart()


@pytest.mark.slow
def test_an_import_goes_on_after_the_service_was_killed_and_adds_nothing_twice(shop: Office) -> None:
    lines = "\n".join(f'{{"document": {{"_id": "{each}", "productTitle": "x {each}"}}}}' for each in range(3000))
    shop.services["ecom_ingest"].end()  # so that it cannot be done before it is killed
    job = shop.well("POST", "/indexes/store/import", data=lines.encode())["jobId"]
    shop.services["admin_server"].end(signal.SIGKILL)
    shop.services["ecom_ingest"].start()
    shop.services["admin_server"].start()
    assert ended(shop, job)["status"] == "succeeded"
    assert shop.well("GET", "/indexes/store")["documents"] == 3000
    resumed = shop.well("POST", "/indexes/store/import", params={"jobId": job})["jobId"]
    assert resumed == job
    assert ended(shop, job)["status"] == "succeeded"
    assert shop.well("GET", "/indexes/store")["documents"] == 3000


@pytest.mark.slow
def test_an_import_is_stopped_where_it_is_and_goes_on_from_there(shop: Office) -> None:
    lines = "\n".join(f'{{"document": {{"_id": "{each}", "productTitle": "x {each}"}}}}' for each in range(3000))
    shop.services["ecom_ingest"].end()  # so that it cannot be done before it is stopped
    job = shop.well("POST", "/indexes/store/import", data=lines.encode())["jobId"]
    shop.well("POST", f"/jobs/{job}/stop")
    stopped = ended(shop, job)
    assert (stopped["status"], stopped["done"]) == ("stopped", 0)
    shop.services["ecom_ingest"].start()
    assert shop.well("GET", "/indexes/store")["documents"] == 0
    shop.well("POST", "/indexes/store/import", params={"jobId": job})
    assert ended(shop, job)["status"] == "succeeded"
    assert shop.well("GET", "/indexes/store")["documents"] == 3000


def test_what_is_over_or_no_import_cannot_be_stopped(shop: Office) -> None:
    lines = '{"document": {"_id": "1", "productTitle": "x"}}'
    over = shop.well("POST", "/indexes/store/import", data=lines.encode())["jobId"]
    assert ended(shop, over)["status"] == "succeeded"
    shop.refused("POST", f"/jobs/{over}/stop", None, 409, "succeeded already")
    added = shop.well("POST", "/indexes/store/documents", {"documents": [{"_id": "2", "productTitle": "y"}]})
    shop.refused("POST", f"/jobs/{added['jobId']}/stop", None, 409, "kind upsert cannot be stopped")
    shop.refused("POST", "/jobs/nobody/stop", None, 404, "There is no job")


@pytest.mark.slow
def test_an_export_has_more_than_the_data_plane_shows_of_one_search(shop: Office) -> None:
    lines = "\n".join(f'{{"document": {{"_id": "{each}", "productTitle": "x"}}}}' for each in range(11_000))
    ended(shop, shop.well("POST", "/indexes/store/import", data=lines.encode())["jobId"])
    job = ended(shop, shop.well("POST", "/indexes/store/export")["jobId"])
    assert job["result"]["documents"] == 11_000
    text = shop.ask("GET", f"/exports/{job['jobId']}").text
    assert len({line for line in text.splitlines() if '"document"' in line}) == 11_000


@pytest.mark.parametrize("key", ["\xe9", "two words", "\x00"])
def test_a_key_that_no_header_can_hold_is_one_that_nobody_knows(office: Office, key: str) -> None:
    asked = {"key": key, "index": "store"}
    answer = office.services["admin_server"].ask("POST", "/internal/resolve", json=asked)
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthorized")
    said = office.services["admin_server"].ask("GET", "/api/v1/indexes", headers={"x-api-key": b"\xe9"})
    assert said.status_code == 401


@pytest.mark.timeout(300)
def test_no_request_that_it_describes_is_its_fault(shop: Office) -> None:
    asked = ask_all(shop.services["admin_server"].url, headers={"x-api-key": shop.key}, many=8)
    assert {"POST /internal/resolve", "PUT /api/v1/indexes/{name}/settings", "POST /api/v1/indexes"} <= set(asked)


def test_an_index_of_which_the_answer_was_lost_is_made_whole_by_a_second_try(office: Office) -> None:
    asked = {"type": "unstructured", "model": "hf/all-MiniLM-L6-v2"}
    grouped = {**asked, "collapseFields": [{"name": "parentProductId"}]}
    for name, body in (("lost", grouped), ("foreign", asked)):
        path = f"/api/v2/indexes/{office.account}-{name}"
        made = office.services["controller"].ask("POST", path, json=body, headers={"x-api-key": office.key})
        assert made.ok, made.text
    office.well("POST", "/indexes", {"name": "lost"})
    assert [each["name"] for each in office.well("GET", "/indexes")["indexes"]] == ["lost"]
    office.refused("POST", "/indexes", {"name": "lost"}, 409, "exists")
    office.refused("POST", "/indexes", {"name": "foreign"}, 409, "exists")
    office.well("DELETE", "/indexes/lost")


def test_while_aws_is_away_that_is_said_and_no_fault_of_its_own(shop: Office) -> None:
    shop.services["moto"].end()
    try:
        for method, path, body in (("GET", "/indexes", None), ("POST", "/indexes", {"name": "other"})):
            shop.refused(method, path, body, 503, "AWS does not answer")
    finally:
        shop.services["moto"].start()
    assert [each["name"] for each in shop.well("GET", "/indexes")["indexes"]] == ["store"]
