"""Bodies that are wrong, huge or meant to harm: refused as JSON, and cell and database stay in step."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.examples import examples
from tests.services.controller.conftest import Control, assert_error

KNOWN = ["type", "model", "modelProperties", "textPreprocessing", "annParameters", "filterStringMaxLength"]
CAPACITY = ["numberOfShards", "numberOfReplicas", "numberOfInferences", "inferenceType", "storageClass"]
texts = st.text(st.characters(), max_size=8)
scalars = st.none() | st.booleans() | st.integers() | st.sampled_from([10**400, 2**64]) | st.floats() | texts
values = st.recursive(scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4))
said = st.dictionaries(st.sampled_from(KNOWN + CAPACITY), values, max_size=3) | st.fixed_dictionaries(
    {"textQueryPrefix": texts, "modelProperties": st.dictionaries(texts, st.floats() | values, max_size=3)},
    optional={"imagePreprocessing": st.just({}), "numberOfShards": st.integers(0, 100)},
)
many = settings(max_examples=examples(30), suppress_health_check=[HealthCheck.function_scoped_fixture])


@many
@given(method=st.sampled_from(["POST", "PUT"]), body=values.map(json.dumps).map(str.encode) | st.binary(max_size=40))
def test_any_body_is_answered_as_json_and_never_with_a_fault(control: Control, method: str, body: bytes) -> None:
    answer = control.ask(method, "hostile", data=body)
    assert answer.status_code < 500, answer.text
    assert isinstance(answer.json(), dict)
    control.ask("DELETE", "hostile")


@many
@given(body=said)
def test_whatever_settings_are_taken_cell_and_database_agree(control: Control, body: Any) -> None:
    answer = control.ask("POST", "hostile", data=json.dumps(body))
    assert answer.status_code < 500, answer.text
    assert ("hostile" in control.listed) == ("hostile" in control.in_cell) == answer.ok
    if answer.ok:
        assert control.ask("GET", "hostile").ok
        assert control.ask("DELETE", "hostile").ok


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"{", 400, "bad_request"),
        (b"nonsense", 400, "bad_request"),
        (b'{"modelProperties": {"a": NaN}}', 400, "bad_request"),
        (b'{"modelProperties": {"a": 1e999}}', 400, "bad_request"),
        (b'{"textQueryPrefix": "\\ud800"}', 400, "bad_request"),
        (b'{"textQueryPrefix": "\xed\xa0\x80"}', 400, "bad_request"),
        (b'{"textQueryPrefix": "\xff"}', 400, "bad_request"),
        (b'{"modelProperties": ' + b'{"a": ' * 50 + b"1" + b"}" * 51, 400, "bad_request"),
        (b"[" * 100_000, 400, "bad_request"),
        (b"[]", 422, "unprocessable_entity"),
        (b'"text"', 422, "unprocessable_entity"),
        (b'{"textQueryPrefix": "' + b"x" * 3_000_000 + b'"}', 413, "payload_too_large"),
    ],
    ids=lambda value: repr(value)[:40],
)
@pytest.mark.parametrize("header", ["application/json", "multipart/form-data", ""])
def test_what_cannot_be_read_is_refused_as_that(
    control: Control, name: str, body: bytes, status: int, code: str, header: str
) -> None:
    assert_error(control.ask("POST", name, data=body, headers={"Content-Type": header}), status, code)
    assert name not in control.in_cell + control.rows
