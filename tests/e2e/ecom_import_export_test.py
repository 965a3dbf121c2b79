"""A shop taken out as a file and put back: nothing lost, nothing twice."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from hippodrome.shop.client import JobError, Shop
from hippodrome.shop.products import documents as made_up
from tests.e2e.conftest import ANSWER_S, Stack

PRODUCTS = 1000  # in two and a half times as many variants, which are the documents
MANY = 2  # times as many, so that an import is still under way when it is stopped
SETTINGS: dict[str, Any] = {
    "facets": {"color": {"type": "string"}},
    "synonyms": [["sofa", "couch"]],
    "redirects": [{"query": "returns", "url": "/returns"}],
}
RULES: list[dict[str, Any]] = [
    {
        "name": "sale first",
        "type": "boost",
        "scope": {"kind": "global"},
        "filter": "productCollections:sale",
        "strength": 2,
    },
    {
        "name": "no pink",
        "type": "hide",
        "scope": {"kind": "query", "value": "dress", "match": "exact"},
        "filter": "color:pink",
    },
]

Documents = list[dict[str, Any]]


@pytest.fixture(scope="module")
def documents(stack: Stack) -> Documents:
    return list(made_up(PRODUCTS, stack.seed))


@pytest.fixture(scope="module")
def exported(shop: Shop, documents: Documents) -> str:
    """The job that took the shop `origin` out."""
    shop.admin("POST", "/indexes", json={"name": "origin", "settings": SETTINGS})
    for rule in RULES:
        shop.admin("POST", "/indexes/origin/rules", json=rule)
    shop.add("origin", documents)
    job = shop.finished(shop.admin("POST", "/indexes/origin/export")["jobId"])
    return str(job["jobId"])


@pytest.fixture
def empty(shop: Shop) -> Iterator[str]:
    """An index with nothing in it."""
    shop.admin("POST", "/indexes", json={"name": "target"})
    yield "target"
    shop.admin("DELETE", "/indexes/target")


def lines_of(stack: Stack, shop: Shop, job: str) -> list[bytes]:
    """The export as a person would download it."""
    answer = requests.get(
        f"{stack.admin_server}/api/v1/exports/{job}", headers={"x-api-key": shop.key}, timeout=ANSWER_S
    )
    assert answer.status_code == 200
    return answer.content.splitlines()


def imported(shop: Shop, index: str, lines: list[bytes]) -> dict[str, Any]:
    """The job, however it ended."""
    body = b"\n".join(lines) + b"\n"
    headers = {"Content-Type": "application/x-ndjson"}
    job = shop.admin("POST", f"/indexes/{index}/import", data=body, headers=headers)["jobId"]
    try:
        return shop.finished(job)
    except JobError as error:
        return error.job


def all_of(shop: Shop, index: str, documents: Documents) -> Documents:
    """Those of `documents` that the index has, as it has them."""
    found: Documents = []
    for start in range(0, len(documents), 100):
        asked = {"documentIds": [each["_id"] for each in documents[start : start + 100]]}
        found += shop.admin("POST", f"/indexes/{index}/get-documents", json=asked)["results"]
    return [{name: value for name, value in each.items() if name != "_found"} for each in found if each["_found"]]


def rules_of(shop: Shop, index: str) -> list[dict[str, Any]]:
    told = shop.admin("GET", f"/indexes/{index}/rules")["rules"]
    return sorted(({name: rule[name] for name in RULES[0]} for rule in told), key=lambda rule: str(rule["name"]))


def test_an_export_has_every_document_once(stack: Stack, shop: Shop, exported: str, documents: Documents) -> None:
    told = [json.loads(line) for line in lines_of(stack, shop, exported)]
    ids = [line["document"]["_id"] for line in told if "document" in line]
    assert sorted(ids) == sorted(each["_id"] for each in documents)


def test_what_was_deleted_comes_back_whole_with_settings_and_rules(
    stack: Stack, shop: Shop, exported: str, documents: Documents
) -> None:
    lines, rules = lines_of(stack, shop, exported), rules_of(shop, "origin")
    shop.admin("DELETE", "/indexes/origin")
    shop.admin("POST", "/indexes", json={"name": "origin"})
    assert imported(shop, "origin", lines)["status"] == "succeeded"
    assert all_of(shop, "origin", documents) == documents
    told = shop.admin("GET", "/indexes/origin/settings")
    assert {name: told[name] for name in SETTINGS} == SETTINGS
    assert rules_of(shop, "origin") == rules
    assert len(shop.found("origin", "", limit=1000)) > 0


def test_a_broken_line_is_reported_by_its_number_and_the_rest_is_kept(
    stack: Stack, shop: Shop, exported: str, documents: Documents, empty: str
) -> None:
    lines = lines_of(stack, shop, exported)
    broken = len(lines) - 10
    lost = json.loads(lines[broken])["document"]["_id"]
    lines[broken] = b'{"document": {"_id": "half'
    job = imported(shop, empty, lines)
    assert job["status"] == "partial"
    assert [error["line"] for error in job["errors"]] == [broken + 1]
    kept = {each["_id"] for each in all_of(shop, empty, documents)}
    assert kept == {each["_id"] for each in documents} - {lost}


def test_an_import_from_an_export_that_is_kept_needs_no_upload(
    shop: Shop, exported: str, documents: Documents, empty: str
) -> None:
    job = shop.admin("POST", f"/indexes/{empty}/import", json={"exportJobId": exported})["jobId"]
    shop.finished(job)
    assert all_of(shop, empty, documents) == documents


def test_an_import_that_was_stopped_goes_on_and_adds_nothing_twice(
    shop: Shop, documents: Documents, empty: str
) -> None:
    many = [{**each, "_id": f"{at}-{each['_id']}"} for at, each in enumerate(documents * MANY)]
    lines = [json.dumps({"document": each}).encode() for each in many]
    job = shop.admin("POST", f"/indexes/{empty}/import", data=b"\n".join(lines))["jobId"]
    shop.admin("POST", f"/jobs/{job}/stop")
    with pytest.raises(JobError, match="has stopped"):
        shop.finished(job)
    stopped = shop.admin("GET", f"/jobs/{job}")
    assert stopped["done"] < stopped["total"] == len(lines)
    shop.admin("POST", f"/indexes/{empty}/import", params={"jobId": job})
    assert shop.finished(job)["done"] == len(lines)
    assert shop.admin("GET", f"/indexes/{empty}")["documents"] == len(lines)


def test_an_import_that_is_given_again_adds_nothing_twice(
    stack: Stack, shop: Shop, exported: str, documents: Documents, empty: str
) -> None:
    lines = lines_of(stack, shop, exported)
    half = [*lines[: len(lines) // 2]]
    imported(shop, empty, half)
    assert imported(shop, empty, lines)["status"] == "succeeded"
    assert shop.admin("GET", f"/indexes/{empty}")["documents"] == len(documents)
