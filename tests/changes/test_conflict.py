"""The three-way comparison against a reference in plain Python, and what is no edit."""

from itertools import product

import polars as pl
import pytest

from crmmigrate.changes.conflict import BASE, judge_edits
from crmmigrate.model.operations import after_column, base_column, before_column
from crmmigrate.model.semantic import SemanticType as Kind

VALUES = (None, "", "a", "b", "c")


def judged(cells, kind=Kind.TEXT, *, guarded=True, **base):
    """Judge one-field updates of `(base, theirs, ours)`; return (edited, both) of each."""
    keys = [f"k{n}" for n in range(len(cells))]
    operations = pl.DataFrame(
        {
            "external_id": keys,
            "changed": [["x"]] * len(cells),
            before_column("x"): [theirs for _, theirs, _ in cells],
            after_column("x"): [ours for *_, ours in cells],
        },
        schema_overrides=dict.fromkeys((before_column("x"), after_column("x")), pl.String),
    )
    told = {"ended_at": "2026-01-02T00:00:00+00:00", "stored_otherwise": [], "unknown": []} | base
    at = told.pop("modified_at", "2026-01-03T00:00:00+00:00")
    bases = pl.DataFrame(
        [
            {"external_id": k, **told, base_column("x"): left}
            for k, (left, *_) in zip(keys, cells, strict=True)
        ],
        schema={**BASE, base_column("x"): pl.String},
    )
    stamps = pl.DataFrame(
        {"external_id": keys, "modified_at": [at] * len(keys)},
        schema_overrides={"modified_at": pl.String},
    )
    found = judge_edits(operations, bases, stamps, {"x": kind}, {"x"} if guarded else ())
    assert found["external_id"].to_list() == keys
    return [(r["edited"] == ["x"], r["both"] == ["x"]) for r in found.to_dicts()]


@pytest.mark.parametrize("guarded", [True, False])
def test_every_combination_of_three_values(guarded):
    cells = list(product(VALUES, repeat=3))
    expected = []
    for base, theirs, ours in ([value or None for value in cell] for cell in cells):
        edited = theirs != base
        expected.append((edited, guarded and edited and ours != base))
    assert judged(cells, guarded=guarded) == expected


def test_values_are_compared_by_meaning():
    assert judged([("12.50", "12.5", "13")], Kind.NUMBER) == [(False, False)]
    assert judged([("12.50", "12.6", "12.500")], Kind.NUMBER) == [(True, False)]


@pytest.mark.parametrize(
    ("kind", "base", "theirs"),
    [
        (Kind.EMAIL, "a.pop@x.example", "A.POP@X.example"),
        (Kind.TEXT, "two  words", "two words"),
        (Kind.TEXT, "a long text", "a long"),
        (Kind.PHONE, "+40722123456", "+40 722 123 456"),
        (Kind.NUMBER, "12.345", "12.35"),
    ],
)
def test_the_way_a_target_writes_is_no_edit_unless_the_record_was_changed_later(kind, base, theirs):
    cells = [(base, theirs, "something else")]
    assert judged(cells, kind, modified_at="2026-01-01T23:59:59Z") == [(False, False)]
    assert judged(cells, kind, modified_at=None) == [(False, False)]
    assert judged(cells, kind, modified_at="2026-01-02T00:00:01Z") == [(True, True)]
    assert judged(cells, kind, modified_at="2026-01-02 01:00:00+02:00") == [(False, False)]
    assert judged(cells, kind, modified_at="2026-01-01 23:30:00-02:00") == [(True, True)]


def test_another_value_is_an_edit_whatever_the_clocks_say():
    assert judged([("a", "b", "c")], modified_at="2026-01-01T00:00:00Z") == [(True, True)]


def test_what_the_target_said_it_stores_otherwise_is_no_edit_unless_it_was_changed_later():
    told = {"stored_otherwise": ["x"]}
    assert judged([("a", "b", "c")], modified_at="2026-01-01T00:00:00Z", **told) == [(False, False)]
    assert judged([("a", "b", "c")], **told) == [(True, True)]


def test_a_field_that_did_not_exist_has_no_base():
    assert judged([(None, "b", "c")], unknown=["x"]) == [(False, False)]


def test_references_are_never_spelled_otherwise():
    cells = [("shop:account:c/10", "shop:account:c/1", "shop:account:c/2")]
    assert judged(cells, Kind.REFERENCE, modified_at="2026-01-01T00:00:00Z") == [(True, True)]


def test_operations_without_a_base_have_no_edits():
    operations = pl.DataFrame(
        {"external_id": ["k"], "changed": [["x"]], "was.x": ["a"], "to.x": ["b"]}
    )
    bases = pl.Schema({**BASE, "base.x": pl.String}).to_frame()
    stamps = pl.DataFrame({"external_id": ["k"], "modified_at": ["2026"]})
    found = judge_edits(operations, bases, stamps, {"x": Kind.TEXT}, {"x"}).to_dicts()
    assert [(r["edited"], r["both"]) for r in found] == [([], [])]
