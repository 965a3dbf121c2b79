"""Who is refused: foreign names for this address, other origins, forms."""

import pytest

from tests.dashboard.asking import Asked

STOP = "/api/services/api/stop"


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "evil.example:9000", "127.0.0.1.nip.io", ""]
)
def test_a_foreign_host_is_refused_whatever_it_asks(asked: Asked, host: str) -> None:
    for path in ("/", "/api/status", "/static/app.js", "/health"):
        answer = asked.get(path, Host=host)
        assert (answer.status, answer.json["code"]) == (403, "foreign-host")


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:9000", "127.0.0.1:1", "[::1]:9000"])
def test_names_of_this_machine_are_served_on_any_port(asked: Asked, host: str) -> None:
    assert asked.get("/health", Host=host).status == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost:9008"},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
    ],
)
def test_changes_from_other_origins_are_refused(asked: Asked, headers: dict[str, str]) -> None:
    answer = asked.post(STOP, {}, **headers)
    assert (answer.status, answer.json["code"]) == (403, "foreign-origin")
    assert asked.supervisor.calls == []


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]
)
def test_what_a_form_can_send_without_asking_is_refused(asked: Asked, kind: str) -> None:
    assert asked.post(STOP, {}, Content_Type=kind).status == 415
    assert asked.supervisor.calls == []


def test_its_own_pages_and_tools_may_change_things(asked: Asked) -> None:
    own = {"Origin": f"http://localhost:{asked.port}", "Sec_Fetch_Site": "same-origin"}
    assert asked.post(STOP, {}, **own).status == 202
    assert asked.post(STOP, {}).status == 202


def test_another_sites_script_may_not_even_read_but_its_links_lead_here(asked: Asked) -> None:
    assert asked.get("/api/logs", Sec_Fetch_Site="cross-site", Sec_Fetch_Mode="no-cors").status == 403
    assert asked.get("/", Sec_Fetch_Site="cross-site", Sec_Fetch_Mode="navigate").status == 200


def test_every_answer_tells_the_browser_to_be_strict(asked: Asked) -> None:
    for path in ("/", "/api/status", "/nowhere", "/static/app.js"):
        headers = asked.get(path).headers
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert (headers["X-Content-Type-Options"], headers["Cross-Origin-Resource-Policy"]) == (
            "nosniff",
            "same-origin",
        )
        assert "Access-Control-Allow-Origin" not in headers


def test_files_outside_the_static_folder_are_not_served(asked: Asked) -> None:
    for path in ("/static/../app.py", "/static/%2e%2e/app.py", "/static//etc/passwd"):
        assert asked.get(path).status in {404, 308}
