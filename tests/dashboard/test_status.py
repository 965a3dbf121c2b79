"""The state of the stack as JSON, and the shell of the pages."""

from dataclasses import replace
from pathlib import Path

import pytest

from hippodrome.dashboard.app import create_app
from hippodrome.dashboard.board import Board
from hippodrome.dashboard.services import ACTIONS
from hippodrome.dashboard.status import API
from hippodrome.plan.conditions import State
from hippodrome.wait import Deadline, until
from tests.dashboard.asking import Asked
from tests.dashboard.conftest import PLAN


def test_health_is_that_of_all_services(asked: Asked) -> None:
    assert asked.get("/health").json == {"status": "ok", "service": "dashboard", "version": "1.2.3"}


def test_every_service_has_its_state_place_and_use(asked: Asked) -> None:
    told = asked.get("/api/status").json
    cell, api, worker = told["services"]
    assert (cell["name"], cell["state"], cell["port"], cell["url"]) == (
        "cell",
        "healthy",
        9001,
        "http://127.0.0.1:9001",
    )
    assert (cell["source"], api["needs"]) == ("reference", ["cell"])
    assert api["links"] == [{"name": "API docs", "url": "http://127.0.0.1:9002/docs"}]
    assert (worker["state"], worker["port"]) == ("running", None)
    assert told["usage"]["cell"]["memory_bytes"] > 1_000_000
    assert (told["failures"], told["stack"]["profile"], told["stack"]["problem"]) == (0, "core", "")
    assert (told["stack"]["name"], told["stack"]["ports"]) == ("", {"cell": 9001, "api": 9002})


def test_the_branch_of_now_and_the_block_of_ports_are_told(board: Board, asked: Asked, tmp_path: Path) -> None:
    moved = replace(PLAN, project_root=str(tmp_path), port_offset=100)
    board.layout.plan.write_text(moved.to_json(), encoding="utf-8")
    asked.supervisor.run_plan(moved.digest)
    assert until(lambda: asked.get("/api/status").json["stack"]["port_offset"] == 100, Deadline(20))
    (tmp_path / ".git").mkdir()
    for branch in ("topic", "feature/other"):
        (tmp_path / ".git" / "HEAD").write_text(f"ref: refs/heads/{branch}\n")
        assert asked.get("/api/status").json["stack"]["branch"] == branch


def test_services_outside_the_profile_are_listed_with_the_reason(asked: Asked) -> None:
    assert asked.get("/api/status").json["stack"]["left_out"] == [
        {"name": "moto", "description": "AWS on this machine", "reason": "profile `core` does not have it"}
    ]


@pytest.mark.parametrize(
    ("state", "tone", "failures"),
    [
        ("failed", "bad", 1),
        ("unhealthy", "bad", 1),
        ("backoff", "bad", 1),
        ("blocked", "bad", 0),
        ("stopped", "off", 0),
        ("starting", "busy", 0),
    ],
)
def test_a_state_is_shown_with_its_weight_and_sentence(asked: Asked, state: State, tone: str, failures: int) -> None:
    asked.supervisor.set("api", state, cause="crashed" if state == "failed" else "")
    assert until(lambda: asked.get("/api/status").json["services"][1]["state"] == state, Deadline(20))
    told = asked.get("/api/status").json
    assert (told["services"][1]["tone"], told["failures"]) == (tone, failures)
    assert told["services"][1]["sentence"]


def test_the_pages_are_one_shell_and_unknown_addresses_are_said(asked: Asked) -> None:
    shells = {asked.get(path).body for path in ("/", "/logs?services=api", "/services/api")}
    assert len(shells) == 1
    assert asked.get("/nowhere").json["code"] == "not-found"
    assert asked.get("/api/services/api/restart").status == 404


def test_the_icon_carries_the_number_of_failures(asked: Asked) -> None:
    assert b">3<" in asked.get("/favicon.svg?failures=3").body
    assert b"<text" not in asked.get("/favicon.svg?failures=0").body
    assert asked.get("/favicon.svg?failures=<script>").status == 200


def test_the_api_lists_every_call_that_there_is(asked: Asked, board: Board) -> None:
    app = create_app(board)
    there = set()
    for rule in app.url_map.iter_rules():
        path = str(rule).replace("<name>", "NAME").replace("<path:identifier>", "ID")
        method = "POST" if "POST" in (rule.methods or ()) else "GET"
        if path.startswith(("/api/", "/health", "/webhook/", "/openapi")) and path != "/api/":
            there |= {f"{method} {path.replace('<any(start, stop, restart):action>', word)}" for word in ACTIONS}
    assert there == set(API)
    assert asked.get("/api").json["calls"].keys() == there


def test_without_a_supervisord_it_says_what_it_knew_and_comes_back(asked: Asked) -> None:
    asked.supervisor.go_away()
    assert until(lambda: asked.get("/api/status").json["stack"]["problem"], Deadline(20)) == "nothing runs here"
    told = asked.get("/api/status").json
    assert [service["name"] for service in told["services"]] == ["cell", "api", "worker"]
    assert told["usage"] == {}
    assert asked.post("/api/services/api/restart", {}).status == 503
    asked.supervisor.come_back()
    assert until(lambda: not asked.get("/api/status").json["stack"]["problem"], Deadline(20))


def test_a_cause_without_the_facts_that_its_words_need_is_shown_all_the_same(asked: Asked) -> None:
    asked.supervisor.set("api", "failed", cause="port-taken")
    assert until(lambda: asked.get("/api/status").json["failures"], Deadline(20)) == 1
    assert asked.get("/api/status").json["services"][1]["sentence"] == "failed: port taken"
