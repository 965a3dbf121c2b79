"""What is taken out of text, and what is left."""

import json
from urllib.parse import quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hippodrome.diagnose.masking import Masker, url_passwords
from hippodrome.secret import MASK

NOBODY = Masker(())
TOKEN = "Zq81hxUvbT0pLmWn4aKd"


@pytest.mark.parametrize(
    "text",
    [
        "postgres://ada:{}@localhost:5432/shop",
        "redis://:{}@cache/0",
        "git clone https://{}@example.org/a.git",
        "Authorization: Bearer {}",
        'curl -H "authorization: Basic {}"',
        "GET /v1?api_key={}&limit=3",
        "DB_PASSWORD={}",
        'config: {{"client_secret": "{}", "retries": 3}}',
        "secret_key='{}'",
        "Set-Cookie: {}; HttpOnly",
        "-----BEGIN RSA PRIVATE KEY-----\n{}\n-----END RSA PRIVATE KEY-----",
        "cut off: -----BEGIN PRIVATE KEY-----\n{}",
        "pushed with ghp_{} today",
        "sk_live_{}",
        "eyJhbGciOiJIUzI1NiJ9.{}.c2lnbmF0dXJl",
    ],
)
def test_what_looks_like_a_secret_is_taken_out(text: str) -> None:
    masked = NOBODY.text(text.format(TOKEN))
    assert TOKEN not in masked
    assert MASK in masked


@pytest.mark.parametrize(
    "text",
    [
        "INFO api: GET /products?limit=3 200",
        "http://127.0.0.1:9001/health",
        "git@github.com:acme/shop.git",
        "3 tokens were read in 0.2 s",
        "2026-11-26T01:02:03 at http://a:80/b@c",
        'the plan: {"secrets": {}, "ports": {"main": 9001}}',
    ],
)
def test_what_is_none_is_left(text: str) -> None:
    assert NOBODY.text(text) == text


def test_an_access_key_of_aws_is_taken_out() -> None:
    assert NOBODY.text("as AKIAIOSFODNN7EXAMPLE in") == f"as {MASK} in"


def test_a_value_is_masked_below_a_telling_key_and_after_a_telling_flag() -> None:
    told = {"password": "x1", "tokens": {"a": "b"}, "argv": ["serve", "--token", "x2", "--port", "8"], "key": "n"}
    assert NOBODY.value(told) == {
        "password": MASK,
        "tokens": {"a": "b"},
        "argv": ["serve", "--token", MASK, "--port", "8"],
        "key": "n",
    }


def test_what_only_its_name_makes_a_secret_is_left_where_it_is_a_plain_word() -> None:
    masker = Masker((), named=("testing", "abc", "api", "sesame"), shown=("api",))
    assert masker.text("testing abc api sesame") == f"testing abc api {MASK}"


def test_passwords_of_urls_are_known_as_they_are_meant() -> None:
    assert list(url_passwords("a postgres://ada:p%40ss@db/x")) == ["p%40ss", "p@ss"]


@given(st.text(st.characters(codec="utf-8", exclude_characters="*#"), min_size=4, max_size=40))
def test_a_known_secret_is_found_however_it_is_spelled(secret: str) -> None:
    masker = Masker((secret,))
    for spelled in (secret, quote_plus(secret), json.dumps(secret)[1:-1], repr(secret)[1:-1]):
        assert spelled not in masker.text(f"#{spelled}#{spelled}#")
