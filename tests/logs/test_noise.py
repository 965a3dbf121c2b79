"""Which lines are health checks."""

from pathlib import Path

import pytest

from hippodrome.logs.noise import quiet, without_probes
from hippodrome.logs.read import all_of
from tests.dashboard.plans import plan, program
from tests.logs.writing import layout_in


@pytest.mark.parametrize(
    ("line", "is_kept"),
    [
        ('INFO:     127.0.0.1:5 - "GET /health HTTP/1.1" 200 OK', False),
        ('[02/Jan/2026 03:04:05] "GET /health HTTP/1.1" 200 15', False),
        ("GET /health 200 3 ms", False),
        ('INFO:     127.0.0.1:5 - "GET /health HTTP/1.1" 503 Service Unavailable', True),
        ('INFO:     127.0.0.1:5 - "GET /healthy HTTP/1.1" 200 OK', True),
        ('INFO:     127.0.0.1:5 - "POST /health HTTP/1.1" 200 OK', True),
    ],
)
def test_a_health_check_that_passed_is_not_shown(line: str, is_kept: bool) -> None:
    keep = without_probes([program("api", probe_url="http://127.0.0.1:9001/health"), program("task")])
    assert keep("api", line) is is_kept
    assert keep("task", line)


def test_the_written_plan_says_what_a_health_check_is_and_none_keeps_all(tmp_path: Path) -> None:
    layout, check = layout_in(tmp_path), "GET /health 200"
    assert quiet(layout)("api", check)
    layout.plan.write_text(plan(program("api", probe_url="http://127.0.0.1:1/health")).to_json(), encoding="utf-8")
    assert not quiet(layout)("api", check)
    assert not all_of(None, quiet(layout))("api", check)
    assert all_of(None, None)("api", check)
