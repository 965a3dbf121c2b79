"""What the cell says of itself, and how it ends."""

import time

import requests

from tests.services.conftest import Pair, Service


def test_it_welcomes_with_a_version_that_the_client_accepts(cell: Service) -> None:
    told = cell.ask("GET", "/").json()
    assert told["message"] == "Welcome to Marqo"
    assert tuple(map(int, told["version"].split("."))) >= (2, 23, 1)


def test_it_is_healthy_in_the_form_of_the_real_server(cell: Service) -> None:
    told = cell.ask("GET", "/health").json()
    assert told["status"] == told["inference"]["status"] == told["backend"]["status"] == "green"
    assert told["backend"]["memoryIsAvailable"] is True
    assert told["backend"]["storageIsAvailable"] is True
    assert (told["service"], told["version"]) == ("fake_cell", cell.ask("GET", "/").json()["version"])


def test_the_health_of_an_index_is_that_of_the_cell_and_404_without_it(cell: Service) -> None:
    cell.ask("POST", "/indexes/of-good-health", json={})
    assert cell.ask("GET", "/indexes/of-good-health/health").json() == cell.ask("GET", "/health").json()
    assert cell.ask("GET", "/indexes/nobody-made-this/health").status_code == 404


def test_an_unknown_path_and_a_wrong_method_are_told_apart(cell: Service) -> None:
    unknown, wrong = cell.ask("GET", "/nowhere"), cell.ask("PUT", "/indexes")
    assert (unknown.status_code, unknown.json()) == (404, {"detail": "Not Found"})
    assert (wrong.status_code, wrong.json()) == (405, {"detail": "Method Not Allowed"})


def test_every_published_route_is_there(cell: Service) -> None:
    paths = cell.ask("GET", "/openapi.json").json()["paths"]
    assert {"/indexes", "/indexes/{index}", "/indexes/{index}/search"} <= paths.keys()
    for path, methods in paths.items():
        for method in methods:
            answer = cell.ask(method.upper(), path.replace("{index}", "nobody-made-this").replace("{document}", "1"))
            assert answer.json() != {"detail": "Not Found"}, (method, path)
            assert answer.status_code != 405, (method, path)


def test_sigterm_ends_it_before_its_grace_is_over_though_a_client_keeps_its_connection(pair: Pair) -> None:
    pair.cell.start()
    with requests.Session() as session:
        session.get(pair.cell.url + "/health")
        began = time.monotonic()
        assert pair.cell.end() in (0, -15)
        assert time.monotonic() - began < pair.cell.program.stop_grace_s


def test_each_request_leaves_one_line_with_its_id_and_a_probe_leaves_none(own_cell: Service) -> None:
    answer = own_cell.ask("GET", "/indexes", headers={"X-Request-Id": "asked-by-a-test"})
    assert answer.headers["x-request-id"] == "asked-by-a-test"
    made = own_cell.ask("GET", "/indexes").headers["x-request-id"]
    own_cell.ask("GET", "/health", headers={"User-Agent": "hippodrome-probe/1", "X-Request-Id": "a-probe"})
    own_cell.end()
    lines = [line for line in own_cell.log.splitlines() if "GET /indexes" in line]
    assert ["request_id=asked-by-a-test" in lines[0], f"request_id={made}" in lines[1], len(lines)] == [True, True, 2]
    assert lines[0].startswith("INFO http: ")
    assert "status=200" in lines[0]
    assert "a-probe" not in own_cell.log
