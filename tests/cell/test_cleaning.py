"""What is taken out before anything is written, and that its shape stays."""

import gzip
import json
from typing import Any

import pytest

from hippodrome.cell.cleaning import Cleaner
from hippodrome.cell.exchange import Body
from hippodrome.diagnose.masking import Masker
from hippodrome.secret import MASK

JSON = {"content-type": "application/json"}


def cleaned(value: Any) -> Any:
    body = Cleaner().body(json.dumps(value).encode(), JSON)
    assert body
    return body.value


@pytest.mark.parametrize(
    "name", ["apiKey", "accessKeyId", "aws_secret_access_key", "password", "Authorization", "cookie", "hf-token"]
)
def test_what_a_telling_name_has_says_nothing_and_keeps_its_shape(name: str) -> None:
    held = {name: ["one", {"deep": "two", "n": 3.5, "b": True, "none": None, "empty": ""}]}
    told = cleaned({"documents": [held]})["documents"][0][name]
    assert told == [MASK, {"deep": MASK, "n": 0, "b": True, "none": None, "empty": ""}]


def test_headers_for_pictures_and_the_auth_of_models_are_masked_whole() -> None:
    told = cleaned({"mediaDownloadHeaders": {"x-any": "abc"}, "modelAuth": {"s3": {"region": "eu"}}, "q": "lamp"})
    assert told == {"mediaDownloadHeaders": {"x-any": MASK}, "modelAuth": {"s3": {"region": MASK}}, "q": "lamp"}


def test_what_looks_like_a_secret_is_masked_within_texts() -> None:
    told = cleaned({"q": "see postgres://me:s3cr3t-pw@db and Bearer abcdefgh", "tokens": 3, "keyword": "red"})
    assert told == {"q": f"see postgres://me:{MASK}@db and Bearer {MASK}", "tokens": 0, "keyword": "red"}


def test_of_headers_the_values_of_well_known_ones_alone_are_kept() -> None:
    given = {"Content-Type": "text/plain", "X-Api-Key": "a", "X-Whatever": "b", "Host": "h", "Connection": "c"}
    assert Cleaner().headers(given) == {"content-type": "text/plain", "x-api-key": MASK, "x-whatever": MASK}


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("/indexes/a%2Fb/search?x=%20y&telemetry=true", "/indexes/a%2Fb/search?x=%20y&telemetry=true"),
        ("/a?api_key=abcdefgh&x=1", f"/a?api_key={MASK}&x=1"),
        ("/a?x-amz-security-token=abc&accessKey=b", f"/a?x-amz-security-token={MASK}&accessKey={MASK}"),
        ("/documents/known-one", f"/documents/{MASK}"),
    ],
)
def test_addresses(path: str, told: str) -> None:
    assert Cleaner(Masker(["known-one"])).path(path) == told


@pytest.mark.parametrize(
    ("header", "secret"),
    [
        (("x-api-key", "kkkkkkkk"), "kkkkkkkk"),
        (("authorization", "Bearer tttttttt"), "tttttttt"),
        (("authorization", "Basic dXNlcjpwcHBwcHBwcA=="), "pppppppp"),  # user:pppppppp
        (("cookie", "lang=english; sid=ssssssssssss"), "ssssssssssss"),
    ],
)
def test_what_a_request_carries_is_masked_in_an_echo(header: tuple[str, str], secret: str) -> None:
    cleaner = Cleaner()
    cleaner.learn([header])
    assert cleaner.value(f"who is {secret}, in english?") == f"who is {MASK}, in english?"


def test_bodies_that_are_no_json() -> None:
    cleaner = Cleaner()
    form = {"content-type": "application/x-www-form-urlencoded"}
    assert cleaner.body(b"", {}) is None
    assert cleaner.body(b"a=1&secret=xy", form) == Body("text", f"a=1&secret={MASK}")
    assert cleaner.body(b'{"token": "abc", ', JSON) == Body("text", f'{{"token": "{MASK}", ')
    assert cleaner.body(b"\xff\xfe", {}) == Body("left_out", "it is not text", 2)
    assert cleaner.body(b"[" * 100_000, JSON) == Body("left_out", "it is nested too deep", 100_000)


def test_compressed_bodies_are_looked_into_or_left_out() -> None:
    cleaner, packed = Cleaner(), gzip.compress(b'{"secret": "abc"}')
    assert cleaner.body(packed, {"content-encoding": "gzip"}) == Body("json", {"secret": MASK})
    assert cleaner.body(b"no", {"content-encoding": "gzip"}) == Body("left_out", "it is not what gzip makes", 2)
    assert cleaner.body(b"abc", {"content-encoding": "br"}) == Body("left_out", "it is compressed by br", 3)
