"""Profiles: merging in any order gives the same, and values stay masked."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmmigrate.quality import profile
from crmmigrate.quality.profile import finish, merge, partial

FRAME = pl.DataFrame(
    {
        "id": [1, 2, 3, 4],
        "mail": ["ion@x.ro", " ", "ana@y.no", None],
        "note": ["Ană 1", "Ană 1", "bb", "ccc"],
        "photo": [b"\x00", None, b"\x01", None],
        "_row": [1, 2, 3, 4],
    }
)


def test_what_a_column_is():
    found = {p.name: p for p in finish(partial(FRAME))}
    assert list(found) == ["id", "mail", "note", "photo"]
    mail = found["mail"]
    assert (mail.rows, mail.blanks, mail.distinct) == (4, 2, 2)
    assert (mail.semantic_type, mail.confidence) == ("email", 1.0)
    note = found["note"]
    assert (note.min_length, note.max_length) == (2, 5)
    assert note.patterns[0] == ("Aa 9", 2)
    assert (found["photo"].rows, found["photo"].blanks) == (4, 2)


def test_values_are_masked():
    shown = str([p.top_values for p in finish(partial(FRAME))])
    assert "ion@x.ro" not in shown
    assert "ioxxx" not in shown
    assert "iox@x.xx" in shown


@settings(max_examples=40, deadline=None)
@given(
    values=st.lists(st.sampled_from([None, "", "a", "B2", "ion@x.ro", "é", "12"]), max_size=15),
    cuts=st.tuples(st.integers(0, 15), st.integers(0, 15)),
)
def test_merging_is_associative(values, cuts):
    frame = pl.DataFrame({"v": values}, schema={"v": pl.String})
    low, high = sorted(cuts)
    a, b, c = (partial(f) for f in (frame[:low], frame[low:high], frame[high:]))
    whole = finish(partial(frame))
    assert finish(merge(merge(a, b), c)) == whole
    assert finish(merge(a, merge(b, c))) == whole
    assert finish(merge(merge(c, a), b)) == whole


def test_many_distinct_values_are_estimated(monkeypatch):
    monkeypatch.setattr(profile, "_SAMPLE", 1000)
    frame = pl.DataFrame({"v": [f"value {i}" for i in range(20_000)]})
    (found,) = finish(merge(partial(frame[:9_000]), partial(frame[9_000:])))
    assert found.estimated
    assert found.distinct == pytest.approx(20_000, rel=0.1)
