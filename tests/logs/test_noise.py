"""Which lines are health checks."""

import pytest

from hippodrome.logs.noise import without_probes
from tests.dashboard.plans import program


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
