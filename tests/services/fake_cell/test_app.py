"""What the cell says of itself."""

from tests.services.conftest import Service


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
    assert (unknown.status_code, unknown.json()["detail"]) == (404, "Not Found")
    assert (wrong.status_code, wrong.json()["detail"]) == (405, "Method Not Allowed")
    codes = {"message": "GET /nowhere: Not Found.", "code": "not_found", "type": "invalid_request", "link": None}
    assert unknown.json() == {**codes, "detail": "Not Found"}
    assert wrong.json()["code"] == "method_not_allowed"


def test_every_published_route_is_there(cell: Service) -> None:
    paths = cell.ask("GET", "/openapi.json").json()["paths"]
    assert {"/indexes", "/indexes/{index}", "/indexes/{index}/search"} <= paths.keys()
    for path, methods in paths.items():
        for method in methods:
            answer = cell.ask(method.upper(), path.replace("{index}", "nobody-made-this").replace("{document}", "1"))
            assert answer.json().get("detail") != "Not Found", (method, path)
            assert answer.status_code != 405, (method, path)
