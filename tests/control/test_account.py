"""Whose AWS account it is: asked of an STS that answers over HTTP, as the real one's documentation shows."""

import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from hippodrome.control.account import check_account
from hippodrome.errors import UserError
from hippodrome.plan.model import LeftOut, Plan
from tests.stack import plan_of, program

KNOWN = """<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>
<Arn>arn:aws:iam::123456789012:user/ada</Arn><UserId>AIDA</UserId><Account>123456789012</Account>
</GetCallerIdentityResult></GetCallerIdentityResponse>"""
EXPIRED = """<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type>
<Code>ExpiredToken</Code><Message>The security token included in the request is expired</Message></Error>
</ErrorResponse>"""


@contextmanager
def sts(status: int, body: str) -> Iterator[str]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(status)
            self.send_header("Content-Type", "text/xml")
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def nobody(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    """A person without credentials, on a machine that has none either."""
    for name in ("AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    return monkeypatch


@pytest.fixture
def ada(nobody: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    nobody.setenv("AWS_ACCESS_KEY_ID", "ada")
    nobody.setenv("AWS_SECRET_ACCESS_KEY", "lovelace")
    nobody.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    return nobody


def plan(aws: str, **environment: str) -> Plan:
    made = plan_of(program("api", "true", environment=environment))
    return Plan(made.project_root, made.profile, made.cell, aws, "dev-x-", made.programs)


def test_moto_needs_nobody(nobody: pytest.MonkeyPatch) -> None:
    assert check_account(plan("moto", AWS_REGION="eu-west-1"), {}) == ""


def test_without_moto_nobody_reaches_for_the_account_by_mistake(ada: pytest.MonkeyPatch) -> None:
    lost = (LeftOut("moto", "", "left out by `--without`"),)
    with pytest.raises(UserError, match="api would reach for your AWS account"):
        check_account(replace(plan("moto", TABLE_PREFIX="dev-x-"), left_out=lost), {})
    elsewhere = plan("moto", TABLE_PREFIX="dev-x-", AWS_ENDPOINT_URL="http://localhost:4566")
    assert check_account(replace(elsewhere, left_out=lost), {}) == ""
    assert check_account(replace(plan("moto", TABLE_PREFIX="wp_"), left_out=lost), {}) == ""
    assert check_account(plan("moto", TABLE_PREFIX="dev-x-"), {}) == ""  # a project that knows no moto


def test_account_region_and_prefix_are_said(ada: pytest.MonkeyPatch) -> None:
    with sts(200, KNOWN) as url:
        ada.setenv("AWS_ENDPOINT_URL", url)
        said = check_account(plan("account", AWS_REGION="eu-west-1"), {})
    assert "account 123456789012 as arn:aws:iam::123456789012:user/ada, region eu-west-1, tables dev-x-…" in said


def test_expired_credentials_stop_a_stack_that_uses_aws(ada: pytest.MonkeyPatch) -> None:
    with sts(403, EXPIRED) as url:
        ada.setenv("AWS_ENDPOINT_URL", url)
        with pytest.raises(UserError, match="ExpiredToken") as caught:
            check_account(plan("account", AWS_REGION="eu-west-1"), {"AWS_PROFILE": "work"})
    assert "profile work" in caught.value.problems[0].what
    assert "--aws moto" in caught.value.problems[0].hint


def test_tables_without_a_region_are_refused_before_anything_starts(ada: pytest.MonkeyPatch) -> None:
    ada.delenv("AWS_DEFAULT_REGION")
    with sts(200, KNOWN) as url:
        ada.setenv("AWS_ENDPOINT_URL", url)
        assert "region none" in check_account(plan("account"), {})
        with pytest.raises(UserError, match="no AWS region"):
            check_account(plan("account", TABLE_PREFIX="dev-x-"), {})


def test_missing_credentials_are_one_line_where_nothing_uses_aws(nobody: pytest.MonkeyPatch) -> None:
    said = check_account(plan("account"), {})
    assert "Unable to locate credentials" in said
    assert "\n" not in said


@pytest.mark.parametrize("uses", [{"AWS_REGION": "eu-west-1"}, {"TABLE_PREFIX": "dev-x-"}])
def test_missing_credentials_stop_a_stack_that_is_told_where_its_tables_are(
    nobody: pytest.MonkeyPatch, uses: dict[str, str]
) -> None:
    with pytest.raises(UserError, match="Unable to locate credentials"):
        check_account(plan("account", **uses), {})
