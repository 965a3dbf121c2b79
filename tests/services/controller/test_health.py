"""What the controller says of itself."""

from tests.services.controller.conftest import KEY, Control
from tests.services.described import ask_all


def test_it_is_healthy_and_says_what_it_is(control: Control) -> None:
    told = control.controller.ask("GET", "/health").json()
    assert (told["status"], told["service"]) == ("ok", "controller")
    assert told["version"]


def test_what_only_answers_questions_refuses_the_rest_as_all_do(control: Control) -> None:
    for path in ("/health", "/openapi.json"):
        refused = control.controller.ask("POST", path)
        assert (refused.status_code, refused.json()["code"]) == (405, "method_not_allowed"), path


def test_a_database_that_is_gone_makes_it_unhealthy_and_named(own_control: Control) -> None:
    database = own_control.controller.data_dir / "controller.sqlite3"
    kept = database.rename(database.with_suffix(".kept"))
    database.mkdir()
    answer = own_control.controller.ask("GET", "/health")
    assert (answer.status_code, answer.json()["check"]) == (503, "database")
    database.rmdir()
    kept.rename(database)
    assert own_control.controller.ask("GET", "/health").ok


def test_every_published_route_is_there(control: Control) -> None:
    paths = control.controller.ask("GET", "/openapi.json").json()["paths"]
    assert {"/health", "/api/v2/indexes", "/api/v2/indexes/{name}"} <= paths.keys()
    for path, methods in paths.items():
        for method in methods.keys() - {"parameters"}:
            answer = control.controller.ask(method.upper(), path.replace("{name}", "books").replace("{number}", "1"))
            assert answer.status_code in (200, 401), (method, path)


def test_no_request_that_it_describes_is_its_fault(own_control: Control) -> None:
    asked = ask_all(own_control.controller.url, headers=KEY, many=10)
    assert {"POST /api/v2/accounts", "DELETE /api/v2/keys/{number}", "POST /api/v2/indexes/{name}"} <= set(asked)
