"""Strict JSON: what two programs would read differently is refused, in one way for every door."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops.base import strict_json
from mlops.base.errors import DataError

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(VALUES, st.booleans(), st.sampled_from(["", "\ufeff"]))
def test_what_json_can_say_is_read_as_it_was_written(value, ascii_only, mark):
    """As text and as bytes, with escapes and without, after a byte order mark or none."""
    text = mark + json.dumps(value, ensure_ascii=ascii_only)
    assert strict_json.parse(text) == strict_json.parse(text.encode()) == value


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "Expecting value"),
        ("{", "property name"),
        ('{"a": 1,}', "double quotes"),
        ("{'a': 1}", "double quotes"),
        ('{"a": 1} {"a": 2}', "Extra data"),
        ("[1] // one", "Extra data"),
        ("01", "Extra data"),
        ("+1", "Expecting value"),
        ("NaN", "NaN is no JSON value"),
        ('{"a": -Infinity}', "-Infinity is no JSON value"),
        ("1e999", "1e999 is too large"),
        ("9" * 1001, "1001 digits"),
        ('{"a": 1, "b": 2, "a": 1}', "stands there twice: 'a'"),
        ('[{"a": {"b": 1, "\\u0062": 2}}]', "stands there twice: 'b'"),
        ('"\\ud800"', "half a character"),
        ('{"\\udfff": 1}', "half a character"),
        ("[" * 21 + "]" * 21, "nested too deeply"),
        ('{"a":' * 21 + "1" + "}" * 21, "nested too deeply"),
        ("[" * 500_000, "nested too deeply"),
        (f'"{"x" * (1 << 20)}"', "more than 1 MiB"),
        ('"tab\tin text"', "control character"),
    ],
)
def test_what_is_no_json_is_refused_with_the_reason(text, why):
    """Whether it comes as text or as bytes."""
    for sent in (text, text.encode()):
        with pytest.raises(DataError, match="The body is not valid JSON") as error:
            strict_json.parse(sent, "body")
        assert why in error.value.message and error.value.next_step


@pytest.mark.parametrize("sent", [b"\xff", b'"\xc3"', '{"a": 1}'.encode("utf-16"), b'"\xed\xa0\x80"'])
def test_bytes_that_are_not_utf_8_are_refused(sent):
    """Other encodings, cut characters, and halves of one."""
    with pytest.raises(DataError, match="not UTF-8"):
        strict_json.parse(sent)


def test_brackets_that_nest_to_the_limit_and_many_beside_each_other_are_read():
    """The depth counts, not the number; brackets in a text are no nesting."""
    deep, wide = "[" * 20 + "]" * 20, json.dumps([{"a": [1]}] * 1000)
    assert strict_json.parse(deep) and len(strict_json.parse(wide)) == 1000
    assert strict_json.parse('"' + "[" * 100 + '"') == "[" * 100
