"""Recent: what always says the same of the same is made once for a class."""

from __future__ import annotations

import pyarrow as pa

from mlops.base.recent import Recent
from mlops.data import quality, reading
from mlops.data.quality import Evidence
from mlops.data.roles import Roles
from tests.conftest import customers_frame


def counted(monkeypatch, module, name: str) -> list[object]:
    """Count the calls of a function."""
    calls: list[object] = []
    real = getattr(module, name)
    monkeypatch.setattr(module, name, lambda *said: calls.append(said) or real(*said))
    return calls


def test_the_answer_that_was_asked_for_longest_ago_goes():
    """So a process keeps only a few."""
    asked: list[int] = []
    kept: Recent[int] = Recent(most=2)
    for number in (1, 2, 1, 3, 1, 2):
        assert kept.get(number, lambda number=number: asked.append(number) or -number) == -number
    assert asked == [1, 2, 3, 2]


def test_what_must_not_be_kept_is_made_again():
    """And what fails is nobody's answer."""
    kept: Recent[int] = Recent(most=2)
    assert [kept.get("a", lambda number=number: number, lambda _: False) for number in (1, 2)] == [1, 2]


def test_the_same_file_is_read_once_and_another_one_anew(tmp_path, monkeypatch):
    """By its bytes, its name and how it is to be read; never by its path or time."""
    monkeypatch.setattr(reading, "_READ", Recent(most=4))
    calls = counted(monkeypatch, reading, "_interpreted")
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "people.csv").write_text("name,height\nAda,1.65\n")
    first, second = (reading.read(tmp_path / folder / "people.csv") for folder in ("a", "b"))
    assert first == second and len(calls) == 1

    (tmp_path / "b" / "people.csv").write_text("name,height\nAda,1.66\n")
    assert reading.read(tmp_path / "b" / "people.csv")[0].to_pydict()["height"] == [1.66]
    assert reading.read(tmp_path / "a" / "people.csv", reading.ReadOptions(missing=("Ada",)))[0]["name"].null_count == 1
    assert len(calls) == 3


def test_a_file_that_changed_while_it_was_read_is_not_remembered(tmp_path, monkeypatch):
    """What was read would answer for bytes that it is not."""
    monkeypatch.setattr(reading, "_READ", Recent(most=4))
    path, real = tmp_path / "people.csv", reading._interpreted
    path.write_text("height\n1.65\n")

    def meanwhile(*said):
        path.write_text("height\n1.99\n")
        return real(*said)

    with monkeypatch.context() as patched:
        patched.setattr(reading, "_interpreted", meanwhile)
        reading.read(path)
    path.write_text("height\n1.65\n")
    assert reading.read(path)[0].to_pydict() == {"height": [1.65]}


def test_the_same_rows_are_judged_once_and_with_other_roles_again(monkeypatch):
    """A class keeps the same file thirty times; what was found is a list of one's own."""
    monkeypatch.setattr(quality, "_JUDGED", Recent(most=4))
    calls: list[object] = []
    real = Evidence.of
    monkeypatch.setattr(Evidence, "of", lambda *said: calls.append(said) or real(*said))
    frame = customers_frame(60).assign(site=1)
    tables = [pa.Table.from_pandas(frame.drop(columns="signed_up"), preserve_index=False) for _ in range(2)]
    roles = Roles(target="churn", id="customer_id", task="binary")
    first, second = (quality.check(table, roles) for table in tables)
    assert first == second and first is not second and len(calls) == 1
    assert quality.check(tables[0], Roles(target="site", id="customer_id")) != first
    quality.check(tables[0], roles, features=["age"])
    assert len(calls) == 3
