"""The admin site, as a browser meets it."""

import re

import pytest
import requests

from tests.services.conftest import PATIENCE_S
from tests.services.controller.conftest import Control, assert_error

TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')


def sign_in(control: Control, session: requests.Session, password: str = "admin") -> requests.Response:
    url = f"{control.controller.url}/admin/login/?next=/admin/"
    token = TOKEN.search(session.get(url, timeout=PATIENCE_S).text)
    assert token
    form = {"username": "admin", "password": password, "csrfmiddlewaretoken": token[1]}
    return session.post(url, data=form, headers={"Referer": url}, timeout=PATIENCE_S)


def test_it_asks_who_is_there_and_looks_as_it_should(control: Control) -> None:
    with requests.Session() as session:
        page = session.get(f"{control.controller.url}/admin/", timeout=PATIENCE_S)
        assert page.ok
        assert "/admin/login/" in page.url
        assert "Marqo Cloud, local" in page.text
        styles = re.findall(r'<link rel="stylesheet" href="([^"]+)"', page.text)
        assert styles
        for path in styles:
            style = session.get(control.controller.url + path, timeout=PATIENCE_S)
            assert style.headers["Content-Type"].startswith("text/css"), path


def test_the_seeded_user_sees_indexes_and_cannot_change_them_there(control: Control, name: str) -> None:
    control.create(name)
    with requests.Session() as session:
        assert "Log out" in sign_in(control, session).text
        page = session.get(f"{control.controller.url}/admin/indexes/index/", timeout=PATIENCE_S).text
        assert name in page
        assert "READY" in page
        added = session.get(f"{control.controller.url}/admin/indexes/index/add/", timeout=PATIENCE_S)
        assert added.status_code == 403


def test_accounts_and_keys_are_listed_there(control: Control) -> None:
    with requests.Session() as session:
        sign_in(control, session)
        for path, shown in (("account", "local"), ("apikey", "seeded")):
            page = session.get(f"{control.controller.url}/admin/indexes/{path}/", timeout=PATIENCE_S).text
            assert shown in page, path
            assert "local-admin-key" not in page


def test_a_wrong_password_lets_nobody_in(control: Control) -> None:
    with requests.Session() as session:
        assert "Log out" not in sign_in(control, session, "guess").text


@pytest.mark.slow
def test_a_session_outlives_a_restart(own_control: Control) -> None:
    with requests.Session() as session:
        sign_in(own_control, session)
        own_control.controller.restart()
        assert "Log out" in session.get(f"{own_control.controller.url}/admin/", timeout=PATIENCE_S).text


def test_the_secret_that_signs_sessions_is_nobody_elses_to_read(control: Control) -> None:
    secret = control.controller.data_dir / "secret_key"
    assert secret.stat().st_mode & 0o077 == 0
    assert len(secret.read_text()) >= 50


@pytest.mark.parametrize("path", ["/admin/", "/health", "/api/v2/indexes"])
def test_a_foreign_host_is_refused(control: Control, path: str) -> None:
    assert_error(control.controller.ask("GET", path, headers={"Host": "evil.example"}), 400, "bad_request")
