"""Records are frozen through and through, and as good as their JSON; names are ones that files and people survive."""

from __future__ import annotations

import copy
import json
import pickle
from collections.abc import Mapping
from dataclasses import FrozenInstanceError, dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops.base.errors import InvalidError
from mlops.base.records import (
    Record,
    canonical_json,
    check_name,
    check_text,
    freeze,
    new_id,
    plain,
    readable_json,
    sha256_of,
    suggest_name,
)

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
JSON = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4), max_leaves=12
)
HOSTILE_NAMES = [
    "", "../evil", "a/b", "a\\b", ".hidden", "a" * 64, "a" * 300, "null", "true", "con", "com1", "lpt9", "latest", "production",
    "name\n", "name ", " name", "Name", "1st", "-x", "_x", "naïve", "a.b", "a\0b", "a@1", "😀",
]  # fmt: skip


@dataclass(frozen=True)
class Parcel(Record):
    """A record to test with."""

    label: str
    contents: Mapping[str, object]
    stamps: tuple[int, ...]


@given(JSON)
def test_plain_is_the_inverse_of_freeze(value):
    """Freezing loses nothing: what goes in comes out as the same JSON."""
    assert plain(freeze(value)) == value


@given(JSON)
def test_equal_content_has_one_canonical_text_and_hash(value):
    """Neither the order of keys nor a trip through a file changes the hash."""
    reread = json.loads(readable_json(value))
    backwards = dict(reversed(reread.items())) if isinstance(reread, dict) else reread
    assert canonical_json(backwards) == canonical_json(value)
    assert sha256_of(backwards) == sha256_of(value)


def test_canonical_json_refuses_nan():
    """NaN is no JSON: unknown is null."""
    with pytest.raises(ValueError, match="not JSON compliant"):
        canonical_json({"auc": float("nan")})


def test_records_cannot_change_at_any_depth():
    """Neither a field, nor a key of a field, nor a list inside it can be changed."""
    parcel = Parcel("books", {"titles": ["Emma"], "sizes": {"w": 1}}, [1, 2])
    with pytest.raises(FrozenInstanceError):
        parcel.label = "toys"
    with pytest.raises(TypeError, match="does not change"):
        parcel.contents["titles"] = []
    with pytest.raises(TypeError, match="does not change"):
        parcel.contents["sizes"].update(w=2)
    assert parcel.contents["titles"] == ("Emma",) and parcel.stamps == (1, 2)


def test_records_do_not_follow_the_mapping_they_were_made_from():
    """Changing the source afterwards changes nothing in the record."""
    source = {"label": "books", "contents": {"pages": 300}, "stamps": [1]}
    parcel = Parcel.of(source)
    source["contents"]["pages"] = 0
    assert parcel.contents["pages"] == 300


def test_a_record_equals_the_record_of_its_own_dict():
    """Stored and loaded again, a record is the same; what is absent is None, what is surplus is left out."""
    parcel = Parcel("books", {"deep": {"er": [1, {"x": None}]}}, (1,))
    assert Parcel.of({**parcel.as_dict(), "unknown": 1}) == parcel
    assert Parcel.of({}).as_dict() == {"label": None, "contents": None, "stamps": None}


@pytest.mark.parametrize("clone", [copy.copy, copy.deepcopy, lambda value: pickle.loads(pickle.dumps(value))])
def test_frozen_values_can_be_copied_and_sent_to_another_process(clone):
    """Caches and workers copy and pickle records; the copy is frozen as well."""
    cloned = clone(freeze({"a": [{"b": 1}]}))
    assert cloned == {"a": ({"b": 1},)}
    with pytest.raises(TypeError, match="does not change"):
        cloned["a"] = 1


@pytest.mark.parametrize("name", HOSTILE_NAMES, ids=ascii)
def test_names_that_could_hurt_files_or_people_are_refused(name):
    """A refused name is shown, with the rule and a name that would do."""
    with pytest.raises(InvalidError) as refused:
        check_name(name, "model")
    assert repr(name)[:20] in refused.value.message
    assert "cannot name a model" in refused.value.message and refused.value.next_step.startswith("Try '")


@given(st.text(max_size=100))
def test_every_suggested_name_is_an_allowed_one(text):
    """Whatever a file is called, the suggestion can be used as it is."""
    suggested = suggest_name(text)
    assert check_name(suggested, "dataset") == suggested


@pytest.mark.parametrize("name", ["a", "churn_model", "customers-2024", "x" * 63])
def test_ordinary_names_are_taken_as_they_are(name):
    """Lowercase letters, digits, _ and -, up to 63 characters."""
    assert check_name(name, "model") == name


def test_texts_may_be_any_unicode_but_have_a_limit():
    """Notes and reasons are stored word for word; too long or with NUL they are refused, not cut."""
    assert check_text("Zürich 😀 <b>\n", "note") == "Zürich 😀 <b>\n"
    for bad in ("x" * 2001, "a\0b"):
        with pytest.raises(InvalidError, match="at most 2000"):
            check_text(bad, "note")
    with pytest.raises(InvalidError, match="half a character"):
        check_text("caf\udce9", "note")


def test_ids_are_fresh_and_fit_into_paths():
    """An id tells by its first letter what it names, and is itself an allowed name."""
    ids = {new_id("r") for _ in range(1000)}
    assert len(ids) == 1000 and all(check_name(identity, "run") == identity for identity in ids)
